"""The autograd graph as a tree: what is drawn, what is folded, and that any depth has room."""

import time

import pytest

from tutor.protocol.codec import Graph, Node
from tutor.render.graph.autograd_graph import graph, rows
from tutor.render.graph.outline import lines
from tutor.render.text.style import look

MISS = Graph(
    1,
    "miss",
    (
        Node("Sum", "f32[]", "miss", (1,)),
        Node("Pow", "f32[3]", "", (2,), freed=True),
        Node("Sub", "f32[3]", "gap", (3,), keeps=True),
        Node("", "f32[3]", "x", leaf=True, keeps=True, grad="f32[3]"),
    ),
)


def leaf(name, what="f32[16]", grad=""):
    return Node("", what, name, leaf=True, keeps=True, grad=grad)


def layers(count):
    """A net of so many linear layers with ReLU, as torch records it."""
    nodes = [Node("Sum", "f32[]", "y", (1,))]
    for layer in reversed(range(count)):
        at = len(nodes)
        nodes += [
            Node("Relu", "f32[4,16]", "", (at + 1,)),
            Node("Addmm", "f32[4,16]", "", (at + 2, at + 3) if not layer else (at + 2, at + 5, at + 3)),
            leaf(f"net.{2 * layer}.bias"),
            Node("T", "f32[16,16]", "", (at + 4,)),
            leaf(f"net.{2 * layer}.weight", "f32[16,16]"),
        ]
    return Graph(1, "y", tuple(nodes))


def residual(count):
    """Blocks that add what they compute to what they were given."""
    nodes = [Node("Mean", "f32[]", "y", (1,))]
    for block in reversed(range(count)):
        at = len(nodes)
        before = at + 4 if block else at + 2
        nodes += [
            Node("Add", "f32[2,8]", "", (before, at + 1)),
            Node("Addmm", "f32[2,8]", "", (at + 2, before, at + 3) if block else (at + 2, at + 3)),
            leaf(f"r.{block}.bias", "f32[8]"),
            leaf(f"r.{block}.weight", "f32[8,8]"),
        ]
    return Graph(1, "y", tuple(nodes))


SHARED = Graph(
    1,
    "z",
    (
        Node("Add", "f32[1]", "z", (1, 2)),
        Node("Mul", "f32[1]", "", (3,)),
        leaf("x", "f32[1]"),
        Node("Add", "f32[1]", "", (4, 5)),
        Node("Exp", "f32[1]", "y", (2,), freed=True),
        Node("Sin", "f32[1]", "", (4,)),
    ),
    hidden=7,
)
BRANCHES = Graph(
    1,
    "both",
    (
        Node("Cat", "f32[4]", "both", (1, 5)),
        *(Node("Tanh", "f32[2]", "", (number + 1,)) for number in range(1, 4)),
        Node("Split", "2 × f32[2]", "left, right", (10,), keeps=True),
        *(Node("Sigmoid", "f32[2]", "", (number + 1,)) for number in range(5, 10)),
        Node("ScaledDotProductFlashAttentionForCpu", "f32[2]", "", (11, 12)),
        leaf("encoder.layers.11.self_attn.in_proj_weight", "f32[2304,768]", "f32[2304,768]"),
        leaf(""),
    ),
)
DRAWN = {
    "graph-scalar": lambda look: graph(MISS, look),
    "graph-shared": lambda look: graph(SHARED, look),
    "graph-layers": lambda look: graph(layers(50), look),
    "graph-residual": lambda look: graph(residual(9), look, limit=20),
    "graph-branches": lambda look: graph(BRANCHES, look, limit=8, key="Alt+G"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_drawings(name, golden):
    golden(name, DRAWN[name])


def test_a_fold_opens_and_closes():
    closed = rows(layers(10), look())
    (fold,) = [row for row in closed if row.fold]
    opened = rows(layers(10), look(), frozenset({fold.key}))
    (same,) = [row for row in opened if row.fold]
    assert (fold.open, same.open, same.key) == (False, True, fold.key)
    assert len(opened) == 10 * 4 + 2 and len(closed) == 4 + 4 + 2  # the first and the last layer stay
    assert rows(layers(10), look(), True) == opened


def test_what_fits_is_drawn_without_folds(printed):
    assert "×" not in printed(graph(layers(3), look()), 60)
    assert "×" in printed(graph(layers(30), look()), 60)


def test_the_last_line_counts_what_is_left_and_names_the_key(printed):
    text = printed(graph(residual(9), look(), limit=10, key="Alt+G"), 60)
    assert len(text.splitlines()) == 10
    assert text.splitlines()[-1].startswith("… ") and text.rstrip().endswith("more lines; Alt+G shows all")


def test_side_branches_open_too():
    (fold,) = [row for row in rows(BRANCHES, look()) if row.fold and row.name == ""]
    assert len(rows(BRANCHES, look(), frozenset({fold.key}))) > len(rows(BRANCHES, look()))


@pytest.mark.parametrize("width", [20, 33, 60, 120])
def test_there_is_a_line_for_each_row_and_none_is_too_wide(width):
    for event in (MISS, SHARED, BRANCHES, layers(50), residual(9)):
        for open in (False, True):
            shown = rows(event, look(), open)
            drawn = lines(shown, look(), width)
            assert len(drawn) == len(shown) and max(line.cell_len for line in drawn) <= width


def test_every_node_is_drawn_once():
    for event in (MISS, SHARED, BRANCHES, layers(5), residual(9)):
        text = "\n".join(line.plain for line in lines(rows(event, look(), True), look(), 200))
        for node in event.nodes:
            if node.name:
                drawn = [line for line in text.splitlines() if f" {node.name}  " in line and "drawn" not in line]
                assert len(drawn) == 1, (node.name, text)


def test_an_empty_graph_is_a_title(printed):
    assert printed(graph(Graph(1, "y", ()), look()), 60) == "graph of y  0 operations, 0 leaves\n"


def test_two_thousand_nodes_are_no_burden():
    chain = Graph(
        1, "z", (*(Node(f"Op{n % 7}{n % 3}{n % 11}", "f32[1]", "", (n + 1,)) for n in range(1999)), leaf("x"))
    )
    wide = Graph(1, "z", (Node("Stack", "f32[9]", "z", tuple(range(1, 2000))), *[leaf(f"x{n}") for n in range(1999)]))
    nested = Graph(1, "z", (*(Node("Add", "f32[1]", "", (n + 1, n + 2)) for n in range(1998)), leaf("x"), leaf("y")))
    began = time.process_time()
    for event in (chain, wide, nested, residual(400)):
        assert graph(event, look()).lines(60)
        assert rows(event, look(), True)
    assert time.process_time() - began < 5
