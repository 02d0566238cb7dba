"""What a program left, described: any tensor, in any state, without running anybody's code."""

import math
import time

import pytest
import torch
from torch import nn

from tutor.inspection.namespace import own_attribute, tensors, type_text
from tutor.inspection.safe_repr import value_text
from tutor.inspection.tensor import describe
from tutor.protocol import codec

NAN = float("nan")


def freed(count: int = 5) -> torch.Tensor:
    tensor = torch.ones(count)
    tensor.untyped_storage().resize_(0)
    return tensor


def test_a_small_tensor_in_full():
    assert describe(torch.tensor([[1.0, 2.5], [-3.0, 4.0]]), "x") == codec.Tensor(
        name="x",
        dtype="f32",
        shape=(2, 2),
        low=-3.0,
        high=4.0,
        mean=1.125,
        strip=(1.0, 2.5, -3.0, 4.0),
        text="[[1.0, 2.5], [-3.0, 4.0]]",
    )


def test_where_it_stands_in_the_graph():
    x = nn.Parameter(torch.tensor([1.0, 2.0]))
    y = (x * 3).sum()
    y.backward()
    told = describe(x, "x")
    assert (told.leaf, told.requires_grad, told.kind, told.grad_fn) == (True, True, "Parameter", "")
    assert (told.grad.name, told.grad.text, told.grad.grad) == ("x.grad", "[3.0, 3.0]", None)
    told = describe(y, "y")
    assert (told.leaf, told.requires_grad, told.grad_fn, told.grad, told.text) == (False, True, "Sum", None, "9.0")
    assert describe(x, "x", depth=0).grad is None


def test_a_retained_gradient_is_told_and_one_that_is_not_is_not_asked_for():
    x = torch.ones(2, requires_grad=True)
    kept, lost = x * 2, x * 3
    kept.retain_grad()
    (kept + lost).sum().backward()
    assert describe(kept, "kept").grad.text == "[1.0, 1.0]"
    assert describe(lost, "lost").grad is None  # reading it would warn, and warnings are errors here


@pytest.mark.parametrize(
    ("dtype", "short"),
    [
        ("float32", "f32"),
        ("float64", "f64"),
        ("float16", "f16"),
        ("bfloat16", "bf16"),
        ("int64", "i64"),
        ("int8", "i8"),
        ("uint8", "u8"),
        ("uint16", "u16"),
        ("uint64", "u64"),
        ("bool", "bool"),
        ("float8_e4m3fn", "f8e4m3fn"),
    ],
)
@pytest.mark.parametrize("count", [3, 100])
def test_every_dtype(dtype, short, count):
    told = describe(torch.ones(count).to(getattr(torch, dtype)), "x")
    assert (told.dtype, told.low, told.high, told.mean, told.note) == (short, 1.0, 1.0, 1.0, "")
    assert set(told.strip) == {1.0}


def test_complex_values_have_no_order():
    told = describe(torch.tensor([1 + 2j, 3j]).conj(), "x")
    assert (told.dtype, told.text, told.low, told.strip) == ("c64", "[(1-2j), -3j]", None, ())
    assert describe(torch.ones(100, dtype=torch.complex64), "x").strip == ()


@pytest.mark.parametrize("count", [4, 100])
def test_what_is_not_finite(count):
    x = torch.arange(float(count))
    x[0], x[1], x[2] = NAN, math.inf, -math.inf
    told = describe(x, "x")
    assert (told.nans, told.infs, told.low, told.high) == (1, 2, 3.0, count - 1.0)
    assert told.strip[0] is None
    told = describe(torch.full((count,), NAN), "x")
    assert (told.nans, told.low, told.high, told.mean) == (count, None, None, None)


def test_empty_ones():
    assert describe(torch.empty(0), "x") == codec.Tensor("x", "f32", (0,), text="[]")
    assert describe(torch.empty(3, 0, 2), "x").text == "[]"


def test_the_strip_is_evenly_picked_in_reading_order():
    x = torch.arange(63.0).reshape(9, 7)
    assert describe(x, "x").strip == tuple(float(2 * i) for i in range(32))
    assert describe(x.t().contiguous().t(), "x").strip == describe(x, "x").strip
    assert len(describe(torch.randn(1000), "x").strip) == 32


