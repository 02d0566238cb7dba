"""A question as it is asked: its prompt, its code, its options; what became of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.text import Text

from tutor.curriculum.lesson import BLANK
from tutor.protocol.codec import Series
from tutor.quiz.answer_parser import LETTERS
from tutor.quiz.presentation import Put
from tutor.quiz.program import opened
from tutor.quiz.turn import Turn
from tutor.render.plot.curve import curve
from tutor.render.text.code import highlight
from tutor.render.text.layout import Drawing, hang, wrap
from tutor.render.text.markdown import lesson_text, spans
from tutor.render.text.style import Look

CURVE_HEIGHT = 11
_INDENT = 4


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands beside the options of a question, by their positions."""

    cursor: int | None = None
    """Where one stands; of ``order`` the position in :attr:`order`."""
    chosen: frozenset[int] = frozenset()
    """Of ``choose all``: those that are ticked."""
    wrong: frozenset[int] = frozenset()
    """Answers that were not right."""
    right: frozenset[int] = frozenset()
    """What is right, once that may be known."""
    struck: frozenset[int] = frozenset()
    """What a hint has said to be wrong."""
    order: tuple[int, ...] = ()
    """Of ``order``: the steps as the learner has put them."""
    held: bool = False
    """The step under the cursor is being moved."""
    typed: str = ""
    """What stands in the blank."""
    over: bool = False
    """Nothing more is to be chosen."""


def marks(turn: Turn, **more: object) -> Marks:
    """The marks that follow from a turn; ``more`` are those of the learner's own doing."""
    over = turn.phase == "over"
    wrong: set[int] = set()
    if turn.one_of:
        wrong = {place for answer in turn.tried for place in answer if isinstance(place, int)}
    elif turn.put.kind == "choose all" and over and turn.tried and isinstance(turn.tried[-1], tuple):
        wrong = set(turn.tried[-1])
    right = frozenset(turn.put.right) if over and turn.put.kind != "order" else frozenset[int]()
    made = Marks(wrong=frozenset(wrong) - set(turn.put.right), right=right, struck=frozenset(turn.struck), over=over)
    return replace(made, **more)  # type: ignore[arg-type]


def prompt(put: Put, look: Look) -> Drawing:
    """What is asked."""
    return lesson_text(put.prompt, look)


# --- code -----------------------------------------------------------------------------------------------------


def code(put: Put, look: Look, shown: Marks) -> Drawing:
    """The code, with marks at its lines where they are the options; with what is typed in place of its blank."""
    if put.kind in ("find the line", "order"):
        lines = _lines(put, look, shown)
        return Drawing(lambda width: (row for head, line in lines for row in hang(head, line, width)))
    text = put.code.strip("\n")
    at = text.find(BLANK)
    if put.kind == "fill the blank" and at >= 0:
        fill = shown.typed or BLANK
        drawn = highlight(text[:at] + fill + text[at + len(BLANK) :], look)
        drawn.stylize(f"{look.name_style} underline", at, at + len(fill))
    else:
        drawn = highlight(text, look)
    if put.kind == "write":
        drawn.append("\n").append(f"{put.question.target} = ")
        drawn.append(look.spell(shown.typed) or BLANK, f"{look.name_style} underline")

    def draw(width: int) -> Iterator[Text]:
        for line in drawn.split("\n", allow_blank=True):
            yield from hang(" " * _INDENT if line else "", line, width)

    return Drawing(draw)


def rows_above(put: Put, look: Look, shown: Marks, option: int, width: int) -> int:
    """How many rows of the drawn code, where its lines are the options, stand above ``option``; long lines take two."""
    lines = _lines(put, look, shown)[: put.question.places[option]]
    return sum(len(list(hang(head, line, width))) for head, line in lines)


def _lines(put: Put, look: Look, shown: Marks) -> list[tuple[str | Text, Text]]:
    """The lines of code of which some are options, each with what stands before it."""
    return (_lines_to_choose if put.kind == "find the line" else _steps)(put, look, shown)


def _lines_to_choose(put: Put, look: Look, shown: Marks) -> list[tuple[str | Text, Text]]:
    lines = list(highlight(put.code.rstrip("\n"), look).split("\n", allow_blank=True))
    place = {option.line: i for i, option in enumerate(put.options)}
    size = len(str(len(lines)))
    made: list[tuple[str | Text, Text]] = []
    for row, line in enumerate(lines):
        option = place.get(row)
        head = Text("  ") if option is None else _head(option, look, shown)
        head.append(f"{row + 1:>{size}}  ", "" if option is not None else look.dim_style)
        made.append((head, _struck(line, option, look, shown)))
    return made


def _steps(put: Put, look: Look, shown: Marks) -> list[tuple[str | Text, Text]]:
    """The code with its steps in the learner's order, numbered."""
    order = shown.order or tuple(range(len(put.options)))
    source = opened(put, order).rstrip("\n")
    steps = {row: number for number, row in enumerate(put.question.places)}
    made: list[tuple[str | Text, Text]] = []
    for row, line in enumerate(highlight(source, look).split("\n", allow_blank=True)):
        number = steps.get(row)
        if number is None:
            made.append((" " * (_INDENT + 2) if line else "", line))
            continue
        here = number == shown.cursor and not shown.over
        sign = (("~" if look.ascii else "↕") if shown.held else look.here) if here else ""
        head = Text.assemble((sign.ljust(2), look.name_style), (f"{number + 1}.  ", look.dim_style))
        step = line.copy()
        if here:
            step.stylize(look.cursor_style if shown.held else look.name_style)
        made.append((head, step))
    return made


