"""Every drawing against its golden text, at several widths, in Unicode and ASCII."""

import math
import time
from dataclasses import fields, is_dataclass, replace

import pytest
from rich.cells import cell_len

from tutor.curriculum.lesson import Check, Code, Lesson, Supplement
from tutor.protocol.codec import Checked, Ended, Frame, Operand, Raised, Tensor, Tensors, Value
from tutor.render.learner.lesson_list import listing
from tutor.render.run.error import raised
from tutor.render.run.verdict import checked, ended
from tutor.render.tensor.tensor_rows import tensors, value
from tutor.render.text.code import diff
from tutor.render.text.markdown import lesson_text
from tutor.render.text.style import look
from tutor.render.text.transcript import Transcript

X = Tensor(
    "x", "f32", (3,), requires_grad=True, low=1, high=4, mean=7 / 3, strip=(1.0, 2.0, 4.0), text="[1, 2, 4]",
    grad=Tensor("x.grad", "f32", (3,), low=-4, high=2, mean=-4 / 3, strip=(-4.0, -2.0, 2.0), text="[-4, -2, 2]"),
)  # fmt: skip
RAMP = tuple(math.sin(step / 5) for step in range(32))
FEW = Tensors(
    1, (X, Tensor("miss", "f32", (), leaf=False, requires_grad=True, grad_fn="Sum", low=6, high=6, text="6.0"))
)
MANY = Tensors(
    1,
    (
        X,
        Tensor("images", "f32", (32, 1, 28, 28), low=-0.4242, high=2.8215, mean=0.0131, strip=RAMP, sampled=True),
        Tensor("logits", "bf16", (32, 10), "cuda:0", False, True, "Addmm", low=-1.5, high=2.25, mean=0.1, strip=RAMP),
        Tensor(
            "encoder.layers.0.self_attn.in_proj_weight", "f32", (2304, 768), "cuda:0", True, True, "", "Parameter",
            -0.0612, 0.0612, 0.0, 0, 0, RAMP,
            grad=Tensor("", "f32", (2304, 768), "cuda:0", low=0.0, high=0.0, mean=0.0, strip=(0.0,) * 32),
        ),
        Tensor("broken", "f32", (6,), low=-1, high=1, mean=0, nans=2, infs=1, strip=(-1.0, None, None, 0.5, 1.0, None)),
        Tensor("frozen", "f64", (2, 2), kind="Parameter", low=0, high=1e-7, mean=1e-8, strip=(0.0, 1e-7, 0.0, 0.0)),
        Tensor("ghost", "f32", (8, 8), "meta", note="meta: has no values"),
        Tensor("mask", "bool", (0,)),
    ),
    hidden=12,
)  # fmt: skip

FAILED = (
    Checked(1, "a", "`x` is a leaf that tracks gradients", "passed"),
    Checked(
        1, "b", "`weights` holds the softmax of `scores` over its last dimension, and every row sums to one", "failed",
        "`weights` is right in shape and dtype, but 6 of its 6 values differ, by up to 0.42 at `weights[1, 2]`.",
        "The numbers fit a softmax over dim 0: try `dim=-1`.", "wrong-dim",
        Tensor("weights", "f32", (2, 3), low=0.1, high=0.9, strip=(0.1, 0.2, 0.9, 0.3, 0.5, 0.4)),
        Tensor("", "f32", (2, 3), low=0.09, high=0.66, strip=(0.09, 0.24, 0.66, 0.1, 0.2, 0.7)),
    ),
    Checked(1, "c", "`x.grad` holds d miss/dx = 2(x - 3)", "waits"),
)  # fmt: skip
BROKEN = (
    FAILED[0],
    Checked(1, "b", "`y` is new", "broken", "lessons/tensors/view.py:41: NameError: name 'exepct' is not defined"),
)
PASSED = (FAILED[0], Checked(1, "c", "`x.grad` holds d miss/dx = 2(x - 3)", "passed"))

