"""The end of a chapter, or of the pack, on a full screen: everything done in it is checked again."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from tutor.client.runner import WorkerFault
from tutor.curriculum.manifest import Entry
from tutor.render.learner.lesson_list import sign
from tutor.render.text.layout import duration, hang, loosen
from tutor.render.text.markdown import spans
from tutor.ui import keys
from tutor.ui.base.bars import Bar, fit
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.base.screen import ListScreen
from tutor.ui.context import Context
from tutor.ui.finish.state import Finish
from tutor.ui.messages import OpenLesson, QuizRequest, StartQuiz
from tutor.verification.recheck import recheck

WORDS = {"revealed": "solution seen", "skipped": "skipped", "begun": "begun", "new": "not begun", "passed": ""}


class FinishScreen(ListScreen):
    """Checks as it opens."""

    PLACES = ("finish",)
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("finish")

    def __init__(self, context: Context, finish: Finish, following: Entry | None) -> None:
        """``following``: the lesson to go on with."""
        super().__init__(context)
        self.finish = finish
        self._following = following

    def on_mount(self) -> None:
        """Check what there is to check."""
        self.run_worker(self._check(), group="finish", exclusive=True, exit_on_error=False)

    async def _check(self) -> None:
        catalog, drafts = self.context.catalog, self.context.learner.drafts
        for id in list(self.finish.waiting):
            try:
                result = await recheck(catalog, id, drafts.load(id), drafts.distrust(id), self.context.runs)
            except WorkerFault as fault:
                self.finish.fault = str(fault)
                break
            self.finish.results[id] = result
            self.draw()
        self.draw()

    # --- drawing --------------------------------------------------------------------------------------------

    def show_header(self) -> None:
        """What is finished; the machine."""
        look = self.context.look
        kind = "All lessons" if self.finish.whole else "Chapter"
        title = Text.assemble(
            (f"{kind} {look.here} ", look.dim_style), spans(self.finish.title, look, look.title_style)
        )
        pieces = self.machine_pieces()
        self.query_one("#header", Bar).show(lambda width: fit(title, pieces, width, gap=self.gap))

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now."""
        return action != "next" or self._following is not None

    def labels(self) -> dict[str, str]:
        """The next lesson is where it goes on."""
        return {"next": "go on"}

    def rows(self) -> list[Row]:
        """The verdict, and all lessons with theirs."""
        finish, look = self.finish, self.context.look
        rows = [Row(Text()), *self._lines(self._headline()), *self._lines(self._verdict())]
        if finish.figures:
            rows += self._lines(Text(finish.figures))
        if finish.whole and finish.over:
            rows += self._lines(spans("`tutor report FILE` writes it down, to be shown to somebody.", look))
        for chapter in finish.chapters:
            rows.append(Row(Text()))
            if finish.whole:
                rows.append(Row(Text.assemble("  ", (look.spell(chapter.title), look.title_style))))
            for entry in chapter.entries:
                mark, word = self._word(entry.id)
                rows.append(Row(Text.assemble(" ", mark, " ", spans(entry.title, look)), word, entry.id))
                if (result := finish.results.get(entry.id)) is not None and result.reason:
                    rows += self._lines(spans(result.reason, look, look.dim_style), "       ")
        return rows

    def _lines(self, text: Text, indent: str = "  ") -> list[Row]:
        return [Row(loosen(line)) for line in hang(indent, text, self.query_one(Rows).columns)]

    def _headline(self) -> Text:
        """The numbers of lessons solved, revealed and remaining."""
        finish, look = self.finish, self.context.look
        solved, revealed = len(finish.solved), finish.count("revealed")
        words = f"{solved} of {len(finish.ids)} lessons solved"
        if revealed:
            words += f", {revealed} with the solution seen"
        remaining = finish.count("new", "begun", "skipped")
        if remaining:
            words += f", {remaining} left"
        headline = Text(words, look.title_style)
        if finish.whole and not remaining and not revealed:
            headline.append("  All of them.", look.passed_style)
        return headline

    def _word(self, id: str) -> tuple[Text, Text]:
        """The sign and the word of a lesson."""
        finish, look = self.finish, self.context.look
        state = finish.states.get(id, "new")
        size = max(len(look.passed), len(look.failed))
        if state != "passed":
            return Text.assemble(sign(state, look), " " * (size - len(sign(state, look)))), Text(
                WORDS[state], look.dim_style
            )
        result = finish.results.get(id)
        if result is None:
            waits = "not checked" if finish.fault else f"waits{look.more}"
            return Text(look.waits.ljust(size), look.waits_style), Text(waits, look.dim_style)
        if result.holds:
            word = Text.assemble(("holds", look.passed_style), (f" {duration(result.seconds):>7}", look.dim_style))
            return Text(look.passed.ljust(size), look.passed_style), word
        return Text(look.failed.ljust(size), look.failed_style), Text("does not hold", look.failed_style)

    def _verdict(self) -> Text:
        """The outcome of the check, in a sentence."""
        finish, look, machine = self.finish, self.context.look, self.context.machine
        torch = f"torch {machine.torch}" if machine.torch else "the installed torch"
        if finish.fault:
            return Text.assemble((f"{look.broken} ", look.broken_style), look.spell(finish.fault))
        if not finish.solved:
            return Text("Nothing to check: no lesson was solved.", look.dim_style)
        if not finish.over:
            done = len(finish.results)
            return Text(f"Checked again on {torch}: {done} of {len(finish.solved)}{look.more}", look.dim_style)
        failing, count = sum(not result.holds for result in finish.results.values()), len(finish.solved)
        if failing:
            words = f"{failing} of {count} {'does' if failing == 1 else 'do'} not hold on {torch}, as the draft is now."
            return Text.assemble((f"{look.failed} ", look.failed_style), (words, look.title_style))
        words = f"What you solved holds on {torch}, on this machine, today."
        return Text.assemble((f"{look.passed} ", look.passed_style), (words, look.title_style))

    # --- keys -----------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)

    def action_open(self) -> None:
        """The lesson under the cursor."""
        if (lesson := self.query_one(Rows).choice) is not None:
            self.leave_for(OpenLesson(lesson))

    def action_next(self) -> None:
        """The lesson to go on with."""
        if self._following is not None:
            self.leave_for(OpenLesson(self._following.id))

    def action_quiz(self) -> None:
        """A quiz on what is finished."""
        finish = self.finish
        quiz = QuizRequest("all") if finish.whole else QuizRequest("chapter", finish.chapters[0].id)
        self.leave_for(StartQuiz(quiz))
