"""A module that ran, as a tree of its layers: each with its output and how many parameters it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from tutor.protocol.observations import Activation, Activations, Layer, Module
from tutor.render.graph.graph_layout import OFTEN, Repetition, find_repetition
from tutor.render.graph.outline import LIMIT, OpenFolds, OutlineRow, fold_row, limit_lines
from tutor.render.graph.parameters import number
from tutor.render.text.counted import counted
from tutor.render.text.layout import align, clip, column_sizes, drawing
from tutor.render.text.style import Look

_LISTS = ("ModuleList", "ModuleDict")
"""Modules that are never called: their members stand in their place."""


@drawing
def module(
    width: int,
    event: Module,
    look: Look,
    limit: int = LIMIT,
    key: str = "",
    activations: Activations | None = None,
) -> Iterator[Text]:
    """A title, and the layers as an outline in which what repeats itself is drawn once.

    Args:
        width: the cells of a line.
        event: what to draw.
        look: signs and styles.
        limit: the most lines; the last then tells how many there are more.
        key: the key that shows them, as it is written for the learner.
        activations: how the outputs lie, for the end of each row.
    """
    titles = title(event, look, width)
    yield from titles
    yield from limit_lines(rows(event, look, False, activations), look, width, limit - len(titles), key)


def title(event: Module, look: Look, width: int) -> list[Text]:
    """The module's name, class, output and parameters, on one line, or on two where that is too narrow."""
    if not event.layers:
        return []
    layer = event.layers[0]
    head = Text.assemble((look.spell(event.name), look.name_style), "  ", look.spell(layer.kind))
    if layer.output:
        head.append("  " + look.spell(layer.output))
    words = Text(", ".join(_whole(layer, event.note)), look.dim_style)
    return _beside_or_below(clip(head, width, look.more), words, width, look)


def _beside_or_below(head: Text, words: Text, width: int, look: Look) -> list[Text]:
    """``words`` two cells behind ``head``, or indented below it."""
    if not words:
        return [head]
    if head.cell_len + 2 + words.cell_len <= width:
        return [Text.assemble(head, "  ", words)]
    return [head, clip(Text.assemble("  ", words), width, look.more)]


def rows(
    event: Module, look: Look, open: OpenFolds = False, activations: Activations | None = None
) -> list[OutlineRow]:
    """The rows below the title. The key of a fold is the index of the first layer that it hides or stands for."""
    if not event.layers:
        return []
    outline = list(_Outline(event, look, open, activations).members(0, 0, ""))
    if event.hidden:
        outline.append(OutlineRow(-1, "  ", "", f"{look.more} {event.hidden:,} more layers"))
    return outline


def _whole(layer: Layer, note: str) -> Iterator[str]:
    """The facts on a whole module, in words."""
    if layer.parameters:
        yield counted(layer.parameters, "parameter")
        frozen = layer.parameters - layer.trainable
        if frozen:
            yield "frozen" if frozen == layer.parameters else f"{frozen:,} of them frozen"
        yield "train mode" if layer.training else "eval mode"
    if note:
        yield note


