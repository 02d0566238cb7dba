"""What a run has shown, drawn below its output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import RenderableType

from tutor.cli.output import Page
from tutor.protocol.codec import (
    Checked,
    Ended,
    Event,
    Graph,
    Module,
    Output,
    Parameters,
    Raised,
    Series,
    Tensors,
    Value,
)
from tutor.render.plot.plot_groups import plots
from tutor.render.run import run_summary
from tutor.render.run.error import raised
from tutor.render.run.verdict import checked, ended
from tutor.render.tensor.tensor_rows import value
from tutor.render.text.style import Look
from tutor.render.text.transcript import Transcript

LINES = 200
"""Lines of output that are drawn at most; ``tutor run`` passes all of it on."""
DRAWN = 30
"""Lines of one drawing at most."""


@dataclass
class Results:
    """Everything that events of one run told."""

    coloured: bool = False
    """Whether its output may have left colours on."""
    checks: list[Checked] = field(default_factory=list)
    _output: Transcript = field(default_factory=lambda: Transcript(keep=LINES))
    _raised: Raised | None = None
    _value: Value | None = None
    _series: dict[str, Series] = field(default_factory=dict)
    _graphs: dict[str, Graph] = field(default_factory=dict)
    _parameters: Parameters | None = None
    _modules: dict[str, Module] = field(default_factory=dict)
    _tensors: Tensors | None = None
    _ended: Ended | None = None

    def take(self, event: Event) -> None:
        """Keep what an event tells."""
        match event:
            case Output():
                self._output.feed(event.text)
            case Checked():
                self.checks.append(event)
            case Raised():
                self._raised = event
            case Value():
                self._value = event
            case Series():
                self._series[event.name] = event
            case Graph():
                self._graphs[event.name] = event
            case Parameters():
                self._parameters = event
            case Module():
                self._modules[event.name] = event
            case Tensors():
                self._tensors = event
            case Ended():
                self._ended = event

    def draw_run(self, page: Page) -> None:
        """Below the output of a program: a line, the error in plain words, values, curves, tensors, how it ended."""
        if self._ended is None:
            return
        page.say((page.look.rule * page.console.width, page.look.dim_style))
        page.draw(*self._error(page.look), *self._shown(page.look), ended(self._ended, page.look))

    def draw_check(self, page: Page) -> None:
        """What the program wrote, its error in plain words, the verdict, and how it ended where that matters."""
        blocks: list[RenderableType] = []
        if self._output:
            blocks.append(self._output)
        blocks += self._error(page.look)
        if self.checks:
            blocks.append(checked(self.checks, page.look))
        if self._ended is not None and (self._ended.status or self._ended.cause):
            blocks.append(ended(self._ended, page.look))
        page.draw(*blocks)

    def _error(self, look: Look) -> Iterator[RenderableType]:
        if self._raised is not None:
            yield raised(self._raised, look)

    def _shown(self, look: Look) -> Iterator[RenderableType]:
        if self._value is not None:
            yield value(self._value, look)
        yield from plots(self._series.values(), look)
        yield from run_summary.graphs(self._graphs.values(), look, limit=DRAWN)
        if (table := run_summary.table(self._parameters, self._tensors, look, limit=DRAWN)) is not None:
            yield table
        yield from run_summary.modules(self._modules.values(), look, limit=DRAWN)
        if (others := run_summary.others(self._tensors, self._parameters, look)) is not None:
            yield others
