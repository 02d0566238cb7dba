"""Shape and dtype of the value of a simple expression, worked out on tensors that have no values.

Nothing of the program's own is called and no value is read. Only names, literals, indices, operators and the
pure operations named here are followed; every tensor is replaced by an empty one of torch's ``meta`` device.
"""

from __future__ import annotations

import ast
import contextlib
import operator
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import _disable_current_modes

from tutor.inspection.sizes import attribute, fixed

LookUp = Callable[[ast.expr], tuple[bool, object]]
"""Whether a name, or an attribute that lies in its owner's own dict, has a value, and this value."""


class Unknown(Exception):  # noqa: N818 - an answer, no error
    """An expression that isn't worked out here."""


@contextlib.contextmanager
def isolation() -> Iterator[None]:
    """Keep out what the program may have left switched on: subclasses, modes, autocast, gradients."""
    with (
        torch._C.DisableTorchFunction(),
        _disable_current_modes(),
        torch._C._DisableAutocast(),
        torch.no_grad(),
    ):
        yield


def _without_values(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor like ``tensor``, without values. Raises Unknown when it isn't a plain one."""
    if type(tensor) not in (torch.Tensor, nn.Parameter) or attribute(tensor, "layout") is not torch.strided:
        raise Unknown
    is_odd = attribute(tensor, "is_quantized") or attribute(tensor, "is_nested")
    if is_odd or torch._C._functorch.is_functorch_wrapped_tensor(tensor) or (shape := fixed(tensor)) is None:
        raise Unknown
    strides = torch._C.TensorBase.stride(tensor)
    return torch.empty_strided(shape, strides, dtype=attribute(tensor, "dtype"), device="meta")


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
}  # fmt: skip
_NUMBERS = {int, float, bool}
_PLAIN = (*_NUMBERS, str, type(None), type(Ellipsis), torch.dtype)
_LARGEST = 2**31
"""Whole numbers beyond this are no sizes, and working with them could take long."""

_ATTRIBUTES = ("T", "mT", "H", "mH", "shape", "ndim", "dtype", "real", "imag")
_PURE = (
    "t", "transpose", "permute", "swapaxes", "movedim", "reshape", "view", "flatten", "unflatten", "squeeze",
    "unsqueeze", "expand", "repeat", "tile", "flip", "roll", "contiguous", "clone", "detach", "narrow", "select",
    "diagonal", "diag", "tril", "triu", "matmul", "mm", "bmm", "mv", "dot", "outer", "add", "sub", "mul", "div",
    "pow", "abs", "exp", "log", "log1p", "sqrt", "rsqrt", "square", "sin", "cos", "tan", "tanh", "sigmoid", "relu",
    "softmax", "log_softmax", "clamp", "neg", "sign", "floor", "ceil", "round", "sum", "mean", "std", "var", "prod",
    "amax", "amin", "argmax", "argmin", "cumsum", "norm", "any", "all", "logsumexp", "float", "double", "half",
    "bfloat16", "long", "int", "bool", "size", "dim", "numel", "view_as", "expand_as", "reshape_as", "type_as", "to",
    "masked_fill", "where", "maximum", "minimum",
)  # fmt: skip
"""Operations that have no effect but their result, under the same name as method, as function, or both."""
_METHODS: dict[str, Any] = {name: method for name in _PURE if (method := getattr(torch._C.TensorBase, name, None))}
_TORCH: dict[str, Any] = {name: function for name in _PURE if (function := getattr(torch, name, None))} | {
    name: getattr(torch, name) for name in ("cat", "concat", "stack", "hstack", "vstack", "einsum", "broadcast_to")
}
_CONSTRUCTORS = ("ones", "zeros", "empty", "rand", "randn")
"""Constructors whose arguments are those of ``torch.empty``: no random number is drawn for a shape."""
_LAYERS = (
    "relu", "gelu", "silu", "softmax", "log_softmax", "sigmoid", "tanh", "softplus", "leaky_relu", "elu",
    "normalize", "linear",
)  # fmt: skip
_FUNCTIONAL: dict[str, Any] = {name: getattr(nn.functional, name) for name in _LAYERS}
_MODULES = {id(torch): _TORCH, id(nn.functional): _FUNCTIONAL}


