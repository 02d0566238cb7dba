"""Names that are spelled nearly as one that isn't there, without asking anybody's ``__dir__``."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from types import FrameType, ModuleType

from torch import nn

from tutor.inspection.tensor import instance

_ALIKE = 0.65
"""Of 1: how alike two names must be."""


def near(error: BaseException, frame: FrameType) -> tuple[str, ...]:
    """What may have been meant where a name, an attribute or an import isn't found; empty for any other error."""
    names: set[object]
    if type(error) is NameError:
        wanted, names = error.name, {*frame.f_locals, *frame.f_globals, *vars(builtins)}
    elif type(error) is AttributeError:
        wanted, names = error.name, _attributes(error.obj)
    elif type(error) is ImportError and (match := re.match(r"cannot import name '(\w+)'", str(error))):
        wanted, names = match[1], _attributes(sys.modules.get(str(error.name)))
    else:
        return ()
    if type(wanted) is not str:
        return ()
    public = [name for name in names if type(name) is str and name.startswith("_") == wanted.startswith("_")]
    return tuple(difflib.get_close_matches(wanted, sorted(public), 1, _ALIKE))


def _attributes(owner: object) -> set[object]:
    if type(owner) is ModuleType or owner is None:
        return set() if owner is None else set(vars(owner))
    names: set[object] = set()
    for cls in type.__getattribute__(type(owner), "__mro__"):
        names |= set(type.__getattribute__(cls, "__dict__"))
    try:
        tables = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return names
    if type(tables) is dict:
        names |= set(tables)
        for table in ("_parameters", "_buffers", "_modules") if instance(owner, nn.Module) else ():
            names |= _keys(tables.get(table))
    return names


def _keys(table: object) -> set[object]:
    return set(table) if type(table) is dict else set()
