"""What the differ sends paints the same screen as stock Textual, cell by cell."""

from __future__ import annotations

import asyncio
import random
import re

import pyte
import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tutor.ui.app import Tutor
from tutor.ui.terminal.frame_diff import TerminalFrame, disarm, strips_in


class Twin(Tutor):
    """Paints each update twice: as stock Textual writes it, and as the differ does."""

    def _display(self, screen, renderable) -> None:
        super()._display(screen, renderable)
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate) or self._batch_count:
            return
        size = (self.size.width, self.size.height)
        if not hasattr(self, "stock"):
            self.updates = self.stock_bytes = self.our_bytes = 0
        if self.updates == 0 or (self.stock.columns, self.stock.lines) != size:
            self.stock, self.ours = pyte.Screen(*size), pyte.Screen(*size)
        _forget_codes(renderable)
        stock = renderable.render_segments(self.console)
        ours = self._frame.changes(renderable, size, (0, 0))
        for target, text in ((self.stock, stock), (self.ours, ours)):
            pyte.Stream(target).feed(text)
        self.updates += 1
        self.stock_bytes += len(stock.encode())
        self.our_bytes += len(ours.encode())

    def wrong(self) -> list[tuple[int, int]]:
        """Cells in which the two screens differ, (row, column)."""
        return [
            (y, x)
            for y in range(self.stock.lines)
            for x in range(self.stock.columns)
            if _seen(self.stock.buffer[y][x]) != _seen(self.ours.buffer[y][x])
        ]


def _forget_codes(update) -> None:
    """Textual keeps the codes of a style as they were for the first number of colours that a process used."""
    for _, _, strip in strips_in(update):
        strip._render_cache = None
        for segment in strip:
            if segment.style is not None:
                segment.style._ansi = None


def _seen(cell):
    return cell.data, cell.fg, cell.bg, cell.bold, cell.italics, cell.underscore, cell.reverse


async def _hit(tutor, name: str) -> None:
    """A key as the terminal's driver sends it; then a frame's time, without waiting for the app to come to rest."""
    named = {"equals_sign": "=", "left_parenthesis": "(", "right_parenthesis": ")", "quotation_mark": '"', "space": " "}
    character = named.get(name, name if len(name) == 1 else None)
    tutor.app._driver.send_message(events.Key(name, character))
    await tutor.pilot._wait_for_screen()
    await asyncio.sleep(0.017)


KEYS = [
    *["x", "y", "1", "equals_sign", "left_parenthesis", "right_parenthesis", "quotation_mark", "space", "enter"],
    *["up", "down", "left", "right", "home", "end", "backspace", "delete", "tab", "shift+tab", "shift+up"],
    *["shift+right", "ctrl+z", "ctrl+y", "ctrl+k", "ctrl+underscore", "数", "é", "한", "🙂", "pageup", "pagedown"],
    *["ctrl+g", "ctrl+t", "ctrl+r", "ctrl+n", "f7", "f12"],
]
DIALOGS = [["ctrl+f", "s", "数", "down", "escape"], ["ctrl+p", "r", "down", "escape"], ["f1", "down", "escape"]]


COLOURS = [({}, 120), ({"COLORTERM": "", "TERM": "xterm"}, 40), ({"NO_COLOR": "1"}, 40)]


