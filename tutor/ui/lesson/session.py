"""The state of an open lesson: the keys that make sense, the hints, and the outcome of the last run.

Nothing here draws or waits: a screen tells it what the learner does, feeds its outcome events, and draws both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tutor.curriculum.lesson import Lesson

if TYPE_CHECKING:  # importing the messages takes 10 ms, which the first paint need not wait for
    from tutor.client.run_record import RunRecord
    from tutor.protocol.codec import Run, Series


class Session:
    """The lesson that is open."""

    def __init__(self, lesson: Lesson, draft: str, distrust: str = "") -> None:
        self.open(lesson, draft, distrust)

    def open(self, lesson: Lesson, draft: str, distrust: str = "") -> None:
        """Begin anew with a lesson, in the place of the one before."""
        self.lesson = lesson
        self.draft = self.first_draft = draft
        """What the editor has now, and what it had when the lesson was opened."""
        self.distrust = distrust
        """Why others may have written the draft, as the end of a sentence: until a key runs it, nothing does."""
        self.hints = 0
        """The number of hints that are shown."""
        self.revealed = False
        """The solution was shown, now or at another time."""
        self.is_solution_visible = False
        self.outcome: RunRecord | None = None
        self.previous_series: dict[str, Series] = {}
        """The curves of the run before, to be seen behind the new ones."""
        self.finished_chapters = 0
        """The number of chapters that the last pass finished: the way to the next lesson is then their finish."""

    def replace_lesson(self, lesson: Lesson) -> None:
        """Go on with the lesson as its author has saved it now."""
        self.lesson = lesson
        self.hints = min(self.hints, len(lesson.hints))

    def recall(self, hints: int, revealed: bool) -> None:
        """Take up where the learner left: so many hints are shown, and whether the solution was."""
        self.hints = min(max(self.hints, hints), len(self.lesson.hints))
        self.revealed = self.revealed or revealed

    # --- what may be done -----------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """A run is under way."""
        return self.outcome is not None and not self.outcome.over

    @property
    def passed(self) -> bool:
        """The last run came to its end, and every requirement was judged and holds."""
        return self.outcome is not None and self.outcome.passed

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now; the footer leaves out those that don't."""
        if action == "stop":
            return self.running
        if action == "hint":
            return self.hints < len(self.lesson.hints)
        if action == "reveal":
            return not self.is_solution_visible
        if action == "reset":
            return self.draft != self.lesson.snippet.text
        if action == "words":
            return self.outcome is not None and self.outcome.raised is not None
        return True

    # --- what the learner does ------------------------------------------------------------------------------

    def hint(self) -> int | None:
        """The number of the next hint, counted from 1, which is shown from now on; None when there is none."""
        if self.hints >= len(self.lesson.hints):
            return None
        self.hints += 1
        return self.hints

    def reveal(self) -> None:
        """Show the solution, and remember that it was shown."""
        self.is_solution_visible = True
        self.revealed = True

    def start_over(self) -> None:
        """Back to the snippet: no hint is shown, no solution."""
        self.hints = 0
        self.is_solution_visible = False
        self.revealed = False

    def begin(self, run: int, draft: str, columns: int, rows: int, *, baseline: bool = True) -> Run:
        """The request for a run of ``draft``, whose program sees a terminal of ``columns`` by ``rows``.

        With ``baseline`` the curves of the last run are seen behind the new ones; without, those seen so far stay.
        """
        from tutor.client.lesson_run import lesson_record
        from tutor.protocol.observations import Series

        if baseline and self.outcome is not None:
            self.previous_series = self.outcome.named(Series) or self.previous_series
        self.draft = draft
        self.outcome = lesson_record(self.lesson, run, draft)
        return self._request(run, draft, columns, rows)

    def replay(self, run: int, draft: str, columns: int, rows: int, steps: int) -> Run:
        """The request for a run of ``draft`` that is told line by line, at most ``steps`` of them.

        It has the random numbers of the last run, if that was of this draft.
        """
        last = self.outcome
        finished = last.finished if last is not None and last.source == draft else None
        request = self._request(run, draft, columns, rows)
        seed = finished.seed if finished is not None else None
        return replace(request, check=None, observe=False, shelve=False, steps=steps, seed=seed)

    def _request(self, run: int, draft: str, columns: int, rows: int) -> Run:
        from tutor.client.lesson_run import lesson_run

        return replace(lesson_run(self.lesson, run, draft), columns=columns, rows=rows, shelve=True)

    # --- what a run reports ---------------------------------------------------------------------------------

    @property
    def judged(self) -> bool:
        """Every requirement of the lesson has been judged, or left to wait."""
        return self.outcome is not None and self.outcome.judged
