"""One file carries all that is remembered; merged, two memories lose nothing of each other, in whichever order."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.learner.conftest import DAY, NOON, Clock, fill_disk
from tutor import paths
from tutor.learner.drafts import Drafts
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store
from tutor.learner.transfer import ImportCounts, NoExport, NotSaved, collect, is_export, lines, merge, read

ID = "autograd/backward"


@dataclass
class Machine:
    """A home on a machine of its own."""

    home: Path
    clock: Clock
    store: Store
    drafts: Drafts

    @property
    def reviews(self) -> Reviews:
        return Reviews(self.store, lambda lesson: ())

    def draft(self, text: str, at: float, id: str = ID) -> None:
        assert self.drafts.import_draft(id, text, at)

    def earlier(self, id: str = ID) -> list[str]:
        return [version.text() for version in self.drafts.versions.of(id)]

    def exported(self) -> str:
        return "".join(line + "\n" for line in lines(collect(self.store, self.drafts), NOON))

    def take(self, text: str) -> ImportCounts:
        return merge(read(text), self.store, self.drafts)

    def state(self) -> object:
        lessons = self.store.rows(
            "SELECT id, opened_at, attempts, hints, passed_at, revealed_at, failed, in_a_row, given, stumbled_at"
            " FROM lesson ORDER BY id"
        )
        cards = self.store.rows("SELECT * FROM card WHERE due IS NOT NULL ORDER BY question")
        uids = self.store.rows("SELECT uid FROM event ORDER BY uid")
        drafts = {id: self.drafts.load(id) for id in self.drafts.ids()}
        return lessons, cards, uids, drafts


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[[str], Machine]]:
    made: list[Store] = []

    def make(name: str) -> Machine:
        home, clock = tmp_path / name, Clock()
        made.append(Store.open(home, clock))
        return Machine(home, clock, made[-1], Drafts(home))

    yield make
    for store in made:
        store.close()


def lived(machine: Machine, seed: int) -> None:
    """Some days of learning."""
    chance = random.Random(seed)
    for step in range(60):
        machine.clock.now = NOON + step * 7000 + seed
        lesson = f"{chance.choice('ab')}/{chance.choice('xyz')}"
        store = machine.store
        changes: tuple[Callable[[str], None], ...] = (store.opened, store.attempted, store.passed, store.revealed)
        chance.choice(changes)(lesson)
        if chance.random() < 0.5:
            machine.reviews.record(f"{lesson}#q", chance.randint(1, 4), machine.clock.now)
        if chance.random() < 0.3:
            machine.draft(f"{seed} {step}\n", machine.clock.now, lesson)


def test_what_was_carried_to_an_empty_machine_is_all_there(machine: Callable[[str], Machine]):
    old, new = machine("old"), machine("new")
    lived(old, 1)
    text = old.exported()
    merged = new.take(text)
    assert new.state() == old.state()
    assert [new.earlier(id) for id in old.drafts.ids()] == [old.earlier(id) for id in old.drafts.ids()]
    assert (merged.events, merged.drafts) == (len(old.store.rows("SELECT 1 FROM event")), len(old.drafts.ids()))
    assert new.take(text) == ImportCounts(0, 0, 0)
    assert new.exported() == text


def test_two_machines_become_one_in_whichever_order(machine: Callable[[str], Machine]):
    one, two, three = machine("one"), machine("two"), machine("three")
    lived(one, 1)
    lived(two, 2)
    first, second = one.exported(), two.exported()
    one.take(second)
    two.take(first)
    three.take(second)
    three.take(first)
    assert one.state() == two.state() == three.state()
    kept = {id: set(one.earlier(id)) | {one.drafts.load(id)} for id in one.drafts.ids()}
    for text in (first, second):
        memory = read(text)
        for draft in (*memory.drafts, *memory.earlier):
            assert draft.text in kept[draft.lesson]


def test_a_question_answered_on_two_machines_is_scheduled_by_all_its_answers(machine: Callable[[str], Machine]):
    one, two, all_ = machine("one"), machine("two"), machine("all")
    for day, (where, rating) in enumerate(((one, 3), (two, 3), (one, 1), (two, 4))):
        for each in (where, all_):
            each.reviews.record("a/b#c", rating, NOON + day * DAY)
    one.take(two.exported())
    card = "SELECT state, stability, difficulty, due FROM card"
    assert one.store.rows(card) == all_.store.rows(card)


def test_the_newer_draft_wins_and_the_older_one_is_kept(machine: Callable[[str], Machine]):
    one, two = machine("one"), machine("two")
    one.draft("older\n", NOON)
    two.draft("newer\n", NOON + 60)
    first, second = one.exported(), two.exported()
    assert one.take(second) == ImportCounts(0, 1, 0)
    assert two.take(first) == ImportCounts(0, 0, 1)
    for each in (one, two):
        assert each.drafts.load(ID) == "newer\n"
        assert each.earlier() == ["older\n"]
        assert each.drafts.saved_at(ID) == NOON + 60


def test_an_old_export_brings_no_draft_back_that_was_replaced_or_reset(machine: Callable[[str], Machine]):
    one = machine("one")
    one.draft("first\n", NOON)
    text = one.exported()
    one.drafts.reset(ID)
    assert one.take(text) == ImportCounts(0, 0, 0)
    assert one.drafts.load(ID) is None
    one.draft("second\n", NOON - 60)  # as after the clock was set back
    assert one.take(text) == ImportCounts(0, 0, 0)
    assert one.drafts.load(ID) == "second\n"


def test_a_pass_there_outlives_a_reset_taken_back_here(machine: Callable[[str], Machine]):
    one, two = machine("one"), machine("two")
    two.store.passed(ID)
    one.clock.now = NOON + DAY
    one.store.revealed(ID)
    before = one.store.standing(ID)
    one.store.reset(ID)
    one.store.restore(before)
    assert one.store.standing(ID).state == "revealed"
    one.take(two.exported())
    assert one.store.standing(ID).state == "passed"


def test_what_a_newer_version_will_record_is_kept_and_changes_nothing(machine: Callable[[str], Machine]):
    one, two = machine("one"), machine("two")
    one.store.record("dreamt of", ID, colour="blue")
    two.take(one.exported())
    assert two.store.standings() == {}
    assert two.exported() == one.exported()


# --- files that are none --------------------------------------------------------------------------------------

HEAD = '{"tutor": "export", "version": 1, "made_at": 0}'
EVENT = {"uid": "u", "at": 1.0, "kind": "passed", "subject": "a/b", "detail": {}}


def file(*records: object) -> str:
    return "\n".join([HEAD, *(json.dumps(record) for record in records), json.dumps({"end": len(records)})]) + "\n"


def test_a_whole_file_is_read():
    assert len(read(file({"event": EVENT})).events) == 1


@pytest.mark.parametrize("text", ["", "hello\n", "{}\n", "[]\n", "\0", "[" * 100_000, '{"tutor": 1}\n'])
def test_a_foreign_file_is_none(text: str):
    assert not is_export(text.split("\n")[0])
    with pytest.raises(NoExport, match="is no export of tutor"):
        read(text)


def test_a_file_of_a_newer_version_is_said_to_be_one():
    with pytest.raises(NoExport, match="was written by a newer version of tutor"):
        read(HEAD.replace('"version": 1', '"version": 2') + "\n")
    with pytest.raises(NoExport, match="line 1 names no version"):
        read(HEAD.replace('"version": 1', '"version": "x"') + "\n")


@pytest.mark.parametrize(
    "record",
    [
        {},
        [],
        3,
        {"event": EVENT, "draft": {}},
        {"other": EVENT},
        {"event": []},
        {"event": {**EVENT, "more": 1}},
        {"event": {**EVENT, "uid": ""}},
        {"event": {**EVENT, "uid": 3}},
        {"event": {**EVENT, "subject": "\ud800"}},
        {"event": {**EVENT, "at": "now"}},
        {"event": {**EVENT, "at": float("nan")}},
        {"event": {**EVENT, "at": 1e300}},
        {"event": {**EVENT, "at": -1}},
        {"event": {**EVENT, "detail": []}},
        {"event": {**EVENT, "kind": "hinted"}},
        {"event": {**EVENT, "kind": "hinted", "detail": {"shown": 10**30}}},
        {"event": {**EVENT, "kind": "attempted", "detail": {"failed": "\ud800", "misconception": ""}}},
        {"event": {**EVENT, "kind": "carried", "detail": {"attempts": 1, "hints": 0, "opened_at": 1}}},
        {"event": {**EVENT, "kind": "answered", "detail": {"rating": 3, "sitting": "review"}}},
        {"event": {**EVENT, "kind": "answered", "subject": "a/b#c", "detail": {"rating": 5, "sitting": "review"}}},
        {"draft": {"lesson": "../../x", "at": 1.0, "text": ""}},
        {"draft": {"lesson": "a/b", "at": None, "text": ""}},
        {"earlier": {"lesson": "a/b", "at": 1.0, "text": None}},
        {"earlier": {"lesson": "a/b", "at": 1.0}},
        {"end": 1},
        {"end": 7},
    ],
    ids=str,
)
def test_a_damaged_line_is_named_and_nothing_is_used(record: object):
    with pytest.raises(NoExport, match="is damaged"):
        read(file({"event": EVENT}, record))


def test_wherever_a_file_is_cut_short_it_is_noticed(machine: Callable[[str], Machine]):
    one = machine("one")
    one.store.passed(ID)
    one.draft("x\n", NOON)
    text = one.exported().rstrip("\n")
    for length in range(len(text)):
        with pytest.raises(NoExport):
            read(text[:length])
    read(text)


def test_other_line_ends_change_nothing(machine: Callable[[str], Machine]):
    one = machine("one")
    one.draft("x = 1\r\ny = 2\n", NOON)
    text = one.exported()
    assert read(text.replace("\n", "\r\n")) == read(text)


def test_any_byte_may_be_wrong_and_no_error_escapes(machine: Callable[[str], Machine]):
    one, two = machine("one"), machine("two")
    lived(one, 3)
    text = one.exported()
    chance = random.Random(6)
    for _ in range(300):
        at = chance.randrange(len(text))
        bad = text[:at] + chance.choice('0{"}\x00,9-e[') + text[at + 1 :]
        try:
            memory = read(bad)
        except NoExport:
            continue
        merge(memory, two.store, two.drafts)
        assert two.store.saved


# --- a disk that fails ----------------------------------------------------------------------------------------


def test_a_full_disk_changes_nothing_and_says_so(
    connections: list[sqlite3.Connection], machine: Callable[[str], Machine]
):
    one, two = machine("one"), machine("two")
    lived(one, 1)
    two.store.passed(ID)
    two.draft("mine\n", NOON)
    before = two.state()
    fill_disk(connections[-1])
    with pytest.raises(NotSaved, match=r"the disk that holds .* is full\."):
        two.take(one.exported())
    two.store.close()
    assert (later := machine("two")).state() == before
    assert later.take(one.exported()).events > 0


def test_drafts_that_cannot_be_written_are_told_and_can_be_taken_later(machine: Callable[[str], Machine]):
    one, two = machine("one"), machine("two")
    one.draft("x\n", NOON)
    one.draft("y\n", NOON + 1)
    two.home.mkdir(exist_ok=True)
    (two.home / "drafts").write_text("in the way")
    with pytest.raises(NotSaved, match="Your drafts can't be saved"):
        two.take(one.exported())
    (two.home / "drafts").unlink()
    assert two.take(one.exported()).drafts == 1
    assert two.drafts.load(ID) == "y\n"


def test_versions_that_cannot_be_written_are_told(machine: Callable[[str], Machine]):
    one, two = machine("one"), machine("two")
    one.draft("x\n", NOON)
    one.draft("y\n", NOON + 1)
    (two.home / "versions").write_text("in the way")
    with pytest.raises(NotSaved, match="versions"):
        two.take(one.exported())


def test_an_earlier_version_that_another_program_removes_meanwhile_is_left_out(
    machine: Callable[[str], Machine], monkeypatch: pytest.MonkeyPatch
):
    one = machine("one")
    for text in ("x\n", "y\n", "z\n"):
        one.draft(text, NOON)
    found = one.drafts.versions.of(ID)
    monkeypatch.setattr(type(one.drafts.versions), "of", lambda self, id: found)
    found[0].path.unlink()
    assert [each.text for each in collect(one.store, one.drafts).earlier] == [found[1].text()]


def test_a_draft_keeps_the_time_it_had(machine: Callable[[str], Machine]):
    one = machine("one")
    one.draft("x\n", NOON)
    assert paths.draft(one.home, ID).stat().st_mtime == NOON
