"""From the key that changes a number to the painted curve, in the real app: once, and while the key is held."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import TUTOR, Figure, Samples, Target, progress
from bench.terminal import Condition, Terminal, has
from tutor.render.text.layout import number

LESSON = "optimizers/exponential_lr"
STEPS = 100
RATE, GAMMA = 0.5, 0.95
DRAFT = f"""import torch

gamma = {GAMMA}
w = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([w], lr={RATE})
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)

for epoch in range({STEPS}):
    loss = (w - 3).square()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
"""
UP, DOWN, CURSOR_DOWN = "\x1b[1;3A", "\x1b[1;3B", "\x1b[B"
ROUNDS = 40
HOLDS = 4
HELD = 3.0
"""Seconds that the key is held."""
REPEAT = 1 / 30
"""Seconds between two keys of a keyboard that repeats."""
SIZES = ((120, 36), (80, 24))
NOTE = (
    f"scrub: an exponential schedule of {STEPS} steps, with its checks; painted is what the title of the curve says "
    f"of its last value. Held: {1 / REPEAT:.0f} keys a second for {HELD:g} s, and how many different curves were seen"
)


def measure() -> Iterator[Figure]:
    """On a wide screen, and at 80x24, where the code stands over the result for the time."""
    for columns, rows in SIZES:
        progress(f"scrub at {columns}x{rows}")
        with tempfile.TemporaryDirectory() as folder, ScrubbedApp(Path(folder), columns, rows) as app:
            single = [app.step(up=turn % 2 == 0) * 1e3 for turn in range(ROUNDS)]
            rates = [app.hold(up=turn % 2 == 0) for turn in range(HOLDS)]
        size = f"{columns}x{rows}"
        yield Figure(f"key to new curve, {size}", "ms", Samples.of(single), target=Target("median", 80), note=NOTE)
        periods = [1e3 / rate for rate in rates]
        yield Figure(f"between curves, key held, {size}", "ms", Samples.of(periods), target=Target("median", 100))


def last_rate(gamma: float) -> str:
    """What the curve's title says of the last step's learning rate."""
    return number(RATE * gamma ** (STEPS - 1))


def shown_rate(lines: list[str]) -> str:
    """The last learning rate that the screen tells of; empty where there is none."""
    found = re.search(r"learning rate +([\d.e-]+)", "\n".join(lines))
    return found[1] if found else ""


class ScrubbedApp(Terminal):
    """The app at a schedule, the cursor on γ, everything loaded and one run made."""

    def __init__(self, home: Path, columns: int, rows: int, source: str = DRAFT) -> None:
        draft = home / "tutor" / "drafts" / f"{LESSON}.py"
        draft.parent.mkdir(parents=True)
        draft.write_text(source, encoding="utf-8")
        super().__init__([*TUTOR, LESSON], home, columns, rows)
        self.gamma = GAMMA
        try:
            self.wait(has("^R run"))
            self.settle(1)
            if has("loading")(self.lines[:1]):
                self.wait(lambda lines: "loading" not in lines[0], quiet=0.5)
            for key in (*("\x07" for _ in range(columns < 120)), CURSOR_DOWN, CURSOR_DOWN):
                self.press(key)
                self.settle(0.2)
            self.step(up=True)
            self.settle(1)
        except BaseException:
            self.close()
            raise

    def _painted(self, gamma: float) -> Condition:
        return lambda lines: shown_rate(lines) == last_rate(gamma)

    def step(self, up: bool) -> float:
        """One key; seconds until its curve is on the screen."""
        self.gamma = round(self.gamma + (0.01 if up else -0.01), 2)
        pressed = self.press(UP if up else DOWN)
        seconds = self.wait(self._painted(self.gamma)) - pressed
        self.settle(1.0)  # the draft is saved, the next spare is ready, and this hold is over
        return seconds

    def hold(self, up: bool) -> float:
        """The key held: how many curves a second were painted, the last of them that of the last number."""
        chunks = []
        keys = round(HELD / REPEAT)
        began = time.perf_counter()
        for turn in range(keys):
            self.press(UP if up else DOWN)
            while (left := began + (turn + 1) * REPEAT - time.perf_counter()) > 0:
                chunks += self.read(left, patience=left)
        self.gamma = round(self.gamma + (0.01 if up else -0.01) * keys, 2)
        seen = set[str]()
        for moment, chunk in chunks:
            self._feed(moment, chunk)
            seen.add(shown_rate(self.lines))
        shows = self._painted(self.gamma)
        if not shows(self.lines):
            self.wait(shows)
        self.settle(1.0)
        return len(seen) / HELD
