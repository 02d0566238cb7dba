"""The app with the real worker behind it."""

from __future__ import annotations

import re
import subprocess

import pytest
import torch

from tutor import paths
from tutor.client.client import WorkerClient
from tutor.curriculum.catalog import Catalog
from tutor.quiz.kinds import KINDS
from tutor.ui.app import Start, Tutor

LESSON = "autograd/backward"
SHOWY = r"""
import subprocess
print("\x1b]0;a title\x07\x1b[?1049h\x1b]52;c;aGk=\x07plain \x1b[31mred\x1b[0m", flush=True)
subprocess.run(["echo", "from", "a", "child"])
"""


async def test_from_the_editor_to_a_checked_result(home, until_seen):
    lessons = paths.lessons()
    lesson = Catalog(lessons, KINDS).lesson(LESSON)
    app = Tutor(Start(lessons, home, WorkerClient, LESSON))
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


IDENTITY = """import torch

print("uuid", torch.cuda.get_device_properties(0).uuid)
"""


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
async def test_the_header_names_the_gpu_that_a_program_finds(home, until_seen):
    draft = paths.draft(home, LESSON)
    draft.parent.mkdir(parents=True)
    draft.write_text(IDENTITY)
    app = Tutor(Start(paths.lessons(), home, WorkerClient, LESSON))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+r")
        text = await until_seen(pilot, "uuid ")
        await pilot.press("ctrl+q")
    uuid = re.search(r"uuid ([0-9a-f-]{36})", text)
    assert uuid is not None
    query = ["nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader"]
    gpus = subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()
    (number,) = [line.split(",")[0] for line in gpus if line.endswith(uuid[1])]
    assert f"cuda:{number}" in text.splitlines()[0]
