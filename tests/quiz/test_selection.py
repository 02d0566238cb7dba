"""Which questions of a pack are asked, and chapters by what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui import asked
from tutor.curriculum.catalog import Catalog, load
from tutor.quiz import selection
from tutor.quiz.kinds import KINDS


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    one, two = asked.CHOOSE.format(name="one"), asked.CHOOSE.format(name="two")
    return load(asked.write(tmp_path / "pack", first=one + two, second=one, broken="# %% question x\nnot one\n"), KINDS)


def test_questions_are_dealt_and_a_broken_lesson_is_left_out(catalog: Catalog) -> None:
    cards = selection.dealt(catalog, catalog.entries, seed=1, count=None)
    assert sorted(card.id for card in cards) == ["asked/first#one", "asked/first#two", "asked/second#one"]
    assert all(card.question.options for card in cards)
    assert selection.dealt(catalog, catalog.entries, seed=1, count=None) == cards


def test_only_lessons_that_have_a_card_are_read(catalog: Catalog) -> None:
    [card] = selection.dealt(catalog, catalog.entries[:2], seed=1, count=1)
    assert list(catalog._lessons) == [card.lesson]


def test_questions_that_are_gone_are_left_out(catalog: Catalog) -> None:
    ids = ["asked/second#one", "asked/first#gone", "gone/lesson#one", "asked/broken#x", "asked/first#two"]
    assert [id for id, _ in selection.of_ids(catalog, ids)] == ["asked/second#one", "asked/first#two"]


@pytest.mark.parametrize("wanted", ["asked", "Questions", "quest", " QUESTIONS ", "1"])
def test_a_chapter_by_what_it_is_called(catalog: Catalog, wanted: str) -> None:
    assert selection.chapter_named(catalog, wanted).id == "asked"


def test_a_chapter_that_is_not_there_is_told_with_what_is(catalog: Catalog) -> None:
    with pytest.raises(LookupError, match="There is no chapter `askd`; did you mean `asked`"):
        selection.chapter_named(catalog, "askd")
    with pytest.raises(LookupError, match="There is no chapter `zzz`"):
        selection.chapter_named(catalog, "zzz")
