"""The key table keeps its own promises."""

from __future__ import annotations

import pytest

from tutor.ui import keys

EDITING = {f"ctrl+{letter}" for letter in "adeuvwxyz"}
LOST = {"ctrl+enter", "alt+enter", "ctrl+space", "ctrl+at", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "escape"}


@pytest.mark.parametrize("place", ["home", "lesson", "quiz"])
def test_no_key_does_two_things_in_one_place(place):
    used = [name for row in keys.at(place) for name in row.keys]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("row", keys.KEYS, ids=lambda row: row.action)
def test_every_key_arrives_through_ssh_and_tmux_and_leaves_editing_alone(row):
    assert not set(row.keys) & (EDITING | LOST)


@pytest.mark.parametrize("row", keys.KEYS, ids=lambda row: row.action)
def test_nothing_needs_an_f_key_only(row):
    """F1 is help everywhere, and the palette has it too."""
    assert row.action == "help" or any(not name.startswith("f") or not name[1:].isdigit() for name in row.keys)


@pytest.mark.parametrize("place", ["home", "lesson"])
def test_the_palette_itself_is_always_in_a_narrow_footer(place):
    narrow = sorted(keys.at(place), key=lambda row: row.rank)[:7]
    assert "palette" in {row.action for row in narrow}


def test_keys_are_written_as_people_write_them():
    assert [keys.format_key(name) for name in ("ctrl+r", "f5", "alt+s", "ctrl+underscore", "enter")] == [
        "^R",
        "F5",
        "Alt+S",
        "^/",
        "Enter",
    ]


def test_alt_with_a_letter_is_known_when_it_arrives_however_many_come_at_once(monkeypatch):
    from textual import _ansi_sequences, _xterm_parser
    from textual.events import Key

    known = dict(_ansi_sequences.ANSI_SEQUENCES_KEYS)
    monkeypatch.setattr(_ansi_sequences, "ANSI_SEQUENCES_KEYS", known)
    monkeypatch.setattr(_xterm_parser, "ANSI_SEQUENCES_KEYS", known)
    keys.recognise()
    typed = _xterm_parser.XTermParser().feed("\x1bx\x1bx\x1bay\x1b[1;3A")
    assert [event.key for event in typed if isinstance(event, Key)] == ["alt+x", "alt+x", "alt+a", "y", "alt+up"]
