"""A pack: its order, look-up and search, and what is left of it when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tutor import paths
from tutor.curriculum import catalog
from tutor.curriculum.catalog import Catalog, Hit, UnknownLesson
from tutor.curriculum.lesson import LessonError
from tutor.quiz.kinds import KINDS

LESSON = '''\
"""# {title}

{text}

## Task
Fill `task_name`.

## Hints
- The secret hint.

## Takeaway
Remember the moral.
"""
# %% snippet
import torch

seed = torch.arange(3)

# %% solution
import torch

seed = torch.arange(4)

# %% check
def holds(run):
    """it holds"""
'''

CURRICULUM = """\
title = "A pack"

[[chapter]]
id = "sums"
title = "Sums"
about = "Adding up"
lessons = ["add", "mean"]

[[chapter]]
id = "grads"
title = "Gradients"
about = "Deriving"
lessons = [
  "backward",
  "hooks",
]
"""

TEXTS = {
    "sums/add": ("Adding", "Two tensors, one sum."),
    "sums/mean": ("The mean of a tensor", "A mean is a sum over a count; Poincaré knew it."),
    "grads/backward": ("The gradient of a scalar", "Backward adds to leaves. " * 20 + "Σ is a sum."),
    "grads/hooks": ("Hooks", "They see a gradient pass."),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for id, (title, text) in TEXTS.items():
        write(tmp_path, id, LESSON.format(title=title, text=text))
    (tmp_path / "curriculum.toml").write_text(CURRICULUM)
    return tmp_path


def write(folder: Path, id: str, text: str) -> None:
    path = folder / f"{id}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def curriculum(folder: Path, old: str, new: str) -> Catalog:
    """The pack after a change of its curriculum."""
    assert CURRICULUM.count(old) == 1, old
    (folder / "curriculum.toml").write_text(CURRICULUM.replace(old, new))
    return Catalog(folder, KINDS)


def ids(pack: Catalog) -> list[str]:
    return [entry.id for entry in pack.entries]


def faults(pack: Catalog) -> list[tuple[str, int, str]]:
    return [(fault.path.relative_to(pack.folder).as_posix(), fault.line, fault.sentence) for fault in pack.faults()]


# --- a sound pack -------------------------------------------------------------------------------------------


def test_chapters_and_lessons_in_the_order_of_the_curriculum(folder: Path):
    pack = Catalog(folder, KINDS)
    assert pack.title == "A pack"
    assert [(c.id, c.title, c.about) for c in pack.chapters] == [
        ("sums", "Sums", "Adding up"),
        ("grads", "Gradients", "Deriving"),
    ]
    assert [(e.number, e.id, e.title, e.chapter) for e in pack.entries] == [
        ("1.1", "sums/add", "Adding", "sums"),
        ("1.2", "sums/mean", "The mean of a tensor", "sums"),
        ("2.1", "grads/backward", "The gradient of a scalar", "grads"),
        ("2.2", "grads/hooks", "Hooks", "grads"),
    ]
    assert pack.entries[0].path == folder / "sums" / "add.py"
    assert [entry for chapter in pack.chapters for entry in chapter.entries] == list(pack.entries)
    assert faults(pack) == []


def test_a_lesson_is_parsed_when_asked_for_and_once(folder: Path):
    pack = Catalog(folder, KINDS)
    (folder / "grads" / "hooks.py").write_text("broken")
    lesson = pack.lesson("sums/mean")
    assert (lesson.id, lesson.title) == ("sums/mean", "The mean of a tensor")
    assert pack.lesson("sums/mean") is lesson


def test_a_question_that_cannot_be_read_is_a_fault_and_its_lesson_opens(folder: Path):
    path = folder / "sums" / "mean.py"
    path.write_text(f'{path.read_text()}\n# %% question one\n"""Which?\n\n- [x] a\n\nWhy.\n"""\n')
    pack = Catalog(folder, KINDS)
    assert pack.lesson("sums/mean").title == "The mean of a tensor"
    [(file, _, sentence)] = faults(pack)
    assert file == "sums/mean.py" and sentence.startswith("Give this question two options at least")
    with pytest.raises(LessonError):
        pack.whole_lesson("sums/mean")


def test_names_of_questions_are_known_without_parsing():
    pack = Catalog(paths.lessons(), KINDS)
    for entry in pack.entries:
        questions = pack.lesson(entry.id).supplement.questions
        assert pack.question_names(entry.id) == tuple(question.name for question in questions)
    assert pack.question_names("no/lesson") == ()


def test_loading_does_not_import_the_parser(folder: Path):
    program = (
        "import sys; from pathlib import Path; from tutor.curriculum.catalog import Catalog; "
        "from tutor.quiz.kinds import KINDS; "
        "print(len(Catalog(Path(sys.argv[1]), KINDS).entries), 'tutor.curriculum.parser' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "4 False\n"


def test_next_and_previous_go_through_all_chapters(folder: Path):
    pack = Catalog(folder, KINDS)
    forward = [pack.entries[0]]
    while entry := pack.next(forward[-1].id):
        forward.append(entry)
    assert forward == list(pack.entries)
    backward = [pack.entries[-1]]
    while entry := pack.previous(backward[-1].id):
        backward.append(entry)
    assert backward == list(reversed(pack.entries))


@pytest.mark.parametrize("ask", ["lesson", "entry", "next", "previous"])
def test_an_unknown_id_is_answered_with_the_nearest(folder: Path, ask: str):
    with pytest.raises(UnknownLesson) as caught:
        getattr(Catalog(folder, KINDS), ask)("grads/backwards")
    assert str(caught.value) == "There is no lesson `grads/backwards`; did you mean `grads/backward`?"


# --- finding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("grads/backward", "grads/backward"),
        ("backward", "grads/backward"),
        ("2.1", "grads/backward"),
        ("The gradient of a scalar", "grads/backward"),
        ("the  GRAD", "grads/backward"),
        ("back", "grads/backward"),
        ("ADD", "sums/add"),
        (" 1.2 ", "sums/mean"),
    ],
)
def test_find(folder: Path, text: str, id: str):
    assert Catalog(folder, KINDS).find(text).id == id


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("the", "`the` could be sums/mean or grads/backward."),
        ("bakward", "There is no lesson `bakward`; did you mean `backward`?"),
        ("3.1", "There is no lesson `3.1`; `tutor list` shows them all."),
        ("", "There is no lesson ``; `tutor list` shows them all."),
    ],
)
def test_find_says_why_it_found_none(folder: Path, text: str, sentence: str):
    with pytest.raises(UnknownLesson) as caught:
        Catalog(folder, KINDS).find(text)
    assert str(caught.value) == sentence


def test_find_lists_all_that_have_the_name(folder: Path):
    write(folder, "grads/add", LESSON.format(title="Accumulating", text="More."))
    write(folder, "grads/added", LESSON.format(title="Added", text="More."))
    pack = curriculum(folder, '"hooks",', '"hooks", "add", "added"')
    with pytest.raises(UnknownLesson) as caught:
        pack.find("add")
    assert str(caught.value) == "`add` could be sums/add or grads/add."
    with pytest.raises(UnknownLesson) as caught:
        pack.find("ad")
    assert str(caught.value) == "`ad` could be sums/add, grads/add or grads/added."
    assert pack.find("added").id == "grads/added"


# --- searching ----------------------------------------------------------------------------------------------


def found(hits: list[Hit]) -> list[tuple[str, str]]:
    return [(hit.entry.id, hit.where) for hit in hits]


def test_search_gives_titles_first(folder: Path):
    write(folder, "sums/add", LESSON.format(title="Adding", text="No gradient here."))
    assert found(Catalog(folder, KINDS).search("gradient")) == [
        ("grads/backward", "title"),
        ("sums/add", "text"),
        ("grads/hooks", "text"),
    ]


def test_all_words_must_occur_wherever(folder: Path):
    pack = Catalog(folder, KINDS)
    assert found(pack.search("sum mean")) == [("sums/mean", "text")]
    assert found(pack.search("hooks moral")) == [("grads/hooks", "title")]
    assert found(pack.search("hooks count")) == []
    assert found(pack.search("  ")) == []


@pytest.mark.parametrize("query", ["poincare", "POINCARÉ", "Poincare\u0301", "oincar"])
def test_case_and_accents_make_no_difference(folder: Path, query: str):
    [hit] = Catalog(folder, KINDS).search(query)
    assert hit.excerpt == "A mean is a sum over a count; Poincaré knew it."


def test_an_excerpt_is_cut_around_the_word_between_words(folder: Path):
    [hit] = Catalog(folder, KINDS).search("σ")
    assert hit.excerpt == "… to leaves. Backward adds to leaves. Backward adds to leaves. Σ is a sum."
    hit = Catalog(folder, KINDS).search("leaves adds")[0]
    assert hit.excerpt == ("Backward adds to leaves. Backward adds to leaves. Backward adds to leaves. …")


def test_what_would_give_a_lesson_away_is_not_searched(folder: Path):
    pack = Catalog(folder, KINDS)
    assert pack.search("secret") == []
    assert pack.search("arange(4)") == []
    assert {hit.where for hit in pack.search("arange(3)")} == {"code"}
    assert {hit.where for hit in pack.search("task_name")} == {"task"}
    assert {hit.where for hit in pack.search("moral")} == {"takeaway"}


def test_a_broken_lesson_is_searched_by_its_title(folder: Path):
    write(folder, "grads/hooks", '"""# Hooks\n')
    assert found(Catalog(folder, KINDS).search("hooks")) == [("grads/hooks", "title")]


