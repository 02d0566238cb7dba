"""Python source with calm highlighting."""

from __future__ import annotations

from rich.text import Text

from tutor.render.text.style import Look


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
