"""The count of vague names: which names are given, and which of them are vague."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.vague_names import is_vague, main, names

SOURCE = """
import numpy as made

class Reader:
    def read(self, wanted, *rest):
        self.kept = wanted
        for line, told in rest:
            found = line
            found = told
        return lambda left, right: left
"""


def test_each_scope_gives_a_name_once() -> None:
    given = sorted(name for name, _, _ in names(ast.parse(SOURCE)))
    assert given == [
        "Reader",
        "found",
        "kept",
        "left",
        "line",
        "made",
        "read",
        "rest",
        "right",
        "self",
        "told",
        "wanted",
    ]


@pytest.mark.parametrize("name", ["found", "_kept", "shown_rows", "WANTED", "what", "things"])
def test_one_vague_word_makes_a_name_vague(name: str) -> None:
    assert is_vague(name, {name})


def test_left_is_a_side_where_there_is_a_right_one() -> None:
    assert not is_vague("left", {"left", "right"}) and not is_vague("left_operand", {"left_operand", "right_operand"})
    assert is_vague("left", {"left", "rest"})


def test_names_that_only_contain_the_letters_are_not_vague() -> None:
    assert not any(is_vague(name, {name}) for name in ("foundation", "whatever", "unknown", "input", "leftmost"))


def test_too_many_of_them_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "module.py").write_text(SOURCE, "utf-8")
    assert main(tmp_path) == 1
    assert "module.py:8: found" in capsys.readouterr().out
    (tmp_path / "module.py").write_text("rows = 1\n", "utf-8")
    assert main(tmp_path) == 0
