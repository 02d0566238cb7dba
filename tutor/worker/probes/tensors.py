"""The tensors that a program left in its names, each in a few numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.inspection import namespace
from tutor.protocol.observations import Tensors
from tutor.worker.probes.probe import Outcome, Probe


class NamedTensors(Probe):
    """Reports the tensors of the public names."""

    position = 40

    def report(self, outcome: Outcome) -> Iterator[Tensors]:
        """All of them in one observation, empty where there are none."""
        tensors, hidden = namespace.tensors(self.run.namespace)
        yield Tensors(self.run.id, tensors, hidden)


PROBE = NamedTensors
