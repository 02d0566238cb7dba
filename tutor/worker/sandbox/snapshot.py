"""What a program left, put where it can be looked at after its process is gone: one file, replaced by the next run.

A program that has ended is told to have ended first, and what it left is written then, so that nothing waits for
it: :class:`Shelving` holds the memory of its tensors (never the tensors themselves, whose end a program may hear) and
the paths of types. Who wants to read waits on a lock that the writer holds.

The file: the bytes of the tensors, each at a multiple of 64; then an index in JSON; then where the index begins.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import math
import mmap
import os
import time
from dataclasses import dataclass, field
from typing import Any

import torch

from tutor.inspection.namespace import reachable
from tutor.inspection.sizes import attribute, fixed, sizes, written
from tutor.inspection.tensor import gradient, one_thread, plain, short_dtype, unreadable
from tutor.inspection.type_paths import Kinds, kinds

ROOM = 64 << 20
"""Bytes that all tensors together may take."""
SAMPLE = 8 << 20
"""Bytes of a tensor that is kept in part."""
HUGE, FEW = 1 << 29, 1 << 18
"""Of a tensor of HUGE bytes only FEW are kept: each may lie on a page of its own, which may not be in memory yet."""
SECONDS = 0.2
"""After so long nothing more is written."""
LISTED = 400
"""Tensors kept at most."""
_CHUNK = 4 << 20
_ALIGNED = 64
_END = len(f"{0:020d}")


@dataclass
class Entry:
    """A tensor on the shelf."""

    name: str
    dtype: str
    """``float32``, as torch has it after ``torch.``."""
    shape: tuple[int, ...]
    note: str = ""
    """Why there are no values."""
    steps: tuple[int, ...] = ()
    """Of each dimension every so many were kept; empty: all of it."""
    at: int = -1
    """Where its bytes begin."""
    symbols: tuple[int | str, ...] = ()
    """Its sizes where some are symbols: ``shape`` is empty then."""

    @property
    def what(self) -> str:
        """``f32[2,3]``."""
        return self.short + written(self.symbols or self.shape)

    @property
    def short(self) -> str:
        """``f32``."""
        return short_dtype(getattr(torch, self.dtype))

    @property
    def kept(self) -> tuple[int, ...]:
        """The shape of what was kept."""
        return tuple(math.ceil(size / step) for size, step in zip(self.shape, self.steps or self._ones, strict=True))

    @property
    def _ones(self) -> tuple[int, ...]:
        return (1,) * len(self.shape)


# --- writing --------------------------------------------------------------------------------------------------


class Shelving:
    """What a program leaves in its public names, on its way to the shelf at ``path``.

    Never raises: a full disk, or a folder that is gone, means that there is nothing to look at.
    """

    def __init__(self, path: str, run: int, namespace: dict[str, Any]) -> None:
        self._path = path
        self._run = run
        self._lock = -1
        self._held: list[tuple[Entry, torch.Tensor | None]] = []
        self._kinds: Kinds = {}
        with contextlib.suppress(Exception), torch._C.DisableTorchFunction(), torch.no_grad(), one_thread():
            self._kinds = kinds(namespace)
            self._hold(namespace)

    def _hold(self, namespace: dict[str, Any]) -> None:
        seen: set[int] = set()
        for name, tensor, owned in reachable(namespace):
            if owned and id(tensor) in seen:
                continue
            seen.add(id(tensor))
            if len(self._held) >= LISTED:
                return
            self._held.append(_hold(name, tensor))
            if (grad := gradient(tensor)) is not None:
                self._held.append(_hold(f"{name}.grad", grad))

    def announce(self) -> None:
        """Have readers wait until this is written, or this process has ended."""
        with contextlib.suppress(OSError):
            self._lock = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self) -> None:
        """Write all that the room and the time allow."""
        if self._lock < 0:
            self.announce()
        try:
            with torch._C.DisableTorchFunction(), torch.no_grad(), one_thread():
                self._write(time.monotonic() + SECONDS)
            os.replace(self._part, self._path)
        except Exception:
            with contextlib.suppress(OSError):
                os.unlink(self._part)

    @property
    def _part(self) -> str:
        return f"{self._path}.part"

    def _write(self, until: float) -> None:
        at = 0
        held = [(entry, tensor) for entry, tensor in self._held if tensor is not None]
        held.sort(key=lambda pair: pair[1].nbytes)
        for (entry, tensor), room in zip(held, _rooms([tensor.nbytes for _, tensor in held]), strict=True):
            if time.monotonic() > until:
                entry.note = "left out: there was too much to keep"
                continue
            try:
                at = self._write_tensor(entry, tensor, room, at, until)
            except RuntimeError as error:  # what its device or dtype can't do
                entry.note = f"its values can't be read here ({type(error).__name__})"
        index = {"run": self._run, "tensors": [vars(entry) for entry, _ in self._held], "kinds": self._kinds}
        os.pwrite(self._lock, json.dumps(index).encode("ascii") + f"{at:020d}".encode(), at)

    def _write_tensor(self, entry: Entry, tensor: torch.Tensor, room: int, at: int, until: float) -> int:
        """Write one at ``at``; where the next may begin."""
        entry.note = unreadable(tensor)
        if entry.note or not tensor.nbytes:
            return at
        if not entry.steps and tensor.nbytes > room:
            tensor = _thinned(entry, tensor, room)
        whole = tensor.resolve_conj().resolve_neg().cpu().contiguous()
        if not whole.data_ptr():
            entry.note = "no storage"
            return at
        data = memoryview((ctypes.c_char * whole.nbytes).from_address(whole.data_ptr())).cast("B")
        for start in range(0, len(data), _CHUNK):
            os.pwrite(self._lock, data[start : start + _CHUNK], at + start)
            if time.monotonic() > until:
                entry.note = "left out: there was too much to keep"
                return at
        entry.at = at
        return -(-(at + len(data)) // _ALIGNED) * _ALIGNED


def _hold(name: str, tensor: torch.Tensor) -> tuple[Entry, torch.Tensor | None]:
    """The memory of a tensor. What isn't torch's own is copied at once: a program may hear when it is let go."""
    note = unreadable(tensor)
    dtype = str(attribute(tensor, "dtype")).removeprefix("torch.")
    shape = fixed(tensor)
    if shape is None:
        return Entry(name, dtype, (), note or "it has no fixed shape", symbols=sizes(tensor)), None
    entry = Entry(name, dtype, shape, note)
    if note:
        return entry, None
    memory = plain(tensor)
    if memory.untyped_storage().resizable():
        return entry, memory
    return entry, (memory if memory.nbytes <= SAMPLE else _thinned(entry, memory, SAMPLE)).clone()


def _thinned(entry: Entry, tensor: torch.Tensor, room: int) -> torch.Tensor:
    """A part of ``tensor`` that takes about ``room`` bytes, noted in ``entry``."""
    room = min(room, SAMPLE if tensor.nbytes < HUGE else FEW)
    entry.steps = sample_steps(entry.shape, room // tensor.element_size())
    return tensor[tuple(slice(None, None, step) for step in entry.steps)]


def _rooms(sizes: list[int]) -> list[int]:
    """How many bytes each may take, by their sizes in rising order: large ones share what small ones leave."""
    rooms = []
    left = ROOM
    for place, size in enumerate(sizes):
        rooms.append(left // (len(sizes) - place))
        left -= size if size <= rooms[-1] else min(rooms[-1], SAMPLE)
    return rooms


def sample_steps(shape: tuple[int, ...], room: int) -> tuple[int, ...]:
    """Steps that leave at most about ``room`` elements: leading dimensions are thinned first, down to 256 each."""
    steps = [1] * len(shape)
    for floor in (256, 1):
        for place, size in enumerate(shape):
            kept = math.prod(math.ceil(length / step) for length, step in zip(shape, steps, strict=True))
            if kept > room:
                steps[place] = max(steps[place], min(math.ceil(steps[place] * kept / room), max(1, size // floor)))
    return tuple(steps)


# --- reading --------------------------------------------------------------------------------------------------


@dataclass
class Shelf:
    """What the last program left."""

    run: int
    entries: dict[str, Entry]
    kinds: Kinds
    bytes: mmap.mmap
    cache: dict[str, Any] = field(default_factory=dict)
    """What was computed of a tensor, by its name."""

    def tensor(self, entry: Entry) -> torch.Tensor:
        """The values kept of a tensor that has no note."""
        dtype, shape = getattr(torch, entry.dtype), entry.kept
        count = math.prod(shape)
        if not count:
            return torch.empty(shape, dtype=dtype)
        return torch.frombuffer(self.bytes, dtype=dtype, count=count, offset=entry.at).reshape(shape)


class Shelves:
    """The shelf of a worker, as runs come and go."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: tuple[int, int, int] | None = None
        self._last: Shelf | None = None

    def last(self) -> Shelf | None:
        """What the last run left that put anything here; waits for a writer that is at it."""
        with contextlib.suppress(OSError), open(f"{self._path}.part", "rb") as part:
            fcntl.flock(part, fcntl.LOCK_SH)
        try:
            with open(self._path, "rb") as file:
                status = os.fstat(file.fileno())
                identity = (status.st_ino, status.st_mtime_ns, status.st_size)
                if identity != self._known:
                    self._last = _read(file.fileno())
                    self._known = identity
        except (OSError, ValueError):
            self._last = self._known = None
        return self._last

    def of(self, run: int) -> Shelf | None:
        """What this run left."""
        last = self.last()
        return last if last is not None and last.run == run else None


def _read(descriptor: int) -> Shelf:
    mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
    at = int(mapped[-_END:])
    index = json.loads(mapped[at:-_END])
    entries = [Entry(**fields) for fields in index["tensors"]]
    for entry in entries:
        entry.shape, entry.steps = tuple(entry.shape), tuple(entry.steps)
    return Shelf(index["run"], {entry.name: entry for entry in entries}, index["kinds"], mapped)
