"""Bytes sent to the terminal, which over SSH are what is waited for: beside a stock Textual editor."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.app import LESSON, PAGE_DOWN, PAGE_UP, LessonApp
from bench.harness import ROOT, TUTOR, Figure, Samples, progress
from bench.terminal import Condition, Terminal, has

SIZE = (80, 24)
TYPED = "value = x.grad"
LONG = "losses/asymmetric"
"""A lesson whose text is longer than a page."""
PAGES = 5
REST = 10.0
"""Seconds at rest."""
STOCK = [sys.executable, str(ROOT / "bench" / "peers" / "editor.py")]
NOTE = "bytes: 80x24, truecolor; the stock editor is Header, TextArea.code_editor with Python highlighting, Footer"


@dataclass
class Traffic:
    """Bytes, a value an action."""

    painted: int = 0
    typed: list[float] = field(default_factory=list)
    scrolled: list[float] = field(default_factory=list)
    rested: int = 0


def measure() -> Iterator[Figure]:
    """First paint, a key typed, a page scrolled, ten seconds at rest."""
    with tempfile.TemporaryDirectory() as folder:
        progress("bytes to the terminal")
        ours, stock = _ours(Path(folder)), _stock(Path(folder))
    peer = "stock editor"
    for name, mine, theirs in (
        ("first paint", [ours.painted], [stock.painted]),
        ("a key typed", ours.typed, stock.typed),
        ("a page scrolled", ours.scrolled, stock.scrolled),
        (f"{REST:g} s at rest", [ours.rested], [stock.rested]),
    ):
        yield Figure(f"bytes, {name}", "bytes", Samples.of(mine), Samples.of(theirs), peer, note=NOTE)


def _ours(home: Path) -> Traffic:
    traffic = Traffic(painted=_painted([*TUTOR, LESSON], home, has("^R run")))
    with LessonApp(home, *SIZE) as app:
        app.to_code()
        traffic.typed = [_bytes(app, key) for key in TYPED]
        traffic.rested = _rest(app)
    with Terminal([*TUTOR, LONG], home, *SIZE) as app:
        app.wait(has("^R run"))
        app.settle(3)
        traffic.scrolled = [_bytes(app, key) for key in [PAGE_DOWN, PAGE_UP] * PAGES]
    return traffic


def _stock(home: Path) -> Traffic:
    traffic = Traffic(painted=_painted(STOCK, home, has("palette")))
    with Terminal(STOCK, home, *SIZE) as app:
        app.wait(has("palette"))
        app.settle(0.5)
        traffic.typed = [_bytes(app, key) for key in TYPED]
        traffic.rested = _rest(app)
        traffic.scrolled = [_bytes(app, key) for key in [PAGE_DOWN, PAGE_UP] * PAGES]
    return traffic


def _painted(command: list[str], home: Path, shows: Condition) -> int:
    with Terminal(command, home, *SIZE) as app:
        app.wait(shows)
        return app.sent


def _bytes(app: Terminal, key: str) -> float:
    before = app.sent
    app.press(key)
    app.await_bytes()
    app.settle(0.15, patience=2)
    if app.sent == before:
        raise RuntimeError(f"nothing was sent for {key!r}: it went nowhere")
    return app.sent - before


def _rest(app: Terminal) -> int:
    app.settle(2.0)  # the draft is saved
    before = app.sent
    app.read(quiet=REST, patience=REST)
    return app.sent - before
