"""What has to hold of a question of each kind: which programs are tried, and what is wrong by what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tutor.curriculum.lesson import Kind, Question
from tutor.protocol.codec import Raised
from tutor.quiz import variants
from tutor.quiz.executor import Attempt, Error, Group, Program, Tried, Whole
from tutor.quiz.grading import compared
from tutor.quiz.presentation import predicted, same_curve

SEEDS = (1, 2, 3)
"""What numbers are drawn with, beside those at the ends of their ranges."""
TWICE = SEEDS[:2]
"""The random seeds with which a ``prints`` has to print the same."""

_SHOWN = 200
"""Characters of an output that are told."""

Found = tuple[int, str]
"""A line of the lesson file, and what is wrong there, in a sentence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Of a kind whose programs run with all others in one process."""

    groups: Callable[[Question], list[Group]]
    """What is to be tried."""
    found: Callable[[Question, Sequence[Tried]], Iterator[Found]]
    """What is wrong, from what became of it."""


def _draws(question: Question) -> list[str]:
    """The code with numbers at the ends of their ranges, and with some drawn ones."""
    return list(dict.fromkeys([*variants.edges(question), *(variants.source(question, seed) for seed in SEEDS)]))


def _stops(question: Question, code: str, error: Error, what: str = "The code of this question") -> Found:
    assert question.code is not None
    line = question.code.line + error.line - 1 if error.line else question.line
    numbers = variants.numbers(question, code)
    return line, f"{what} stops with {error}" + (f" (with {numbers})" if numbers else "")


def _typo(question: Question, text: str, error: Error | None) -> Iterator[Found]:
    """An expression may stop with an error, which is then what is shown; not over a name that isn't there."""
    if error is not None and error.type in ("NameError", "SyntaxError"):
        yield question.line, f"`{text}` stops with {error}."


def _prints_groups(question: Question) -> list[Group]:
    """Twice, with other random numbers."""
    assert question.code is not None
    return [Group(tuple(Program(question.code.text, seed=seed) for seed in TWICE))]


def _prints_found(question: Question, tried: Sequence[Tried]) -> Iterator[Found]:
    assert question.code is not None
    for given in tried[0].attempts:
        if given.error is not None:
            yield _stops(question, question.code.text, given.error)
        elif question.printed(given.output) is None or given.errors:
            yield question.line, f"No option is what this prints, which is {given.outcome[0][:_SHOWN]!r}."


def of_print(question: Question, ran: Whole) -> Iterator[Found]:
    """What is wrong with a ``prints`` whose code was run whole."""
    assert question.code is not None
    if ran.ended.cause:
        yield question.code.line, f"The code of this question was ended: {ran.ended.sentence}"
    elif ran.raised:
        yield _stops(question, question.code.text, _error(ran.raised))
    elif ran.ended.status:
        yield question.code.line, f"The code of this question ends with status {ran.ended.status}."
    elif question.printed(ran.output) is None:
        shown = ran.output.strip("\n")
        yield question.line, f"No option is what this prints, which is {shown[:_SHOWN]!r}."


def _error(raised: Raised) -> Error:
    return Error(raised.type, raised.message, raised.frames[-1].line if raised.frames else 0)


def _predict_groups(question: Question) -> list[Group]:
    expressions = (question.target, *(option.text for option in question.options))
    return [Group((Program(code, expressions, 1),)) for code in _draws(question)]


def _predict_found(question: Question, tried: Sequence[Tried]) -> Iterator[Found]:
    differed = [False] * len(question.options)
    for code, group in zip(_draws(question), tried, strict=True):
        [given] = group.attempts
        if given.error is not None:
            yield _stops(question, code, given.error)
            return
        target, *options = given.values
        if target.error is not None:
            yield question.line, f"`{question.target}`, which is asked for, stops with {target.error}."
            return
        if len(predicted(question, given.values)) < 2:
            numbers = variants.numbers(question, code)
            where = f" with {numbers}" if numbers else ""
            yield question.line, f"No option differs from the right one{where}, which is {target.shown}."
        for place, (option, value) in enumerate(zip(question.options, options, strict=True)):
            yield from _typo(question, option.text, value.error)
            differed[place] |= value.shown != target.shown
    for option, differs in zip(question.options, differed, strict=True):
        if not differs:
            yield question.line, f"`{option.text}` always has the value that is right: it is never shown."


def _line_groups(question: Question) -> list[Group]:
    return [
        Group((Program(code, seed=1), Program(variants.mended(question, code), seed=1)))
        for code in variants.edges(question)
    ]


def _line_found(question: Question, tried: Sequence[Tried]) -> Iterator[Found]:
    for code, group in zip(variants.edges(question), tried, strict=True):
        faulty, mended = group.attempts
        if mended.error is not None:
            yield _stops(question, code, mended.error, "With the line as it should be, the code")
        elif faulty.outcome == mended.outcome:
            yield question.line, "This prints the same with the line as it should be, so the line is not at fault."


