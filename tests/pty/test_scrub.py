"""A number changed by a held key, in a real terminal of 80x24."""

from __future__ import annotations

from pathlib import Path

from tests.program import TUTOR
from tests.pty.terminal import Terminal
from tutor import paths

LESSON = "optimizers/exponential_lr"
DRAFT = """\
import torch

gamma = 0.95
w = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
for epoch in range(20):
    optimizer.zero_grad()
    (w - 3).square().backward()
    optimizer.step()
    scheduler.step()
"""
SMALLER = "\x1b[1;3B"
LESS = "\x1bx"
KEY = 400
"""Bytes that a key typed beside hints may send: those of the line that it edits, and no more."""


def test_held_in_a_burst_it_ends_at_the_last_number_with_its_curve(home: Path) -> None:
    draft = paths.draft(home, LESSON)
    draft.parent.mkdir(parents=True)
    draft.write_text(DRAFT)
    with Terminal((*TUTOR, LESSON), env={"TUTOR_HOME": str(home)}) as terminal:
        terminal.wait("A learning rate that", "cpu", gone="loading")
        terminal.press("ctrl+g", "down", "down")
        terminal.wait("gamma = 0.95")
        terminal.press(*[SMALLER] * 8, *[LESS] * 7)
        terminal.wait("gamma = 0.80", f"learning rate  {0.5 * 0.8**19:.4g}", " 0.8")
        terminal.rest()
        code, result = terminal.text.split("──", 1)
        assert "gamma = 0.80" in code and code.count("\n") < 9 and "learning rate" in result
        terminal.press("ctrl+z")
        terminal.wait("gamma = 0.95", "scheduler.step()", gone="learning rate  ")
        terminal.press("ctrl+r", "ctrl+g", "ctrl+g")
        terminal.wait("for epoch in range(20):", "×20")
        terminal.rest(1.0)
        for key in "ab":
            before = terminal.bytes
            terminal.press(key)
            terminal.wait_until(lambda before=before: terminal.bytes > before)
            terminal.rest(0.2)
            assert terminal.bytes - before < KEY
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0
    assert draft.read_text() == DRAFT.replace("gamma = 0.95", "abgamma = 0.95")
