"""The drawing of a run: its errors, its verdict and its observations, below its output."""

from __future__ import annotations

from rich.console import RenderableType

from tutor.cli.output import Page
from tutor.client.run_record import RunRecord
from tutor.render.run.error import raised
from tutor.render.run.verdict import checked, ended
from tutor.render.text.style import Look
from tutor.render.text.transcript import Transcript

LINES = 200
"""Lines of output that are drawn at most; ``tutor run`` passes all of it on."""
DRAWN = 30
"""Lines of one drawing at most."""


def draw_run(record: RunRecord, page: Page) -> None:
    """Below the output of a program: a line, the error in plain words, values, curves, tensors, how it ended."""
    if record.ended is None:
        return
    from tutor.render.observations import DRAWINGS, Setting  # what a check never draws

    page.say((page.look.rule * page.console.width, page.look.dim_style))
    setting = Setting(page.look, DRAWN)
    observations = (block for drawing in DRAWINGS for block in drawing.draw(record, setting))
    page.draw(*_error(record, page.look), *observations, ended(record.ended, page.look))


def draw_check(record: RunRecord, output: Transcript, page: Page) -> None:
    """What the program wrote, its error in plain words, the verdict, and how it ended where that matters."""
    blocks: list[RenderableType] = []
    if output:
        blocks.append(output)
    blocks += _error(record, page.look)
    if record.checks:
        blocks.append(checked(record.verdict(), page.look))
    if record.ended is not None and (record.status or record.cause):
        blocks.append(ended(record.ended, page.look))
    page.draw(*blocks)


def _error(record: RunRecord, look: Look) -> list[RenderableType]:
    return [] if record.raised is None else [raised(record.raised, look)]
