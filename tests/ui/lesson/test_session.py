"""What a lesson session decides, without a screen."""

from __future__ import annotations

import pytest

from tutor.curriculum.catalog import Catalog
from tutor.protocol.codec import Bucket, Checked, Ended, Fault, Finished, Output, Raised, Series, Started
from tutor.quiz.kinds import KINDS
from tutor.ui.lesson.session import Session


@pytest.fixture
def session(pack):
    lesson = Catalog(pack, KINDS).lesson("basics/one")
    return Session(lesson, lesson.snippet.text)


def test_a_run_asks_for_its_checks_and_what_the_lesson_allows(session):
    request = session.begin(7, "x = 1\n", 60, 20)
    assert (request.id, request.source, request.name, request.columns) == (7, "x = 1\n", "one.py", 60)
    assert "def right(run)" in request.check.source
    assert request.check.file.endswith("basics/one.py")


def test_events_of_another_run_are_not_taken(session):
    session.begin(1, "", 80, 24)
    session.begin(2, "", 80, 24)
    assert session.outcome.take(Output(1, "tty", "old")) is None
    assert session.outcome.take(Output(2, "tty", "new")) == "Output"
    assert [chunk.text for chunk in session.outcome.output] == ["new"]


def test_nothing_is_taken_after_the_end(session):
    session.begin(1, "", 80, 24)
    session.outcome.take(Ended(1, 0))
    assert session.outcome.take(Output(1, "tty", "late")) is None


def test_passed_needs_every_requirement_and_a_clean_end(session):
    session.begin(1, "", 80, 24)
    session.outcome.take(Checked(1, "right", "", "passed"))
    assert session.running and not session.passed
    session.outcome.take(Ended(1, 0))
    assert session.passed and not session.running


@pytest.mark.parametrize("cause", ["stopped", "seconds", "memory", "lost"])
def test_a_run_that_was_ended_did_not_pass(session, cause):
    session.begin(1, "", 80, 24)
    session.outcome.take(Checked(1, "right", "", "passed"))
    session.outcome.take(Ended(1, 137, cause))
    assert not session.passed


def test_a_run_without_a_verdict_did_not_pass(session):
    session.begin(1, "", 80, 24)
    session.outcome.take(Raised(1, "NameError", "name 'y' is not defined", ()))
    session.outcome.take(Ended(1, 1))
    assert session.outcome.verdict() == () and not session.passed


def test_requirements_not_judged_yet_wait_in_the_lessons_order(pack):
    lesson = Catalog(pack, KINDS).lesson("basics/one")
    session = Session(lesson, "")
    session.begin(1, "", 80, 24)
    session.outcome.take(Checked(1, "another", "of an older file", "failed"))
    assert [(check.name, check.state) for check in session.outcome.verdict()] == [
        ("right", "waits"),
        ("another", "failed"),
    ]


def test_waiting_ends_with_the_first_word_of_the_program(session):
    session.begin(1, "", 80, 24)
    session.outcome.take(Started(1, "/x.py"))
    assert session.outcome.waiting
    session.outcome.take(Finished(1, 0.1))
    assert not session.outcome.waiting


def test_a_fault_ends_a_run(session):
    session.begin(1, "", 80, 24)
    session.outcome.take(Fault(1, "The worker died."))
    assert not session.running and session.outcome.fault == "The worker died."


def test_hints_come_one_by_one_and_end(session):
    assert [session.hint(), session.hint(), session.hint()] == [1, 2, None]
    assert not session.offers("hint")


def test_hints_of_the_last_time_are_shown_again(session):
    session.recall(1, revealed=True)
    assert (session.hints, session.revealed) == (1, True)
    session.recall(9, revealed=False)
    assert (session.hints, session.revealed) == (2, True)


def test_what_is_offered_follows_the_state(session):
    assert not session.offers("stop") and not session.offers("reset") and session.offers("reveal")
    session.begin(1, "other", 80, 24)
    assert session.offers("stop") and session.offers("reset")
    session.reveal()
    assert not session.offers("reveal")


def test_the_curve_of_the_run_before_is_kept_behind_the_new_one(session):
    first = Series(1, "loss", "loss", (Bucket(0, 1, 1.0, 1.0, 1.0),))
    session.begin(1, "", 80, 24)
    session.outcome.take(first)
    session.begin(2, "", 80, 24)
    assert session.previous_series == {"loss": first} and session.outcome.named(Series) == {}
