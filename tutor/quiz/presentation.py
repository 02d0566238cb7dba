"""Puts a question: draws its numbers, runs what has to be run, and says what is shown and which of it is right."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tutor.curriculum.lesson import Kind, Question
from tutor.protocol.codec import Series
from tutor.quiz import variants
from tutor.quiz.distractors import plausible
from tutor.quiz.executor import Evaluated, Program, Runner, Unfinished, attempt_one, whole

WRONG = 3
"""Wrong options up to which a ``predict`` is given computed ones."""
SHUFFLES = 4
"""Orders of steps of which one is put."""
_DRAWS = 5
"""How often numbers are drawn until a wrong option differs from the right one."""


class CannotAsk(Exception):  # noqa: N818 -- what it means to who asks, not what went wrong
    """On this machine the question can't be asked; its text says why. The next one may well be."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An option as it is shown."""

    text: str
    """Of ``choose`` and ``choose all`` Markdown; else as Python or torch prints it, or code with its indentation."""
    feedback: str = ""
    """What to say to who chose it; may be empty, of a right one it mostly is."""
    right: bool = False
    series: Series | None = None
    """Of ``match the curve``: the learning rate that it draws."""
    line: int | None = None
    """Of ``find the line``: which line of :attr:`Put.code` it is, counted from 0."""


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is put. The same question and seed give the same on the same torch."""

    question: Question
    seed: int
    code: str
    """With the numbers that were drawn, as it is shown; ``___`` stands in it where a blank is to be filled, and of
    ``match the curve`` too; of ``order`` its steps are as shuffled as the options. Empty when the question has none.
    What may be opened and run is in :mod:`tutor.quiz.program`."""
    options: tuple[Shown, ...]
    """In the order shown. Of ``order``: the steps, shuffled. Empty where the answer is typed."""
    right: tuple[int, ...]
    """Positions in ``options``: of the right ones, ascending; of ``order``: of all steps, in the order of the code."""
    series: Series | None = None
    """Of ``match the curve``: the curve that is to be recognised."""

    @property
    def kind(self) -> Kind:
        """How it is asked."""
        return self.question.kind

    @property
    def prompt(self) -> str:
        """What is asked, in Markdown."""
        return self.question.prompt

    @property
    def why(self) -> str:
        """What is said once it is answered, in Markdown."""
        return self.question.why

    @property
    def typed(self) -> bool:
        """The answer is typed: a text. It is one of positions in ``options`` otherwise."""
        return self.kind in ("fill the blank", "write")


async def put(question: Question, runner: Runner, seed: int) -> Put:
    """Put ``question``.

    Args:
        question: as the lesson has it.
        runner: where its code runs; ``prints``, ``predict``, ``order`` and ``match the curve`` need it here.
        seed: decides the numbers drawn and the order of the options; at least 0.

    Raises:
        CannotAsk: its code doesn't run here as it should, or the run was ended.
        WorkerFault: nothing can be run.
    """
    return await _PUTTERS[question.kind](question, runner, seed)


async def _choose(question: Question, runner: Runner, seed: int) -> Put:
    shown = [Shown(option.text, option.feedback, i in question.right) for i, option in enumerate(question.options)]
    return _shuffled(question, seed, "", shown)


async def _prints(question: Question, runner: Runner, seed: int) -> Put:
    """Should no option be what is printed here, the output itself becomes the right one."""
    code = variants.source(question, seed)
    ran = await whole(runner, code, seed=seed)
    if ran.ended.cause or ran.raised or ran.ended.status:
        why = ran.ended.sentence or (f"It stops with {ran.raised.type}." if ran.raised else "It fails.")
        raise CannotAsk(f"The code of this question doesn't run here. {why}")
    right = question.printed(ran.output)
    shown = [Shown(option.text, option.feedback, i == right) for i, option in enumerate(question.options)]
    if right is None and not ran.output.strip():
        raise CannotAsk("The code of this question prints nothing here.")
    if right is None:
        shown.append(Shown(ran.output.strip("\n"), right=True))
    return _shuffled(question, seed, code, shown)


async def _predict(question: Question, runner: Runner, seed: int) -> Put:
    expressions = (question.target, *(option.text for option in question.options))
    for draws in range(_DRAWS):
        code = variants.source(question, seed + draws)
        try:
            tried = await attempt_one(runner, Program(code, expressions, seed + draws))
        except Unfinished as ended:
            raise CannotAsk(f"The code of this question doesn't run here. {ended}") from ended
        [attempt] = tried.attempts
        if attempt.error is not None:
            raise CannotAsk(f"The code of this question doesn't run here: it stops with {attempt.error}.")
        shown = predicted(question, attempt.values)
        if len(shown) > 1:
            return _shuffled(question, seed, code, shown)
    raise CannotAsk("All options of this question have the same value here.")


def predicted(question: Question, values: Sequence[Evaluated]) -> list[Shown]:
    """The options of a ``predict``, the right one first, no two of the same look.

    Args:
        question: the question.
        values: of the target, then of each option.
    """
    shown = {values[0].shown: Shown(values[0].shown, right=True)}
    for option, value in zip(question.options, values[1:], strict=True):
        said = f"`{option.text}` stops with {value.error}" if value.error else f"that is `{option.text}`"
        shown.setdefault(value.shown, Shown(value.shown, option.feedback or said))
    for text, said in plausible(values[0].shown):
        if len(shown) > WRONG:
            break
        shown.setdefault(text, Shown(text, said))
    return list(shown.values())


async def _find_the_line(question: Question, runner: Runner, seed: int) -> Put:
    code = variants.source(question, seed)
    lines = code.split("\n")
    shown = tuple(
        Shown(lines[place], option.feedback, i in question.right, line=place)
        for i, (place, option) in enumerate(zip(question.places, question.options, strict=True))
    )
    return Put(question, seed, code, shown, question.right)


async def _typed(question: Question, runner: Runner, seed: int) -> Put:
    return Put(question, seed, variants.source(question, seed), (), ())


async def _order(question: Question, runner: Runner, seed: int) -> Put:
    """Shuffled so that it isn't solved as it stands: several shuffles are run, and the first that is wrong is put."""
    code = variants.source(question, seed)
    lines = code.split("\n")
    chance = random.Random(f"{seed} order {question.name}")
    sorted_, shuffles = list(range(len(question.places))), list[list[int]]()
    steps = sorted_.copy()
    while len(shuffles) < SHUFFLES:
        chance.shuffle(steps)
        if steps != sorted_:
            shuffles.append(steps.copy())
    programs = [Program(variants.ordered(question, code, steps), seed=seed) for steps in (sorted_, *shuffles)]
    try:
        right_one, *others = (await attempt_one(runner, *programs)).attempts
        wrong = (s for s, ran in zip(shuffles, others, strict=True) if ran.outcome != right_one.outcome)
        steps = next(wrong, shuffles[0])
    except Unfinished:  # an order that doesn't end isn't the right one either, and judging says so
        steps = shuffles[0]
    shown = tuple(Shown(lines[question.places[step]]) for step in steps)
    right = tuple(steps.index(step) for step in sorted_)
    return Put(question, seed, variants.ordered(question, code, steps), shown, right)


