"""Kinds of questions: one module each, named as lessons name the kind, with an underscore for each blank.

A new kind is a new module here that defines ``KIND``: the parser of lessons, the app, the plain terminal and
``tutor verify`` find it by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tutor.curriculum.lesson import Question
    from tutor.quiz.kinds.base import QuestionKind


class Kinds(Mapping[str, "QuestionKind"]):
    """The kinds by their names. A module is imported when a question of its kind is first read, and no sooner."""

    @cached_property
    def _modules(self) -> dict[str, str]:
        import pkgutil  # a lesson opens without it

        names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
        return {name.replace("_", " "): name for name in names}

    def __getitem__(self, name: str) -> QuestionKind:
        return cast("QuestionKind", import_module(f"{__name__}.{self._modules[name]}").KIND)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


KINDS = Kinds()


def kind_of(question: Question) -> QuestionKind:
    """The kind of a question."""
    return KINDS[question.kind]
