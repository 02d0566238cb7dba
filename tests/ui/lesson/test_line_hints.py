"""What each line made, at its end: never in the text, and only as long as it is true."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from textual.app import App

from tutor.protocol.codec import Binding, Ended, Finished, Hint, Hints, Raised
from tutor.render.text.style import look
from tutor.ui.lesson.editor import Editor
from tutor.ui.themes import code_theme

SOURCE = """\
import torch

x = torch.randn(8, 10)
w = torch.zeros(10, 3, requires_grad=True)
labels, scale = torch.arange(8) % 3, 0.5
for epoch in range(20):
    logits = (x @ w).log_softmax(dim=1)
    loss = -logits[torch.arange(8), labels].mean() * scale + w.square().sum() * 0.001 + w.abs().sum() * 0.0001
    loss.backward()
名前 = "数"
\tx = 1
x @ w.T
"""
HINTS = (
    Hint(3, (Binding("x", "f32[8,10]"),)),
    Hint(4, (Binding("w", "f32[10,3]", True),)),
    Hint(5, (Binding("labels", "i64[8]"), Binding("scale", "0.5"))),
    Hint(6, (Binding("epoch", "19"),), passes=20),
    Hint(7, (Binding("logits", "f32[8,3]", True),), passes=20),
    Hint(8, (Binding("loss", "0.0312", True),), passes=1_200),
    Hint(10, (Binding("名前", "str"),)),
    Hint(11, (Binding("x", "1"),)),
    Hint(12, (Binding("x", "f32[8,10]"), Binding("w.T", "f32[3,10]")), raised=True),
)


class Bench(App[None]):
    def __init__(self, text: str, *, ascii: bool = False, colours: int = 256) -> None:
        super().__init__()
        self.editor = Editor(text)
        self.look = look(ascii=ascii, colours=colours)

    def compose(self):
        yield self.editor

    def hint(self, *hints: Hint, source: str | None = None) -> None:
        self.editor.show_hints(hints, self.editor.text if source is None else source, self.look)

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    def ends(self, *, code: str) -> list[str]:
        """What stands behind ``code`` on each line that has it."""
        return [line.partition(code)[2].strip() for line in self.lines if code in line]


@pytest.mark.parametrize("plain", [False, True], ids=["coloured", "plain"])
@pytest.mark.parametrize("width", [60, 120])
async def test_hints_stand_in_a_column_or_behind_the_code_or_not_at_all(golden, width, plain):
    """In ASCII and without colour each has a sign that tells it from code."""
    app = Bench(SOURCE, ascii=plain, colours=0 if plain else 256)
    async with app.run_test(size=(width, 13)) as pilot:
        app.hint(*HINTS)
        await pilot.pause()
        drawn = "\n".join(app.lines)
        golden(f"hints-{width}{'-plain' if plain else ''}", drawn)
        assert not plain or re.sub("[名前数▇▍]", "", drawn).isascii()  # the code is what it is, and scrollbars too
        assert all(cell_len(line) <= width for line in app.lines)


async def test_they_are_no_part_of_the_text_nor_of_what_is_copied():
    app = Bench(SOURCE)
    async with app.run_test(size=(120, 14)) as pilot:
        app.hint(*HINTS)
        await pilot.press("ctrl+a")
        app.editor.action_select_all()
        app.editor.action_copy()
        assert app.editor.text == app.clipboard == app.editor.selected_text == SOURCE


async def test_the_cursor_at_the_end_of_a_line_is_free():
    app = Bench("x = 1")
    async with app.run_test(size=(60, 3)) as pilot:
        app.hint(Hint(1, (Binding("x", "1"),)))
        app.editor.focus()
        app.editor.move_cursor((0, 5))
        await pilot.pause()
        _, cursor, after = app.lines[0].partition("x = 1 ")
        assert cursor and after.startswith(" ")


HINTED = "a = 1\nb = 2\nc = 3\n"
ABC = tuple(Hint(row, (Binding(name, f"is{row}"),)) for row, name in enumerate("abc", 1))


@pytest.mark.parametrize(
    ("at", "keys", "left"),
    [
        ((1, 5), ["0"], "ac"),  # edited
        ((1, 5), ["0", "backspace"], "ac"),  # gone is gone
        ((1, 0), ["right"], "abc"),
        ((1, 0), ["enter"], "abc"),  # pushed down by a new line
        ((0, 5), ["enter", "x"], "abc"),
        ((1, 3), ["enter"], "ac"),  # parted
        ((0, 0), ["ctrl+k"], "bc"),
        ((1, 0), ["backspace"], "c"),  # joined
        ((1, 0), ["enter", "ctrl+z"], "abc"),
        ((1, 5), ["0", "ctrl+z"], "ac"),
    ],
    ids=str,
)
async def test_a_hint_goes_with_its_line_until_that_is_edited(at, keys, left):
    app = Bench(HINTED)
    async with app.run_test(size=(60, 8)) as pilot:
        app.hint(*ABC)
        app.editor.focus()
        app.editor.move_cursor(at)
        await pilot.press(*keys)
        await pilot.pause()
        rows = [line for line in app.lines if " is" in line]
        assert [line.split(" is")[0].split()[-1] for line in rows] == list(left)
        for line in rows:  # still at its own line
            assert f"{line.split(' is')[0].split()[-1]} = " in line


async def test_commented_lines_lose_theirs_and_others_keep_them():
    app = Bench(HINTED)
    async with app.run_test(size=(60, 8)) as pilot:
        app.hint(*ABC)
        app.editor.move_cursor((1, 0))
        app.editor.action_comment()
        await pilot.pause()
        assert [" is" in line for line in app.lines[:3]] == [True, False, True]


async def test_hints_of_a_run_that_is_older_than_the_text_find_their_lines():
    app = Bench("import torch\na = 1\nb = 20\nc = 3\n")
    async with app.run_test(size=(60, 8)) as pilot:
        app.hint(*ABC, source=HINTED)
        await pilot.pause()
        assert [" is" in line for line in app.lines[:4]] == [False, True, False, True]


async def test_another_text_has_none():
    app = Bench(HINTED)
    async with app.run_test(size=(60, 8)) as pilot:
        app.hint(*ABC)
        app.editor.load_text(HINTED)
        await pilot.pause()
        assert " is" not in "".join(app.lines)


async def test_they_scroll_with_the_code():
    long = "x" * 50 + " = 1"
    app = Bench(f"a = 1\n{long}\n")
    async with app.run_test(size=(40, 4)) as pilot:
        app.hint(Hint(1, (Binding("a", "i64[3]"),)), Hint(2, (Binding("x", "1"),)))
        await pilot.pause()
        assert "i64[3]" in app.lines[0]
        at = app.lines[0].index("a i64" if "a i64" in app.lines[0] else "a  i64")
        app.editor.scroll_to(x=5, animate=False)
        await pilot.pause()
        assert app.lines[0].index("i64[3]") < at + 5
        app.editor.scroll_to(x=26, animate=False)
        await pilot.pause()
        assert "i64[3]" not in app.lines[0] and not app.lines[0].endswith("]")


async def test_the_column_stays_where_it_is_while_lines_are_typed():
    app = Bench(HINTED)
    async with app.run_test(size=(60, 8)) as pilot:
        app.hint(*ABC)
        app.editor.focus()
        app.editor.move_cursor((1, 5))
        await pilot.pause()
        at = app.lines[0].index("a  is1")
        await pilot.press(*"0000000000000000")
        assert app.lines[0].index("a  is1") == at


async def test_an_error_is_a_sign_and_a_style():
    app = Bench("x @ w\n")
    async with app.run_test(size=(60, 4)) as pilot:
        app.hint(Hint(1, (Binding("x", "f32[3]"), Binding("w", "f32[4]")), raised=True))
        await pilot.pause()
        assert "✗ x f32[3]   w f32[4]" in " ".join(app.ends(code="x @ w"))
        styles = [segment.style for segment in app.editor.render_line(0) if "f32" in segment.text]
        assert styles and all(style.bold for style in styles)


async def test_lines_look_alike_whether_drawn_from_memory_or_anew():
    """Scrolled, selected, edited and coloured in another way."""
    app = Bench(SOURCE)
    async with app.run_test(size=(60, 8)) as pilot:
        editor = app.editor
        editor.focus()
        app.hint(*HINTS)
        for step, keys in enumerate(
            [
                ["down"],
                ["shift+down", "shift+down"],
                ["left"],
                ["x"],
                ["ctrl+z"],
                ["pagedown"],
                ["("],
                ["enter"],
                ["end"],
            ]
        ):
            if step in (0, 4):
                editor.colour(code_theme("dark" if step else "light"))
            await pilot.press(*keys)
            await pilot.pause()
            seen = [editor.render_line(y) for y in range(8)]
            editor.notify_style_update()  # forgets what was drawn
            for y, line in enumerate(seen):
                assert list(editor.render_line(y)) == list(line), (keys, y)


# --- in the app -------------------------------------------------------------------------------------------------

ONE = Hints(0, (Hint(1, (Binding("x", "int 0"),)),))


async def test_they_come_with_a_run_and_stay_while_the_next_one_goes_on(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+r")
        await tutor.say(ONE)
        assert "x  int 0" in tutor.text
        await tutor.passes()
        await tutor.press("ctrl+r")
        assert "x  int 0" in tutor.text
        await tutor.say(Hints(0, (Hint(1, (Binding("x", "int 7"),)),)), Ended(0, 0))
        assert "x  int 7" in tutor.text and "int 0" not in tutor.text


async def test_a_run_that_ends_without_any_takes_the_old_ones_away(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(ONE, Ended(0, 0))
        await tutor.press("ctrl+r")
        await tutor.say(Raised(0, "SyntaxError", "invalid syntax", ()), Ended(0, 1))
        assert "x  int 0" not in tutor.text


async def test_another_lesson_has_none_and_a_reset_takes_them(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(ONE, Ended(0, 0))
        await tutor.press("ctrl+n")
        assert "x = 0" in tutor.text and "int 0" not in tutor.text


async def test_they_are_not_saved(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(ONE, Ended(0, 0))
        await tutor.press("end", "0", "ctrl+s")
        assert (home / "drafts/basics/one.py").read_text() == "x = 00\nprint(x)\n"


@pytest.mark.parametrize(("note", "words"), [("compiled", "torch.compile"), ("watches itself", "watches itself run")])
async def test_why_lines_show_nothing_is_told_once_below_the_result(opened, note, words):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Finished(0, 0.01), Hints(0, (), note), Ended(0, 0, seconds=0.01))
        assert tutor.text.count(words) == 1
        await tutor.press("ctrl+r")
        await tutor.say(Finished(0, 0.01), Hints(0, ()), Ended(0, 0, seconds=0.01))
        assert words not in tutor.text
