"""Every place on disk that the program touches."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_PACK_HOME = re.compile(r"[\w-]+-[0-9a-f]{12}", re.ASCII)


def lessons() -> Path:
    """The folder of the lessons shipped with the program: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "lessons"
    return inside if inside.is_dir() else package.parent / "lessons"


def home() -> Path:
    """Where everything remembered is kept: ``TUTOR_HOME``, else the user's data folder by the system's custom.

    platformdirs knows the same three customs, at 25 ms of every start.
    """
    if chosen := os.environ.get("TUTOR_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "tutor"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tutor"


def pack_home(home: Path, pack: Path) -> Path:
    """The home of what is remembered of a pack that isn't shipped, by its resolved path.

    It is apart from that of every other pack, as their lessons may have the same ids.
    """
    import hashlib  # needed for such packs only

    name = re.sub(r"[^\w-]+", "-", pack.resolve().name, flags=re.ASCII)[:40] or "pack"
    return home / "packs" / f"{name}-{hashlib.sha256(os.fsencode(pack.resolve())).hexdigest()[:12]}"


def root(home: Path) -> Path:
    """The home in which ``home`` lies, where that is the home of a pack; else ``home`` itself."""
    return home.parent.parent if home.parent.name == "packs" and _PACK_HOME.fullmatch(home.name) else home


def pack_name(home: Path) -> str:
    """The name of the pack whose home this is; empty: it is that of the lessons that come with the program."""
    return "" if root(home) == home else home.name.rpartition("-")[0]


def draft(home: Path, lesson: str) -> Path:
    """The file that holds the draft of a lesson, ``autograd/backward``: any editor may open it."""
    return drafts(home) / f"{lesson}.py"


def drafts(home: Path) -> Path:
    """The folder of all drafts."""
    return home / "drafts"


def versions(home: Path, lesson: str = "") -> Path:
    """The folder of what the draft of a lesson was before, one file each; without a lesson, that of all of them."""
    return home / "versions" / lesson


def progress(home: Path) -> Path:
    """The database of where each lesson stands, and of all that happened."""
    return home / "progress.sqlite"


def place(home: Path) -> Path:
    """Where the learner stood when the app was last left, and in which colours."""
    return home / "place.json"


def trust(home: Path) -> Path:
    """The file that says that the lessons of the pack with this home may run: it holds the pack's path."""
    return home / "trusted"


def is_remembered(name: str) -> bool:
    """Whether an entry of a home folder is one of these, a journal or copy of one, or one that is being written."""
    return name in ("drafts", "versions", "packs") or name.lstrip(".").startswith(("progress.", "place.json"))
