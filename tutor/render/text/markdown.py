"""The Markdown that lessons are written in, drawn calmly: no boxes, no backgrounds.

Rich's own Markdown costs 40 ms to import markdown-it, which the first paint of a lesson would wait for. What
lessons use is small: headings, paragraphs, lists, quotes, tables, fenced Python, indented formulas, `code`,
**strong** and *emphasis*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from tutor.render.text.code import highlight
from tutor.render.text.layout import clip, drawing, glue, hang, running_text, wrap
from tutor.render.text.style import Look

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"(```+|~~~+)\s*(\w*)")
_ITEM = re.compile(r"(\s*)([-*+]|\d+[.)])\s+(.*)")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*$")
_TABLE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$")
_SPAN = re.compile(
    r"(?P<code>(?P<tick>`+)(?P<coded>.+?)(?P=tick)(?!`))"
    r"|\*\*(?P<strong>(?!\s).+?(?<!\s))\*\*"
    r"|(?<![\w*])\*(?P<stress>(?![\s*])[^*]+?(?<!\s))\*(?![\w*])"
    r"|(?<!\w)_(?P<under>(?![\s_])[^_]+?(?<!\s))_(?!\w)"
    r"|\[(?P<label>[^\]]+)\]\((?P<target>[^)\s]+)\)"
    r"|\\(?P<escaped>[\\`*_{}\[\]()#+.!|<>-])",
    re.DOTALL,
)


@drawing
def lesson_text(width: int, markdown: str, look: Look) -> Iterator[Text]:
    """``markdown`` for the width at hand."""
    above = ""
    for block in _blocks(markdown.expandtabs(4).splitlines()):
        if above and not above.startswith("## "):  # a section's first words stand right under its name
            yield Text()
        yield from _block(block, look, width)
        above = block[0]


def spans(text: str, look: Look, style: str = "") -> Text:
    """Running text with its `code`, **strong** and *emphasised* parts styled."""

    def write(line: Text, match: re.Match[str]) -> None:
        if match["code"]:
            line.append(glue(look.spell(match["coded"].strip())), look.code_style)
        elif match["strong"]:
            line.append_text(spans(match["strong"], look, look.title_style))
        elif match["stress"] or match["under"]:
            line.append_text(spans(match["stress"] or match["under"], look, "italic"))
        elif match["label"]:
            line.append_text(spans(match["label"], look))
            line.append(f" ({look.spell(match['target'])})", look.dim_style)
        else:
            line.append(match["escaped"])

    return running_text(text, _SPAN, write, look, style)


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each block; the first one tells what it is."""
    block: list[str] = []
    fence = ""
    for line in lines:
        if fence:
            block.append(line)
            if line.strip().startswith(fence):
                yield block
                block, fence = [], ""
            continue
        opened = _FENCE.match(line.strip())
        alone = bool(_HEADING.match(line) or _RULE.match(line) or opened)
        if block and (alone or (not line.strip() and not _goes_on(block)) or _ends(block, line)):
            yield block
            block = []
        if opened:
            block, fence = [line], opened[1]
        elif alone:
            yield [line]
        elif line.strip() or block:
            block.append(line)
    if block:
        yield block


def _goes_on(block: list[str]) -> bool:
    """Whether a blank line does not end the block: formulas and lists may hold some."""
    return block[0].startswith("    ") or bool(_ITEM.match(block[0]))


def _ends(block: list[str], line: str) -> bool:
    """Whether ``line`` begins another kind of block, with or without a blank line before it."""
    if not line.strip():
        return False
    if block[0].startswith("    "):
        return not line.startswith("    ")
    if _ITEM.match(block[0]):
        return not block[-1].strip() and not line.startswith(" ") and not _ITEM.match(line)
    return bool(_ITEM.match(line)) and not line.startswith("    ")


def _block(block: list[str], look: Look, width: int) -> Iterator[Text]:
    while block and not block[-1].strip():
        block = block[:-1]
    first = block[0]
    if fence := _FENCE.match(first.strip()):
        source = block[1:-1] if block[-1].strip().startswith(fence[1]) and len(block) > 1 else block[1:]
        yield from _code(source, fence[2] in ("", "python", "py"), look, width)
    elif heading := _HEADING.match(first):
        yield from wrap(spans(heading[2], look, look.title_style), width)
    elif _RULE.match(first):
        yield Text(look.rule * min(width, 20), look.dim_style)
    elif first.startswith("    "):
        yield from _code([line[4:] for line in block], False, look, width)
    elif _ITEM.match(first):
        yield from _items(block, look, width)
    elif first.startswith(">"):
        quoted = "\n".join(re.sub(r"^>\s?", "", line) for line in block)
        for line in lesson_text(quoted, look).lines(max(1, width - 2)):
            yield Text.assemble((f"{look.bar} ", look.dim_style), line)
    elif len(block) > 1 and _TABLE.match(block[1]):
        yield from _table(block, look, width)
    else:
        yield from wrap(spans(" ".join(line.strip() for line in block), look), width)


def _code(lines: list[str], python: bool, look: Look, width: int) -> Iterator[Text]:
    """Code and formulas, a little indented and never rewrapped unless they would be lost."""
    widest = max(map(cell_len, lines), default=0)
    indent = " " * max(0, min(4 if width >= 50 else 2, width - widest))
    if len(lines) == 1 and not python and widest > width - 2:
        lines = re.split(r" {4,}", lines[0])  # equations side by side; a picture has more lines, and stays one
        indent = "  "
    source = "\n".join(lines)
    text = highlight(source, look) if python else Text(look.spell(source))
    for line in text.split("\n", allow_blank=True):
        yield from hang(indent if line else "", line, width)


def _items(block: list[str], look: Look, width: int) -> Iterator[Text]:
    items: list[tuple[int, str, list[str]]] = []
    for line in block:
        match = _ITEM.match(line)
        if match:
            items.append((len(match[1]), match[2], [match[3]]))
        elif line.strip():
            items[-1][2].append(line.strip())
    for indent, mark, words in items:
        sign = look.bullet if mark in "-*+" else mark
        head = Text(" " * min(indent, width // 3) + sign + " ")
        yield from hang(head, spans(" ".join(words), look), width)


def _table(block: list[str], look: Look, width: int) -> Iterator[Text]:
    rows = [
        [spans(cell.strip(), look) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        for number, line in enumerate(block)
        if number != 1
    ]
    count = max(map(len, rows))
    sizes = [max(row[column].cell_len for row in rows if column < len(row)) for column in range(count)]
    if sum(sizes) + 2 * (count - 1) > width:
        sizes[-1] = max(8, width - sum(sizes[:-1]) - 2 * (count - 1))
    for number, row in enumerate(rows):
        head = Text()
        for cell, size in zip(row[:-1], sizes, strict=False):
            head.append_text(cell).append(" " * (size - cell.cell_len + 2))
        for line in hang(head, row[-1], width):
            if number == 0:
                line.stylize(look.title_style)
            yield clip(line, width, look.more)
