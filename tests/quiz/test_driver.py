"""The course of a quiz, as the app and the plain terminal both take it. No worker: questions without code."""

from __future__ import annotations

import itertools

import pytest

from tests.quiz.conftest import Ask, NoWorker
from tests.quiz.test_turn import CHOOSE, FILL, LINES, ORDER
from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.quiz.driver import QuizDriver
from tutor.quiz.selection import Card
from tutor.quiz.turn import Turn

PREDICT = 'q: predict n\n"""What?\n\n- `n + 1`: no\n\nSo.\n"""\nn = 1\n'
FRESH = 'q: fill the blank\n"""What?\n\n- [x] `n`\n- `0`: no\n\nSo.\n"""\nn = 1  # fresh: 1..9\nprint(___)\n'


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

    def __init__(self, *cards: Card, **questions: Question) -> None:
        self.worker = Loading()
        self.results: list[Turn] = []
        cards += tuple(Card(f"a/{name}#q", question, 1) for name, question in questions.items())
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

    async def play(self, *answers: bool) -> None:
        """Answer as many questions, one after the other."""
        for right in answers:
            await self.next()
            await self.answer(right=right)
            self.driver.finish_turn()


async def test_an_answer_is_recorded_once_and_the_quiz_goes_on(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE), two=ask(CHOOSE))
    assert await quiz.next() == "a/one"
    await quiz.answer(right=True)
    assert not quiz.results, "it is recorded when it is finished"
    quiz.driver.finish_turn()
    quiz.driver.finish_turn()
    assert await quiz.next() == "a/two"
    [result] = quiz.results
    assert (result.right, len(result.tried), result.seconds) == (True, 1, 1.0)


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
    assert quiz.driver.summary.corrected == 1


async def test_a_wrong_one_comes_again_at_the_end_once_and_looks_as_it_did(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE), two=ask(CHOOSE))
    await quiz.play(False, True)
    assert await quiz.next() == "a/one"
    again = quiz.driver.card
    assert again is not None and again.again and again.seed == quiz.results[0].card.seed
    await quiz.answer(right=False)
    assert await quiz.next() == "" and quiz.driver.card is None


async def test_fresh_numbers_are_others_when_it_comes_again(ask: Ask) -> None:
    quiz = Quiz(one=ask(FRESH))
    await quiz.next()
    quiz.driver.reveal()
    await quiz.next()
    assert quiz.driver.card is not None and quiz.driver.card.seed != quiz.results[0].card.seed


async def test_progress_and_streak(ask: Ask) -> None:
    question = ask(CHOOSE)
    quiz = Quiz(*(Card(f"a/x#q{i}", question, 1) for i in range(5)))
    states = []
    for right in (True, True, False, True, True, True):  # the last is the wrong one again
        await quiz.play(right)
        now, sums = quiz.driver.progress, quiz.driver.summary
        states.append((now.done, now.total, sums.right, sums.questions - sums.right, now.streak, sums.best_streak))
    assert states == [
        (1, 5, 1, 0, 1, 1),
        (2, 5, 2, 0, 2, 2),
        (3, 6, 2, 1, 0, 2),
        (4, 6, 3, 1, 1, 2),
        (5, 6, 4, 1, 2, 2),
        (6, 6, 4, 1, 3, 3),
    ]


async def test_the_summary_says_what_to_reread(ask: Ask) -> None:
    question = ask(CHOOSE)
    quiz = Quiz(*(Card(f"a/{name}#q{i}", question, 1) for name in "xyz" for i in range(3)))
    wrong = {"a/y#q0", "a/y#q2", "a/z#q1"}
    while (card := quiz.driver.card) is not None:
        await quiz.play(card.id not in wrong or (card.again and card.id == "a/z#q1"))
    summary = quiz.driver.summary
    assert (summary.questions, summary.right, summary.corrected, summary.best_streak) == (9, 6, 1, 3)
    assert summary.reread == (("a/y", 2), ("a/z", 1))
    assert summary.seconds == sum(result.seconds for result in quiz.results) == 17, "a wrong one lasts until it is left"


async def test_what_was_not_asked_are_questions_and_no_second_comings(ask: Ask) -> None:
    question = ask(CHOOSE)
    quiz = Quiz(*(Card(f"a/x#q{i}", question, 1) for i in range(3)))
    assert quiz.driver.summary.remaining == 3
    await quiz.play(False, False)
    assert quiz.driver.summary.remaining == 1 and quiz.driver.progress.total == 5
    await quiz.play(True)
    assert quiz.driver.summary.remaining == 0 and quiz.driver.card is not None and quiz.driver.card.again


async def test_time_is_counted_until_a_question_is_over(ask: Ask) -> None:
    quiz = Quiz(one=ask(CHOOSE), two=ask(CHOOSE))
    await quiz.next()
    await quiz.answer(right=False)
    await quiz.answer(right=True)
    await quiz.next()
    quiz.driver.reveal()
    await quiz.next()
    assert [(turn.right, turn.first_try, turn.seconds) for turn in quiz.results] == [
        (True, False, 2),
        (False, False, 1),
    ]


async def test_cards_that_need_no_torch_come_first_while_it_loads(ask: Ask) -> None:
    quiz = Quiz(fill=ask(FILL), order=ask(ORDER), choose=ask(CHOOSE))
    lessons = []
    while lesson := await quiz.next():
        lessons.append(lesson)
        quiz.driver.reveal()
    assert lessons[:2] == ["a/choose", "a/fill"] and quiz.worker.waits == 1


async def test_a_card_that_was_wrong_is_not_asked_again_at_once_to_fill_the_time(ask: Ask) -> None:
    quiz = Quiz(choose=ask(CHOOSE), fill=ask(FILL))
    await quiz.play(False)
    assert await quiz.next() == "a/fill" and quiz.worker.waits == 1


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
    assert (quiz.results[0].is_hinted, quiz.results[0].revealed) == (True, True)


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
