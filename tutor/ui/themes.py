"""The colours of the app: dark, light, and the terminal's own sixteen.

What runs show is styled with ANSI names (see ``render.look``). In dark and light those names mean the colours
below; in ``terminal`` they mean what the learner's terminal makes of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.color import parse_rgb_hex
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual._text_area_theme import TextAreaTheme
from textual.theme import BUILTIN_THEMES, Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one background, as hex."""

    background: str
    foreground: str
    faint: str
    """Rules and scroll marks."""
    raised: str
    """Background of dialogs and of the row under the cursor."""
    black: str
    red: str
    green: str
    yellow: str
    blue: str
    magenta: str
    cyan: str
    white: str
    dim: str


DARK = Palette(
    "#15171c", "#d5d8de", "#3a3f4a", "#232730",
    "#3a3f4a", "#ec7f7a", "#8ccf8a", "#e3b866", "#82aef0", "#cf9be0", "#74c7cf", "#d5d8de", "#828896",
)  # fmt: skip
LIGHT = Palette(
    "#fbfaf8", "#2a2d34", "#cfcdc8", "#efede8",
    "#2a2d34", "#b3312c", "#2c7a3f", "#8a5a00", "#2b5fb8", "#8d3d9e", "#146e7a", "#6b6f78", "#6f737c",
)  # fmt: skip


def _rgb(colour: str) -> tuple[int, int, int]:
    return parse_rgb_hex(colour[1:])


def terminal_theme(palette: Palette) -> TerminalTheme:
    """The meaning of ANSI names on this background."""
    p = palette
    normal = [_rgb(c) for c in (p.black, p.red, p.green, p.yellow, p.blue, p.magenta, p.cyan, p.white)]
    bright = [_rgb(c) for c in (p.dim, p.red, p.green, p.yellow, p.blue, p.magenta, p.cyan, p.foreground)]
    return TerminalTheme(_rgb(p.background), _rgb(p.foreground), normal, bright)


def _theme(name: str, palette: Palette, *, dark: bool) -> Theme:
    p = palette
    return Theme(
        name=name,
        primary=p.blue,
        secondary=p.cyan,
        accent=p.blue,
        warning=p.yellow,
        error=p.red,
        success=p.green,
        foreground=p.foreground,
        background=p.background,
        surface=p.background,
        panel=p.raised,
        dark=dark,
        variables={"faint": p.faint, "quiet": p.dim, "raised": p.raised, "key": p.blue},
    )


def _terminal() -> Theme:
    """Textual's own theme of sixteen colours, with no background but the terminal's."""
    theme = BUILTIN_THEMES["ansi-dark"]
    names = ("faint", "quiet", "raised", "key", "input-cursor-background", "input-cursor-foreground")
    variables = theme.variables | dict.fromkeys(names, "ansi_default")
    return replace(theme, name="terminal", variables=variables)


NAMES = ("dark", "light", "terminal")
"""In the order in which the theme key goes through them."""


def themes() -> list[Theme]:
    """The three themes, in the order of :data:`NAMES`."""
    return [_theme("dark", DARK, dark=True), _theme("light", LIGHT, dark=False), _terminal()]


_CAPTURES = {
    "keyword": "keyword keyword.function keyword.return keyword.operator include conditional repeat exception",
    "string": "string string.escape",
    "number": "number float boolean constant.builtin",
    "comment": "comment preproc",
    "function": "function method constructor attribute type.class",
    "type": "type type.builtin function.builtin variable.builtin",
}
"""What Textual's grammar of Python tells apart, in the groups that have one colour each."""
_CODE = {"keyword": "magenta", "string": "green", "number": "yellow", "function": "blue", "type": "cyan"}


def code_theme(name: str, *, colour: bool = True) -> TextAreaTheme:
    """The colours of code in the editor, in the theme ``name``; in bold and italic where there is no colour."""
    palette = {"dark": DARK, "light": LIGHT}.get(name)
    if not colour:
        name, styles = "plain", dict.fromkeys(_CODE, "none") | {"keyword": "bold", "comment": "italic"}
    elif palette is None:  # blue and yellow are unreadable on one background or the other in many palettes
        styles = _CODE | {"number": "cyan", "function": "none", "type": "none", "comment": "dim"}
    else:
        styles = {group: getattr(palette, colour_name) for group, colour_name in _CODE.items()}
        styles["comment"] = f"italic {palette.dim}"
    syntax: dict[str, Style] = {
        capture: Style.parse(styles[group]) for group, captures in _CAPTURES.items() for capture in captures.split()
    }
    return TextAreaTheme(name=f"tutor-{name}", syntax_styles=syntax)


def usual(background: str, *, sixteen: bool) -> str:
    """The theme to begin with: the terminal's own where it has sixteen colours at most; else by ``COLORFGBG``."""
    if sixteen:
        return "terminal"
    return "light" if background.rpartition(";")[2] in ("7", "15") else "dark"