@pytest.mark.parametrize(
    ("make", "note"),
    [
        (freed, "storage freed"),
        (lambda: torch.ones(2, device="meta"), "meta: it has a shape and no values"),
        (lambda: torch.eye(3).to_sparse(), "sparse coo"),
        (lambda: torch.eye(3).to_sparse_csr(), "sparse csr"),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparse")
def test_what_must_not_be_read_is_told_without_its_values(make, note):
    told = describe(make(), "x")
    assert (told.note, told.strip, told.text, told.low) == (note, (), "", None)


def test_a_storage_that_is_only_partly_there():
    x = torch.arange(10.0)
    head, tail = x[:3], x[5:]
    x.untyped_storage().resize_(12)
    assert describe(head, "head").text == "[0.0, 1.0, 2.0]"
    assert describe(tail, "tail").note == "storage freed"


def test_a_tensor_left_from_a_transform_and_a_wrapper():
    leaked = []
    torch.func.vmap(lambda row: leaked.append(row) or row)(torch.ones(2, 3))
    assert describe(leaked[0], "x").note

    class Wrapper(torch.Tensor):
        @classmethod
        def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
            raise RuntimeError("asked")

    told = describe(torch.Tensor._make_wrapper_subclass(Wrapper, (2, 3)), "x")
    assert (told.kind, told.shape, told.note) == ("Wrapper", (2, 3), "a subclass that computes in its own way")


def test_a_subclass_has_no_say():
    class Loud(torch.Tensor):
        shape = property(lambda self: 1 / 0)
        dtype = property(lambda self: 1 / 0)
        grad = property(lambda self: 1 / 0)

        def __repr__(self):
            raise RuntimeError

        @classmethod
        def __torch_function__(cls, *args, **kw):
            raise RuntimeError

    with torch._C.DisableTorchFunction():
        loud = torch.ones(2).as_subclass(Loud)
    told = describe(loud, "x")
    assert (told.kind, told.shape, told.text) == ("Loud", (2,), "[1.0, 1.0]")
    assert value_text(loud) == "<Loud f32[2]>"
    assert type_text(loud) == "f32[2]"


def test_a_huge_tensor_is_sampled_quickly():
    x = torch.zeros(1).expand(10**9).view(10**4, 10**5)
    began = time.process_time()
    told = describe(x, "x")
    assert time.process_time() - began < 0.2  # 20 ms at most on an idle machine, and 4 s if it were read
    assert (told.sampled, told.low, told.high, len(told.strip)) == (True, 0.0, 0.0, 32)
    assert not describe(torch.zeros(1 << 17), "x").sampled


def test_describing_changes_nothing():
    torch.manual_seed(1)
    state = torch.default_generator.get_state()
    x = torch.randn(200, requires_grad=True)
    state = torch.default_generator.get_state()
    version = x._version
    with torch.autocast("cpu"), torch.device("meta"):
        told = describe(x, "x")
        describe(torch.zeros(1, device="cpu").expand(10**6), "x")
    assert told.low == x.min().item()
    assert torch.equal(torch.default_generator.get_state(), state)
    assert (x._version, x.grad, x.requires_grad) == (version, None, True)


# --- the tensors of a program -----------------------------------------------------------------------------------


def test_tensors_in_the_order_of_their_names():
    net = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    x = torch.ones(1)
    names = {
        "torch": torch,
        "x": x,
        "_private": x,
        "net": net,
        "n": 3,
        "xs": [x, torch.zeros(1)],
        "d": {"k": torch.ones(2), 2: 1},
    }
    told, hidden = tensors(names | {"alias": x, "qr": torch.linalg.qr(torch.eye(2))})
    assert [each.name for each in told] == [
        "x",
        "net.0.weight",
        "net.0.bias",
        "net.1.weight",
        "net.1.bias",
        "net.1.running_mean",
        "net.1.running_var",
        "net.1.num_batches_tracked",
        "xs[1]",
        "d['k']",
        "alias",
        "qr[0]",
        "qr[1]",
    ]
    assert hidden == 0


def test_what_is_too_many_is_counted():
    told, hidden = tensors({"xs": [torch.ones(1) for _ in range(20)]})
    assert (len(told), hidden) == (8, 12)
    told, hidden = tensors({f"x{i}": torch.ones(1) for i in range(50)})
    assert (len(told), hidden) == (40, 10)


def test_a_module_that_holds_itself_and_one_that_shares():
    net = nn.Module()
    net.a = nn.Linear(1, 1, bias=False)
    net.b = net.a
    net.a._modules["loop"] = net
    assert [each.name for each in tensors({"net": net})[0]] == ["net.a.weight"]


def test_nothing_of_the_learners_is_called():
    called = []

    class Evil:
        def __getattribute__(self, name):
            called.append(name)
            raise RuntimeError

        __iter__ = __len__ = __repr__ = __eq__ = __hash__ = lambda self, *args: called.append(1)

    class Net(nn.Module):
        def named_parameters(self, *args, **kw):
            called.append("named_parameters")

        def __getattr__(self, name):
            called.append(name)

    assert tensors({"evil": Evil(), "net": Net(), "many": [Evil()], "by": {1: Evil()}}) == ((), 0)
    assert value_text([Evil()]) == "[<Evil object>]"
    assert (type_text(Evil()), own_attribute(Evil(), "x")) == ("Evil", (False, None))
    assert called == []


def test_attributes_in_an_objects_own_tables():
    net = nn.Linear(2, 1)
    net.rate = 0.5
    assert own_attribute(net, "weight") == (True, net.weight)
    assert own_attribute(net, "rate") == (True, 0.5)
    assert own_attribute(net, "forward") == (False, None)
    assert own_attribute(3, "real") == (False, None)


def test_what_a_value_is_in_a_word():
    values = torch.ones(2, 3), 1, None, nn.ReLU(), [1]
    assert [type_text(value) for value in values] == ["f32[2,3]", "int", "None", "ReLU", "list"]
    assert [type_text(v) for v in (torch, print, int, lambda: 1)] == ["", "", "", ""]


@pytest.mark.parametrize("values", [torch.randn(1000), torch.randn(1000, dtype=torch.float64), torch.arange(1000) - 7])
def test_range_and_mean_of_many(values):
    for changed in (values, torch.cat([values.double(), torch.tensor([NAN, math.inf])])):
        told = describe(changed, "x")
        assert (told.low, told.high) == (values.min().item(), values.max().item())
        assert told.mean == pytest.approx(values.double().mean().item())
