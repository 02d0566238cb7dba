"""A runner that remembers: of two proofs of a lesson, the second runs only programs that the first has not run."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from tutor.client.runner import CodeRunner
from tutor.protocol.codec import Checked, Ended, Event, Run


class RunMemory:
    """A :class:`tutor.client.runner.CodeRunner` that repeats the events of a request that has run before.

    Only a run that came to its end by itself is remembered, and none in which a check broke: where, is told by the
    line of the lesson's file, and lines move. For the same reason a check is the same one wherever it stands.
    """

    def __init__(self, runners: Sequence[CodeRunner]) -> None:
        """Each of ``runners`` runs one program at a time."""
        self._ids = itertools.count(1)
        self._idle = asyncio.Queue[CodeRunner]()
        for runner in runners:
            self._idle.put_nowait(runner)
        self._earlier: dict[Run, tuple[Event, ...]] = {}
        self._current: dict[Run, tuple[Event, ...]] = {}
        """Those of the proof under way."""

    def new_id(self) -> int:
        """A number for the next run."""
        return next(self._ids)

    async def run_ahead(self, requests: Iterable[Run]) -> None:
        """Run programs side by side, as far as there are runners, so that a proof that needs them finds them run."""

        async def run(request: Run) -> None:
            async for _ in self.run(request):
                pass

        async with asyncio.TaskGroup() as tasks:
            for request in requests:
                tasks.create_task(run(request))

    async def run(self, request: Run) -> AsyncIterator[Event]:
        """The events of a run, until Ended or Fault."""
        check = replace(request.check, line=1) if request.check is not None else None
        key = replace(request, id=0, check=check)
        if events := self._current.get(key, self._earlier.get(key, ())):
            for event in events:
                yield replace(cast(Any, event), run=request.id)  # all events of a run have its number
        else:
            runner = await self._idle.get()
            try:
                async for event in runner.run(request):
                    events = (*events, event)
                    yield event
            finally:
                self._idle.put_nowait(runner)
        if _is_reproducible(events):
            self._current[key] = events

    def finish_proof(self) -> None:
        """Forget the programs that were not part of the proof that ends now."""
        self._earlier, self._current = self._current, {}


def _is_reproducible(events: tuple[Event, ...]) -> bool:
    """Whether a run would go so again."""
    end = events[-1] if events else None
    broken = any(isinstance(event, Checked) and event.state == "broken" for event in events)
    return isinstance(end, Ended) and not end.cause and not broken
