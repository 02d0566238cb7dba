"""Mutants differ from the solution in one place of what the learner writes."""

from __future__ import annotations

import pytest

from tutor.verification.mutants import Edit, mutants, mutate, overlap


def changed_lines(snippet: str, solution: str) -> list[str]:
    """The line that each mutant has in the place of the first that it changed; empty where that is gone."""
    found = mutants(snippet, solution)
    return [(mutant.source.splitlines()[mutant.line - 1 :] or [""])[0] for mutant in found]


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("y = a + b", {"y = a - b", "y = a * b"}),
        ("y = a - b", {"y = a + b", "y = b - a"}),
        ("y = a @ b", {"y = a * b", "y = b @ a"}),
        ("y = -a", {"y = a"}),
        ("y = 3", {"y = 4", "y = 2", "y = 6", "y = 1", "y = 0", "y = -3"}),
        ("y = 0.5", {"y = 1.5", "y = -0.5", "y = 1.0", "y = 0.25", "y = 0.0"}),
        ("y = True", {"y = False"}),
        ("y = a < b", {"y = a <= b", "y = a > b"}),
        ("y = a.sum(dim=1)", {"y = a.mean(dim=1)", "y = a.sum()", "y = a.sum(dim=0)", "y = a.sum(dim=-1)", "y = a"}),
        ("y = f(a, b=c)", {"y = f(a)"}),
        ("y = f(b=c)", {"y = f()"}),
        ("y = f(b=c, d=e)", {"y = f(d=e)", "y = f(b=c)"}),
        ("y = f(a, b)", {"y = f(b, a)", "y = f(a)", "y = f(b)"}),
        ("a = 1\nb = 2\ny = a", {"y = b"}),
        ("y = a.to(torch.float32)", {"y = a.to(torch.float64)", "y = a.to(torch.int64)"}),
        ("y = optim.SGD(p)", {"y = optim.Adam(p)"}),
        ("y = loss(a, reduction='sum')", {"y = loss(a, reduction='mean')"}),
        ("y += a", {"y -= a", "y *= a"}),
        ("a.backward()", {"pass", "a.backward()"}),
        ("with torch.no_grad():\n    a.add_(1)", {"if True:", "with torch.enable_grad():"}),
        ("if a:\n    b()", {"if not (a):"}),
        ("é = 'ü' + a", {"é = 'ü' - a"}),
    ],
)
def test_each_kind_of_change(solution: str, expected: set[str]) -> None:
    assert expected <= {*changed_lines("", solution)}


def test_what_is_given_stays() -> None:
    snippet = "x = torch.tensor([1.0, 2.0])\ny = x * 3"
    solution = "x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x * 3"
    assert changed_lines(snippet, solution) == [
        "x = torch.tensor([1.0, 2.0])",
        "x = torch.tensor([1.0, 2.0], requires_grad=False)",
    ]


def test_one_difference_is_undone_and_the_others_stay() -> None:
    snippet = "a = f(dim=0)\nb = f(dim=0)"
    assert {"a = f(dim=0)\nb = f(dim=1)", "a = f(dim=1)\nb = f(dim=0)"} <= {
        mutant.source for mutant in mutants(snippet, "a = f(dim=1)\nb = f(dim=1)")
    }
    assert "y = x.clone().t()" in changed_lines("y = x.clone().t()", "y = x.t()")


def test_statements_are_dropped_doubled_and_moved() -> None:
    snippet = "for a in b:\n    one()\n    last()"
    sources = {mutant.source for mutant in mutants(snippet, "for a in b:\n    one()\n    two(a)\n    last()")}
    assert "for a in b:\n    one()\n    pass\n    last()" in sources
    assert "for a in b:\n    one()\n    two(a)\n    two(a)\n    last()" in sources
    assert "for a in b:\n    two(a)\n    one()\n    last()" in sources
    assert "for a in b:\n    one()\n    last()\n    two(a)" in sources


def test_where_something_is_printed_is_nobodys_mistake() -> None:
    sources = {mutant.source for mutant in mutants("print(x)", "x.backward()\nprint(x)")}
    assert "print(x)\nx.backward()" not in sources


def test_a_solution_that_is_its_own_snippet_has_none() -> None:
    assert mutants("x = 1 + 2", "x = 1 + 2") == []


def test_a_variable_is_not_renamed_after_a_method() -> None:
    assert not {line for line in changed_lines("", "mean = 1\ny = mean") if "sum" in line}


def test_a_variable_stands_only_for_those_that_come_before_it() -> None:
    lines = changed_lines("a = 1\nb = 2\nc = 3", "a = 1\nb = 2\ny = a\nc = 3")
    assert "y = b" in lines and "y = c" not in lines and "y = y" not in lines


def test_two_at_once() -> None:
    one, other = mutate("y = 1 + a", Edit(4, 5, "2")), mutate("y = 1 + a", Edit(6, 7, "-"))
    assert not overlap(one, other) and overlap(one, one)
    assert mutate("y = 1 + a", *one.edits, *other.edits).source == "y = 2 - a"
