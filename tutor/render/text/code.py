"""Python source with calm highlighting, and the diff of two programs: only the lines that really differ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.text import Text

from tutor.render.text.layout import clip, drawing
from tutor.render.text.style import Look

CONTEXT = 1
"""Lines shown before and after a difference."""


def highlight(source: str, look: Look) -> Text:
    """``source`` with keywords, strings and comments styled; nothing that needs a certain background."""
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]  # 15 ms that the first paint need not wait for
    from pygments.token import Comment, Keyword, Operator, String  # type: ignore[import-untyped]

    styles = {
        Comment: look.dim_style,
        Keyword: look.title_style,
        Operator.Word: look.title_style,
        String: look.string_style,
    }
    code = Text()
    for token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source):
        style = next((style for kind, style in styles.items() if token in kind), "")
        code.append(look.spell(text), style)
    return code


# --- the diff -------------------------------------------------------------------------------------------------


@drawing
def diff(width: int, draft: str, solution: str, look: Look) -> Iterator[Text]:
    """What the solution writes otherwise. Blank lines and spacing within a line make no difference."""
    mine, theirs = _lines(draft), _lines(solution)
    if _same(draft, solution):
        yield clip(Text("Your code is the same as the solution."), width, look.more)
        return
    words = Text.assemble(("- yours", look.removed_style), "   ", ("+ the solution's", look.added_style))
    yield clip(words, width, look.more)
    for sign, line in _differences(mine, theirs):
        style = {"-": look.removed_style, "+": look.added_style}.get(sign, look.dim_style)
        if sign == "@":
            yield Text(f"  {look.more}", style)
        else:
            code = Text(look.spell(line)) if sign == " " else highlight(line, look)
            yield clip(Text.assemble((f"{sign} ", style), code), width, look.more)


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in source.expandtabs(4).splitlines() if line.strip()]


def _key(line: str) -> str:
    """What of a line counts: its indentation, and its characters without the spaces between them."""
    code = line.lstrip()
    return line[: len(line) - len(code)] + re.sub(r"\s+", "", code)


def _same(draft: str, solution: str) -> bool:
    """Whether both are the same program, whatever their comments and spacing."""
    import ast

    try:
        return ast.dump(ast.parse(draft)) == ast.dump(ast.parse(solution))
    except (SyntaxError, ValueError, RecursionError):
        return list(map(_key, _lines(draft))) == list(map(_key, _lines(solution)))


def _differences(mine: list[str], theirs: list[str]) -> Iterator[tuple[str, str]]:
    """Lines with ``-``, ``+`` or a space before them; ``@`` where equal lines are left out."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, list(map(_key, mine)), list(map(_key, theirs)), autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number:
            yield "@", ""
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from ((" ", line) for line in theirs[c:d])
                continue
            yield from (("-", line) for line in mine[a:b])
            yield from (("+", line) for line in theirs[c:d])
