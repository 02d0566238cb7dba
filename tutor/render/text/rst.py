"""Docstrings in a terminal: reStructuredText becomes plain reading.

They are written by many hands: what is no known markup stands there as it was written. docutils was tried: its import
takes 138 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from textwrap import dedent

from rich.text import Text

from tutor.render.text import latex as formula
from tutor.render.text.code import highlight
from tutor.render.text.layout import Drawing, clip, glued, hang, wrap
from tutor.render.text.style import Look

_DIRECTIVE = re.compile(r"\.\.\s+(?P<name>[\w:-]+?)\s*::\s*(?P<rest>.*)$")
_COMMENT = re.compile(r"\.\.(\s+(_[^:]|\[|[^:]*$)|\s*$)")
_ITEM = re.compile(r"([-*+•]|#\.|\(?\d+[.)])\s+(?=\S)")
_TERM = re.compile(r"(?P<name>[*\w][\w.*]*(?:,\s*\*{0,2}\w+)*)\s*(?P<type>\(.*?\)(?=\s*:))?\s*:(?:\s+(?P<about>.*)|$)")
_UNDERLINE = re.compile(r"([=\-~^*#\"])\1{2,}\s*$")
_ONLY_TESTS = re.compile(r"\s*>>> # xdoctest:.*")
_SECTION = re.compile(r"[A-Z][\w-]*( [\w-]+){0,2}:{1,2}$")
_SENTENCE = re.compile(r"[A-Z][\w']*,?(\s+[\w'`:~().,-]+){3,}[.:]$")
_SPAN = re.compile(
    r"``(?P<code>.+?)``(?!`)"
    r"|:(?P<role>[\w:+-]+):`(?P<target>[^`]+)`"
    r"|`(?P<label>[^`<]+?)\s*<(?P<link>[^`>]+)>`_{0,2}"
    r"|`(?P<single>[^`]+)`(?P<reference>__?(?!\w))?"
    r"|\*\*(?P<strong>(?!\s)[^*]+?)\*\*"
    r"|(?<![\w*])\*(?P<stress>(?![\s*])[^*]+?(?<!\s))\*(?![\w*])"
    r"|\\(?P<escaped>[\\`*_|: ])",
    re.DOTALL,
)
_PLAIN_ROLES = {"ref", "doc", "term", "numref", "download"}
"""What leads to another page; all other roles name a piece of code."""
_SILENT = {"image", "figure", "include", "list-table", "toctree", "currentmodule", "automodule", "autofunction"}
_TITLES = {"seealso": "See also", "versionchanged": "Changed in", "versionadded": "New in", "deprecated": "Deprecated"}


def docstring(text: str, look: Look) -> Drawing:
    """A docstring for the width at hand."""
    return Drawing(lambda width: _spaced(_Page(look).blocks(_clean(text), width)))


def _clean(text: str) -> list[str]:
    """The lines, their common indentation taken away; the first may have none of it."""
    lines = [line.rstrip() for line in text.expandtabs(4).splitlines()]
    if len(lines) > 1:
        lines = [lines[0].lstrip(), *dedent("\n".join(lines[1:])).splitlines()]
    return [line for line in lines if not _ONLY_TESTS.match(line)]


def _spaced(blocks: Iterator[list[Text]]) -> Iterator[Text]:
    """Blocks with an empty line between them."""
    first = True
    for block in blocks:
        if block and not first:
            yield Text()
        first = first and not block
        yield from block


class _Page:
    """Turns lines into blocks, deeper ones by itself."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def blocks(self, lines: list[str], width: int) -> Iterator[list[Text]]:
        """The drawn blocks of ``lines``, whose outermost indentation is 0."""
        at = 0
        while at < len(lines):
            line = lines[at]
            if not line.strip():
                at += 1
                continue
            body = _indented(lines, at + 1)
            directive = _DIRECTIVE.match(line)
            if directive or _COMMENT.match(line):
                if directive:
                    yield from self._directive(directive["name"].lower(), directive["rest"], dedent_lines(body), width)
                at += 1 + len(body)
            elif line.startswith(">>>"):
                code = list(takewhile(str.strip, lines[at:]))
                yield self._code(code, width)
                at += len(code)
            elif _SECTION.match(line) and any(map(str.strip, body)):
                yield list(self._section(line.rstrip(":"), dedent_lines(body), width))
                at += 1 + len(body)
            elif _ITEM.match(line):
                drawn: list[Text] = []
                while at < len(lines) and (item := _ITEM.match(lines[at])):
                    body = _indented(lines, at + 1, 2)
                    drawn.extend(self._item(item, lines[at], body, width))
                    at += 1 + len(body)
                yield drawn
            elif line.startswith(" "):
                body = _indented(lines, at)
                yield self._deeper(dedent_lines(body), width, 2)
                at += len(body)
            elif at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1]) and not _UNDERLINE.match(line):
                yield wrap(self.spans(line, self._look.title_style), width)
                at += 2
            else:
                count = self._paragraph_end(lines, at)
                yield from self._paragraph(lines[at : at + count], width)
                at += count
                if lines[at - 1].endswith("::"):
                    body = _indented(lines, at)
                    yield self._code(dedent_lines(body), width)
                    at += len(body)

    @staticmethod
    def _paragraph_end(lines: list[str], at: int) -> int:
        """How many lines belong to a paragraph: up to an empty one, or one that begins something else."""
        ticks = 0
        for count, line in enumerate(lines[at + 1 :], 1):
            ticks += lines[at + count - 1].count("`")
            other = line.startswith((" ", ">>>")) or _DIRECTIVE.match(line) or _COMMENT.match(line)
            item = _ITEM.match(line) and ticks % 2 == 0  # else a minus or a star within a formula
            if not line.strip() or other or item or lines[at + count - 1].endswith("::"):
                return count
        return len(lines) - at

    def _paragraph(self, lines: list[str], width: int) -> Iterator[list[Text]]:
        look = self._look
        if lines[0][:1] in "+=|" and any(re.match(r"[+|=]", line) for line in lines[1:]):  # a table
            yield [clip(Text(look.spell(line)), width, look.more) for line in lines]
            return
        text = " ".join(line.strip() for line in lines)
        if text.endswith("::"):
            text = text[:-1] if not text.endswith(" ::") else text[:-3]
        if text:
            yield wrap(self.spans(text), width)

    def _directive(self, name: str, rest: str, body: list[str], width: int) -> Iterator[list[Text]]:
        look = self._look
        options = list(takewhile(lambda line: re.match(r":[\w-]+:", line), body))
        body = body[len(options) :]
        if name in _SILENT:
            return
        if name == "math":
            latex = "\n".join([rest, *body])
            yield [
                part
                for line in map(look.spell, formula.lines(latex, ascii=look.ascii))
                for part in hang(" " * (4 + len(line) - len(line.lstrip())), Text(line.lstrip()), width)
            ]
        elif name in ("code", "code-block", "testcode", "doctest", "parsed-literal"):
            yield self._code(body, width)
        elif name in ("function", "method", "class", "attribute"):
            yield wrap(Text(look.spell(rest), look.name_style), width)
            yield from self.blocks(body, width)
        else:
            version = name.startswith("version")
            title = _TITLES.get(name, name.replace("-", " ").capitalize()) + (f" {rest}" if version else "")
            text = body if version or not rest else [rest, *body]
            head = Text(look.spell(title), look.title_style)
            yield [head, *self._deeper(text, width, 2)]

    def _section(self, title: str, body: list[str], width: int) -> Iterator[Text]:
        """``Args:`` and the like: the title, and its body right below."""
        yield Text(self._look.spell(title.strip()), self._look.title_style)
        if any(line.startswith(">>>") for line in body[:2]):
            yield from self._code(body, width)
            return
        if _TERM.match(body[0]) and not title.startswith(("Return", "Note", "Shape")):
            for term in _terms(body):
                yield from self._term(term, width)
            return
        yield from self._deeper(body, width, 2)

    def _term(self, lines: list[str], width: int) -> Iterator[Text]:
        """A parameter: its name, its type, and its description behind or below them."""
        look = self._look
        term = _TERM.match(lines[0])
        if term is None:
            yield from self._deeper(lines, width, 2)
            return
        head = Text.assemble("  ", (look.spell(term["name"]), look.code_style))
        if term["type"]:
            kind = self.spans(term["type"].strip("()").replace(", optional", ""))
            head.append(f": {kind.plain}", look.dim_style)
        blocks = list(self.blocks(dedent_lines([term["about"] or "", *lines[1:]], keep_first=True), max(1, width - 6)))
        if blocks and len(blocks[0]) == 1 and head.cell_len + 2 + blocks[0][0].cell_len <= width:
            yield Text.assemble(head, "  ", blocks.pop(0)[0])
        else:
            yield from hang("", head, width)
        for line in (line for block in blocks for line in block):
            yield _in(line, 6)

    def _item(self, marker: re.Match[str], line: str, body: list[str], width: int) -> list[Text]:
        look = self._look
        sign = look.bullet if marker[1] in "-*+•#." else marker[1]
        inner = [line[marker.end() :], *dedent_lines(body)]
        lines = list(_spaced(self.blocks(inner, max(1, width - len(sign) - 1))))
        return [
            Text.assemble(f"{sign} ", drawn) if number == 0 else _in(drawn, len(sign) + 1)
            for number, drawn in enumerate(lines)
        ]

    def _deeper(self, lines: list[str], width: int, by: int) -> list[Text]:
        return [_in(line, by) for line in _spaced(self.blocks(lines, max(1, width - by)))]

    def _code(self, lines: list[str], width: int) -> list[Text]:
        """Code, highlighted; of a session the output as it is, and sentences between as sentences."""
        look = self._look
        source = "\n".join(lines).strip("\n")
        if not re.search(r"^>>>", source, re.MULTILINE):
            code = highlight(source, look).split("\n", allow_blank=True)
            return [part for line in code for part in (hang("  ", line, width) if line else [Text()])]
        drawn: list[Text] = []
        for paragraph in re.split(r"\n(?:\s*\n)+", source):
            if drawn:
                drawn.append(Text())
            if _SENTENCE.match(paragraph):
                drawn.extend(wrap(self.spans(" ".join(paragraph.split())), width))
                continue
            for line in paragraph.splitlines():
                prompt = Text(f"  {line[:4]}", look.dim_style) if line.startswith((">>>", "...")) else Text("  ")
                rest = highlight(line[4:], look) if len(prompt) > 2 else Text(look.spell(line))
                drawn.extend(hang(prompt, rest, width))
        return drawn

    def spans(self, text: str, style: str = "") -> Text:
        """Running text, its code, formulas and references readable."""
        look = self._look
        line = Text(style=style)
        position = 0
        for match in _SPAN.finditer(text):
            line.append(look.spell(text[position : match.start()]))
            position = match.end()
            if match["role"]:
                self._role(line, match["role"], match["target"])
            elif match["label"]:
                line.append_text(self.spans(match["label"])).append(f" ({look.spell(match['link'])})", look.dim_style)
            elif match["reference"]:
                line.append(look.spell(match["single"]))
            elif match["code"] or match["single"]:
                line.append(glued(look.spell((match["code"] or match["single"]).strip())), look.code_style)
            elif match["strong"]:
                line.append(look.spell(match["strong"]), look.title_style)
            elif match["stress"]:
                line.append(look.spell(match["stress"]), "italic")
            else:
                line.append(match["escaped"].strip())
        return line.append(look.spell(text[position:]))

    def _role(self, line: Text, role: str, target: str) -> None:
        look = self._look
        if role == "math":
            line.append(glued(look.spell(formula.inline(target, ascii=look.ascii))))
            return
        label = re.sub(r"\s*<[^<>]*>$", "", target.strip()) or target
        if label.startswith("~"):
            label = label.rpartition(".")[2].lstrip("~")
        line.append(glued(look.spell(label)), "" if role in _PLAIN_ROLES else look.code_style)


def _in(line: Text, by: int) -> Text:
    return Text.assemble(" " * by, line) if line else line


def _indented(lines: list[str], at: int, by: int = 1) -> list[str]:
    """The lines from ``at`` on that are indented by ``by`` at least, empty ones between them included."""
    end = at
    for index in range(at, len(lines)):
        if lines[index].strip():
            if not lines[index].startswith(" " * by):
                break
            end = index + 1
    return lines[at:end]


def dedent_lines(lines: list[str], *, keep_first: bool = False) -> list[str]:
    """``lines`` without their common indentation; the first may stand outside of it."""
    if keep_first:
        return [lines[0], *dedent_lines(lines[1:])]
    remaining = dedent("\n".join(lines)).split("\n") if lines else []
    while remaining and not remaining[0].strip():
        remaining = remaining[1:]
    return remaining


def _terms(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each parameter: those that follow are indented."""
    term: list[str] = []
    for line in lines:
        if term and line.strip() and not line.startswith(" "):
            yield term
            term = []
        if line.strip() or term:
            term.append(line)
    if term:
        yield term
