"""The table of all keys: bindings, footers, help, the palette and the README's tables are made from it.

How the keys were chosen. The first key of an action survives SSH, tmux and a laptop keyboard: ctrl with a
letter that neither editing (``^A ^D ^E ^U ^V ^W ^X ^Y ^Z``) nor tmux (``^B``) nor the terminal itself
(``^H ^I ^J ^M``) wants. F-keys and alt are second choices, and the first for what is rarely pressed; the
palette, ``^P``, does all of it without them. Nothing is bound to ctrl+enter, alt+enter, ctrl+space or
escape-then-letter, which do not arrive everywhere.

Checking has no key of its own: a lesson's run always judges the draft as well, in the same process and
within the same milliseconds, so there is no result that a separate check could add.

What is typed is in no row: the letters of an answer, of a draft, of a lesson that is looked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Literal

from textual.binding import Binding, BindingType

Place = Literal[
    "home",
    "lesson",
    "panes",
    "names",
    "quiz",
    "finish",
    "question",
    "editor",
    "code",
    "replay",
    "inspect",
    "tensor",
    "outline",
    "docs",
    "help",
    "picker",
    "confirm",
    "elsewhere",
    "scroll",
    "list",
]
"""A screen, a dialog, or a part of a screen that has keys of its own."""


@dataclass(frozen=True, slots=True)
class Key:
    """An action, the keys that do it, and how it is spoken of."""

    action: str
    keys: tuple[str, ...]
    label: str
    """One or two words, for the footer. Neighbours with the same label share a place in it."""
    help: str
    """A sentence, for help and palette. In help, keys with the same sentence share a line."""
    places: tuple[Place, ...] = ("home", "lesson")
    rank: int = 99
    """The footer keeps the lowest ranks when it is narrow; 99: never in the footer."""
    right: bool = False
    """At the right end of the footer."""
    first: bool = True
    """Acted on before a focused widget sees the key, but in the places of :data:`LATE`."""

    @property
    def name(self) -> str:
        """The first key as a learner reads it."""
        return format_key(self.keys[0])


EVERYWHERE: tuple[Place, ...] = ("home", "lesson", "quiz", "finish")
LATE: tuple[Place, ...] = ("panes", "names", "editor", "scroll", "list")
"""Widgets: their keys are theirs only when they have the focus and no screen wants the key."""

KEYS: tuple[Key, ...] = (
    Key("run", ("ctrl+r", "f5"), "run", "Run the draft and check it", ("lesson",), 1),
    Key("stop", ("ctrl+c", "f6"), "stop", "Stop the run; copy the selection when nothing runs", ("lesson",), 2),
    Key("hint", ("ctrl+t", "f2"), "hint", "Show the next hint", ("lesson",), 4),
    Key("pane", ("ctrl+g",), "pane", "Go to the next pane: text, code, result", ("lesson",), 3),
    Key("editor", ("ctrl+o", "f9"), "editor", "Open the draft in $EDITOR; it runs when you are back", ("lesson",), 8),
    Key("reveal", ("f3", "alt+s"), "solution", "Show the solution; asks once, and marks the lesson", ("lesson",), 9),
    Key("reset", ("f4", "alt+r"), "reset", "Start over from the snippet; asks, and can be undone", ("lesson",), 10),
    Key("closer", ("alt+g",), "closer", "Open a tensor, a graph, a curve of the last run", ("lesson",), 10),
    Key("replay", ("alt+w",), "step", "Walk through a run line by line, forwards and backwards", ("lesson",), 14),
    Key("words", ("alt+e",), "traceback", "Show an error in its own words, as Python prints it", ("lesson",), 8),
    Key(
        "docs", ("ctrl+k", "alt+d"), "docs", "Show what the name at the cursor is, and how it is used", ("lesson",), 11
    ),
    Key("complete", ("alt+c",), "names", "Show how the name before the cursor may go on", ("lesson",)),
    Key("completion", ("alt+o",), "offer names", "Offer names while you type, or stop offering them", ("lesson",)),
    Key("comment", ("ctrl+underscore", "ctrl+slash"), "comment", "Comment the lines in or out", ("lesson", "code")),
    Key("save", ("ctrl+s",), "save", "Save the draft now; it also saves itself as you type", ("lesson",)),
    Key("open", ("enter",), "open", "Open the lesson under the cursor", ("home", "finish"), 1, first=False),
    Key(
        "quiz",
        ("alt+q",),
        "quiz",
        "Questions on this lesson, on its chapter, or on everything",
        ("home", "lesson", "finish"),
        15,
    ),
    Key("review", ("alt+v",), "review", "Questions that you are about to forget"),
    Key("finish", ("alt+f",), "finish", "Check again all that is done in this chapter, on today's torch", ("lesson",)),
    Key(
        "back",
        ("alt+f", "f10", "alt+h", "escape", "ctrl+c"),
        "back",
        "Back from the end of a chapter to where you came from",
        ("finish",),
        3,
    ),
    Key("tip", ("ctrl+t", "f2"), "hint", "A hint, where there is one; then the answer", ("quiz",)),
    Key("tell", ("f3", "alt+s"), "answer", "Show the answer: the question counts as not known", ("quiz",)),
    Key("code", ("ctrl+o", "f9"), "code", "Open the code of a question, to read, change and run it", ("quiz",)),
    Key("leave", ("escape", "alt+q", "f10", "alt+h"), "leave", "Leave the quiz; what was answered is kept", ("quiz",)),
    Key("find", ("ctrl+f",), "find", "Find a lesson by its title, or by a word in its text", rank=6),
    Key("find", ("slash",), "find", "Find a lesson by its title, or by a word in its text", ("home",), first=False),
    Key("help", ("f1",), "help", "Every key, and what it does", EVERYWHERE, 7),
    Key("palette", ("ctrl+p",), "all keys", "Choose from everything that can be done here", EVERYWHERE, 5),
    Key("scrub(1)", ("alt+up", "alt+a"), "number up", "Make the number at the cursor larger, and run", ("lesson",), 12),
    Key("scrub(-1)", ("alt+down", "alt+x"), "smaller", "Make the number at the cursor smaller, and run", ("lesson",)),
    Key("live", ("alt+l",), "live", "Run on every pause in typing, or only when asked", ("lesson",), 13),
    Key("scroll(3)", ("ctrl+down", "alt+j"), "down", "Scroll the result down, from the editor", ("lesson",)),
    Key("scroll(-3)", ("ctrl+up", "alt+k"), "up", "Scroll the result up, from the editor", ("lesson",)),
    Key("previous", ("f7", "alt+p"), "previous", "The lesson before this one", ("lesson",)),
    Key("next", ("ctrl+n", "f8"), "next", "The next lesson", ("lesson", "finish"), 4, right=True),
    Key("home", ("f10", "alt+h"), "all lessons", "All chapters and lessons, and what is done", ("lesson",)),
    Key(
        "app.theme",
        ("f12", "alt+t"),
        "light or dark",
        "Change between dark, light and the terminal's own colours",
        EVERYWHERE,
    ),
    Key("app.redraw", ("ctrl+l",), "redraw", "Draw the screen anew", (*EVERYWHERE, "code", "replay", "inspect")),
    Key("app.quit", ("ctrl+q",), "quit", "Leave; the draft is saved", EVERYWHERE, 2, right=True),
    Key("app.quit", ("ctrl+q",), "quit", "Leave the tutor; the draft is saved", ("code", "replay", "inspect")),
    # --- the panes of a lesson, and the list of names over its editor ---------------------------------------------
    Key("pane(1)", ("tab",), "pane", "Outside of the editor: go to the next pane", ("panes",)),
    Key("pane(-1)", ("shift+tab",), "pane", "Outside of the editor: go to the pane before", ("panes",)),
    Key("closer", ("enter",), "closer", "On the result: open a tensor, a graph, a curve of it", ("panes",)),
    Key("take", ("tab",), "take", "Take the chosen name, or the first", ("names",)),
    Key("take_chosen", ("enter",), "take", "Take the chosen name", ("names",)),
    Key("decline", ("escape",), "close", "Close the list until another name begins", ("names",)),
    Key("move(1)", ("down",), "down", "The next name", ("names",)),
    Key("move(-1)", ("up",), "up", "The name before; from the first, back into the text", ("names",)),
    # --- a question -------------------------------------------------------------------------------------------
    Key("shift(-1)", ("alt+up",), "move", "Move the line under the cursor", ("question",)),
    Key("shift(1)", ("alt+down",), "move", "Move the line under the cursor", ("question",)),
    Key("interrupt", ("ctrl+c",), "stop", "Stop what is being judged", ("question",)),
    # --- the editor -------------------------------------------------------------------------------------------
    Key("indent", ("tab",), "indent", "Indent the selected lines, or go to the next tab stop", ("editor",)),
    Key("dedent", ("shift+tab",), "dedent", "Dedent", ("editor",)),
    Key("new_line", ("enter",), "new line", "Begin a line, indented as the code asks for", ("editor",)),
    Key("stay", ("escape",), "stay", "The cursor stays in the editor", ("editor",)),
    Key("cursor_left(True)", ("shift+left",), "select", "Select", ("editor",)),
    Key("cursor_right(True)", ("shift+right",), "select", "Select", ("editor",)),
    Key("cursor_up(True)", ("shift+up",), "select", "Select", ("editor",)),
    Key("cursor_down(True)", ("shift+down",), "select", "Select", ("editor",)),
    Key("cut", ("ctrl+x",), "cut", "Cut, copy, paste; without a selection the whole line", ("editor",)),
    Key("copy", ("ctrl+c",), "copy", "Cut, copy, paste; without a selection the whole line", ("editor",)),
    Key("paste", ("ctrl+v",), "paste", "Cut, copy, paste; without a selection the whole line", ("editor",)),
    Key("undo", ("ctrl+z",), "undo", "Undo and redo, across a reset and a restart as well", ("editor",)),
    Key("redo", ("ctrl+y",), "redo", "Undo and redo, across a reset and a restart as well", ("editor",)),
    Key("cursor_line_start", ("ctrl+a",), "start", "To the beginning and the end of the line", ("editor",)),
    Key("cursor_line_end", ("ctrl+e",), "end", "To the beginning and the end of the line", ("editor",)),
    Key("delete_word_left", ("ctrl+w",), "delete", "Delete the word before, all before the cursor", ("editor",)),
    Key("delete_to_start_of_line", ("ctrl+u",), "delete", "Delete the word before, all before the cursor", ("editor",)),
    # --- the code of a question ---------------------------------------------------------------------------------
    Key("run", ("ctrl+r", "f5"), "run", "Run the code of the question", ("code",), 1),
    Key("stop", ("ctrl+c", "f6"), "stop", "Stop the run; copy the selection when nothing runs", ("code",), 2),
    Key("pane", ("ctrl+g", "tab"), "code or result", "Go from the code to the result, and back", ("code",), 4),
    Key("leave", ("escape",), "back to the question", "Back to the question", ("code",), 3),
    # --- a run, step by step --------------------------------------------------------------------------------------
    Key("leave", ("escape", "q", "alt+w", "ctrl+c"), "close", "Back to the lesson", ("replay",), 1),
    Key("step(1)", ("right", "n", "j", "enter"), "next", "The next line that was passed", ("replay",), 2),
    Key("step(-1)", ("left", "p", "k", "backspace"), "back", "The line that was passed before", ("replay",), 3),
    Key("pass(1)", ("down",), "pass", "The same line in its next pass", ("replay",), 4),
    Key("pass(-1)", ("up",), "pass", "The same line in the pass before", ("replay",), 4),
    Key("end(-1)", ("home",), "ends", "The first step", ("replay",), 5),
    Key("end(1)", ("end",), "ends", "The last step so far", ("replay",), 5),
    Key("scroll(-1)", ("pageup",), "scroll", "Scroll the values of the names up", ("replay",), 6),
    Key("scroll(1)", ("pagedown", "space"), "scroll", "Scroll the values of the names down", ("replay",), 6),
    # --- a value of the last run on a full screen -------------------------------------------------------------------
    Key("leave", ("escape", "q", "backspace"), "back", "Back to the list", ("inspect",), 0),
    Key(
        "interrupt",
        ("ctrl+c",),
        "copy",
        "Copy the values in sight; where there are none, back to the list",
        ("inspect",),
    ),
    Key("move(-1, 0)", ("up",), "move", "Move over the tensor", ("tensor",), 1),
    Key("move(1, 0)", ("down",), "move", "Move over the tensor", ("tensor",), 1),
    Key("move(0, -1)", ("left",), "move", "Move over the tensor", ("tensor",), 1),
    Key("move(0, 1)", ("right",), "move", "Move over the tensor", ("tensor",), 1),
    Key("leap(1)", ("pagedown",), "move", "Move by the height of the window", ("tensor",), 1),
    Key("leap(-1)", ("pageup",), "move", "Move by the height of the window", ("tensor",)),
    Key("end(-1)", ("home",), "ends", "To the first row", ("tensor",)),
    Key("end(1)", ("end",), "ends", "To the last row", ("tensor",)),
    Key("page(-1)", ("left_square_bracket", "p"), "slice", "The slice before", ("tensor",), 2),
    Key("page(1)", ("right_square_bracket", "n"), "slice", "The next slice", ("tensor",), 2),
    Key("another", ("tab",), "dimension", "Page through another dimension", ("tensor",), 3),
    Key("see('values')", ("v",), "values", "Show the values", ("tensor",), 4),
    Key("see('map')", ("m",), "map", "Show a map of the whole matrix", ("tensor",), 5),
    Key("see('image')", ("i",), "image", "Show an image", ("tensor",), 6),
    Key("see('grid')", ("g",), "grid", "Show all channels side by side", ("tensor",), 7),
    Key("histogram", ("h",), "histogram", "Show the distribution of all values", ("tensor",), 8),
    Key("other", ("d",), ".grad", "The gradient; from the gradient, the tensor", ("tensor",), 9),
    Key("copy", ("c",), "copy", "Copy the values in sight", ("tensor",), 10),
    Key("turn", ("enter", "space"), "unfold", "Open the part under the cursor, or close it", ("outline",), 1),
    Key("unfold", ("right",), "open", "Open the part under the cursor", ("outline",)),
    Key("fold", ("left",), "close", "Close the part under the cursor, or the one around it", ("outline",)),
    Key("all", ("a",), "unfold all", "Open all parts; close them when all are open", ("outline",), 2),
    # --- dialogs --------------------------------------------------------------------------------------------------
    Key(
        "dismiss",
        ("escape", "q", "enter", "ctrl+c", "ctrl+k", "alt+d"),
        "back to the code",
        "Back to the code",
        ("docs",),
        1,
    ),
    Key("dismiss", ("escape", "f1", "q", "enter", "ctrl+c", "ctrl+p"), "close", "Close this page", ("help",)),
    Key("choose", ("enter",), "choose", "Take the row under the cursor", ("picker",)),
    Key("dismiss", ("escape", "ctrl+c", "ctrl+g"), "leave", "Choose nothing", ("picker",)),
    Key("row('move', -1)", ("up", "ctrl+p"), "up", "The row above", ("picker",)),
    Key("row('move', 1)", ("down", "ctrl+n"), "down", "The row below", ("picker",)),
    Key("row('page', -1)", ("pageup",), "page up", "A page up", ("picker",)),
    Key("row('page', 1)", ("pagedown",), "page down", "A page down", ("picker",)),
    Key("dismiss(True)", ("Y", "y", "enter"), "yes", "Yes", ("confirm",)),
    Key("dismiss(False)", ("escape", "N", "n", "ctrl+c"), "no", "No", ("confirm",)),
    Key("save", ("enter",), "save and leave", "Save all to the file, and leave", ("elsewhere",)),
    Key("dismiss(True)", ("ctrl+d",), "leave and lose it", "Leave without saving", ("elsewhere",)),
    Key("dismiss(False)", ("escape", "ctrl+c"), "go on", "Go on without saving", ("elsewhere",)),
    # --- what scrolls, and lists to choose from ---------------------------------------------------------------------
    Key("scroll_up", ("up", "k"), "up", "A line up", ("scroll",)),
    Key("scroll_down", ("down", "j"), "down", "A line down", ("scroll",)),
    Key("page_up", ("pageup",), "scroll", "A page up", ("scroll",), 9),
    Key("page_down", ("pagedown", "space"), "scroll", "A page down", ("scroll",), 9),
    Key("scroll_home", ("home",), "start", "To the beginning", ("scroll",)),
    Key("scroll_end", ("end",), "end", "To the end", ("scroll",)),
    Key("move(-1)", ("up", "k"), "up", "The row above that can be chosen", ("list",)),
    Key("move(1)", ("down", "j"), "down", "The row below that can be chosen", ("list",)),
    Key("page(-1)", ("pageup",), "page up", "A page up", ("list",)),
    Key("page(1)", ("pagedown",), "page down", "A page down", ("list",)),
    Key("end(-1)", ("home",), "start", "To the first row", ("list",)),
    Key("end(1)", ("end",), "end", "To the last row", ("list",)),
)

_ROWS = {(row.action, place): row for row in reversed(KEYS) for place in row.places}


def key(action: str, place: Place = "lesson") -> Key:
    """The row of an action in a place, the first where it has two; KeyError when there is none."""
    return _ROWS[action, place]


def at(*places: Place) -> list[Key]:
    """The rows of one or more places, in the order of the table."""
    return [row for row in KEYS if not set(places).isdisjoint(row.places)]


def action(name: str, place: Place) -> str:
    """The action of a key in a place where a screen looks it up by itself; empty when there is none."""
    return next((row.action for row in at(place) if name in row.keys), "")


def bindings(*places: Place) -> list[BindingType]:
    """The rows of one or more places as Textual takes them; ValueError when one key would do two things."""
    by_key: dict[str, Key] = {}
    for row in at(*places):
        for name in row.keys:
            if (other := by_key.setdefault(name, row)) is not row:
                raise ValueError(f"{name} does two things at {', '.join(places)}: {other.action} and {row.action}")
    late = not set(places).isdisjoint(LATE)
    return [
        Binding(",".join(row.keys), row.action, row.help, show=False, priority=row.first and not late)
        for row in at(*places)
    ]


def help_lines(rows: Iterable[Key], *, ascii: bool = False) -> list[tuple[str, str]]:
    """Keys and what they do, a line each, for help and the README; rows with the same sentence share one."""
    lines: dict[str, list[str]] = {}
    for row in rows:
        lines.setdefault(row.help, []).extend(row.keys)
    return [(format_keys(names, ascii=ascii), help) for help, names in lines.items()]


FIRST = frozenset(name for row in at("lesson") if row.first for name in row.keys)
"""Keys that a lesson acts on before its editor sees them."""


def recognise() -> None:
    """Let Textual take alt with a letter for what it is when it arrives, as escape and the letter.

    Left alone it waits a tenth of a second for more to come, and takes the next key for that: held down, or in a
    burst over a slow link, such a key would be typed into the draft.
    """
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    for name in {name for row in KEYS for name in row.keys}:
        if name.startswith("alt+") and len(name) == len("alt+x"):
            ANSI_SEQUENCES_KEYS["\x1b" + name[-1]] = (SimpleNamespace(value=name),)  # type: ignore[index]


_NAMES = {
    "underscore": "/",
    "slash": "/",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}
_ARROWS = {"left": "←", "right": "→", "up": "↑", "down": "↓"}


def format_key(key: str, *, ascii: bool = False) -> str:
    """A key as it is printed on keyboards and in manuals: ``^R``, ``F5``, ``Alt+S``; a plain letter as it is typed."""
    *modifiers, last = key.split("+")
    names = _NAMES if ascii else _NAMES | _ARROWS
    if last in names:
        last = names[last]
    elif modifiers or len(last) > 1:
        last = last.capitalize()
    if modifiers == ["ctrl"]:
        return "^" + last
    return "+".join([*(modifier.capitalize() for modifier in modifiers), last])


def format_keys(keys: Iterable[str], *, ascii: bool = False) -> str:
    """Several keys in a row. What is one key to a learner comes once, and the four arrows are one word."""
    names: dict[str, str] = {}
    keys = list(keys)
    for key in keys:
        modifier = key[: key.rfind("+") + 1]
        if key.removeprefix(modifier) in _ARROWS and all(modifier + arrow in keys for arrow in _ARROWS):
            name = "+".join([*(word.capitalize() for word in modifier.split("+")[:-1]), "arrows"])
        else:
            name = format_key(key, ascii=ascii)
        names.setdefault(name.casefold(), name)
    return " ".join(names.values())
