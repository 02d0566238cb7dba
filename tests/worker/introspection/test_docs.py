"""What the name under the cursor is: in the installed torch's own words, or the draft's."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import torch

from tests.conftest import RunIt
from tests.worker.introspection.test_completion import DRAFT
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Docs, Documented

Ask = Callable[[str], Awaitable[Documented]]


@pytest.fixture
def ask(runner: WorkerClient) -> Ask:
    """``await ask(draft)``: what the name is at which ``|`` stands in it."""

    async def go(source: str) -> Documented:
        before, _, after = source.partition("|")
        row, column = before.count("\n"), len(before.rpartition("\n")[2])
        answer = await runner.ask(Docs(runner.new_id(), before + after, row, column))
        assert isinstance(answer, Documented)
        return answer

    return go


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [
        ("nn.Lin|ear(3, 2)", "torch.nn.Linear", "class"),
        ("|nn.Linear(3, 2)", "torch.nn", "module"),
        ("F.mse_loss|(x, y)", "torch.nn.functional.mse_loss", "function"),
        ("torch.ad|d", "torch.add", "function"),
        ("x.view|", "torch.Tensor.view", "method"),
        ("net(x).rel|u()", "torch.Tensor.relu", "method"),
        ("y.grad|", "torch.Tensor.grad", "value"),
        ("optimizer.st|ep()", "torch.optim.SGD.step", "method"),
        ("optimi|zer", "torch.optim.SGD", "value"),
        ("net.fir|st", "torch.nn.Linear", "value"),
        ("schedule|", "torch.optim.lr_scheduler.StepLR", "value"),
        ("math.p|i", "math.pi", "value"),
        ("len|(x)", "len", "function"),
        ("from torch import n|n", "torch.nn", "module"),
        ("import torch.nn.func|tional as FF", "torch.nn.functional", "module"),
        ("from torch.optim import SG|D as S", "torch.optim.SGD", "class"),
        ("torch.optim.SGD( | )", "torch.optim.SGD", "class"),
        ("Ne|t", "Net", "class"),
        ("net.forw|ard", "net.forward", "method"),
    ],
)
async def test_the_name_under_the_cursor(ask: Ask, line: str, name: str, kind: str) -> None:
    answer = await ask(DRAFT + line)
    assert (answer.name, answer.kind) == (name, kind)


async def test_every_value_that_a_tensor_has_is_documented(ask: Ask) -> None:
    """Also ``imag``, which raises when a tensor of real numbers is asked for it."""
    values = [name for name in dir(torch.Tensor) if not (name.startswith("_") or callable(getattr(torch.Tensor, name)))]
    assert "imag" in values
    assert {(await ask(f"{DRAFT}x.{name}|")).kind for name in values} == {"value"}


async def test_every_module_that_is_built_in_is_documented(ask: Ask) -> None:
    """They have no file."""
    modules = [name for name in sys.builtin_module_names if name in sys.stdlib_module_names and name[0] != "_"]
    assert "time" in modules
    assert {(await ask(f"import {name}|")).kind for name in modules} == {"module"}


async def test_words_and_place_are_those_of_the_installed_torch(ask: Ask) -> None:
    linear = await ask("import torch\ntorch.nn.Lin|ear")
    assert linear.text.splitlines()[0] == (torch.nn.Linear.__doc__ or "").splitlines()[0]
    assert linear.signature.startswith("(in_features, out_features, bias=True")
    place, line = linear.where.split(":")
    source = Path(torch.__file__).parent.parent / place
    assert source.read_text().splitlines()[int(line) - 1] == "class Linear(Module):"
    add = await ask("import torch\ntorch.ad|d")
    assert add.signature == "(input, other, *, alpha=1, out=None) -> Tensor" and add.where == ""
    pooled = await ask("import torch\ntorch.nn.functional.max_pool2d|")
    assert pooled.signature.startswith("(input, kernel_size, stride=None")
    backward = await ask("import torch\ntorch.ones(1).backward|")
    assert backward.signature.startswith("(gradient=None, retain_graph=None")


async def test_an_argument_is_told_by_what_is_called(ask: Ask) -> None:
    answer = await ask(DRAFT.replace("lr=0.1", "l|r=0.1"))
    assert (answer.name, answer.note) == ("torch.optim.SGD", "`lr` is an argument of it.")


async def test_what_the_draft_defines_is_told_in_its_own_words(ask: Ask) -> None:
    source = 'class A:\n    """An A."""\n    def f(self, n: int = 3) -> str:\n        """Does f."""\na = A()\n'
    answer = await ask(source + "a.f|(2)")
    assert (answer.signature, answer.text) == ("(n: int=3) -> str", "Does f.")
    assert answer.note == "It is defined in this draft, in line 3."
    value = await ask(source + "a|")
    assert (value.name, value.kind, value.text, value.note) == ("A", "value", "An A.", "`a` is a value of this class.")


@pytest.mark.parametrize(
    ("source", "signature"),
    [
        ("@dataclass\nclass A:\n    n: int\n    m: int = 3\nA|(1)", "(n: int, m: int=3)"),
        ("@dataclass(frozen=True)\nclass A:\n    n: int = field(default=2)\nA|()", "(n: int=2)"),
        ("@dataclass\nclass A:\n    n: list = field(default_factory=list)\nA|()", "(n: list=…)"),
        ("@dataclass\nclass A:\n    n: ClassVar[int] = 2\n    m: int = field(init=False)\nA|()", "()"),
        ("@dataclass\nclass A:\n    n: int\n@dataclass\nclass B(A):\n    m: int\nB|(1, 2)", "(n: int, m: int)"),
        ("class A(NamedTuple):\n    n: int\nA|(1)", "(n: int)"),
        ("class A:\n    n: int\nA|()", "()"),
        ("double = lambda t, by=2: t * by\ndou|ble(3)", "(t, by=2)"),
    ],
)
async def test_what_has_no_def_is_called_as_it_says(ask: Ask, source: str, signature: str) -> None:
    lead = "from dataclasses import dataclass, field\nfrom typing import ClassVar, NamedTuple\n"
    answer = await ask(lead + source)
    assert answer.signature == signature


async def test_a_tensor_is_told_as_the_last_run_left_it(run: RunIt, ask: Ask) -> None:
    source = "import torch\nseen = torch.zeros(3, 4)\n"
    await run(source, shelve=True)
    answer = await ask(source + "seen|")
    assert answer.name == "torch.Tensor"
    assert answer.note == "`seen` is a value of this class, f32[3,4] after the last run."


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("# tor|ch", "There are no names in text and comments."),
        ("x = 'tor|ch'", "There are no names in text and comments."),
        ("fo|r i in x: pass", "`for` is a word of Python itself."),
        ("x = 1 |+ 2", "There is no name here."),
        ("|", "There is no name here."),
        ("nothing|.at.all", "Nothing is known of `nothing`. After a run that makes it, there may be."),
        ("import mylib\nmyl|ib", "Nothing is known of `mylib`. After a run that makes it, there may be."),
        ("import this\nth|is", "Nothing is known of `this`. After a run that makes it, there may be."),
    ],
)
async def test_where_nothing_is_known_it_says_why(ask: Ask, source: str, note: str) -> None:
    answer = await ask(source)
    assert (answer.name, answer.note) == ("", note)


async def test_no_line_of_the_draft_is_run_and_no_module_of_the_learners_imported(ask: Ask, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = (
        f"open({str(mark)!r}, 'w')\nimport sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport random, evil\n"
        f"class Meta(type):\n    def __getattr__(cls, name): open({str(mark)!r}, 'w')\n"
        "class A(metaclass=Meta):\n    pass\n"
    )
    for module in ("evil", "random"):
        (tmp_path / f"{module}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    for line in ("A.x|", "evil.x|", "random.randint|"):
        answer = await ask(evil + line)
    assert answer.name == "random.randint" or answer.name.endswith("Random.randint")
    assert not mark.exists()
