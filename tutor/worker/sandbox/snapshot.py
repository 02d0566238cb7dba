"""The snapshot of a run: the tensors and types of its names, in one file, which the next run replaces.

The end of a program is announced first, and its snapshot is written then, so that nothing waits for it:
:class:`SnapshotWriter` holds the memory of its tensors (never the tensors themselves, whose end a program may hear)
and the paths of types. A reader waits for the lock that the writer holds.

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

from tutor.inspection.namespace import Kinds, kinds, reachable
from tutor.inspection.sizes import attribute, fixed, sizes, written
from tutor.inspection.tensor import gradient, one_thread, plain, short_dtype, unreadable

ROOM = 64 << 20
"""Bytes that all tensors together may take."""
SAMPLE = 8 << 20
"""Bytes of a tensor that is stored in part."""
HUGE, FEW = 1 << 29, 1 << 18
"""Of a tensor of HUGE bytes only FEW are stored: each may lie on a page of its own, which may not be in memory yet."""
SECONDS = 0.2
"""After so long nothing more is written."""
MOST_TENSORS = 400
"""Tensors stored at most."""
_CHUNK = 4 << 20
_ALIGNED = 64
_END = len(f"{0:020d}")


@dataclass
class StoredTensor:
    """A tensor of a snapshot."""

    name: str
    dtype: str
    """``float32``, as torch has it after ``torch.``."""
    shape: tuple[int, ...]
    note: str = ""
    """Why there are no values."""
    steps: tuple[int, ...] = ()
    """Of each dimension every so many elements are stored; empty: all of it."""
    at: int = -1
    """The place of its first byte."""
    symbols: tuple[int | str, ...] = ()
    """Its sizes where some are symbols: ``shape`` is empty then."""

    @property
    def label(self) -> str:
        """``f32[2,3]``."""
        return self.short + written(self.symbols or self.shape)

    @property
    def short(self) -> str:
        """``f32``."""
        return short_dtype(getattr(torch, self.dtype))

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """The shape of the stored values."""
        steps = self.steps or (1,) * len(self.shape)
        return tuple(math.ceil(size / step) for size, step in zip(self.shape, steps, strict=True))


# --- writing --------------------------------------------------------------------------------------------------


class SnapshotWriter:
    """Takes the snapshot of a program's public names, and writes it to ``path``.

    Never raises: a full disk, or a folder that is gone, means that there is no snapshot.
    """

    def __init__(self, path: str, run: int, namespace: dict[str, Any]) -> None:
        self._path = path
        self._run = run
        self._lock = -1
        self._tensors: list[tuple[StoredTensor, torch.Tensor | None]] = []
        self._kinds: Kinds = {}
        with contextlib.suppress(Exception), torch._C.DisableTorchFunction(), torch.no_grad(), one_thread():
            self._kinds = kinds(namespace)
            self._collect(namespace)

    def _collect(self, namespace: dict[str, Any]) -> None:
        ids: set[int] = set()
        for name, tensor, owned in reachable(namespace):
            if owned and id(tensor) in ids:
                continue
            ids.add(id(tensor))
            if len(self._tensors) >= MOST_TENSORS:
                return
            self._tensors.append(_capture(name, tensor))
            if (grad := gradient(tensor)) is not None:
                self._tensors.append(_capture(f"{name}.grad", grad))

    def announce(self) -> None:
        """Make readers wait until the snapshot is written, or this process has ended."""
        with contextlib.suppress(OSError):
            self._lock = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self) -> None:
        """Write as many tensors as fit into the room and the time."""
        if self._lock < 0:
            self.announce()
        try:
            with torch._C.DisableTorchFunction(), torch.no_grad(), one_thread():
                self._write_tensors(time.monotonic() + SECONDS)
            os.replace(self._part, self._path)
        except Exception:
            with contextlib.suppress(OSError):
                os.unlink(self._part)

    @property
    def _part(self) -> str:
        return f"{self._path}.part"

    def _write_tensors(self, until: float) -> None:
        at = 0
        readable = [(entry, tensor) for entry, tensor in self._tensors if tensor is not None]
        readable.sort(key=lambda pair: pair[1].nbytes)
        for (entry, tensor), room in zip(readable, _share_room([tensor.nbytes for _, tensor in readable]), strict=True):
            if time.monotonic() > until:
                entry.note = "left out: there was too much to keep"
                continue
            try:
                at = self._write_tensor(entry, tensor, room, at, until)
            except RuntimeError as error:  # what its device or dtype can't do
                entry.note = f"its values can't be read here ({type(error).__name__})"
        index = {"run": self._run, "tensors": [vars(entry) for entry, _ in self._tensors], "kinds": self._kinds}
        os.pwrite(self._lock, json.dumps(index).encode("ascii") + f"{at:020d}".encode(), at)

    def _write_tensor(self, entry: StoredTensor, tensor: torch.Tensor, room: int, at: int, until: float) -> int:
        """Write one at ``at``; return where the next may begin."""
        entry.note = unreadable(tensor)
        if entry.note or not tensor.nbytes:
            return at
        if not entry.steps and tensor.nbytes > room:
            tensor = _thin(entry, tensor, room)
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


def _capture(name: str, tensor: torch.Tensor) -> tuple[StoredTensor, torch.Tensor | None]:
    """The memory of a tensor. What isn't torch's own is copied at once: a program may hear when it is let go."""
    note = unreadable(tensor)
    dtype = str(attribute(tensor, "dtype")).removeprefix("torch.")
    shape = fixed(tensor)
    if shape is None:
        return StoredTensor(name, dtype, (), note or "it has no fixed shape", symbols=sizes(tensor)), None
    entry = StoredTensor(name, dtype, shape, note)
    if note:
        return entry, None
    memory = plain(tensor)
    if memory.untyped_storage().resizable():
        return entry, memory
    return entry, (memory if memory.nbytes <= SAMPLE else _thin(entry, memory, SAMPLE)).clone()


def _thin(entry: StoredTensor, tensor: torch.Tensor, room: int) -> torch.Tensor:
    """A part of ``tensor`` that takes about ``room`` bytes, noted in ``entry``."""
    room = min(room, SAMPLE if tensor.nbytes < HUGE else FEW)
    entry.steps = sample_steps(entry.shape, room // tensor.element_size())
    return tensor[tuple(slice(None, None, step) for step in entry.steps)]


def _share_room(sizes: list[int]) -> list[int]:
    """Bytes that each may take, by their sizes in rising order: large ones share the room that small ones leave."""
    rooms = []
    remaining = ROOM
    for place, size in enumerate(sizes):
        rooms.append(remaining // (len(sizes) - place))
        remaining -= size if size <= rooms[-1] else min(rooms[-1], SAMPLE)
    return rooms


def sample_steps(shape: tuple[int, ...], room: int) -> tuple[int, ...]:
    """Steps that leave at most about ``room`` elements: leading dimensions are thinned first, down to 256 each."""
    steps = [1] * len(shape)
    for floor in (256, 1):
        for place, size in enumerate(shape):
            count = math.prod(math.ceil(length / step) for length, step in zip(shape, steps, strict=True))
            if count > room:
                steps[place] = max(steps[place], min(math.ceil(steps[place] * count / room), max(1, size // floor)))
    return tuple(steps)


# --- reading --------------------------------------------------------------------------------------------------


@dataclass
class Snapshot:
    """The snapshot of the last program, as it is read."""

    run: int
    entries: dict[str, StoredTensor]
    kinds: Kinds
    bytes: mmap.mmap
    cache: dict[str, Any] = field(default_factory=dict)
    """Statistics of tensors, by name."""

    def tensor(self, entry: StoredTensor) -> torch.Tensor:
        """Return the stored values of a tensor that has no note."""
        dtype, shape = getattr(torch, entry.dtype), entry.stored_shape
        count = math.prod(shape)
        if not count:
            return torch.empty(shape, dtype=dtype)
        return torch.frombuffer(self.bytes, dtype=dtype, count=count, offset=entry.at).reshape(shape)


class SnapshotReader:
    """Reads the snapshot of a worker anew after each run."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._identity: tuple[int, int, int] | None = None
        self._last: Snapshot | None = None

    def last(self) -> Snapshot | None:
        """Return the last snapshot; waits for a writer that is at work."""
        with contextlib.suppress(OSError), open(f"{self._path}.part", "rb") as part:
            fcntl.flock(part, fcntl.LOCK_SH)
        try:
            with open(self._path, "rb") as file:
                status = os.fstat(file.fileno())
                identity = (status.st_ino, status.st_mtime_ns, status.st_size)
                if identity != self._identity:
                    self._last = _read(file.fileno())
                    self._identity = identity
        except (OSError, ValueError):
            self._last = self._identity = None
        return self._last


def _read(descriptor: int) -> Snapshot:
    mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
    at = int(mapped[-_END:])
    index = json.loads(mapped[at:-_END])
    entries = [StoredTensor(**fields) for fields in index["tensors"]]
    for entry in entries:
        entry.shape, entry.steps = tuple(entry.shape), tuple(entry.steps)
    return Snapshot(index["run"], {entry.name: entry for entry in entries}, index["kinds"], mapped)
