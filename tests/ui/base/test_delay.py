"""A call that comes a moment later, by a clock that goes as the test says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tutor.ui.base.delay import Delay


@dataclass
class Pending:
    """A timer of the clock."""

    due: float
    act: Callable[[], object]
    is_stopped: bool = False

    def stop(self) -> None:
        self.is_stopped = True


@dataclass
class Clock:
    now: float = 0.0
    timers: list[Pending] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    def set_timer(self, seconds: float, act: Callable[[], object]) -> Pending:
        self.timers.append(Pending(self.now + seconds, act))
        return self.timers[-1]

    def note(self) -> None:
        self.calls.append(self.now)

    def go_to(self, now: float) -> None:
        self.now = now
        due = [timer for timer in self.timers if timer.due <= now and not timer.is_stopped]
        self.timers = [timer for timer in self.timers if timer not in due]
        for timer in due:
            timer.act()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def delay(clock: Clock) -> Delay:
    return Delay(clock.set_timer, 10, clock.note)


def test_what_is_started_twice_comes_once_counted_from_the_first(clock: Clock, delay: Delay):
    delay.start()
    clock.go_to(6)
    delay.start()
    for now in (9, 10, 16, 30):
        clock.go_to(now)
    assert clock.calls == [10]


def test_what_is_restarted_comes_its_whole_time_later_and_no_more_than_that(clock: Clock, delay: Delay):
    delay.start()
    for now in (6, 12):
        clock.go_to(now)
        delay.restart()
    for now in (20, 21, 22, 40):
        clock.go_to(now)
    assert clock.calls == [22]


def test_what_is_stopped_does_not_come_and_can_be_started_again(clock: Clock, delay: Delay):
    delay.stop()
    delay.start()
    delay.stop()
    clock.go_to(10)
    delay.start()
    clock.go_to(20)
    delay.start()
    clock.go_to(30)
    assert clock.calls == [20, 30]
