"""A question drawn: its prompt, its code, its options; the verdict on an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.text import Text

from tutor.curriculum.lesson import BLANK
from tutor.protocol.codec import Series
from tutor.quiz.answer_parser import LETTERS
from tutor.quiz.kinds import kind_of
from tutor.quiz.presentation import Presentation
from tutor.quiz.turn import Turn
from tutor.render.plot.curve import curve
from tutor.render.text.code import highlight
from tutor.render.text.layout import Drawing, drawing, hang, indent, wrap
from tutor.render.text.markdown import lesson_text, spans
from tutor.render.text.style import Look

CURVE_HEIGHT = 11
IN_NUMBERS = 9
"""Values of a curve that are told where it can't be drawn."""
_INDENT = 4


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks beside the options of a question, by their positions."""

    cursor: int | None = None
    """The option under the cursor; of the mode ``order`` the position in :attr:`order`."""
    ticked: frozenset[int] = frozenset()
    """The options that are ticked, where several are chosen."""
    wrong: frozenset[int] = frozenset()
    """Answers that were not right."""
    right: frozenset[int] = frozenset()
    """The right options, once they may be shown."""
    struck: frozenset[int] = frozenset()
    """The options that a hint has ruled out."""
    order: tuple[int, ...] = ()
    """The options in the learner's order."""
    is_moving: bool = False
    """The option under the cursor is being moved."""
    typed: str = ""
    """The answer as far as it is typed."""
    over: bool = False
    """Nothing more is to be chosen."""


def marks(turn: Turn, **more: object) -> Marks:
    """The marks that follow from a turn; ``more`` are those of the learner's own doing."""
    over, presentation = turn.phase == "over", turn.presentation
    wrong = set(turn.wrong_choices)
    if presentation.mode == "several" and over and turn.tried and isinstance(turn.tried[-1], tuple):
        wrong = set(turn.tried[-1]) - set(presentation.right)
    right = frozenset(presentation.right) if over and presentation.mode != "order" else frozenset[int]()
    base = Marks(wrong=frozenset(wrong), right=right, struck=frozenset(turn.struck), over=over)
    return replace(base, **more)  # type: ignore[arg-type]


# --- code -----------------------------------------------------------------------------------------------------


def code(presentation: Presentation, look: Look, marks: Marks) -> Drawing:
    """The code, with marks at its lines where they are the options; with a typed answer in its place."""
    lines = _lines(presentation, look, marks)
    return Drawing(lambda width: (row for head, line in lines for row in hang(head, line, width)))


def rows_above(presentation: Presentation, look: Look, marks: Marks, option: int, width: int) -> int:
    """How many rows of the drawn code, where its lines are the options, stand above ``option``; long lines take two."""
    lines = _lines(presentation, look, marks)[: presentation.question.places[option]]
    return sum(len(list(hang(head, line, width))) for head, line in lines)


def _lines(presentation: Presentation, look: Look, marks: Marks) -> list[tuple[str | Text, Text]]:
    """The lines of code, each with what stands before it."""
    kind = kind_of(presentation.question)
    if kind.options_are_lines:
        return (_steps if presentation.mode == "order" else _lines_to_choose)(presentation, look, marks)
    around = kind.around_answer(presentation)
    if around is None:
        code = highlight(presentation.code.strip("\n"), look)
    else:
        before, answer = around[0], marks.typed or BLANK
        code = highlight(before + answer + around[1], look)
        code.stylize(f"{look.name_style} underline", len(before), len(before) + len(answer))
    return [(" " * _INDENT if line else "", line) for line in code.split("\n", allow_blank=True)]


def _lines_to_choose(presentation: Presentation, look: Look, marks: Marks) -> list[tuple[str | Text, Text]]:
    code = highlight(presentation.code.rstrip("\n"), look).split("\n", allow_blank=True)
    options = {row: place for place, row in enumerate(presentation.question.places)}
    size = len(str(len(code)))
    lines: list[tuple[str | Text, Text]] = []
    for row, line in enumerate(code):
        option = options.get(row)
        head = Text("  ") if option is None else _head(option, look, marks)
        head.append(f"{row + 1:>{size}}  ", "" if option is not None else look.dim_style)
        lines.append((head, line.copy() if option is None else _option_text(line, option, look, marks)))
    return lines


def _steps(presentation: Presentation, look: Look, marks: Marks) -> list[tuple[str | Text, Text]]:
    """The code with its steps in the learner's order, numbered."""
    order = marks.order or tuple(range(len(presentation.options)))
    source = kind_of(presentation.question).program(presentation, order).rstrip("\n")
    steps = {row: number for number, row in enumerate(presentation.question.places)}
    lines: list[tuple[str | Text, Text]] = []
    for row, line in enumerate(highlight(source, look).split("\n", allow_blank=True)):
        number = steps.get(row)
        if number is None:
            lines.append((" " * (_INDENT + 2) if line else "", line))
            continue
        is_here = number == marks.cursor and not marks.over
        sign = (("~" if look.ascii else "↕") if marks.is_moving else look.here) if is_here else ""
        head = Text.assemble((sign.ljust(2), look.name_style), (f"{number + 1}.  ", look.dim_style))
        step = line.copy()
        if is_here:
            step.stylize(look.cursor_style if marks.is_moving else look.name_style)
        lines.append((head, step))
    return lines


