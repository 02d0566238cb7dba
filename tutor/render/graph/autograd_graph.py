"""The autograd graph of a tensor, drawn downwards from it to its leaves.

The longest way down is drawn without indentation, as a spine; what joins it on the side is drawn as a branch above the
place where the spine goes on. So a graph of any depth has room in 60 columns. What is used twice is drawn where it is
used last, and referred to from the other places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from rich.text import Text

from tutor.protocol.codec import Graph, Node
from tutor.render.graph.graph_layout import LONGEST, Repetition, Tree, drawing_order, find_repetition
from tutor.render.graph.outline import LIMIT, OpenFolds, OutlineRow, fold_row, limit_lines
from tutor.render.text.counted import counted
from tutor.render.text.layout import clip, drawing
from tutor.render.text.style import Look

_SMALL = 4
"""A side branch of so many nodes needs no fold."""


@drawing
def graph(width: int, event: Graph, look: Look, limit: int = LIMIT, key: str = "") -> Iterator[Text]:
    """A title and the tree; what fits into ``limit`` lines is drawn without folds.

    Args:
        width: the cells of a line.
        event: what to draw.
        look: signs and styles.
        limit: the most lines; the last then tells how many there are more.
        key: the key that shows them, as it is written for the learner.
    """
    room = limit - 1
    visible_rows = rows(event, look)
    if len(event.nodes) <= 3 * room and len(whole := rows(event, look, True)) <= room:
        visible_rows = whole
    yield _title(event, look, width)
    yield from limit_lines(visible_rows, look, width, room, key)


def rows(event: Graph, look: Look, open: OpenFolds = False) -> list[OutlineRow]:
    """The rows of the tree, those of open folds included. A fold's key is the index of the first node that it hides."""
    if not event.nodes:
        return []
    tree = Tree(event.nodes)
    return list(_Drawer(tree, look, open).chain(0, "", ""))


def _title(event: Graph, look: Look, width: int) -> Text:
    leaves = sum(node.leaf for node in event.nodes)
    operations = len(event.nodes) - leaves
    words = [counted(operations, "operation"), f"{leaves:,} lea{'f' if leaves == 1 else 'ves'}"]
    if event.hidden:
        words.append("cut short")
    if any(node.freed for node in event.nodes):
        words.append("freed by backward()")
    title = Text.assemble(("graph of ", look.dim_style), (look.spell(event.name), look.title_style))
    return clip(title.append("  " + ", ".join(words), look.dim_style), width, look.more)


