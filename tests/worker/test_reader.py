"""What a run left can be looked at when its process is gone; and a reader that dies is replaced."""

from __future__ import annotations

import pytest

from tests.conftest import RunIt
from tutor.runner.protocol import Look, Piece, Started
from tutor.runner.runner import Runner


@pytest.fixture
def look(run: RunIt, runner: Runner):
    """``await look(source, name, how, ...)``: run a program, then look at a tensor that it left."""

    async def go(source: str, name: str, how: str = "values", **settings: object) -> Piece:
        ran = await run("import torch\n" + source, shelve=True)
        number = ran.one(Started).run
        piece = await runner.ask(Look(runner.new_id(), number, name, how, **settings))  # type: ignore[arg-type]
        assert isinstance(piece, Piece) and piece.name == name
        return piece

    return go


async def test_a_window_of_a_matrix(look) -> None:
    piece = await look("x = torch.arange(12.0).reshape(3, 4)\n", "x", top=1, left=1, rows=2, columns=3)
    assert piece.planes == (((5.0, 6.0, 7.0), (9.0, 10.0, 11.0)),)
    assert (piece.dtype, piece.shape, piece.top, piece.left, piece.note) == ("f32", (3, 4), 1, 1, "")
    assert (piece.low, piece.high, piece.mean, piece.zeros) == (0.0, 11.0, 5.5, 1 / 12)
    assert sum(piece.histogram) == 12 and piece.std == pytest.approx(13**0.5)
