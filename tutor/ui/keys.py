"""The one key table: bindings, footer, help and command palette are all made from it.

How the keys were chosen. The first key of an action survives SSH, tmux and a laptop keyboard: ctrl with a
letter that neither editing (``^A ^D ^E ^U ^V ^W ^X ^Y ^Z``) nor tmux (``^B``) nor the terminal itself
(``^H ^I ^J ^M``) wants. F-keys and alt are second choices, and the first for what is rarely pressed; the
palette, ``^P``, does all of it without them. Nothing is bound to ctrl+enter, alt+enter, ctrl+space or
escape-then-letter, which do not arrive everywhere.

Checking has no key of its own: a lesson's run always judges the draft as well, in the same process and
within the same milliseconds, so there is no result that a separate check could add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Place = Literal["home", "lesson", "quiz", "finish"]


@dataclass(frozen=True, slots=True)
class Key:
    """An action, the keys that do it, and how it is spoken of."""

    action: str
    keys: tuple[str, ...]
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for help and palette."""
    places: tuple[Place, ...] = ("home", "lesson")
    rank: int = 99
    """The footer keeps the lowest ranks when it is narrow; 99: never in the footer."""
    right: bool = False
    """At the right end of the footer."""

    @property
    def name(self) -> str:
        """The first key as a learner reads it."""
        return format_key(self.keys[0])

    @property
    def names(self) -> str:
        """All its keys; some have two names for what is one key to the learner."""
        return " ".join(dict.fromkeys(map(format_key, self.keys)))


LESSON: tuple[Place, ...] = ("lesson",)
HOME: tuple[Place, ...] = ("home",)
QUIZ: tuple[Place, ...] = ("quiz",)
FINISH: tuple[Place, ...] = ("finish",)
EVERYWHERE: tuple[Place, ...] = ("home", "lesson", "quiz", "finish")

KEYS: tuple[Key, ...] = (
    Key("run", ("ctrl+r", "f5"), "run", "Run the draft and check it", LESSON, 1),
    Key("stop", ("ctrl+c", "f6"), "stop", "Stop the run; copy the selection when nothing runs", LESSON, 2),
    Key("hint", ("ctrl+t", "f2"), "hint", "Show the next hint", LESSON, 4),
    Key("pane", ("ctrl+g",), "pane", "Go to the next pane: text, code, result", LESSON, 3),
    Key("editor", ("ctrl+o", "f9"), "editor", "Open the draft in $EDITOR; it runs when you are back", LESSON, 8),
    Key("reveal", ("f3", "alt+s"), "solution", "Show the solution; asks once, and marks the lesson", LESSON, 9),
    Key("reset", ("f4", "alt+r"), "reset", "Start over from the snippet; asks, and can be undone", LESSON, 10),
    Key("closer", ("alt+g",), "closer", "Open a tensor, a graph, a curve of the last run", LESSON, 10),
    Key("replay", ("alt+w",), "step", "Walk through a run line by line, forwards and backwards", LESSON, 14),
    Key("words", ("alt+e",), "traceback", "Show an error in its own words, as Python prints it", LESSON, 8),
    Key("docs", ("ctrl+k", "alt+d"), "docs", "Show what the name at the cursor is, and how it is used", LESSON, 11),
    Key("complete", ("alt+c",), "names", "Show how the name before the cursor may go on", LESSON),
    Key("completion", ("alt+o",), "offer names", "Offer names while you type, or stop offering them", LESSON),
    Key("comment", ("ctrl+underscore", "ctrl+slash"), "comment", "Comment the lines in or out", LESSON),
    Key("save", ("ctrl+s",), "save", "Save the draft now; it also saves itself as you type", LESSON),
    Key("open", ("enter",), "open", "Open the lesson under the cursor", HOME + FINISH, 1),
    Key(
        "quiz",
        ("alt+q",),
        "quiz",
        "Questions on this lesson, on its chapter, or on everything",
        HOME + LESSON + FINISH,
        15,
    ),
    Key("review", ("alt+v",), "review", "Questions that you are about to forget"),
    Key("finish", ("alt+f",), "finish", "Check again all that is done in this chapter, on today's torch", LESSON),
    Key("back", ("alt+f", "f10", "alt+h"), "back", "Back from the end of a chapter to where you came from", FINISH, 3),
    Key("tip", ("ctrl+t", "f2"), "hint", "A hint, where there is one; then the answer", QUIZ),
    Key("tell", ("f3", "alt+s"), "answer", "Show the answer: the question counts as not known", QUIZ),
    Key("code", ("ctrl+o", "f9"), "code", "Open the code of a question, to read, change and run it", QUIZ),
    Key("leave", ("alt+q", "f10", "alt+h"), "leave", "Leave the quiz; what was answered is kept", QUIZ),
    Key("find", ("ctrl+f",), "find", "Find a lesson by its title, or by a word in its text", rank=6),
    Key("help", ("f1",), "help", "Every key, and what it does", EVERYWHERE, 7),
    Key("palette", ("ctrl+p",), "all keys", "Choose from everything that can be done here", EVERYWHERE, 5),
    Key("scrub(1)", ("alt+up", "alt+a"), "number up", "Make the number at the cursor larger, and run", LESSON, 12),
    Key("scrub(-1)", ("alt+down", "alt+x"), "smaller", "Make the number at the cursor smaller, and run", LESSON),
    Key("live", ("alt+l",), "live", "Run on every pause in typing, or only when asked", LESSON, 13),
    Key("scroll(3)", ("ctrl+down", "alt+j"), "down", "Scroll the result down, from the editor", LESSON),
    Key("scroll(-3)", ("ctrl+up", "alt+k"), "up", "Scroll the result up, from the editor", LESSON),
    Key("previous", ("f7", "alt+p"), "previous", "The lesson before this one", LESSON),
    Key("next", ("ctrl+n", "f8"), "next", "The next lesson", LESSON + FINISH, 4, right=True),
    Key("home", ("f10", "alt+h"), "all lessons", "All chapters and lessons, and what is done", LESSON),
    Key(
        "theme",
        ("f12", "alt+t"),
        "light or dark",
        "Change between dark, light and the terminal's own colours",
        EVERYWHERE,
    ),
    Key("redraw", ("ctrl+l",), "redraw", "Draw the screen anew", EVERYWHERE),
    Key("quit", ("ctrl+q",), "quit", "Leave; the draft is saved", EVERYWHERE, 2, right=True),
)

