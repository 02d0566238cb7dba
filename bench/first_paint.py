"""From the command to the first screen that shows what was asked for, beside a bare Textual app."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.app import CTRL_Q, LESSON, TITLE
from bench.harness import ROOT, TUTOR, Figure, Samples, Target, progress
from bench.terminal import Condition, Terminal, both, has

ROUNDS = 16
SIZE = (120, 36)
BARE = [sys.executable, str(ROOT / "bench" / "peers" / "bare.py")]
NOTE = (
    "first paint: from exec to the first bytes after which the screen shows header, content and footer; "
    "complete: to the last change of its text within 0.6 s; at 120x36, files in the page cache"
)


@dataclass
class Paints:
    """Milliseconds from exec, a value a start."""

    first: list[float] = field(default_factory=list)
    complete: list[float] = field(default_factory=list)

    def start(self, command: list[str], home: Path, shows: Condition) -> None:
        with Terminal(command, home, *SIZE) as terminal:
            first = terminal.wait(shows, quiet=0.15)
            terminal.settle(quiet=0.6, patience=0.7)
        self.first.append((first - terminal.began) * 1e3)
        self.complete.append((terminal.changed - terminal.began) * 1e3)


AT_HOME = both(has(TITLE), has("^Q"))
AT_LESSON = both(both(has("derivative of miss"), has("print(x.grad)")), has("^R run"))
BARE_SHOWS = both(both(has("bare"), has("print(x.grad)")), has("palette"))


def measure() -> Iterator[Figure]:
    """The home screen of a new learner, and coming back to a lesson."""
    with tempfile.TemporaryDirectory() as folder:
        new, back = Path(folder, "new"), Path(folder, "back")
        _leave_at_lesson(back)
        home, lesson, bare = Paints(), Paints(), Paints()
        for number in range(ROUNDS + 2):
            progress(f"first paint {number}/{ROUNDS + 1}")
            if number == 2:  # two to warm the caches
                home, lesson, bare = Paints(), Paints(), Paints()
            bare.start(BARE, new, BARE_SHOWS)
            home.start(TUTOR, new, AT_HOME)
            bare.start(BARE, new, BARE_SHOWS)
            lesson.start(TUTOR, back, AT_LESSON)
    first, complete = Samples.of(bare.first), Samples.of(bare.complete)
    target = Target("ratio", 1.3)
    for name, paints in {"home": home, "back at a lesson": lesson}.items():
        yield Figure(f"first paint, {name}", "ms", Samples.of(paints.first), first, "bare Textual", target, NOTE)
        yield Figure(f"complete paint, {name}", "ms", Samples.of(paints.complete), complete, "bare Textual")


def _leave_at_lesson(home: Path) -> None:
    """What a learner leaves who opened a lesson and quit."""
    with Terminal([*TUTOR, LESSON], home, *SIZE) as terminal:
        terminal.wait(AT_LESSON)
        terminal.settle()
        terminal.press(CTRL_Q)
        terminal.read(quiet=5)