@pytest.mark.parametrize(("environ", "count"), COLOURS, ids=["truecolor", "sixteen", "none"])
async def test_hundreds_of_mixed_keys_leave_no_cell_wrong(opened, monkeypatch, environ, count):
    chance = random.Random(7)
    sizes = [(80, 24), (120, 36), (20, 5), (121, 20), (80, 24)]
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    if environ.get("TERM") == "xterm":
        monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")
    async with opened("basics/two", size=sizes[0], app=Twin) as tutor:
        tutor.runner.ready()
        for number in range(count):
            if number % 40 == 39:
                await tutor.pilot.resize_terminal(*sizes[(number // 40) % len(sizes)])
                await tutor.pilot.pause()
                tutor.app.forget_frame()
                tutor.app.screen.refresh()
            keys = chance.choice(DIALOGS) if chance.random() < 0.04 else [chance.choice(KEYS)]
            for key in keys:
                await _hit(tutor, key)
            if number % 5 == 0:
                await tutor.pilot.pause()
                assert tutor.app.wrong() == [], f"after {number} keys, the last {keys}"
        assert tutor.app.updates > 20
        assert tutor.app.our_bytes < tutor.app.stock_bytes / 4


async def test_a_key_in_the_editor_costs_a_tenth_of_a_kilobyte(opened):
    async with opened("basics/one", size=(80, 24), app=Twin) as tutor:
        await tutor.press("ctrl+g", "x")
        before = tutor.app.our_bytes
        for key in "abcdefghij":
            await tutor.press(key)
        await tutor.pilot.pause()
        assert tutor.app.wrong() == []
        assert (tutor.app.our_bytes - before) / 10 < 200


def _strip(text: str, style: str = "") -> Strip:
    return Strip([Segment(text, Style.parse(style))])


def _update(*texts: str) -> LayoutUpdate:
    return LayoutUpdate([[_strip(text)] for text in texts], Region(0, 0, 10, len(texts)))


class _Console:
    _color_system = None


def test_nothing_changed_nothing_sent():
    frame = TerminalFrame(_Console())
    assert frame.changes(_update("abc", "def"), (10, 2), (0, 0))
    assert frame.changes(_update("abc", "def"), (10, 2), (0, 0)) == ""


def test_only_the_changed_run_is_sent_and_short_gaps_are_bridged():
    frame = TerminalFrame(_Console())
    frame.changes(_update("abcdefghij"), (10, 1), (0, 0))
    assert frame.changes(_update("aXcdYfghij"), (10, 1), (0, 0)) == "\x1b[1;2HXcdY\x1b[1;1H"


def test_a_forgotten_frame_is_sent_whole():
    frame = TerminalFrame(_Console())
    frame.changes(_update("abc"), (10, 1), (0, 0))
    frame.forget()
    assert "abc" in frame.changes(_update("abc"), (10, 1), (0, 0))


COMMANDING = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x200F, 0x202E, 0x2066, 0x2028, 0xFEFF, 0xD800)]


@pytest.mark.parametrize("ascii", [False, True])
def test_nothing_that_commands_the_terminal_passes_and_every_cell_stays_in_place(ascii):
    frame = TerminalFrame(_Console(), ascii=ascii)
    odd = LayoutUpdate([[_strip(f"a{character}b")] for character in COMMANDING], Region(0, 0, 10, len(COMMANDING)))
    sent = frame.changes(odd, (10, len(COMMANDING)), (0, 0))
    for row in sent.split("\x1b[")[1:]:  # moves of the cursor are all the codes there are
        text = re.fullmatch(r"\d+;\d+H(.*)", row, re.DOTALL)[1]
        assert not set(text) & set(COMMANDING)
        assert text in ("", "ab", "a?b" if ascii else "a\ufffdb")
        assert text.isascii() or not ascii


def test_what_is_meant_as_control_codes_or_a_link_to_them_is_not_sent():
    frame = TerminalFrame(_Console())
    code = Segment("\x1b]52;c;eA==\x07", None, [(1,)])
    link = Segment("abc", Style(link="x\x1b\\\x1b]52;c;eA==\x07"))
    sent = frame.changes(LayoutUpdate([[Strip([code, link])]], Region(0, 0, 10, 1)), (10, 1), (0, 0))
    assert sent == "\x1b[1;1Habc\x1b[1;1H"


def test_ascii_terminals_get_ascii_in_as_many_columns():
    frame = TerminalFrame(_Console(), ascii=True)
    assert frame.changes(_update("ě한│é"), (10, 1), (0, 0)) == "\x1b[1;1He??|e\x1b[1;1H"


DOUBTFUL = ["👨‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "1️⃣", "🏴‍☠️", "e\u0301", "☎\ufe0e", "각", "🇩", "🏽"]


def _after(screen: pyte.Screen, marks: str) -> dict[str, tuple[int, int]]:
    """Where each mark stands, (row, column)."""
    return {
        screen.buffer[y][x].data: (y, x)
        for y in range(screen.lines)
        for x in range(screen.columns)
        if screen.buffer[y][x].data in set(marks)
    }


@pytest.mark.parametrize("doubtful", DOUBTFUL)
def test_what_stands_behind_a_grapheme_of_doubtful_width_stands_in_its_column(doubtful):
    """A terminal that thinks it wider or narrower than we do: pyte does, of most of them."""
    width = cell_len(doubtful)
    frame, screen = TerminalFrame(_Console()), pyte.Screen(20, 3)
    stream = pyte.Stream(screen)
    rows = [f"A{doubtful}B{doubtful}C", f"{'x' * 12}D", " " * (20 - width) + doubtful]
    for texts in (["y" * 20] * 3, rows, [f"A{doubtful}b{doubtful}C", *rows[1:]], ["ABC".ljust(20), *rows[1:]], rows):
        stream.feed(frame.changes(_update(*texts), (20, 3), (0, 0)))
    assert _after(screen, "ABCD") == {"A": (0, 0), "B": (0, 1 + width), "C": (0, 2 + 2 * width), "D": (1, 12)}
    assert "b" not in _after(screen, "b")


def test_with_the_differ_off_the_gate_is_there():
    from rich.console import Console

    odd = _update("a\x1b]52;c;eA==\x07b", "\x9b31m\u202e")
    assert not re.search(
        "[\x00-\x09\x0b-\x1a\x7f-\x9f\u202e]|\x1b(?!\\[[0-9;]+H)", disarm(odd, False).render_segments(Console())
    )


def test_off_switch(monkeypatch, pack, home):
    from tutor.ui.app import Start

    monkeypatch.setenv("TUTOR_FRAMES", "off")

    class Runner:
        on_event = None

    assert Tutor(Start(pack, home, Runner))._frame is None