def test_folding_keeps_every_place():
    text = "Ä é ß ﬁ Σ ∂ 二 \u0301x"
    assert len(catalog.fold(text)) == len(text)
    assert catalog.fold(text).startswith("a e s f σ")


# --- a broken pack ------------------------------------------------------------------------------------------


def test_one_broken_lesson_leaves_the_others(folder: Path):
    write(folder, "sums/mean", '"""# The mean of a tensor\n\nText.\n"""\n')
    pack = Catalog(folder, KINDS)
    assert ids(pack) == list(TEXTS)
    assert pack.lesson("grads/hooks").title == "Hooks"
    sentence = "Add the section `## Task` to the docstring."
    for _ in range(2):
        with pytest.raises(catalog.LessonError) as caught:
            pack.lesson("sums/mean")
        assert (caught.value.line, caught.value.sentence) == (4, sentence)
    assert faults(pack) == [("sums/mean.py", 4, sentence)]


def test_a_lesson_without_a_title_is_listed_by_its_name(folder: Path):
    write(folder, "sums/mean", "import torch\n")
    assert Catalog(folder, KINDS).entries[1].title == "Mean"


def test_a_lesson_that_is_not_there(folder: Path):
    pack = curriculum(folder, '  "hooks",', '  "hook",\n  "hooks",')
    assert ids(pack) == list(TEXTS)
    assert pack.entries[3].number == "2.2"
    line = CURRICULUM[: CURRICULUM.index('  "hooks"')].count("\n") + 1
    sentence = "There is no lesson file grads/hook.py; did you mean `hooks`?"
    assert faults(pack) == [("curriculum.toml", line, sentence)]


