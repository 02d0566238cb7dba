"""The progress and the summary of a quiz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from tutor.quiz.driver import Progress, Summary
from tutor.render.text.counted import counted
from tutor.render.text.layout import drawing, duration, hang
from tutor.render.text.markdown import spans
from tutor.render.text.style import Look


def counts(progress: Progress) -> str:
    """``4 of 10``; the current card is the next one after those that are done."""
    return f"{min(progress.done + 1, progress.total)} of {progress.total}"


@drawing
def summary(width: int, sums: Summary, look: Look) -> Iterator[Text]:
    """The summary of a quiz, in a few lines."""
    all_right = sums.questions and sums.right == sums.questions
    sign = Text(f"{look.passed} " if all_right else "", look.passed_style)
    right = Text(f"{sums.right} of {sums.questions} right at the first try", look.title_style)
    yield from hang(sign, right, width)
    lines = []
    if sums.corrected:
        lines.append(f"{sums.corrected} more when {'it' if sums.corrected == 1 else 'they'} came again")
    if sums.best_streak > 1:
        lines.append(f"the longest row of right ones: {sums.best_streak}")
    if sums.remaining:
        lines.append(f"{sums.remaining} not asked")
    lines.append(f"{duration(sums.seconds)} in all")
    for line in lines:
        yield from hang(f"{look.bullet} ", Text(line), width)


def reread(sums: Summary, titles: Mapping[str, str], look: Look) -> Sequence[tuple[str, Text, Text]]:
    """Lessons that are worth reading again: id, title, and how many of their questions were not right at once."""
    return [
        (id, spans(titles.get(id, id), look), Text(counted(count, "question"), look.dim_style))
        for id, count in sums.reread
    ]


def nothing_due(waiting: int, forecast: Sequence[int], reviewed: int) -> str:
    """Why there is nothing to review, and when there will be.

    Args:
        waiting: how many there would be today without a limit.
        forecast: how many questions that were asked before come due today and on each day from then on.
        reviewed: how many were reviewed today.
    """
    if reviewed and waiting:
        return f"You have reviewed {reviewed} questions today, which is enough for a day. Tomorrow there are more."
    days = next((days for days, count in enumerate(forecast) if days and count), None)
    if days is None:
        return "Nothing is due. Questions of lessons that you have solved, and those that you were asked, come here."
    count = forecast[days]
    when = "tomorrow" if days == 1 else f"in {days} days"
    return f"Nothing is due. The next {'one comes' if count == 1 else f'{count} come'} {when}."
