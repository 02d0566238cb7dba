"""A question cell -> Question: one reader for each kind. ``lessons/README.md`` shows how each is written."""

from __future__ import annotations

import ast
import re
import typing
from dataclasses import replace

from tutor.curriculum.cells import Cell, Source
from tutor.curriculum.lesson import BLANK, Code, Fresh, Kind, Option, Question, nearest
from tutor.curriculum.question_text import Asked, asked

KINDS: tuple[Kind, ...] = typing.get_args(Kind)
TARGETED = ("predict", "write")
"""Kinds that name what they ask for."""

_HEADING = re.compile(r"(\w+)\s*(?::\s*(\S.*))?$")
_NUMBER = re.compile(r"[-+]?\d[\d_]*(\.\d*)?(e[-+]?\d+)?")
MOST = 1000
"""Numbers in a range of fresh ones."""


def question(source: Source, cell: Cell) -> Question:
    """The question of a cell.

    Raises:
        LessonError: it lacks something, or says two things that don't go together.
    """
    name, kind, target = _heading(source, cell)
    read = asked(source, cell, letter=kind not in ("choose", "choose all"))
    code = None
    if len(cell.body) > 1:
        code = source.code(read.last + 1, cell.last)
    elif kind not in ("choose", "choose all"):
        raise source.fault(cell.line, f"Write the code of this question below its text: `{kind}` needs some.")
    made = Question(name, kind, read.prompt, read.options, read.right, read.why, code, cell.line, target)
    if code is not None:
        made = _take_fresh(source, made)
    return _READERS[kind](source, read, made)


def _heading(source: Source, cell: Cell) -> tuple[str, Kind, str]:
    """Name, kind and target of ``question NAME: KIND TARGET``. Without a kind, code decides which it is."""
    match = _HEADING.match(cell.rest)
    if match is None:
        shape = "# %% question NAME` or `# %% question NAME: KIND"
        raise source.fault(cell.line, f"Write this line as `{shape}`; the name is permanent, as in `rows_sum`.")
    name, said = match[1], match[2]
    if said is None:
        return name, "prints" if len(cell.body) > 1 else "choose", ""
    for kind in sorted(KINDS, key=len, reverse=True):
        if said == kind and kind not in TARGETED:
            return name, kind, ""
        if kind in TARGETED and re.match(rf"{kind}\b", said):
            return name, kind, _target(source, cell, kind, said[len(kind) :].strip())
    hint = nearest(said, KINDS) or f"the kinds are {', '.join(KINDS)}."
    raise source.fault(cell.line, f"`{said}` is no kind of question; {hint}")


def _target(source: Source, cell: Cell, kind: Kind, target: str) -> str:
    wanted = "a name" if kind == "write" else "an expression"
    example = "write total" if kind == "write" else "predict y.shape"
    if not (target.isidentifier() if kind == "write" else _is_expression(target)):
        raise source.fault(cell.line, f"Name what is asked for, {wanted}, as in `{example}`.")
    return target


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


# --- the kinds ----------------------------------------------------------------------------------------------


def _choose(source: Source, read: Asked, made: Question) -> Question:
    _want_options(source, read, 2)
    if made.code is not None:
        raise source.fault(made.line, f"Take the code out, or name another kind: `{made.kind}` has none.")
    if not read.right:
        raise source.fault(read.items[0].line, "Mark the right option with `- [x]`: no code tells which it is.")
    if made.kind == "choose" and len(read.right) > 1:
        first, second = (read.items[place].line for place in read.right[:2])
        sentence = f"Mark one option only (line {first} is marked already), or make this a `choose all`."
        raise source.fault(second, sentence)
    return made


def _prints(source: Source, read: Asked, made: Question) -> Question:
    _want_options(source, read, 2)
    _refuse_marks(source, read, "what it prints is right")
    if made.fresh:
        line = _line_of(made, made.fresh[0].line)
        raise source.fault(line, "Make this a `predict EXPRESSION`: options that are fixed can't follow fresh numbers.")
    return made


def _predict(source: Source, read: Asked, made: Question) -> Question:
    _want_options(source, read, 1)
    _refuse_marks(source, read, f"the value of `{made.target}` is right, and comes by itself")
    _want_expressions(source, read)
    return made


def _find_the_line(source: Source, read: Asked, made: Question) -> Question:
    """``# at fault: LINE AS IT SHOULD BE`` marks the line; ``# fine: WHY`` says why another one isn't it."""
    assert made.code is not None
    if read.items:
        raise source.fault(read.items[0].line, "Take the options out: the lines of the code are the options.")
    lines, target = made.code.text.split("\n"), ""
    options: list[Option] = []
    places: list[int] = []
    right: list[int] = []
    for place, line in enumerate(lines):
        bare, mark, said = _remark(line, "at fault", "fine")
        lines[place] = bare
        if not bare.strip():
            continue
        if mark == "at fault":
            right.append(len(options))
            target = bare[: len(bare) - len(bare.lstrip())] + said
        options.append(Option(bare, said if mark == "fine" else ""))
        places.append(place)
    if len(right) != 1 or not target.strip():
        sentence = "Mark one line of the code with `# at fault: THE LINE AS IT SHOULD BE`."
        raise source.fault(made.code.line, sentence)
    code = Code("\n".join(lines), made.code.line)
    return replace(made, code=code, options=tuple(options), places=tuple(places), right=tuple(right), target=target)


