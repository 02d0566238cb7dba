"""What each line shows at its end: the names it bound, as they were when it was last passed."""

from __future__ import annotations

import textwrap

import pytest

from tutor.protocol.codec import CheckCell, Hint, Hints, Raised


async def hints(run, source: str, **settings: object) -> dict[int, str]:
    """The lines of the program that got a hint, and the hint as text."""
    return drawn((await run(textwrap.dedent(source).lstrip(), **settings)).one(Hints))


def drawn(event: Hints) -> dict[int, str]:
    return {hint.line: line(hint) for hint in event.lines}


def line(hint: Hint) -> str:
    told = "   ".join(f"{b.name} {b.what}{' ∇' if b.grad else ''}" for b in hint.bindings)
    return f"{'✗ ' if hint.raised else ''}{told}{f' ×{hint.passes}' if hint.passes > 1 else ''}"


async def test_every_way_to_bind_a_name(run) -> None:
    source = """
        import torch
        x = y = torch.ones(2, 3, requires_grad=True)
        a, (b, *c) = 1, (2.5, "hey", None)
        total: float = 0.03125
        total += 1
        if (n := len(c)) > 1:
            pass
        with torch.no_grad() as nothing, open("/dev/null") as file:
            pass
        match c:
            case [first, *rest]:
                pass
        values, places = torch.rand(3, 4).max(dim=1)
        squares = [last := i * i for i in range(4)]
        mixed = {"a": x}; shape = x.shape; kind = torch.bool; net = torch.nn.Linear(2, 1)
        _private = 1
        double = lambda z: z * 2
        w = torch.nn.Parameter(torch.zeros(2))
        big, flag, none = 10**20, True, None
        half = torch.tensor(0.5, dtype=torch.bfloat16)
    """
    assert await hints(run, source) == {
        2: "x f32[2,3] ∇   y f32[2,3] ∇",
        3: "a 1   b 2.5   c list[2]",
        4: "total 0.03125",
        5: "total 1.0312",
        6: "n 2",
        8: "nothing None   file TextIOWrapper",
        11: "first 'hey'   rest list[1]",
        13: "values f32[3]   places i64[3]",
        14: "last 9   squares list[4] ×4",
        15: "mixed dict[1]   shape Size([2, 3])   kind bool   net Linear",
        18: "w f32[2] ∇",
        19: "big int   flag True   none None",
        20: "half 0.5",
    }


async def test_changes_in_place_are_bindings_too(run) -> None:
    source = """
        import torch
        x = torch.zeros(3)
        x[0] = 5
        x.requires_grad = True
        x.grad = torch.ones(3)
        with torch.no_grad():
            x.unsqueeze_(0)
        seen = []
        seen.append(1)
        class Box: pass
        box = Box()
        box.size = 3
        x.detach_()
    """
    assert await hints(run, source) == {
        2: "x f32[3]",
        3: "x f32[3]",
        4: "x f32[3] ∇",
        5: "x.grad f32[3]",
        7: "x f32[1,3] ∇",
        8: "seen list[0]",
        9: "seen list[1]",
        11: "box Box",
        12: "box.size 3",
        13: "x f32[1,3]",
    }


LOOP = """
batches = [torch.ones(4, 2), torch.ones(4, 2), torch.ones(3, 2)]
losses = []
for number, batch in enumerate(batches):
    rows = []
    for row in batch:
        rows.append(row)
        if row.sum() > 9:
            never = row
    loss = batch.sum() * number
    if number == 1:
        middle = loss
    losses.append(loss.item())
while len(losses) > 1:
    losses = losses[1:]
"""
LOOP_HINTS = {
    1: "batches list[3]",
    2: "losses list[0]",
    3: "number 2   batch f32[3,2] ×3",
    4: "rows list[0] ×3",
    5: "row f32[2] ×11",
    6: "rows list[3] ×11",
    9: "loss 12.0 ×3",
    11: "middle 8.0",
    12: "losses list[3] ×3",
    14: "losses list[1] ×2",
}


