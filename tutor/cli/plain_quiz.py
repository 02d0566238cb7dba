"""Questions line by line: for screen readers, dumb terminals and pipes. Nothing moves, nothing is coloured."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from tutor import __version__
from tutor.cli.output import page
from tutor.cli.run_loop import WORKER_FAULT, start, tell
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.runner import WorkerFault
from tutor.curriculum.catalog import Catalog
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store
from tutor.quiz.answer_parser import LETTERS, parse_answer, span
from tutor.quiz.driver import QuizDriver
from tutor.quiz.selection import Card
from tutor.quiz.turn import Turn
from tutor.render.learner import question, quiz_summary
from tutor.render.text.counted import counted
from tutor.render.text.layout import Drawing, hang
from tutor.render.text.markdown import lesson_text, spans

GLANCE = 0.01
"""Seconds for which the worker is listened to before a question that needs torch."""


class Leave(Exception):  # noqa: N818 -- it isn't an error to leave
    """The learner leaves, or there is nothing more to read."""


class PlainQuiz:
    """Asks on standard output, reads from standard input, and records the answers."""

    def __init__(self, catalog: Catalog, home: Path, sitting: str, launch: Launch) -> None:
        """``sitting`` is what answers are recorded as: ``review``, ``quiz`` or ``lesson``."""
        self.paper = page(plain=True)
        self.runner = WorkerClient(launch)
        self._catalog = catalog
        self._sitting = sitting
        self._store = Store.open(home)
        self.reviews = Reviews(self._store, catalog.question_names, __version__)
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # what isn't text is no answer, and no reason to fail
        self._disk_problem = ""
        """The last trouble with the disk that was reported."""

    def close(self) -> None:
        """Let go of what is remembered."""
        self._store.close()

    def ask(self, title: str, cards: Sequence[Card]) -> int:
        """Go through ``cards``; the exit status.

        Raises:
            Refusal: the worker can't be started.
        """
        driver, status = QuizDriver(cards, self, self._record), 0
        # Lines are read between two runs of the loop, so that ^C is what it is everywhere else.
        with asyncio.Runner() as loop:
            try:
                loop.run(start(self.runner))
                self.paper.draw(spans(f"{title}: {counted(len(cards), 'question')}.", self.paper.look))
                self.paper.say("? gives a hint, then the answer. q leaves; what was answered is kept.")
                while self._prepare_next(driver, loop):
                    self._ask(driver, loop)
            except Leave:
                driver.finish_turn()
            except WorkerFault as fault:
                tell(str(fault))
                status = WORKER_FAULT
            finally:
                loop.run(self.runner.close())
        self._sum_up(driver)
        return status

    # --- one question ---------------------------------------------------------------------------------------

    def _prepare_next(self, driver: QuizDriver, loop: asyncio.Runner) -> bool:
        """Prepare the next question; False: there is none."""
        try:
            return loop.run(driver.ask_next()) is not None
        finally:
            for sentence in driver.skipped:
                self.paper.draw(spans(sentence, self.paper.look))

    def _ask(self, driver: QuizDriver, loop: asyncio.Runner) -> None:
        turn = driver.turn
        assert turn is not None
        self._show(turn, driver)
        while turn.phase != "over":
            self._try(turn, driver, loop)
        driver.finish_turn()

    def _show(self, turn: Turn, driver: QuizDriver) -> None:
        look, presentation = self.paper.look, turn.presentation
        again = ", once more" if turn.card.again else ""
        self.paper.say()
        blocks: list[RenderableType] = [f"Question {quiz_summary.counts(driver.progress)}{again}"]
        blocks.append(lesson_text(presentation.question.prompt, look))
        if presentation.code:
            blocks.append(question.code(presentation, look, question.marks(turn)))
        if presentation.series is not None:
            curve = f"The learning rate: {question.in_numbers(presentation.series)}."
            blocks.append(Drawing(lambda width: hang("    ", Text(curve), width)))
        if presentation.options and (presentation.mode == "order" or not turn.kind.options_are_lines):
            blocks.append(self._options(turn))
        self.paper.draw(*blocks)

    def _options(self, turn: Turn) -> Drawing:
        look = self.paper.look

        def draw(width: int) -> Iterator[Text]:
            for letter, option in zip(LETTERS, turn.presentation.options, strict=False):
                is_markdown = turn.kind.options_are_markdown
                text = spans(option.text, look) if is_markdown else Text(look.spell(option.text.strip()))
                yield from hang(f"  {letter}) ", text, width)

        return Drawing(draw)

    def _try(self, turn: Turn, driver: QuizDriver, loop: asyncio.Runner) -> None:
        text = self._read(turn)
        if text.strip() == "?":
            if driver.give_hint():
                self._speak(f"Hint: {turn.hint}")
            else:
                self._speak_verdict(turn)
            return
        try:
            answer = parse_answer(turn, text)
            if answer in turn.tried:
                raise ValueError("That was not right a moment ago. ? gives the answer.")
        except ValueError as sentence:
            self._speak(str(sentence))
            return
        loop.run(driver.answer(answer))
        self._speak_verdict(turn)

    def _speak_verdict(self, turn: Turn) -> None:
        """A word first, then what there is to say to the answer; at the end the right one and the why."""
        if not turn.revealed:
            self.paper.say(f"{question.heading(turn, self.paper.look).plain.partition(' ')[2]}.")
            for sentence in turn.verdict.sentences if turn.verdict is not None else ():
                self._speak(sentence)
        if turn.phase == "over":
            if not turn.right:
                self._speak(turn.answer if "\n" in turn.answer else f"The answer: {turn.answer}")
            self._speak(turn.card.question.why)
        elif turn.phase == "wrong":
            self.paper.say("You may try once more. ? gives the answer.")

    def _speak(self, markdown: str) -> None:
        if markdown:
            self.paper.draw(lesson_text(markdown, self.paper.look))

    def _read(self, turn: Turn) -> str:
        """A line of the learner's. Raises Leave."""
        print(turn.kind.line_prompt(turn.presentation.question, span(turn)), end="", flush=True)
        try:
            line = sys.stdin.readline() if sys.stdin is not None else ""
        except KeyboardInterrupt:
            print()  # what comes next begins a line of its own
            raise
        if not line:
            print()
            raise Leave
        if not sys.stdin.isatty():
            print(self.paper.look.spell(line.rstrip("\n")))  # so that what is written can be read by itself
        if line.strip("\n") in ("q", "Q"):
            raise Leave
        return line.rstrip("\n")

    # --- results --------------------------------------------------------------------------------------------

    def _record(self, turn: Turn) -> None:
        if not turn.card.again:
            self.reviews.record(turn.card.id, turn.rating, time.time(), self._sitting, **turn.course)
        problem = self._store.problem
        if problem and problem != self._disk_problem:
            tell(problem)
        self._disk_problem = problem

    def _sum_up(self, driver: QuizDriver) -> None:
        summary, look = driver.summary, self.paper.look
        if not summary.questions:
            return
        self.paper.say()
        self.paper.draw(quiz_summary.summary(summary, look))
        titles = {entry.id: entry.title for entry in self._catalog.entries}
        again = quiz_summary.reread(summary, titles, look)
        if again:
            self.paper.say()
            self.paper.say("Worth reading again:")
            for id, title, count in again:
                self.paper.say(f"  {title.plain}: tutor {id} ({count.plain})")

    # --- the worker, as the driver asks for it --------------------------------------------------------------

    async def is_ready(self) -> bool:
        """Whether torch is loaded, after a glance at what the worker says."""
        await asyncio.sleep(GLANCE)
        return self.runner.ready is not None

    async def wait_until_ready(self) -> None:
        """Say so only: runs wait in the worker by themselves."""
        self.paper.say()
        self.paper.say("The next question is computed by torch, which is being loaded.")
