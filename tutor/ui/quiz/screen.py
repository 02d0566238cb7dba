"""Quiz mode: one question after the other on a full screen, and at the end the summary."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from tutor.client.runner import WorkerFault
from tutor.quiz.answer_parser import LETTERS
from tutor.quiz.driver import QuizDriver
from tutor.quiz.presentation import Answer
from tutor.quiz.turn import Turn
from tutor.render.learner import quiz_summary
from tutor.render.run.replay import progress
from tutor.render.text.markdown import spans
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer, Piece, fit
from tutor.ui.base.delay import Delay
from tutor.ui.base.list_view import Row
from tutor.ui.base.screen import PlaceScreen
from tutor.ui.context import Context
from tutor.ui.messages import OpenLesson, QuizRequest
from tutor.ui.quiz import selection
from tutor.ui.quiz.answer_state import AnswerState
from tutor.ui.quiz.question_view import QuestionView

STALE = 0.2
"""Seconds that the last question stays while the next one is prepared, or an answer is graded: most take less."""


class QuizScreen(PlaceScreen):
    """Asks the questions of a quiz."""

    PLACES = ("quiz",)
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("quiz", "question")

    def __init__(self, context: Context, request: QuizRequest) -> None:
        super().__init__(context)
        self._scope = request.scope
        self._title, cards, self._empty = selection.cards(context, request)
        self.runner = context.runs
        self._torch_settled = asyncio.Event()
        """The worker has torch, or there is none."""
        sitting = {"due": "review", "lesson": "lesson"}.get(request.scope, "quiz")
        self._driver = QuizDriver(cards, self, lambda turn: context.learner.answered(context.catalog, turn, sitting))
        self._view = QuestionView(context, id="quiz")
        self._busy = ""
        """The reason to wait, in words; empty: there is none."""
        self._showing_wait = Delay(self.set_timer, STALE, self._show_wait)

    def body(self) -> ComposeResult:
        """The question."""
        yield self._view

    @property
    def turn(self) -> Turn | None:
        """The question that is asked."""
        return self._driver.turn

    @property
    def is_answerable(self) -> bool:
        """An answer would be graded now."""
        return self.turn is not None and self.turn.phase != "over" and not self._busy and self._view.state is not None

    def on_mount(self) -> None:
        """Ask the first question."""
        self.machine_changed()
        if self._driver.card is None:
            self._show_sentence(self._empty)
        else:
            self.call_after_refresh(self._ask_next)  # once it is known how much room there is

    def machine_changed(self) -> None:
        """The worker reports a new state."""
        super().machine_changed()
        machine = self.context.machine
        if machine.stage != "starting" or machine.fault:
            self._torch_settled.set()
        else:
            self._torch_settled.clear()

    # --- asking ---------------------------------------------------------------------------------------------

    def _ask_next(self) -> None:
        self._finish_turn()
        self._wait_for("The code of the next question runs")
        self.run_worker(self._ask(), group="quiz", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        """Ask the next question that can be asked; after the last one, show the summary."""
        try:
            turn = await self._driver.ask_next()
        except WorkerFault as fault:
            self._stop_waiting()
            self._show_sentence(str(fault), is_fault=True)
            return
        self._stop_waiting()
        if turn is None:
            self._summarise()
            return
        self._view.show_turn(turn)
        self._show_bars()
        if self._driver.skipped:
            self.show_notice(self._driver.skipped[-1])

    # --- the worker, as the driver asks for it --------------------------------------------------------------

    async def is_ready(self) -> bool:
        """Whether torch is loaded."""
        return self._torch_settled.is_set() and not self.context.machine.fault

    async def wait_until_ready(self) -> None:
        """Wait for torch, and say so."""
        if not self._torch_settled.is_set():
            self._wait_for("This question is computed by torch, which is still being loaded")
            self._show_wait()
            await self._torch_settled.wait()
            self._wait_for("The code of the next question runs")

    # --- waiting --------------------------------------------------------------------------------------------

    def _wait_for(self, words: str) -> None:
        """Say what is waited for, unless it comes in a moment."""
        self._busy = words
        self._showing_wait.restart()

    def _stop_waiting(self) -> None:
        self._busy = ""
        self._showing_wait.stop()
        self.show_footer()

    def _show_wait(self) -> None:
        if self._busy and self.turn is None:
            self._show_sentence(f"{self._busy}{self.context.look.more}")
        elif self._busy:
            self.show_footer()

    def _show_sentence(self, sentence: str, *, is_fault: bool = False) -> None:
        self._view.show_sentence(sentence, is_fault=is_fault)
        self._show_bars()

    # --- answering ------------------------------------------------------------------------------------------

    async def on_question_view_answered(self, message: QuestionView.Answered) -> None:
        """Grade an answer: at once where no code has to run, else beside the keys, so that it can be stopped."""
        turn = self.turn
        if turn is None or not self.is_answerable:
            return
        if message.answer == ():
            self.show_notice("Nothing is chosen yet: Space ticks an option.")
        elif not turn.kind.runs_to_grade:
            await self._grade(message.answer)
        elif not self._torch_settled.is_set():
            self.show_notice("It is judged by running it, and torch is still being loaded.")
        else:
            self._wait_for("running it")
            self.run_worker(self._grade(message.answer), group="quiz", exclusive=True, exit_on_error=False)

    async def _grade(self, answer: Answer) -> None:
        try:
            await self._driver.answer(answer)
        except WorkerFault as fault:
            self._stop_waiting()
            self.show_notice(str(fault), "bold red")
            return
        self._stop_waiting()
        self._show_verdict()

    def _show_verdict(self) -> None:
        """Show how the turn stands. What is over is recorded once it is painted, and only then counted as done."""
        self._view.show_verdict()
        self._show_bars()
        if self.turn is not None and self.turn.phase == "over":
            self.call_after_refresh(self._finish_turn)

    def _finish_turn(self) -> None:
        """Record a question that is over. A key that leads on does not wait for the paint."""
        if self.turn is not None and self.turn.phase == "over":
            self._driver.finish_turn()
            self._show_bars()

    def on_question_view_edited(self) -> None:
        """An answer takes shape."""
        self.clear_notice()
        self.show_footer()

    async def on_question_view_action_requested(self, message: QuestionView.ActionRequested) -> None:
        """Do what a key of the question stands for."""
        await self.run_action(message.action)

    # --- keys -----------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Keys mean what the question makes of them. What was said is taken back by the base class."""
        if self._view.shows_summary:
            if event.key == "enter":
                event.stop()
                if (lesson := self._view.lesson) is not None:
                    self.leave_for(OpenLesson(lesson))
                else:
                    self.dismiss(None)
        elif self._busy:
            return
        elif self.turn is not None:
            self._view.press(event)
        elif event.key == "enter":
            event.stop()
            if self._driver.card is None:
                self.dismiss(None)
            else:
                self._ask_next()  # the worker may be there again

    def action_next(self) -> None:
        """Go on."""
        if not self._busy:
            self._ask_next()

    def action_shift(self, step: int) -> None:
        """Move a step up or down."""
        self.clear_notice()
        if self.is_answerable:
            self._view.shift(step)

    def action_tip(self) -> None:
        """A hint; where there is none, or after it, the answer."""
        self.clear_notice()
        if self.is_answerable and self._view.state is not None:
            if self._driver.give_hint():
                self._view.state.leave_struck_option()
            self._show_verdict()

    def action_tell(self) -> None:
        """The answer."""
        self.clear_notice()
        if self.is_answerable:
            self._driver.reveal()
            self._show_verdict()

    def action_interrupt(self) -> None:
        """Stop what is being graded."""
        if self._busy and self.turn is not None:
            self.workers.cancel_group(self, "quiz")
            self._stop_waiting()
            self.show_notice("Stopped: this was not judged, and does not count.")
        else:
            self.show_notice("Nothing is running. Esc leaves.")

    def action_code(self) -> None:
        """The code, to be read, changed and run."""
        self.clear_notice()
        turn, state = self.turn, self._view.state
        if turn is None or state is None or self._busy or not turn.presentation.code:
            self.show_notice("There is no code here.")
            return
        from tutor.ui.quiz.code_screen import CodeScreen

        code = CodeScreen(self.context, state)

        def close(_: None) -> None:
            if code.was_run and turn.phase != "over":
                self._driver.run_code()
                self._show_verdict()

        self.app.push_screen(code, close)

    def break_off(self) -> None:
        """Leave the question. A wrong answer that was left at that was one."""
        self.workers.cancel_group(self, "quiz")
        self._driver.finish_turn()

    async def action_leave(self) -> None:
        """Leave; if something was asked, by way of the summary."""
        self.break_off()
        if self._view.shows_summary or not self._driver.results:
            self.dismiss(None)
        else:
            self._summarise()

    # --- the end --------------------------------------------------------------------------------------------

    def _summarise(self) -> None:
        """Show the summary, and lessons to read again."""
        self._driver.turn = None
        self._stop_waiting()
        look, sums = self.context.look, self._driver.summary
        titles = {entry.id: entry.title for entry in self.context.catalog.entries}
        lessons = quiz_summary.reread(sums, titles, look)
        if sums.questions:
            summary = quiz_summary.summary(sums, look)
        else:
            reasons = self._driver.skipped or ["No question could be asked."]
            summary = self._view.sentence(reasons[-1])
        heading = [Row(Text()), Row(Text("  Worth reading again", look.title_style))] if lessons else []
        self._view.show_summary(summary, [*heading, *(Row(title, count, id) for id, title, count in lessons)])
        self._show_bars()

    # --- bars -----------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw all anew: signs and styles have changed, or curves have other room."""
        self._view.draw(anew=True)
        self._show_bars()

    def _show_bars(self) -> None:
        self.show_header()
        self.show_footer()

    def show_header(self) -> None:
        """The subject, the progress, the row of right answers, the machine."""
        look, so_far = self.context.look, self._driver.progress
        name = "" if self._scope == "due" else "Quiz"
        lead = f"{name} {'>' if look.ascii else '›'} " if name else ""
        crumb = Text.assemble((lead, look.dim_style), spans(self._title, look, look.title_style))
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
        if self._notice is None:
            self.query_one(Footer).words(self._keys())

    def _keys(self) -> list[tuple[str, str]]:
        """Keys and what they do."""
        look, turn, state = self.context.look, self.turn, self._view.state
        leave = (keys.key("leave", "quiz").name, "leave")
        if self._busy and turn is not None:
            return [("", f"{self._busy}{look.more}"), (keys.key("interrupt", "question").name, "stop")]
        if self._view.shows_summary:
            reread = [(_arrows(look.ascii), "choose"), ("Enter", "read again")] if self._view.lesson else []
            return [*reread, leave]
        if turn is None or state is None:
            can_retry = not self._busy and self._driver.card is not None
            return [*([("Enter", "try again")] if can_retry else []), leave]
        is_typed = turn.presentation.mode == "text"
        is_letter_free = not is_typed or turn.phase == "over"
        code = [("O" if is_letter_free else keys.key("code", "quiz").name, "code")] if turn.presentation.code else []
        if turn.phase == "over":
            return [("Enter", "go on"), *code, leave]
        hint = [(keys.key("tip", "quiz").name if is_typed else "?", "hint")] if turn.has_hint else []
        give_up = (keys.key("tell", "quiz").name, "don't know")
        return [*_answer_keys(state, look.ascii), *hint, give_up, *code, leave]


def _arrows(ascii: bool) -> str:
    return "Up Down" if ascii else "↑ ↓"


def _answer_keys(state: AnswerState, ascii: bool) -> list[tuple[str, str]]:
    """The keys that choose an answer and give it."""
    enter = ("Enter", "the answer" if state.answer() is None else "answer")
    letters = f"A-{LETTERS[max(0, len(state.turn.presentation.options) - 1)].upper()}"
    match state.mode:
        case "text":
            return [enter]
        case "several":
            return [("Space", "tick"), (letters, "tick"), enter]
        case "order":
            return [("Space", "take up"), (f"Alt+{_arrows(ascii)}", "move"), enter]
    return [(_arrows(ascii), "line") if state.turn.kind.options_are_lines else (letters, "answer"), enter]
