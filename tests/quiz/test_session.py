"""A quiz from its first card to its summary, without a worker or a clock."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.quiz.conftest import Ask
from tutor.curriculum.lesson import Question
from tutor.quiz.rating import AGAIN, EASY, GOOD, HARD, quick, rating
from tutor.quiz.session import Card, QuizSession, deal


@pytest.fixture
def question(ask: Ask) -> Question:
    return ask('q\n"""Which?\n\n- [x] a\n- b\n\nSo.\n"""\n')


@pytest.fixture
def fresh(ask: Ask) -> Question:
    return ask('q: predict n\n"""What?\n\n- `n + 1`\n\nSo.\n"""\nn = 1  # fresh: 1..9\n')


def pack(question: Question, *lessons: str, each: int = 2) -> list[tuple[str, Question]]:
    return [(f"{lesson}#q{i}", question) for lesson in lessons for i in range(each)]


def answer(session: QuizSession, right: bool, at: float = 0.0) -> None:
    session.start(at)
    session.answer(right, at + 1)
    session.next(at + 1)


# --- dealing --------------------------------------------------------------------------------------------------


def test_all_are_dealt_once_in_an_order_that_the_seed_decides(question: Question) -> None:
    questions = pack(question, "a/x", "a/y", "b/z", each=5)
    dealt = deal(questions, 1)
    assert sorted(card.id for card in dealt) == sorted(id_ for id_, _ in questions)
    assert deal(questions, 1) == dealt
    assert len({tuple(card.id for card in deal(questions, seed)) for seed in range(10)}) == 10
    assert len({card.seed for card in dealt}) == len(dealt)


def test_chapters_alternate_and_so_do_lessons(question: Question) -> None:
    questions = pack(question, "a/x", "a/y", "b/x", "b/y", "c/x", each=4)
    for seed in range(20):
        dealt = deal(questions, seed)
        assert all(one.chapter != other.chapter for one, other in pairwise(dealt))
    alone = deal(pack(question, "a/x", "a/y", "a/z", each=4), 3)
    assert all(one.lesson != other.lesson for one, other in pairwise(alone))


def test_a_short_quiz_has_some_of_every_chapter(question: Question) -> None:
    dealt = deal(pack(question, "a/x", "b/x", "c/x", "d/x", each=6), 1, count=8)
    assert Counter(card.chapter for card in dealt) == Counter(a=2, b=2, c=2, d=2)
    assert deal([], 1, count=3) == ()


# --- session --------------------------------------------------------------------------------------------------


def test_a_wrong_one_comes_again_at_the_end_once(question: Question) -> None:
    cards = deal(pack(question, "a/x", "b/x", each=1), 1)
    session = QuizSession(cards)
    answer(session, False)
    answer(session, True)
    assert session.card is not None and session.card.id == cards[0].id and session.card.again
    assert session.card.seed == cards[0].seed  # nothing moves
    answer(session, False)
    assert session.card is None
    with pytest.raises(ValueError):
        session.next(0)


def test_fresh_numbers_are_others_when_it_comes_again(fresh: Question) -> None:
    card = Card("a/x#q", fresh, 5)
    session = QuizSession([card])
    answer(session, False)
    assert session.card is not None and session.card.seed != card.seed


def test_progress_and_streak(question: Question) -> None:
    session = QuizSession(deal(pack(question, "a/x", each=5), 1))
    seen = []
    for right in (True, True, False, True, True, True):  # the last is the wrong one again
        answer(session, right)
        now = session.progress
        seen.append((now.done, now.total, now.right, now.wrong, now.streak, now.best_streak))
    assert seen == [
        (1, 5, 1, 0, 1, 1),
        (2, 5, 2, 0, 2, 2),
        (3, 6, 2, 1, 0, 2),
        (4, 6, 3, 1, 1, 2),
        (5, 6, 4, 1, 2, 2),
        (6, 6, 4, 1, 3, 3),
    ]


def test_the_summary_says_what_to_reread(question: Question) -> None:
    session = QuizSession([Card(f"a/{name}#q{i}", question, 1) for name in "xyz" for i in range(3)])
    wrong = {"a/y#q0", "a/y#q2", "a/z#q1"}
    while session.card is not None:
        answer(session, session.card.id not in wrong or (session.card.again and session.card.id == "a/z#q1"))
    summary = session.summary
    assert (summary.questions, summary.right, summary.corrected, summary.best_streak) == (9, 6, 1, 3)
    assert summary.reread == (("a/y", 2), ("a/z", 1))
    assert summary.seconds == 12


def test_what_was_not_asked_are_questions_and_no_second_comings(question: Question) -> None:
    session = QuizSession(deal(pack(question, "a/x", each=3), 1))
    assert session.summary.remaining == 3
    answer(session, False)
    answer(session, False)
    assert session.summary.remaining == 1 and session.progress.total == 5
    answer(session, True)
    assert session.summary.remaining == 0 and session.card is not None and session.card.again


def test_what_happened_to_a_card(question: Question) -> None:
    cards = [Card(f"a/x#q{i}", question, 1) for i in range(4)]
    session = QuizSession(cards)
    session.start(10)
    session.answer(False, 12)
    assert not session.settled and session.tries == 1
    session.answer(True, 15)
    session.answer(False, 16)  # played on with afterwards
    session.hint()
    second = session.next(40)
    assert (second.right, second.first_try, second.tries, second.hint, second.seconds) == (True, False, 2, False, 5)
    session.start(50)
    session.reveal(53)
    session.answer(True, 54)
    revealed = session.next(60)
    assert (revealed.right, revealed.revealed, revealed.tries, revealed.seconds) == (False, True, 0, 3)
    session.start(60)
    session.hint()
    session.answer(True, 61)
    assert session.next(70).rating == HARD
    session.start(70)
    left = session.next(75)
    assert (left.right, left.seconds, left.rating) == (False, 5, AGAIN)
    assert session.card is not None and [second.rating, revealed.rating] == [HARD, AGAIN]


def test_what_can_t_be_asked_is_left_out(question: Question) -> None:
    session = QuizSession(deal(pack(question, "a/x", each=2), 1))
    session.skip()
    assert (session.progress.done, session.progress.total) == (0, 1)
    answer(session, True)
    assert session.card is None and session.summary.questions == 1


# --- rating ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "tries", "hint", "revealed", "seconds", "rated"),
    [
        (True, 1, False, False, 5.0, EASY),
        (True, 1, False, False, 5.1, GOOD),
        (True, 1, False, False, 5000.0, GOOD),
        (True, 1, True, False, 1.0, HARD),
        (True, 2, False, False, 1.0, HARD),
        (True, 3, False, False, 1.0, AGAIN),
        (False, 1, False, False, 1.0, AGAIN),
        (False, 0, False, True, 1.0, AGAIN),
        (True, 2, False, True, 1.0, AGAIN),
    ],
)
def test_rating(right: bool, tries: int, hint: bool, revealed: bool, seconds: float, rated: int) -> None:
    given = rating(right=right, tries=tries, hint=hint, revealed=revealed, seconds=seconds, quick=5.0)
    assert given == rated


def test_more_to_read_and_to_type_takes_longer(examples: dict[str, Question]) -> None:
    assert quick(examples["gone_dim"]) < quick(examples["who_copies"]) < quick(examples["one_step"])
    assert all(3 < quick(question) < 40 for question in examples.values())
