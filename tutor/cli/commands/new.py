"""``tutor new``: a lesson module to fill in."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from tutor.cli.errors import Refusal
from tutor.cli.pack import Pack
from tutor.curriculum.manifest import FILE

_ID = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")

TEMPLATE = Path(__file__).with_name("new_lesson.txt")
"""A whole lesson that holds; ``{title}`` is its title."""


def command(options: argparse.Namespace) -> int:
    """Write it into the pack here: 0. Raises Refusal."""
    id, pack = options.lesson, _folder(options.pack)
    if not _ID.fullmatch(id):
        raise Refusal(f"`{id}` is no id of a lesson: it takes small letters, digits and _, as in `autograd/hooks`.")
    path = pack / f"{id}.py"
    chapter, name = id.split("/")
    lesson = TEMPLATE.read_text("utf-8").format(title=name.replace("_", " ").capitalize())
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(lesson)
    except FileExistsError:
        raise Refusal(f"`{path}` is there already.") from None
    except OSError as error:
        raise Refusal(f"`{path}` can't be written: {error.strerror}.") from None
    print(f"{path} is a lesson that holds, to be made into yours.")
    print(f'Name it in {pack / FILE}: "{name}" among the lessons of chapter `{chapter}`.')
    print(f"Then `tutor verify {id if Pack(pack).is_shipped else f'{pack} {id}'}` proves it.")
    return 0


def _folder(pack: Pack) -> Path:
    """The pack that is worked on: the one that was named, else the folder here, or ``lessons`` in it."""
    if not pack.is_shipped:
        return pack.folder
    for folder in (Path(), Path("lessons")):
        if (folder / FILE).is_file():
            return folder
    raise Refusal(f"There is no pack here: go to the folder that holds {FILE}, or lessons/{FILE}.")
