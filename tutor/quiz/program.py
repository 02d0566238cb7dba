"""A question's code as a whole program, an answer in its place: what may be opened, run and changed on the spot."""

from __future__ import annotations

import re

from tutor.curriculum.lesson import Question
from tutor.quiz import variants
from tutor.quiz.presentation import Put

Answer = tuple[int, ...] | str
"""Positions in :attr:`Put.options`, one or more, of ``order`` all of them as the learner has put them; or, where
:attr:`Put.typed`, a text."""


def opened(put: Put, answer: Answer | None = None) -> str:
    """The program with ``answer`` in it, or the right one; it runs by itself. Empty when the question has no code.

    A written expression is printed at the end, and so is what a ``predict`` asks for. Of ``prints`` and
    ``find the line`` an answer changes nothing; the line at fault is mended when there is no answer.
    """
    question = put.question
    match put.kind:
        case "fill the blank":
            fill = answer.strip("\n") if isinstance(answer, str) else question.options[question.right[0]].text
            return variants.filled(put.code, fill)
        case "write":
            expression = written(question, answer) if isinstance(answer, str) else question.reference
            return f"{put.code.rstrip()}\n{question.target} = {expression}\nprint({question.target})\n"
        case "match the curve":
            place = answer[0] if isinstance(answer, tuple) else put.right[0]
            return variants.filled(put.code, put.options[place].text)
        case "order":
            order = answer if isinstance(answer, tuple) else put.right
            steps = [put.right.index(place) for place in order]
            return variants.ordered(question, variants.source(question, put.seed), steps)
        case "find the line" if answer is None:
            return variants.mended(question, put.code)
        case "predict":
            return f"{put.code.rstrip()}\nprint({question.target})\n"
    return put.code


def written(question: Question, text: str) -> str:
    """The expression in what was typed for a ``write``: the name that it is for may stand before it."""
    return re.sub(rf"^\s*{re.escape(question.target)}\s*=(?!=)", "", text).strip()
