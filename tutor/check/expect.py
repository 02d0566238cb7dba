"""``expect(run.x)``: the expectations that a check has of a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, NoReturn

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from tutor.check import comparison
from tutor.check.case import Criteria
from tutor.check.program import Program, Unmet, draft_of
from tutor.check.source_names import find_subject
from tutor.check.wording import call_site, call_text, describe_value, error_text, number_text, quote
from tutor.inspection.safe_repr import cut, name_of, trusted, value_text
from tutor.inspection.tensor import describe, instance, is_tensor, short_dtype, unreadable


def expect(value: Any, name: str = "") -> Expect:
    """Begin expectations of ``value``. Without ``name``, messages of ``expect(run.x.grad)`` name `x.grad`."""
    expression, run = find_subject(value)
    return Expect(value, name or expression, run)


class Expect:
    """A value, the learner's name for it, and the program it comes from where that is known.

    Every expectation returns the object itself, and raises :class:`Unmet` when it isn't met.
    """

    def __init__(self, value: Any, name: str = "", run: Program | None = None) -> None:
        self.value = value
        self._name = name
        self.run = run
        self._arguments: dict[str, torch.Tensor] = {}
        self._forbidden: set[str] = set()

    # --- what it is -----------------------------------------------------------------------------------------

    def is_a(self, *types: type) -> Expect:
        """An object of one of these classes."""
        if not instance(self.value, *types):
            names = " or ".join(f"`{name_of(cls)}`" for cls in types)
            raise self._explain_wrong_type(f"an object of {names}")
        return self

    def is_tensor(self) -> Expect:
        self._require_tensor()
        return self

    def has_shape(self, *dims: int) -> Expect:
        """A tensor of this shape; -1 stands for any size."""
        shape = tuple(self._require_tensor().shape)
        if len(shape) != len(dims) or any(dim not in (-1, size) for size, dim in zip(shape, dims, strict=True)):
            expected = str(dims).replace("-1", "any")
            self._fail(f"has shape {shape}; expected {expected}.", comparison.suggest_line(self.run, self._name))
        return self

    def has_length(self, length: int) -> Expect:
        """A value with so many items: a list, text, a tensor's first dimension."""
        try:
            actual = len(self.value)
        except (TypeError, RuntimeError):
            raise self._explain_wrong_type(f"a value of {length} items") from None
        if actual != length:
            self._fail(f"has {actual} items; expected {length}.")
        return self

    def has_dtype(self, dtype: torch.dtype) -> Expect:
        actual = self._require_tensor().dtype
        if actual != dtype:
            advice = f"Try `dtype={dtype}`{self._origin()}, or `.to({dtype})`."
            advice = comparison.suggest_dropped(self.run, self._name) or advice
            self._fail(f"is {short_dtype(actual)}; expected {short_dtype(dtype)}.", advice)
        return self

    def on(self, device: str | torch.device) -> Expect:
        """A tensor, or a module with all its parameters, on this device; ``cuda`` stands for any GPU."""
        target = torch.device(device)
        tensors = (
            dict(self.value.named_parameters()) if instance(self.value, nn.Module) else {"": self._require_tensor()}
        )
        for name, tensor in tensors.items():
            actual = tensor.device
            if actual.type != target.type or target.index not in (None, actual.index):
                part = f"{self._name}.{name}".strip(".")
                advice = comparison.suggest_dropped(self.run, part) or f"Try `.to(device)`{self._origin()}."
                raise Unmet(f"{quote(part)} is on {actual}; expected {target}.", advice)
        return self

    def is_leaf(self, flag: bool = True) -> Expect:
        tensor = self._require_tensor()
        if tensor.is_leaf and not flag:
            self._fail("is a leaf; expected the result of an operation on a tensor that tracks gradients.")
        if not tensor.is_leaf and flag:
            operation = describe(tensor, "").grad_fn
            self._fail(
                f"is not a leaf: it was made by {operation}.",
                f"Try `requires_grad=True`{self._origin()}, on the finished tensor.",
                "not-a-leaf",
            )
        return self

    def requires_grad(self, flag: bool = True) -> Expect:
        is_tracked = self._require_tensor().requires_grad
        if flag and not is_tracked:
            self._fail("has requires_grad=False.", f"Try `requires_grad=True`{self._origin()}.", "not-tracked")
        if is_tracked and not flag:
            self._fail(
                "still tracks gradients.",
                f"Try `.detach()` or `torch.no_grad()`{self._origin()}.",
                "not-detached",
            )
        return self

    def has_grad(self) -> Expect:
        """A tensor whose ``.grad`` is filled."""
        tensor = self._require_tensor()
        if not (tensor.is_leaf or tensor.retains_grad) or tensor.grad is None:
            raise comparison.explain_none(f"{self._name}.grad", "a gradient", self.run)
        return self

    def training(self, flag: bool) -> Expect:
        """A module in training mode, with all the modules in it; ``False``: in evaluation mode."""
        self.is_a(nn.Module)
        for path, module in self.value.named_modules():
            if module.training != flag:
                name = f"{self._name}.{path}".strip(".")
                now, call = ("training", "eval") if module.training else ("evaluation", "train")
                misconception = "" if flag else "dropout-active"
                raise Unmet(f"{quote(name)} is in {now} mode.", f"Try `{self._name}.{call}()`.", misconception)
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
            before: the value before the step that the task is about, to recognise a step that never happened
                and gradients that were added to it.

        A device is compared only when ``expected`` is not on the CPU; use :meth:`on`. Whether gradients are
        tracked is never compared: use :meth:`requires_grad`.
        """
        criteria = Criteria(self.run, rtol, atol, mistaken or {}, before, self._sources())
        comparison.compare(self._name, self.value, expected, criteria)
        return self

    def differs_from(self, before: torch.Tensor) -> Expect:
        """A tensor of other values than ``before``: a parameter that a step has moved."""
        if torch.equal(self._require_tensor().detach().cpu(), before.detach().cpu()):
            self._fail("has the values that it started with.", "A step moves it: is it called?", "no-optimizer-step")
        return self

    def equals(self, expected: Any) -> Expect:
        """Exactly the same value: a number, text, a list, a shape, a dtype, or a tensor."""
        if is_tensor(expected):
            return self.close_to(expected, rtol=0, atol=0)
        kind = type(self.value)
        if self.value is None and expected is not None:
            raise self._explain_wrong_type(describe_value(expected))
        if is_tensor(self.value) or not trusted(kind) or ((kind is bool) != (type(expected) is bool)):
            raise self._explain_wrong_type(describe_value(expected))
        if not bool(self.value == expected):
            self._fail(f"is {_shorten(self.value)}; expected {_shorten(expected)}.")
        return self

    def contains(self, item: Any) -> Expect:
        """Text, a list or a dict with ``item`` in it."""
        self.is_a(str, list, tuple, dict, set, frozenset)
        if item not in self.value:
            contents = _shorten(self.value) if self.value else "empty"
            self._fail(f"has no {_shorten(item)} in it: it is {contents}.")
        return self

    def below(self, bound: float) -> Expect:
        return self._compare_number(lambda number: number < bound, f"less than {number_text(bound)}")

    def above(self, bound: float) -> Expect:
        return self._compare_number(lambda number: number > bound, f"more than {number_text(bound)}")

    def between(self, low: float, high: float) -> Expect:
        """A number or a tensor of one element, both bounds included."""
        expected = f"between {number_text(low)} and {number_text(high)}"
        return self._compare_number(lambda number: low <= number <= high, expected)

    def _compare_number(self, holds: Callable[[float], bool], expected: str) -> Expect:
        number = self._require_number(expected)
        if not holds(number):
            self._fail(f"is {number_text(number)}; expected {expected}.")
        return self

    def shares_memory_with(self, other: Any) -> Expect:
        """A tensor (or array) over the same memory as ``other``, another tensor or a NumPy array."""
        if not self._overlaps(other):
            symptom = f"a change of {self._learner_name(other)} doesn't show in it"
            advice = "Views (`view`, slices, `transpose`) share memory; `clone`, `contiguous` and `torch.tensor` copy."
            if not is_tensor(other):
                advice = "`torch.from_numpy(array)` shares memory; `torch.tensor`, `copy`, `clone` and arithmetic copy."
            self._fail(f"has memory of its own: {symptom}.", advice, "copied")
        return self

    def has_own_memory(self, other: Any) -> Expect:
        """The opposite of :meth:`shares_memory_with`."""
        if self._overlaps(other):
            copy = ".clone()" if is_tensor(self.value) else ".copy()"
            symptom = f"a change of {self._learner_name(other)} shows in it"
            self._fail(f"shares its memory: {symptom}.", f"Try `{copy}`.", "shared-memory")
        return self

    # --- modules and optimizers -----------------------------------------------------------------------------

    def has_parameters(self, count: int) -> Expect:
        """A module with so many numbers to learn, all its parameters together."""
        self.is_a(nn.Module)
        sizes = {name: tensor.numel() for name, tensor in self.value.named_parameters()}
        if sum(sizes.values()) != count:
            listed = ", ".join(f"{name} {size}" for name, size in list(sizes.items())[:8]) or "none"
            self._fail(f"has {sum(sizes.values()):,} parameters; expected {count:,}.", f"They are: {listed}.")
        return self

    def has_option(self, name: str, expected: Any, group: int = 0) -> Expect:
        """An optimizer whose parameter group has this setting."""
        self.is_a(torch.optim.Optimizer)
        groups = self.value.param_groups
        if group >= len(groups):
            self._fail(f"has {len(groups)} parameter groups; expected {group + 1}.")
        Expect(groups[group].get(name), f"{self._name}.param_groups[{group}][{name!r}]", self.run).close_to(expected)
        return self

    def optimizes(self, module: nn.Module) -> Expect:
        """An optimizer that holds every parameter of ``module``."""
        self.is_a(torch.optim.Optimizer)
        parameter_ids = {id(tensor) for group in self.value.param_groups for tensor in group["params"]}
        for name, tensor in module.named_parameters():
            if id(tensor) not in parameter_ids:
                self._fail(f"does not hold the model's parameter `{name}`.", "Pass it `model.parameters()`.")
        return self

    # --- functions ------------------------------------------------------------------------------------------

    def calling(self, *args: Any, **kw: Any) -> Expect:
        """The value that the learner's function (or module) returns for these arguments."""
        written = call_text(self._name, args, kw)
        self._require_callable()
        called = _CallNames()
        try:
            with called if self._forbidden else nullcontext():
                result = self.value(*args, **kw)
        except (Exception, SystemExit) as error:
            raise self._explain_stop(written, error) from error
        if names := called.names & self._forbidden:
            self._fail(f"calls `{min(names)}`; it shall do without.")
        returned = Expect(result, written, self.run)
        named = {f"argument {position + 1}": value for position, value in enumerate(args)} | kw
        returned._arguments = {name: value for name, value in named.items() if is_tensor(value)}
        return returned

    def not_calling(self, *names: str) -> Expect:
        """A function that, in the calls that follow, uses none of torch's functions of these names."""
        self._forbidden |= set(names)
        return self

    def raises(self, error: type[BaseException], *args: Any, **kw: Any) -> Expect:
        """A function that raises this error for these arguments."""
        written = call_text(self._name, args, kw)
        self._require_callable()
        try:
            result = self.value(*args, **kw)
        except error:
            return self
        except (Exception, SystemExit) as other:
            raise self._explain_stop(written, other) from other
        raise Unmet(f"`{written}` returns {describe_value(result)}; expected it to raise {name_of(error)}.")

    # --- what all expectations share ------------------------------------------------------------------------

    def _overlaps(self, other: Any) -> bool:
        """Whether the value's memory and that of ``other`` overlap."""
        spans = []
        for name, value in ((self._name, self.value), ("", other)):
            if (span := _memory_span(value)) is None:
                raise comparison.explain_wrong_type(name, value, "a tensor", self.run)
            spans.append(span)
        (start, end), (other_start, other_end) = spans
        return max(start, other_start) < min(end, other_end)

    def _explain_wrong_type(self, expected: str) -> Unmet:
        return comparison.explain_wrong_type(self._name, self.value, expected, self.run)

    def _learner_name(self, value: Any) -> str:
        """The learner's name for another value of the check."""
        handed_out = draft_of(self.run).handed_out.get(id(value)) if self.run is not None else None
        return f"`{handed_out[0]}`" if handed_out else "the other"

    def _explain_stop(self, written: str, error: BaseException) -> Unmet:
        line = call_site(error, draft_of(self.run).path) if self.run is not None else None
        where = f" on line {line} of your code" if line else ""
        return Unmet(f"`{written}` stops{where}: {error_text(error)}")

    def _require_tensor(self) -> torch.Tensor:
        if not is_tensor(self.value):
            raise self._explain_wrong_type("a tensor")
        tensor: torch.Tensor = self.value
        return tensor

    def _require_callable(self) -> None:
        if not callable(self.value):
            raise self._explain_wrong_type("a function")

    def _require_number(self, expected: str) -> float:
        """The value as a number; ``expected`` says which numbers pass."""
        value = self.value
        if is_tensor(value) and value.numel() == 1 and not unreadable(value):
            value = value.item()
        if instance(value, bool) or not instance(value, int, float):
            raise self._explain_wrong_type(f"a number {expected}")
        return float(value) if instance(value, float) else int(value)

    def _origin(self) -> str:
        return comparison.origin(self.run, self._name)

    def _sources(self) -> dict[str, torch.Tensor]:
        """The tensors that a wrong value may have been computed from."""
        if self._arguments or self.run is None:
            return self._arguments
        names = draft_of(self.run).namespace
        return {name: value for name, value in names.items() if is_tensor(value) and not name.startswith("_")}

    def _fail(self, rest: str, advice: str = "", misconception: str = "") -> NoReturn:
        raise Unmet(f"{quote(self._name)} {rest}", advice, misconception)


class _CallNames(TorchFunctionMode):
    """Notes the names of torch's functions and methods that are called inside."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(getattr(function, "__name__", ""))
        return function(*args, **(kwargs or {}))


def _shorten(value: object) -> str:
    return cut(value_text(value), 200)


def _memory_span(value: Any) -> tuple[int, int] | None:
    """Return the addresses at which a tensor's or an array's memory begins and ends; of a view, those of its storage.

    None where there is no memory: another type, or a tensor that is meta or sparse.
    """
    if is_tensor(value):
        if value.layout is not torch.strided or value.is_meta:
            return None
        storage = value.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()
    while isinstance(value, memoryview) or (hasattr(value, "__array_interface__") and value.base is not None):
        below = value.obj if isinstance(value, memoryview) else value.base
        if is_tensor(below):
            return _memory_span(below)
        if not hasattr(below, "__array_interface__") and not isinstance(below, memoryview):
            break
        value = below
    if not hasattr(value, "__array_interface__"):
        return None
    start = value.__array_interface__["data"][0]
    return start, start + value.nbytes
