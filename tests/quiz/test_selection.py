"""Which questions of a pack are asked, and chapters by what they are called."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.ui import asked
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import LessonError
from tutor.quiz import selection
from tutor.quiz.kinds import KINDS
from tutor.quiz.selection import deal


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    one, two = asked.CHOOSE.format(name="one"), asked.CHOOSE.format(name="two")
    return Catalog(
        asked.write(tmp_path / "pack", first=one + two, second=one, broken="# %% question x\nnot one\n"), KINDS
    )


def test_questions_are_dealt_and_a_broken_lesson_is_left_out(catalog: Catalog) -> None:
    cards = selection.of_lessons(catalog, catalog.entries, seed=1, count=None)
    assert sorted(card.id for card in cards) == ["asked/first#one", "asked/first#two", "asked/second#one"]
    assert all(card.question.options for card in cards)
    assert selection.of_lessons(catalog, catalog.entries, seed=1, count=None) == cards


def test_only_lessons_that_have_a_card_are_read(catalog: Catalog) -> None:
    [card] = selection.of_lessons(catalog, catalog.entries[:2], seed=1, count=1)
    for entry in catalog.entries[:2]:
        entry.path.unlink()
    [other] = {"asked/first", "asked/second"} - {card.lesson}
    assert catalog.lesson(card.lesson), "a lesson that was read is not read again"
    with pytest.raises(LessonError):
        catalog.lesson(other)


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


# --- dealing --------------------------------------------------------------------------------------------------


def pack(*lessons: str, each: int = 2) -> list[str]:
    return [f"{lesson}#q{i}" for lesson in lessons for i in range(each)]


def chapter(id: str) -> str:
    return id.partition("/")[0]


def test_all_are_dealt_once_in_an_order_that_the_seed_decides() -> None:
    questions = pack("a/x", "a/y", "b/z", each=5)
    order = deal(questions, 1)
    assert sorted(order) == sorted(questions)
    assert list(deal(questions, 1).items()) == list(order.items())
    assert len({tuple(deal(questions, seed)) for seed in range(10)}) == 10
    assert len(set(order.values())) == len(order), "each has a seed of its own"


def test_chapters_alternate_and_so_do_lessons() -> None:
    questions = pack("a/x", "a/y", "b/x", "b/y", "c/x", each=4)
    for seed in range(20):
        assert all(chapter(one) != chapter(other) for one, other in pairwise(deal(questions, seed)))
    alone = deal(pack("a/x", "a/y", "a/z", each=4), 3)
    assert all(one.partition("#")[0] != other.partition("#")[0] for one, other in pairwise(alone))


def test_a_short_quiz_has_some_of_every_chapter() -> None:
    order = deal(pack("a/x", "b/x", "c/x", "d/x", each=6), 1, count=8)
    assert Counter(map(chapter, order)) == Counter(a=2, b=2, c=2, d=2)
    assert deal([], 1, count=3) == {}
