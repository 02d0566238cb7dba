"""The documentation of a name, and docstrings in a terminal: reStructuredText becomes plain reading.

Docstrings are written by many hands: what is no known markup stands there as it was written. docutils was tried: its
import takes 138 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile, pairwise, takewhile
from textwrap import dedent

from rich.text import Text

from tutor.protocol.codec import Documented
from tutor.render.text import latex as formula
from tutor.render.text.code import highlight
from tutor.render.text.layout import Drawing, clip, drawing, glue, hang, indent, inline, running_text, wrap
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

_MODULES = re.compile(r"\b(?:torch|typing|collections\.abc)\.(?=[A-Z])")
"""What a signature can be read without: ``torch.Tensor`` is a Tensor."""


@drawing
def documentation(width: int, event: Documented, look: Look) -> Iterator[Text]:
    """The name with its signature, what kind of thing it is, its docstring, and where it is defined."""
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
    yield from hang("    ", Text(" ".join(glue(part, width - 4) for part in parts)), width)


def _without_signature(event: Documented) -> str:
    """The text, without a first line that is only the signature again, as built-in functions have it."""
    text = event.text.lstrip("\n")
    first, _, rest = text.partition("\n")
    last = event.name.rpartition(".")[2]
    again = last and first.strip().startswith(f"{last}(") and (not rest.strip() or not rest.lstrip(" ")[:1].strip())
    return rest if again and event.signature else text


def docstring(text: str, look: Look) -> Drawing:
    """A docstring for the width at hand."""
    return Drawing(lambda width: _space_out(_Page(look).blocks(_clean(text), width)))


def _clean(text: str) -> list[str]:
    """The lines, their common indentation taken away; the first may have none of it."""
    lines = [line.rstrip() for line in text.expandtabs(4).splitlines()]
    if len(lines) > 1:
        lines = [lines[0].lstrip(), *dedent("\n".join(lines[1:])).splitlines()]
    return [line for line in lines if not _ONLY_TESTS.match(line)]


def _space_out(blocks: Iterator[list[Text]]) -> Iterator[Text]:
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
        while lines:
            size, drawn = self._first(lines, width)
            yield from drawn
            lines = lines[size:]

    def _first(self, lines: list[str], width: int) -> tuple[int, Iterable[list[Text]]]:
        """How many lines the first block has, and what is drawn of it."""
        line, body = lines[0], _indented(lines[1:])
        if not line.strip():
            return 1, ()
        if directive := _DIRECTIVE.match(line):
            drawn = self._directive(directive["name"].lower(), directive["rest"], dedent_lines(body), width)
            return 1 + len(body), drawn
        if _COMMENT.match(line):
            return 1 + len(body), ()
        if line.startswith(">>>"):
            code = list(takewhile(str.strip, lines))
            return len(code), [self._code(code, width)]
        if _SECTION.match(line) and any(map(str.strip, body)):
            return 1 + len(body), [list(self._section(line.rstrip(":"), dedent_lines(body), width))]
        if _ITEM.match(line):
            return self._items(lines, width)
        if line.startswith(" "):
            body = _indented(lines)
            return len(body), [self._deeper(dedent_lines(body), width)]
        if len(lines) > 1 and _UNDERLINE.match(lines[1]) and not _UNDERLINE.match(line):
            return 2, [wrap(self.spans(line, self._look.title_style), width)]
        return self._paragraph(lines, width)

    def _items(self, lines: list[str], width: int) -> tuple[int, list[list[Text]]]:
        """A list: items right below each other."""
        size, drawn = 0, list[Text]()
        while size < len(lines) and (item := _ITEM.match(lines[size])):
            body = _indented(lines[size + 1 :], 2)
            drawn += self._item(item, lines[size], body, width)
            size += 1 + len(body)
        return size, [drawn]

    def _paragraph(self, lines: list[str], width: int) -> tuple[int, list[list[Text]]]:
        """A paragraph, or a table; and the code that ``::`` announces."""
        look, size = self._look, _paragraph_size(lines)
        paragraph, announces = lines[:size], lines[size - 1].endswith("::")
        code = _indented(lines[size:]) if announces else []
        rest = [self._code(dedent_lines(code), width)] if announces else []
        if lines[0][:1] in "+=|" and any(re.match(r"[+|=]", line) for line in paragraph[1:]):  # a table
            return size + len(code), [[clip(Text(look.spell(line)), width, look.more) for line in paragraph], *rest]
        text = " ".join(line.strip() for line in paragraph)
        if announces:
            text = text[:-1] if not text.endswith(" ::") else text[:-3]
        return size + len(code), [wrap(self.spans(text), width), *rest] if text else rest

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
            yield [head, *self._deeper(text, width)]

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
        yield from self._deeper(body, width)

    def _term(self, lines: list[str], width: int) -> Iterator[Text]:
        """A parameter: its name, its type, and its description behind or below them."""
        look = self._look
        term = _TERM.match(lines[0])
        if term is None:
            yield from self._deeper(lines, width)
            return
        head = Text.assemble("  ", (look.spell(term["name"]), look.code_style))
        if term["type"]:
            kind = self.spans(term["type"].strip("()").replace(", optional", ""))
            head.append(f": {kind.plain}", look.dim_style)
        blocks = list(self.blocks([term["about"] or "", *dedent_lines(lines[1:])], max(1, width - 6)))
        if blocks and len(blocks[0]) == 1 and head.cell_len + 2 + blocks[0][0].cell_len <= width:
            yield Text.assemble(head, "  ", blocks.pop(0)[0])
        else:
            yield from hang("", head, width)
        yield from indent((line for block in blocks for line in block), 6)

    def _item(self, marker: re.Match[str], line: str, body: list[str], width: int) -> list[Text]:
        look = self._look
        sign = look.bullet if marker[1] in "-*+•#." else marker[1]
        inner = [line[marker.end() :], *dedent_lines(body)]
        lines = list(_space_out(self.blocks(inner, max(1, width - len(sign) - 1))))
        return [*(Text.assemble(f"{sign} ", line) for line in lines[:1]), *indent(lines[1:], len(sign) + 1)]

    def _deeper(self, lines: list[str], width: int) -> list[Text]:
        return list(indent(_space_out(self.blocks(lines, max(1, width - 2)))))

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

        def write(line: Text, match: re.Match[str]) -> None:
            if match["role"]:
                self._role(line, match["role"], match["target"])
            elif match["label"]:
                line.append_text(self.spans(match["label"])).append(f" ({look.spell(match['link'])})", look.dim_style)
            elif match["reference"]:
                line.append(look.spell(match["single"]))
            elif match["code"] or match["single"]:
                line.append(glue(look.spell((match["code"] or match["single"]).strip())), look.code_style)
            elif match["strong"]:
                line.append(look.spell(match["strong"]), look.title_style)
            elif match["stress"]:
                line.append(look.spell(match["stress"]), "italic")
            else:
                line.append(match["escaped"].strip())

        return running_text(text, _SPAN, write, look, style)

    def _role(self, line: Text, role: str, target: str) -> None:
        look = self._look
        if role == "math":
            line.append(glue(look.spell(formula.inline(target, ascii=look.ascii))))
            return
        label = re.sub(r"\s*<[^<>]*>$", "", target.strip()) or target
        if label.startswith("~"):
            label = label.rpartition(".")[2].lstrip("~")
        line.append(glue(look.spell(label)), "" if role in _PLAIN_ROLES else look.code_style)


def _paragraph_size(lines: list[str]) -> int:
    """How many lines belong to a paragraph: up to an empty one, or one that begins something else."""
    ticks = 0
    for size, (before, line) in enumerate(pairwise(lines), 1):
        ticks += before.count("`")
        other = line.startswith((" ", ">>>")) or _DIRECTIVE.match(line) or _COMMENT.match(line)
        item = _ITEM.match(line) and ticks % 2 == 0  # else a minus or a star within a formula
        if not line.strip() or other or item or before.endswith("::"):
            return size
    return len(lines)


def _indented(lines: list[str], by: int = 1) -> list[str]:
    """The first lines that are indented by ``by`` at least, empty ones between them included."""
    end = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            if not line.startswith(" " * by):
                break
            end = number
    return lines[:end]


def dedent_lines(lines: list[str]) -> list[str]:
    """``lines`` without their common indentation, and without empty ones before the first."""
    return list(dropwhile(lambda line: not line, dedent("\n".join(lines)).split("\n")))


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
