"""Handlers of the quiz screens run once for each message, and no screen stands on one that stands on its own."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.ui import asked
from tutor.ui.base.screen import FullScreen, PlaceScreen
from tutor.ui.messages import QuizRequest, StartQuiz
from tutor.ui.quiz.code_screen import CodeScreen
from tutor.ui.quiz.screen import QuizScreen

FOLDER = Path(__file__).resolve().parents[3] / "tutor" / "ui" / "quiz"
MOST_METHODS = 40


@pytest.fixture
def pack(tmp_path):
    return asked.write(tmp_path / "pack", choose=asked.CHOOSE.format(name="q1"))


@pytest.mark.parametrize("handler", ["on_resize", "on_key"])
async def test_what_all_screens_do_with_a_message_is_done_once(opened, monkeypatch, handler):
    owner = next(cls for cls in (PlaceScreen, FullScreen) if handler in vars(cls))
    original, calls = getattr(owner, handler), Counter()

    def counted(screen, event):
        calls[id(event)] += isinstance(screen, QuizScreen)
        events.append(event)  # so that no two have the same id
        return original(screen, event)

    events = []
    monkeypatch.setattr(owner, handler, counted)
    async with opened() as tutor:
        tutor.app.post_message(StartQuiz(QuizRequest("lesson", "asked/choose")))
        await tutor.until(lambda: "Which one is it" in tutor.text, "the question")
        await tutor.press("down", "z")
        await tutor.pilot.resize_terminal(70, 20)
        await tutor.until(lambda: tutor.app.screen.size.width == 70, "the size")
    assert calls.total() > 0 and max(calls.values()) == 1


def classes():
    return [
        pytest.param(node, id=f"{path.stem}.{node.name}")
        for path in sorted(FOLDER.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]


@pytest.mark.parametrize("node", classes())
def test_no_handler_calls_the_one_of_its_base_class_which_textual_calls_too(node):
    attributes = [part for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    inherited = [part.attr for part in attributes if ast.unparse(part.value) == "super()" and "on_" in part.attr[:4]]
    assert inherited == []


@pytest.mark.parametrize("node", classes())
def test_no_class_has_too_many_methods(node):
    methods = [part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert len(methods) <= MOST_METHODS


@pytest.mark.parametrize("screen", [QuizScreen, CodeScreen])
def test_a_screen_stands_on_shared_bases_alone(screen):
    modules = {base.__module__ for base in screen.__mro__[1:] if base.__module__.startswith("tutor.ui")}
    assert modules <= {"tutor.ui.base.screen"}
