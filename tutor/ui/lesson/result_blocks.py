"""The blocks of the result pane, drawn as the events of a run come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from tutor.render.text.layout import Drawing, hang
from tutor.render.text.style import Look
from tutor.render.text.transcript import Transcript
from tutor.ui.context import Context
from tutor.ui.keys import key
from tutor.ui.lesson.session import Session
from tutor.ui.lesson.text_view import section

if TYPE_CHECKING:
    from tutor.client.run_record import Part, RunRecord
    from tutor.protocol.codec import Ended
    from tutor.render.observations import BlockDrawing

SHORT = 8
"""Lines of output that are shown in its place; of a longer one the last, and all of it at the very end."""
MOST_LINES = 2_000
"""Lines of output that can be scrolled back to."""
CURVE_HEIGHT = 11

ABOVE = ("fault", "raised", "traceback", "verdict", "takeaway", "offers", "curves", "output")
BELOW = ("hints", "diff", "ended", "printed")
"""Blocks above and below those of the other observations: what the key was pressed for comes first, and a curve before
the numbers that it is drawn from."""


SILENT = {
    "compiled": "Code that torch.compile has compiled shows nothing at the ends of its lines.",
    "watches itself": "This program watches itself run: nothing is shown at the ends of its lines.",
}
"""Why lines don't show what they made."""


class ResultPage:
    """The blocks of the result pane. Each is made anew only when something in it changed."""

    def __init__(self, context: Context, session: Session) -> None:
        self._context = context
        self._session = session
        self._blocks: dict[str, RenderableType] = {}
        self._old: frozenset[str] = frozenset()
        """Blocks of the run before."""
        self._first, self._rows = "", 0
        self.verbatim = False
        """Whether an error is also shown as Python prints it."""
        self._transcript = Transcript(self._look, keep=MOST_LINES)

    @property
    def _look(self) -> Look:
        return self._context.look

    @property
    def _picture(self) -> str:
        """The block that the lesson is about; empty where it doesn't say."""
        from tutor.render.observations import BLOCK_OF

        picture = self._session.lesson.picture
        return BLOCK_OF.get(picture.kind, picture.kind) if picture is not None else ""

    def clear(self) -> None:
        """Forget the run before."""
        self._blocks.clear()
        self.turn_over()

    def turn_over(self, first: str = "", rows: int = 0) -> None:
        """Keep each block until the new run has one in its place, or has ended.

        ``first`` goes to the top, and curves there share the ``rows`` that are seen.
        """
        self._old = frozenset(self._blocks)
        self._first, self._rows = first, rows
        self._transcript = Transcript(self._look, keep=MOST_LINES)

    def drop_old(self) -> None:
        """Nothing of the run before is shown any more."""
        for name in self._old:
            self._blocks.pop(name, None)
        self._old = frozenset()

    def offer(self, offers: Sequence[tuple[str, str]]) -> None:
        """Set the block of ways on from a finished lesson: keys, and what they open, as Markdown."""
        from tutor.render.text.markdown import spans

        look = self._look

        def draw(width: int) -> Iterator[Text]:
            for key_names, destination in offers:
                yield from hang(Text.assemble((key_names, look.name_style), "  "), spans(destination, look), width)

        self._blocks["offers"] = Drawing(draw)

    def blocks(self) -> dict[str, RenderableType]:
        """The blocks in their order. What is put first still comes after an error."""
        order = block_order()
        if self._first:
            order = _move_up(order, self._first, ("fault", "raised", "traceback"))
        elif self._session.passed and self._picture:
            order = _move_up(order, self._picture, (*ABOVE[: ABOVE.index("takeaway")],))
        return {name: self._blocks[name] for name in order if name in self._blocks}

    def idle(self) -> dict[str, RenderableType]:
        """The block before the first run: the checks that it will have to pass."""
        from tutor.render.text.markdown import spans

        look = self._look
        lesson = self._session.lesson

        def draw(width: int) -> Iterator[Text]:
            yield from hang("", spans(f"`{key('run').name}` runs this, and checks:", look, look.dim_style), width)
            for check in lesson.checks:
                head = Text(f"{look.waits} ", look.waits_style)
                yield from hang(head, spans(check.requirement, look, look.dim_style), width)

        return {"verdict": Drawing(draw)} if lesson.checks else {}

    def update(self, part: Part) -> None:
        """Make the block of ``part`` anew from what the session holds."""
        outcome = self._session.outcome
        if part in ("Ended", "Fault"):
            self.drop_old()
        if outcome is not None and part in drawn_parts():
            before = dict(self._blocks)
            if (make := _MAKERS.get(part)) is not None:
                make(self, outcome)
            self._observed(part, outcome)
            self._old = frozenset(name for name in self._old if self._blocks.get(name) is before.get(name))

    def _verdict(self, outcome: RunRecord) -> None:
        from tutor.render.run.verdict import checked

        self._blocks["verdict"] = checked(outcome.verdict(), self._look)

    def _raised(self, outcome: RunRecord) -> None:
        from tutor.render.run.error import raised

        if outcome.raised is not None:
            self._blocks["raised"] = raised(outcome.raised, self._look, key("words").name)

    def _output(self, outcome: RunRecord) -> None:
        for chunk in outcome.drain():
            self._transcript.feed(chunk.text)
        stopped = outcome.cause == "stopped"
        explained = outcome.over and ("raised" in self._blocks or stopped)
        transcript = self._transcript.without_traceback() if explained else self._transcript
        verbatim = explained and self.verbatim
        printed = [section("As Python prints it", self._transcript.traceback(), self._look)] if verbatim else []
        self._set("traceback", printed)
        if not transcript:
            self._blocks.pop("output", None)
            return
        long = len(transcript) > SHORT
        self._blocks["output"] = transcript.tail(SHORT - 2 if long else SHORT)
        if long and outcome.over:
            title = "The last that it printed" if self._transcript.dropped else "All that it printed"
            self._blocks["printed"] = section(title, self._transcript, self._look)

    def _observed(self, part: Part, outcome: RunRecord) -> None:
        """The blocks that are drawn from observations of this kind."""
        from tutor.render.observations import Setting

        rows = self._rows if self._first == "curves" else None
        previous = tuple(self._session.previous_series.values())
        picture = self._session.lesson.picture
        first = picture.name if picture is not None else ""
        setting = Setting(
            self._look, key=key("closer").name, curve_height=CURVE_HEIGHT,
            visible_rows=rows, previous=previous, first=first,
        )  # fmt: skip
        for drawing in _drawings_of(part):
            if outcome.named(drawing.kinds[0]):  # until then the block of the run before stays
                self._set(drawing.block, drawing.draw(outcome, setting))

    def _hints(self, outcome: RunRecord) -> None:
        """Hints stand in the editor; here is said why some are missing."""
        from tutor.protocol.observations import Hints

        hints = outcome.latest(Hints)
        words = SILENT.get(hints.note) if hints is not None else None
        quiet = Text(words or "", self._look.dim_style)
        self._set("hints", [Drawing(lambda width: hang("", quiet, width))] if words else [])

    def _set(self, name: str, drawings: Sequence[RenderableType]) -> None:
        """The block of this name; without drawings there is none."""
        if drawings:
            spaced = [part for drawing in drawings for part in (Text(), drawing)][1:]
            self._blocks[name] = Group(*spaced)
        else:
            self._blocks.pop(name, None)

    def _ended(self, outcome: RunRecord) -> None:
        look = self._look
        if outcome.fault:
            fault = look.spell(outcome.fault)
            head = Text.assemble((look.broken, look.broken_style), " ")
            self._blocks["fault"] = Drawing(lambda width: hang(head, Text(fault), width))
        stopped = outcome.cause == "stopped"
        if stopped and outcome.raised is not None and outcome.raised.type == "KeyboardInterrupt":
            self._blocks.pop("raised", None)  # the learner's own doing, and no error
        if outcome.ended is not None and not _clean(outcome.ended):
            from tutor.render.run.verdict import ended

            # What ended it from outside is told before the line that was interrupted, which is no error.
            place = "ended" if outcome.ended.cause in ("", "stopped") else "fault"
            self._blocks[place] = ended(outcome.ended, look)
        self._output(outcome)
        if self._session.passed:
            self._praise(outcome)

    def _praise(self, outcome: RunRecord) -> None:
        """A finished lesson stays: its takeaway, and what the solution does otherwise."""
        from tutor.render.text.code import diff
        from tutor.render.text.markdown import lesson_text

        look, lesson = self._look, self._session.lesson
        if lesson.takeaway:
            self._blocks["takeaway"] = section("Takeaway", lesson_text(lesson.takeaway, look), look)
        if outcome.source.strip() != lesson.solution.text.strip():
            drawn = diff(outcome.source, lesson.solution.text, look)
            self._blocks["diff"] = section("Yours, and the solution", drawn, look)