# --- options --------------------------------------------------------------------------------------------------


def options(put: Put, look: Look, shown: Marks) -> list[Drawing]:
    """One drawing for each option; none where the options are lines of the code, or the answer is typed."""
    if put.kind in ("find the line", "order") or put.typed:
        return []
    return [_option(put, number, look, shown) for number in range(len(put.options))]


def _option(put: Put, number: int, look: Look, shown: Marks) -> Drawing:
    text = put.options[number].text
    body = spans(text, look) if put.kind in ("choose", "choose all") else Text(look.spell(text))

    def draw(width: int) -> Iterator[Text]:
        head = _head(number, look, shown)
        if put.kind == "choose all":
            head.append("[x] " if number in shown.chosen else "[ ] ")
        head.append(f"{LETTERS[number]}  ", look.name_style)
        yield from hang(head, _struck(body, number, look, shown), width)

    return Drawing(draw)


def _head(number: int, look: Look, shown: Marks) -> Text:
    """The sign before an option, or before a line that is one."""
    size = max(len(look.passed), len(look.failed), len(look.here)) + 1
    sign, style = "", ""
    if number in shown.right:
        sign, style = look.passed, look.passed_style
    elif number in shown.wrong:
        sign, style = look.failed, look.failed_style
    elif number == shown.cursor and not shown.over:
        sign, style = look.here, look.name_style
    elif number in shown.struck:
        sign, style = "-", look.dim_style
    return Text.assemble((sign.ljust(size), style))


def _struck(body: Text, number: int | None, look: Look, shown: Marks) -> Text:
    """An option in the style that says how it stands: where the cursor is, or out of the question."""
    made = body.copy()
    if number is None:
        return made
    out = number in shown.struck or number in shown.wrong
    if number == shown.cursor and not shown.over:
        made.stylize(look.name_style)
    elif number in shown.right:
        made.stylize(look.title_style)
    elif out or (shown.over and shown.right):
        made.stylize(look.dim_style)
    return made


# --- the curve to be recognised -------------------------------------------------------------------------------


def asked_curve(put: Put, look: Look, chosen: int | None, height: int = CURVE_HEIGHT) -> Drawing:
    """The curve that is asked for; with that of a wrongly ``chosen`` option in the same plot."""
    assert put.series is not None
    other = put.options[chosen].series if chosen is not None else None
    if other is None or chosen is None or chosen in put.right:
        return curve(replace(put.series, name="learning rate"), look, height)
    return curve((replace(put.series, name="asked"), replace(other, name=LETTERS[chosen])), look, height)


def in_numbers(series: Series, count: int = 9) -> str:
    """A curve for who can't see it drawn: some of its values, from the first step to the last."""
    points = [(bucket.start + bucket.count - 1, bucket.last) for bucket in series.buckets]
    picked = [points[round(place * (len(points) - 1) / (count - 1))] for place in range(count)]
    told = dict.fromkeys(picked)
    return ", ".join(f"{value:.4g} at step {step}" for step, value in told if value is not None)


# --- what became of it ----------------------------------------------------------------------------------------


def heading(turn: Turn, look: Look) -> Text:
    """A sign and a word: what became of the last answer, or of the whole turn."""
    if turn.right:
        how = ""
        if len(turn.tried) > 1:
            how = ", at the second try"
        elif turn.hint or turn.ran:
            how = ", with a hint"
        return Text.assemble((f"{look.passed} Right", look.passed_style), how)
    if turn.judgement is not None and not turn.judgement.counts and turn.phase != "over":
        return Text.assemble((f"{look.broken} Not judged", look.broken_style), ": this does not count")
    if turn.revealed:
        return Text.assemble((f"{look.revealed} Shown", look.title_style))
    return Text.assemble((f"{look.failed} Not right", look.failed_style), "" if turn.phase == "over" else " yet")


def said(turn: Turn, look: Look) -> Drawing | None:
    """What is said to the last answer, with the right one and the why once they may be known; None: nothing yet."""
    over, judgement = turn.phase == "over", turn.judgement
    if judgement is None and not over and not turn.hint:
        return None
    parts: list[str] = []
    if judgement is not None and not (turn.revealed and judgement.counts and not turn.tried):
        parts += judgement.said
    if over and not turn.right:
        parts.append(_told(turn.answer))
    if over and turn.put.why:
        parts.append(turn.put.why)

    def draw(width: int) -> Iterator[Text]:
        if turn.hint and not over:
            head = Text.assemble(("Hint  ", look.title_style))
            yield from hang(head, spans(turn.hint, look), width)
        if judgement is not None or over:
            yield from wrap(heading(turn, look), width)
            for number, part in enumerate(parts):
                if number:
                    yield Text()
                yield from _indented(part, look, width)

    return Drawing(draw)


def _told(answer: str) -> str:
    """The right answer, led in by a word; one of several lines below it."""
    return f"The answer:\n\n{answer}" if "\n" in answer else f"The answer: {answer}"


def _indented(markdown: str, look: Look, width: int) -> Iterator[Text]:
    for line in lesson_text(markdown, look).lines(width - 2):
        yield Text.assemble("  ", line) if line else line
