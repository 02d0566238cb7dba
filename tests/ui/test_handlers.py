"""Textual calls a message's handler in every class that has one: a handler that calls its parent's runs that twice."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tutor.ui

ROOMS = ("base", "finish", "inspect", "replay", "terminal")


def doubled_handlers(source: str) -> list[str]:
    """The handlers that call the same handler of their parent."""
    return [
        handler.name
        for handler in ast.walk(ast.parse(source))
        if isinstance(handler, ast.FunctionDef | ast.AsyncFunctionDef) and handler.name.startswith("on_")
        for call in ast.walk(handler)
        if isinstance(call, ast.Attribute)
        and call.attr == handler.name
        and isinstance(call.value, ast.Call)
        and isinstance(call.value.func, ast.Name)
        and call.value.func.id == "super"
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_no_handler_runs_twice(room):
    paths = list((Path(tutor.ui.__file__).parent / room).glob("*.py"))
    assert paths
    assert {path.name: names for path in paths if (names := doubled_handlers(path.read_text()))} == {}


def test_a_handler_that_runs_twice_is_noticed():
    assert doubled_handlers(
        "class A(B):\n    async def on_key(self, event):\n        await super().on_key(event)\n"
    ) == ["on_key"]
