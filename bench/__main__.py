"""``python -m bench [FIGURE ...] [--json FILE]``: measure, tell each figure at once, and at the end print the table."""

from __future__ import annotations

import argparse
import importlib
import json
import traceback
from collections.abc import Sequence
from pathlib import Path

from bench.harness import Figure, Machine, Row, as_json, in_a_line, progress, show

USUAL = (
    "first_paint",
    "libtorch",
    "run",
    "verdict",
    "scrub",
    "check",
    "verify",
    "stop",
    "memory",
    "traffic",
    "probes",
    "curve",
    "store",
    "kill",
)
NAMED = ("memory_hour", "gpu")
"""Only when named: the one takes a quarter of an hour, the other wants a GPU."""
QUICK = ("gpu",)
"""What ``--quick`` may be asked of."""


def main() -> int:
    """Measure what was named; 1 when a target was missed, a statement failed or a figure couldn't be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"some of {', '.join(USUAL + NAMED)}; none: {USUAL}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single value to FILE")
    parser.add_argument("--quick", action="store_true", help=f"a try with few rounds, of {', '.join(QUICK)}")
    options = parser.parse_args()
    if unknown := set(options.figures) - set(USUAL + NAMED):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(USUAL + NAMED)}")
    if options.quick and (not options.figures or set(options.figures) - set(QUICK)):
        parser.error(f"--quick is for {', '.join(QUICK)} alone")
    machine, rows = Machine(), list[Row]()
    broken = _measure(options.figures or USUAL, rows, {"quick": True} if options.quick else {})
    show(machine, rows)
    for name in broken:
        print(f"NOT MEASURED: {name} (see above)")
    if options.json:
        options.json.write_text(json.dumps(as_json(machine, rows), indent=1))
    missed = any((row.met if isinstance(row, Figure) else row.passed) is False for row in rows)
    return 1 if broken or missed else 0


def _measure(names: Sequence[str], rows: list[Row], settings: dict[str, bool]) -> list[str]:
    """Put what is measured into ``rows``; the names of what isn't. ^C leaves out what is still to come."""
    broken: list[str] = []
    for place, name in enumerate(names):
        try:
            for row in importlib.import_module(f"bench.{name}").measure(**settings):
                rows.append(row)
                progress(in_a_line(row))
        except Exception:  # one that can't be measured must not take the others with it
            progress(traceback.format_exc())
            broken.append(name)
        except KeyboardInterrupt:
            progress(f"interrupted: {name} is left, and what comes after it")
            return [*broken, *names[place:]]
    return broken


if __name__ == "__main__":
    raise SystemExit(main())