_MAKERS: dict[Part, Callable[[ResultPage, RunRecord], None]] = {
    "Checked": ResultPage._verdict,
    "Raised": ResultPage._raised,
    "Output": ResultPage._output,
    "Hints": ResultPage._hints,
    "Ended": ResultPage._ended,
    "Fault": ResultPage._ended,
}
"""What draws the parts of a record that are no block of observations."""


@cache
def drawn_parts() -> tuple[Part, ...]:
    """The parts of a record that are drawn, in the order in which they are."""
    from tutor.render.observations import DRAWINGS

    first, last = tuple(_MAKERS)[:3], tuple(_MAKERS)[3:]
    return tuple(dict.fromkeys((*first, *(kind.__name__ for one in DRAWINGS for kind in one.kinds), *last)))


@cache
def _drawings_of(part: Part) -> tuple[BlockDrawing, ...]:
    from tutor.render.observations import DRAWINGS

    return tuple(one for one in DRAWINGS if part in [kind.__name__ for kind in one.kinds])


@cache
def block_order() -> tuple[str, ...]:
    """The names of all blocks, top to bottom."""
    from tutor.render.observations import DRAWINGS

    return tuple(dict.fromkeys((*ABOVE, *(one.block for one in DRAWINGS), *BELOW)))


def _move_up(order: tuple[str, ...], block: str, above: tuple[str, ...]) -> tuple[str, ...]:
    """Put a block before all others but those ``above``."""
    return tuple(sorted(order, key=lambda name: 0 if name in above else 1 if name == block else 2))


def _clean(event: Ended) -> bool:
    """The word over the result says all that there is to say of this end."""
    quiet = event.cause == "stopped" or (event.status == 0 and not event.cause and not event.sentence)
    return quiet and not event.dropped
