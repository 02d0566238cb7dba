"""Line hints: the values that each line of a program last gave its names, and the operands of the failed line."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator

from tutor.protocol.observations import Hints
from tutor.worker.probes.probe import Outcome, Probe
from tutor.worker.probes.tracing import recorder


class LineHints(Probe):
    """Reports the hints of :class:`tutor.worker.probes.tracing.recorder.ProgramLines`."""

    position = 20

    @staticmethod
    def install() -> None:
        """Prepare the recorder that the program's own code calls."""
        recorder.install()

    def begin(self) -> None:
        """Note what is bound from now on."""
        self.run.lines.record()

    def end(self) -> None:
        """Note nothing more."""
        recorder.stop()

    def report(self, outcome: Outcome) -> Iterator[Hints]:
        """The hints of all lines, in one observation."""
        line = None if outcome.error is None else failing_line(outcome.error, self.run.path)
        yield self.run.lines.event(self.run.id, self.run.namespace, outcome.raised, line)


def failing_line(error: BaseException, path: str) -> int | None:
    """The line of the program in the file ``path`` that an uncaught error came from; None when it was another file."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    failing = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if os.path.dirname(file) == os.path.dirname(path):
            failing = line if file == path else None
    return failing


PROBE = LineHints
