"""Parses the text of a lesson module into a Lesson. ``lessons/README.md`` describes the format for authors."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tutor.curriculum.cells import Cell, Source, docstring, is_edited, split
from tutor.curriculum.lesson import (
    PICTURES,
    Check,
    Code,
    Harmless,
    Lesson,
    Limits,
    Mistake,
    Picture,
    Question,
    RightAnswer,
    Supplement,
    nearest,
    read_text,
    title,
)
from tutor.curriculum.question_parser import Readers, question

SECTIONS = ("Task", "Hints", "Takeaway")

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def parse(path: Path, id: str, kinds: Readers) -> Lesson:
    """The lesson in a file. The file is read, never imported; ``kinds`` read its questions, when they are asked for.

    Raises:
        LessonError: the file can't be read, or isn't a lesson; one sentence says what to do on which line.
    """
    return parse_text(read_text(path), path, id, kinds)


def parse_text(text: str, path: Path, id: str, kinds: Readers) -> Lesson:
    """The lesson in ``text``, which is what the file ``path`` holds. Raises as :func:`parse`."""
    source = Source(path, tuple(text.rstrip("\n").split("\n")))
    heading = _title(source)
    head, *cells = split(source)
    prose, sections = _sections(source, head)
    single = _single_cells(source, cells)
    checks = _checks(source, single["check"])
    fails_first, options = _split_snippet(source, single["snippet"], checks)
    tour, limits, picture = _options(source, single["snippet"], options)
    if "solution" not in single and not tour:
        raise source.fault(len(source.lines), "Add the cell `# %% solution`: a program that passes all checks.")
    snippet = _program(source, single["snippet"])
    solution = _program(source, single.get("solution", single["snippet"]))
    return Lesson(
        id=id,
        path=path,
        title=heading,
        text=prose,
        task=_join(sections["Task"]),
        hints=_hints(source, sections["Hints"]),
        takeaway=_join(sections["Takeaway"]),
        snippet=snippet,
        solution=solution,
        check=_program(source, single["check"]),
        checks=checks,
        read_supplement=partial(_supplement, source, cells, checks, snippet, solution, kinds),
        fails_first=fails_first,
        picture=picture,
        tour=tour,
        limits=limits,
    )


# --- the docstring ------------------------------------------------------------------------------------------

_Lines = list[tuple[int, str]]
"""Lines of a docstring, each with its number in the file."""


def _title(source: Source) -> str:
    first = source.lines[0]
    heading = title(first)
    if heading is None and re.match(r"""[rR]?("{3}|'{3})""", first):
        raise source.fault(1, 'Begin the docstring with the title, on the first line: """# Title')
    if heading is None:
        raise source.fault(1, 'Begin the file with its docstring, on the first line: """# Title')
    return heading


def _sections(source: Source, head: Cell) -> tuple[str, dict[str, _Lines]]:
    """The text, and the lines of each section below it."""
    opening = docstring(head)
    if opening is None:
        raise source.fault(1, 'Begin the file with its docstring, a plain string: """# Title')
    statement, text = opening
    if len(head.body) > 1:
        raise source.fault(head.body[1].lineno, "Move this code below a `# %%` line that names its cell.")
    last = statement.end_lineno or statement.lineno
    prose: _Lines = []
    sections: dict[str, _Lines] = {}
    into = prose
    fenced = False
    for offset, line in enumerate(text.split("\n")[1:], 1):
        number = min(statement.lineno + offset, last)
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if not fenced and line.startswith("## "):
            into = sections[_section(source, number, line[3:].strip(), sections)] = []
        else:
            into.append((number, line))
    for name in SECTIONS:
        if name not in sections:
            raise source.fault(last, f"Add the section `## {name}` to the docstring.")
        if not _join(sections[name]):
            heading = sections[name][0][0] - 1 if sections[name] else last
            raise source.fault(heading, f"Write something under `## {name}`.")
    if not _join(prose):
        raise source.fault(1, "Write the lesson's text between the title and the first `## ` section.")
    return _join(prose), sections