class _Outline:
    def __init__(self, event: Module, look: Look, open: OpenFolds, activations: Activations | None) -> None:
        self._event = event
        self._layers = event.layers
        self._look = look
        self._open = open
        self._below = _members(event.layers)
        self._holders = {member: holder for holder, members in enumerate(self._below) for member in members}
        self._statistics = _statistics(activations, look)
        """By the path of a layer."""
        self._digits = max(len(f"{layer.parameters:,}") for layer in event.layers)
        self._sizes = [1] * len(event.layers)
        self._marks = [0] * len(event.layers)
        """Equal for layers that look alike, all that they hold included."""
        for place in reversed(range(len(event.layers))):
            layer, below = event.layers[place], self._below[place]
            features = (layer.kind, layer.output, layer.parameters, layer.trainable, layer.training)
            self._marks[place] = hash((*features, *((self._last(member), self._marks[member]) for member in below)))
            self._sizes[place] += sum(self._sizes[member] for member in below)

    def members(self, holder: int, depth: int, prefix: str) -> Iterator[OutlineRow]:
        """The layers that one holds, and what these hold."""
        members, at = self._below[holder], 0
        while at < len(members):
            member = members[at]
            if self._layers[member].kind in _LISTS and not self._layers[member].output and self._below[member]:
                yield from self.members(member, depth, f"{prefix}{self._last(member)}.")
                at += 1
                continue
            again = self._again(members, at)
            if again is None:
                yield from self._layer(member, depth, prefix)
                at += 1
            elif again.length == 1:
                yield from self._alike(members[at : at + again.times], depth, prefix)
                at += again.times
            else:
                yield from self._pieces(members[at : at + again.length * again.times], again, depth, prefix)
                at += again.length * again.times

    def _again(self, members: Sequence[int], at: int) -> Repetition | None:
        marks = [self._marks[member] for member in members[at:]]
        times = next((number for number, mark in enumerate(marks) if mark != marks[0]), len(marks))
        if times >= OFTEN or (times > 1 and self._sizes[members[at]] >= OFTEN):
            return Repetition(1, times)
        return find_repetition(marks, 0)

    def _alike(self, members: Sequence[int], depth: int, prefix: str) -> Iterator[OutlineRow]:
        """Neighbours that are alike: one row for all, and what the first holds."""
        first, last = members[0], members[-1]
        name = f"{prefix}{self._last(first)} … {self._last(last)}"
        kind = f"{self._layers[first].kind} ×{len(members)}"
        row = fold_row(OutlineRow(first, "  " * depth, name, kind, self._cells(first)), self._open)
        yield row
        if row.open:
            for member in members:
                yield from self._layer(member, depth + 1, prefix)
        else:
            yield from self.members(first, depth + 1, "")

    def _pieces(self, members: Sequence[int], again: Repetition, depth: int, prefix: str) -> Iterator[OutlineRow]:
        """Neighbours that come again and again in the same order: the first piece, and a row for the others."""
        for member in members[: again.length]:
            yield from self._layer(member, depth, prefix)
        hidden = members[again.length :]
        names = f"{prefix}{self._last(hidden[0])} … {self._last(hidden[-1])}"
        row = fold_row(OutlineRow(hidden[0], "  " * depth, names, f"the same ×{again.times - 1}"), self._open)
        yield row
        for member in hidden if row.open else ():
            yield from self._layer(member, depth, prefix)

    def _layer(self, place: int, depth: int, prefix: str) -> Iterator[OutlineRow]:
        layer, name = self._layers[place], prefix + self._last(place)
        remark = self._statistics.get(layer.name, Text())
        yield OutlineRow(place, "  " * (depth + 1), name, layer.kind, self._cells(place), remark=remark)
        yield from self.members(place, depth + 1, "")

    def _cells(self, place: int) -> tuple[Text, ...]:
        """Output, parameters, and in words how it differs from the module that holds it."""
        layer, above, look = self._layers[place], self._layers[self._holders[place]], self._look
        output = Text(look.spell(layer.output))
        if not layer.output and not self._event.note:
            output = Text("not called", look.dim_style)
        words = []
        if layer.parameters and not layer.trainable and above.trainable:
            words.append("frozen")
        if layer.training != above.training:
            words.append("train mode" if layer.training else "eval mode")
        count = f"{layer.parameters:>{self._digits},}" if layer.parameters else ""
        return output, Text(count), Text(", ".join(words), look.dim_style)

    def _last(self, place: int) -> str:
        return self._layers[place].name.rpartition(".")[2]


def _statistics(activations: Activations | None, look: Look) -> dict[str, Text]:
    """For each layer mean and deviation of its output, then zeros and saturated values, each in a column."""
    rows = {layer.layer: _figures(layer, look) for layer in (activations.layers if activations is not None else ())}
    sizes = column_sizes(rows.values())
    return {path: align(cells, sizes) for path, cells in rows.items()}


def _figures(layer: Activation, look: Look) -> tuple[Text, Text, Text]:
    moments = ""
    if layer.mean is not None and layer.deviation is not None:
        moments = look.spell(f"{number(layer.mean)} ± {number(layer.deviation)}")
    zeros = Text(f"{layer.zeros:.0%} zero" if layer.zeros > 0.005 else "", look.dim_style)
    if layer.bad:
        zeros = Text(f"{look.broken} {layer.bad:,} bad", look.loud_style)
    saturated = f"{layer.saturated:.0%} saturated" if layer.saturated is not None else ""
    return Text(moments, look.dim_style), zeros, Text(saturated, look.dim_style)


def _members(layers: Sequence[Layer]) -> list[list[int]]:
    """For each layer those that it holds itself."""
    below: list[list[int]] = [[] for _ in layers]
    way: list[int] = []
    for place, layer in enumerate(layers):
        del way[layer.depth :]
        if way:
            below[way[-1]].append(place)
        way.append(place)
    return below
