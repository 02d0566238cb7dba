"""A runner that says what a test tells it to, behind the real app."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.patience import until
from tutor.protocol.codec import (
    Answer,
    Ask,
    Checked,
    Device,
    Ended,
    Event,
    Fault,
    Finished,
    Output,
    Ready,
    Run,
    Started,
)
from tutor.ui.app import Start, Tutor


class ScriptedRunner:
    """The interface of the real runner; :meth:`say` gives a run its events."""

    def __init__(self) -> None:
        self.on_event: Callable[[Event], None] | None = None
        self.requests: list[Run] = []
        self.asked: list[Ask] = []
        self.answers: Callable[[Ask], Answer | None] = lambda request: None
        """What is answered; the number of the request is put in."""
        self.holds_back = False
        """Answers wait until :meth:`answer_now`."""
        self._held: list[asyncio.Event] = []
        self.stopped: list[int] = []
        self.started = self.closed = self.abandoned = False
        self._ids = itertools.count(1)
        self._queues: dict[int, asyncio.Queue[Event]] = {}

    def new_id(self) -> int:
        return next(self._ids)

    async def start(self) -> None:
        self.started = True

    def ready(self) -> None:
        assert self.on_event is not None
        self.on_event(Device("cpu", "2 cores"))
        self.on_event(Ready("torch", "3.11.7", "2.13.0"))
        self.on_event(Ready("all", "3.11.7", "2.13.0"))

    async def run(self, request: Run) -> AsyncIterator[Event]:
        for run in list(self._queues):
            self.stop(run)
        self.requests.append(request)
        queue = self._queues[request.id] = asyncio.Queue()
        yield Started(request.id, f"/nowhere/{request.name}")
        while True:
            event = await queue.get()
            yield event
            if isinstance(event, Ended | Fault):
                self._queues.pop(request.id, None)
                return

    async def ask(self, request: Ask) -> Answer | None:
        self.asked.append(request)
        if self.holds_back:
            held = asyncio.Event()
            self._held.append(held)
            await held.wait()
        answer = self.answers(request)
        return replace(answer, ask=request.ask) if answer is not None else None

    def answer_now(self) -> None:
        for held in self._held:
            held.set()
        self._held.clear()

    def say(self, *events: Event) -> None:
        """Events of the newest run, whatever run they name."""
        run = self.requests[-1].id
        for event in events:
            self._queues[run].put_nowait(replace(event, run=run))  # type: ignore[type-var, call-arg]

    def stop(self, run: int) -> None:
        self.stopped.append(run)
        if run in self._queues:
            self._queues[run].put_nowait(Ended(run, 130, "stopped", seconds=0.5))

    async def close(self) -> None:
        self.closed = True

    def abandon(self) -> None:
        self.abandoned = True


def write_pack(folder: Path) -> Path:
    """Three lessons in two chapters, small enough to be seen whole."""
    lesson = '''"""# {title}

{text}

## Task
Make `x` hold {number}.

## Hints
- A first hint.
- A second hint.

## Takeaway
A name is bound by `=`.
"""
# %% snippet
x = 0
print(x)

# %% solution
x = {number}
print(x)

# %% check
from tutor.check import expect


def right(run):
    """`x` is {number}"""
    expect(run.x).equals({number})


# %% mistake: nothing was changed -> right
x = 0
'''
    texts = {
        "basics/one": ("The first lesson", "Something about names.", 1),
        "basics/two": ("The second lesson", "Something about 数 and broadcasting.", 2),
        "more/three": ("A third lesson", "Something about gradients.", 3),
    }
    for id, (title, text, number) in texts.items():
        path = folder / f"{id}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lesson.format(title=title, text=text, number=number), encoding="utf-8")
    (folder / "curriculum.toml").write_text(
        'title = "A small pack"\n\n'
        '[[chapter]]\nid = "basics"\ntitle = "Basics"\nabout = "What comes first"\nlessons = ["one", "two"]\n\n'
        '[[chapter]]\nid = "more"\ntitle = "More"\nabout = "What follows"\nlessons = ["three"]\n',
        encoding="utf-8",
    )
    return folder


class Opened:
    """The app in a test: its pilot, its runner, its home."""

    def __init__(self, app: Tutor, pilot: Pilot[int], runner: ScriptedRunner, home: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.runner = runner
        self.home = home

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        names = {" ": "space", "\n": "enter", "=": "equals_sign", "/": "slash"}
        await self.press(*(names.get(character, character) for character in text))

    async def say(self, *events: Event) -> None:
        self.runner.say(*events)
        await self.pilot.pause()
        await self.pilot.pause()

    async def passes(self) -> None:
        """A run whose every requirement holds."""
        await self.passes_as("right")

    async def passes_as(self, check: str) -> None:
        """A run whose one requirement holds."""
        await self.say(Output(0, "tty", "hello\r\n"), Finished(0, 0.004))
        await self.say(Checked(0, check, "`x` is right", "passed"), Ended(0, 0, seconds=0.004))

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for a condition; AssertionError when it doesn't come."""
        assert await until(condition, self.pilot.pause), f"never came: {what}\n{self.text}"

    @property
    def lines(self) -> list[str]:
        """The screen as plain text."""
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "pack")


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a screen with the file that holds it; `GOLDEN=write pytest tests/ui` writes it anew."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / f"{name}.txt"
        if os.environ.get("GOLDEN") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def until_seen() -> Callable[[Pilot[int], str], Awaitable[str]]:
    """Wait for words on the screen of an app that has the real worker; its text then."""

    async def wait(pilot: Pilot[int], words: str) -> str:
        def text() -> str:
            return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())

        assert await until(lambda: words in text(), pilot.pause), f"never came: {words}\n{text()}"
        return text()

    return wait


@pytest.fixture
def opened(pack: Path, home: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens the app: ``async with opened("basics/one", size=(120, 36)) as tutor``."""
    for name in ("NO_COLOR", "COLORFGBG", "TUTOR_FRAMES", "EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")

    @asynccontextmanager
    async def open_it(lesson: str | None = None, *, size: tuple[int, int] = (120, 36), ascii: bool = False, app=Tutor):
        runner = ScriptedRunner()
        made = app(Start(pack, home, lambda: runner, lesson, ascii))
        async with made.run_test(size=size) as pilot:
            tutor = Opened(made, pilot, runner, home)
            await tutor.until(lambda: runner.started and made.context.learner.is_open, "the start")
            await pilot.pause()
            yield tutor

    return open_it
