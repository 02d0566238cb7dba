"""The part of the worker's client that runs programs, for those who need no more of it; and its fault.

The quiz is imported before the first paint, and importing the messages takes 10 ms: nothing here does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tutor.protocol.codec import Event, Run


class CodeRunner(Protocol):
    """What a run needs of :class:`tutor.client.client.WorkerClient`."""

    def new_id(self) -> int:
        """A number for the next run."""

    def run(self, request: Run) -> AsyncIterator[Event]:
        """The events of a run, until Ended or Fault. It replaces the run under way."""


class WorkerFault(Exception):  # noqa: N818 -- the word of the protocol
    """The worker can't run anything, so that nothing is known of a program. Its text is a sentence."""
