"""Looking closer, documentation and completion with the real worker behind the app."""

from __future__ import annotations

from tutor import paths
from tutor.client.client import WorkerClient
from tutor.ui.app import Start, Tutor

LESSON = "autograd/backward"
DRAFT = """\
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
picture = torch.arange(2 * 16 * 16.0).reshape(2, 1, 16, 16)
loss = net(picture).mean()
loss.backward()
kernels = net[0].weight
"""


async def test_what_a_run_left_what_a_name_is_and_how_it_may_go_on(home, until_seen):
    app = Tutor(Start(paths.lessons(), home, WorkerClient, LESSON))
    async with app.run_test(size=(120, 40)) as pilot:
        editor = app.screen.editor
        editor.replace_all(DRAFT)
        await pilot.press("ctrl+r")
        await until_seen(pilot, "✗ 0 of 2")

        await pilot.press("alt+g")
        assert "f32[2,1,16,16]" in await until_seen(pilot, "picture")
        await pilot.press(*"picture", "enter")
        await until_seen(pilot, "picture[0, :, :, :]")
        await pilot.press("v", "n")
        text = await until_seen(pilot, "picture[1, 0, :, :]")
        assert "mean 255.5" in text and " 256  257 " in text and " 0 … 511" in text
        await pilot.press("escape", *["backspace"] * 7, *"kernels", "enter")
        text = await until_seen(pilot, "f32[4,1,3,3]")
        await until_seen(pilot, ".grad")
        await pilot.press("d")
        await until_seen(pilot, "kernels.grad")
        await pilot.press("escape", *["backspace"] * 7, *"graph", "enter")
        assert "Convolution" in await until_seen(pilot, "operations")
        await pilot.press("escape", "escape")

        editor.move_cursor((4, 24))
        await pilot.press("ctrl+k")
        text = await until_seen(pilot, "torch.nn.Conv2d")
        assert "kernel_size" in text and "Applies a 2D convolution" in text and "net = nn.Sequential(" in text
        await pilot.press("escape")

        editor.move_cursor(editor.document.end)
        await pilot.press(*"torch", "full_stop", *"linalg", "full_stop", *"mat")
        await until_seen(pilot, "matrix_norm")
        await pilot.press("tab")
        assert "torch.linalg.mat" in editor.text.splitlines()[-1] and not editor.text.endswith("mat")
        await pilot.press("ctrl+q")
