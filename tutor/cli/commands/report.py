"""``tutor report``: the learner's progress, checked again on this machine's torch, as Markdown for others to read."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tutor import __version__
from tutor.cli.errors import Refusal
from tutor.cli.files import refuse_others, write_whole
from tutor.cli.home import own_drafts, own_home
from tutor.cli.pack import Pack
from tutor.cli.run_loop import WORKER_FAULT, launch, start, tell
from tutor.cli.trust import require_trust
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.runner import WorkerFault
from tutor.learner.progress import Place, answers, places
from tutor.render.text.counted import answered
from tutor.verification.recheck import Rechecked, recheck

if TYPE_CHECKING:
    from tutor.learner.store import Store

FAILING = 1
LEAD = ": a report"
"""How the first line of every report ends: what has it may be written anew."""
WORDS: dict[Place, str] = {
    "passed": "solved",
    "revealed": "solution seen",
    "skipped": "skipped",
    "begun": "begun",
    "new": "",
}


class Report:
    """All that a report tells. What the worker has to say of it comes with :meth:`recheck`."""

    def __init__(self, pack: Pack, store: Store) -> None:
        self._pack = pack
        self.catalog = catalog = pack.catalog
        self.today = date.today()
        self.standings = store.standings()
        self.places = places([chapter.ids for chapter in catalog.chapters], self.standings, store.last_lesson())
        self.answers = answers(store)
        self.rechecked: dict[str, Rechecked] = {}
        self.torch = self.python = self.device = ""

    async def recheck(self, launch: Launch) -> None:
        """Check again what is solved. Raises WorkerFault, or Refusal."""
        drafts, runner = own_drafts(self._pack), WorkerClient(launch)
        await start(runner)
        try:
            for id in [id for id, place in self.places.items() if place == "passed"]:
                draft, distrust = drafts.load(id), drafts.distrust(id)
                self.rechecked[id] = await recheck(self.catalog, id, draft, distrust, runner)
            await runner.wait_until(lambda: runner.ready and runner.device)
            assert runner.ready is not None and runner.device is not None
            self.torch, self.python = runner.ready.torch, runner.ready.python
            self.device = "cpu" if runner.device.kind == "cpu" else runner.device.name
        finally:
            await runner.close()

    @property
    def failing(self) -> list[str]:
        """Ids of solved lessons that don't hold any more."""
        return [id for id, check in self.rechecked.items() if not check.holds]

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        catalog = self.catalog
        yield f"# {catalog.title}{LEAD}"
        yield ""
        where = ", ".join(filter(None, (f"torch {self.torch}", f"Python {self.python}", self.device)))
        yield f"{self.today.isoformat()} · {where} · tutor {__version__}"
        yield ""
        yield " ".join(self._sums())
        for chapter in catalog.chapters:
            yield ""
            yield f"## {chapter.title}"
            yield ""
            yield "| lesson | | when | checked again |"
            yield "|---|---|---|---|"
            for entry in chapter.entries:
                place = self.places[entry.id]
                cells = (entry.title.replace("|", "\\|"), WORDS[place], self._when(entry.id), self._again(entry.id))
                yield f"| {' | '.join(cells)} |".replace("  ", " ")

    def _sums(self) -> Iterator[str]:
        reached = list(self.places.values())
        rest = [
            f"{reached.count(place)} {words}"
            for place, words in (("revealed", "with the solution seen"), ("skipped", "skipped"), ("begun", "begun"))
            if place in reached
        ]
        yield f"{reached.count('passed')} of {len(reached)} lessons solved{''.join(f', {words}' for words in rest)}."
        if self.rechecked:
            holding = len(self.rechecked) - len(self.failing)
            which = "All of these hold" if not self.failing else f"{holding} of these hold"
            yield f"{which} on torch {self.torch}, checked on {self.today.isoformat()}."
        if sentence := answered(self.answers.given, self.answers.questions, self.answers.right):
            yield sentence

    def _when(self, id: str) -> str:
        standing = self.standings.get(id)
        if standing is None:
            return ""
        at = {"passed": standing.passed_at, "revealed": standing.revealed_at}.get(self.places[id])
        return date.fromtimestamp(at).isoformat() if at is not None else ""

    def _again(self, id: str) -> str:
        check = self.rechecked.get(id)
        if check is None:
            return ""
        return "holds" if check.holds else f"does not hold: {check.reason}".replace("|", "\\|")


def command(options: argparse.Namespace) -> int:
    """Write it: 0, or 1 where something does not hold any more."""
    from tutor.learner.store import Store

    target = None if options.file == "-" else Path(options.file)
    if target is not None:
        refuse_others(target, _is_report, "report")
    with closing(Store.open(own_home(options.pack), make=False)) as store:
        report = Report(options.pack, store)
    require_trust(options.pack)
    try:
        asyncio.run(report.recheck(launch(options.python, options.device)))
    except WorkerFault as fault:
        raise Refusal(f"Nothing can be checked, so no report was written. {fault}", WORKER_FAULT) from None
    text = "\n".join(report.lines()) + "\n"
    if target is None:
        sys.stdout.write(text)
    else:
        write_whole(target, text)
    if report.failing:
        tell(f"These do not hold any more: {', '.join(report.failing)}.")
    return FAILING if report.failing else 0


def _is_report(first_line: str) -> bool:
    return first_line.rstrip().endswith(LEAD)
