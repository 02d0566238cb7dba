"""The end of a chapter and of the pack: what is done is checked again."""

from __future__ import annotations

import pytest

from tests.ui.asked import Lent
from tests.ui.conftest import Opened
from tutor.learner.drafts import Drafts
from tutor.learner.store import Store
from tutor.protocol.codec import Checked, Ended, Fault
from tutor.ui.app import Start, Tutor

WIDE, NARROW = (120, 36), (80, 24)


def solve(home, *lessons, draft="x = 1\nprint(x)\n"):
    store, drafts = Store.open(home), Drafts(home)
    for lesson in lessons:
        store.passed(lesson)
        drafts.save(lesson, draft)
    store.close()


async def pass_it(tutor):
    await tutor.press("ctrl+r")
    await tutor.passes()
    await tutor.until(lambda: "Takeaway" in tutor.text, "the verdict")
    await tutor.pilot.pause()


async def judged(tutor, number, *events):
    """The run of that number, counted from 1, ends so."""
    await tutor.until(lambda: len(tutor.runner.requests) == number, f"run {number}")
    await tutor.say(*events)


HOLDS = (Checked(0, "right", "`x` is 1", "passed"), Ended(0, 0, seconds=0.012))
FAILS = (Checked(0, "right", "`x` is 1", "failed", "`x` is 0"), Ended(0, 0, seconds=0.012))


async def test_a_chapter_that_goes_on_offers_no_finish(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        assert "Alt+F" not in tutor.text and "finish" not in tutor.lines[-1]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_the_last_open_lesson_of_a_chapter_leads_to_its_finish(opened, home, golden, size):
    solve(home, "basics/one")
    async with opened("basics/two", size=size) as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        assert "Alt+F  This chapter is finished: what you solved" in tutor.text
        assert "finish" in tutor.lines[-1]
        await tutor.press("ctrl+n")
        await judged(tutor, 2, *HOLDS)
        request = tutor.runner.requests[1]
        assert request.source == "x = 1\nprint(x)\n" and request.check is not None and not request.observe
        assert "1 of 2" in tutor.text and "waits" in tutor.text
        await judged(tutor, 3, *FAILS)
        assert "1 of 2 does not hold on torch 2.13.0" in tutor.text
        golden(f"finish-{size[0]}", tutor.text)
        await tutor.press("ctrl+n")
        assert "A third lesson" in tutor.lines[0]


async def test_all_that_holds_is_said(opened, home):
    solve(home, "basics/one")
    async with opened("basics/two") as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        await tutor.press("alt+f")
        await judged(tutor, 2, *HOLDS)
        await judged(tutor, 3, *HOLDS)
        assert "✓ What you solved holds on torch 2.13.0, on this machine, today." in tutor.text
        await tutor.press("escape")
        assert "The second lesson" in tutor.lines[0] and "Takeaway" in tutor.text


async def test_seen_is_not_solved_and_is_not_checked(opened, home):
    store = Store.open(home)
    store.revealed("basics/one")
    store.close()
    async with opened("basics/two") as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        await tutor.press("ctrl+n")
        await judged(tutor, 2, *HOLDS)
        assert "1 of 2 lessons solved, 1 with the solution seen" in tutor.text
        assert any("◌ The first lesson" in line and "solution seen" in line for line in tutor.lines)
        assert len(tutor.runner.requests) == 2


async def test_what_was_skipped_keeps_a_chapter_open(opened, home):
    solve(home, "more/three")
    async with opened("basics/two") as tutor:
        await pass_it(tutor)
        assert "Alt+F" not in tutor.text
        await tutor.press("f10")
        assert any("– The first lesson" in line and "skipped" in line for line in tutor.lines)


async def test_the_last_open_lesson_of_all_leads_to_the_finish_of_the_pack(opened, home):
    solve(home, "basics/one", "more/three")
    async with opened("basics/two") as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        assert "last open lesson of all" in tutor.text
        await tutor.press("ctrl+n")
        for number in (2, 3, 4):
            await judged(tutor, number, *HOLDS)
        await tutor.until(lambda: "tutor report FILE" in tutor.text, "the end")
        assert "3 of 3 lessons solved  All of them." in tutor.text
        await tutor.press("down", "down", "enter")
        assert "A third lesson" in tutor.lines[0]


async def test_with_the_real_worker(pack, home, runner):
    solve(home, "basics/one")
    solve(home, "basics/two", draft="x = 1\n")
    lent = Lent(runner)
    app = Tutor(Start(pack, home, lambda: lent, "basics/two"))
    async with app.run_test(size=WIDE) as pilot:
        tutor = Opened(app, pilot, lent, home)
        await tutor.until(lambda: app.context.machine.torch and app.context.learner.is_open, "the worker")
        await tutor.press("alt+f")
        await tutor.until(lambda: "1 of 2 does not hold" in tutor.text, "the check")
        assert any("✓ The first lesson" in line and "holds" in line for line in tutor.lines)
        assert any("✗ The second lesson" in line and "does not hold" in line for line in tutor.lines)


async def test_a_worker_that_is_gone_leaves_the_rest_unchecked(opened, home):
    solve(home, "basics/one")
    async with opened("basics/two") as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        await tutor.press("ctrl+n")
        await judged(tutor, 2, Fault(0, "The worker was killed by SIGKILL."))
        assert "! The worker was killed by SIGKILL." in tutor.text and tutor.text.count("not checked") == 2


async def test_the_finish_can_be_asked_for_at_any_time(opened, home):
    solve(home, "basics/one")
    async with opened("basics/two") as tutor:
        tutor.runner.ready()
        await tutor.press("alt+f")
        await judged(tutor, 1, *HOLDS)
        assert "1 of 2 lessons solved, 1 left" in tutor.text
        await tutor.press("alt+q")
        assert "There are no questions here." in tutor.text
