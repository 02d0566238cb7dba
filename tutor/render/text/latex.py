r"""LaTeX, as docstrings use it, as text that reads in a terminal: ``\frac{a}{b}`` becomes ``a/b``, ``x_i`` ``xᵢ``.

pylatexenc was tried: it drops brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent

_TOKEN = re.compile(r"\\\\(?:\[[^\]]*\])?|\\[A-Za-z]+|\\.|\s+|[^\\\s]", re.DOTALL)

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
    "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "Sigma": "Σ",
    "sum": "∑", "prod": "∏", "int": "∫", "infty": "∞", "partial": "∂", "nabla": "∇", "ell": "ℓ", "forall": "∀",
    "exists": "∃", "dots": "…", "ldots": "…", "cdots": "…", "vdots": "⋮", "ddots": "⋱", "top": "ᵀ", "star": "*",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "Vert": "‖", "lVert": "‖", "rVert": "‖", "|": "‖",
    "vert": "|", "lvert": "|", "rvert": "|", "mid": "|", "lbrace": "{", "rbrace": "}", "langle": "⟨",
    "rangle": "⟩", "prime": "′", "emptyset": "∅",
}  # fmt: skip
_BETWEEN = {
    "times": "×", "cdot": "·", "odot": "⊙", "otimes": "⊗", "oplus": "⊕", "ast": "*", "div": "÷", "pm": "±",
    "leftarrow": "←", "gets": "←", "rightarrow": "→", "to": "→", "Rightarrow": "⇒", "mapsto": "↦", "in": "∈",
    "notin": "∉", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "sim": "~",
    "equiv": "≡", "propto": "∝", "circ": "∘", "subset": "⊂", "cup": "∪", "cap": "∩", "ll": "≪", "gg": "≫",
}  # fmt: skip
_DROPPED = {
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "limits", "nolimits",
    "displaystyle", "hline", "centering", "bf", "rm", "it", "tt",
}  # fmt: skip
_SPACES = {",": " ", ":": " ", ";": " ", " ": " ", "!": "", "quad": "  ", "qquad": "   ", "space": " "}
_MARKS = {"hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
          "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307"}  # fmt: skip
_ASCII_MARKS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u20d7": "vec", "\u0307": "dot"}
_DOUBLE = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "C": "ℂ", "E": "𝔼"}
_WORDS = {
    "text", "textbf", "textit", "texttt", "textrm", "mathrm", "mathbf", "mathit", "mathcal", "mathsf", "mathrlap",
    "mathbin", "mathop", "operatorname", "boldsymbol", "mbox", "underline", "underbrace", "overbrace", "cancel",
}  # fmt: skip
_ROWS = {"cases", "matrix", "pmatrix", "bmatrix", "array"}

_TIGHT = re.compile(
    r"(?<=\S) +(?=[,;)\]⌋⌉]|\.(?!\.))|(?<=[(\[⌊⌈]) +(?=\S)|(?<=exp|log|max|min|cos|sin|tan) +(?=\()|(?<=tanh) +(?=\()"
)
"""Spaces that a formula has no need of: before what closes, after what opens, between a function and its bracket."""

_UP = dict(zip("0123456789+-()nT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵀ", strict=True))
_DOWN = dict(zip("0123456789+-()aeijkmnoprtx", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑᵢⱼₖₘₙₒₚᵣₜₓ", strict=True))
_SHORT = re.compile(r"[A-Za-z]?[+-]?\d*")
"""What stands as a small letter or number; of words only some letters could."""


def formula(latex: str, *, ascii: bool = False) -> list[str]:
    """``latex`` in lines of text. Whatever is not understood stands there by its name."""
    text = _Reader(latex, ascii).rest()
    rows = (_TIGHT.sub("", re.sub(r"(?<=\S) {4,}", "   ", row.replace("\t", "  "))) for row in text.split("\n"))
    return dedent("\n".join(row.rstrip() for row in rows if row.strip())).splitlines()


class _Reader:
    """Goes through the tokens once; a tab is a wide gap, a newline a new row."""

    def __init__(self, latex: str, ascii: bool) -> None:
        self._tokens = _TOKEN.findall(latex.strip())
        self._at = 0
        self._ascii = ascii
        self._rows = 0
        """How many environments are open in which ``&`` parts columns."""

    def rest(self) -> str:
        """The text of all tokens up to the brace that closes the group."""
        text = ""
        while self._at < len(self._tokens):
            token = self._next()
            if token == "}":
                break
            text = _join(text, self._one(token, text))
        return text

    def _next(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else "}"
        self._at += 1
        return token

    def _argument(self) -> str:
        """The argument of a command: a group in braces, or one token."""
        token = self._next()
        while token.isspace():
            token = self._next()
        if token == "}":  # there is none
            self._at -= 1
            return ""
        return self.rest().strip(" ") if token == "{" else self._one(token, "").strip()

    def _one(self, token: str, before: str) -> str:
        if token.isspace():
            return " "
        if token.startswith("\\\\"):
            return "\n" + "    " * bool(self._rows)
        if token[0] == "\\":
            return self._command(token[1:])
        if token == "{":
            return self.rest()
        if token in "^_":
            return self._script(token, self._argument())
        if token == "&":
            return "\t" if self._rows else ""
        if token == "~":
            return " "
        return f" {token} " if token in "=<>" else token

    def _script(self, sign: str, script: str) -> str:
        script = script.replace(" ", "")
        if sign == "_" and re.fullmatch(r"\([^()]*\)", script):
            script = script[1:-1]
        table = _UP if sign == "^" else _DOWN
        if script in ("ᵀ", "′", "'", "*"):
            return "^T" if self._ascii and script == "ᵀ" else script
        if not self._ascii and _SHORT.fullmatch(script) and all(character in table for character in script):
            return "".join(table[character] for character in script)
        if not re.fullmatch(r"\w*|.|\([^()]*\)", script):
            return f"{sign}({script})"
        follows = self._tokens[self._at] if self._at < len(self._tokens) else ""
        return f"{sign}{script} " if re.match(r"[^\W_]|\\[A-Za-z]", follows) else sign + script

    def _command(self, name: str) -> str:  # one line for each kind of command
        if name in _SIGNS:
            return _SIGNS[name]
        if name in _BETWEEN:
            return f" {_BETWEEN[name]} "
        if name in _SPACES:
            return _SPACES[name]
        if name in _DROPPED:
            return self._after_size(name)
        if name in ("frac", "dfrac", "tfrac"):
            return f"{_single(self._argument())}/{_single(self._argument())}"
        if name == "sqrt":
            return "√" + _single(self._argument())
        if name in _MARKS:
            return self._mark(self._argument(), _MARKS[name])
        if name in ("begin", "end"):
            return self._environment(name, self._argument())
        if name in ("hspace", "vspace", "rule"):
            return self._room(name)
        if name == "mathbb":
            letter = self._argument()
            return letter if self._ascii else _DOUBLE.get(letter, letter)
        if name == "not":
            return " ≠ " if self._argument() == "=" else " not "
        if name in _WORDS:
            return self._argument().replace("`", "'")
        return f"{name} " if name.isalpha() else name

    def _after_size(self, name: str) -> str:
        r"""``\left.`` stands for no bracket at all."""
        if name in ("left", "right") and self._tokens[self._at : self._at + 1] == ["."]:
            self._at += 1
        return ""

    def _mark(self, letters: str, mark: str) -> str:
        if self._ascii or not letters:
            return f"{_ASCII_MARKS[mark]}({letters})"
        return letters[0] + mark + letters[1:]

    def _environment(self, step: str, name: str) -> str:
        if name == "array" and step == "begin":
            self._argument()
        if name not in _ROWS:
            return ""
        self._rows += 1 if step == "begin" else -1
        return "\n    " if step == "begin" else "\n"

    def _room(self, name: str) -> str:
        r"""``\hspace{5mm}`` is what algorithms are indented with; a rule is none."""
        size = self._argument()
        if name == "rule":
            self._argument()
            return ""
        length = re.match(r"(\d+)mm", size)
        return " " * (int(length[1]) * 2 // 5) if length and name == "hspace" else ""


def _join(text: str, more: str) -> str:
    """One space between two parts where both bring one; those that indent a row stay."""
    if more == " " and (not text or text[-1] in " \n\t"):
        return text
    if more.startswith(" ") and len(more) > 1 and more.strip() and text.endswith(" "):
        return text.rstrip(" ") + more if text.strip(" \n") else text + more.lstrip(" ")
    if more.startswith("\n"):
        return text.rstrip(" ") + more
    return text + more


def _single(expression: str) -> str:
    """``expression`` in brackets, unless it is one thing."""
    return expression if len(expression) == 1 or re.fullmatch(r"[\w.√^'ᵢ-ₜ₀-₉]+", expression) else f"({expression})"


def inline(latex: str, *, ascii: bool = False) -> str:
    """A formula within a sentence."""
    return "; ".join(" ".join(line.split()) for line in formula(latex, ascii=ascii))


def lines(latex: str, *, ascii: bool = False) -> Iterator[str]:
    """A formula that stands alone: equations parted by a wide gap or an empty line stand below each other."""
    for part in re.split(r"\n\s*\n", latex):
        yield from formula(part, ascii=ascii)
