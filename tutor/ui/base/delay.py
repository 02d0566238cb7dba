"""A call that comes a moment later, unless something else comes before."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer


class Delay:
    """Calls ``act`` once, ``seconds`` after it was started."""

    def __init__(
        self, set_timer: Callable[[float, Callable[[], object]], Timer], seconds: float, act: Callable[[], object]
    ) -> None:
        """``set_timer`` is that of the widget for which ``act`` does something."""
        self._set_timer = set_timer
        self._seconds = seconds
        self._act = act
        self._timer: Timer | None = None

    def start(self) -> None:
        """Wait from now on; where one waits already, nothing changes."""
        if self._timer is None:
            self._timer = self._set_timer(self._seconds, self._end)

    def restart(self) -> None:
        """Wait from now on, in any case. A timer's own ``reset`` would first wait for the rest of its time."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _end(self) -> None:
        self._timer = None
        self._act()
