"""What a probe may take of a program's time."""

from __future__ import annotations

import threading
import time

from tutor.worker.probes.probe import Allowance


def work() -> None:
    """Take 50 ms of the processor, however long that is."""
    began = time.thread_time()
    while time.thread_time() - began < 0.05:
        pass


def test_a_probes_own_work_counts_and_no_turn_of_others() -> None:
    born, allowance = time.monotonic(), Allowance()
    began = time.thread_time()
    other = threading.Thread(target=work)
    other.start()
    other.join()
    allowance.charge(began)
    assert allowance.due <= time.monotonic()
    began = time.thread_time()
    work()
    allowance.charge(began)
    assert allowance.due > born + 10
