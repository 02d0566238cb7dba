"""Textual calls a handler of each class that a widget inherits from: none of them calls the next one itself."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.message_pump import MessagePump
from textual.widgets import TextArea

import tutor.ui
from tutor.ui.base.screen import FullScreen, PlaceScreen
from tutor.ui.messages import FinishChapter, QuizRequest, StartQuiz

SOURCES = sorted(Path(tutor.ui.__path__[0]).rglob("*.py"))


def calls_next_handler(node: ast.AST) -> bool:
    """Whether it is ``super().on_…(…)`` or ``super()._on_…(…)``; ``on_event`` is no handler, but what calls them."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr=name)):
            return name.lstrip("_").startswith("on_") and not hasattr(MessagePump, name)
    return False


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(Path(tutor.ui.__path__[0]))))
def test_no_handler_calls_that_of_its_base_class(path):
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    assert [node.lineno for node in nodes if calls_next_handler(node)] == []


@pytest.fixture
def count(monkeypatch) -> Callable[[type, str], list[events.Event]]:
    """All events that a handler is called with from now on."""

    def begin(cls: type, name: str) -> list[events.Event]:
        calls: list[events.Event] = []
        handler = getattr(cls, name)

        def counting(self, event):
            calls.append(event)
            return handler(self, event)

        monkeypatch.setattr(cls, name, counting)
        return calls

    return begin


REQUESTS = {"quiz": StartQuiz(QuizRequest("due")), "finish": FinishChapter("basics/one")}


@pytest.mark.parametrize("place", ["home", "lesson", "quiz", "finish"])
async def test_a_screen_hears_of_another_size_once(opened, count, place):
    async with opened(None if place == "home" else "basics/one") as tutor:
        if place in REQUESTS:
            tutor.app.post_message(REQUESTS[place])
        await tutor.until(lambda: getattr(tutor.app.screen, "PLACES", ("",))[0] == place, "the screen")
        await tutor.pilot.pause()
        calls = count(PlaceScreen, "on_resize")
        await tutor.pilot.resize_terminal(90, 30)
        await tutor.pilot.pause()
        assert len(calls) == len(set(map(id, calls))) >= 1


@pytest.mark.parametrize("lesson", [None, "basics/one"], ids=["home", "lesson"])
async def test_a_screen_hears_of_a_key_once(opened, count, lesson):
    async with opened(lesson) as tutor:
        if lesson:
            await tutor.press("ctrl+g")  # from the editor, which takes keys for itself
        calls = count(FullScreen, "on_key")
        await tutor.press("f11")
        assert [event.key for event in calls] == ["f11"]


@pytest.mark.parametrize("key", ["f11", "y"])
async def test_the_editor_hears_of_a_key_once(opened, count, key):
    async with opened("basics/one") as tutor:
        calls = count(TextArea, "_on_key")
        await tutor.press(key)
        assert [event.key for event in calls] == [key]
