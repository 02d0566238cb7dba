"""The learner's drafts, progress and last place, for the screens: drafts at once, the database after the first paint.

Nothing here stops a lesson: what can't be saved is told by :attr:`LearnerState.problem`, and the learner goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tutor import paths, private_files
from tutor.curriculum.catalog import Catalog
from tutor.learner.drafts import Drafts
from tutor.render.learner.lesson_list import State

if TYPE_CHECKING:
    from tutor.learner.review_queue import Reviews
    from tutor.learner.store import Standing, Store
    from tutor.quiz.turn import Turn

PATIENCE = 0.3
"""Seconds for which a key waits while another tutor writes; what isn't written by then is written with the next."""
FRESH = 60.0
"""Seconds for which a count of what is due holds."""


@dataclass(frozen=True, slots=True)
class Stood:
    """The learner's place when the app was last left."""

    lesson: str = ""
    """The lesson that was open last; empty on the first day."""
    home: bool = True
    """All lessons were shown, and not that one."""
    row: int = 0
    column: int = 0
    """The cursor in the draft, both counted from 0."""
    colours: str = ""
    """Name of the theme; empty: none was chosen."""
    completion: bool = True
    """Names to go on with are offered while one types."""


class LearnerState:
    """Drafts, standings and the last place, below one home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.drafts = Drafts(home)
        self._store: Store | None = None
        self._states: dict[str, State] | None = None
        self._reviews: Reviews | None = None
        self._waiting: tuple[float, int] | None = None
        """When it was last counted how many questions are due, and how many there were."""
        self.place_problem = ""
        """Why the place can't be saved, in a sentence; else empty."""
        self.stood = self._read_place()

    @property
    def problem(self) -> str:
        """Why something can't be saved at the moment, in a sentence; else empty."""
        return self.drafts.problem or (self._store.problem if self._store is not None else "")

    def make_private(self) -> None:
        """Keep from others what another version, or another program, has made. In a thread: versions are many."""
        self.drafts.exposed = private_files.restrict_home(self.home)

    @property
    def is_open(self) -> bool:
        """Whether the database was opened."""
        return self._store is not None

    def open(self) -> Store:
        """The database, opened now if it was not: importing sqlite3 takes 20 ms, and the first paint goes before."""
        if self._store is None:
            from tutor.learner.store import Store

            self._store = Store.open(self.home, patience=PATIENCE)
        return self._store

    @property
    def store(self) -> Store:
        """The database, opened when it is first needed. What is recorded through it changes :meth:`states`."""
        self.look_again()
        return self.open()

    def look_again(self) -> None:
        """Another tutor may have recorded something: read anew where lessons stand, and what is due."""
        self._states = self._waiting = None

    def states(self, catalog: Catalog) -> dict[str, State]:
        """The state of each lesson of a pack; empty before :meth:`open`."""
        if self._store is None:
            return {}
        if self._states is None:
            from tutor.learner.progress import places

            standings, last = self._store.standings(), self.last_lesson()
            self._states = dict(places([chapter.ids for chapter in catalog.chapters], standings, last))
        return self._states

    def reviews(self, catalog: Catalog) -> Reviews:
        """The queue of a pack's questions: it has those that are due, and records answers."""
        if self._reviews is None:
            from tutor import __version__
            from tutor.learner.review_queue import Reviews

            self._reviews = Reviews(self.store, catalog.question_names, __version__)
        return self._reviews

    def waiting(self, catalog: Catalog) -> int:
        """The number of questions that are due, at most a minute old; 0 before :meth:`open`.

        With 10,000 cards the question takes 20 ms, and each drawing of the home screen asks.
        """
        if self._store is None:
            return 0
        now = time.time()
        if self._waiting is None or not 0 <= now - self._waiting[0] < FRESH:
            self._waiting = now, self.reviews(catalog).waiting(now)
        return self._waiting[1]

    def answered(self, catalog: Catalog, turn: Turn, sitting: str) -> None:
        """Keep what became of a question; ``sitting`` is ``review``, ``quiz`` or ``lesson``.

        When it comes again in the same sitting that is practice, and no answer of its own.
        """
        if not turn.card.again:
            self.reviews(catalog).record(turn.card.id, turn.rating, time.time(), sitting, **turn.course)
        self._waiting = None

    def standing(self, lesson: str) -> Standing:
        """The state of one lesson, with its attempts and hints."""
        return self.open().standing(lesson)  # reading changes no state

    def last_lesson(self) -> str | None:
        """The lesson that was opened last; None on the first day."""
        if self.stood.lesson:
            return self.stood.lesson
        return self._store.last_lesson() if self._store is not None else None

    @property
    def unsaved(self) -> str:
        """The reason why leaving now would lose something, in a sentence; else empty."""
        if self.drafts.unsaved():
            return self.drafts.problem
        if self._store is not None and not self._store.saved:
            return self._store.problem
        return self.place_problem

    def save_elsewhere(self, path: Path) -> str:
        """Write all that is remembered to a new file, as ``tutor export`` does; what went wrong, in a sentence."""
        from tutor.learner.transfer import collect, lines

        raw = "".join(line + "\n" for line in lines(collect(self.store, self.drafts), time.time())).encode()
        try:
            private_files.write_new(path, raw)
        except FileExistsError:
            return f"{path.name} is there already: name another file."
        except OSError as error:
            return f"It can't be written there: {error.strerror}. Name another file."
        return ""

    def save_drafts_anywhere(self) -> Path | None:
        """Write drafts that can't be saved to a new file, where one can be made; None: nowhere, or all are saved.

        For a signal's handler: it asks nobody, waits for nothing, and leaves the database alone.
        """
        lessons = self.drafts.unsaved()
        if not lessons:
            return None
        from tutor.learner import transfer

        memory = transfer.Export(drafts=list(transfer.texts(self.drafts, lessons)), pack=paths.pack_name(self.home))
        raw = "".join(line + "\n" for line in transfer.lines(memory, time.time())).encode()
        for folder in filter(None, (os.environ.get("TMPDIR"), "/tmp", "/var/tmp", ".")):
            path = Path(folder).absolute() / f"tutor-unsaved-{os.urandom(4).hex()}.jsonl"
            with contextlib.suppress(OSError):
                private_files.write_new(path, raw)
                return path
        return None

    def leave(self, stood: Stood) -> None:
        """Remember where the learner stands. A disk that doesn't take it loses no more than the place."""
        self.stood = stood
        self._states = None  # which lesson is the last one opened decides how it stands
        path = paths.place(self.home)
        try:
            private_files.make_folder(self.home, self.home)
            raw = json.dumps(asdict(stood)).encode()
            with private_files.written_beside(path, raw, sync=False) as fresh:
                fresh.replace(path)
        except OSError as error:
            self.place_problem = f"Where you stood can't be saved: {error.strerror}."
        else:
            self.place_problem = ""

    def _read_place(self) -> Stood:
        try:
            place = json.loads(paths.place(self.home).read_text(encoding="utf-8"))
            usual = asdict(Stood())
            return Stood(**{name: type(value)(place[name]) for name, value in usual.items() if name in place})
        except (OSError, ValueError, TypeError):
            return Stood()

    def close(self) -> None:
        """Let go of the database."""
        if self._store is not None:
            self._store.close()
            self._store = self._reviews = None