SHAPES = Raised(
    1, "RuntimeError", "mat1 and mat2 shapes cannot be multiplied (32x784 and 256x784)",
    (
        Frame(14, "<module>", "loss = train(model, data)", 7, 25),
        Frame(9, "train", "hidden = torch.relu(x @ w)  # the first layer", 20, 25),
    ),
    (Operand("x", "f32[32,784]"), Operand("w", "f32[256,784]")), fits=("w.T",),
)  # fmt: skip
LONG_LINE = Raised(
    1, "RuntimeError", "grad can be implicitly created only for scalar outputs",
    (Frame(3, "<module>", "for _ in range(3): a = b = c = d = e = f = torch.ones(3, requires_grad=True) * 2.5 + 1; "
           "(first * 2).backward()", 88, 110),),
    (), "torch.autograd.backward",
)  # fmt: skip
DEEP = Raised(
    1, "RecursionError", "maximum recursion depth exceeded",
    (Frame(4, "<module>", "f(1)", 0, 4), *[Frame(2, "f", "return f(n + 1)", 7, 15)] * 900),
)  # fmt: skip
NO_LINES = Raised(1, "MemoryError", "", ())
WORDY = Raised(
    1, "RuntimeError", "Error(s) in loading state_dict for Net:\n"
    + "".join(f'\tMissing key(s) in state_dict: "layer{n}.weight", "layer{n}.bias". \n' for n in range(9)),
    (Frame(7, "<module>", "net.load_state_dict(saved)", 0, 26),), (Operand("net", "Net"),),
)  # fmt: skip

TEXT = """# 张量 and a title

`backward()` walks from a scalar back through every operation that made it, and leaves the derivative in `.grad` of
each **leaf** that asked for *one*. A leaf is a tensor that no operation made: you did.

    miss = Σ (xᵢ − 3)²        ∂miss/∂xᵢ = 2 (xᵢ − 3)

张量是一个多维数组，可以在设备上计算梯度。这是一个很长的段落，没有空格，必须在任意字符之间
换行，`requires_grad` 也在里面。

## Task
Do this:

1. one `x = x * 2`, with 2 * 3 * 4 and snake_case_names left alone
2. a long item that must be wrapped at narrow widths, with **strong `code` words** in it
   - nested

| name | what it does |
|---|:--|
| `view` | never copies, and refuses where it would have to copy everything anew |
| `reshape` | copies |

> A quote of `code`, see [the manual](https://pytorch.org/docs).

```python
def f(x):  # a comment
    return "s" if x else None
```
---
the end
"""


def lesson(identity, title):
    code = Code("", 1)
    check = Check("c", "it holds", 1)
    return Lesson(identity, None, title, "", "", (), "", code, code, code, (check,), lambda: Supplement((), (), ()))  # type: ignore[arg-type]


CHAPTERS = (
    ("Autograd", (lesson("autograd/backward", "The gradient of a scalar"), lesson("autograd/vjp", "The `vjp`: v · J"))),
    ("训练", (lesson("training/loop", "A whole training loop, from the data to a model that is saved and loaded again"),
              lesson("training/resume", "Saving and resuming"))),
)  # fmt: skip

DRAFT = "import torch\nx=torch.ones(3)\ny = x.view(3, 1)\n\nprint(y)\nz = y.sum(dim=0)\n"
SOLUTION = "import torch\n\nx = torch.ones(3)\ny = x.view(3, 1)\nprint(y)\nz = y.sum(dim=1)  # over the columns\n"

