"""Questions line by line: for screen readers, dumb terminals and pipes. Nothing moves, nothing is coloured."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tutor import __version__
from tutor.cli.errors import Refusal
from tutor.cli.home import own_home
from tutor.cli.output import page
from tutor.cli.run_loop import WORKER_FAULT, tell
from tutor.client.client import Runner
from tutor.client.launch import Launch
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import BLANK
from tutor.quiz.answer_parser import LETTERS, reply, span
from tutor.quiz.executor import WorkerFault
from tutor.quiz.grading import Judgement, judge
from tutor.quiz.kept import keep
from tutor.quiz.presentation import CannotAsk, Put, put
from tutor.quiz.program import Answer
from tutor.quiz.session import Card, Result, Sitting
from tutor.quiz.turn import Turn, needs_worker
from tutor.render.learner import question, quiz_summary
from tutor.render.text.counted import counted
from tutor.render.text.layout import Drawing, hang
from tutor.render.text.markdown import lesson_text, spans

if TYPE_CHECKING:
    from tutor.learner.review_queue import Reviews

GLANCE = 0.01
"""Seconds in which what the worker has said meanwhile is heard."""


class Left(Exception):  # noqa: N818 -- it isn't an error to leave
    """The learner has left, or there is nothing more to read."""


class Plain:
    """Asks on standard output, reads from standard input, and remembers what came of it."""

    def __init__(self, catalog: Catalog, sitting: str) -> None:
        """``sitting`` is what answers are recorded as: ``review``, ``quiz`` or ``lesson``."""
        from tutor.learner.review_queue import Reviews
        from tutor.learner.store import Store

        self.paper = page(plain=True)
        self._catalog = catalog
        self._sitting = sitting
        self._store = Store.open(own_home())
        self.reviews: Reviews = Reviews(self._store, catalog.question_names, __version__)
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # what isn't text is no answer, and no reason to fail
        self._told = ""
        """The trouble with the disk that was told last."""

    def __enter__(self) -> Plain:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def ask(self, title: str, cards: Sequence[Card], start: Launch) -> int:
        """Go through ``cards``; the exit status.

        Raises:
            Refusal: the worker can't be started.
        """
        sitting, status = Sitting(cards), 0
        # Lines are read between two runs of the loop, so that ^C is what it is everywhere else.
        with asyncio.Runner() as loop:
            worker = _Worker(loop, Runner(start))
            try:
                worker.start()
                self._greet(title, len(cards))
                while sitting.card is not None:
                    self._card(sitting, worker)
            except Left:
                pass
            except WorkerFault as fault:
                tell(str(fault))
                status = WORKER_FAULT
            finally:
                worker.close()
        self._sum(sitting)
        return status

    def _greet(self, title: str, count: int) -> None:
        self.paper.draw(spans(f"{title}: {counted(count, 'question')}.", self.paper.look))
        self.paper.say("? gives a hint, then the answer. q leaves; what was answered is kept.")

    # --- one question ---------------------------------------------------------------------------------------

    def _card(self, sitting: Sitting, worker: _Worker) -> None:
        card = sitting.card
        assert card is not None
        if needs_worker(card.question) and not worker.listens():
            if sitting.put_off(lambda card: not needs_worker(card.question)):
                return
            self.paper.say()
            self.paper.say("The next question is computed by torch, which is being loaded.")
        try:
            turn = Turn(card, worker.put(card))
        except CannotAsk as why:
            self.paper.draw(spans(f"A question of {card.lesson} is left out. {why}", self.paper.look))
            sitting.skip()
            return
        self._show(turn, sitting)
        sitting.begin(time.monotonic())
        try:
            while turn.phase != "over":
                self._try(turn, sitting, worker)
        except Left:
            if turn.tried:  # a wrong answer, left at that, was one
                self._remember(sitting.next(time.monotonic()))
            raise
        self._remember(sitting.next(time.monotonic()))

    def _show(self, turn: Turn, sitting: Sitting) -> None:
        look, asked = self.paper.look, turn.put
        again = ", once more" if turn.card.again else ""
        self.paper.say()
        blocks: list[RenderableType] = [f"Question {quiz_summary.counts(sitting.progress)}{again}"]
        blocks.append(question.prompt(asked, look))
        if asked.code:
            blocks.append(question.code(asked, look, question.marks(turn)))
        if asked.series is not None:
            blocks.append(Drawing(lambda width: hang("    ", Text(self._curve(turn)), width)))
        if not asked.typed and asked.kind != "find the line":
            blocks.append(self._options(turn))
        self.paper.draw(*blocks)

    def _curve(self, turn: Turn) -> str:
        assert turn.put.series is not None
        return f"The learning rate: {question.in_numbers(turn.put.series)}."

    def _options(self, turn: Turn) -> Drawing:
        look, asked = self.paper.look, turn.put
        markdown = asked.kind in ("choose", "choose all")

        def draw(width: int) -> Iterator[Text]:
            for letter, option in zip(LETTERS, asked.options, strict=False):
                text = spans(option.text, look) if markdown else Text(look.spell(option.text.strip()))
                yield from hang(f"  {letter}) ", text, width)

        return Drawing(draw)

    def _try(self, turn: Turn, sitting: Sitting, worker: _Worker) -> None:
        text = self._read(turn)
        now = time.monotonic()
        if text.strip() == "?":
            if turn.tell():
                sitting.hint()
                self._speak(f"Hint: {turn.hint}")
            else:
                turn.reveal()
                sitting.reveal(now)
                self._verdict(turn)
            return
        try:
            answer = reply(turn, text)
            if answer in turn.tried:
                raise ValueError("That was not right a moment ago. ? gives the answer.")
        except ValueError as sentence:
            self._speak(str(sentence))
            return
        judgement = worker.judge(turn, answer)
        turn.took(answer, judgement)
        if judgement.counts:
            sitting.answer(judgement.right, now)
        self._verdict(turn)

    def _verdict(self, turn: Turn) -> None:
        """A word first, then what is said to the answer; at the end the right one and the why."""
        if not turn.revealed:
            self.paper.say(f"{question.heading(turn, self.paper.look).plain.partition(' ')[2]}.")
            for sentence in turn.judgement.said if turn.judgement is not None else ():
                self._speak(sentence)
        if turn.phase == "over":
            if not turn.right:
                self._speak(turn.answer if "\n" in turn.answer else f"The answer: {turn.answer}")
            self._speak(turn.put.why)
        elif turn.phase == "wrong":
            self.paper.say("You may try once more. ? gives the answer.")

    def _speak(self, markdown: str) -> None:
        if markdown:
            self.paper.draw(lesson_text(markdown, self.paper.look))

    def _read(self, turn: Turn) -> str:
        """A line of the learner's. Raises Left."""
        asks = {
            "fill the blank": f"In place of {BLANK}: ",
            "write": f"{turn.put.question.target} = ",
            "find the line": "Line: ",
            "order": f"The right order of {span(turn) if turn.put.options else ''}: ",
            "choose all": f"All that are right, {span(turn) if turn.put.options else ''}: ",
        }
        print(asks.get(turn.put.kind) or f"Answer, {span(turn)}: ", end="", flush=True)
        try:
            line = sys.stdin.readline() if sys.stdin is not None else ""
        except KeyboardInterrupt:
            print()  # what comes next begins a line of its own
            raise
        if not line:
            print()
            raise Left
        if not sys.stdin.isatty():
            print(self.paper.look.spell(line.rstrip("\n")))  # so that what is written can be read by itself
        if line.strip("\n") in ("q", "Q"):
            raise Left
        return line.rstrip("\n")

    # --- what comes of it -----------------------------------------------------------------------------------

    def _remember(self, result: Result) -> None:
        keep(self.reviews, result, time.time(), self._sitting)
        problem = self._store.problem
        if problem and problem != self._told:
            tell(problem)
        self._told = problem

    def _sum(self, sitting: Sitting) -> None:
        found = sitting.summary
        if not found.asked:
            return
        self.paper.say()
        self.paper.draw(quiz_summary.summary(found, self.paper.look))
        titles = {entry.id: entry.title for entry in self._catalog.entries}
        again = quiz_summary.reread(found, titles, self.paper.look)
        if again:
            self.paper.say()
            self.paper.say("Worth reading again:")
            for id, title, count in again:
                self.paper.say(f"  {title.plain}: tutor {id} ({count.plain})")


class _Worker:
    """A worker that is asked, and waited for, from code that is no coroutine."""

    def __init__(self, loop: asyncio.Runner, runner: Runner) -> None:
        self._loop = loop
        self._runner = runner

    def start(self) -> None:
        try:
            self._loop.run(self._runner.start())
        except OSError as error:
            python = self._runner.launch.python
            raise Refusal(f"`{python}` can't be started: {error.strerror}. Name a Python with --python.") from None

    def listens(self) -> bool:
        """Whether torch is loaded."""
        self._loop.run(asyncio.sleep(GLANCE))
        return self._runner.ready is not None

    def put(self, card: Card) -> Put:
        return self._loop.run(put(card.question, self._runner, card.seed))

    def judge(self, turn: Turn, answer: Answer) -> Judgement:
        return self._loop.run(judge(turn.put, answer, self._runner))

    def close(self) -> None:
        self._loop.run(self._runner.close())
