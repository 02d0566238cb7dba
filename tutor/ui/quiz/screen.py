"""Quiz mode: one question after the other on a full screen, and at the end what it came to."""

from __future__ import annotations

import asyncio
import time

from rich.text import Text
from textual.timer import Timer

from tutor.quiz.executor import WorkerFault
from tutor.quiz.grading import judge
from tutor.quiz.presentation import CannotAsk, put
from tutor.quiz.program import Answer
from tutor.quiz.turn import Turn, judged_by_running, needs_worker
from tutor.render.learner import quiz_summary
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.context import Desk
from tutor.ui.quiz.answer_state import Answering
from tutor.ui.quiz.answers import AnswersScreen
from tutor.ui.quiz.question_view import ABOVE
from tutor.ui.quiz.selection import Quiz, remember

STALE = 0.2
"""Seconds that the last question stays while the next one is put, or an answer is judged: most take less."""


class QuizScreen(AnswersScreen):
    """Asks what it is given. :attr:`reread` is then the lesson that was chosen to be read again, if one was."""

    def __init__(self, desk: Desk, quiz: Quiz) -> None:
        super().__init__(desk, quiz)
        self.reread = ""
        self._late: Timer | None = None
        self._listens = asyncio.Event()
        """The worker has torch, or there is none."""
        self._done_at: float | None = None
        """When the question that is shown was done, until that is recorded."""
        self._left_out = ""
        """Why the last question that was to be asked could not be."""

    def on_mount(self) -> None:
        """Ask the first question."""
        self.query_one("#line").display = self.query_one("#reread").display = False
        self.machine_changed()
        self.show_header()
        if self.sitting.card is None:
            self.say_in_place(self.quiz.empty)
        else:
            self.call_after_refresh(self.ask_next)  # once it is known how much room there is

    # --- asking ---------------------------------------------------------------------------------------------

    def machine_changed(self) -> None:
        """The worker has said something new of itself."""
        super().machine_changed()
        machine = self.desk.machine
        if machine.stage != "starting" or machine.fault:
            self._listens.set()
        else:
            self._listens.clear()

    def ask_next(self) -> None:
        """Go on to the next question."""
        self._record()
        self.turn = self.hand = None
        self.run_worker(self._ask(), group="quiz", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        """Put the next card that can be put; after the last one, the summary."""
        while (card := self.sitting.card) is not None:
            waits = needs_worker(card.question) and (not self._listens.is_set() or self.desk.machine.fault)
            if waits and self.sitting.put_off(lambda card: not needs_worker(card.question)):
                continue
            if needs_worker(card.question) and not self._listens.is_set():
                self._wait_for("This question is computed by torch, which is still being loaded", at_once=True)
                await self._listens.wait()
            self._wait_for("The code of the next question runs")
            try:
                asked = await put(card.question, self.desk.runs, card.seed)
            except CannotAsk as why:
                self._left_out = f"A question of {card.lesson} was left out. {why}"
                self.sitting.skip()
                continue
            except WorkerFault as fault:
                self.say_in_place(str(fault), fault=True)
                return
            finally:
                self._wait_no_more()
            self.turn = Turn(card, asked)
            self.hand = Answering(self.turn)
            self.sitting.begin(time.monotonic())
            self._begin()
            return
        self._summarise()

    def _begin(self) -> None:
        """Show a question from its beginning."""
        assert self.turn is not None
        typed = self.turn.put.typed
        self.field.value = ""
        self.query_one("#line").display = typed
        if typed:
            self.name_field()
            self.field.focus()
        else:
            self.set_focus(None)
        self.draw(anew=True)
        self.sheet.scroll_home(animate=False)
        if self._left_out:
            self.say(self._left_out)
            self._left_out = ""

    def _wait_for(self, what: str, *, at_once: bool = False) -> None:
        """Say what is waited for, unless it comes in a moment."""
        self.busy = what
        if at_once:
            self._say_waiting()
        else:
            self._late = self.set_timer(STALE, self._say_waiting)

    def _wait_no_more(self) -> None:
        self.busy = ""
        if self._late is not None:
            self._late.stop()
            self._late = None
        self.show_footer()

    def _say_waiting(self) -> None:
        if self.busy and self.turn is None:
            self.say_in_place(f"{self.busy}{self.desk.look.more}")
        elif self.busy:
            self.show_footer()

    # --- answering ------------------------------------------------------------------------------------------

    async def answer_with(self, answer: Answer) -> None:
        """Judge an answer: at once where no code has to run, else beside the keys, so that it can be stopped."""
        assert self.turn is not None
        now = time.monotonic()
        if judged_by_running(self.turn.put.question):
            if not self._listens.is_set():
                self.say("It is judged by running it, and torch is still being loaded.")
                return
            self._wait_for("running it")
            self.run_worker(self._judge(answer, now), group="quiz", exclusive=True, exit_on_error=False)
        else:
            await self._judge(answer, now)

    async def _judge(self, answer: Answer, now: float) -> None:
        turn = self.turn
        assert turn is not None
        try:
            judgement = await judge(turn.put, answer, self.desk.runs)
        except WorkerFault as fault:
            self._wait_no_more()
            self.say(str(fault), "bold red")
            return
        self._wait_no_more()
        turn.took(answer, judgement)
        if judgement.counts:
            self.sitting.answer(judgement.right, now)
        self._judged(now)

    def _judged(self, now: float) -> None:
        """Show how the turn stands. What is over is recorded once it is painted, and only then counted as done."""
        assert self.turn is not None
        if self.turn.phase == "over":
            self.query_one("#line").display = False
            self.set_focus(None)
            self._done_at = now
            self.call_after_refresh(self._record)
        self.draw()
        self.sheet.reveal("said")

    def _record(self) -> None:
        """Save what became of the question, and count it as done. A key that leads on does not wait for the paint."""
        now, self._done_at = self._done_at, None
        if now is None:
            return
        remember(self.desk, self.quiz.wanted, self.sitting.next(now))
        self.show_header()
        self.show_footer()

    def action_tip(self) -> None:
        """A hint; where there is none, or after it, the answer."""
        self.hush()
        if self.answerable and self.turn is not None:
            if self.turn.tell():
                self.sitting.hint()
                if self.hand is not None and self.turn.one_of and self.hand.cursor not in self.turn.open:
                    self.hand.cursor = self.turn.open[0]
                self.draw()
                self.sheet.reveal("said")
            else:
                self.action_tell()

    def action_tell(self) -> None:
        """The answer."""
        self.hush()
        if self.answerable and self.turn is not None:
            now = time.monotonic()
            self.turn.reveal()
            self.sitting.reveal(now)
            self._judged(now)

    def action_interrupt(self) -> None:
        """Stop what is being judged."""
        if self.busy and self.turn is not None:
            self.workers.cancel_group(self, "quiz")
            self._wait_no_more()
            self.say("Stopped: this was not judged, and does not count.")
        else:
            self.say("Nothing is running. Esc leaves.")

    def action_code(self) -> None:
        """The code, to be read, changed and run."""
        self.hush()
        if self.turn is None or self.hand is None or self.busy or not self.turn.put.code:
            self.say("There is no code here.")
            return
        from tutor.ui.quiz.code_screen import OpenedScreen

        self.app.push_screen(OpenedScreen(self.desk, self.turn, self.hand, self._ran))

    def _ran(self, gives_away: bool) -> None:
        """The code of a question that is still open was run: that shows the answer, or helps to find it."""
        if self.turn is None or self.turn.phase == "over":
            return
        if gives_away:
            self.action_tell()
        else:
            self.sitting.hint()
            self.turn.ran = True

    def break_off(self) -> None:
        """Leave the question. A wrong answer that was left at that was one."""
        self.workers.cancel_group(self, "quiz")
        if self.turn is not None and self.turn.phase == "wrong":
            self._done_at = time.monotonic()
        self._record()

    async def action_leave(self) -> None:
        """Leave; if something was asked, by way of the summary."""
        self.break_off()
        if self.over or not self.sitting.results:
            self.leave_for("")
        else:
            self._summarise()

    def leave_for(self, lesson: str) -> None:
        """Leave, for a lesson if it isn't empty."""
        self.reread = lesson
        self.dismiss(None)

    # --- the end --------------------------------------------------------------------------------------------

    def _summarise(self) -> None:
        """What it came to; and lessons to read again."""
        self.turn = self.hand = None
        self._wait_no_more()
        catalog, look = self.desk.catalog, self.desk.look
        found = self.sitting.summary
        self.query_one("#line").display = False
        rows = self.query_one(Rows)
        rows.display = True
        titles = {entry.id: entry.title for entry in catalog.entries}
        again = quiz_summary.reread(found, titles, look)
        made = [Row(Text()), Row(Text("  Worth reading again", look.title_style))] if again else []
        rows.show([*made, *(Row(title, count, id) for id, title, count in again)])
        if found.asked:
            self._blocks = {"summary": quiz_summary.summary(found, look)}
            self.sheet.show(self._blocks)
            self.sheet.styles.height = self.sheet.count() + ABOVE
        else:
            self.say_in_place(self._left_out or "No question could be asked.")
        self.sheet.scroll_home(animate=False)
        rows.focus()
        self.show_header()
        self.show_footer()
