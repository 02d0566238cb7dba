"""The worker as the app sees it: what the machine is, how far it has loaded, and the run under way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing the messages takes 10 ms, which the first paint need not wait for
    from tutor.client.client import WorkerClient
    from tutor.protocol.codec import Answer, Ask, Device, Event, Run


@dataclass
class Machine:
    """The worker's machine, as far as it is known."""

    stage: str = "starting"
    """``starting``, ``torch`` (runs are taken) or ``all`` (nothing is left to load)."""
    torch: str = ""
    device: Device | None = None
    fault: str = ""
    """Why there is no worker."""

    def take(self, event: Event) -> None:
        """Keep what a worker-wide event says."""
        from tutor.protocol.codec import Device, Fault, Ready

        match event:
            case Ready():
                self.stage, self.torch, self.fault = event.stage, event.torch, ""
            case Device():
                self.device = event
            case Fault(run=None):
                self.fault = event.sentence
                self.stage = "starting"

    @property
    def device_name(self) -> str:
        """``cpu``, ``cuda:1``; empty before it is known."""
        if self.device is None:
            return ""
        return self.device.kind if self.device.index is None else f"{self.device.kind}:{self.device.index}"

    @property
    def torch_version(self) -> str:
        """``torch 2.13``: major and minor."""
        return "torch " + ".".join(self.torch.split(".")[:2]) if self.torch else ""

    @property
    def loading(self) -> str:
        """The part that still loads, in a few words; empty when all is ready."""
        if self.fault:
            return "no worker"
        return {"starting": "loading torch", "torch": "loading the rest"}.get(self.stage, "")


class RunService:
    """Starts runs and passes on what they report; at most one is under way."""

    def __init__(self, make: Callable[[], WorkerClient], machine: Machine, changed: Callable[[], None]) -> None:
        """``make`` gives the runner, when it is first needed."""
        self._make = make
        self._started_runner: WorkerClient | None = None
        self._machine = machine
        self._changed = changed

    @property
    def _runner(self) -> WorkerClient:
        if self._started_runner is None:
            self._started_runner = self._make()
            self._started_runner.on_event = self._heard
        return self._started_runner

    def _heard(self, event: Event) -> None:
        self._machine.take(event)
        self._changed()

    async def start(self) -> None:
        """Start the worker; one that can't be started is a fault of the machine, told in its words."""
        from tutor.protocol.codec import Fault

        try:
            await self._runner.start()
        except OSError as error:
            self._heard(Fault(None, f"The worker did not start: {error}"))

    def new_id(self) -> int:
        """A number for the next run, or the next thing to ask."""
        return self._runner.new_id()

    async def run(self, request: Run) -> AsyncIterator[Event]:
        """The events of a run, until Ended or Fault. A run that nobody listens to any more is stopped."""
        from tutor.protocol.codec import Ended, Fault

        over = False
        try:
            async for event in self._runner.run(request):
                # A worker that dies takes its run with it, and says so of itself only.
                if isinstance(event, Fault) and event.run is None:
                    event = replace(event, run=request.id)
                over = isinstance(event, (Ended, Fault))
                yield event
        except OSError as error:
            over = True
            yield Fault(request.id, f"The run could not be started: {error}")
        finally:
            if not over:
                self.stop(request.id)

    async def follow(self, request: Run, take: Callable[[Event], None]) -> None:
        """Run ``request`` and give its events to ``take``, each as it comes; returns after the last."""
        async for event in self.run(request):
            take(event)

    async def ask(self, request: Ask) -> Answer | None:
        """The worker's answer; None when it can't give one now."""
        return await self._runner.ask(request)

    def stop(self, run: int) -> None:
        """Ask for the end of a run."""
        self._runner.stop(run)

    async def close(self) -> None:
        """End the worker; returns when nothing of it is left."""
        if self._started_runner is not None:
            await self._started_runner.close()

    def abandon(self) -> None:
        """Let go of the worker from a signal handler."""
        if self._started_runner is not None:
            self._started_runner.abandon()
