"""``python -m bench [FIGURE ...] [--json FILE]``: measure, and print the table."""

from __future__ import annotations

import argparse
import importlib
import json
import traceback
from pathlib import Path

from bench.harness import Figure, Machine, as_json, progress, show

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
    machine, figures, broken = Machine(), list[Figure](), []
    for name in options.figures or USUAL:
        try:
            figures += importlib.import_module(f"bench.{name}").measure()
        except Exception:  # one that can't be measured must not take the others with it
            progress(traceback.format_exc())
            broken.append(name)
    show(machine, figures)
    for name in broken:
        print(f"NOT MEASURED: {name} (see above)")
    if options.json:
        options.json.write_text(json.dumps(as_json(machine, figures), indent=1))
    return 1 if broken or any(figure.met is False for figure in figures) else 0


if __name__ == "__main__":
    raise SystemExit(main())
