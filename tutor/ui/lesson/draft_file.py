"""The draft of the open lesson and its file: what was last saved, and whether another editor has changed it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from tutor import paths
from tutor.curriculum.lesson import Lesson
from tutor.ui.learner_state import LearnerState

Stamp = tuple[int, int, int] | None


class DraftFile:
    """One draft. Its file is polled by time, size and inode, as file events don't arrive on NFS."""

    def __init__(self, learner: LearnerState, lesson: Lesson) -> None:
        self._drafts = learner.drafts
        self._id = lesson.id
        self.path = paths.draft(learner.home, lesson.id)
        saved = self._drafts.load(lesson.id)
        self.text = lesson.snippet.text if saved is None else saved
        """The draft as the file has it, or the snippet where there is no draft."""
        self.distrust = "" if saved is None else self._drafts.distrust(lesson.id)
        """Why others may have written it, as the end of a sentence."""
        self._distrusted: Stamp = None
        """The file as it was when a change of it was last left alone."""
        self._stamp = self._look()
        self._writing: str | None = None
        """The text that is being saved, maybe in a thread, or was last."""
        self._back = self._stamp[0] / 1e9 + 0.001 if self._stamp is not None else time.time()
        """How far back one has gone among the older drafts; at first to the moment when this one was opened."""

    def older(self, text: str) -> tuple[float, str] | None:
        """The draft from before it was ``text``, and its time; further back at each call, None at the end."""
        for version in self._drafts.versions.of(self._id):
            if version.at < self._back:
                with contextlib.suppress(OSError):  # it was dropped meanwhile
                    self._back, text_then = version.at, version.text()
                    if text_then != text:
                        return version.at, text_then
        return None

    def keep(self, text: str, *, force: bool = False) -> None:
        """Save ``text`` unless the file has it already; ``force`` also writes a draft that is just the snippet.

        What couldn't be saved is tried again each time. It may be called while a thread is still in it: whatever
        comes to its end last, the file has the text that was given last.
        """
        if text == self.text and not self._drafts.problem and not (force and self._stamp is None):
            return
        self._writing = text
        if self._drafts.save(self._id, text) and self._writing is text:
            self.text, self._stamp = text, self._look()

    def follow_snippet(self, snippet: str) -> None:
        """The lesson has another snippet: where there is no draft, that is the text."""
        if self._stamp is None:
            self.text = snippet

    def changed_outside(self) -> tuple[str, str] | None:
        """The text that another editor wrote since the last look, and nothing; None when it wrote nothing new.

        Of what others may have written there is no text, which is not to be shown, nor run, but why, as the end of
        a sentence: told once, and left where it is until its file is the learner's alone.
        """
        stamp = self._look()
        if stamp is None or stamp == self._stamp:
            return None
        distrust = self._drafts.distrust(self._id)
        if distrust and stamp == self._distrusted:
            return None
        text = self._drafts.load(self._id)
        if text is None or text in (self.text, self._writing):
            self._stamp = stamp
            return None
        if distrust:
            self._distrusted = stamp
            return "", distrust
        self._stamp, self.text = stamp, text
        return text, ""

    def _look(self) -> Stamp:
        try:
            status = Path(self.path).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