def _fill_groups(question: Question) -> list[Group]:
    return [
        Group(tuple(Program(variants.filled(code, option.text), seed=1) for option in question.options))
        for code in variants.edges(question)
    ]


def _fill_found(question: Question, tried: Sequence[Tried]) -> Iterator[Found]:
    for code, group in zip(variants.edges(question), tried, strict=True):
        right = group.attempts[question.right[0]]
        if right.error is None and not right.outcome[0]:
            yield question.line, "With a right fill nothing is printed, so that no answer can be judged."
            return
        wrong: dict[tuple[str, str], str] = {}
        for place, (option, given) in enumerate(zip(question.options, group.attempts, strict=True)):
            if place not in question.right:
                if given.outcome == right.outcome:
                    yield question.line, f"`{option.text}` is wrong, and prints what a right fill prints."
                elif given.error is None and (other := wrong.setdefault(given.outcome, option.text)) != option.text:
                    yield question.line, f"`{option.text}` prints what `{other}` prints: which is meant can't be told."
            elif given.error is not None:
                yield _stops(question, code, given.error, f"With `{option.text}`, which is right, the code")
            elif given.outcome != right.outcome:
                first = question.options[question.right[0]].text
                yield question.line, f"`{option.text}` and `{first}` are both right, and print different things."


def _write_groups(question: Question) -> list[Group]:
    draws = _written_draws(question)
    expressions = [question.reference, *(option.text for option in question.options)]
    return [compared(draws, question.reference, expression) for expression in expressions]


def _written_draws(question: Question) -> list[tuple[str, int]]:
    """Without fresh numbers too there are several: the code may draw random ones itself."""
    codes = _draws(question)
    return [(codes[i % len(codes)], i) for i in range(max(len(codes), len(SEEDS)))]


def _write_found(question: Question, tried: Sequence[Tried]) -> Iterator[Found]:
    draws = _written_draws(question)
    for (code, _), given in zip(draws, tried[0].attempts[::2], strict=True):
        if given.error is not None:
            yield _stops(question, code, given.error)
            return
        if error := given.values[0].error:
            yield question.line, f"`{question.reference}`, which is right, stops with {error}."
            return
    if any(tried[0].differences):
        yield question.line, f"`{question.reference}` does not give the same twice: a right answer would fail."
    for option, group in zip(question.options, tried[1:], strict=True):
        for given in group.attempts[1::2]:
            yield from _typo(question, option.text, given.values[0].error if given.values else None)
        if not any(group.differences):
            yield question.line, f"`{option.text}` is wrong, and always has the value that is right."


def _order_groups(question: Question) -> list[Group]:
    orders = _orders(len(question.places))
    return [
        Group(tuple(Program(variants.ordered(question, code, order), seed=1) for order in orders))
        for code in variants.edges(question)
    ]


def _orders(steps: int) -> list[list[int]]:
    """The order of the code, the reverse, and each with two neighbours swapped."""
    right = list(range(steps))
    swapped = [[*right[:i], i + 1, i, *right[i + 2 :]] for i in range(steps - 1)]
    return [right, right[::-1], *swapped]


def _order_found(question: Question, tried: Sequence[Tried]) -> Iterator[Found]:
    for code, group in zip(variants.edges(question), tried, strict=True):
        right: Attempt
        right, *others = group.attempts
        if right.error is not None:
            yield _stops(question, code, right.error)
        elif all(other.outcome == right.outcome for other in others):
            yield question.line, "Other orders of the steps print the same, so that none is wrong."


def of_curves(question: Question, rans: Sequence[Whole]) -> Iterator[Found]:
    """What is wrong with a ``match the curve``, by the run of each option: each draws a curve, and no two the same."""
    for place, (option, ran) in enumerate(zip(question.options, rans, strict=True)):
        if ran.raised or ran.ended.cause or ran.ended.status:
            why = ran.ended.sentence or (ran.raised and f"It stops with {_error(ran.raised)}") or "It leaves early."
            yield question.line, f"`{option.text}` does not run in place of the blank. {why}"
        elif ran.rates is None:
            yield question.line, f"`{option.text}` draws no curve: no learning rate was seen."
        else:
            for before in range(place):
                if same_curve(rans[before].rates, ran.rates):
                    other = question.options[before].text
                    yield question.line, f"`{option.text}` draws the same curve as `{other}`."


PROOFS: dict[Kind, Proof] = {
    "prints": Proof(_prints_groups, _prints_found),
    "predict": Proof(_predict_groups, _predict_found),
    "find the line": Proof(_line_groups, _line_found),
    "fill the blank": Proof(_fill_groups, _fill_found),
    "write": Proof(_write_groups, _write_found),
    "order": Proof(_order_groups, _order_found),
}
