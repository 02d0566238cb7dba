"""The steps of a training: what each optimizer step used, what it changed, and what was called before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from tutor.check.program import Program, draft_of
from tutor.check.rerun import again
from tutor.inspection.tensor import is_tensor


@dataclass(frozen=True)
class Step:
    """One ``optimizer.step()``. Parameters go by the draft's names: ``"model.weight"``, ``"w"``."""

    optimizer: Optimizer
    rates: list[float]
    """The learning rate of each group, as the step uses it."""
    calls: list[str]
    """What was called since the step before, in order: ``"zero_grad"``, ``"backward"``, ``"scheduler.step"``."""
    losses: list[float]
    """The scalars that ``backward()`` was called on since then."""
    gradients: dict[str, torch.Tensor | None]
    """What the step found in ``.grad``."""
    before: dict[str, torch.Tensor]
    after: dict[str, torch.Tensor]
    """The parameters' values, copied."""


def steps(run: Program, **changes: Any) -> list[Step]:
    """Run the draft once more, with ``changes`` as for :func:`tutor.check.again`; each step of its optimizers.

    A parameter that no name at the draft's top level reaches goes by its place in the optimizer, ``"parameter 0"``.

    Raises:
        Unmet: as :func:`tutor.check.again`.
    """
    recorder = _Recorder()
    with recorder.watch():
        program = again(run, **changes)
    names = _parameter_names(draft_of(program).namespace)
    return [taken.step(names) for taken in recorder.steps]


@dataclass
class _Taken:
    """A step as it is recorded, its parameters by place."""

    optimizer: Optimizer
    calls: list[str]
    losses: list[float]
    rates: list[float]
    parameters: list[torch.Tensor]
    gradients: list[torch.Tensor | None]
    before: list[torch.Tensor]
    after: list[torch.Tensor] = field(default_factory=list)

    def step(self, names: Mapping[int, str]) -> Step:
        own = [names.get(id(parameter), f"parameter {place}") for place, parameter in enumerate(self.parameters)]
        gradients = dict(zip(own, self.gradients, strict=True))
        before = dict(zip(own, self.before, strict=True))
        after = dict(zip(own, self.after or self.before, strict=True))  # a step that raised has changed nothing
        return Step(self.optimizer, self.rates, self.calls, self.losses, gradients, before, after)


class _Recorder:
    """Records calls and steps while a program runs."""

    def __init__(self) -> None:
        self.steps: list[_Taken] = []
        self._calls: list[str] = []
        self._losses: list[float] = []
        self._depth = 0
        """Recorded calls under way: what they call themselves is not the draft's doing."""

    @contextmanager
    def watch(self) -> Iterator[None]:
        schedulers = {cls for cls in _descendants(LRScheduler) if "step" in vars(cls)}
        with ExitStack() as stack:
            for hook in (
                register_optimizer_step_pre_hook(self._before_step),
                register_optimizer_step_post_hook(self._after_step),
            ):
                stack.callback(hook.remove)
            for owner, method, name in (
                (Optimizer, "zero_grad", "zero_grad"),
                (nn.Module, "zero_grad", "zero_grad"),
                (torch.autograd, "backward", "backward"),  # Tensor.backward calls it
                *((cls, "step", "scheduler.step") for cls in schedulers),
            ):
                function = vars(owner)[method]
                setattr(owner, method, self._recorded(function, name))
                stack.callback(setattr, owner, method, function)
            yield

    def _recorded(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kw: Any) -> Any:
            # a scheduler's own first step, when it is made, sets the first rate
            if self._depth == 0 and not getattr(args[0], "_is_initial", False):
                self._calls.append(name)
                if name == "backward" and is_tensor(args[0]) and args[0].numel() == 1:
                    self._losses.append(args[0].item())
            self._depth += 1
            try:
                return function(*args, **kw)
            finally:
                self._depth -= 1

        return call

    def _before_step(self, optimizer: Optimizer, *_: Any) -> None:
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        gradients = [None if each.grad is None else each.grad.detach().clone() for each in parameters]
        rates = [float(group["lr"]) for group in optimizer.param_groups]
        before = [each.detach().clone() for each in parameters]
        self.steps.append(_Taken(optimizer, self._calls, self._losses, rates, parameters, gradients, before))
        self._calls, self._losses = [], []

    def _after_step(self, optimizer: Optimizer, *_: Any) -> None:
        taken = self.steps[-1]
        taken.after = [each.detach().clone() for each in taken.parameters]


def _descendants(cls: type) -> Iterator[type]:
    yield cls
    children: list[type] = cls.__subclasses__()
    for child in children:
        yield from _descendants(child)


def _parameter_names(namespace: Mapping[str, Any]) -> dict[int, str]:
    """The names of the tensors that top-level names reach, by id: that of the largest module for a shared one."""
    names: dict[int, str] = {}
    sizes = {name: len(list(value.modules())) for name, value in namespace.items() if isinstance(value, nn.Module)}
    for name, value in sorted(namespace.items(), key=lambda item: -sizes.get(item[0], 0)):
        if name.startswith("_"):
            continue
        if isinstance(value, nn.Module):
            for path, parameter in value.named_parameters():
                names.setdefault(id(parameter), f"{name}.{path}")
        elif is_tensor(value):
            names.setdefault(id(value), name)
    return names