def test_a_lesson_that_is_like_none(folder: Path):
    pack = curriculum(folder, '["add", "mean"]', '["add", "mean", "xyz"]')
    sentence = "There is no lesson file sums/xyz.py; write it, or take the name out."
    assert faults(pack) == [("curriculum.toml", 7, sentence)]


def test_a_duplicate_id(folder: Path):
    pack = curriculum(folder, '  "hooks",', '  "hooks",\n  "backward",')
    assert ids(pack) == list(TEXTS)
    sentence = "Take one `backward` out: `grads/backward` is listed twice."
    assert faults(pack) == [("curriculum.toml", 16, sentence)]


def test_a_chapter_that_is_there_twice(folder: Path):
    pack = curriculum(folder, 'id = "grads"', 'id = "sums"')
    assert [chapter.id for chapter in pack.chapters] == ["sums"]
    assert ids(pack) == ["sums/add", "sums/mean"]
    assert faults(pack)[0] == ("curriculum.toml", 9, "Merge the two chapters `sums`: an id is there once.")


def test_a_lesson_that_no_chapter_names(folder: Path):
    write(folder, "grads/extra", LESSON.format(title="Extra", text="More."))
    write(folder, "grads/__init__", "")
    pack = Catalog(folder, KINDS)
    assert ids(pack) == list(TEXTS)
    sentence = "Add `extra` to the lessons of chapter `grads` in curriculum.toml: no chapter names this file."
    assert faults(pack) == [("grads/extra.py", 1, sentence)]


