"""The app with the real worker behind it."""

from __future__ import annotations

from tutor import paths
from tutor.curriculum.catalog import load
from tutor.runner.runner import Runner
from tutor.ui.app import Start, Tutor

LESSON = "autograd/backward"
SHOWY = r"""
import subprocess
print("\x1b]0;a title\x07\x1b[?1049h\x1b]52;c;aGk=\x07plain \x1b[31mred\x1b[0m", flush=True)
subprocess.run(["echo", "from", "a", "child"])
"""


async def test_from_the_editor_to_a_checked_result(home, until_seen):
    lessons = paths.lessons()
    lesson = load(lessons).lesson(LESSON)
    app = Tutor(Start(lessons, home, Runner, LESSON))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+r")  # before torch is there: it runs as soon as it is
        text = await until_seen(pilot, "✗ 0 of 2")
        assert "requires_grad" in text and "f32[3]" in text
        app.screen.editor.replace_all(lesson.solution.text)
        await pilot.press("ctrl+r")
        text = await until_seen(pilot, "✓ passed")
        assert "Takeaway" in text and "tensor([-4., -2.,  2.])" in text
        app.screen.editor.replace_all("while True: pass\n")
        await pilot.press("ctrl+r")
        await until_seen(pilot, "running")
        await pilot.press("ctrl+c")
        await until_seen(pilot, "stopped")
        app.screen.editor.replace_all(SHOWY)
        await pilot.press("ctrl+r")
        text = await until_seen(pilot, "from a child")
        assert "plain red" in text and text.count("a title") == text.count("aGk=") == 1  # in the editor
        await pilot.press("ctrl+q")  # saves what the timer has not saved yet
    assert paths.draft(home, LESSON).read_text() == SHOWY
