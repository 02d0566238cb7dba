"""Values that do harm to whoever looks at them: a run that leaves them is reported like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor.protocol.codec import Ended, Fault, Finished, Hints, Tensors

EVIL = [
    block.split("\n----\n")
    for block in (Path(__file__).parent / "evil.txt").read_text(encoding="utf-8").split("====\n")
]
"""What each program leaves, and the program. It ends well under ``python``, and prints nothing."""

LONGEST = 2.0
"""Seconds from the program's end to the run's. It should be 0.2; this is for a machine that does much else."""


@pytest.mark.parametrize("source", [pytest.param(source, id=what) for what, source in EVIL])
async def test_evil_values_are_shown_or_named(run, source: str, record_property) -> None:
    ran = await run(f"import torch, warnings\nwarnings.simplefilter('ignore')\n{source}")
    finished, ended = ran.one(Finished), ran.one(Ended)
    assert (ended.status, ended.cause, ended.sentence) == (0, "", ""), ran.text()
    assert ran.of(Fault) == [] and ran.text() == ""
    assert len(ran.of(Tensors)) == 1 and len(ran.of(Hints)) == 1
    took = ended.seconds - finished.seconds
    record_property("seconds of the report", round(took, 3))
    assert took < LONGEST