class Evaluation:
    """Works out expressions, tensors being of the meta device. Use it within :func:`isolation`."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up

    def value(self, node: ast.expr | None) -> Any:
        """The value of ``node``.

        Raises:
            Unknown: it holds something that isn't followed.
            Exception: torch's own, where it would refuse the operation.
        """
        match node:
            case None:
                return None
            case ast.Constant():
                return self._plain(node.value)
            case ast.Name():
                return self._name(node)
            case ast.Tuple() | ast.List():
                items = [self.value(item) for item in node.elts]
                return items if isinstance(node, ast.List) else tuple(items)
            case ast.Slice():
                return slice(self.value(node.lower), self.value(node.upper), self.value(node.step))
            case ast.Subscript():
                return self.value(node.value)[self.value(node.slice)]
            case ast.Attribute():
                return self._attribute(node)
            case ast.BinOp():
                return self._operate(node.op, self.value(node.left), self.value(node.right))
            case ast.UnaryOp():
                return self._operate(node.op, self.value(node.operand))
            case ast.Compare(ops=[operation], comparators=[right]):
                return self._operate(operation, self.value(node.left), self.value(right))
            case ast.Call(func=ast.Attribute() as called):
                return self._call(node, called)
        raise Unknown

    def _name(self, node: ast.Name | ast.Attribute) -> Any:
        has_value, value = self._look_up(node)
        if not has_value:
            raise Unknown
        return self._plain(value)

    def _plain(self, value: Any) -> Any:
        if type(value) in (torch.Tensor, nn.Parameter):
            return _without_values(value)
        if type(value) in (tuple, list, torch.Size) and len(value) <= 64:
            return type(value)(self._plain(item) for item in list(value))
        if type(value) not in _PLAIN or (type(value) is int and abs(value) > _LARGEST):
            raise Unknown
        return value

    def _attribute(self, node: ast.Attribute) -> Any:
        with contextlib.suppress(Unknown):
            return self._name(node)
        owner = self.value(node.value)
        if type(owner) is torch.Tensor and node.attr in _ATTRIBUTES:
            return getattr(owner, node.attr)
        raise Unknown

    def _operate(self, operation: ast.AST, *operands: Any) -> Any:
        """An operation on tensors, or on numbers where it can't take long."""
        work = _OPERATORS.get(type(operation))
        kinds = {type(operand) for operand in operands}
        on_numbers = kinds <= _NUMBERS and not isinstance(operation, ast.Pow)
        if work is None or not (torch.Tensor in kinds or on_numbers):
            raise Unknown
        value = work(*operands)
        return self._plain(value) if on_numbers else value

    def _call(self, node: ast.Call, called: ast.Attribute) -> Any:
        arguments = [self.value(argument) for argument in node.args]
        named = {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        if len(named) < len(node.keywords) or "out" in named:
            raise Unknown
        name, module = called.attr, self._module(called.value)
        if module == id(torch) and name in _CONSTRUCTORS:
            options = {key: value for key, value in named.items() if key in ("size", "dtype")}
            return torch.empty(*arguments, **options, device="meta")
        if module is not None:
            function = _MODULES[module].get(name)
        else:
            owner = self.value(called.value)
            if type(owner) is not torch.Tensor:
                raise Unknown
            if name == "to" and not named and list(map(type, arguments)) == [str]:
                return owner  # on another device it has the same shape
            function = _METHODS.get(name)
            arguments.insert(0, owner)
        if function is None:
            raise Unknown
        return function(*arguments, **named)

    def _module(self, node: ast.expr) -> int | None:
        """The id of the module that ``node`` names, if it is one whose functions are followed."""
        has_value, value = self._look_up(node)
        return id(value) if has_value and type(value) is types.ModuleType and id(value) in _MODULES else None