def _fill_the_blank(source: Source, read: Asked, made: Question) -> Question:
    _want_blank(source, made)
    _want_options(source, read, 2)
    if not read.right or len(read.right) == len(read.items):
        raise source.fault(read.items[0].line, "Mark the fills that are right with `- [x]`; leave one wrong at least.")
    return made


def _write(source: Source, read: Asked, made: Question) -> Question:
    """The last line of the code is ``TARGET = REFERENCE``, and is not shown."""
    assert made.code is not None
    _refuse_marks(source, read, "the last line of the code says what is right")
    _want_expressions(source, read)
    tree = ast.parse(made.code.text)
    match tree.body[-1]:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) as last if name == made.target:
            shown = "\n".join(made.code.text.split("\n")[: last.lineno - 1]).rstrip() + "\n"
            return replace(made, code=Code(shown, made.code.line), reference=ast.unparse(value))
    line = _line_of(made, tree.body[-1].lineno - 1)
    raise source.fault(line, f"End the code with `{made.target} = EXPRESSION`: the answer, which is not shown.")


def _order(source: Source, read: Asked, made: Question) -> Question:
    """The lines that end in ``# step`` are what is put in order; the others stay where they are."""
    assert made.code is not None
    if read.items:
        raise source.fault(read.items[0].line, "Take the options out: the lines marked `# step` are the options.")
    lines = made.code.text.split("\n")
    steps = [place for place, line in enumerate(lines) if _remark(line, "step")[1]]
    lines = [_remark(line, "step")[0] for line in lines]
    if len(steps) < 3:
        raise source.fault(made.code.line, "Mark three lines at least with `# step`: those are put in order.")
    options = tuple(Option(lines[place].strip(), "") for place in steps)
    if len({option.text for option in options}) < len(options):
        raise source.fault(made.code.line, "Make the steps differ: two of them are the same line.")
    return replace(made, code=Code("\n".join(lines), made.code.line), options=options, places=tuple(steps))


def _match_the_curve(source: Source, read: Asked, made: Question) -> Question:
    _want_blank(source, made)
    _want_options(source, read, 3)
    _want_expressions(source, read)
    if len(read.right) != 1:
        raise source.fault(read.items[0].line, "Mark with `- [x]` the one option whose curve is shown.")
    return made


_READERS = {
    "choose": _choose,
    "choose all": _choose,
    "prints": _prints,
    "predict": _predict,
    "find the line": _find_the_line,
    "fill the blank": _fill_the_blank,
    "write": _write,
    "order": _order,
    "match the curve": _match_the_curve,
}


# --- what several ask for -----------------------------------------------------------------------------------


def _want_options(source: Source, read: Asked, least: int) -> None:
    if len(read.items) < least:
        line = read.items[0].line if read.items else read.line
        number = {1: "an option", 2: "two options", 3: "three options"}[least]
        raise source.fault(line, f"Give this question {number} at least, each on a line that begins with `- `.")


def _want_expressions(source: Source, read: Asked) -> None:
    for item, option in zip(read.items, read.options, strict=True):
        if not _is_expression(option.text):
            raise source.fault(item.line, f"Write an expression here, as Python reads it: `{option.text}` is none.")


def _want_blank(source: Source, made: Question) -> None:
    assert made.code is not None
    if (found := made.code.text.count(BLANK)) != 1:
        times = "twice or more" if found else "nowhere"
        raise source.fault(made.code.line, f"Put `{BLANK}` once where code is left out: it stands {times}.")


def _refuse_marks(source: Source, read: Asked, why: str) -> None:
    if read.right:
        raise source.fault(read.items[read.right[0]].line, f"Take the `[x]` off: this question has code, and {why}.")


def _remark(line: str, *marks: str) -> tuple[str, str, str]:
    """A line without the comment at its end that begins with one of ``marks``, which, and what it says."""
    match = re.search(rf"\s*#\s*({'|'.join(marks)})\b:?\s*(.*)$", line)
    return (line[: match.start()], match[1], match[2].strip()) if match else (line, "", "")


def _line_of(made: Question, place: int) -> int:
    """The line of the file for a line of the code, counted from 0."""
    assert made.code is not None
    return made.code.line + place


def _take_fresh(source: Source, made: Question) -> Question:
    """``n = 3  # fresh: 2..9`` or ``# fresh: 0.1, 0.5`` gives other numbers each time."""
    assert made.code is not None
    lines, fresh = made.code.text.split("\n"), []
    for place, line in enumerate(lines):
        bare, mark, said = _remark(line, "fresh")
        if not mark:
            continue
        choices, value = _choices(said), bare.rpartition("=")[2].strip()
        if choices is None or not _NUMBER.fullmatch(value):
            sentence = "Write it as `n = 3  # fresh: 2..9` or `x = 0.1  # fresh: 0.1, 0.5`, the number by itself."
            raise source.fault(_line_of(made, place), sentence)
        lines[place] = bare
        fresh.append(Fresh(place, choices))
    return replace(made, code=Code("\n".join(lines), made.code.line), fresh=tuple(fresh)) if fresh else made


def _choices(said: str) -> tuple[str, ...] | None:
    if match := re.fullmatch(r"(-?\d+)\s*\.\.\s*(-?\d+)", said):
        numbers = range(int(match[1]), int(match[2]) + 1)
        return tuple(map(str, numbers)) if 2 <= len(numbers) <= MOST else None
    choices = tuple(choice.strip() for choice in said.split(","))
    return choices if len(choices) >= 2 and all(map(_NUMBER.fullmatch, choices)) else None
