"""A bare Textual app: header, text area, footer."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, TextArea

CODE = """import torch

x = torch.tensor([1.0, 2.0, 4.0])
gap = x - 3
miss = gap.square().sum()

print(x.grad)
"""


class Bare(App[None]):
    """The least that an editor in Textual is made of."""

    TITLE = "bare"

    def compose(self) -> ComposeResult:
        yield Header()
        yield TextArea(CODE)
        yield Footer()


if __name__ == "__main__":
    Bare().run()
