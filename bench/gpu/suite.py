"""The tests that want a GPU."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from bench.gpu.place import NO_GPU, Place
from bench.harness import ROOT, Row, Statement

LABEL = "tests marked gpu"
_MARK = "pytest.mark." + "gpu"


def tests(place: Place) -> Iterator[Row]:
    """Their outcome. Only the files that hold one are read: others may import what isn't installed there."""
    for package in ("pytest", "pytest_asyncio"):
        if importlib.util.find_spec(package) is None:
            yield Statement(LABEL, f"not measured: {package} isn't installed here")
            return
    files = sorted(str(path) for path in ROOT.glob("tests/**/test_*.py") if _MARK in path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", *files]
        command += ["--junitxml", str(report)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if not report.exists():
            yield Statement(LABEL, f"pytest failed: {(done.stdout + done.stderr).strip()[-200:]}", False)
            return
        yield from _outcome(ElementTree.parse(report).getroot(), place)


def _outcome(report: ElementTree.Element, place: Place) -> Iterator[Row]:
    cases = list(report.iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    failed = [case for case in cases if _fault(case) is not None]
    passed = len(cases) - len(skipped) - len(failed)
    text = f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped"
    if not place.gpu:
        yield Statement(LABEL, f"{NO_GPU} ({text})", False if failed else None)
        return
    yield Statement(LABEL, text, bool(passed) and not failed)
    for case in failed:
        fault = _fault(case)
        assert fault is not None
        yield Statement(case.get("name", ""), fault.get("message", "").partition("\n")[0], False)


def _fault(case: ElementTree.Element) -> ElementTree.Element | None:
    failure = case.find("failure")
    return case.find("error") if failure is None else failure
