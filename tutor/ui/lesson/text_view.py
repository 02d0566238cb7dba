"""The blocks of the text pane, the crumb of the header, and the word over a result."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from tutor.render.text.layout import Drawing, duration, hang
from tutor.render.text.style import Look
from tutor.ui.keys import key
from tutor.ui.lesson.session import Session
from tutor.ui.run_service import Machine


def text_page(session: Session, look: Look) -> dict[str, RenderableType]:
    """The blocks of the text pane: the lesson, its task, the hints asked for, and the solution once revealed."""
    from tutor.render.text.markdown import lesson_text

    lesson = session.lesson
    blocks: dict[str, RenderableType] = {}
    if lesson.text:
        blocks["text"] = lesson_text(lesson.text, look)
    if lesson.task:
        blocks["task"] = section("Task", lesson_text(lesson.task, look), look)
    for number in range(session.hints):
        title = f"Hint {number + 1} of {len(lesson.hints)}"
        blocks[f"hint {number}"] = section(title, lesson_text(lesson.hints[number], look), look)
    if session.is_solution_visible:
        from tutor.render.text.code import highlight

        code = highlight(lesson.solution.text.strip("\n"), look)
        blocks["solution"] = section("Solution", code, look)
    return blocks


def crumb(chapter: str, title: str, look: Look) -> Text:
    """The path to the lesson: ``Autograd › The gradient of a scalar``."""
    from tutor.render.text.markdown import spans

    path = Text.assemble((look.spell(chapter), look.dim_style), (f" {'>' if look.ascii else '›'} ", look.dim_style))
    return path.append_text(spans(title, look, look.title_style))


def tabs(names: Sequence[str], here: str, look: Look) -> Text:
    """The panes when only one is seen."""
    titles = [Text(name.title(), "bold underline" if name == here else look.dim_style) for name in names]
    return Text(f" {look.waits} ", look.dim_style).join(titles)


def section(title: str, body: RenderableType, look: Look) -> RenderableType:
    """``body`` below its title."""
    from tutor.render.text.markdown import spans

    return Group(Drawing(lambda width: hang("", spans(title, look, look.title_style), width)), body)


def state(session: Session, machine: Machine, look: Look) -> Text:
    """The word on the rule over a result: what it is, or what happens right now."""
    outcome = session.outcome
    if outcome is None:
        return Text("not run yet", "dim")
    if not outcome.over:
        stop = f"   {key('stop').name} stop"
        if machine.stage == "starting" and outcome.waiting:
            return Text.assemble((f"runs as soon as torch is loaded{look.more}", look.title_style), stop)
        return Text.assemble((f"running{look.more}", look.title_style), stop)
    if session.passed and outcome.ended is not None:
        took = f" {look.waits} {duration(outcome.ended.seconds)}"
        return Text.assemble((f"{look.passed} passed", look.passed_style), took)
    if outcome.fault:
        return Text(f"{look.broken} not run", look.broken_style)
    took = f" {look.waits} {duration(outcome.ended.seconds)}" if outcome.ended is not None else ""
    if outcome.ended is not None and outcome.ended.cause:
        return Text(("stopped" if outcome.ended.cause == "stopped" else "ended early") + took, look.title_style)
    if outcome.raised is not None:
        return Text(f"{look.failed} {outcome.raised.type}", look.failed_style)
    verdict = outcome.verdict()
    if not verdict:
        return Text(f"ran{took}")
    holding = sum(check.state == "passed" for check in verdict)
    return Text.assemble((f"{look.failed} {holding} of {len(verdict)}", look.failed_style), took)
