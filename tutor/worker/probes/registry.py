"""What the probes tell of a program that has come to its end, in the order in which it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tutor.inspection import namespace as values
from tutor.protocol.codec import Observation, Raised, Tensors
from tutor.worker.probes import autograd_graph, module_tree, parameters, series
from tutor.worker.probes.module_calls import Calls
from tutor.worker.probes.tracing.line_hints import Lines


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is to report of when a program has come to its end."""

    run: int
    namespace: dict[str, Any]
    lines: Lines
    calls: Calls
    raised: Raised | None = None
    raised_line: int | None = None
    """The line of the program, if it is one, that ``raised`` tells the operands of."""


def seen(outcome: Outcome) -> Iterator[Observation]:
    """All that the probes tell. A probe that fails tells nothing, and keeps no other from it."""
    for probe in PROBES:
        try:
            yield from probe(outcome)
        except Exception:
            continue


def _hints(outcome: Outcome) -> Iterator[Observation]:
    yield outcome.lines.event(outcome.run, outcome.namespace, outcome.raised, outcome.raised_line)


def _numbers(outcome: Outcome) -> Iterator[Observation]:
    yield from series.numbers(outcome.namespace, outcome.run)


def _tensors(outcome: Outcome) -> Iterator[Observation]:
    tensors, hidden = values.tensors(outcome.namespace)
    yield Tensors(outcome.run, tensors, hidden)


def _graphs(outcome: Outcome) -> Iterator[Observation]:
    yield from autograd_graph.graphs(outcome.namespace, outcome.run)


def _parameters(outcome: Outcome) -> Iterator[Observation]:
    if (told := parameters.parameters(outcome.namespace, outcome.run)) is not None:
        yield told


def _modules(outcome: Outcome) -> Iterator[Observation]:
    yield from module_tree.modules(outcome.namespace, outcome.run, outcome.calls)


PROBES: tuple[Callable[[Outcome], Iterator[Observation]], ...] = (
    _hints,
    _numbers,
    _tensors,
    _graphs,
    _parameters,
    _modules,
)
