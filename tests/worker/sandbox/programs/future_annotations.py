"""A docstring."""

from __future__ import annotations


def f(x: Undefined) -> Nowhere:
    return x


print(f.__annotations__, __doc__)
(lambda: f(3))()