@pytest.mark.parametrize("function", [False, True])
async def test_a_loop_shows_its_last_pass_and_how_many_there_were(run, function: bool) -> None:
    body = textwrap.indent(LOOP, "    ") if function else LOOP
    source = f"import torch\ndef f():{body}f()\n" if function else f"import torch\n{LOOP}"
    assert {number - 2: text for number, text in (await hints(run, source)).items()} == LOOP_HINTS


async def test_a_loop_that_stops_early(run) -> None:
    source = """
        import torch
        for n in range(5):
            x = torch.ones(n + 1)
            if n == 2:
                break
            y = x * 2
        for never in []:
            z = 1
    """
    assert await hints(run, source) == {2: "n 2 ×3", 3: "x f32[3] ×3", 6: "y f32[2] ×2"}


async def test_a_loop_shows_what_it_gave_though_the_name_became_something_else(run) -> None:
    source = """
        import torch
        def bump():
            global a
            a = "bumped"
            b.append(1)
        for n in range(2):
            a = n
            b = []
            c = torch.ones(n + 1)
            c.unsqueeze_(0)
            d = n
            e = f = n
            g = n
            bump()
        d = "after"
        for e in "xy":
            pass
        del g
        def f(): pass
    """
    told = await hints(run, source)
    assert {line: told[line] for line in (7, 8, 9, 10, 11, 12, 13)} == {
        7: "a 1 ×2",
        8: "b list[0] ×2",
        9: "c f32[2] ×2",
        10: "c f32[1,2] ×2",
        11: "d 1 ×2",
        12: "e 1   f 1 ×2",
        13: "g 1 ×2",
    }


async def test_functions_show_their_parameters_and_locals(run) -> None:
    source = '''
        import torch
        from torch import nn
        class Net(nn.Module):
            """A net."""
            def __init__(self, width):
                super().__init__()
                self.hidden = nn.Linear(3, width)
            def forward(self, x, *more, scale=2.0, **rest):
                """Forward."""
                h = self.hidden(x)
                return h * scale
        net = Net(4)
        for size in (2, 5):
            out = net(torch.ones(size, 3))
    '''
    assert await hints(run, source) == {
        5: "width 4",
        7: "self.hidden Linear",
        8: "x f32[5,3]   more tuple[0]   scale 2.0   rest dict[0] ×2",
        10: "h f32[5,4] ∇ ×2",
        12: "net Net",
        13: "size 5 ×2",
        14: "out f32[5,4] ∇ ×2",
    }


async def test_attributes_in_slots_are_shown_as_others_are(run) -> None:
    source = """
        class Point:
            __slots__ = ("x", "y")
            def __init__(self, x):
                self.x, self.y = x, [x]
        class Named(Point):
            def __init__(self, x, name):
                super().__init__(x)
                self.name = name
        Named(3, "a")
    """
    assert await hints(run, source) == {
        3: "x 3",
        4: "self.x 3   self.y list[1]",
        6: "x 3   name 'a'",
        8: "self.name 'a'",
    }


async def test_the_last_expression_may_change_a_name(run) -> None:
    assert await hints(run, "import torch\nx = torch.ones(2)\nx.unsqueeze_(0)\n") == {2: "x f32[2]", 3: "x f32[1,2]"}


async def test_an_error_shows_its_operands_and_leaves_what_came_before(run) -> None:
    source = """
        import torch
        def product(a, b):
            c = a @ b
            return c
        x = torch.ones(2, 3)
        y = product(x, x)
        z = 1
    """
    assert await hints(run, source) == {
        2: "a f32[2,3]   b f32[2,3]",
        3: "✗ a f32[2,3]   b f32[2,3]",
        5: "x f32[2,3]",
    }
    ran = await run("x = 1\ny = = 2\n")
    assert drawn(ran.one(Hints)) == {2: "✗ "} and ran.one(Raised).type == "SyntaxError"


async def test_compiled_functions_tell_nothing_and_say_so(run) -> None:
    source = """
        import torch
        def f(x):
            y = x * 2
            return y
        f = torch.compile(f, fullgraph=True, backend="eager")
        z = f(torch.ones(3))
    """
    event = (await run(textwrap.dedent(source).lstrip())).one(Hints)
    assert event.note == "compiled" and drawn(event) == {6: "z f32[3]"}


