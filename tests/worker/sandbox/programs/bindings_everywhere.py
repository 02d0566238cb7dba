"""A module's docstring."""
from __future__ import annotations

import asyncio
import dataclasses
import doctest
import enum
import inspect
import sys
from typing import NamedTuple


class Colour(enum.Enum):
    red = 1
    green = red + 1


class Point(NamedTuple):
    x: int
    y: int = 2


@dataclasses.dataclass
class Box:
    """A box."""

    size: int = 3
    __secret: int = 4

    def grow(self, by: int = 1, *more: int, twice=False, **rest: "unknown") -> Box:
        """Grow.

        >>> Box(1).grow(2).size
        3
        """
        self.size += by
        self.__secret = __mangled = by
        (self.last, *self.others), self.size = (by, *more), self.size
        return self

    @property
    def loud(self):
        print("asked")
        return 1

    @loud.setter
    def loud(self, value):
        print("set", value)


class Names(dict):
    def __missing__(self, name):
        if name.startswith("_"):
            raise KeyError(name)
        self[name] = len(self)
        return self[name]


class Magic(type):
    @classmethod
    def __prepare__(cls, name, bases):
        return Names()


class Numbered(metaclass=Magic):
    zero
    one = one


def counter():
    total = 0

    def add(n):
        nonlocal total
        global shared
        total += n
        shared = total
        return total

    return add


def gen(n):
    got = yield n
    while got:
        doubled = got * 2
        got = yield doubled
    return "done"


async def wait(n):
    await asyncio.sleep(0)
    async for i in numbers(n):
        last = i
    async with Manager() as (a, b):
        pass
    return [y async for x in numbers(n) if (y := x + last)]


async def numbers(n):
    for i in range(n):
        yield i


class Manager:
    async def __aenter__(self):
        return 1, 2

    async def __aexit__(self, *error):
        pass


def matched(value):
    match value:
        case {"a": first, **others}:
            return first, others
        case [head, *tail] if (size := len(tail)) > 1:
            return head, tail, size
        case Point(x=px) as whole:
            return px, whole
        case _:
            return None


def stub():
    """Only a docstring."""


def loop():
    for i, (a, *b) in enumerate([(1, 2, 3), (4,)]):
        try:
            if b:
                continue
            c = a / 0
        except ZeroDivisionError as error:
            d = error
            del d
        else:
            e = 1
        finally:
            f = i
    else:
        g = 2
    return sorted(locals())


box = Box()
box.loud = 5
box.grow(2, 3)
print(Colour.green, Point(1), box, vars(box), Numbered.zero, Numbered.one)
print(Box.__doc__, stub.__doc__, Box.grow.__annotations__, inspect.signature(Box.grow), Box.__annotations__)
print(inspect.getsource(gen), Box.grow.__kwdefaults__, loop())
add = counter()
print(add(1), add(2), shared)
g = gen(1)
print(next(g), g.send(3), g.send(4), inspect.getgeneratorstate(g), inspect.getgeneratorlocals(g))
print(asyncio.run(wait(3)))
print(matched({"a": 1, "b": 2}), matched([1, 2, 3]), matched(Point(1, 2)), matched(0))
total: int = 0
for total in range(3): pass
while (total := total - 1) > 0: print(total)
squares = [last := x * x for x in range(4)]
smallest = lambda *xs, **named: (low := min(xs)) + len(named)
print(total, squares, last, smallest(3, 2, a=1), f"{(n := 3)=}", doctest.testmod())
a = b = [0] * 3
a[1], b[2:] = 7, [8, 9]
*front, end = a
print(a, b, front, end, __annotations__, __doc__, sorted(name for name in dir() if "tutor" in name))
print([name for name in globals() if not name.startswith("__")], sys._getframe().f_code.co_name)
with open(__file__) as file, file as same:
    print(file is same, len(file.readline()))
del a, b
