"""Reviews: what is due is what was stumbled over, what FSRS wants back, what was never asked; and not too much."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import fsrs
import pytest

from tests.learner.conftest import DAY, NOON, Clock
from tutor.learner.event_log import rebuild
from tutor.learner.review_queue import DAILY, SOON, Reviews
from tutor.learner.store import Store

PACK = {
    "tensors/views": ("shared", "strides"),
    "tensors/numpy": ("copies",),
    "autograd/backward": ("leaf", "printed", "blank"),
    "losses/asymmetric": ("weights",),
}


def names(lesson: str) -> tuple[str, ...]:
    return PACK.get(lesson, ())


@pytest.fixture
def reviews(store: Store) -> Reviews:
    return Reviews(store, names)


def cards(store: Store) -> list[tuple[object, ...]]:
    return store.rows("SELECT * FROM card ORDER BY question")


# --- the schedule -------------------------------------------------------------------------------------------


def test_the_schedule_is_what_py_fsrs_says_of_the_same_log(store: Store, reviews: Reviews):
    chance = random.Random(4)
    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    for name in range(12):
        card, at = fsrs.Card(card_id=name), NOON + chance.random() * DAY
        for _ in range(15):
            rating = chance.choices((1, 2, 3, 4), (2, 2, 5, 1))[0]
            reviews.record(f"a/b#{name}", rating, at)
            card, _ = scheduler.review_card(card, fsrs.Rating(rating), datetime.fromtimestamp(at, UTC))
            [(due,)] = store.rows("SELECT due FROM card WHERE question = ?", (f"a/b#{name}",))
            assert due == card.due.timestamp()
            at += chance.choice((30.0, 5 * 3600.0, chance.random() * 60 * DAY, max(0.0, due - at)))
        [kept] = store.rows("SELECT state, step, stability, difficulty FROM card WHERE question = ?", (f"a/b#{name}",))
        assert kept == (int(card.state), card.step, card.stability, card.difficulty)


def test_what_is_kept_is_what_the_log_comes_to(store: Store, reviews: Reviews, clock: Clock):
    chance = random.Random(5)
    for step in range(250):
        clock.now = NOON + step * 3600
        lesson = chance.choice(list(PACK))
        what = chance.randrange(9)
        if what < 3:
            reviews.record(f"{lesson}#{chance.choice(PACK[lesson])}", chance.randint(1, 4), clock.now)
        elif what < 5:
            store.attempted(
                lesson, failed=chance.choice(("", "one", "two")), misconception=chance.choice(("", "", "x"))
            )
        else:
            standing = store.standing(lesson)
            changes = (store.opened, store.passed, store.revealed, partial(store.hinted, count=step % 3), store.reset)
            chance.choice(changes)(lesson)
            if chance.random() < 0.1:
                store.restore(standing)
    lessons = (
        "SELECT id, opened_at, attempts, hints, passed_at, revealed_at, failed, stumbled_at FROM lesson ORDER BY id"
    )
    kept = store.rows(lessons), cards(store)
    assert len(kept[0]) == 4 and len(kept[1]) == 7
    store.change(rebuild)
    assert (store.rows(lessons), cards(store)) == kept


def test_answers_that_come_out_of_order_are_put_in_order(store: Store, reviews: Reviews):
    for at, rating in ((5 * DAY, 3), (0.0, 3), (9 * DAY, 1), (2 * DAY, 2)):
        reviews.record("a/b#late", rating, NOON + at)
    for at, rating in ((0.0, 3), (2 * DAY, 2), (5 * DAY, 3), (9 * DAY, 1)):
        reviews.record("a/b#right", rating, NOON + at)
    late, right = cards(store)
    assert late[2:] == right[2:]


@pytest.mark.parametrize(("question", "rating"), [("a/b", 3), ("a/b#c", 0), ("a/b#c", 5)])
def test_what_is_no_answer_is_refused(store: Store, reviews: Reviews, question: str, rating: int):
    with pytest.raises(ValueError, match="no answer"):
        reviews.record(question, rating, NOON)
    assert store.rows("SELECT * FROM event") == []


# --- what is due --------------------------------------------------------------------------------------------


def test_on_the_first_day_nothing_is_due(reviews: Reviews):
    assert reviews.due(NOON) == ()
    assert reviews.waiting(NOON) == 0
    assert reviews.forecast(NOON, 7) == (0,) * 7


def test_questions_of_solved_lessons_are_asked_and_of_no_others(store: Store, reviews: Reviews):
    store.opened("tensors/views")
    store.attempted("tensors/views")
    store.revealed("losses/asymmetric")
    assert reviews.due(NOON) == ()
    store.passed("autograd/backward")
    assert reviews.due(NOON) == ("autograd/backward#leaf", "autograd/backward#printed", "autograd/backward#blank")
    assert reviews.waiting(NOON) == 3


def test_an_answered_question_is_back_on_its_day_from_the_morning_on(reviews: Reviews):
    reviews.record("tensors/numpy#copies", 3, NOON)
    assert reviews.due(NOON + DAY) == ()
    assert reviews.due(NOON + 2 * DAY - 7.9 * 3600) == ("tensors/numpy#copies",)  # at four
    assert reviews.due(NOON + 2 * DAY - 8.1 * 3600) == ()
    assert reviews.due(NOON + 50 * DAY) == ("tensors/numpy#copies",)


def test_chapters_take_turns_the_most_urgent_first(store: Store, reviews: Reviews):
    for place, question in enumerate(
        ("autograd/backward#leaf", "autograd/backward#blank", "tensors/views#shared", "losses/asymmetric#weights")
    ):
        reviews.record(question, 1, NOON + place)
    store.passed("tensors/numpy")
    assert reviews.due(NOON + DAY) == (
        "autograd/backward#leaf",
        "tensors/views#shared",
        "losses/asymmetric#weights",
        "autograd/backward#blank",
        "tensors/numpy#copies",
    )


def test_no_more_than_the_daily_limit_and_what_was_asked_in_a_quiz_is_not_counted(store: Store, clock: Clock):
    many = {f"c{n}/lesson": ("one", "two") for n in range(20)}
    reviews = Reviews(store, lambda lesson: many[lesson])
    for lesson in many:
        store.passed(lesson)
    first = reviews.due(NOON)
    assert len(first) == reviews.waiting(NOON) == DAILY == 20
    assert reviews.waiting(NOON, None) == 40
    reviews.record(first[0], 3, NOON, sitting="quiz")
    assert len(reviews.due(NOON)) == 20
    for question in first[1:6]:
        reviews.record(question, 1, NOON)
        reviews.record(question, 3, NOON + 60)  # the second time in the same sitting
    assert reviews.reviewed(NOON) == 5
    assert len(reviews.due(NOON)) == reviews.waiting(NOON) == 15
    assert len(reviews.due(NOON + DAY)) == 20


def test_a_clock_that_was_ahead_for_a_day_uses_up_no_day_before(store: Store):
    reviews = Reviews(store, lambda lesson: [f"q{n}" for n in range(40)])
    store.passed("a/b")
    for question in reviews.due(NOON + 365 * DAY):
        reviews.record(question, 3, NOON + 365 * DAY)
    assert reviews.due(NOON + 365 * DAY) == ()
    assert reviews.reviewed(NOON) == 0 and len(reviews.due(NOON)) == DAILY


def test_a_misconception_brings_the_questions_of_its_lesson_once(store: Store, reviews: Reviews, clock: Clock):
    for name in PACK["autograd/backward"]:
        reviews.record(f"autograd/backward#{name}", 4, NOON)
    reviews.record("losses/asymmetric#weights", 1, NOON)
    clock.now = NOON + DAY
    store.attempted("autograd/backward", failed="leaf", misconception="not-tracked")
    assert len(reviews.due(NOON + 2 * DAY)) == 1, "the snippet's own is no stumble"
    store.attempted("autograd/backward", failed="leaf", misconception="not-tracked")
    assert len(reviews.due(NOON + 2 * DAY)) == 1
    store.attempted("autograd/backward", failed="gradient", misconception="not-zeroed")
    assert reviews.due(NOON + DAY + SOON - 1) == ("losses/asymmetric#weights",)
    soon = reviews.due(NOON + DAY + SOON)
    assert soon[0] == "autograd/backward#leaf" and len(soon) == 4
    for name in PACK["autograd/backward"]:
        reviews.record(f"autograd/backward#{name}", 4, NOON + DAY + SOON)
    assert reviews.due(NOON + DAY + 2 * SOON) == ("losses/asymmetric#weights",)


def test_a_lesson_that_is_not_solved_yet_is_asked_about_when_one_stumbles(store: Store, reviews: Reviews):
    store.attempted("tensors/views", failed="shape")
    store.attempted("tensors/views", failed="shape", misconception="axes-swapped")
    assert reviews.due(NOON + SOON) == ("tensors/views#shared", "tensors/views#strides")


def test_the_same_check_three_times_in_a_row_is_no_slip(store: Store, reviews: Reviews):
    for failed in ("shape", "shape", "values", "shape", "", "", "", "shape", "shape"):
        store.attempted("tensors/views", failed=failed)
    store.passed("tensors/numpy")
    store.attempted("tensors/numpy", failed="shape")
    assert reviews.due(NOON + SOON) == ("tensors/numpy#copies",)
    store.attempted("tensors/views", failed="shape")
    assert reviews.due(NOON + SOON)[0] == "tensors/views#shared"


def test_a_pass_in_between_starts_the_count_again(store: Store, reviews: Reviews):
    for _ in range(2):
        store.attempted("tensors/views", failed="shape")
        store.attempted("tensors/views", failed="shape")
        store.passed("tensors/views")
    assert store.rows("SELECT stumbled_at FROM lesson") == [(None,)]


def test_a_question_that_the_pack_has_no_longer_is_left_out_and_a_new_one_comes_with_the_next_edition(store: Store):
    pack = {"a/b": ("old", "kept")}
    store.passed("a/b")
    Reviews(store, lambda lesson: pack.get(lesson, ())).due(NOON)
    Reviews(store, names).record("gone/lesson#x", 1, NOON)
    pack["a/b"] = ("kept", "new")
    later = Reviews(store, lambda lesson: pack.get(lesson, ()), edition="2")
    assert later.due(NOON + DAY) == ("a/b#kept", "a/b#new")


def test_the_forecast_counts_what_is_overdue_on_its_first_day(reviews: Reviews):
    reviews.record("a/b#again", 1, NOON)
    reviews.record("a/b#good", 3, NOON)
    reviews.record("a/b#easy", 4, NOON)
    assert reviews.forecast(NOON, 10) == (0, 1, 1, 0, 0, 0, 0, 0, 1, 0)
    assert reviews.forecast(NOON + 2 * DAY, 7) == (2, 0, 0, 0, 0, 0, 1)


# --- what it costs ------------------------------------------------------------------------------------------


def test_what_is_due_is_known_without_fsrs(home: Path):
    program = """
import sys
from pathlib import Path
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store
store = Store.open(Path(sys.argv[1]))
store.passed("a/b")
reviews = Reviews(store, lambda lesson: ["x"])
assert reviews.due(0.0) == ("a/b#x",) and reviews.waiting(0.0) == 1
assert sum(reviews.forecast(0.0)) == 0 and not reviews.reviewed(0.0)
print("fsrs" in sys.modules)
reviews.record("a/b#x", 3, 0.0)
print("fsrs" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(home)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "False\nTrue\n"
