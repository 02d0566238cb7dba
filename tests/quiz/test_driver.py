"""The course of a quiz, as the app and the plain terminal both take it. No worker: questions without code."""

from __future__ import annotations

import itertools

import pytest

from tests.quiz.conftest import Ask, NoWorker
from tests.quiz.test_turn import CHOOSE, LINES
from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.quiz.driver import QuizDriver
from tutor.quiz.session import Card, Result

PREDICT = 'q: predict n\n"""What?\n\n- `n + 1`: no\n\nSo.\n"""\nn = 1\n'


class Loading:
    """A worker that loads torch until somebody waits for it."""

    def __init__(self) -> None:
        self.ready = False
        self.waits = 0
        self.runner: CodeRunner = NoWorker()

    async def is_ready(self) -> bool:
        return self.ready

    async def wait_until_ready(self) -> None:
        self.waits += 1
        self.ready = True


class Quiz:
    """A quiz over some questions, with a clock that ticks a second at each look."""

    def __init__(self, **questions: Question) -> None:
        self.worker = Loading()
        self.results: list[Result] = []
        cards = [Card(f"a/{name}#q", question, 1) for name, question in questions.items()]
        clock = itertools.count()
        self.driver = QuizDriver(cards, self.worker, self.results.append, lambda: float(next(clock)))

    async def next(self) -> str:
        """Go on; the lesson of the question that is asked, or nothing."""
        turn = await self.driver.ask_next()
        return turn.card.lesson if turn is not None else ""

    async def answer(self, *, right: bool) -> None:
        turn = self.driver.turn
        assert turn is not None
        places = turn.presentation.right if right else [p for p in turn.open if p not in turn.presentation.right]
        await self.driver.answer((places[0],))


async def test_an_answer_is_recorded_once_and_the_quiz_goes_on(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE), two=ask(CHOOSE))
    assert await quiz.next() == "a/one"
    await quiz.answer(right=True)
    assert not quiz.results, "it is recorded when it is finished"
    quiz.driver.finish_turn()
    quiz.driver.finish_turn()
    assert await quiz.next() == "a/two"
    [result] = quiz.results
    assert (result.right, result.tries, result.seconds) == (True, 1, 1.0)


async def test_a_wrong_answer_that_is_left_at_that_was_one_and_none_is_none(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE))
    await quiz.next()
    quiz.driver.finish_turn()
    assert not quiz.results
    await quiz.answer(right=False)
    quiz.driver.finish_turn()
    assert [result.right for result in quiz.results] == [False]


async def test_what_was_wrong_comes_again(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE))
    await quiz.next()
    quiz.driver.reveal()
    assert await quiz.next() == "a/one"
    assert quiz.driver.turn is not None and quiz.driver.turn.card.again
    await quiz.answer(right=True)
    assert await quiz.next() == "" and quiz.driver.turn is None
    assert quiz.driver.session.summary.corrected == 1


async def test_questions_that_need_torch_wait_while_others_can_be_asked_and_are_skipped_where_nothing_runs(
    ask: Ask,
) -> None:
    quiz = Quiz(computed=ask(PREDICT), one=ask(CHOOSE))
    assert await quiz.next() == "a/one" and quiz.worker.waits == 0
    await quiz.answer(right=True)
    assert await quiz.next() == "" and quiz.worker.waits == 1
    [sentence] = quiz.driver.skipped
    assert sentence == (
        "A question of a/computed was left out. The code of this question doesn't run here. There is no worker."
    )
    assert [result.card.lesson for result in quiz.results] == ["a/one"]


async def test_a_hint_comes_before_the_answer_and_counts(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE))
    await quiz.next()
    assert quiz.driver.give_hint()
    assert not quiz.driver.give_hint(), "that was the answer"
    quiz.driver.finish_turn()
    assert (quiz.results[0].hint, quiz.results[0].revealed) == (True, True)


@pytest.mark.parametrize("run_first", [True, False])
async def test_a_run_of_the_code_shows_the_answer_of_some_kinds_unless_it_is_known(ask: Ask, run_first: bool) -> None:
    quiz = Quiz(lines=ask(LINES))
    await quiz.next()
    turn = quiz.driver.turn
    assert turn is not None
    if run_first:
        quiz.driver.run_code()
    await quiz.answer(right=True) if not run_first else None
    if not run_first:
        quiz.driver.run_code()
    assert (turn.phase, turn.revealed, turn.right) == ("over", run_first, not run_first)


async def test_without_a_question_there_is_nothing_to_answer(ask: Ask) -> None:
    with pytest.raises(RuntimeError):
        Quiz(one=ask(CHOOSE)).driver.reveal()