def _section(source: Source, line: int, name: str, sections: dict[str, _Lines]) -> str:
    if name in sections:
        raise source.fault(line, f"Merge the two `## {name}` sections: a lesson has one.")
    if name in SECTIONS:
        return name
    hint = nearest(name.capitalize(), SECTIONS) or "headings within the text take `###`."
    raise source.fault(line, f"`## {name}` is no section (those are {', '.join(SECTIONS)}); {hint}")


def _join(lines: _Lines) -> str:
    return "\n".join(line for _, line in lines).strip("\n").rstrip()


def _hints(source: Source, lines: _Lines) -> tuple[str, ...]:
    hints: list[list[str]] = []
    for number, line in lines:
        if line.startswith("- "):
            hints.append([line[2:]])
        elif hints:
            hints[-1].append(line.removeprefix("  "))
        elif line.strip():
            raise source.fault(number, "Begin each hint with `- `.")
    return tuple("\n".join(hint).strip() for hint in hints)


# --- the cells ----------------------------------------------------------------------------------------------


def _single_cells(source: Source, cells: Sequence[Cell]) -> dict[str, Cell]:
    """The cells of which there is one each."""
    single: dict[str, Cell] = {}
    for cell in cells:
        if cell.kind in ("right", "mistake", "harmless", "question"):
            continue
        if cell.kind in single:
            earlier = single[cell.kind].line
            raise source.fault(cell.line, f"Remove one `# %% {cell.kind}`: there is one on line {earlier} already.")
        single[cell.kind] = cell
    for kind, purpose in (
        ("snippet", "the program that the lesson starts from"),
        ("check", "what a draft must do"),
    ):
        if kind not in single:
            raise source.fault(len(source.lines), f"Add the cell `# %% {kind}`: {purpose}.")
    for cell in cells:
        if cell.rest and cell.kind in ("solution", "check"):
            raise source.fault(cell.line, f"Take `{cell.rest}` off this line: a {cell.kind} takes no options.")
    return single


def _program(source: Source, cell: Cell) -> Code:
    if not cell.body:
        raise source.fault(cell.line, f"Write code into this {cell.kind} cell: it is empty.")
    return source.code(cell.line + 1, cell.last)


def _split_snippet(source: Source, cell: Cell, checks: tuple[Check, ...]) -> tuple[str, str]:
    """The check that the snippet's line names as the first to fail on it, if it does, and its options."""
    options, arrow, name = (part.strip() for part in cell.rest.rpartition("->"))
    if not arrow:
        return "", cell.rest
    return _check_named(source, cell, name, checks), options


def _check_named(source: Source, cell: Cell, name: str, checks: tuple[Check, ...]) -> str:
    names = [check.name for check in checks]
    if name not in names:
        hint = nearest(name, names) or f"the checks are {', '.join(names)}."
        raise source.fault(cell.line, f"`{name}` is none of this lesson's checks; {hint}")
    return name


def _options(source: Source, cell: Cell, options: str) -> tuple[bool, Limits, Picture | None]:
    """The options on the snippet's line: whether the lesson is a tour, its limits, and the picture it is about."""
    tour, limits, picture = False, Limits(), None
    for word in options.split():
        name, _, value = word.partition("=")
        if word == "tour":
            tour = True
        elif name == "seconds":
            if (seconds := _seconds(value)) is None:
                raise source.fault(cell.line, f"Write the time as in `seconds=120`, not `{word}`.")
            limits["seconds"] = seconds
        elif name == "memory":
            if (memory := _bytes(value)) is None:
                raise source.fault(cell.line, f"Write the memory as in `memory=8GB`, not `{word}`.")
            limits["memory"] = memory
        elif name == "picture":
            picture = _picture(source, cell, value)
        else:
            known = ("tour", "seconds", "memory", "picture")
            hint = nearest(name, known) or "there are tour, seconds=, memory= and picture=."
            raise source.fault(cell.line, f"`{word}` is no option of a snippet; {hint}")
    return tour, limits, picture


def _picture(source: Source, cell: Cell, text: str) -> Picture:
    kind, _, name = text.partition(":")
    if kind not in PICTURES:
        hint = nearest(kind, PICTURES) or f"there are {', '.join(PICTURES)}."
        raise source.fault(cell.line, f"`{kind}` is no picture of a run; {hint}")
    return Picture(kind, name)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None


