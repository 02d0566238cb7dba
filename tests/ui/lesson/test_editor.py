"""The manners of Python in the editor."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.document._document import Selection

from tutor.ui.lesson.editor import Editor
from tutor.ui.themes import code_theme


class Bench(App):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.editor = Editor(text)

    def compose(self):
        yield self.editor


async def typed(text: str, *keys: str, at=None, select=None, action: str = "") -> str:
    app = Bench(text)
    async with app.run_test() as pilot:
        app.editor.focus()
        app.editor.move_cursor(at or app.editor.document.end)
        if select:
            app.editor.selection = Selection(*select)
        await pilot.press(*keys)
        if action:
            getattr(app.editor, f"action_{action}")()
        await pilot.pause()
        return app.editor.text


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ("x = 1", ""),
        ("def f():", "    "),
        ("    for x in y:  # each", "        "),
        ("    return x", ""),
        ("        pass", "    "),
        ("    x = 1", "    "),
        ("    returned = 2", "    "),
    ],
)
async def test_a_new_line_is_indented_as_python_wants(line, then):
    assert await typed(line, "enter") == f"{line}\n{then}"


async def test_tab_goes_to_the_next_stop():
    assert await typed("ab", "tab") == "ab  "


async def test_tab_indents_and_shift_tab_dedents_selected_lines():
    text = "a\n\n  b\nc"
    assert await typed(text, "tab", select=((0, 0), (2, 1))) == "    a\n\n      b\nc"
    assert await typed("    a\n  b\nc", "shift+tab", select=((0, 2), (2, 1))) == "a\nb\nc"


async def test_a_selection_that_ends_before_a_line_leaves_that_line_alone():
    assert await typed("a\nb\nc", "tab", select=((0, 0), (2, 0))) == "    a\n    b\nc"


async def test_backspace_in_the_indentation_takes_a_step():
    assert await typed("        x", "backspace", at=(0, 8)) == "    x"
    assert await typed("      x", "backspace", at=(0, 6)) == "    x"
    assert await typed("    x", "backspace", at=(0, 5)) == "    "


async def test_comments_go_out_and_in_at_the_same_depth():
    text = "    a\n\n        b"
    out = await typed(text, select=((0, 0), (2, 3)), action="comment")
    assert out == "    # a\n\n    #     b"
    assert await typed(out, select=((0, 0), (2, 3)), action="comment") == text


async def test_replacing_everything_can_be_undone_and_leaves_the_cursor():
    app = Bench("a\nbc\n")
    async with app.run_test() as pilot:
        app.editor.focus()
        app.editor.move_cursor((1, 1))
        await pilot.press("x")
        app.editor.replace_all("new\nones\n")
        assert app.editor.text == "new\nones\n" and app.editor.cursor_location == (1, 2)
        await pilot.press("ctrl+z")
        assert app.editor.text == "a\nbxc\n"


async def test_undo_and_redo_may_leave_less_than_there_is_above_the_cursor():
    long = "x = 1\n" * 60  # more than fits, so that a scrollbar comes and goes
    app = Bench("short\n")
    async with app.run_test() as pilot:
        app.editor.focus()
        app.editor.replace(long, (0, 0), (0, 0))
        app.editor.move_cursor(app.editor.document.end)
        await pilot.pause()
        await pilot.press("ctrl+z")
        assert app.editor.text == "short\n"
        await pilot.press("ctrl+y")
        app.editor.replace_all("short again\n")
        await pilot.press("ctrl+z")
        app.editor.move_cursor(app.editor.document.end)
        await pilot.press("ctrl+y")
        assert app.editor.text == "short again\n"


async def test_escape_keeps_everything_and_the_focus():
    app = Bench("x")
    async with app.run_test() as pilot:
        app.editor.focus()
        await pilot.press("escape", "y")
        assert app.editor.text == "yx"


async def test_python_is_highlighted_once_colours_are_there_and_the_cursor_stays():
    app = Bench("import torch\nx = 'a'\n")
    async with app.run_test() as pilot:
        app.editor.move_cursor((1, 2))
        app.editor.colour(code_theme("dark"))
        await pilot.pause()
        assert app.editor.cursor_location == (1, 2)
        styles = {segment.text.strip(): segment.style.color for segment in app.editor.render_line(0)}
        assert styles["import"] != styles["torch"]


async def test_keys_that_come_in_one_burst_act_in_their_order(tmp_path):
    from textual import events
    from textual.app import App, ComposeResult

    class Burst(App[None]):
        def compose(self) -> ComposeResult:
            yield Editor("one\ntwo\nthree\n")

    app = Burst()
    async with app.run_test() as pilot:
        editor = app.query_one(Editor)
        editor.focus()
        await pilot.pause()
        keys = [
            "down",
            "end",
            "X",
            "down",
            "home",
            "Y",
            "right",
            "backspace",
            "Z",
            "up",
            "end",
            "left",
            "W",
            "ctrl+z",
            "V",
        ]
        for key in keys:  # without waiting for any: as they arrive in one read
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await pilot.pause()
        assert editor.text == "one\ntwoVX\nYZhree\n"


CONTROL = "\x1b\x00\x07\x08\x0f\x7f\x80\x9b\u202e\ufeff"


async def test_control_characters_take_a_column_each_and_stay_in_the_text():
    text = f's = "{CONTROL}end"  # x'
    app = Bench(text)
    async with app.run_test(size=(60, 5)) as pilot:
        editor = app.editor
        editor.focus()
        editor.colour(code_theme("dark", colour=True))
        await pilot.pause()
        drawn = editor.render_line(0).text[editor.gutter_width :].rstrip()
        assert len(drawn) == len(text) and drawn.endswith('end"  # x') and "\u241b" in drawn
        for column in range(len(text) + 1):
            assert editor.get_column_width(0, column) == column
            assert editor.cell_width_to_column_index(column, 0) == column
            assert editor.wrapped_document.location_to_offset((0, column)) == (column, 0)
        assert editor.virtual_size.width == editor.gutter_width + len(text) + 1
        comment = [segment.style for segment in editor.render_line(0) if "# x" in segment.text]
        assert comment and comment[0] == code_theme("dark", colour=True).syntax_styles["comment"] + comment[0]
        editor.move_cursor((0, 4 + len(CONTROL)))  # before the last of them
        await pilot.press("!")
        assert editor.text == f's = "{CONTROL[:-1]}!{CONTROL[-1]}end"  # x'
