"""The autograd graph of what a program left, from a scalar back to its leaves.

Walked breadth-first over ``next_functions``, after ``backward()`` as well as before it. No saved tensor is unpacked:
that would run the hooks of ``saved_tensors_hooks``. What leaves this module is text and numbers, so that no graph
lives on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch

from tutor.inspection import tensor as tensors
from tutor.inspection.namespace import reachable
from tutor.inspection.sizes import attribute, fixed, name_symbols, written
from tutor.protocol.observations import Graph, Node
from tutor.worker.probes.probe import Outcome, Probe

GRAPHS = 4
"""Graphs that are reported of one program."""
NODES = 2000
"""Nodes that are walked, over all graphs together."""


class AutogradGraphs(Probe):
    """Reports the graphs of what a program left."""

    position = 50

    def report(self, outcome: Outcome) -> list[Graph]:
        """The graphs of the scalars among the public names, the one made last first; of others if there is none.

        A tensor that is a node of a graph reported before has none of its own.
        """
        with torch._C.DisableTorchFunction(), torch.no_grad():
            names = _Names()
            candidates: list[tuple[str, torch.Tensor, Any]] = []
            for name, tensor, owned in reachable(self.run.namespace):
                if (root := names.add(name, tensor)) is not None and not owned:
                    candidates.append((name, tensor, root))
            scalars = [entry for entry in candidates if _is_scalar(entry[1])]
            graphs: list[Graph] = []
            limit = NODES
            walked_ids: set[int] = set()
            for name, tensor, root in sorted(scalars or candidates, key=lambda entry: -_age(entry[2])):
                if id(root) in walked_ids or len(graphs) == GRAPHS or not limit:
                    continue
                nodes, inputs, hidden = _walk(root, limit)
                limit -= len(nodes)
                walked_ids.update(map(id, nodes))
                numbers = [attribute(tensor, "output_nr"), *[None] * (len(nodes) - 1)]
                described = tuple(map(names.describe, nodes, inputs, numbers))
                graphs.append(Graph(self.run.id, name, described, hidden))
            return graphs


def _is_scalar(tensor: torch.Tensor) -> bool:
    shape = fixed(tensor)
    return shape is not None and all(size == 1 for size in shape)


def _age(root: Any) -> int:
    try:
        return int(root._sequence_nr())
    except Exception:  # a node without a number: made by nothing that counts
        return -1


class _Names:
    """The program's names of leaves and of the outputs of operations."""

    def __init__(self) -> None:
        self.leaves: dict[int, str] = {}
        """By the id of a tensor."""
        self.outputs: dict[tuple[int, int], list[tuple[str, torch.Tensor]]] = {}
        """By the id of the operation and the number of its output."""

    def add(self, name: str, tensor: torch.Tensor) -> Any:
        """Remember a name; the operation that made the tensor, None for a leaf."""
        try:
            grad_fn = attribute(tensor, "grad_fn")
            if grad_fn is None:
                self.leaves.setdefault(id(tensor), name)
            else:
                self.outputs.setdefault((id(grad_fn), attribute(tensor, "output_nr")), []).append((name, tensor))
        except Exception:  # the history of a view that was damaged: it has no graph
            return None
        return grad_fn

    def describe(self, node: Any, inputs: tuple[int, ...], output_number: int | None) -> Node:
        """An operation with what it made; of the root of a graph only the output ``output_number``."""
        operation = tensors.operation(node)
        if operation == "AccumulateGrad":
            leaf = node.variable
            return Node("", tensors.short(leaf), self.leaves.get(id(leaf), ""), (), True, True, _grad(leaf))
        numbers, description = _outputs(node, output_number)
        called = [entry for number in numbers for entry in self.outputs.get((id(node), number), ())]
        name = ", ".join(dict.fromkeys(name for name, _ in called))
        retained = [tensor for _, tensor in called if attribute(tensor, "retains_grad")]
        grad = _grad(retained[0]) if retained else ""
        return Node(operation, description, name, inputs, False, bool(retained), grad, _freed(node))


def _walk(root: Any, limit: int) -> tuple[list[Any], list[tuple[int, ...]], int]:
    """The nodes breadth-first, for each the places of those that made its inputs, and how many there are beyond."""
    nodes = [root]  # held for as long as ids stand for them
    places = {id(root): 0}
    beyond: dict[int, Any] = {}
    inputs: list[tuple[int, ...]] = []
    for node in nodes:  # it grows on the way
        sources = [source for source, _ in node.next_functions if source is not None]
        for source in sources:
            if id(source) in places:
                continue
            if len(nodes) < limit:
                places[id(source)] = len(nodes)
                nodes.append(source)
            else:
                beyond[id(source)] = source
        inputs.append(tuple(dict.fromkeys(places[id(source)] for source in sources if id(source) in places)))
    return nodes, inputs, len(beyond)


def _outputs(node: Any, output_number: int | None) -> tuple[Sequence[int], str]:
    """The numbers of the tensors that the operation made, and their description; of the root only ``output_number``."""
    try:
        described = node._input_metadata  # torch's own private description of the outputs: it may change
        if output_number is not None or len(described) == 1:
            number = output_number or 0
            return [number], _kind(described[number])
        kinds = [_kind(output) for output in described]
    except Exception:
        return range(8), ""
    if len(set(kinds)) == 1:
        return range(len(kinds)), f"{len(kinds)} × {kinds[0]}"
    return range(len(kinds)), ", ".join(kinds[:3]) + (", …" if len(kinds) > 3 else "")


def _kind(output: Any) -> str:
    return tensors.short_dtype(output.dtype) + written(name_symbols(output.shape))


def _grad(tensor: torch.Tensor) -> str:
    grad = attribute(tensor, "grad")
    return "" if grad is None else tensors.short(grad)


# --- what was saved -------------------------------------------------------------------------------------------


@cache
def _saved(kind: type) -> tuple[str, ...]:
    return tuple(name for name in dir(kind) if name.startswith("_raw_saved_"))


def _freed(node: Any) -> bool:
    """Whether the node had saved tensors that are gone. The raw ones are looked at: they run no hook.

    A raw one that was freed holds no data, but neither does one that never held any (an optional argument left
    out). Those are told apart by unpacking, which is safe here: there is no hook to be run.
    """
    kind: type = type(node)
    try:
        for name in _saved(kind):
            raw = getattr(node, name)
            for one in raw if type(raw) is tuple else (raw,):
                if one.data is None and one.unpack_hook is None:
                    one.unpack()
    except RuntimeError as error:
        return "second time" in str(error)
    except Exception:  # another version of torch tells nothing of its saved tensors
        return False
    return False


PROBE = AutogradGraphs
