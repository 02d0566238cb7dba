"""A lesson is added to a curriculum whose every other character stays."""

from __future__ import annotations

import tomllib

import pytest

from tutor.curriculum.manifest_edit import with_lesson

ABOVE = '# Mine.\ntitle = "Mine"  # its name\n\n[[chapter]] # one\nid = "a"\ntitle = "A"\nabout = "lessons = []"\n'
BELOW = '\n\n# The second.\n[[chapter]]\nid = "b"\nlessons = [\n    "x",  # first\n    # soon: "y"\n]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('lessons = ["one"]', 'lessons = ["one", "new"]'),
        ('lessons = ["one",]  # []', 'lessons = ["one", "new"]  # []'),
        ("lessons = [ ]", 'lessons = ["new" ]'),
        ("lessons=['o]ne']", "lessons=['o]ne', \"new\"]"),
        ('lessons = [\n  "one", # [1]\n]', 'lessons = [\n  "one", # [1]\n  "new",\n]'),
        ('lessons = [\n  "one"\n]', 'lessons = [\n  "one",\n  "new"\n]'),
        ('lessons = [\r\n  "one",\r\n]', 'lessons = [\r\n  "one",\r\n  "new",\r\n]'),
        ('lessons = ["one",\n           "two"]', 'lessons = ["one",\n           "two",\n           "new"]'),
        ('lessons = ["one", "new"]', 'lessons = ["one", "new"]'),
    ],
)
def test_a_lesson_comes_last_in_its_chapter(before: str, after: str) -> None:
    assert with_lesson(ABOVE + before + BELOW, "a", "new") == ABOVE + after + BELOW


def test_of_several_chapters_it_is_the_one_that_is_named() -> None:
    text = ABOVE + "lessons = []" + BELOW
    assert with_lesson(text, "b", "new") == text.replace('soon: "y"\n]', 'soon: "y"\n    "new",\n]')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_chapter_that_is_not_there_comes_last(newline: str) -> None:
    text = (ABOVE + "lessons = []" + BELOW).replace("\n", newline)
    edited = with_lesson(text, "more_of_it", "new")
    assert edited is not None and edited.startswith(text.rstrip())
    assert tomllib.loads(edited)["chapter"][2] == {
        "id": "more_of_it",
        "title": "More of it",
        "about": "One line on what this chapter teaches",
        "lessons": ["new"],
    }
    assert ("\n" in edited.replace("\r\n", "")) is (newline == "\n")


@pytest.mark.parametrize(
    "text",
    [
        "no toml",
        "chapter = 1",
        "chapter = [1]",
        '[[chapter]]\nid = "a"\n',
        '[[chapter]]\nid = "a"\nlessons = "one"\n',
        'chapter = [{ id = "a", lessons = ["one"] }]',
        '[[chapter]]\nid = "a"\nlessons = [\n  "one" # no comma\n]\n',
        '[[chapter]]\nid = "a"\n"lessons" = ["one"]\n',
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone(text: str) -> None:
    assert with_lesson(text, "a", "new") is None
