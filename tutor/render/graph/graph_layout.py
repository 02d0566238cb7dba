"""The tree in an autograd graph, and repetitions in it, for :mod:`tutor.render.graph.autograd_graph`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tutor.protocol.codec import Node

OFTEN = 3
"""So often a piece has to be there in a row before it is folded."""
WORTH = 3
"""... and so many nodes have to be saved."""
LONGEST = 120
"""Nodes of the longest piece that is looked for."""


class Tree:
    """An autograd graph as a tree: a node is drawn below the user that is furthest from the root."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        uses = Counter(target for node in nodes for target in node.inputs)
        order = _order(nodes, uses)
        depth = [0] * len(nodes)
        self.parent = [-1] * len(nodes)
        for place in order:
            for target in nodes[place].inputs:
                if depth[place] + 1 > depth[target]:
                    depth[target], self.parent[target] = depth[place] + 1, place
        self.height = [1] * len(nodes)
        self.size = [1] * len(nodes)
        """Nodes that are drawn below, itself included."""
        for place in reversed(order):
            for target in self.drawn_by(place):
                self.height[place] = max(self.height[place], self.height[target] + 1)
                self.size[place] += self.size[target]
        self.numbers: dict[int, int] = {}
        """Numbers of nameless nodes that are referred to."""
        for place in order:
            if uses[place] > 1 and not nodes[place].name:
                self.numbers[place] = len(self.numbers) + 1

    def drawn_by(self, place: int) -> list[int]:
        """The inputs that are drawn below a node, not only referred to."""
        return [target for target in self.nodes[place].inputs if self.parent[target] == place]

    def next(self, place: int) -> int | None:
        """The node with which the spine goes on."""
        own, inputs = self.drawn_by(place), self.nodes[place].inputs
        if len(inputs) > 1:
            own = [target for target in own if self.tail(target) is None]
        return max(own, key=lambda target: self.height[target], default=None)

    def spine(self, top: int) -> list[int]:
        """The longest way down."""
        way = [top]
        while (after := self.next(way[-1])) is not None:
            way.append(after)
        return way

    def sides(self, place: int) -> list[int]:
        """The other inputs, those that are only referred to first."""
        on = self.next(place)
        return sorted((t for t in self.nodes[place].inputs if t != on), key=lambda target: self.parent[target] == place)

    def tail(self, place: int) -> list[int] | None:
        """The way from a node to a leaf where nothing else lies on it and nothing has a name; None where it isn't so.

        A leaf that is drawn elsewhere ends it too.
        """
        way = [place]
        while not self.nodes[way[-1]].leaf:
            node = self.nodes[way[-1]]
            if node.name or node.keeps or len(node.inputs) != 1 or way[-1] in self.numbers:
                return None
            way.append(node.inputs[0])
            if self.parent[way[-1]] != way[-2] and not self.nodes[way[-1]].leaf:
                return None
        return way


def _order(nodes: Sequence[Node], uses: Counter[int]) -> list[int]:
    """The nodes, each before its inputs."""
    waiting = uses.copy()
    ready, order = [0], []
    while ready:
        place = ready.pop()
        order.append(place)
        for target in nodes[place].inputs:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return order


@dataclass(frozen=True, slots=True)
class Repetition:
    """A piece of the spine of ``length`` nodes comes ``times`` times."""

    length: int
    times: int


def drawing_order(tree: Tree) -> Iterator[int]:
    """All nodes, in the order in which they are drawn."""
    waiting = [0] if tree.nodes else []
    while waiting:
        place = waiting.pop()
        yield place
        after = tree.next(place)
        below = [target for target in tree.sides(place) if tree.parent[target] == place]
        waiting.extend(reversed([*below, *([] if after is None else [after])]))


def find_repetition(marks: Sequence[int], start: int) -> Repetition | None:
    """The piece from ``start`` on that saves the most where it is drawn once."""
    best: Repetition | None = None
    here = marks[start]
    for length in range(1, min(LONGEST, (len(marks) - start) // OFTEN) + 1):
        if marks[start + length] != here:
            continue
        run = 1
        while start + run + length < len(marks) and marks[start + run] == marks[start + run + length]:
            run += 1
        times = run // length + 1
        if times >= OFTEN and (best is None or length * (times - 1) > best.length * (best.times - 1)):
            best = Repetition(length, times)
    return best if best is not None and best.length * (best.times - 1) >= WORTH else None
