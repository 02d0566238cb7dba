"""Signs and styles of everything that is drawn.

Nothing is said by colour alone. Styles are ANSI names, so that the terminal's own palette decides, and only
those that can be read on black and on white in 16 colours; where the background is known, code gets a colour.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from tutor.control_characters import visible

Background = Literal["dark", "light"]


@dataclass(frozen=True, eq=False, repr=False)  # each of these would cost a millisecond of every start
class Look:
    """Signs (what is drawn) and styles (Rich style strings). :func:`look` makes one."""

    ascii: bool = False
    colours: int = 0
    """How many the terminal shows: 0, 16, 256 or more; 0 also where nobody knows."""
    background: Background | None = None
    """None where nobody knows."""

    passed: str = "✓"
    failed: str = "✗"
    broken: str = "!"
    waits: str = "·"
    new: str = "○"
    begun: str = "◐"
    skipped: str = "–"
    done: str = "●"
    revealed: str = "◌"
    grad: str = "∇"
    here: str = "›"
    more: str = "…"
    to: str = " … "
    """Between the ends of a range."""
    bullet: str = "•"
    rule: str = "─"
    bar: str = "│"
    corner: str = "└"
    tick: str = "┤"
    tick_below: str = "┬"
    caret: str = "▔"
    blocks: str = "▁▂▃▄▅▆▇█"
    """From the lowest value of a heat strip to the highest."""
    hole: str = "✗"
    """In a heat strip or under a curve: a value that isn't finite."""

    passed_style: str = "green"
    failed_style: str = "bold red"
    broken_style: str = "bold magenta"
    waits_style: str = "dim"
    loud_style: str = "bold red"
    dim_style: str = "dim"
    name_style: str = "bold"
    title_style: str = "bold"
    cursor_style: str = "bold reverse"
    """Where one stands."""
    code_style: str = "bold"
    string_style: str = "green"
    added_style: str = "green"
    removed_style: str = "red"
    curve_styles: tuple[str, ...] = ("green", "magenta", "cyan", "yellow", "red", "blue")
    previous_style: str = "dim"

    def spell(self, text: str) -> str:
        """``text`` as this look can show it: ASCII spells mathematical signs out, the rest is ``?``.

        Whatever it comes from, no control character but newline and tab is left in it: a sign stands in its place.
        """
        text = visible(text)
        return to_ascii(text) if self.ascii and not text.isascii() else text


_ASCII = Look(
    ascii=True,
    passed="ok",
    failed="X",
    waits=".",
    new="o",
    begun="~",
    skipped="-",
    done="*",
    revealed="?",
    grad="grad",
    here=">",
    more="...",
    to=" .. ",
    bullet="*",
    rule="-",
    bar="|",
    corner="+",
    tick="+",
    tick_below="+",
    caret="^",
    blocks="_.:-=+*#",
    hole="!",
)


def look(*, ascii: bool = False, background: Background | None = None, colours: int = 0) -> Look:
    """How things look: ``ascii`` where the terminal has no UTF-8; ``background`` and ``colours`` where they are known.

    Only maps and images ask for the number of colours: with fewer than 256 they are drawn in signs.
    """
    base = _ASCII if ascii else Look()
    if background is None and not colours:
        return base
    from dataclasses import replace

    code_style = {"dark": "cyan", "light": "blue"}.get(background or "", base.code_style)
    return replace(base, code_style=code_style, background=background, colours=colours)


_SPELLED = {
    "∇": "grad ", "∂": "d", "Σ": "sum ", "∑": "sum ", "∏": "prod ", "√": "sqrt", "∞": "inf", "·": ".",
    "×": "x", "÷": "/", "−": "-", "–": "-", "—": "-", "‑": "-", "→": "->", "←": "<-", "↔": "<->",
    "⇒": "=>", "↦": "->", "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=", "±": "+-", "∈": "in", "∘": "o",
    "⊙": "*", "⊗": "(x)", "ᵀ": "^T", "‖": "||", "⟨": "<", "⟩": ">", "“": '"', "”": '"', "„": '"',
    "‘": "'", "’": "'", "…": "...", "•": "*", "›": ">", "∫": "int ", "∝": "~", "′": "'", "⁻": "^-",
    "✓": "ok", "✗": "x", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "eps", "ζ": "zeta",
    "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Φ": "Phi", "Ω": "Omega", "Π": "prod ", "ℓ": "l", "ℝ": "R",
    "▶": ">", "◀": "<", "▲": "^", "▼": "v", "▸": ">", "▾": "v", "█": "#", "▌": "=", "▏": "|",
    "░": ".", "▒": ":", "▓": "#",
    **dict.fromkeys("─━┄┈╌═", "-"), **dict.fromkeys("│┃┆┊║", "|"), **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝", "+"),
}  # fmt: skip


def to_ascii(text: str) -> str:
    """``text`` in ASCII, for terminals that have nothing else."""
    return "".join(char if char.isascii() else _spell(char) for char in text).replace("sum _", "sum_")


def _spell(char: str) -> str:
    if char in _SPELLED:
        return _SPELLED[char]
    plain = unicodedata.normalize("NFKD", char).replace("\N{FRACTION SLASH}", "/").encode("ascii", "ignore").decode()
    if not plain:
        return "" if unicodedata.combining(char) else "?"
    name = unicodedata.name(char, "")
    if "SUPERSCRIPT" in name:
        return "^" + plain
    return "_" + plain if "SUBSCRIPT" in name else plain
