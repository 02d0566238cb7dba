"""The home folder, as commands take it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tutor import paths, private_files
from tutor.cli.errors import Refusal
from tutor.cli.pack import Pack

if TYPE_CHECKING:
    from tutor.learner.drafts import Drafts


def own_home(pack: Pack) -> Path:
    """The folder of all that is remembered of a pack, made private if it is there. Raises Refusal."""
    home = checked_home(pack)
    _restrict(home)
    return home


def checked_home(pack: Pack) -> Path:
    """The same, as it is. Raises Refusal: it is another user's, and nothing is read or written there."""
    home = pack.home
    if owner := private_files.other_owner(home):
        raise Refusal(f"{paths.home()} is in a folder that belongs to {owner}. Set TUTOR_HOME to a folder of your own.")
    return home


def own_drafts(pack: Pack) -> Drafts:
    """The drafts in it."""
    from tutor.learner.drafts import Drafts

    drafts = Drafts(own_home(pack))
    drafts.exposed = _restrict(drafts.home)
    return drafts


@cache
def _restrict(home: Path) -> frozenset[Path]:
    """Once in a process: what others could write until then is known only the first time."""
    return private_files.restrict_home(home)
