"""Ratings of answers, as FSRS rates a review.

========================================================  =========
the answer                                                rating
========================================================  =========
never right: revealed, given up, or right from the third
try on, which in most questions is what was left over     1  Again
right on the second try, or on the first after a hint     2  Hard
right on the first try                                    3  Good
the same, as fast as it can be read and typed             4  Easy
========================================================  =========

Nobody is marked down for taking long: the telephone may have rung.
"""

from __future__ import annotations

from tutor.curriculum.lesson import Question
from tutor.quiz.kinds import kind_of

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
"""Their numbers in py-fsrs."""

_READING = 30.0
"""Characters read in a second, of prompt, code and options."""
_THINKING = 2.0
"""Seconds to choose, for a learner who knows the answer."""
_TYPING = 6.0
"""Seconds more to type it, or to put steps in order."""


def rating(*, right: bool, tries: int, hint: bool, revealed: bool, seconds: float, quick: float) -> int:
    """Again, Hard, Good or Easy.

    Args:
        right: it was answered rightly in the end.
        tries: answers given, the right one among them; those that could not be judged left out.
        hint: a hint was shown before it was right.
        revealed: the answer was shown before it was right.
        seconds: from when it was shown until it was right.
        quick: seconds up to which it was easy, as :func:`quick` says.
    """
    if revealed or not right or tries > 2:
        return AGAIN
    if hint or tries == 2:
        return HARD
    return EASY if seconds <= quick else GOOD


def quick(question: Question) -> float:
    """Seconds in which a learner who knows the answer has read ``question`` and answered it."""
    code = question.code.text if question.code else ""
    mode = kind_of(question).mode
    options = 0 if mode == "text" else sum(len(option.text) for option in question.options)
    characters = len(question.prompt) + len(code) + options
    typing = _TYPING if mode in ("text", "order") else 0.0
    return _THINKING + typing + characters / _READING
