"""``tutor new``: a lesson module to fill in, or a pack with one."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from tutor.cli.errors import Refusal
from tutor.cli.pack import Pack
from tutor.curriculum.manifest import FILE

_ID = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")

TEMPLATE = Path(__file__).with_name("new_lesson.txt")
"""A whole lesson that holds; ``{title}`` is its title."""


def command(options: argparse.Namespace) -> int:
    """Write a lesson into the pack here, or a new pack: 0. Raises Refusal.

    Nobody else can write to the files, whatever the umask: else they would not be run.
    """
    os.umask(os.umask(0o022) | 0o022)
    word = options.name
    if "/" not in word or word.startswith((".", "/")):
        return _write_pack(Path(word))
    return _write_lesson(word, _folder(options.pack))


def _write_pack(folder: Path) -> int:
    from tutor.cli.new_pack import make_pack
    from tutor.cli.trust import remember_trust

    file = make_pack(folder, _lesson("Doubling"))
    remember_trust(Pack(folder))
    print(f"{folder} is a pack, which {folder / FILE} describes, with a lesson that holds: {file}.")
    print(f"`tutor --pack {folder}` opens it, and `tutor verify {folder}` proves it.")
    return 0


def _write_lesson(id: str, pack: Path) -> int:
    if not _ID.fullmatch(id):
        raise Refusal(f"`{id}` is no id of a lesson: it takes small letters, digits and _, as in `autograd/hooks`.")
    path = pack / f"{id}.py"
    chapter, name = id.split("/")
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_lesson(name.replace("_", " ").capitalize()))
    except FileExistsError:
        raise Refusal(f"`{path}` is there already.") from None
    except OSError as error:
        raise Refusal(f"`{path}` can't be written: {error.strerror}.") from None
    print(f"{path} is a lesson that holds, to be made into yours.")
    if _name_in(pack / FILE, chapter, name):
        print(f"{pack / FILE} names it, as the last of chapter `{chapter}`.")
    else:
        print(f'Name it in {pack / FILE}: "{name}" among the lessons of chapter `{chapter}`.')
    print(f"`tutor verify {id if Pack(pack).is_shipped else f'{pack} {id}'}` proves it.")
    return 0


def _lesson(title: str) -> str:
    return TEMPLATE.read_text("utf-8").format(title=title)


def _name_in(curriculum: Path, chapter: str, name: str) -> bool:
    """Name a lesson in a curriculum, if that leaves all else in it as it is. False: its author has to."""
    from tutor.cli.files import write_whole
    from tutor.curriculum.manifest_edit import with_lesson

    try:
        text = curriculum.read_bytes().decode()
        edited = with_lesson(text, chapter, name)
        if edited is not None and edited != text:
            write_whole(curriculum, edited)
    except (OSError, UnicodeDecodeError, Refusal):
        return False
    return edited is not None


def _folder(pack: Pack) -> Path:
    """The pack that is worked on: the one that was named, else the folder here, or ``lessons`` in it."""
    if not pack.is_shipped:
        return pack.folder
    for folder in (Path(), Path("lessons")):
        if (folder / FILE).is_file():
            return folder
    raise Refusal(f"There is no pack here: go to the folder that holds {FILE}, or lessons/{FILE}.")
