"""Question kinds: each is one module, found by its name, imported when it is needed, and known to nobody else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quiz.conftest import Ask, NoWorker, prepare
from tutor.quiz.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
KINDS_FOLDER = ROOT / "tutor" / "quiz" / "kinds"


def test_a_kind_is_found_by_its_name() -> None:
    assert len(KINDS) == len(list(KINDS_FOLDER.glob("*.py"))) - 2, "a module each, beside base and the registry"
    assert [KINDS[name].name for name in KINDS] == list(KINDS)


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        KINDS["guess"]
    assert "base" not in KINDS


def compared_kinds(path: Path) -> list[int]:
    """Lines on which something is compared with the name of a kind, or looked up by one."""
    names, lines = set(KINDS), []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.match_case):
            parts = [node.pattern]
        elif isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key is not None]
        else:
            continue
        inner = [leaf for part in parts for leaf in ast.walk(part)]
        if any(isinstance(leaf, ast.Constant) and leaf.value in names for leaf in inner if _is_text(leaf)):
            lines.append(getattr(node, "lineno", parts[0].lineno))
    return lines


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


ELSEWHERE = [
    path
    for folder in ("quiz", "ui/quiz", "curriculum", "verification", "learner", "render/learner")
    for path in (ROOT / "tutor" / folder).rglob("*.py")
    if KINDS_FOLDER not in path.parents
]


@pytest.mark.parametrize(
    "path",
    [*ELSEWHERE, ROOT / "tutor" / "cli" / "plain_quiz.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_other_module_tells_kinds_apart_by_their_names(path: Path) -> None:
    modes = {"order"}  # is a mode as well
    lines = path.read_text("utf-8").splitlines()
    assert [line for line in compared_kinds(path) if not any(f'"{mode}"' in lines[line - 1] for mode in modes)] == []


def test_a_lesson_is_read_with_no_other_kinds_than_its_own_and_without_the_protocol() -> None:
    lesson = ROOT / "lessons" / "autograd" / "backward.py"
    code = (
        "import sys; from pathlib import Path; from tutor.curriculum.parser import parse; "
        "from tutor.quiz.kinds import KINDS; print(len(KINDS)); "
        f"lesson = parse(Path({str(lesson)!r}), 'autograd/backward', KINDS); "
        "print(*(name for name in sys.modules if name.startswith('tutor.quiz.'))); "
        "print(*sorted({question.kind for question in lesson.supplement.questions}), sep=','); "
        "print(*sorted(name for name in sys.modules if name.startswith('tutor.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert ran[1] == "tutor.quiz.kinds", "to open a lesson loads no kind of question"
    kinds, modules = ran[2].split(","), ran[3].split()
    loaded = {name.removeprefix("tutor.quiz.kinds.") for name in modules if name.startswith("tutor.quiz.kinds.")}
    parents = {"choose"} if "choose all" in kinds else set()
    assert loaded == {"base", *parents, *(kind.replace(" ", "_") for kind in kinds)}
    assert [name for name in modules if name.startswith(("tutor.protocol", "tutor.client."))] == ["tutor.client.runner"]


@pytest.mark.parametrize("name", list(KINDS))
def test_each_kind_says_how_it_is_answered(name: str) -> None:
    kind = KINDS[name]
    assert kind.mode in ("one", "several", "text", "order")
    assert kind.needs_worker == (kind.runs_to_prepare or kind.runs_to_grade)


async def test_a_question_without_code_is_prepared_without_a_worker(ask: Ask) -> None:
    question = ask('q\n"""Which?\n\n- [x] one\n- two: no\n\nSo.\n"""\n')
    assert (await prepare(question, NoWorker(), 1)).mode == "one"
