"""The messages between the program and its worker, both ways: frozen dataclasses <-> JSON lines.

The program sends a :data:`Request`, the worker answers with :data:`Event` objects. Every message is one
line of ASCII JSON whose ``is`` names its class, so that it survives any pipe, ``ssh`` among them. Bytes
that aren't UTF-8 travel as lone surrogates (``surrogateescape``) and arrive as they were.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any

from tutor.protocol.answers import Completion, Completions, Documented, TensorSlice
from tutor.protocol.events import (
    Cause,
    Checked,
    Device,
    Ended,
    Fault,
    Finished,
    Frame,
    Inside,
    Operand,
    Output,
    Raised,
    Ready,
    Started,
)
from tutor.protocol.observations import (
    Binding,
    Bucket,
    Graph,
    Hint,
    Hints,
    Layer,
    Module,
    Node,
    Observation,
    Parameter,
    Parameters,
    Series,
    Step,
    Steps,
    Tensor,
    Tensors,
    Value,
    ValueDistribution,
)
from tutor.protocol.requests import CheckCell, Complete, Docs, MiB, ReadTensor, Run, Stop

__all__ = [
    "Answer", "Ask", "Binding", "Bucket", "Cause", "CheckCell", "Checked", "Complete", "Completion", "Completions",
    "Device", "Docs", "Documented", "Ended", "Event", "Fault", "Finished", "Frame", "Graph", "Hint", "Hints",
    "Inside", "Layer", "Message", "MiB", "Module", "Node", "Observation", "Operand", "Output", "Parameter",
    "Parameters", "Raised", "ReadTensor", "Ready", "Request", "Run", "Series", "Started", "Step", "Steps", "Stop",
    "Tensor", "TensorSlice", "Tensors", "Value", "ValueDistribution", "decode", "encode",
]  # fmt: skip

Ask = ReadTensor | Docs | Complete
"""Requests that a single answer ends; they never wait for a run."""
Request = Run | Stop | Ask
Answer = TensorSlice | Documented | Completions
Event = Ready | Device | Started | Output | Observation | Raised | Finished | Checked | Ended | Fault | Answer
Message = Request | Event

_CLASSES: dict[str, type[Any]] = {cls.__name__: cls for cls in typing.get_args(Message)}
_HINTS: dict[type[Any], dict[str, Any]] = {}


def encode(message: Message) -> bytes:
    """One message as one line of JSON, newline included."""
    fields = {"is": type(message).__name__, **_fields(message)}
    return json.dumps(fields, default=_fields).encode("ascii") + b"\n"


def _fields(message: Any) -> dict[str, Any]:
    """Fields by name. ``dataclasses.asdict`` takes three times as long, and curves are sent while they grow."""
    return {name: getattr(message, name) for name in message.__dataclass_fields__}


def decode(line: bytes | str) -> Message:
    """The message that :func:`encode` made into ``line``.

    Raises ValueError when the line isn't one. Fields that this version doesn't know are left out, so
    that a program and a worker of neighbouring versions understand each other.
    """
    try:
        fields = json.loads(line)
        cls = _CLASSES[fields.pop("is")]
        return typing.cast(Message, build(cls, fields))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message: {line[:80]!r} ({error})") from error


def build(cls: type[Any], fields: dict[str, Any]) -> Any:
    """The object of a dataclass that JSON flattened into ``fields``; those that it doesn't know are left out."""
    hints = _HINTS.get(cls)
    if hints is None:
        hints = _HINTS[cls] = typing.get_type_hints(cls)
    return cls(**{name: _restore(hints[name], value) for name, value in fields.items() if name in hints})


def _restore(hint: Any, value: Any) -> Any:
    """What JSON flattened: lists back to tuples, objects back to the dataclass that ``hint`` names."""
    if isinstance(value, list):
        inner = typing.get_args(hint)[0]
        return tuple(_restore(inner, item) for item in value)
    if isinstance(value, dict):
        options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        cls: Any = next(option for option in options if dataclasses.is_dataclass(option))
        return build(cls, value)
    return value
