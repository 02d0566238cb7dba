"""A question: its prompt, its code, its options."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from tutor.curriculum.lesson import Question
from tutor.render.code import highlight
from tutor.render.layout import Drawing, hang
from tutor.render.look import Look
from tutor.render.prose import lesson_text, spans

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def question(asked: Question, look: Look, chosen: int | None = None, right: int | None = None) -> Drawing:
    """``asked`` as it is put; with ``chosen`` and ``right`` (positions of options) as it was answered."""

    def draw(width: int) -> Iterator[Text]:
        yield from lesson_text(asked.prompt, look).lines(width)
        if asked.code is not None:
            yield Text()
            for line in highlight(asked.code.text.strip("\n"), look).split("\n", allow_blank=True):
                yield from hang("    " if line else "", line, width)
        yield Text()
        for number, option in enumerate(asked.options):
            yield from _option(number, option.text, look, width, chosen, right)
            if right is not None and number == chosen and option.feedback:
                yield from hang("     ", spans(option.feedback, look), width)
        if right is not None and asked.why:
            yield Text()
            yield from lesson_text(asked.why, look).lines(width)

    return Drawing(draw)


def _option(number: int, text: str, look: Look, width: int, chosen: int | None, right: int | None) -> Iterator[Text]:
    sign, style = " ", ""
    if right is not None and number == right:
        sign, style = look.passed, look.passed_style
    elif right is not None and number == chosen:
        sign, style = look.failed, look.failed_style
    elif number == chosen:
        sign = look.done
    head = Text.assemble((sign.ljust(len(look.passed)), style), f" {LETTERS[number]}  ")
    yield from hang(head, spans(text, look), width)
