"""Two tutors that write to one store, one record after the other without a pause; tests use it too."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bench.harness import ROOT
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store


def at_once(home: Path, times: int, hold: float = 0.0) -> list[float]:
    """Let two programs make so many records each; the longest that each had to wait for one, in seconds.

    Args:
        home: where the store is.
        times: how many records.
        hold: seconds for which each keeps the file locked at every record, as on a slow network.

    Raises:
        RuntimeError: one of them was told that something isn't saved.
    """
    command = [sys.executable, "-m", "bench.writers", str(home), str(times), str(hold)]
    pipe = subprocess.PIPE
    writers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate()[0] for writer in writers]
    if any(writer.returncode for writer in writers):
        raise RuntimeError("something was not saved")
    return [float(longest) for longest in said]


def write(home: Path, times: int, hold: float) -> float:
    """Answer, attempt, and hold the file in turn; the longest that took, in seconds."""
    store = Store.open(home)
    reviews = Reviews(store, lambda lesson: ())
    reviews.record("warm/up#q", 3, 0.0)
    print("ready", flush=True)
    sys.stdin.readline()
    longest = 0.0
    for n in range(times):
        began = time.perf_counter()
        if n % 2:
            reviews.record("both/x#q", n % 4 + 1, float(n))
        else:
            store.attempted("both/x")
        if hold:
            store.change(lambda _: time.sleep(hold))
        longest = max(longest, time.perf_counter() - began)
        if not store.saved:
            raise SystemExit(store.problem)
    return longest


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
