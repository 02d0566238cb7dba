"""Judges an answer: right or wrong, what to say to this very answer, and the right one in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tutor.curriculum.lesson import Question
from tutor.quiz import variants
from tutor.quiz.executor import Attempt, Error, Group, Program, Runner, Tried, Unfinished, attempt, attempt_one
from tutor.quiz.presentation import Put
from tutor.quiz.program import Answer, opened, written

DRAWS = 3
"""Sets of fresh numbers on which a written expression is tried."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of an answer. Texts are Markdown, code stands in backticks."""

    right: bool
    said: tuple[str, ...]
    """What to say to this answer, a sentence or so each; may be empty, mostly when it is right."""
    answer: str
    """The right answer in words, to be shown once it may be known."""
    why: str
    counts: bool = True
    """False: nothing was judged (empty, no Python, the run was stopped): it is no attempt, and is asked again."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    right: bool
    said: list[str] = field(default_factory=list)
    counts: bool = True


async def judge(put: Put, answer: Answer, runner: Runner) -> Judgement:
    """Judge ``answer``. What is typed runs in the worker only, ten seconds at most.

    Raises:
        WorkerFault: nothing can be run.
        ValueError: the answer isn't of the kind that the question asks for, or names options that aren't there.
    """
    if isinstance(answer, str) != put.typed:
        raise ValueError(f"`{put.kind}` is answered with {'a text' if put.typed else 'positions of options'}")
    if isinstance(answer, str):
        verdict = await _typed(put, answer, runner)
    elif put.kind == "order":
        _want_positions(put, answer, complete=True)
        verdict = await _order(put, answer, runner)
    else:
        _want_positions(put, answer, complete=False)
        verdict = _chosen(put, answer)
    return Judgement(verdict.right, tuple(verdict.said), right_answer(put), put.why, verdict.counts)


def _want_positions(put: Put, answer: tuple[int, ...], complete: bool) -> None:
    there = set(range(len(put.options)))
    one = put.kind not in ("choose all", "order") and len(answer) != 1
    if not set(answer) <= there or len(set(answer)) < len(answer) or (complete and set(answer) != there) or one:
        raise ValueError(f"{answer} is no answer to a `{put.kind}` with {len(there)} options")


def right_answer(put: Put) -> str:
    """The right answer in words, as Markdown."""
    question = put.question
    match put.kind:
        case "choose" | "choose all":
            return "; ".join(put.options[i].text for i in put.right)
        case "find the line":
            line = put.options[put.right[0]].line or 0
            return f"Line {line + 1} should be {_code(question.target.strip())}"
        case "fill the blank":
            return " or ".join(_code(question.options[i].text) for i in question.right)
        case "write":
            return _code(f"{question.target} = {question.reference}")
        case "order":
            return "\n".join(f"{n}. {_code(put.options[i].text.strip())}" for n, i in enumerate(put.right, 1))
    return _code(put.options[put.right[0]].text)


def _code(text: str) -> str:
    """Code as Markdown has it, in a block where it has several lines."""
    if "\n" in text:
        return f"```text\n{text}\n```"
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text}{ticks}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", "`")) else f"{text}."


# --- chosen ---------------------------------------------------------------------------------------------------


def _chosen(put: Put, answer: tuple[int, ...]) -> _Verdict:
    right = set(answer) == set(put.right)
    if put.kind == "choose all":
        return _Verdict(right, [] if right else _of_each(put, set(answer)))
    option = put.options[answer[0]]
    if not option.feedback and put.kind == "find the line" and not right:
        return _Verdict(False, ["Nothing is wrong with this line."])
    return _Verdict(right, [option.feedback] if option.feedback else [])


def _of_each(put: Put, chosen: set[int]) -> list[str]:
    """What to say of each option that was wrongly chosen, and of each that is missing."""
    said = []
    for place, option in enumerate(put.options):
        if (place in chosen) != option.right:
            lead = f"{option.text} belongs to it" if option.right else f"{option.text} does not"
            said.append(f"{lead}: {option.feedback}" if option.feedback else f"{lead}.")
    return said


# --- typed ----------------------------------------------------------------------------------------------------


async def _typed(put: Put, text: str, runner: Runner) -> _Verdict:
    if not text.strip():
        return _Verdict(False, ["Nothing is typed yet."], counts=False)
    try:
        return await (_fill if put.kind == "fill the blank" else _write)(put, text, runner)
    except Unfinished as ended:
        return _unfinished(ended)


def _unfinished(ended: Unfinished) -> _Verdict:
    """What passes a limit is wrong; what was stopped, or lost with its process, was not judged."""
    return _Verdict(False, [str(ended)], counts=ended.cause not in ("stopped", "lost"))


async def _fill(put: Put, text: str, runner: Runner) -> _Verdict:
    question = put.question
    source = opened(put, text)
    [given] = (await attempt_one(runner, Program(source, seed=put.seed))).attempts
    said = _to_the_letter(question, text)
    if given.error is not None and _is_unreadable(given.error) and not said:
        return _raised(given.error, source)
    sources = [variants.filled(put.code, option.text) for option in question.options]
    known = (await attempt_one(runner, *(Program(source, seed=put.seed) for source in sources))).attempts
    wanted = known[question.right[0]]
    if wanted.error is not None:
        return _Verdict(False, [f"A right answer doesn't run here: {_sentence(str(wanted.error))}"], counts=False)
    if given.outcome == wanted.outcome:
        return _Verdict(True)
    for option, foreseen in zip(question.options, known, strict=True):
        if foreseen.outcome == given.outcome and foreseen.error == given.error:
            said = said or option.feedback
    if said:
        return _Verdict(False, [said])
    return _raised(given.error, source) if given.error else _Verdict(False, [_printed_instead(given, wanted)])


def _to_the_letter(question: Question, text: str) -> str:
    """What the author says to exactly this wrong answer; empty when it is none that was foreseen."""
    wrong = (option for place, option in enumerate(question.options) if place not in question.right)
    return next((option.feedback for option in wrong if option.text.strip() == text.strip()), "")


def _printed_instead(attempt: Attempt, wanted: Attempt) -> str:
    shown, right = attempt.outcome[0], wanted.outcome[0]
    if not shown:
        return "With that, nothing is printed."
    if len(shown) > 400 or len(right) > 400:
        return "With that, something else is printed."
    if "\n" in shown + right:
        return f"With that, this is printed:\n\n{_code(shown)}\n\nThis should be:\n\n{_code(right)}"
    return f"With that, {_code(shown)} is printed, where {_code(right)} should be."


async def _write(put: Put, text: str, runner: Runner) -> _Verdict:
    question = put.question
    expression = written(question, text)
    draws = drawn(question, put.seed)
    [tried] = await attempt(runner, [compared(draws, question.reference, expression)])
    if error := next(filter(None, map(_stopped, tried.attempts[::2])), None):
        return _Verdict(False, [f"The right answer doesn't run here: {_sentence(str(error))}"], counts=False)
    differing = next((i for i, difference in enumerate(tried.differences) if difference), None)
    if differing is None:
        return _Verdict(True)
    error = next(filter(None, map(_stopped, tried.attempts[1::2])), None)
    said = _to_the_letter(question, expression)
    if not said and not (error and _is_unreadable(error)):
        foreseen = [option for option in question.options if option.feedback]
        same = await attempt(runner, [compared(draws, expression, option.text) for option in foreseen])
        said = next((option.feedback for option, like in zip(foreseen, same, strict=True) if _is_same(like)), "")
    if said:
        return _Verdict(False, [said])
    if error:
        return _raised(error, "")
    return _Verdict(False, [_among(variants.numbers(question, draws[differing][0]), tried.differences[differing])])


def _stopped(attempt: Attempt) -> Error | None:
    """The error that left an expression without a value."""
    return attempt.error or attempt.values[0].error


def _is_same(tried: Tried) -> bool:
    """Whether, draw by draw, two expressions have the same value, or stop with the same error."""
    errors = [_stopped(attempt) for attempt in tried.attempts]
    pairs = zip(errors[::2], errors[1::2], tried.differences, strict=True)
    return all(not difference or (one is not None and one == other) for one, other, difference in pairs)


def _among(numbers: str, difference: str) -> str:
    return f"With {_code(numbers)}: {difference[0].lower()}{difference[1:]}" if numbers else difference


def drawn(question: Question, seed: int) -> list[tuple[str, int]]:
    """The code with the numbers of some draws, and a seed for each."""
    return [(variants.source(question, seed + i), seed + i) for i in range(DRAWS)]


def compared(draws: Sequence[tuple[str, int]], wanted: str, given: str) -> Group:
    """Programs that tell how the value of ``given`` differs from that of ``wanted``, draw by draw.

    Each is evaluated after a run of the code of its own, from the same random numbers: either may change what it reads.
    """
    programs = [Program(code, (expression,), seed) for code, seed in draws for expression in (wanted, given)]
    return Group(tuple(programs), tuple((2 * i + 1, 2 * i) for i in range(len(draws))))


def _is_unreadable(error: Error) -> bool:
    return error.type in ("SyntaxError", "IndentationError", "TabError")


def _raised(error: Error, source: str) -> _Verdict:
    """An error in a sentence. What Python can't read doesn't count."""
    if _is_unreadable(error):
        return _Verdict(False, [f"Python can't read that: {_sentence(error.message)}"], counts=False)
    if error.type == "SystemExit":
        return _Verdict(False, ["With that, the program leaves before its end."])
    lines = source.split("\n")
    line = lines[error.line - 1].strip() if 0 < error.line <= len(lines) else ""
    where = f" in line {error.line}, {_code(line)}" if line else ""
    return _Verdict(False, [f"With that, the program stops{where}: {_sentence(str(error))}"])


# --- put in order ---------------------------------------------------------------------------------------------


async def _order(put: Put, answer: tuple[int, ...], runner: Runner) -> _Verdict:
    """Right is any order in which the program does what it does in the order of the lesson."""
    steps = [put.right.index(place) for place in answer]
    try:
        wanted, given = await _in_orders(put, [sorted(steps), steps], runner)
        if wanted.error is not None:
            return _Verdict(False, [f"The right order doesn't run here: {_sentence(str(wanted.error))}"], counts=False)
        if given.outcome == wanted.outcome:
            return _Verdict(True)
    except Unfinished as ended:
        return _unfinished(ended)
    move = await _mending_move(put, steps, wanted, runner)
    said = [_misplaced(put, answer, move) if move else _first_other(put, answer)]
    if given.error is not None:
        said += _raised(given.error, opened(put, answer)).said
    return _Verdict(False, said)


async def _in_orders(put: Put, orders: Sequence[Sequence[int]], runner: Runner) -> tuple[Attempt, ...]:
    code = variants.source(put.question, put.seed)
    sources = [variants.ordered(put.question, code, order) for order in orders]
    return (await attempt_one(runner, *(Program(source, seed=put.seed) for source in sources))).attempts


async def _mending_move(put: Put, steps: list[int], wanted: Attempt, runner: Runner) -> tuple[int, int] | None:
    """Which step to take out, and the place to put it in, so that the order is right; None when one isn't enough."""
    moves = [(taken, put_in) for taken in range(len(steps)) for put_in in range(len(steps)) if taken != put_in]
    moves.sort(key=lambda move: abs(move[0] - move[1]))
    try:
        moved = await _in_orders(put, [_moved(steps, *move) for move in moves], runner)
    except Unfinished:
        return None
    return next((move for move, tried in zip(moves, moved, strict=True) if tried.outcome == wanted.outcome), None)


def _moved(steps: Sequence[int], taken: int, put_in: int) -> list[int]:
    rest = [step for place, step in enumerate(steps) if place != taken]
    return [*rest[:put_in], steps[taken], *rest[put_in:]]


def _misplaced(put: Put, answer: tuple[int, ...], move: tuple[int, int]) -> str:
    """The one step that makes the order right when it is moved."""
    taken, put_in = move
    text = [_code(put.options[place].text.strip()) for place in answer]
    if put_in > taken:
        return f"{text[taken]} comes too early: it belongs after {text[put_in]}."
    return f"{text[taken]} comes too late: it belongs before {text[put_in]}."


def _first_other(put: Put, answer: tuple[int, ...]) -> str:
    at = next(i for i, (given, right) in enumerate(zip(answer, put.right, strict=True)) if given != right)
    given, right = (_code(put.options[order[at]].text.strip()) for order in (answer, put.right))
    return f"More than one step is out of place. In step {at + 1} you have {given}; {right} would do there."
