"""Each error that a rule explains, raised by the installed torch, and its explanation."""

import functools
import linecache
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tutor.explain import RULES, explain
from tutor.protocol.codec import Frame, Operand, Raised
from tutor.worker.probes.errors.describe import describe

ERRORS = Path(__file__).parent / "errors.txt"
"""Programs, each with the explanation of its error below it: what it means, and what to try.

`GOLDEN=write pytest tests/explain` writes the sentences anew; then read the difference.
"""
EXPLAINED_ERRORS = [tuple(block.split("----\n")) for block in ERRORS.read_text(encoding="utf-8").split("====\n")]


@pytest.fixture(scope="session")
def error_of(tmp_path_factory):
    """The worker's description of a program's error. Each runs once: torch gives some warnings only once."""
    folder = tmp_path_factory.mktemp("errors")

    @functools.cache
    def run_and_describe(source):
        path = folder / "snippet.py"
        path.write_text(source)
        linecache.clearcache()  # it may hold an earlier program of this name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(compile(source, str(path), "exec"), {"__name__": "__main__"})
            except Exception as error:
                return describe(error, str(path))
        raise AssertionError("the program raised nothing")

    return run_and_describe


def sentences(event):
    explanation = explain(event)
    assert explanation is not None
    return f"{explanation.meaning}\n{explanation.suggestion}".rstrip() + "\n"


@pytest.fixture(scope="session", autouse=True)
def rewrite(error_of):
    if os.environ.get("GOLDEN") == "write":
        blocks = [f"{source}----\n{sentences(error_of(source))}" for source, _ in EXPLAINED_ERRORS]
        ERRORS.write_text("====\n".join(blocks), encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "explanation"), EXPLAINED_ERRORS, ids=[case[0].splitlines()[-1] for case in EXPLAINED_ERRORS]
)
def test_an_error_has_its_explanation(source, explanation, error_of):
    assert sentences(error_of(source)) == explanation


def raised(kind, message, *operands, text="", via=""):
    frames = (Frame(1, "<module>", text, 0, len(text)),) if text else ()
    return Raised(1, kind, message, frames, tuple(Operand(*operand) for operand in operands), via)


# What needs a GPU to be raised, or another torch than the installed one: not produced here.
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
            ("x", "f32[2,3] cuda:0"),
            ("w", "f32[3,3] cpu"),
            text="x @ w",
        ),
        "`x @ w`: `x` is f32[2,3] on cuda:0, `w` is f32[3,3] on cpu. One tensor is on cuda:0, another on cpu; an "
        "operation works on one device.",
    ),
    (
        raised(
            "RuntimeError",
            "Expected all tensors to be on the same device, but got mat1 is on cuda:0, different from other tensors on "
            "cpu (when checking argument in method wrapper_CUDA_addmm)",
        ),
        "One tensor is on cuda:0, another on cpu; an operation works on one device.",
    ),
    (
        raised(
            "RuntimeError",
            "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same",
        ),
        "Layer and input must be on one device: the input is on the GPU and the layer isn't.",
    ),
    (
        raised(
            "RuntimeError",
            "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same",
        ),
        "Layer and input must be on one device: the layer is on the GPU and the input isn't.",
    ),
    (
        raised("RuntimeError", "Tensor on device cuda:0 is not on the expected device meta!"),
        "One tensor is on cuda:0, another on meta; an operation works on one device.",
    ),
    (
        raised("torch.AcceleratorError", "CUDA error: device-side assert triggered\nSearch for `cudaErrorAssert' ..."),
        "The GPU stopped at an index out of range, mostly a class or a row of an embedding that isn't there, and it "
        "tells so late: the line may be wrong.",
    ),
    (
        raised(
            "torch.distributed.DistBackendError",
            "[Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=7, OpType=ALLREDUCE) ran for "
            "600004 milliseconds before timing out.",
        ),
        "A collective wasn't finished in time: some process didn't take part.",
    ),
    (
        raised("RuntimeError", "expected scalar type Long but found Float"),
        "int64 is wanted here, and this is float32.",
    ),
    (
        raised("_pickle.UnpicklingError", "Weights only load failed. Unsupported operand 149"),
        "`torch.load` reads tensors and plain containers only, unless told otherwise; this file holds something else.",
    ),
]

# What needs several processes: tests/worker/probes/test_errors.py makes each of these and asks for what is said of it.
SEVERAL = (
    "-- Process (",
    "process (",
    "trying to initialize",
    "Timed out after (",
    "client socket has timed out",
    "Ranks? (",
    "Timed out waiting (",
    "DistributedDataParallel is not needed",
    "Expected to have finished reduction",
    "Caught (",
    "DataLoader worker",
)


@pytest.mark.parametrize(("event", "meaning"), WORDINGS, ids=[event.message[:30] for event, _ in WORDINGS])
def test_a_wording_has_its_explanation(event, meaning):
    explanation = explain(event)
    assert explanation is not None
    assert explanation.meaning == meaning


def test_every_rule_is_proved_by_an_error(error_of):
    events = [error_of(source) for source, _ in EXPLAINED_ERRORS] + [event for event, _ in WORDINGS]
    proved = {next(rule for rule in RULES if rule.explain(event)) for event in events}
    unproved = [rule.pattern for rule in RULES if rule not in proved]
    assert sorted(unproved) == sorted(pattern for pattern in unproved if pattern.startswith(SEVERAL))
    assert len(unproved) == len(SEVERAL)


def test_more_causes_are_known_than_were_promised():
    assert len(RULES) >= 40 and len(EXPLAINED_ERRORS) >= 40


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
    assert explanation.meaning == (
        "A 32 × 784 matrix can't be multiplied with a 256 × 784 one. The inner sizes 784 and 256 differ."
    )
    assert explanation.suggestion == "The right one transposed, `.T`, would fit."


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