DRAWINGS = {
    "tensors-few": (lambda look: tensors(FEW, look), (38, 60, 120)),
    "tensors": (lambda look: tensors(MANY, look), (38, 60, 80, 120)),
    "value": (lambda look: value(Value(1, "x.grad", "tensor([-4., -2.,  2.])", X.grad), look), (38, 60)),
    "verdict-failed": (lambda look: checked(FAILED, look), (38, 60, 120)),
    "verdict-broken": (lambda look: checked(BROKEN, look), (38, 60)),
    "verdict-passed": (lambda look: checked(PASSED, look), (38, 60)),
    "raised-shapes": (lambda look: raised(SHAPES, look), (38, 60, 120)),
    "raised-long-line": (lambda look: raised(LONG_LINE, look), (38, 60, 120)),
    "raised-deep": (lambda look: raised(DEEP, look), (60,)),
    "raised-no-lines": (lambda look: raised(NO_LINES, look), (60,)),
    "raised-folded": (lambda look: raised(WORDY, look, "Alt+E"), (60, 120)),
    "text": (lambda look: lesson_text(TEXT, look), (38, 60, 120)),
    "listing": (lambda look: listing(CHAPTERS, {"autograd/backward": "passed", "autograd/vjp": "begun",
                                                "training/loop": "revealed"}, look), (38, 60, 120)),
    "diff": (lambda look: diff(DRAFT, SOLUTION, look), (38, 60)),
    "diff-same": (lambda look: diff(SOLUTION.replace(" = ", "="), SOLUTION, look), (60,)),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing(name, golden):
    draw, widths = DRAWINGS[name]
    golden(name, draw, widths)


@pytest.mark.parametrize("width", [1, 4, 9, 20, 38, 59, 60, 61, 80, 120, 200])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_line_is_wider_than_the_console(width, ascii, printed):
    drawings = [draw(look(ascii=ascii)) for draw, _ in DRAWINGS.values()]
    for drawing in drawings:
        assert all(cell_len(line) <= width for line in printed(drawing, width).splitlines())
        if width >= 20:  # not because the console cut them
            assert not [line.plain for line in drawing.lines(width) if line.cell_len > width]


HOSTILE = "\x1b]0;title\x07\x1b[2J\x1b[31m\x9b5n\r\x08\udcff\x00"


def hostile(value):
    """The same event with something that a terminal would obey in each of its texts."""
    if is_dataclass(value):
        # States and kinds are chosen from a few words.
        kept = {"state", "kind", "cause", "cells"}
        changed = {f.name: hostile(getattr(value, f.name)) for f in fields(value) if f.name not in kept}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(hostile(item) for item in value)
    return value + HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("ascii", [False, True])
def test_no_event_can_control_the_terminal(ascii, printed):
    signs = look(ascii=ascii)
    drawings = [
        tensors(hostile(MANY), signs),
        value(hostile(Value(1, "x", "text", X)), signs),
        checked(hostile(FAILED), signs),
        raised(hostile(SHAPES), signs),
        ended(hostile(ENDINGS[6][0]), signs),
        diff(DRAFT + f"y = '{HOSTILE}'", SOLUTION, signs),
        lesson_text(TEXT + HOSTILE, signs),
    ]
    for drawing in drawings:
        for width in (38, 120):
            shown = printed(drawing, width)
            assert not [char for char in shown if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"]
            shown.encode("ascii" if ascii else "utf-8")


@pytest.mark.parametrize(
    ("sign", "spelled"),
    [("½ ⅛", "1/2 1/8"), ("x² xᵢ", "x^2 x_i"), ("Σⱼ zⱼ", "sum_j z_j"), ("─▶ é ∂", "-> e d"), ("γ → 张", "gamma -> ?")],
)
def test_ascii_spells_signs(sign, spelled):
    assert look(ascii=True).spell(sign) == spelled
    assert look().spell(sign) == sign


def test_a_megabyte_is_drawn_without_delay(printed):
    """In time that is far from what anything quadratic would take."""
    long = "x" * 1_000_000
    began = time.process_time()
    printed(raised(Raised(1, "E", long, (Frame(1, "f", long, 500_000, 500_010),)), look()), 60)
    printed(lesson_text(long + "\n\n" + "word " * 20_000, look()), 60)
    printed(value(Value(1, "x", long), look()), 60)
    assert time.process_time() - began < 10


ENDINGS = [
    (Ended(1, 0, seconds=0.004), "ran in 4 ms"),
    (Ended(1, 0, seconds=1.2345), "ran in 1.23 s"),
    (Ended(1, 3, seconds=75), "ended with status 3 after 1 min 15 s"),
    (Ended(1, 139, seconds=1), "killed by SIGSEGV after 1 s (segmentation fault: a read or write outside of its memory)"),  # noqa: E501
    (Ended(1, 255, seconds=1), "ended with status 255 after 1 s"),
    (Ended(1, 137, "stopped", seconds=2), "stopped after 2 s"),
    (Ended(1, 137, "memory", "It was ended: it used 3.1 GiB, and 2 GiB are allowed.", 2),
     "It was ended: it used 3.1 GiB, and 2 GiB are allowed."),
    (Ended(1, 137, "seconds", seconds=60), "ended after 1 min 0 s: its time was up"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "words"), ENDINGS)
def test_how_a_run_ended(event, words, printed):
    assert printed(ended(event, look()), 120).rstrip("\n") == words


def test_dropped_output_is_counted(printed):
    text = printed(ended(Ended(1, 0, seconds=1, dropped=123_456), look()), 120)
    assert text == "ran in 1 s\n123,456 more characters of output were counted and not kept.\n"


def test_the_transcript_is_drawn_below_a_word_on_what_it_dropped(printed):
    transcript = Transcript(keep=2)
    transcript.feed("one\ntwo\nthree\nfour is a long line of words\n")
    assert printed(transcript, 20) == "… 2 earlier lines\nthree\nfour is a long line\nof words\n"
