"""``tutor check``: verdicts, statuses, and what is remembered of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Command, Open
from tutor import paths
from tutor.cli import main
from tutor.curriculum.parser import parse
from tutor.learner.drafts import Drafts
from tutor.learner.store import Store
from tutor.protocol.codec import Checked, Ended, decode
from tutor.quiz.kinds import KINDS

LESSON = parse(ROOT / "lessons" / "autograd" / "backward.py", "autograd/backward", KINDS)


def states(tutor: Command) -> dict[str, str]:
    chapters = json.loads(tutor("list", "--json").stdout)["chapters"]
    return {lesson["id"]: lesson["state"] for chapter in chapters for lesson in chapter["lessons"]}


def test_a_file_that_passes(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(LESSON.solution.text)
    ended = tutor("check", "backward", "mine.py")
    assert (ended.returncode, ended.stderr) == (0, b"")
    text = ended.stdout.decode()
    assert text.startswith("tensor([-4., -2.,  2.])\n\n✓ All 2 requirements hold.\n")
    assert "`" not in text and "backward() fills .grad of leaves only." in text, "the takeaway"
    assert states(tutor)["autograd/backward"] == "new", "a file of one's own is no attempt"


def test_without_a_draft_the_snippet_is_checked(tutor: Command) -> None:
    ended = tutor("check", "autograd/backward")
    assert ended.returncode == 1
    assert ended.stdout.decode().splitlines()[:5] == [
        "None",
        "",
        "None of 2 requirements hold.",
        "✗ x is a leaf that tracks gradients",
        "    x has requires_grad=False.",
    ]
    assert states(tutor)["autograd/backward"] == "new"


def test_the_learners_draft_is_an_attempt(tutor: Command, terminal: Open, home: Path) -> None:
    drafts = Drafts(home)
    twice = next(mistake for mistake in LESSON.supplement.mistakes if "twice" in mistake.reason)
    drafts.save("autograd/backward", twice.code.text)
    assert tutor("check", "backward").returncode == 1
    assert states(tutor)["autograd/backward"] == "begun"
    drafts.save("autograd/backward", LESSON.solution.text)
    watched = terminal("check", "backward", size=(60, 24))
    assert watched.end() == 0
    assert "✓ All 2 requirements hold." in watched.shown
    assert b"\x1b[32m" in watched.raw
    assert states(tutor)["autograd/backward"] == "passed"
    store = Store.open(home)
    events = [(kind, json.loads(detail)) for kind, detail in store.rows("SELECT kind, detail FROM event")]
    store.close()
    assert events == [
        ("attempted", {"failed": "gradient_is_the_derivative", "misconception": "gradients-accumulated"}),
        ("passed", {}),
    ]


def test_standard_input_and_events(tutor: Command) -> None:
    ended = tutor("check", "backward", "-", "--json", stdin=LESSON.solution.text.encode())
    events = [decode(line) for line in ended.stdout.splitlines()]
    assert [(e.name, e.state) for e in events if isinstance(e, Checked)] == [
        ("x_tracks_gradients", "passed"),
        ("gradient_is_the_derivative", "passed"),
    ]
    assert isinstance(events[-1], Ended)
    assert ended.returncode == 0


def test_a_draft_that_raises(tutor: Command) -> None:
    ended = tutor("check", "backward", "-", stdin=b"import torch\nx = torch.ones(2).backword()\n")
    text = ended.stdout.decode()
    assert ended.returncode == 1
    assert "✗ AttributeError on line 2" in text
    assert "waits" in text


# --- lessons at fault, in a pack of their own -----------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the only lesson in the pack, to be broken."""
    folder = tmp_path / "pack"
    (folder / "autograd").mkdir(parents=True)
    toml = 'title = "x"\n[[chapter]]\nid = "autograd"\ntitle = "x"\nabout = "x"\nlessons = ["backward"]\n'
    (folder / "curriculum.toml").write_text(toml)
    monkeypatch.setattr(paths, "lessons", lambda: folder)
    return folder / "autograd" / "backward.py"


def test_a_lesson_that_cannot_be_read(broken: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken.write_text(LESSON.path.read_text().replace("# %% solution", "# %% solutions"))
    line = LESSON.path.read_text().split("\n").index("# %% solution") + 1
    assert main.main(["check", "backward"]) == 2
    assert capfd.readouterr().err.startswith(f"tutor: {broken}:{line}: ")


def test_a_check_that_breaks_is_the_lessons_fault(broken: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken.write_text(LESSON.path.read_text().replace("expect(run.x.grad)", "expect(undefined)"))
    solution = broken.with_name("solution.py")
    solution.write_text(LESSON.solution.text)
    assert main.main(["check", "backward", str(solution)]) == 3
    text = capfd.readouterr().out
    assert "This lesson's check is broken: the lesson's fault, not yours." in text
    assert "could not be judged" in text
