"""A new pack: a folder with a curriculum that describes itself, and one lesson."""

from __future__ import annotations

import json
from pathlib import Path

from tutor.cli.errors import Refusal
from tutor.curriculum.manifest import FILE

CURRICULUM = """\
# A pack of lessons for tutor. This file lists them; the folder may have any name.
#
#   tutor --pack DIR                  opens it as a learner sees it; the open lesson is shown anew when it is saved
#   tutor new CHAPTER/NAME            adds a lesson, and names it below (in this folder, or with --pack DIR)
#   tutor verify --watch DIR LESSON   proves a lesson each time it is saved; `tutor verify DIR` proves them all

# The name of the pack.
title = {title}

# Each chapter is a folder beside this file, in the order in which one learns. All four lines are needed:
#   id       the name of the folder, in small letters, digits, _ and -. It is permanent: a learner's progress is kept
#            by the ids of lessons, which are id/name.
#   title    what the chapter is called, and
#   about    what it teaches, in one line
#   lessons  the files of the folder without .py, in the order in which one learns. A lesson has its title in the file.
[[chapter]]
id = "basics"
title = "Basics"
about = "One line on what this chapter teaches"
lessons = ["doubling"]
"""


def make_pack(folder: Path, lesson: str) -> Path:
    """Make a pack in a folder that isn't there or is empty, whose one lesson is ``lesson``; the file of that.

    Raises:
        Refusal: there is something in the folder already, or it can't be made.
    """
    name = folder.resolve().name
    if not name.isprintable():
        raise Refusal(f"`{name}` has characters that can't be seen: name the pack otherwise.")
    file = folder / "basics" / "doubling.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(not entry.name.startswith(".") for entry in folder.iterdir()):
            raise Refusal(f"There is something in `{folder}` already: name a folder that isn't there, or is empty.")
        file.parent.mkdir()
        title = json.dumps(name.replace("_", " ").replace("-", " ").capitalize(), ensure_ascii=False)
        for path, text in ((folder / FILE, CURRICULUM.format(title=title)), (file, lesson)):
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
    except OSError as error:
        raise Refusal(f"`{error.filename or folder}` can't be made: {error.strerror}.") from None
    return file
