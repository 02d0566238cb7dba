"""The base of what controls the parts of a lesson's screen, each of them one subject."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.ui.base.screen import FullScreen
from tutor.ui.context import Context
from tutor.ui.lesson.pane_layout import PaneLayout
from tutor.ui.lesson.session import Session


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the controllers of a screen share. The session is one for all lessons that are opened there."""

    screen: FullScreen
    """Told what happened, by messages: it decides what else follows from that."""
    context: Context
    panes: PaneLayout
    session: Session


class Controller:
    """One subject of a lesson."""

    def __init__(self, workspace: Workspace) -> None:
        self._screen = workspace.screen
        self._context = workspace.context
        self._learner = workspace.context.learner
        self._panes = workspace.panes
        self._editor = workspace.panes.editor
        self._result = workspace.panes.result
        self._session = workspace.session
