"""The screen of a quiz: a question as it stands, how far it has come, the keys that do something now."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from tutor.quiz.answer_parser import LETTERS
from tutor.quiz.session import Sitting
from tutor.quiz.turn import Turn
from tutor.render.learner import question as asking
from tutor.render.run.replay import progress
from tutor.render.text.layout import Drawing, hang
from tutor.render.text.markdown import spans
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer, Piece, fit
from tutor.ui.base.list_view import Rows
from tutor.ui.base.place import PlaceScreen
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.context import Desk
from tutor.ui.lesson.text_view import Stacked
from tutor.ui.quiz.answer_state import Answering
from tutor.ui.quiz.selection import Quiz

LOWEST_CURVE = 7
ABOVE = 1
"""Lines above a question."""
BARS = 4
"""Header, footer, and the line to type into with an empty one above it."""


class QuestionScreen(PlaceScreen):
    """Draws what it holds; :class:`tutor.ui.quiz.screen.QuizScreen` says what happens."""

    PLACE = "quiz"

    def __init__(self, desk: Desk, quiz: Quiz) -> None:
        super().__init__(desk)
        self.quiz = quiz
        self.sitting = Sitting(quiz.cards)
        self.turn: Turn | None = None
        """The question that is shown."""
        self.hand: Answering | None = None
        """What the learner does with it."""
        self.busy = ""
        """What is waited for, in words; empty: nothing."""
        self._blocks: dict[str, RenderableType] = {}

    # --- the parts ------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Where one is; the question; a line to type into; at the end lessons to choose from; keys."""
        yield Bar(id="header")
        with Vertical(id="quiz"):
            question = Sheet(id="asked")
            question.can_focus = False
            yield question
            with Horizontal(id="line"):
                yield Bar(id="target")
                field = Input(compact=True, select_on_focus=False, id="typed")
                field.cursor_blink = False
                yield field
            yield Rows(widest=98, id="reread")
        yield Footer(id="footer")
        yield Bar(id="tiny")

    @property
    def sheet(self) -> Sheet:
        """What is asked, and what is said to the answer."""
        return self.query_one("#asked", Sheet)

    @property
    def field(self) -> Input:
        """The line to type into."""
        return self.query_one("#typed", Input)

    @property
    def over(self) -> bool:
        """All has been asked, or the learner has seen enough: the summary is shown."""
        return self.query_one("#reread").display

    # --- drawing ------------------------------------------------------------------------------------------
    def say_in_place(self, sentence: str, *, fault: bool = False) -> None:
        """A sentence where the question would be."""
        look = self.desk.look
        head = Text.assemble((f"{look.broken} ", look.broken_style)) if fault else Text("")
        body = spans(sentence, look)
        self.query_one("#line").display = False
        self._blocks = {"sentence": Drawing(lambda width: hang(head, body, width))}
        self.sheet.show(self._blocks)
        self._fit()
        self.show_header()
        self.show_footer()

    def name_field(self) -> None:
        assert self.turn is not None
        question, look = self.turn.put.question, self.desk.look
        name = f"{question.target} =" if self.turn.put.kind == "write" else look.here
        bar = self.query_one("#target", Bar)
        label = Text.assemble("  ", (name, look.name_style))
        bar.styles.width = label.cell_len + 1
        bar.show(lambda width: label)

    def draw(self, *, anew: bool = False) -> None:
        """Draw what has changed; ``anew``: all of it."""
        turn, hand, look = self.turn, self.hand, self.desk.look
        if turn is None or hand is None:
            return
        asked, marks = turn.put, hand.marks
        before = {} if anew else self._blocks
        blocks: dict[str, RenderableType] = {"prompt": before.get("prompt") or asking.prompt(asked, look)}
        code: RenderableType | None = None
        if asked.code:
            moves = asked.typed or asked.kind in ("find the line", "order")
            code = asking.code(asked, look, marks) if moves else before.get("code") or asking.code(asked, look, marks)
        if asked.series is not None:
            wrong = [answer[0] for answer in turn.tried if isinstance(answer, tuple)]
            blocks["curve"] = asking.asked_curve(asked, look, wrong[-1] if wrong else None, self._curve_height())
        elif code is not None:
            blocks["code"] = code
        if drawn := asking.options(asked, look, marks):
            blocks["options"] = Stacked(*drawn)
        if (words := asking.said(turn, look)) is not None:
            blocks["said"] = words
        if asked.series is not None and code is not None:
            blocks["code"] = code
        self._blocks = blocks
        self.sheet.show(blocks)
        self._fit()
        self.show_header()
        self.show_footer()

    def _fit(self) -> None:
        """Where an answer is typed, the line to type into stands right below the question."""
        if self.turn is not None and self.query_one("#line").display:
            self.sheet.styles.height = max(1, min(self.sheet.count() + ABOVE, self.app.size.height - BARS))
        else:
            self.sheet.styles.height = "1fr"

    def _curve_height(self) -> int:
        return max(LOWEST_CURVE, min(asking.CURVE_HEIGHT + 2, self.app.size.height // 2 - 2))

    def follow(self) -> None:
        """Keep the cursor in sight."""
        turn, hand = self.turn, self.hand
        if turn is None or hand is None or turn.put.typed:
            return
        width = self.sheet.columns
        if drawn := asking.options(turn.put, self.desk.look, hand.marks):
            row = self.sheet.at("options") + sum(len(one.lines(width)) for one in drawn[: hand.cursor])
        else:
            above = asking.rows_above(turn.put, self.desk.look, hand.marks, hand.cursor, width)
            row = self.sheet.at("code") + above
        top, height = self.sheet.scroll_offset.y, self.sheet.size.height
        if not top <= row < top + height - 1:
            self.sheet.scroll_to(y=max(0, row - height // 2), animate=False)

    def look_again(self) -> None:
        """Signs and styles have changed."""
        self.draw(anew=True)

    def on_resize(self, event: events.Resize) -> None:
        """Curves have other room."""
        super().on_resize(event)
        self.draw(anew=True)

    def show_header(self) -> None:
        """What is asked about; how far it has come; the row of right answers; the machine."""
        look, so_far = self.desk.look, self.sitting.progress
        name = "" if self.quiz.wanted.what == "due" else "Quiz"
        lead = f"{name} {'>' if look.ascii else '›'} " if name else ""
        crumb = Text.assemble((lead, look.dim_style), spans(self.quiz.title, look, look.title_style))
        pieces = [Piece(piece.text, piece.rank + 2) for piece in self.machine_pieces()]
        if so_far.total:
            bar = progress(so_far.done, so_far.total, look, 12)
            pieces.append(Piece(Text.assemble(f"{so_far.done} of {so_far.total} ", bar), 0))
        if so_far.streak > 1:
            pieces.insert(0, Piece(Text(f"{so_far.streak} in a row", look.passed_style), 1))
        if self.turn is not None and self.turn.card.again:
            pieces.insert(0, Piece(Text("once more", look.dim_style), 2))
        self.query_one("#header", Bar).show(lambda width: fit(crumb, pieces, width, gap=self.gap))

    def show_footer(self) -> None:
        """The keys that do something now."""
        if self._said is None:
            self.query_one(Footer).words(self._keys(), last=True)

    def _keys(self) -> list[tuple[str, str]]:
        """Keys and what they do."""
        look, turn, hand = self.desk.look, self.turn, self.hand
        arrows = "Up Down" if look.ascii else "↑ ↓"
        if self.busy and turn is not None:
            return [("", f"{self.busy}{look.more}"), ("^C", "stop")]
        if self.over:
            reread = [(arrows, "choose"), ("Enter", "read again")] if self.query_one(Rows).choice else []
            return [*reread, ("Esc", "leave")]
        if turn is None or hand is None:
            again = [("Enter", "try again")] if not self.busy and self.sitting.card is not None else []
            return [*again, ("Esc", "leave")]
        code = [("^O" if turn.put.typed and turn.phase != "over" else "O", "code")] if turn.put.code else []
        if turn.phase == "over":
            return [("Enter", "go on"), *code, ("Esc", "leave")]
        enter = "the answer" if hand.answer() is None else "answer"
        last = LETTERS[max(0, len(turn.put.options) - 1)]
        choosing = {
            "choose all": [("Space", "tick"), (f"A-{last.upper()}", "tick"), ("Enter", enter)],
            "order": [("Space", "take up"), ("Alt+" + arrows, "move"), ("Enter", enter)],
            "find the line": [(arrows, "line"), ("Enter", enter)],
        }.get(
            turn.put.kind, [("Enter", enter)] if turn.put.typed else [(f"A-{last.upper()}", "answer"), ("Enter", enter)]
        )
        hint = [(keys.key("tip").shown if turn.put.typed else "?", "hint")] if turn.has_hint else []
        return [*choosing, *hint, ("F3", "don't know"), *code, ("Esc", "leave")]
