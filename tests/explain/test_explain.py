"""Each known error, made by the installed torch, and the sentence that is said of it."""

import linecache
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.explain import explain
from tutor.explain.known import KNOWN
from tutor.runner.protocol import Frame, Operand, Raised
from tutor.worker.probes.errors import describe

ERRORS = Path(__file__).parent / "errors.txt"
"""Programs, each with what is said of its error below it: what it means, and what to try.

`GOLDEN=write pytest tests/explain` writes the sentences anew; then read the difference.
"""
KNOWN_ERRORS = [tuple(block.split("----\n")) for block in ERRORS.read_text(encoding="utf-8").split("====\n")]


def error_of(source, folder):
    """What the worker says of the program when it has run."""
    path = folder / "snippet.py"
    path.write_text(source)
    linecache.clearcache()  # it may hold an earlier program of this name
    try:
        exec(compile(source, str(path), "exec"), {"__name__": "__main__"})
    except Exception as error:
        return describe(error, str(path))
    raise AssertionError("the program raised nothing")


def sentences(source, folder):
    explanation = explain(error_of(source, folder))
    assert explanation is not None
    return f"{explanation.what}\n{explanation.try_}".rstrip() + "\n"


@pytest.fixture(scope="session", autouse=True)
def rewrite(tmp_path_factory):
    if os.environ.get("GOLDEN") == "write":
        folder = tmp_path_factory.mktemp("errors")
        blocks = [f"{source}----\n{sentences(source, folder)}" for source, _ in KNOWN_ERRORS]
        ERRORS.write_text("====\n".join(blocks), encoding="utf-8")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("source", "said"), KNOWN_ERRORS, ids=[case[0].splitlines()[-1] for case in KNOWN_ERRORS])
def test_known_error(source, said, tmp_path):
    assert sentences(source, tmp_path) == said


def raised(kind, message, *operands, text="", via=""):
    frames = (Frame(1, "<module>", text, 0, len(text)),) if text else ()
    return Raised(1, kind, message, frames, tuple(Operand(*operand) for operand in operands), via)


# What needs a GPU to be raised, or another torch than the installed one.
WORDINGS = [
    (
        raised(
            "torch.OutOfMemoryError",
            "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 14.75 GiB.",
        ),
        "The GPU's memory is full: it was asked for 20.00 GiB more.",
    ),
    (
        raised(
            "RuntimeError",
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! (when "
            "checking argument for argument mat1 in method wrapper_CUDA_addmm)",
            ("x", "f32[2,3]"),
            text="x @ w",
        ),
        "`x @ w`: `x` is f32[2,3]. One tensor is on cuda:0, another on cpu; an operation works on one device.",
    ),
    (
        raised("RuntimeError", "expected scalar type Long but found Float"),
        "int64 is wanted here, and this is float32.",
    ),
    (
        raised("NameError", "name 'wieghts' is not defined. Did you mean: 'weights'?"),
        "Nothing has the name `wieghts` at this point.",
    ),
    (
        raised("_pickle.UnpicklingError", "Weights only load failed. Unsupported operand 149"),
        "`torch.load` reads tensors and plain containers only, unless told otherwise; this file holds something else.",
    ),
]


@pytest.mark.parametrize(("event", "what"), WORDINGS, ids=[event.message[:30] for event, _ in WORDINGS])
def test_known_wording(event, what):
    explanation = explain(event)
    assert explanation is not None
    assert explanation.what == what


@pytest.mark.filterwarnings("ignore")
def test_every_entry_is_proved_by_an_error(tmp_path):
    events = [error_of(source, tmp_path) for source, _ in KNOWN_ERRORS] + [event for event, _ in WORDINGS]
    proved = {next(entry for entry in KNOWN if entry.explain(event)) for event in events}
    assert [entry.pattern for entry in KNOWN if entry not in proved] == []


@pytest.mark.parametrize(
    "event",
    [
        raised("ValueError", "my own words"),
        raised("RuntimeError", ""),
        raised("KeyError", "'size of tensor a'"),
        raised("Exception", "{0} {name} %s \\1 braces"),
    ],
)
def test_an_unknown_error_is_left_to_its_own_words(event):
    assert explain(event) is None


def test_shapes_alone_are_enough_when_no_operand_is_known():
    event = raised("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (32x784 and 256x784)")
    explanation = explain(event)
    assert explanation is not None
    assert explanation.what == (
        "A 32 × 784 matrix can't be multiplied with a 256 × 784 one. The inner sizes 784 and 256 differ."
    )
    assert explanation.try_ == "The right one transposed, `.T`, would fit."


def test_names_with_braces_are_not_taken_for_fields():
    event = raised("ModuleNotFoundError", "No module named 'a'", ("{0}", "f32[2]"), text="f'{0} {x}'")
    assert explain(event) is not None


def test_drawing_and_explaining_load_neither_torch_nor_the_app_nor_what_they_need_later():
    code = """
import importlib, pkgutil, sys
import tutor.explain, tutor.render
for package in (tutor.explain, tutor.render):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
heavy = ("torch", "numpy", "textual", "sqlite3",
         "markdown_it", "pygments", "rich.console", "rich.syntax", "rich.markdown",
         "difflib", "tutor.worker", "tutor.ui")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