async def _match_the_curve(question: Question, runner: Runner, seed: int) -> Put:
    code = variants.source(question, seed)
    shown = []
    for place, option in enumerate(question.options):
        ran = await whole(runner, variants.filled(code, option.text), observe=True, seed=seed)
        if ran.rates is None or ran.ended.cause:
            why = ran.ended.sentence or (f"It stops with {ran.raised.type}." if ran.raised else "")
            raise CannotAsk(f"`{option.text}` draws no curve here. {why}".rstrip())
        shown.append(Shown(option.text, option.feedback, place in question.right, replace(ran.rates, run=0)))
    series = next(option.series for option in shown if option.right)
    drawn = [option for option in shown if option.right or not same_curve(option.series, series)]
    return _shuffled(question, seed, code, drawn, series)


def same_curve(one: Series | None, other: Series | None) -> bool:
    """Whether two curves have the same points, seen from some way off."""
    if one is None or other is None or len(one.buckets) != len(other.buckets):
        return False
    pairs = list(zip(one.buckets, other.buckets, strict=True))
    size = max((abs(bucket.last) for pair in pairs for bucket in pair if bucket.last is not None), default=0.0)
    return all(
        a.last == b.last or (a.last is not None and b.last is not None and abs(a.last - b.last) <= 0.001 * size)
        for a, b in pairs
    )


def _shuffled(question: Question, seed: int, code: str, shown: list[Shown], series: Series | None = None) -> Put:
    if question.kind != "choose all" and all(option.right for option in shown):
        raise CannotAsk("All options of this question are right here.")
    chance = random.Random(f"{seed} options {question.name}")
    chance.shuffle(shown)
    right = tuple(i for i, option in enumerate(shown) if option.right)
    return Put(question, seed, code, tuple(shown), right, series)


_PUTTERS: dict[Kind, Callable[[Question, Runner, int], Coroutine[Any, Any, Put]]] = {
    "choose": _choose,
    "choose all": _choose,
    "prints": _prints,
    "predict": _predict,
    "find the line": _find_the_line,
    "fill the blank": _typed,
    "write": _typed,
    "order": _order,
    "match the curve": _match_the_curve,
}
