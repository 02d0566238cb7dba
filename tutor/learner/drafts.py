"""The learner's drafts: plain files that any editor may open, written so that no moment can lose one."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path

from tutor import paths, private_files
from tutor.learner.draft_history import DraftHistory

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_][A-Za-z0-9_-]*)*")
_NOTHING = object()
_BEFORE_RESET = ".before-reset"


class Drafts:
    """The drafts below a home folder.

    A draft that can't be written stays in memory, is still given out by :meth:`load`, and is tried again at
    each save. Nothing here locks, so that :meth:`save` can be called from a thread, and from a signal handler
    that comes in the middle of another save. Of two saves of one draft the later one stays.
    """

    def __init__(self, home: Path) -> None:
        """Nothing is read from ``home``, or made in it, before it is needed."""
        self.problem = ""
        """Why a draft can't be saved or read at the moment, in a sentence for the learner; else empty."""
        self.exposed: frozenset[Path] = frozenset()
        """Files that others could write before they became private: what is in them may be another's."""
        self.versions = DraftHistory(home)
        """Earlier versions of each draft."""
        self.home = home
        """The folder of all that is remembered."""
        self._unsaved: dict[Path, str | None] = {}
        """What the files should hold; None: there should be no file."""

    def load(self, id: str) -> str | None:
        """The draft of a lesson; None where there is none. Raises ValueError where ``id`` can't be one."""
        return self._read(self._path(id))

    def save(self, id: str, text: str) -> bool:
        """Keep the draft of a lesson, and whatever couldn't be saved before. False: see :attr:`problem`.

        At any moment the file holds either the whole old text or the whole new one; the old one stays in
        :attr:`versions`. Raises ValueError where ``id`` can't be a lesson's.
        """
        return self._keep({self._path(id): text})

    def distrust(self, id: str) -> str:
        """Why the file of a draft may hold what another wrote, and isn't run unasked; empty: it is the learner's own.

        It is the end of a sentence, as in :func:`tutor.private_files.exposure`.
        """
        draft = self._path(id)
        if draft in self._unsaved:
            return ""
        until_now = f"others could write to {draft.name} until now" if draft in self.exposed else ""
        return private_files.exposure(draft, paths.root(self.home)) or until_now

    def import_draft(self, id: str, text: str, at: float) -> bool:
        """Keep a draft from elsewhere that was saved there at ``at``, in seconds since 1970. False: as :meth:`save`."""
        saved = self.save(id, text)
        if saved:
            with contextlib.suppress(OSError):
                os.utime(self._path(id), (at, at))
        return saved

    def saved_at(self, id: str) -> float | None:
        """When the file of a draft was written, in seconds since 1970; None where there is none."""
        try:
            return self._path(id).stat().st_mtime
        except OSError:
            return None

    def ids(self) -> list[str]:
        """The lessons that have a draft, saved or not."""
        files = paths.drafts(self.home).glob("**/*.py")
        return sorted({*filter(is_id, map(self._name, files)), *self.unsaved()})

    def unsaved(self) -> list[str]:
        """The lessons whose draft still waits to be saved."""
        return [
            name for path, text in list(self._unsaved.items()) if text is not None and is_id(name := self._name(path))
        ]

    def _name(self, path: Path) -> str:
        return path.relative_to(paths.drafts(self.home)).as_posix().removesuffix(".py")

    def reset(self, id: str) -> bool:
        """Take the draft away; :meth:`undo_reset` brings it back. False: see :attr:`problem`."""
        draft = self._path(id)
        text = self._read(draft)
        return text is None or self._keep({_backup(draft): text, draft: None})

    def undo_reset(self, id: str) -> str | None:
        """Put back, and return, the draft that the last reset took; None where there is nothing to put back.

        A draft begun since then changes places with it: undone twice, nothing has changed.
        """
        draft = self._path(id)
        text, current = self._read(_backup(draft)), self._read(draft)
        if text is not None:
            self._keep({draft: text, _backup(draft): current})
        return text

    def _path(self, id: str) -> Path:
        if not is_id(id):
            raise ValueError(f"`{id}` is no lesson's id: those look like `autograd/backward`.")
        return paths.draft(self.home, id)

    def _read(self, path: Path) -> str | None:
        if path in self._unsaved:
            return self._unsaved[path]
        try:
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.problem = f"The draft in {path} can't be read: {error.strerror}."
            return None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")  # another editor's doing; read so, no byte of it is lost
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _keep(self, texts: dict[Path, str | None]) -> bool:
        """Write these files, and those that are still unsaved, in the order in which they were asked for."""
        for path, text in texts.items():
            self._unsaved.pop(path, None)
            self._unsaved[path] = text
        for path, text in list(self._unsaved.items()):
            try:
                self._write(path, text)
            except OSError as error:
                self.problem = _sentence(error, self.home)
                return False
            if self._is_newest(path, text):
                self._unsaved.pop(path, None)
        self.problem = ""
        return True

    def _write(self, path: Path, text: str | None) -> None:
        if text is None:
            if self._is_newest(path, text):
                self._keep_version(path, None)
                path.unlink(missing_ok=True)
            return
        raw = text.encode("utf-8", "replace")
        private_files.make_folder(path.parent, self.home)
        with private_files.written_beside(path, raw) as fresh:
            if self._is_newest(path, text):
                self._keep_version(path, raw)
                fresh.replace(path)
                self.exposed -= {path}

    def _keep_version(self, path: Path, instead: bytes | None) -> None:
        name = self._name(path)
        if not name.endswith(_BEFORE_RESET):
            self.versions.keep(name, path, instead)

    def _is_newest(self, path: Path, text: str | None) -> bool:
        """Whether no handler or thread has meanwhile saved a later text."""
        return self._unsaved.get(path, _NOTHING) is text


def is_id(text: str) -> bool:
    """Whether this can be a lesson's id, and so the path of its draft."""
    return _ID.fullmatch(text) is not None


def _backup(draft: Path) -> Path:
    return draft.with_name(f"{draft.stem}{_BEFORE_RESET}.py")


def _sentence(error: OSError, home: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        why = f"the disk that holds {home} is full"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        why = f"{home} can't be written to"
    else:
        why = f"{error.filename or home}: {error.strerror}"
    return f"Your drafts can't be saved: {why}. They last only until you leave."
