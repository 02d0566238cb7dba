"""``python -m bench [FIGURE ...] [--json FILE]``: measure, tell each figure at once, and at the end print the table."""

from __future__ import annotations

import argparse
import importlib
import json
import traceback
from collections.abc import Sequence
from pathlib import Path

from bench.harness import Figure, Machine, as_json, in_a_line, progress, show

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
LONG = ("memory_hour",)
"""Only when named: it takes a quarter of an hour."""


def main() -> int:
    """Measure what was named; 1 when a target was missed or a figure couldn't be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"some of {', '.join(USUAL + LONG)}; none: {USUAL}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single value to FILE")
    options = parser.parse_args()
    if unknown := set(options.figures) - set(USUAL + LONG):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(USUAL + LONG)}")
    machine, figures = Machine(), list[Figure]()
    broken = _measure(options.figures or USUAL, figures)
    show(machine, figures)
    for name in broken:
        print(f"NOT MEASURED: {name} (see above)")
    if options.json:
        options.json.write_text(json.dumps(as_json(machine, figures), indent=1))
    return 1 if broken or any(figure.met is False for figure in figures) else 0


def _measure(names: Sequence[str], figures: list[Figure]) -> list[str]:
    """Put what is measured into ``figures``; the names of what isn't. ^C leaves out what is still to come."""
    broken: list[str] = []
    for place, name in enumerate(names):
        try:
            for figure in importlib.import_module(f"bench.{name}").measure():
                figures.append(figure)
                progress(in_a_line(figure))
        except Exception:  # one that can't be measured must not take the others with it
            progress(traceback.format_exc())
            broken.append(name)
        except KeyboardInterrupt:
            progress(f"interrupted: {name} is left, and what comes after it")
            return [*broken, *names[place:]]
    return broken


if __name__ == "__main__":
    raise SystemExit(main())