@pytest.mark.parametrize(
    "watching",
    [
        "import cProfile, pstats\np = cProfile.Profile()\np.runcall(f, 1)\nprint(len(pstats.Stats(p).stats))",
        "import sys\nsys.setprofile(lambda frame, event, _: print(event, frame.f_lineno))\nf(1)\nsys.setprofile(None)",
        "import dis\nprint([i.opname for i in dis.get_instructions(f)])",
        "print(f.__code__.co_names, f.__code__.co_consts)",
    ],
)
async def test_a_program_that_watches_itself_sees_only_itself(run, watching: str) -> None:
    source = f"def f(x):\n    y = x\n    return y\n{watching}\n"
    observed, plain = await run(source), await run(source, observe=False)
    assert observed.text() == plain.text() != ""
    assert observed.one(Hints).note == "watches itself" and not observed.one(Hints).lines


async def test_checks_that_call_the_learners_functions_leave_hints_alone(run) -> None:
    check = CheckCell('def doubles(run):\n    """It doubles"""\n    assert [run.f(n) for n in range(9)]\n', "c.py", 1)
    ran = await run("def f(x):\n    y = x * 2\n    return y\nf(3)\n", check=check)
    assert ran.verdict == ["passed"]
    assert drawn(ran.one(Hints)) == {1: "x 3", 2: "y 6"}


async def test_no_hints_where_nobody_observes(run) -> None:
    assert not (await run("x = 1\n", observe=False)).of(Hints)


async def test_values_of_any_kind_are_named_without_being_touched(run) -> None:
    source = """
        import torch
        class Meta(type):
            def __hash__(cls): raise SystemExit("hash")
            def __eq__(cls, other): raise SystemExit("eq")
            def __getattribute__(cls, name): raise SystemExit("asked")
        class Evil(metaclass=Meta):
            def __len__(self): raise SystemExit("len")
            def __repr__(self): raise SystemExit("repr")
        evil = object.__new__(Evil)
        evils = [evil]
        meta = torch.ones(2, device="meta").sum()
        nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
        sparse = torch.eye(3).to_sparse()
        freed = torch.ones(4)[2]
        freed.untyped_storage().resize_(0)
        gone = freed
        empty = torch.ones(())
        empty.untyped_storage().resize_(0)
        still = empty
    """
    told = await hints(run, source)
    assert told[9] == "evil Evil" and told[10] == "evils list[1]" and told[11] == "meta f32[] meta"
    assert told[13] == "sparse f32[3,3]" and told[16] == "gone f32[]" and told[19] == "still f32[]"
    assert 12 in told


async def test_nothing_is_kept_alive(run) -> None:
    source = """
        import torch, weakref
        def f():
            for n in range(3):
                x = torch.ones(1000, requires_grad=True)
                y = (x * 2).sum()
                held = weakref.ref(x), weakref.ref(y), weakref.ref(y.untyped_storage())
                y.backward()
                del x, y
                print([ref() is None for ref in held])
        f()
        big = torch.ones(1000)
        gone = weakref.ref(big)
        big = None
        print(gone() is None)
        z = (torch.ones(3, requires_grad=True) * 2).sum()
        graph = z.grad_fn.metadata
        graph["node"] = Node = type("Node", (), {})()
        node = weakref.ref(Node)
        del Node, graph
        z.backward()
        del z
        print(node() is None)
    """
    ran = await run(textwrap.dedent(source).lstrip())
    assert ran.text().splitlines() == ["[True, True, True]"] * 3 + ["True", "True"]


async def test_memory_at_its_peak_is_the_same(run) -> None:
    source = textwrap.dedent(
        """
        import resource, torch
        def step():
            x = torch.ones(10_000_000)
            y = x * 2
            z = y + x
            return z.sum()
        step()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(4):
            a = step()
            b = torch.zeros(10_000_000)
            b = b + a
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        """
    )
    observed, plain = [int((await run(source, observe=observe)).text()) for observe in (True, False)]
    assert observed < plain + 20_000  # KiB: half a tensor, each of which has pages of its own
