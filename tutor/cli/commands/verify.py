"""``tutor verify``: proves a pack, or some of its lessons."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path

from rich.control import Control
from rich.segment import ControlType

from tutor.cli.errors import Refusal
from tutor.cli.gate import as_json
from tutor.cli.lessons import lesson_named
from tutor.cli.output import Page, page
from tutor.cli.pack import Pack, no_lessons, pack_named
from tutor.cli.run_loop import WORKER_FAULT, launch, no_such_python
from tutor.cli.trust import refuse_exposed, require_trust
from tutor.client.launch import Launch
from tutor.client.runner import CodeRunner, WorkerFault
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import Lesson, LessonError
from tutor.quiz.kinds import KINDS
from tutor.render.text.counted import counted
from tutor.render.text.layout import duration
from tutor.verification.mutation import MutationScore, score
from tutor.verification.verify import LessonProof, prove, verify

FLAWED = 1
Proof = LessonProof | MutationScore
_ERASE = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


def command(options: argparse.Namespace) -> int:
    """Prove what was asked for: 0 nothing is wrong, 1 something is, 3 nothing could be run."""
    began = time.monotonic()
    if options.watch:
        return _watch(options)
    pack, names = _pack(options)
    catalog = pack.catalog
    lessons, flaws = _select(catalog, names)
    if lessons:
        require_trust(pack)
    report = None if options.json else _ProofReport(page(), len(lessons))
    if report is not None:
        report.start(flaws)
    proofs: list[Proof] = []
    start = launch(options.python, options.device)
    prover: Callable[[Lesson, CodeRunner], Awaitable[Proof]] = score if options.mutate else prove

    def take(proof: Proof) -> None:
        proofs.append(proof)
        if report is not None:
            report.draw_proof(proof)

    try:
        if lessons:
            _run(verify(lessons, start, take, prover), start)
    finally:
        if report is not None:
            report.clear()
    seconds = time.monotonic() - began
    if report is not None:
        report.draw_summary(proofs, len(flaws), seconds)
    else:
        print(as_json(_object(catalog, flaws, proofs, seconds)))
    return FLAWED if flaws or any(proof.flaws for proof in proofs) else 0


def _run(proving: Coroutine[None, None, None], start: Launch) -> None:
    """Prove to the end. Raises Refusal: nothing can be run."""
    try:
        asyncio.run(proving)
    except WorkerFault as fault:
        raise Refusal(str(fault), WORKER_FAULT) from None
    except OSError as error:
        raise no_such_python(start, error) from None


def _watch(options: argparse.Namespace) -> int:
    """Prove a lesson each time it is saved, until ^C."""
    from tutor.verification.watch import watch

    pack, names = _pack(options)
    if options.mutate or len(names) != 1:
        raise Refusal("`--watch` proves one lesson, without --mutate: `tutor verify --watch LESSON`.")
    catalog = pack.catalog
    entry = lesson_named(names[0], catalog)
    require_trust(pack)
    paper, start = page(), launch(options.python, options.device)
    if not options.json:
        paper.say(f"{entry.path} is proved now, and each time it is saved, until ^C.")

    def show(proof: LessonProof) -> None:
        if options.json:
            print(as_json(_object(catalog, (), [proof], proof.seconds)), flush=True)
            return
        paper.say(time.strftime("%H:%M:%S  "), entry.id)
        report = _ProofReport(paper, 1)
        report.draw_flaws(proof.flaws)
        report.draw_summary([proof], 0, proof.seconds)

    _run(watch(entry, KINDS, start, show, partial(refuse_exposed, pack)), start)
    return 0


def _pack(options: argparse.Namespace) -> tuple[Pack, list[str]]:
    """The pack that is meant, and which of its lessons are; the first word may be a folder."""
    pack, names = options.pack, list(options.targets)
    if names and Path(names[0]).is_dir() and not any(entry.id == names[0] for entry in pack.catalog.entries):
        return pack_named(names[0], trust=options.trust), names[1:]
    return pack, names


def _select(catalog: Catalog, names: Sequence[str]) -> tuple[list[Lesson], list[LessonError]]:
    """The lessons that can be read, and what is wrong with the rest."""
    if not catalog.entries and not catalog.faults():
        raise no_lessons(catalog.folder)
    if not names or not catalog.entries:
        faults = catalog.faults()
        broken = {fault.path for fault in faults}
        lessons = [catalog.whole_lesson(entry.id) for entry in catalog.entries if entry.path not in broken]
        return lessons, list(faults)
    lessons, flaws = [], []
    for name in names:
        try:
            lessons.append(catalog.whole_lesson(lesson_named(name, catalog).id))
        except LessonError as error:
            flaws.append(error)
    return lessons, flaws


class _ProofReport:
    """To a person one line that moves on, and what is wrong; else a line for each lesson."""

    def __init__(self, page: Page, lessons: int) -> None:
        self._page = page
        self._lessons = lessons
        self._proved = 0
        self._moving = page.watched and not page.console.is_dumb_terminal
        self._detailed = not self._moving or lessons == 1

    def start(self, flaws: Sequence[LessonError]) -> None:
        """Draw what is wrong before anything has run."""
        self._show("starting")
        self.draw_flaws(flaws)

    def draw_flaws(self, flaws: Sequence[LessonError]) -> None:
        look = self._page.look
        for flaw in flaws:
            self.clear()
            self._page.say((f"{look.failed} ", look.failed_style), f"{flaw.path}:{flaw.line}: {flaw.sentence}")

    def draw_proof(self, proof: Proof) -> None:
        self._proved += 1
        look = self._page.look
        if self._detailed and not proof.flaws:
            self.clear()
            self._page.say(f"{look.passed} {proof.lesson}  {_work(proof)} in {duration(proof.seconds)}")
        if self._detailed and isinstance(proof, LessonProof) and proof.opening:
            self.clear()
            self._page.say(f"  the untouched snippet is told: {proof.opening}")
        self.draw_flaws(proof.flaws)
        self._show(proof.lesson)

    def _show(self, activity: str) -> None:
        if self._moving:
            line = f"{self._proved} of {self._lessons}  {activity}"
            self.clear()
            self._page.console.out(line[: self._page.console.width - 1], end="", highlight=False)

    def clear(self) -> None:
        if self._moving:
            self._page.console.control(_ERASE)

    def draw_summary(self, proofs: Sequence[Proof], before: int, seconds: float) -> None:
        look = self._page.look
        runs = sum(proof.runs for proof in proofs)
        flaws = before + sum(len(proof.flaws) for proof in proofs)
        work = f"{counted(len(proofs), 'lesson')}, {counted(runs, 'run')}, {duration(seconds)}"
        if scores := [proof for proof in proofs if isinstance(proof, MutationScore)]:
            self._page.say(_share(scores))
        if flaws:
            self._page.say((f"{look.failed} {counted(flaws, 'fault')}", look.failed_style), f" in {work}")
        else:
            self._page.say((f"{look.passed} nothing is wrong", look.passed_style), f": {work}")


def _work(proof: Proof) -> str:
    if isinstance(proof, LessonProof):
        return counted(proof.runs, "run")
    return f"{proof.refused} of {counted(proof.mutants, 'mutant')} refused, {proof.equivalent} change nothing,"


def _share(scores: Sequence[MutationScore]) -> str:
    """How many mutants of all pass."""
    mutants, survivors = sum(score.mutants for score in scores), sum(len(score.survivors) for score in scores)
    return f"{survivors} of {counted(mutants, 'mutant')} pass, {100 * survivors / max(1, mutants):.1f} %."


def _object(
    catalog: Catalog, flaws: Sequence[LessonError], proofs: Sequence[Proof], seconds: float
) -> dict[str, object]:
    return {
        "pack": str(catalog.folder),
        "seconds": round(seconds, 3),
        "faults": _faults(flaws),
        "lessons": [{"id": proof.lesson, "seconds": round(proof.seconds, 3), **_figures(proof)} for proof in proofs],
    }


def _figures(proof: Proof) -> dict[str, object]:
    figures: dict[str, object] = {"runs": proof.runs, "faults": _faults(proof.flaws)}
    if isinstance(proof, MutationScore):
        passing = {"passing": len(proof.survivors), "harmless": proof.harmless, "equivalent": proof.equivalent}
        return {**figures, "mutants": proof.mutants, **passing}
    return {**figures, "computing": round(proof.computing, 3), "opening": proof.opening}


def _faults(flaws: Sequence[LessonError]) -> list[dict[str, object]]:
    return [{"file": str(flaw.path), "line": flaw.line, "sentence": flaw.sentence} for flaw in flaws]
