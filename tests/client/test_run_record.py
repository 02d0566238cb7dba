"""The one fold of a run's events: what each leaves in the record, and what is asked of it."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path

import pytest

from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.run_record import RunRecord, record_run
from tutor.client.runner import WorkerFault
from tutor.protocol.codec import (
    Checked,
    Ended,
    Fault,
    Finished,
    Observation,
    Output,
    Raised,
    Run,
    Series,
    Started,
    Steps,
    Tensors,
    Value,
)

REQUIREMENTS = {"first": "the first", "second": "the second"}


def blank(kind: type, run: int, **fields: object):
    """An observation of a kind that holds nothing."""
    empty = {"int": 0, "str": "", "bool": False, "None": None}
    values = {
        field.name: empty.get(field.type, ())
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING
    }
    return kind(**{**values, "run": run, **fields})


@pytest.mark.parametrize("kind", typing.get_args(Observation))
def test_each_observation_is_found_by_its_class(kind: type) -> None:
    record = RunRecord(1)
    has_name = any(field.name == "name" for field in dataclasses.fields(kind))
    observation = blank(kind, 1, **({"name": "x"} if has_name else {}))
    assert record.take(observation) == kind.__name__
    if kind is Steps:  # each brings the next lines
        assert record.steps == []
    elif has_name:
        assert record.named(kind) == {"x": observation}
    else:
        assert record.latest(kind) is observation


def test_the_newest_of_a_name_takes_the_place_of_the_one_before() -> None:
    record = RunRecord(1)
    for name, kind in (("loss", "loss"), ("rate", "lr"), ("loss", "numbers")):
        record.take(Series(1, name, kind, ()))
    assert {name: series.kind for name, series in record.named(Series).items()} == {"loss": "numbers", "rate": "lr"}
    record.take(Value(1, "x", "1"))
    record.take(Value(1, "x", "2"))
    assert record.latest(Value) == Value(1, "x", "2") and record.latest(Tensors) is None


def test_events_of_another_run_and_after_the_end_change_nothing() -> None:
    record = RunRecord(2)
    assert record.take(Output(1, "tty", "old")) is None
    assert record.take(Ended(2, 3, "memory", "It used too much.")) == "Ended"
    assert record.take(Raised(2, "E", "", ())) is None
    assert (record.status, record.cause, record.sentence) == (3, "memory", "It used too much.")
    assert record.output == [] and record.raised is None and record.over


@pytest.mark.parametrize("run", [1, None])
def test_a_fault_of_the_run_or_of_the_worker_ends_it(run: int | None) -> None:
    record = RunRecord(1)
    assert record.take(Fault(run, "The worker died.")) == "Fault"
    assert record.over and record.fault == record.sentence == "The worker died." and not record.passed


def test_output_is_drained_once() -> None:
    record = RunRecord(1)
    record.take(Output(1, "stdout", "a"))
    record.take(Output(1, "stderr", "b"))
    assert [(chunk.stream, chunk.text) for chunk in record.drain()] == [("stdout", "a"), ("stderr", "b")]
    assert record.drain() == []


def test_it_waits_until_the_program_is_heard_of() -> None:
    record = RunRecord(1)
    record.take(Started(1, "/x.py"))
    assert record.waiting
    record.take(Finished(1, 0.25))
    assert not record.waiting and record.computing == 0.25


def test_passed_needs_every_requirement_and_an_end_of_its_own() -> None:
    record = RunRecord(1, requirements=REQUIREMENTS)
    assert record.verdict() == () and not record.judged
    record.take(Checked(1, "second", "the second", "passed"))
    assert [(check.name, check.state) for check in record.verdict()] == [("first", "waits"), ("second", "passed")]
    record.take(Checked(1, "first", "the first", "passed"))
    assert record.judged and not record.passed
    record.take(Ended(1, 0))
    assert record.passed


@pytest.mark.parametrize("cause", ["stopped", "seconds", "memory", "lost"])
def test_what_was_ended_from_outside_did_not_pass(cause) -> None:
    record = RunRecord(1, requirements={"first": ""})
    record.take(Checked(1, "first", "", "passed"))
    record.take(Ended(1, 137, cause))
    assert not record.passed


def test_the_failed_check_is_the_first_in_the_lessons_order() -> None:
    record = RunRecord(1, requirements=REQUIREMENTS)
    for name in ("second", "first"):
        record.take(Checked(1, name, "", "failed"))
    assert record.failed_check == record.checks["first"]


async def test_a_program_is_recorded_from_its_start_to_its_end(runner: WorkerClient) -> None:
    record = await record_run(runner, Run(runner.new_id(), "print('hi')\nx = [1.0, 2.0]\nx"))
    assert [chunk.text.strip() for chunk in record.output] == ["hi"]
    assert record.latest(Value).text == "[1.0, 2.0]"
    assert record.over and record.status == 0 and record.computing > 0


async def test_where_nothing_can_be_run_the_fault_is_raised(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho broken >&2; exit 3\n")
    python.chmod(0o755)
    own = WorkerClient(Launch(python=str(python)))
    try:
        with pytest.raises(WorkerFault, match="The worker ended with status 3"):
            await record_run(own, Run(own.new_id(), "x = 1"))
    finally:
        await own.close()
