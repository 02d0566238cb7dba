"""What every test stands on: a home of its own, and workers that are shared because they take a second to start."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from tests.program import PYTHON
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.protocol.codec import Checked, Ended, Event, Output, Run, Tensor, Tensors

E = TypeVar("E")


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the developer's own is read or written, nor decides what a test sees."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's script has put it into the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("user")))
        for name in _THEIR_OWN:
            patch.delenv(name, raising=False)
        yield


_THEIR_OWN = (
    *("XDG_DATA_HOME", "TUTOR_PACK", "NO_COLOR", "EDITOR", "VISUAL", "COLUMNS", "LINES"),
    *("PYTHONUNBUFFERED", "PYTHONSTARTUP"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new, empty home for each test."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "tutor"))
    return tmp_path / "tutor"


@dataclass
class Ran:
    """All events of one run."""

    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def one(self, kind: type[E]) -> E:
        (event,) = self.of(kind)
        return event

    @property
    def ended(self) -> Ended:
        return self.one(Ended)

    def text(self, stream: str = "tty") -> str:
        return "".join(output.text for output in self.of(Output) if output.stream == stream)

    def tensor(self, name: str) -> Tensor:
        return next(tensor for tensor in self.one(Tensors).tensors if tensor.name == name)

    @property
    def verdict(self) -> list[str]:
        return [checked.state for checked in self.of(Checked)]


RunIt = Callable[..., Awaitable[Ran]]


async def run_in(runner: WorkerClient, source: str = "", **settings: object) -> Ran:
    ran = Ran()
    async for event in runner.run(Run(runner.new_id(), source, **settings)):  # type: ignore[arg-type]
        ran.events.append(event)
    return ran


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def runner(environment: None) -> AsyncIterator[WorkerClient]:
    """A worker whose programs see a terminal, as in the app."""
    shared = WorkerClient(Launch(python=PYTHON))
    await shared.start()
    yield shared
    await shared.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def piped_runner(environment: None) -> AsyncIterator[WorkerClient]:
    """A worker whose programs write to two pipes, as on the command line."""
    shared = WorkerClient(Launch(python=PYTHON, streams="pipes"))
    await shared.start()
    yield shared
    await shared.close()


@pytest.fixture
def run(runner: WorkerClient) -> RunIt:
    """``await run(source, check=..., ...)``: all events of one run in a worker with a terminal."""

    async def go(source: str = "", **settings: object) -> Ran:
        return await run_in(runner, source, **settings)

    return go


@pytest.fixture
def run_piped(piped_runner: WorkerClient) -> RunIt:
    """The same in a worker with two pipes."""

    async def go(source: str = "", **settings: object) -> Ran:
        return await run_in(piped_runner, source, **settings)

    return go