@pytest.mark.parametrize(
    ("old", "line", "sentence"),
    [
        ('title = "A pack"\n', 1, 'Add `title = "..."`: the name of the pack, above the chapters.'),
        ('title = "Sums"\n', 3, 'Add `title = "..."`: the chapter\'s title.'),
        ('about = "Adding up"\n', 3, 'Add `about = "..."`: one line on what the chapter teaches.'),
    ],
)
def test_a_missing_key_costs_nothing_else(folder: Path, old: str, line: int, sentence: str):
    pack = curriculum(folder, old, "\n")
    assert ids(pack) == list(TEXTS)
    assert pack.chapters[0].title == "Sums"
    assert faults(pack) == [("curriculum.toml", line, sentence)]


def test_a_chapter_without_an_id_or_lessons(folder: Path):
    pack = curriculum(folder, 'id = "sums"\n', "id = 3\n")
    assert ids(pack) == ["grads/backward", "grads/hooks"]
    assert faults(pack)[0] == ("curriculum.toml", 3, 'Add `id = "..."`: the folder of the chapter\'s lessons.')
    pack = curriculum(folder, 'lessons = ["add", "mean"]', 'lessons = "add"')
    assert [(chapter.id, len(chapter.entries)) for chapter in pack.chapters] == [("sums", 0), ("grads", 2)]
    sentence = 'Add `lessons = ["..."]`: the names of the chapter\'s lessons, in order.'
    assert faults(pack)[0] == ("curriculum.toml", 3, sentence)


@pytest.mark.parametrize("name", ["../sums/mean", "Mean", "me an", ""])
def test_a_name_that_is_no_name(folder: Path, name: str):
    pack = curriculum(folder, '["add", "mean"]', f'["add", "mean", "{name}"]')
    assert ids(pack) == list(TEXTS)
    sentence = f"Write the name `{name}` with small letters, digits, `_` and `-` only."
    assert faults(pack) == [("curriculum.toml", 7, sentence)]


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('title = "Sums"', 'title = "Sums', 5, "Correct the TOML of this line: illegal character '\\n'."),
        ('  "hooks",\n]\n', '  "hooks"\n', 15, "Correct the TOML of this line: unclosed array."),
    ],
)
def test_without_a_curriculum_that_can_be_read_the_lessons_are_there_by_name(
    folder: Path, old: str, new: str, line: int, sentence: str
):
    pack = curriculum(folder, old, new)
    assert ids(pack) == ["grads/backward", "grads/hooks", "sums/add", "sums/mean"]
    assert [chapter.title for chapter in pack.chapters] == ["Grads", "Sums"]
    assert pack.find("2.1").id == "sums/add"
    assert faults(pack) == [("curriculum.toml", line, sentence)]


def test_no_curriculum_and_no_folder(folder: Path):
    (folder / "curriculum.toml").unlink()
    pack = Catalog(folder, KINDS)
    assert (pack.title, len(pack.entries)) == (folder.name, 4)
    sentence = "This file can't be read: No such file or directory."
    assert faults(pack) == [("curriculum.toml", 1, sentence)]
    pack = Catalog(folder / "nowhere", KINDS)
    assert pack.entries == ()
    assert faults(pack) == [("curriculum.toml", 1, sentence)]


@pytest.mark.parametrize("text", ['title = "A pack"\n', 'title = "A pack"\nchapter = ["sums"]\n'])
def test_a_curriculum_without_chapters(folder: Path, text: str):
    (folder / "curriculum.toml").write_text(text)
    pack = Catalog(folder, KINDS)
    assert pack.entries == ()
    sentence = "Add the chapters, each as a `[[chapter]]` with id, title, about and lessons."
    assert faults(pack)[0] == ("curriculum.toml", 1, sentence)


def test_chapters_written_in_one_line_have_their_faults_on_the_first(folder: Path):
    (folder / "curriculum.toml").write_text(
        'title = "A"\nchapter = [{id = "sums", title = "S", about = "a", lessons = ["add", "mean", "no"]}]\n'
    )
    pack = Catalog(folder, KINDS)
    assert ids(pack) == ["sums/add", "sums/mean"]
    sentence = "There is no lesson file sums/no.py; write it, or take the name out."
    assert faults(pack)[0] == ("curriculum.toml", 1, sentence)


# --- the pack that is shipped -------------------------------------------------------------------------------


def test_the_shipped_pack_has_no_fault():
    pack = Catalog(paths.lessons(), KINDS)
    assert pack.entries
    assert [str(fault) for fault in pack.faults()] == []
