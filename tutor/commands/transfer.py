"""``tutor export FILE`` and ``tutor import FILE``: all that is remembered, carried to another machine or kept safe."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from pathlib import Path

from tutor import paths
from tutor.commands import Refusal


def command(options: argparse.Namespace) -> int:
    """Write the file, or take in what one holds. Raises Refusal."""
    return _export(options.file, options.json) if options.command == "export" else _import(options.file, options.json)


def _export(file: str, as_json: bool) -> int:
    from tutor.learner.drafts import Drafts
    from tutor.learner.store import Store
    from tutor.learner.transfer import collect, lines

    home = paths.home()
    store = Store.open(home, make=False)
    try:
        memory = collect(store, Drafts(home))
        if store.problem:
            print(f"tutor: {store.problem}", file=sys.stderr)
    finally:
        store.close()
    text = "".join(line + "\n" for line in lines(memory, time.time()))
    if file == "-":
        print(text, end="")
        return 0
    _write(Path(file), text)
    counts = {"events": len(memory.events), "drafts": len(memory.drafts), "earlier": len(memory.earlier)}
    if as_json:
        print(json.dumps({"file": file, **counts}))
    else:
        print(f"{file} holds {_counted(counts)}.")
    return 0


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all; an older export may be replaced, nothing else. Raises Refusal."""
    from tutor.learner.transfer import is_export

    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as there:
                if not is_export(there.readline(1000)):
                    raise Refusal(f"`{path}` is there already, and is no export: choose another name.")
        try:
            with fresh.open("w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            fresh.replace(path)
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise Refusal(f"`{path}` can't be written: {error.strerror}.") from None


def _import(file: str, as_json: bool) -> int:
    from tutor.learner.drafts import Drafts
    from tutor.learner.store import Store
    from tutor.learner.transfer import NoExport, NotSaved, merge, read

    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        memory = read(raw.decode())
    except OSError as error:
        raise Refusal(f"`{file}` can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Refusal(f"`{file}` is no export of tutor. Nothing was changed.") from None
    except NoExport as no_export:
        raise Refusal(f"`{file}` {no_export}. Nothing was changed.") from None
    home = paths.home()
    store = Store.open(home)
    try:
        merged = merge(memory, store, Drafts(home))
        if store.problem:
            print(f"tutor: {store.problem}", file=sys.stderr)
    except NotSaved as not_saved:
        raise Refusal(f"Not imported. {not_saved}") from None
    finally:
        store.close()
    counts = {"events": merged.events, "drafts": merged.drafts, "earlier": merged.earlier}
    if as_json:
        print(json.dumps(counts))
    else:
        print(f"New: {_counted(counts)}." if any(counts.values()) else "Nothing in it is new.")
    return 0


def _counted(counts: dict[str, int]) -> str:
    words = {"events": "event", "drafts": "draft", "earlier": "earlier version"}
    parts = [f"{counts[kind]:,} {word}{'' if counts[kind] == 1 else 's'}" for kind, word in words.items()]
    return f"{parts[0]}, {parts[1]} and {parts[2]}"