class _Drawer:
    def __init__(self, tree: Tree, look: Look, open: OpenFolds) -> None:
        self._tree = tree
        self._look = look
        self._open = open
        self._order = {place: number for number, place in enumerate(drawing_order(tree))}
        """Where each node is drawn, counted from the top."""

    def chain(self, top: int, lead: str, below: str, head: OutlineRow | None = None) -> Iterator[OutlineRow]:
        """A node and all below it.

        Args:
            top: the node.
            lead: what stands before the first row.
            below: what stands before the others.
            head: the first row, if it isn't the node's own.
        """
        spine = self._tree.spine(top)
        marks = self._marks(spine)
        place = 0
        while place < len(spine):
            again = find_repetition(marks, place)
            for _ in range(again.length if again else 1):
                yield head or self._row(spine[place], lead, [spine[place]])
                yield from self._sides(spine[place], below)
                place, lead, head = place + 1, below, None
            if again:
                hidden = spine[place : place + again.length * (again.times - 1)]
                row = self._fold(hidden, again, below)
                yield row
                for node in hidden if row.open else ():
                    yield self._row(node, below, [node])
                    yield from self._sides(node, below)
                place += len(hidden)

    def _sides(self, place: int, below: str) -> Iterator[OutlineRow]:
        sides, ends = self._tree.sides(place), self._tree.next(place) is None
        for target in sides:
            last = ends and target == sides[-1]
            yield from self._side(place, target, below + ("└─" if last else "├─"), below + ("  " if last else "│ "))

    def _side(self, user: int, target: int, lead: str, below: str) -> Iterator[OutlineRow]:
        tree = self._tree
        if (way := tree.tail(target)) is not None:
            yield self._row(way[-1], lead, way[::-1], referred=tree.parent[way[-1]] != [user, *way][-2], user=user)
        elif tree.parent[target] != user:
            yield self._row(target, lead, [target], referred=True, user=user)
        elif tree.size[target] <= _SMALL:
            yield from self.chain(target, lead, below)
        else:
            row = fold_row(replace(self._row(target, lead, [target]), lead=lead), self._open)
            if row.open:
                yield from self.chain(target, lead, below, row)
            else:
                more = Text(f"{self._look.more} {tree.size[target] - 1:,} nodes below", self._look.dim_style)
                yield replace(row, cells=(row.cells[0], more))

    def _row(self, place: int, lead: str, way: list[int], *, referred: bool = False, user: int = 0) -> OutlineRow:
        """The row of ``place``, or one that refers to it. Operations further up on ``way`` have no row of their own."""
        tree, look, node = self._tree, self._look, self._tree.nodes[place]
        name = node.name or (f"#{tree.numbers[place]}" if place in tree.numbers else "")
        over = [tree.nodes[other].operation for other in reversed(way[1:])]
        if referred:
            where = "drawn below" if self._order[place] > self._order[user] else "drawn above"
            cell = Text(look.spell(" ← ".join([*over, where])), look.dim_style)
            return OutlineRow(place, lead + " ", name, node.what, (cell,))
        cell = Text(look.spell(" ← ".join([*over, node.operation or "leaf"])), look.dim_style if node.leaf else "")
        sign = look.new if node.leaf else look.done
        return OutlineRow(place, f"{lead}{sign} ", name, node.what, (cell, self._remark(node)))

    def _remark(self, node: Node) -> Text:
        words = ["freed"] if node.freed else []
        if node.keeps:
            filled = "filled" if node.grad == node.what else node.grad
            words.append(f".grad {filled}" if node.grad else ".grad None")
        return Text(", ".join(words), "" if node.keeps and node.grad else self._look.dim_style)

    def _fold(self, hidden: list[int], again: Repetition, below: str) -> OutlineRow:
        nodes, look = self._tree.nodes, self._look
        piece = hidden[: again.length]
        names = [self._parts(piece), self._parts(hidden[-again.length :])]
        where = " … ".join(dict.fromkeys(name for name in names if name))
        ops = list(dict.fromkeys(nodes[place].operation for place in piece if nodes[place].operation))
        operations = ", ".join(ops[:3]) + (f", {look.more}" if len(ops) > 3 else "")
        times = f"×{again.times - 1} more" + (f": {where}" if where else "")
        cells = (Text(look.spell(operations), look.dim_style),)
        return fold_row(OutlineRow(hidden[0], below, "", times, cells), self._open)

    def _parts(self, piece: list[int]) -> str:
        """The common beginning of the names of leaves: ``net.3`` of its weight and bias."""
        paths: list[list[str]] = []
        for place in piece:
            for target in self._tree.nodes[place].inputs:
                way = self._tree.tail(target)
                if way is not None and self._tree.nodes[way[-1]].name:
                    paths.append(self._tree.nodes[way[-1]].name.split("."))
        common = takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))
        return ".".join(parts[0] for parts in common)

    def _marks(self, spine: list[int]) -> list[int]:
        """For each node of a spine a mark; two are equal where the rows look alike."""
        tree, at = self._tree, {place: number for number, place in enumerate(spine)}

        def mark(place: int, here: int) -> object:
            node = tree.nodes[place]
            sides = []
            for target in node.inputs:
                if target in at:
                    sides.append(at[target] - here)
                elif tree.parent[target] != place or tree.size[target] > LONGEST:
                    sides.append(~target)
                else:
                    sides.append(hash(mark(target, here)))
            remark = (node.freed, node.keeps, bool(node.grad), place in tree.numbers)
            return (node.operation, node.what, node.name if node.operation else "", *remark, *sides)

        mark_numbers: dict[object, int] = {}
        return [mark_numbers.setdefault(mark(place, number), number) for number, place in enumerate(spine)]
