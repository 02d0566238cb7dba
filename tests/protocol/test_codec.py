"""Messages survive their way, and what isn't one is named."""

from __future__ import annotations

import dataclasses
import typing

import pytest

from tutor.protocol import observations
from tutor.protocol.codec import (
    Bucket,
    CheckCell,
    Checked,
    Device,
    Ended,
    Fault,
    Frame,
    Inside,
    Message,
    Operand,
    Output,
    Raised,
    Ready,
    Run,
    Series,
    Stop,
    Tensor,
    Tensors,
    Value,
    decode,
    encode,
)

MESSAGES: list[Message] = [
    Run(1, "print('ü')\n", argv=("a", "b"), check=CheckCell("x", "f.py", 3), memory=1 << 40, seconds=None),
    Stop(4, patience=None),
    Ready("all", "3.11", "2.13"),
    Device("cuda", "NVIDIA A100", 3, 8, 1, 2, "idlest of 8", "GPU-1"),
    Output(1, "tty", "bytes that aren't UTF-8: \udcff\udc80, a control: \x1b[0m\r\n\x00"),
    Value(1, "x", "tensor(1.)", Tensor("", "f32", ())),
    Tensors(2, (Tensor("x", "f32", (2, 3), strip=(1.0, None), grad=Tensor("x.grad", "f32", (2, 3))),), 4),
    Series(1, "loss", "loss", (Bucket(0, 2, 0.5, 1.5, 0.5), Bucket(2, 1, None, None, None, 1))),
    Raised(
        1,
        "ValueError",
        "no",
        (Frame(1, "<module>", "f()", 0, 3),),
        (Operand("x", "f32[2]"),),
        "torch.f",
        Inside("net.2", "Linear(2, 3)", (Operand("input", "f32[8,3]"),)),
        ("x.T",),
    ),
    Checked(1, "a", "b", "failed", actual=Tensor("x", "i64", (1,))),
    Ended(1, 139, "memory", "It held …", 1.5, 7),
    Fault(None, "nothing"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_survives_its_way(message: Message) -> None:
    line = encode(message)
    assert line.isascii() and line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode(line) == message


def test_every_observation_of_a_run_can_be_sent() -> None:
    """One that is not in the union would be dropped where it arrives, without a word."""
    classes = [value for value in vars(observations).values() if dataclasses.is_dataclass(value)]
    reports = {one for one in classes if "run" in (field.name for field in dataclasses.fields(one))}
    assert reports == set(typing.get_args(observations.Observation))


def test_what_a_neighbouring_version_adds_is_left_out() -> None:
    assert decode(b'{"is": "Stop", "run": 3, "politely": true}') == Stop(3)


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[1]", b'{"is": "Nothing"}', b'{"run": 1}', b'{"is": "Stop"}'])
def test_what_is_no_message_is_named(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a message"):
        decode(line)
