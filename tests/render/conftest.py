"""Golden drawings: `GOLDEN=write pytest tests/render` writes them anew; then read the difference."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from tutor.render.text.style import Look, look

GOLDEN = Path(__file__).parent / "golden"


def text_of(drawing: RenderableType, width: int) -> str:
    """What a console of this width prints, without colours."""
    console = Console(width=width, color_system=None, file=io.StringIO(), legacy_windows=False)
    console.print(drawing)
    return console.file.getvalue()


@pytest.fixture
def printed() -> Callable[[RenderableType, int], str]:
    return text_of


@pytest.fixture
def golden() -> Callable[..., None]:
    """Compare a drawing, at each width and in both looks, with the file that holds it."""

    def compare(name: str, draw: Callable[[Look], RenderableType], widths: tuple[int, ...] = (60, 120)) -> None:
        parts = []
        for width in widths:
            for ascii in (False, True):
                text = text_of(draw(look(ascii=ascii)), width)
                lines = [line.rstrip() for line in text.splitlines()]
                if ascii:
                    assert text.isascii(), [char for char in text if not char.isascii()]
                parts.append(f"== {width} {'ascii' if ascii else 'unicode'}\n" + "\n".join(lines) + "\n")
        path = GOLDEN / f"{name}.txt"
        drawn = "\n".join(parts)
        if os.environ.get("GOLDEN") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(drawn, encoding="utf-8")
        assert drawn == path.read_text(encoding="utf-8")

    return compare
