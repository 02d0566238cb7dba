"""The autograd graph of what a program leaves, and that looking at it changes and keeps nothing."""

from __future__ import annotations

import pytest

from tutor.protocol.codec import Graph, Node, Tensors

SCALAR = (
    "import torch\n"
    "x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)\n"
    "gap = x - 3\n"
    "gap.retain_grad()\n"
    "miss = gap.square().sum()\n"
)


async def test_a_scalar_is_followed_to_its_leaves(run) -> None:
    graph = (await run(SCALAR)).one(Graph)
    assert (graph.name, graph.hidden) == ("miss", 0)
    assert graph.nodes == (
        Node("Sum", "f32[]", "miss", (1,)),
        Node("Pow", "f32[3]", "", (2,)),
        Node("Sub", "f32[3]", "gap", (3,), keeps=True),
        Node("", "f32[3]", "x", leaf=True, keeps=True),
    )


async def test_after_backward_it_tells_what_was_freed_and_what_was_filled(run) -> None:
    freed = (await run(SCALAR + "miss.backward()\n")).one(Graph).nodes
    assert [node.freed for node in freed] == [False, True, False, False]  # of these only Pow had saved anything
    assert [node.grad for node in freed] == ["", "", "f32[3]", "f32[3]"]
    kept = (await run(SCALAR + "miss.backward(retain_graph=True)\n")).one(Graph).nodes
    assert not any(node.freed for node in kept)


async def test_parameters_have_the_paths_of_their_modules(run) -> None:
    source = (
        "import torch\n"
        "net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))\n"
        "loss = net(torch.ones(4, 3)).square().mean()\n"
    )
    nodes = (await run(source)).one(Graph).nodes
    assert [n.name for n in nodes if n.leaf] == ["net.2.bias", "net.2.weight", "net.0.bias", "net.0.weight"]
    assert [n.operation for n in nodes if not n.leaf] == ["Mean", "Pow", "Addmm", "Relu", "T", "Addmm", "T"]


async def test_a_node_that_is_used_twice_is_told_once(run) -> None:
    source = "import torch\nx = torch.ones(1, requires_grad=True)\ny = x.exp()\nz = y * y + y + x\n"
    nodes = (await run(source)).one(Graph).nodes
    assert [node.name for node in nodes].count("y") == 1 and [node.name for node in nodes].count("x") == 1
    (y,) = [place for place, node in enumerate(nodes) if node.name == "y"]
    assert sum(y in node.inputs for node in nodes) == 2


async def test_the_scalar_made_last_comes_first_and_what_it_is_made_of_has_no_graph_of_its_own(run) -> None:
    source = (
        "import torch\n"
        "w = torch.ones(3, requires_grad=True)\n"
        "other = None\n"
        "part = w.sum()\n"
        "whole = part * 2\n"
        "other = w.mean()\n"
        "many = w * 2\n"
    )
    assert [graph.name for graph in (await run(source)).of(Graph)] == ["other", "whole"]


async def test_without_a_scalar_other_tensors_are_followed_four_at_most(run) -> None:
    source = "import torch\nw = torch.ones(3, requires_grad=True)\n"
    source += "".join(f"y{n} = w * {n}\n" for n in range(6))
    graphs = (await run(source)).of(Graph)
    assert [graph.name for graph in graphs] == ["y5", "y4", "y3", "y2"]


@pytest.mark.parametrize("source", ["", "_hidden = w.sum()\n", "with torch.no_grad():\n    y = w.sum()\n"])
async def test_without_a_graph_nothing_is_told(run, source: str) -> None:
    ran = await run("import torch\nw = torch.ones(3, requires_grad=True)\n" + source)
    assert ran.of(Graph) == [] and ran.of(Tensors)


async def test_a_graph_without_end_is_cut(run) -> None:
    source = (
        "import torch\ny = torch.ones(1, requires_grad=True)\nfor _ in range(3000):\n    y = y * 1.001\nz = y + y\n"
    )
    graph = (await run(source)).one(Graph)
    assert len(graph.nodes) == 2000 and graph.hidden == 1
    assert all(target < 2000 for node in graph.nodes for target in node.inputs)


async def test_outputs_of_one_operation_keep_their_own_names(run) -> None:
    source = (
        "import torch\n"
        "u, s, v = torch.linalg.svd(torch.eye(3, requires_grad=True))\n"
        "a, b = torch.ones(4, requires_grad=True).split(2)\n"
        "loss = s.sum() + u.sum() + (a * b).sum()\n"
    )
    named = {node.name: node.what for node in (await run(source)).one(Graph).nodes if node.operation}
    assert named["u, s, v"] == "f32[3,3], f32[3], f32[3,3]" and named["a, b"] == "2 × f32[2]"


async def test_saved_tensors_are_never_unpacked(run) -> None:
    """A hook that unpacks may recompute a forward pass, print, or raise."""
    source = (
        "import torch\n"
        "def unpack(t):\n"
        "    print('unpacked')\n"
        "    return t\n"
        "with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):\n"
        "    y = torch.ones(3, requires_grad=True).exp().sum()\n"
        "with torch.autograd.graph.saved_tensors_hooks(lambda t: None, unpack):\n"
        "    z = torch.ones(3, requires_grad=True).exp().sum()\n"
    )
    ran = await run(source)
    assert ran.text() == "" and [graph.name for graph in ran.of(Graph)] == ["z", "y"]


async def test_a_function_of_the_learners_own_is_an_operation(run) -> None:
    source = (
        "import torch\n"
        "class Double(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x):\n"
        "        ctx.save_for_backward(x)\n"
        "        return x * 2\n"
        "    @staticmethod\n"
        "    def backward(ctx, grad):\n"
        "        return grad * 2\n"
        "y = Double.apply(torch.ones(3, requires_grad=True)).sum()\n"
        "y.backward()\n"
    )
    nodes = (await run(source)).one(Graph).nodes
    assert [(node.operation, node.freed) for node in nodes] == [("Sum", False), ("Double", True), ("", False)]


async def test_a_subclass_has_no_say(run) -> None:
    source = (
        "import torch\n"
        "class Evil(torch.Tensor):\n"
        "    @classmethod\n"
        "    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
        "        print('asked')\n"
        "        return super().__torch_function__(func, types, args, kwargs or {})\n"
        "x = torch.ones(3).as_subclass(Evil).requires_grad_()\n"
        "y = x.sum()\n"
        "print('end')\n"
    )
    ran = await run(source)
    assert ran.text().endswith("end\n") and ran.one(Graph).nodes[-1].name == "x"
