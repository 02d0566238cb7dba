"""``expect(run.x)``: what a requirement asks of a value, rung by rung."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from tutor.check import comparison, memory
from tutor.check.missing_grad import explain_none
from tutor.check.program import Unmet
from tutor.check.source_names import subject
from tutor.check.subject import Subject
from tutor.check.wording import call_text, number_text, quoted, what
from tutor.inspection.safe_repr import cut, name_of, trusted, value_text
from tutor.inspection.tensor import describe, instance, is_tensor, short_dtype


def expect(value: Any, name: str = "") -> Expect:
    """What follows is asked of ``value``. Without ``name``, ``expect(run.x.grad)`` speaks of `x.grad`."""
    found, run = subject(1, value)
    return Expect(value, name or found, run)


class Expect(Subject):
    """Every method returns the object itself, and raises :class:`Unmet` when what it asks doesn't hold."""

    # --- what it is -----------------------------------------------------------------------------------------

    def is_a(self, *types: type) -> Expect:
        """An object of one of these classes."""
        if not instance(self.value, *types):
            names = " or ".join(f"`{name_of(cls)}`" for cls in types)
            raise comparison.missing_or_wrong(self._name, self.value, f"an object of {names}", self._run)
        return self

    def is_tensor(self) -> Expect:
        self._tensor()
        return self

    def has_shape(self, *dims: int) -> Expect:
        """A tensor of this shape; -1 stands for any size."""
        shape = tuple(self._tensor().shape)
        if len(shape) != len(dims) or any(want not in (-1, size) for size, want in zip(shape, dims, strict=True)):
            wanted = str(dims).replace("-1", "any")
            self._unmet(f"has shape {shape}; expected {wanted}.", comparison.made_where(self._run, self._name))
        return self

    def has_dtype(self, dtype: torch.dtype) -> Expect:
        given = self._tensor().dtype
        if given != dtype:
            self._unmet(
                f"is {short_dtype(given)}; expected {short_dtype(dtype)}.",
                f"Try `dtype={dtype}`{self._where()}, or `.to({dtype})`.",
            )
        return self

    def on(self, device: str | torch.device) -> Expect:
        """A tensor, or a module with all its parameters, on this device; ``cuda`` stands for any GPU."""
        wanted = torch.device(device)
        held = dict(self.value.named_parameters()) if instance(self.value, nn.Module) else {"": self._tensor()}
        for name, tensor in held.items():
            given = tensor.device
            if given.type != wanted.type or wanted.index not in (None, given.index):
                part = f"{self._name}.{name}".strip(".")
                raise Unmet(f"{quoted(part)} is on {given}; expected {wanted}.", f"Try `.to(device)`{self._where()}.")
        return self

    def is_leaf(self, flag: bool = True) -> Expect:
        tensor = self._tensor()
        if tensor.is_leaf and not flag:
            self._unmet("is a leaf; expected the result of an operation on a tensor that tracks gradients.")
        if not tensor.is_leaf and flag:
            made_by = describe(tensor, "").grad_fn
            self._unmet(
                f"is not a leaf: it was made by {made_by}.",
                f"Try `requires_grad=True`{self._where()}, on the finished tensor.",
                "not-a-leaf",
            )
        return self

    def requires_grad(self, flag: bool = True) -> Expect:
        given = self._tensor().requires_grad
        if flag and not given:
            self._unmet("has requires_grad=False.", f"Try `requires_grad=True`{self._where()}.", "not-tracked")
        if given and not flag:
            self._unmet(
                "still tracks gradients.",
                f"Try `.detach()` or `torch.no_grad()`{self._where()}.",
                "not-detached",
            )
        return self

    def has_grad(self) -> Expect:
        """A tensor whose ``.grad`` is filled."""
        tensor = self._tensor()
        if not (tensor.is_leaf or tensor.retains_grad) or tensor.grad is None:
            raise explain_none(f"{self._name}.grad", "a gradient", self._run)
        return self

    def training(self, flag: bool) -> Expect:
        """A module in training mode, with all the modules in it; ``False``: in evaluation mode."""
        self.is_a(nn.Module)
        for path, module in self.value.named_modules():
            if module.training != flag:
                name = f"{self._name}.{path}".strip(".")
                now, call = ("training", "eval") if module.training else ("evaluation", "train")
                misconception = "" if flag else "dropout-active"
                raise Unmet(f"{quoted(name)} is in {now} mode.", f"Try `{self._name}.{call}()`.", misconception)
        return self

    # --- what it holds --------------------------------------------------------------------------------------

    def close_to(
        self,
        expected: Any,
        rtol: float | None = None,
        atol: float | None = None,
        mistaken: Mapping[str, Any] | None = None,
        before: torch.Tensor | None = None,
    ) -> Expect:
        """The same values, within the tolerances of ``torch.testing.assert_close`` unless others are given.

        Args:
            expected: a tensor (then type, shape and dtype have to agree too), a number or nested lists of numbers
                (then a tensor of any float dtype will do), a list or tuple of tensors, or a dict of them.
            rtol: relative tolerance.
            atol: absolute tolerance.
            mistaken: wrong values to recognise, by the name of a misconception or the sentence to say; a value
                may be a function without arguments.
            before: what the value was before the step that is asked for, to recognise a step that never happened
                and gradients that were added to it.

        A device is compared only when ``expected`` is not on the CPU; use :meth:`on`. Whether gradients are
        tracked is never compared: use :meth:`requires_grad`.
        """
        asked = comparison.Asked(self._run, rtol, atol, mistaken or {}, before, self._sources())
        comparison.compare(self._name, self.value, expected, asked)
        return self

    def differs_from(self, before: torch.Tensor) -> Expect:
        """A tensor of other values than ``before``: a parameter that a step has moved."""
        if torch.equal(self._tensor().detach().cpu(), before.detach().cpu()):
            self._unmet("has the values that it started with.", "A step moves it: is it called?", "no-optimizer-step")
        return self

    def equals(self, expected: Any) -> Expect:
        """Exactly the same value: a number, text, a list, a shape, a dtype, or a tensor."""
        if is_tensor(expected):
            return self.close_to(expected, rtol=0, atol=0)
        kind = type(self.value)
        if is_tensor(self.value) or not trusted(kind) or ((kind is bool) != (type(expected) is bool)):
            raise comparison.missing_or_wrong(self._name, self.value, what(expected), self._run)
        if not bool(self.value == expected):
            self._unmet(f"is {_short(self.value)}; expected {_short(expected)}.")
        return self

    def contains(self, item: Any) -> Expect:
        """Text, a list or a dict with ``item`` in it."""
        self.is_a(str, list, tuple, dict, set, frozenset)
        if item not in self.value:
            shown = _short(self.value) if self.value else "empty"
            self._unmet(f"has no {_short(item)} in it: it is {shown}.")
        return self

    def below(self, bound: float) -> Expect:
        return self._compares(lambda number: number < bound, f"less than {number_text(bound)}")

    def above(self, bound: float) -> Expect:
        return self._compares(lambda number: number > bound, f"more than {number_text(bound)}")

    def between(self, low: float, high: float) -> Expect:
        """A number or a tensor of one element, both bounds included."""
        wanted = f"between {number_text(low)} and {number_text(high)}"
        return self._compares(lambda number: low <= number <= high, wanted)

    def _compares(self, holds: Callable[[float], bool], wanted: str) -> Expect:
        number = self._number(wanted)
        if not holds(number):
            self._unmet(f"is {number_text(number)}; expected {wanted}.")
        return self

    def shares_memory_with(self, other: Any) -> Expect:
        """A tensor (or array) over the same memory as ``other``, another tensor or a NumPy array."""
        if not memory.shared(self._memory(self.value), self._memory(other)):
            seen = f"a change of {self._known(other)} doesn't show in it"
            advice = "Views (`view`, slices, `transpose`) share memory; `clone` and `torch.tensor` copy."
            if not is_tensor(other):
                advice = "`torch.from_numpy` shares the memory of an array; `torch.tensor` copies."
            self._unmet(f"has memory of its own: {seen}.", advice, "copied")
        return self

    def has_own_memory(self, other: Any) -> Expect:
        """The opposite of :meth:`shares_memory_with`."""
        if memory.shared(self._memory(self.value), self._memory(other)):
            copy = ".clone()" if is_tensor(self.value) else ".copy()"
            seen = f"a change of {self._known(other)} shows in it"
            self._unmet(f"shares its memory: {seen}.", f"Try `{copy}`.", "shared-memory")
        return self

    # --- modules and optimizers -----------------------------------------------------------------------------

    def has_parameters(self, count: int) -> Expect:
        """A module with so many numbers to learn, all its parameters together."""
        self.is_a(nn.Module)
        sizes = {name: tensor.numel() for name, tensor in self.value.named_parameters()}
        if sum(sizes.values()) != count:
            listed = ", ".join(f"{name} {size}" for name, size in list(sizes.items())[:8]) or "none"
            self._unmet(f"has {sum(sizes.values()):,} parameters; expected {count:,}.", f"They are: {listed}.")
        return self

    def has_option(self, name: str, expected: Any, group: int = 0) -> Expect:
        """An optimizer whose parameter group has this setting."""
        self.is_a(torch.optim.Optimizer)
        groups = self.value.param_groups
        if group >= len(groups):
            self._unmet(f"has {len(groups)} parameter groups; expected {group + 1}.")
        Expect(groups[group].get(name), f"{self._name}.param_groups[{group}][{name!r}]", self._run).close_to(expected)
        return self

    def optimizes(self, module: nn.Module) -> Expect:
        """An optimizer that holds every parameter of ``module``."""
        self.is_a(torch.optim.Optimizer)
        held = {id(tensor) for group in self.value.param_groups for tensor in group["params"]}
        for name, tensor in module.named_parameters():
            if id(tensor) not in held:
                self._unmet(f"does not hold the model's parameter `{name}`.", "Pass it `model.parameters()`.")
        return self

    # --- functions ------------------------------------------------------------------------------------------

    def calling(self, *args: Any, **kw: Any) -> Expect:
        """What the learner's function (or module) returns for these arguments."""
        written = call_text(self._name, args, kw)
        self._callable()
        try:
            result = self.value(*args, **kw)
        except (Exception, SystemExit) as error:
            raise self._stopped(written, error) from error
        asked = Expect(result, written, self._run)
        named = {f"argument {position + 1}": value for position, value in enumerate(args)} | kw
        asked._arguments = {name: value for name, value in named.items() if is_tensor(value)}
        return asked

    def raises(self, error: type[BaseException], *args: Any, **kw: Any) -> Expect:
        """A function that raises this error for these arguments."""
        written = call_text(self._name, args, kw)
        self._callable()
        try:
            result = self.value(*args, **kw)
        except error:
            return self
        except (Exception, SystemExit) as other:
            raise self._stopped(written, other) from other
        raise Unmet(f"`{written}` returns {what(result)}; expected it to raise {name_of(error)}.")


def _short(value: object) -> str:
    return cut(value_text(value), 200)
