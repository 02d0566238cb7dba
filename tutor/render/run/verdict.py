"""The verdict: each requirement, passed or failed and why; and how a run ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.text import Text

from tutor.protocol.codec import Checked, Ended
from tutor.render.tensor.tensor_rows import rows
from tutor.render.text.layout import beside, drawing, duration, hang, indent, inline
from tutor.render.text.style import Look

WIDEST = 72
"""Cells beyond which a word at the right end would stand too far from its requirement."""


@drawing
def checked(width: int, events: Sequence[Checked], look: Look) -> Iterator[Text]:
    """The requirements in order, each with its sign; under a failed one its message, advice and tensors."""
    yield from hang("", headline(events, look), width)
    for event in events:
        yield from _requirement(event, look, width)


def headline(events: Sequence[Checked], look: Look) -> Text:
    """The verdict in one line, as in "All 2 requirements hold"."""
    holding = sum(event.state == "passed" for event in events)
    if not events:
        return Text("Nothing was checked.", look.dim_style)
    if any(event.state == "broken" for event in events):
        return Text("This lesson's check is broken: the lesson's fault, not yours.", look.broken_style)
    if all(event.state == "waits" for event in events):
        words = "The requirement waits" if len(events) == 1 else f"All {len(events)} requirements wait"
        return Text(f"{words} for a program that comes to its end.", look.dim_style)
    if holding == len(events):
        words = "The requirement holds." if holding == 1 else f"All {holding} requirements hold."
        return Text(f"{look.passed} {words}", look.passed_style)
    if len(events) == 1:
        return Text("The requirement does not hold yet.", look.title_style)
    verb = "holds" if holding == 1 else "hold"
    return Text(f"{holding or 'None'} of {len(events)} requirements {verb}.", look.title_style)


def _requirement(event: Checked, look: Look, width: int) -> Iterator[Text]:
    sign, style, word = {
        "passed": (look.passed, look.passed_style, ""),
        "failed": (look.failed, look.failed_style, ""),
        "broken": (look.broken, look.broken_style, "could not be judged"),
        "waits": (look.waits, look.waits_style, "waits"),
    }[event.state]
    size = max(map(len, (look.passed, look.failed)))
    head = Text.assemble((sign.ljust(size), style), " ")
    requirement = inline(event.requirement or event.name, look, look.dim_style if event.state == "waits" else "")
    if word:
        lines = beside(Text.assemble(head, requirement), Text(word, style), min(width, WIDEST))
        if len(lines) == 1:
            yield lines[0]
        else:
            yield from hang(head, Text.assemble(requirement, ("  " + word, style)), width)
    else:
        yield from hang(head, requirement, width)
    margin = head.cell_len + 2
    for sentence in (event.message, event.advice):
        for line in sentence.splitlines():
            yield from hang(" " * margin, inline(line, look), width)
    pair = [
        replace(tensor, name=name, grad=None)
        for name, tensor in (("yours", event.actual), ("expected", event.expected))
        if tensor is not None
    ]
    yield from indent(rows(pair, look, max(1, width - margin)), margin)


@drawing
def ended(width: int, event: Ended, look: Look) -> Iterator[Text]:
    """How a run ended and how long it took, in words; and what of its output was not kept."""
    clean = event.status == 0 and not event.cause
    yield from hang("", Text(look.spell(_ending(event)), look.dim_style if clean else look.failed_style), width)
    if event.dropped:
        words = f"{event.dropped:,} more characters of output were counted and not kept."
        yield from hang("", Text(words), width)


_SIGNALS = {
    "SIGSEGV": "segmentation fault: a read or write outside of its memory",
    "SIGABRT": "aborted by the C library or by C++",
    "SIGKILL": "the machine may have run out of memory",
    "SIGFPE": "an integer division by zero in C",
    "SIGBUS": "bad memory access; shared memory may be full",
    "SIGILL": "an instruction that this processor does not have",
}


def _ending(event: Ended) -> str:
    took = duration(event.seconds)
    if event.sentence:
        return event.sentence
    if event.cause == "stopped":
        return f"stopped after {took}"
    if event.cause:
        cause = {"seconds": "its time was up", "memory": "it used too much memory", "lost": "its keeper died"}
        return f"ended after {took}: {cause[event.cause]}"
    if event.status == 0:
        return f"ran in {took}"
    if event.status > 128:
        import signal

        try:
            name = signal.Signals(event.status - 128).name
        except ValueError:
            return f"ended with status {event.status} after {took}"
        return f"killed by {name} after {took}" + (f" ({_SIGNALS[name]})" if name in _SIGNALS else "")
    return f"ended with status {event.status} after {took}"