_BY_ACTION = {key.action: key for key in KEYS}


def key(action: str) -> Key:
    """The row of the table for an action; KeyError when there is none."""
    return _BY_ACTION[action]


def at(place: Place) -> list[Key]:
    """The actions of a place, in the order of the table."""
    return [row for row in KEYS if place in row.places]


def bindings(place: Place) -> list[BindingType]:
    """The table as Textual wants it. They come before what a focused widget would do with the key."""
    return [
        Binding(",".join(row.keys), row.action, row.help, show=False, priority=FIRST.issuperset(row.keys))
        for row in at(place)
    ]


FIRST = frozenset(name for row in KEYS if row.action != "open" for name in row.keys)
"""Keys that are acted on before a focused widget sees them."""


@dataclass(frozen=True, slots=True)
class _Named:
    value: str


def recognise() -> None:
    """Let Textual take alt with a letter for what it is when it arrives, as escape and the letter.

    Left alone it waits a tenth of a second for more to come, and takes the next key for that: held down, or in a
    burst over a slow link, such a key would be typed into the draft.
    """
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    for name in FIRST:
        if name.startswith("alt+") and len(name) == len("alt+x"):
            ANSI_SEQUENCES_KEYS["\x1b" + name[-1]] = (_Named(name),)  # type: ignore[index]


_NAMES = {
    "underscore": "/",
    "slash": "/",
    "enter": "Enter",
    "escape": "Esc",
    "up": "↑",
    "down": "↓",
}


def format_key(name: str) -> str:
    """A key as it is printed on keyboards and in manuals: ``^R``, ``F5``, ``Alt+S``."""
    *modifiers, last = name.split("+")
    last = _NAMES.get(last, last.upper())
    if modifiers == ["ctrl"]:
        return "^" + last
    return "+".join([*(modifier.capitalize() for modifier in modifiers), last])
