"""``make pictures``: the README's pictures, taken from the running program in a terminal."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont

from tests.program import TUTOR
from tests.pty.terminal import Terminal
from tutor import paths

FOLDER = Path(__file__).parent.parent / "pictures"
WIDTH, HEIGHT = 9, 18
PAPER, INK = "#15171c", "#d8d8d8"
NAMED = {
    "red": "#cc4444",
    "green": "#44aa55",
    "brown": "#bb9933",
    "blue": "#4477cc",
    "magenta": "#aa55aa",
    "cyan": "#33aaaa",
}
EIGHTHS = "▁▂▃▄▅▆▇█"
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each dot of a braille character, by the bit that stands for it."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUTOR_HOME"] = home
        take_lesson("gradient", "autograd/backward", 120, 34, edit=gradient_draft())
        take_lesson("schedule", "optimizers/exponential_lr", 120, 58, edit=solution("optimizers/exponential_lr"))
        take_lesson("narrow", "autograd/backward", 80, 24, edit=gradient_draft())
        take_lesson("closer", "layers/softmax_dim", 120, 34, ATTENTION, ("alt+g", *"weights", "enter"))
        take_lesson("replay", "training/whole_loop", 120, 34, solution("training/whole_loop"), ("alt+w", "end"))


ATTENTION = """import torch

torch.manual_seed(0)
x = torch.randn(24, 16).cumsum(dim=0)
scores = x @ x.T / 16
weights = scores.softmax(dim=-1)
"""


def gradient_draft() -> str:
    return solution("autograd/backward").replace("miss.backward()", "miss.backward(retain_graph=True)\nmiss.backward()")


def solution(lesson: str) -> str:
    from tutor.curriculum.catalog import Catalog
    from tutor.quiz.kinds import KINDS

    return Catalog(paths.lessons(), KINDS).lesson(lesson).solution.text


def take_lesson(name: str, lesson: str, columns: int, rows: int, edit: str, then: tuple[str, ...] = ()) -> None:
    """Open a lesson with a draft, run it, press keys, and take the screen once it has come to rest."""
    draft = paths.draft(paths.home(), lesson)
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(edit, encoding="utf-8")
    with Terminal((*TUTOR, lesson), columns=columns, rows=rows) as terminal:
        terminal.wait("cpu", gone="loading")
        terminal.press("ctrl+r")
        terminal.wait(" ms")
        terminal.rest(1.0)
        for key in then:
            terminal.press(key)
            terminal.rest(0.5)
        picture(terminal.screen).save(FOLDER / f"{name}.png", optimize=True)
        terminal.press("ctrl+q")


def picture(screen: pyte.Screen) -> Image.Image:
    image = Image.new("RGB", (screen.columns * WIDTH + 20, screen.lines * HEIGHT + 20), PAPER)
    draw = ImageDraw.Draw(image)
    fonts = {bold: ImageFont.truetype(f"DejaVuSansMono{'-Bold' * bold}.ttf", 15) for bold in (False, True)}
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            ink, paper = colour(cell.fg, INK), colour(cell.bg, PAPER)
            if cell.reverse:
                ink, paper = paper, ink
            x, y = 10 + column * WIDTH, 10 + row * HEIGHT
            draw.rectangle([x, y, x + WIDTH - 1, y + HEIGHT - 1], fill=paper)
            put(draw, x, y, cell.data, ink, fonts[cell.bold])
    return image


def put(draw: ImageDraw.ImageDraw, x: int, y: int, text: str, ink: str, font: ImageFont.FreeTypeFont) -> None:
    """A character; braille and blocks, which fonts draw unevenly or not at all, are drawn by hand."""
    code = ord(text[0]) if text else 0
    if 0x2800 <= code <= 0x28FF:
        for bit, (across, down) in enumerate(DOTS):
            if code >> bit & 1:
                left, top = x + 1 + across * 4, y + 2 + down * 4
                draw.ellipse([left, top, left + 2, top + 2], fill=ink)
    elif text and text in EIGHTHS:
        draw.rectangle(
            [x, y + HEIGHT - HEIGHT * (EIGHTHS.index(text) + 1) // 8, x + WIDTH - 1, y + HEIGHT - 1], fill=ink
        )
    elif text.strip():
        draw.text((x, y), text, font=font, fill=ink)


def colour(name: str, usual: str) -> str:
    if name == "default":
        return usual
    plain = name.removeprefix("bright")
    return NAMED.get(plain) or (f"#{name}" if len(name) == 6 else usual)


if __name__ == "__main__":
    main()