# --- options --------------------------------------------------------------------------------------------------


def options(presentation: Presentation, look: Look, marks: Marks) -> list[Drawing]:
    """One drawing for each option; none where the options are lines of the code, or the answer is typed."""
    if kind_of(presentation.question).options_are_lines:
        return []
    return [_option(presentation, place, look, marks) for place in range(len(presentation.options))]


@drawing
def _option(width: int, presentation: Presentation, place: int, look: Look, marks: Marks) -> Iterator[Text]:
    text = presentation.options[place].text
    is_markdown = kind_of(presentation.question).options_are_markdown
    body = spans(text, look) if is_markdown else Text(look.spell(text))
    head = _head(place, look, marks)
    if presentation.mode == "several":
        head.append("[x] " if place in marks.ticked else "[ ] ")
    head.append(f"{LETTERS[place]}  ", look.name_style)
    yield from hang(head, _option_text(body, place, look, marks), width)


def _head(place: int, look: Look, marks: Marks) -> Text:
    """The sign before an option, or before a line that is one."""
    size = max(len(look.passed), len(look.failed), len(look.here)) + 1
    sign, style = "", ""
    if place in marks.right:
        sign, style = look.passed, look.passed_style
    elif place in marks.wrong:
        sign, style = look.failed, look.failed_style
    elif place == marks.cursor and not marks.over:
        sign, style = look.here, look.name_style
    elif place in marks.struck:
        sign, style = "-", look.dim_style
    return Text.assemble((sign.ljust(size), style))


def _option_text(body: Text, place: int, look: Look, marks: Marks) -> Text:
    """An option in the style of its state: under the cursor, right, or ruled out."""
    option = body.copy()
    is_out = place in marks.struck or place in marks.wrong
    if place == marks.cursor and not marks.over:
        option.stylize(look.name_style)
    elif place in marks.right:
        option.stylize(look.title_style)
    elif is_out or (marks.over and marks.right):
        option.stylize(look.dim_style)
    return option


# --- the curve to be recognised -------------------------------------------------------------------------------


def curve_to_match(turn: Turn, look: Look, height: int = CURVE_HEIGHT) -> Drawing:
    """The curve that is to be recognised; with that of a wrong answer in the same plot."""
    series = turn.presentation.series
    assert series is not None
    place = turn.wrong_choices[-1] if turn.wrong_choices and not turn.right else None
    other = turn.presentation.options[place].series if place is not None else None
    if other is None or place is None:
        return curve((replace(series, name="learning rate"),), look, height)
    return curve((replace(series, name="asked"), replace(other, name=LETTERS[place])), look, height)


def in_numbers(series: Series) -> str:
    """A curve for learners who can't see it drawn: some of its values, from the first step to the last."""
    points = [(bucket.start + bucket.count - 1, bucket.last) for bucket in series.buckets]
    picked = [points[round(place * (len(points) - 1) / (IN_NUMBERS - 1))] for place in range(IN_NUMBERS)]
    return ", ".join(f"{value:.4g} at step {step}" for step, value in dict.fromkeys(picked) if value is not None)


# --- verdicts -------------------------------------------------------------------------------------------------


def heading(turn: Turn, look: Look) -> Text:
    """A sign and a word: the verdict on the last answer, or on the whole turn."""
    if turn.right:
        how = ""
        if len(turn.tried) > 1:
            how = ", at the second try"
        elif turn.hint or turn.code_was_run:
            how = ", with a hint"
        return Text.assemble((f"{look.passed} Right", look.passed_style), how)
    if turn.verdict is not None and not turn.verdict.counts and turn.phase != "over":
        return Text.assemble((f"{look.broken} Not judged", look.broken_style), ": this does not count")
    if turn.revealed:
        return Text.assemble((f"{look.revealed} Shown", look.title_style))
    return Text.assemble((f"{look.failed} Not right", look.failed_style), "" if turn.phase == "over" else " yet")


def verdict(turn: Turn, look: Look) -> Drawing | None:
    """The verdict on the last answer, with the right one and the why once they may be shown; None: nothing yet."""
    over = turn.phase == "over"
    if turn.verdict is None and not over and not turn.hint:
        return None
    paragraphs: list[str] = []
    if turn.verdict is not None:
        paragraphs += turn.verdict.sentences
    if over and not turn.right:
        paragraphs.append(_with_lead(turn.answer))
    if over and turn.card.question.why:
        paragraphs.append(turn.card.question.why)

    def draw(width: int) -> Iterator[Text]:
        if turn.hint and not over:
            head = Text.assemble(("Hint  ", look.title_style))
            yield from hang(head, spans(turn.hint, look), width)
        if turn.verdict is not None or over:
            yield from wrap(heading(turn, look), width)
            for number, paragraph in enumerate(paragraphs):
                if number:
                    yield Text()
                yield from indent(lesson_text(paragraph, look).lines(width - 2))

    return Drawing(draw)


def _with_lead(answer: str) -> str:
    """The right answer, led in by a word; one of several lines below it."""
    return f"The answer:\n\n{answer}" if "\n" in answer else f"The answer: {answer}"
