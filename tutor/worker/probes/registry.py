"""The registry of probes: it finds them, and takes a run through them in order.

They are found when this module is imported, which a worker does once, before it forks any process for a run.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from tutor.protocol.observations import Observation
from tutor.worker import probes
from tutor.worker.probes.probe import ObservedRun, Outcome, Probe


def _discover() -> tuple[type[Probe], ...]:
    """The ``PROBE`` of each module of the package, ordered by position."""
    names = sorted(module.name for module in pkgutil.iter_modules(probes.__path__) if not module.ispkg)
    modules = [import_module(f"{probes.__name__}.{name}") for name in names if name != "registry"]
    classes: list[type[Probe]] = [module.PROBE for module in modules if hasattr(module, "PROBE")]
    return tuple(sorted(classes, key=lambda probe: probe.position))


PROBES = _discover()


def install() -> None:
    """Let each probe put into torch what it needs there, once, before any fork."""
    for probe in PROBES:
        probe.install()


class RunProbes:
    """The probes of one run, in the order of their reports."""

    def __init__(self, run: ObservedRun, *, observed: bool, checked: bool) -> None:
        self._probes = [probe(run) for probe in PROBES if observed or (checked and probe.observes_checks)]

    def begin(self) -> None:
        """Observe from now on."""
        for probe in self._probes:
            probe.begin()

    def end(self) -> None:
        """Observe nothing more."""
        for probe in self._probes:
            probe.end()

    def report(self, outcome: Outcome) -> Iterator[Observation]:
        """All that was observed. A probe that fails reports nothing more, and keeps no other from it."""
        for probe in self._probes:
            try:
                yield from probe.report(outcome)
            except Exception:
                continue

    def recorded(self) -> dict[str, list[float]]:
        """The series that checks may ask for."""
        return {name: points for probe in self._probes for name, points in probe.recorded().items()}
