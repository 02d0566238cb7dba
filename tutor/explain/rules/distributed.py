"""Errors of several processes: process groups, DistributedDataParallel, spawned workers."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, explain_as_cause
from tutor.protocol.codec import Raised


def _spawned(match: re.Match[str], event: Raised) -> Explanation:
    meaning = f"Process {match[1]} (counted from 0) ended with an error of its own, and the others were ended with it."
    return explain_as_cause(event, meaning, "Its own traceback stands in the message.")


RULES = (
    ErrorRule(r"-- Process (\d+) terminated with the following error", _spawned),
    ErrorRule(
        r"process (\d+) terminated with ((?:signal|exit code) \w+)",
        "Process {0} (counted from 0) ended without an error to tell, with {1}.",
        "What it printed tells more. SIGKILL mostly means that memory ran out, SIGSEGV that C code crashed.",
    ),
    ErrorRule(
        r"Default process group has not been initialized",
        "Processes must meet before they talk: there is no process group yet.",
        "`dist.init_process_group(...)` first, in every process.",
    ),
    ErrorRule(
        r"trying to initialize the default process group twice",
        "This process is in a process group already.",
        "Call `init_process_group` once; `dist.destroy_process_group()` leaves it.",
    ),
    ErrorRule(
        r"environment variable (RANK|WORLD_SIZE|MASTER_ADDR|MASTER_PORT) expected, but not set",
        "A process learns from `{0}` in its environment who it is and where to meet the others, and it isn't set.",
        "Start it with `torchrun --nproc_per_node=2 file.py`; or pass `rank=`, `world_size=` and `init_method=`.",
    ),
    ErrorRule(
        r"Distributed package doesn't have (\w+) built in|No backend type associated with device type (\w+)",
        "This build of PyTorch has no {0}{1} backend here.",
        '`backend="gloo"` works on every machine, for tensors on the CPU.',
    ),
    ErrorRule(
        r"Timed out after (\d+) seconds waiting for clients\. (\d+)/(\d+) clients joined",
        "Of {2} processes {1} came within {0} seconds: the others weren't started, or look for the meeting elsewhere.",
        "Start as many as `world_size` says, with one address and port.",
    ),
    ErrorRule(
        r"client socket has timed out after (\d+)ms while trying to connect to \((\S+), (\d+)\)",
        "Nobody answered at {1}, port {2}: the process of rank 0 listens there, and it isn't running.",
        "Start rank 0 too, with the same `MASTER_ADDR` and `MASTER_PORT`.",
    ),
    ErrorRule(
        r"EADDRINUSE|address already in use",
        "Another process listens on this port: one that was left over, or a second run.",
        "Take another port, or 0 where one may be chosen.",
    ),
    ErrorRule(
        r"wait timeout after (\d+)ms, keys: /?(\S+)",
        "Nobody has set `{1}` within {0} ms.",
        "Another process has to `set` it; has it come so far, or ended before?",
    ),
    ErrorRule(
        r"Ranks? ([\d, ]+) failed to pass monitoredBarrier in (\d+) ms",
        "Rank {0} didn't come to the barrier within {1} ms.",
        "Every process must reach it: none may return, fail or branch off before.",
    ),
    ErrorRule(
        r"Timed out waiting (\d+)ms for (\w+) operation to complete|Application timeout caused pair closure|"
        r"Connection closed by peer|Connection reset by peer|Read error",
        "Another process didn't take part: it came too late, ended, or called something else.",
        "Every process makes the same calls in the same order; an `if rank == 0:` round one of them leaves all "
        "waiting.",
    ),
    ErrorRule(
        r"Watchdog caught collective operation timeout",
        "A collective wasn't finished in time: some process didn't take part.",
        "Every process makes the same calls in the same order; slow work on one, as saving, needs a longer `timeout=`.",
    ),
    ErrorRule(
        r"DistributedDataParallel is not needed when a module doesn't have any parameter",
        "There is nothing to keep alike: no parameter of this module is trained.",
        "Call the module itself.",
    ),
    ErrorRule(
        r"Expected to have finished reduction in the prior iteration",
        "Some parameters took no part in the last loss, and DDP waits for their gradients.",
        "`find_unused_parameters=True`; or let all outputs of `forward` go into the loss.",
    ),
)
