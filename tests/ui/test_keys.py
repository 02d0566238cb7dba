"""The key table keeps its own promises."""

from __future__ import annotations

import ast
import typing
from pathlib import Path

import pytest

import tutor.ui
from tutor.ui import keys

EDITING = {f"ctrl+{letter}" for letter in "adeuvwxyz"}
LOST = {"ctrl+enter", "alt+enter", "ctrl+space", "ctrl+at", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m"}
PLACES = typing.get_args(keys.Place)


def named(row: keys.Key) -> str:
    return f"{row.action}-{row.places[0]}"


@pytest.mark.parametrize("place", PLACES)
def test_no_key_does_two_things_in_one_place(place):
    assert keys.bindings(place)


def test_two_rows_for_one_key_in_one_place_are_an_error(monkeypatch):
    second = keys.Key("leave_at_once", ("f5", "ctrl+e"), "leave", "Leave", ("lesson",))
    monkeypatch.setattr(keys, "KEYS", (*keys.KEYS, second))
    assert keys.bindings("home")
    with pytest.raises(ValueError, match="f5 does two things at lesson: run and leave_at_once"):
        keys.bindings("lesson")


@pytest.mark.parametrize("row", keys.KEYS, ids=named)
def test_every_key_arrives_through_ssh_and_tmux(row):
    assert not set(row.keys) & LOST
    assert "lesson" not in row.places or "escape" not in row.keys


@pytest.mark.parametrize("row", keys.KEYS, ids=named)
def test_no_screen_takes_a_key_of_editing(row):
    """But one that asks for the name of a file, in a single line."""
    assert set(row.places) <= {*keys.LATE, "elsewhere"} or not set(row.keys) & EDITING


@pytest.mark.parametrize("row", keys.KEYS, ids=named)
def test_nothing_needs_an_f_key_only(row):
    """F1 is help everywhere, and the palette has it too."""
    assert row.action == "help" or any(not name.startswith("f") or not name[1:].isdigit() for name in row.keys)


@pytest.mark.parametrize("place", ["home", "lesson"])
def test_the_palette_itself_is_always_in_a_narrow_footer(place):
    narrow = sorted(keys.at(place), key=lambda row: row.rank)[:7]
    assert "palette" in {row.action for row in narrow}


@pytest.mark.parametrize(("place", "close"), [("docs", "dismiss"), ("replay", "leave"), ("help", "dismiss")])
def test_the_key_that_opens_a_screen_closes_it(place, close):
    assert set(keys.key(place).keys) <= set(keys.key(close, place).keys)


def test_all_bindings_come_from_the_table():
    """No other module of the app makes a binding."""
    for path in Path(tutor.ui.__file__).parent.rglob("*.py"):
        if path.name != "keys.py":
            calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            assert not [call for call in calls if isinstance(call, ast.Name) and call.id == "Binding"], path


def test_keys_are_written_as_people_write_them():
    assert [keys.format_key(name) for name in ("ctrl+r", "f5", "alt+s", "ctrl+underscore", "enter", "alt+up", "v")] == [
        "^R",
        "F5",
        "Alt+S",
        "^/",
        "Enter",
        "Alt+↑",
        "v",
    ]
    assert keys.format_key("alt+up", ascii=True) == "Alt+Up"


def test_keys_in_a_row_are_written_without_repetition():
    assert keys.format_keys(["Y", "y", "ctrl+underscore", "ctrl+slash"]) == "Y ^/"
    assert keys.format_keys(["up", "down"]) == "↑ ↓"
    arrows = ["up", "down", "left", "right"]
    assert keys.format_keys([*arrows, "pagedown"]) == "arrows PgDn"
    assert keys.format_keys([f"shift+{arrow}" for arrow in arrows]) == "Shift+arrows"


def test_alt_with_a_letter_is_known_when_it_arrives_however_many_come_at_once(monkeypatch):
    from textual import _ansi_sequences, _xterm_parser
    from textual.events import Key

    known = dict(_ansi_sequences.ANSI_SEQUENCES_KEYS)
    monkeypatch.setattr(_ansi_sequences, "ANSI_SEQUENCES_KEYS", known)
    monkeypatch.setattr(_xterm_parser, "ANSI_SEQUENCES_KEYS", known)
    keys.recognise()
    typed = _xterm_parser.XTermParser().feed("\x1bx\x1bx\x1bay\x1b[1;3A")
    assert [event.key for event in typed if isinstance(event, Key)] == ["alt+x", "alt+x", "alt+a", "y", "alt+up"]
