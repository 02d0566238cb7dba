"""The documentation of a name: its signature, its kind, its docstring, and where it is defined."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.text import Text

from tutor.protocol.codec import Documented
from tutor.render.text.layout import Drawing, clip, glued, hang, inline
from tutor.render.text.rst import docstring
from tutor.render.text.style import Look

_MODULES = re.compile(r"\b(?:torch|typing|collections\.abc)\.(?=[A-Z])")
"""What a signature can be read without: ``torch.Tensor`` is a Tensor."""


def documentation(event: Documented, look: Look) -> Drawing:
    """The name with its signature, what kind of thing it is, its docstring, and where it is defined."""

    def draw(width: int) -> Iterator[Text]:
        yield from _signature(event, look, width)
        about = [word for word in (event.kind, event.where) if word]
        if about:
            yield clip(Text(look.spell(f" {look.waits} ".join(about)), look.dim_style), width, look.more)
        text = _without_signature(event)
        if text.strip():
            yield Text()
            yield from docstring(text, look).lines(width)
        if event.note:
            yield Text()
            yield from hang("", inline(event.note, look, look.dim_style), width)

    return Drawing(draw)


def _signature(event: Documented, look: Look, width: int) -> Iterator[Text]:
    name = Text(look.spell(event.name), look.name_style)
    signature = _MODULES.sub("", look.spell(event.signature))
    if event.kind == "class":
        signature = signature.removesuffix(" -> None")
    if name.cell_len + len(signature) <= width:
        yield name.append(signature, "not bold")
        return
    # Broken between parameters where it can be, and behind the name where nothing else fits.
    parts = re.split(r"(?<=,) (?=[\w*/]+\b)", signature)
    yield from hang("", name, width)
    yield from hang("    ", Text(" ".join(glued(part, width - 4) for part in parts)), width)


def _without_signature(event: Documented) -> str:
    """The text, without a first line that is only the signature again, as built-in functions have it."""
    text = event.text.lstrip("\n")
    first, _, rest = text.partition("\n")
    last = event.name.rpartition(".")[2]
    again = last and first.strip().startswith(f"{last}(") and (not rest.strip() or not rest.lstrip(" ")[:1].strip())
    return rest if again and event.signature else text
