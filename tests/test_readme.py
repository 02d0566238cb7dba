"""What the README says is what the program does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tutor.cli.commands import COMMANDS
from tutor.ui import keys

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


TABLES = {"Keys": ("home", "lesson", "finish"), "Keys of a quiz": ("quiz",)}
"""By the comment that stands over each table of keys: the places whose keys it has."""


def readme_with_tables() -> str:
    """The README, its tables of keys as the key table has them; ``quiz`` has only what the first has not."""
    text, listed = README, set[str]()
    for title, places in TABLES.items():
        lines = [line for line in keys.help_lines(keys.at(*places)) if line[1] not in listed]
        listed.update(help for _, help in lines)
        rows = "\n".join(f"| {names} | {help} |" for names, help in lines)
        pattern = rf"(<!-- {title} -->\n\| key \| \|\n\|---\|---\|\n)(?:\|.*\n)*"
        text, count = re.subn(pattern, lambda match, rows=rows: f"{match[1]}{rows}\n", text)
        assert count == 1, f"README.md has no table of keys under <!-- {title} -->."
    return text


def test_the_tables_of_keys_are_those_of_the_key_table() -> None:
    """``README=write pytest tests/test_readme.py`` writes them anew."""
    text = readme_with_tables()
    if os.environ.get("README") == "write":
        (ROOT / "README.md").write_text(text)
    assert text == (ROOT / "README.md").read_text()


def test_every_command_is_told_and_none_that_is_not_there() -> None:
    told = set(re.findall(r"^    tutor (\w+)", README, re.MULTILINE)) - {"opens"}
    usage = subprocess.run([sys.executable, "-m", "tutor", "--help"], capture_output=True, text=True, check=True).stdout
    assert told == set(COMMANDS)
    assert all(f"tutor {command}" in usage for command in told)


def test_every_picture_is_there() -> None:
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / picture).is_file()
