"""A stock Textual code editor with a page of Python in it."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, TextArea

CODE = "\n".join(f"value_{n} = sum(k * {n} for k in range({n}))  # line {n} of a program" for n in range(200))


class Editor(App[None]):
    """Header, highlighted code editor, footer."""

    TITLE = "editor"

    def compose(self) -> ComposeResult:
        yield Header()
        yield TextArea.code_editor(CODE, language="python")
        yield Footer()


if __name__ == "__main__":
    Editor().run()
