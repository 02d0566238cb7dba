"""A pack with a question of each kind, and a worker that is shared by all tests that ask."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from tutor.client.client import WorkerClient
from tutor.learner.store import Store
from tutor.protocol.codec import Answer, Ask, Event, Run

LESSON = '''"""# {title}

Text.

## Task
Let `a` be 2.

## Hints
- Hint.

## Takeaway
So it is.
"""
# %% snippet
a = 1

# %% solution
a = 2

# %% check
from tutor.check import expect


def a_is_two(run):
    """`a` is two"""
    expect(run.a).equals(2)

'''
CHOOSE = '''# %% question {name}
"""Which one is it, {name}?

- [x] the right one
- the *first* wrong one: that is the first wrong one
- the second wrong one: that is the second wrong one
- the third wrong one: that is the third wrong one

It is `so`.
"""
'''
ALL = '''# %% question several: choose all
"""Which are right?

- [x] right
- [x] right too
- wrong: not this one

Two are.
"""
'''


def cells() -> dict[str, str]:
    """The questions of the page on writing them, by name; what is told to authors in parentheses is left out."""
    page = (Path(__file__).resolve().parents[2] / "lessons" / "README.md").read_text("utf-8")
    block = re.findall(r"^~~~python\n(.*?)^~~~$", page, re.DOTALL | re.MULTILINE)[-1]
    block = re.sub(r" \((?:Options|Lines|What|The last|Each)[^)]*(?:\([^)]*\)[^)]*)*\)\n", "\n", block)
    found = re.split(r"(?m)^(?=# %% question)", block)[1:]
    return {cell.split()[3].rstrip(":"): cell for cell in found}


def write(folder: Path, **lessons: str) -> Path:
    """A pack of one chapter, ``asked``: a lesson for each keyword, with its questions."""
    (folder / "asked").mkdir(parents=True)
    for name, questions in lessons.items():
        title = f"The lesson {name}"
        (folder / "asked" / f"{name}.py").write_text(LESSON.format(title=title) + questions, encoding="utf-8")
    names = ", ".join(f'"{name}"' for name in lessons)
    (folder / "curriculum.toml").write_text(
        'title = "A pack"\n\n'
        f'[[chapter]]\nid = "asked"\ntitle = "Questions"\nabout = "All kinds"\nlessons = [{names}]\n',
        encoding="utf-8",
    )
    return folder


class Lent:
    """A runner that is somebody else's: starting and closing it is not the app's to do."""

    def __init__(self, runner: WorkerClient) -> None:
        self._runner = runner

    @property
    def on_event(self) -> Callable[[Event], None] | None:
        return self._runner.on_event

    @on_event.setter
    def on_event(self, heard: Callable[[Event], None] | None) -> None:
        self._runner.on_event = heard

    def new_id(self) -> int:
        return self._runner.new_id()

    async def start(self) -> None:
        assert self._runner.on_event is not None
        if self._runner.device is not None:
            self._runner.on_event(self._runner.device)
        if self._runner.ready is not None:
            self._runner.on_event(self._runner.ready)

    def run(self, request: Run) -> AsyncIterator[Event]:
        return self._runner.run(request)

    async def ask(self, request: Ask) -> Answer | None:
        return await self._runner.ask(request)

    def stop(self, run: int) -> None:
        self._runner.stop(run)

    async def close(self) -> None:
        self._runner.on_event = None

    def abandon(self) -> None:
        self._runner.on_event = None


def letter_of(tutor, words: str) -> str:
    """The letter of the option that says so."""
    line = next(line for line in tutor.lines if words in line)
    return line[: line.index(words)].split()[-1]


def remembered(home: Path) -> list[tuple[str, str]]:
    """What the store holds of answers: the question, and the rest as JSON."""
    store = Store.open(home)
    rows = store.rows("SELECT subject, detail FROM event WHERE kind = 'answered' ORDER BY rowid")
    store.close()
    return rows
