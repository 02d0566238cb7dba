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


def _text(app: Tutor) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def _until(pilot, words: str) -> str:
    for _ in range(3_000):
        text = _text(pilot.app)
        if words in text:
            return text
        await pilot.pause(0.01)
    raise AssertionError(f"never came: {words}\n{_text(pilot.app)}")


async def test_from_the_editor_to_a_checked_result(home):
    lessons = paths.lessons()
    lesson = load(lessons).lesson(LESSON)
    app = Tutor(Start(lessons, home, Runner, LESSON))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+r")  # before torch is there: it runs as soon as it is
        text = await _until(pilot, "✗ 0 of 2")
        assert "requires_grad" in text and "f32[3]" in text
        app.screen.editor.replace_all(lesson.solution.text)
        await pilot.press("ctrl+r")
        text = await _until(pilot, "✓ passed")
        assert "Takeaway" in text and "tensor([-4., -2.,  2.])" in text
        app.screen.editor.replace_all("while True: pass\n")
        await pilot.press("ctrl+r")
        await _until(pilot, "running")
        await pilot.press("ctrl+c")
        await _until(pilot, "stopped")
        app.screen.editor.replace_all(SHOWY)
        await pilot.press("ctrl+r")
        text = await _until(pilot, "from a child")
        assert "plain red" in text and text.count("a title") == text.count("aGk=") == 1  # in the editor
        await pilot.press("ctrl+q")  # saves what the timer has not saved yet
    assert paths.draft(home, LESSON).read_text() == SHOWY