def _bytes(text: str) -> int | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]I?B)", text.upper())
    return int(float(match[1]) * _UNITS[match[2]]) or None if match else None


def _checks(source: Source, cell: Cell) -> tuple[Check, ...]:
    """The functions of ``run`` alone in the check cell; those that only help are `_named` like this."""
    checks: dict[str, Check] = {}
    for node in cell.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if not _is_check(node):
            sentence = f"Write `def {node.name}(run):` for a check, or name it `_{node.name}` if it only helps."
            raise source.fault(node.lineno, sentence)
        requirement = " ".join((ast.get_docstring(node) or "").split())
        if not requirement:
            raise source.fault(
                node.lineno,
                f"Give `{node.name}` a docstring, the requirement as the learner reads it, "
                f"or name it `_{node.name}` if it only helps.",
            )
        if node.name in checks:
            raise source.fault(
                node.lineno, f"Rename one `{node.name}`: line {checks[node.name].line} defines it already."
            )
        checks[node.name] = Check(node.name, requirement, node.lineno)
    if not checks:
        raise source.fault(cell.line, "Add a check: a function of `run` alone; its docstring is the requirement.")
    return tuple(checks.values())


def _is_check(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return isinstance(node, ast.FunctionDef) and ast.unparse(node.args) == "run"


def _supplement(
    source: Source, cells: Sequence[Cell], checks: tuple[Check, ...], snippet: Code, solution: Code, kinds: Readers
) -> Supplement:
    return Supplement(
        mistakes=tuple(_mistake(source, cell, checks, solution) for cell in cells if cell.kind == "mistake"),
        right_answers=tuple(_right_answer(source, cell, solution) for cell in cells if cell.kind == "right"),
        harmless=tuple(_harmless(source, cell, solution) for cell in cells if cell.kind == "harmless"),
        questions=_questions(source, cells, snippet, kinds),
    )


def _edited_or_whole(source: Source, cell: Cell, solution: Code) -> Code:
    """A program that stands in the cell whole, or as edits of the solution."""
    if is_edited(source.lines[cell.line : cell.last]):
        from tutor.curriculum.edits import edited  # for authors: a lesson opens without it

        return edited(source, cell, solution)
    return _program(source, cell)


def _right_answer(source: Source, cell: Cell, solution: Code) -> RightAnswer:
    return RightAnswer(_words(source, cell, "WHAT IS OTHER ABOUT IT"), _edited_or_whole(source, cell, solution))


def _harmless(source: Source, cell: Cell, solution: Code) -> Harmless:
    return Harmless(_words(source, cell, "WHY IT DOES NO HARM"), _edited_or_whole(source, cell, solution))


def _words(source: Source, cell: Cell, meaning: str) -> str:
    """What stands behind the colon of a cell's line."""
    words = cell.rest.removeprefix(":").strip()
    if not (cell.rest.startswith(":") and words):
        raise source.fault(cell.line, f"Write this line as `# %% {cell.kind}: {meaning}`.")
    return words


def _mistake(source: Source, cell: Cell, checks: tuple[Check, ...], solution: Code) -> Mistake:
    reason, arrow, name = (part.strip() for part in cell.rest.removeprefix(":").rpartition("->"))
    if not (cell.rest.startswith(":") and arrow and reason and name):
        raise source.fault(cell.line, "Write this line as `# %% mistake: WHY IT IS WRONG -> CHECK_THAT_CATCHES_IT`.")
    return Mistake(reason, _check_named(source, cell, name, checks), _edited_or_whole(source, cell, solution))


def _questions(source: Source, cells: Sequence[Cell], snippet: Code, kinds: Readers) -> tuple[Question, ...]:
    """The questions, each of a name of its own."""
    questions: dict[str, Question] = {}
    for cell in cells:
        if cell.kind == "question":
            read = question(source, cell, snippet, kinds)
            if read.name in questions:
                earlier = questions[read.name].line
                raise source.fault(cell.line, f"Rename this question: line {earlier} has a `{read.name}` already.")
            questions[read.name] = read
    return tuple(questions.values())
