"""``tutor export FILE`` and ``tutor import FILE``: all that is remembered, carried to another machine or kept safe."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.cli import gate
from tutor.cli.errors import Refusal
from tutor.cli.files import refuse_others, write_whole
from tutor.cli.home import own_home
from tutor.cli.pack import Pack
from tutor.learner.drafts import Drafts
from tutor.render.text.counted import counted

if TYPE_CHECKING:
    from tutor.learner.store import Store


def command(options: argparse.Namespace) -> int:
    """Write the file, or take in what one holds. Raises Refusal."""
    transfer = _export if options.command == "export" else _import
    return transfer(options.file, options.pack, options.json)


def _export(file: str, pack: Pack, as_json: bool) -> int:
    from tutor.learner.transfer import collect, is_export, lines

    if file != "-":
        refuse_others(Path(file), is_export, "export")
    with _open(pack, make=False) as (store, drafts):
        memory = collect(store, drafts)
    text = "".join(line + "\n" for line in lines(memory, time.time()))
    if file == "-":
        print(text, end="")
        return 0
    write_whole(Path(file), text, private=True)
    counts = {"events": len(memory.events), "drafts": len(memory.drafts), "earlier": len(memory.earlier)}
    if as_json:
        print(gate.as_json({"file": file, **counts}))
    else:
        print(f"{file} holds {_counted(counts)}.")
    return 0


def _import(file: str, pack: Pack, as_json: bool) -> int:
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
    if memory.pack and pack.is_shipped:
        raise Refusal(f"`{file}` is of the pack {memory.pack}: name its folder with --pack. Nothing was changed.")
    if not (memory.pack or pack.is_shipped):
        raise Refusal(f"`{file}` is not of this pack: import it without --pack. Nothing was changed.")
    with _open(pack, make=True) as (store, drafts):
        try:
            counts = asdict(merge(memory, store, drafts))
        except NotSaved as not_saved:
            raise Refusal(f"Not imported. {not_saved}") from None
    if as_json:
        print(gate.as_json(counts))
    else:
        print(f"New: {_counted(counts)}." if any(counts.values()) else "Nothing in it is new.")
    return 0


@contextlib.contextmanager
def _open(pack: Pack, *, make: bool) -> Iterator[tuple[Store, Drafts]]:
    """All that is remembered; what is wrong with it is told in the end."""
    from tutor.learner.store import Store

    home = own_home(pack)
    with contextlib.closing(Store.open(home, make=make)) as store:
        yield store, Drafts(home)
        if store.problem:
            print(f"tutor: {store.problem}", file=sys.stderr)


def _counted(counts: dict[str, int]) -> str:
    words = {"events": "event", "drafts": "draft", "earlier": "earlier version"}
    parts = [counted(counts[kind], word) for kind, word in words.items()]
    return f"{parts[0]}, {parts[1]} and {parts[2]}"
