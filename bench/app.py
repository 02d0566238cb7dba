"""The real app at a lesson, in a terminal, for the figures that need one."""

from __future__ import annotations

from pathlib import Path

from bench.harness import TUTOR
from bench.terminal import Condition, Terminal, both, has

LESSON = "autograd/backward"
TITLE = "The gradient of a scalar"
CTRL_G, CTRL_R, CTRL_Q = "\x07", "\x12", "\x11"
HOME, DOWN, PAGE_DOWN, PAGE_UP, BACKSPACE = "\x1b[H", "\x1b[B", "\x1b[6~", "\x1b[5~", "\x7f"

DRAFT = """import torch

x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
gap = x - 3
miss = gap.square().sum()
miss.backward()

print(x.grad)
"""
_DECISIVE = 5
"""The line, counted from 0, without which the draft fails its second requirement."""

PASSED: Condition = has("All 2 requirements hold.")
FAILED: Condition = both(has("1 of 2 requirements holds."), has("✗"))


def keep_draft(home: Path, text: str) -> Path:
    """Make ``text`` the draft of the lesson, as any editor would."""
    draft = home / "tutor" / "drafts" / f"{LESSON}.py"
    draft.parent.mkdir(parents=True, exist_ok=True)
    fresh = draft.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(draft)
    return draft


class LessonApp(Terminal):
    """The app opened at a lesson whose draft passes, with everything loaded and the verdict on the screen."""

    def __init__(self, home: Path, columns: int, rows: int) -> None:
        keep_draft(home, DRAFT)
        super().__init__([*TUTOR, LESSON], home, columns, rows)
        try:
            self.wait(has("^R run"))
            self.settle()
            self.wait_until_loaded()
            self._go_to_decisive_line()
            self.press(CTRL_R)
            self.wait(PASSED)
            self.passes = True
        except BaseException:
            self.close()
            raise

    def wait_until_loaded(self) -> None:
        """Until the header no longer says that something loads."""
        if has("loading")(self.lines[:1]):
            self.wait(lambda lines: "loading" not in lines[0], quiet=0.5)

    @property
    def narrow(self) -> bool:
        """Whether one pane is shown at a time; a lesson then begins with its text, and a run turns to its result."""
        return self.screen.columns < 120

    def _go_to_decisive_line(self) -> None:
        if self.narrow:
            self._turn(1)
        for key in [DOWN] * _DECISIVE + [HOME]:
            self.press(key)
            self.settle(0.05)

    def to_code(self) -> None:
        """From the result to the code, where the code isn't on the screen anyway."""
        if self.narrow:
            self._turn(2)

    def _turn(self, panes: int) -> None:
        for _ in range(panes):
            self.press(CTRL_G)
            self.settle(0.2)

    def change(self) -> None:
        """Edit the draft so that its next verdict is another one."""
        self.to_code()
        self.press("#" if self.passes else BACKSPACE)
        self.settle(0.2)
        self.passes = not self.passes

    def verdict(self) -> Condition:
        """What the screen shows once the present draft has been judged, and didn't before."""
        return PASSED if self.passes else FAILED

    def run(self) -> float:
        """Press the run key; seconds until the new verdict is on the screen."""
        pressed = self.press(CTRL_R)
        return self.wait(self.verdict()) - pressed
