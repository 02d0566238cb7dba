"""The app keeps what it remembers from others, and runs nothing that others could have written."""

from __future__ import annotations

from pathlib import Path

from tests.test_private_files import loosen, no_umask, shared
from tutor.learner.drafts import Drafts

__all__ = ["no_umask"]


async def test_what_the_app_remembers_is_private(opened, home: Path, no_umask):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        await tutor.type("z")
        await tutor.press("ctrl+s", "f12")
    for name in ("drafts/basics/one.py", "versions/basics/one", "progress.sqlite", "place.json"):
        assert (home / name).exists()
    assert shared(home) == []


async def test_what_is_there_already_becomes_private_at_the_start(opened, home: Path, no_umask):
    Drafts(home).save("more/three", "x = 1\n")
    Drafts(home).save("more/three", "x = 2\n")
    (home / "place.json").write_text("{}")
    loosen(home)
    async with opened("basics/one") as tutor:
        await tutor.until(lambda: not shared(home), "a private home")
