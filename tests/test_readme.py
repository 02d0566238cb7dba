"""What the README says is what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.cli.main import COMMANDS
from tutor.ui.keys import KEYS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    "key", [key for key in KEYS if not key.action.startswith("scroll")], ids=lambda key: key.action
)
def test_every_key_is_told_as_the_key_table_has_it(key) -> None:
    assert f"| {key.names} | {key.help} |" in README


def test_every_command_is_told_and_none_that_is_not_there() -> None:
    told = set(re.findall(r"^    tutor (\w+)", README, re.MULTILINE)) - {"opens"}
    usage = subprocess.run([sys.executable, "-m", "tutor", "--help"], capture_output=True, text=True, check=True).stdout
    assert told == set(COMMANDS)
    assert all(f"tutor {command}" in usage for command in told)


def test_every_picture_is_there() -> None:
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / picture).is_file()
