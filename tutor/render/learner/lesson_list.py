"""Chapters and lessons with the state of each, for `tutor list` and the home screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from rich.text import Text

from tutor.curriculum.lesson import Lesson
from tutor.curriculum.manifest import Entry
from tutor.render.text.layout import beside, clip, drawing, loosen
from tutor.render.text.markdown import spans
from tutor.render.text.style import Look

WIDEST = 100
"""Cells beyond which the states would stand too far from the titles."""

State = Literal["new", "begun", "skipped", "passed", "revealed"]


def state_word(state: State) -> str:
    """A lesson's state in a word; none for a new one."""
    return "" if state == "new" else state


def sign(state: State, look: Look) -> Text:
    """The sign of a lesson's state: ○ new, ◐ begun, – skipped, ● passed, ◌ its solution was revealed."""
    signs = {
        "new": look.new,
        "begun": look.begun,
        "skipped": look.skipped,
        "passed": look.done,
        "revealed": look.revealed,
    }
    styles = {"begun": "", "passed": look.passed_style}
    return Text(signs[state], styles.get(state, look.dim_style))


def dots(states: Sequence[State], look: Look) -> Text:
    """How far a chapter is: ``3 of 9 ●●●○○○○○○``."""
    done = sum(state == "passed" for state in states)
    line = Text(f"{done} of {len(states)} ")
    for state in states:
        line.append_text(sign(state, look))
    return line


def _row(lesson: Entry | Lesson, state: State, look: Look, width: int) -> Text:
    """One lesson on one line: sign, title, id where there is room, and its state as a word."""
    left = Text.assemble(sign(state, look), " ", spans(lesson.title, look))
    right = Text(state_word(state), look.passed_style if state == "passed" else look.dim_style)
    if width >= 60:
        right = Text.assemble((lesson.id, look.dim_style), "  ", right, " " * (8 - right.cell_len))
    room = width - right.cell_len - 2
    return loosen(beside(clip(left, max(room, 8), look.more), right, width)[0])


@drawing
def listing(
    width: int, chapters: Sequence[tuple[str, Sequence[Entry | Lesson]]], states: Mapping[str, State], look: Look
) -> Iterator[Text]:
    """All chapters, (title, lessons), with the state of each lesson by its id; without one it is new."""
    width = min(width, WIDEST)
    for number, (title, lessons) in enumerate(chapters):
        if number:
            yield Text()
        progress = dots([states.get(lesson.id, "new") for lesson in lessons], look)
        yield clip(beside(spans(title, look, look.title_style), progress, width)[0], width, look.more)
        for lesson in lessons:
            yield _row(lesson, states.get(lesson.id, "new"), look, width)
