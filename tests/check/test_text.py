"""The value of a last expression as text: Python's own for what is safe, a word for the rest."""

import collections
import dataclasses
import time
import typing

import numpy as np
import pytest
import torch
from torch import nn

from tutor.inspection.safe_repr import LIMIT, trusted, value_text

CALLED = []


class Evil:
    def __repr__(self):
        CALLED.append("repr")
        raise RuntimeError


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)


class Chatty(Net):
    def extra_repr(self):
        CALLED.append("extra_repr")
        return ""


@dataclasses.dataclass
class Point:
    x: int
    y: object
    hidden: int = dataclasses.field(default=3, repr=False)


@dataclasses.dataclass
class OwnRepr:
    x: int

    def __repr__(self):
        CALLED.append("repr")
        return ""


class Pair(typing.NamedTuple):
    a: int
    b: object


class Spoof:
    __module__ = "torch"

    def __repr__(self):
        CALLED.append("repr")
        return ""


SAME = [
    1,
    -1.5,
    True,
    None,
    2j,
    "it's",
    b"x",
    [1, [2, "a"]],
    (1,),
    (),
    {},
    {"a": (1, 2)},
    set(),
    {1},
    frozenset({1}),
    range(3),
    slice(1, 2),
    int,
    len,
    Ellipsis,
    torch.tensor([1.0, 2.0]),
    nn.Parameter(torch.ones(2)),
    torch.Size([1, 2]),
    torch.float32,
    torch.device("cpu"),
    nn.Sequential(nn.Linear(2, 3), nn.ReLU()),
    Net(),
    Point(1, "b"),
    Pair(1, [2]),
    np.arange(3),
    np.float32(0.5),
    collections.Counter("aab"),
    collections.deque([1]),
    {"a": 1}.keys(),
    torch.ones(2, device="meta"),
    torch.linalg.qr(torch.eye(2)),
]


@pytest.mark.parametrize("value", SAME, ids=lambda value: type(value).__name__)
def test_what_is_safe_is_told_as_python_does(value):
    assert value_text(value) == repr(value)


OTHERS = [
    (Evil(), "<Evil object>"),
    ([1, Evil()], "[1, <Evil object>]"),
    ({"k": (Evil(),)}, "{'k': (<Evil object>,)}"),
    (Point(1, Evil()), "Point(x=1, y=<Evil object>)"),
    (Pair(1, Evil()), "Pair(a=1, b=<Evil object>)"),
    (OwnRepr(1), "<OwnRepr object>"),
    (Chatty(), "<Chatty object>"),
    (nn.Sequential(Chatty()), "<Sequential object>"),
    (Spoof(), "<Spoof object>"),
    (collections.Counter([1]) | collections.Counter(), "Counter({1: 1})"),
    (collections.OrderedDict(a=Evil()), "OrderedDict({'a': <Evil object>})"),
    (np.array([Evil()], dtype=object), "<ndarray of objects (1,)>"),
    (10**100_000, "<an int of 332,193 bits>"),
]


@pytest.mark.parametrize(("value", "text"), OTHERS, ids=lambda value: type(value).__name__)
def test_what_is_the_learners_is_told_in_a_word(value, text):
    CALLED.clear()
    assert value_text(value) == text
    assert CALLED == []


def test_freed_storage_is_not_read():
    tensor = torch.ones(5)
    tensor.untyped_storage().resize_(0)
    assert value_text([tensor]) == "[<Tensor f32[5]: storage freed>]"


def test_large_values_are_cut_and_quick():
    endless: list = []
    endless.append(endless)
    wide = "w"
    for _ in range(6):
        wide = [wide] * 100
    torch.set_printoptions(threshold=10**9)
    try:
        for value in (
            "a" * 200_000_000,
            list(range(10**6)),
            endless,
            wide,
            torch.zeros(10**6),
            {i: i for i in range(10**5)},
        ):
            began = time.process_time()
            text = value_text(value)
            assert time.process_time() - began < 0.5
            assert len(text) < LIMIT + 50
    finally:
        torch.set_printoptions(profile="default")
    assert value_text([0] * 150).endswith("0, … (50 more)]")


def test_which_classes_are_trusted():
    assert all(
        trusted(cls) for cls in (int, dict, collections.OrderedDict, nn.Linear, torch.Size, np.ndarray, type(len))
    )
    deep = type("Deep", (), {"__module__": "torch", "__qualname__": "float32.real"})
    assert not any(trusted(cls) for cls in (Evil, Net, Spoof, Point, deep))
