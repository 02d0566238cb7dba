"""Runs a lesson's checks on a draft that has run: one :class:`Checked` a requirement."""

from __future__ import annotations

import ast
import contextlib
import linecache
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

from tutor.check.expect import Expect
from tutor.check.program import Program, Unmet, draft_of
from tutor.check.rerun import preserve_defaults
from tutor.check.source_names import parse_segment, to_learner_names
from tutor.check.wording import argument_text, call_site, capitalize, error_text, tracebacks
from tutor.protocol.codec import CheckCell, Checked

__all__ = ["Program", "judge", "report_waiting"]

NOT_YOURS = "This is a fault of the lesson, not of your code."


def judge(cell: CheckCell, program: Program, run: int = 0) -> Iterator[Checked]:
    """Run every check of ``cell`` on ``program``, in the order in which they are written.

    After the first requirement that fails, the rest ``waits``: checks that build on it would fail too, and confuse.
    A broken check holds nothing up. Each check leaves random state, default dtype and gradient mode as they were.
    Only KeyboardInterrupt ends it early.
    """
    source = "\n" * (cell.line - 1) + cell.source
    linecache.cache[cell.file] = (len(source), None, source.splitlines(keepends=True), cell.file)
    namespace: dict[str, Any] = {"__name__": "check", "__file__": cell.file}
    try:
        requirements = _requirements(ast.parse(source, cell.file))
        with _preserve_state():
            exec(compile(source, cell.file, "exec", dont_inherit=True), namespace)
    except (Exception, SystemExit) as error:
        yield Checked(run, "check", "The checks of this lesson", "broken", _describe_fault(error, cell), NOT_YOURS)
        return
    draft = draft_of(program)
    draft.solution, draft.snippet = cell.solution, cell.snippet
    failed = False
    for name, requirement in requirements.items():
        report = partial(Checked, run, name, requirement)
        verdict = report("waits") if failed else _run_check(namespace[name], report, cell, program)
        failed = failed or verdict.state == "failed"
        yield verdict


def report_waiting(cell: CheckCell, run: int = 0) -> Iterator[Checked]:
    """Report every check of ``cell`` as waiting: the draft didn't run to its end."""
    try:
        requirements = _requirements(ast.parse(cell.source, cell.file))
    except (SyntaxError, ValueError):
        return
    for name, requirement in requirements.items():
        yield Checked(run, name, requirement, "waits")


def rehearse() -> None:
    """Judge a small draft, so that a process that is waiting for its run has done so once: 3 ms less of its first.

    Starts no thread and leaves the random state alone.
    """
    x = torch.ones(2, requires_grad=True)
    draft = "import torch\nx = torch.ones(2, requires_grad=True)\n"
    tuple(judge(CheckCell(_REHEARSAL, "rehearsal", 1), Program({"x": x}, draft, "draft")))
    linecache.cache.pop("rehearsal", None)


_REHEARSAL = '''
from tutor.check import expect

def passes(run):
    """`x` is there"""
    expect(run.x).is_leaf().has_shape(2).close_to(run.x * 1)

def fails(run):
    """`x` is longer"""
    expect(run.x).close_to(2)
'''


def _requirements(tree: ast.Module) -> dict[str, str]:
    """The docstrings of the check functions, by their names."""
    functions = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and [argument.arg for argument in node.args.args] == ["run"]  # as the parser of lessons has it
    ]
    return {node.name: text for node in functions if (text := ast.get_docstring(node))}


def _run_check(
    check: Callable[[Program], object], report: Callable[..., Checked], cell: CheckCell, program: Program
) -> Checked:
    try:
        with _preserve_state():
            check(program)
    except Unmet as unmet:
        message = capitalize(_describe_changes(unmet) + unmet.message)
        return report("failed", message, unmet.advice, unmet.misconception, unmet.actual, unmet.expected)
    except (Exception, SystemExit) as error:
        if message := _describe_learner_error(error, cell, program):
            return report("failed", message)
        return report("broken", _describe_fault(error, cell), NOT_YOURS)
    return report("passed")


def _describe_changes(unmet: Unmet) -> str:
    """Say with which other values the draft was run, where the expectation is of such a rerun."""
    owners = (traceback.tb_frame.f_locals.get("self") for traceback in tracebacks(unmet))
    run = next((owner.run for owner in owners if type(owner) is Expect and owner.run is not None), None)
    changes = draft_of(run).changes if run is not None else {}
    values = ", ".join(f"`{name}` = {argument_text(value)}" for name, value in changes.items())
    return f"with {values}: " if values else ""


# --- whose error it is --------------------------------------------------------------------------------------


def _describe_learner_error(error: BaseException, cell: CheckCell, program: Program) -> str:
    """Describe an error that came out of the learner's own code; empty where it is the check's."""
    line = call_site(error, draft_of(program).path)
    written = _failing_expression(error, cell, program)
    if line is not None:
        return f"{f'`{written}`' if written else 'Your code'} stops on line {line} of your code: {error_text(error)}"
    *_, innermost = tracebacks(error)
    in_check = innermost.tb_frame.f_code.co_filename == cell.file
    if isinstance(error, AssertionError) and in_check and error.args:
        return str(error)
    if isinstance(error, TypeError) and in_check and "(" in written and "() " in str(error):
        return f"`{written}` can't be called like that: {error}"
    return ""


def _failing_expression(error: BaseException, cell: CheckCell, program: Program) -> str:
    """The expression of the check that failed, in the learner's names; empty if it isn't about them."""
    expression = ""
    for traceback in tracebacks(error):
        code = traceback.tb_frame.f_code
        if code.co_filename == cell.file:
            node = parse_segment(cell.file, *list(code.co_positions())[traceback.tb_lasti // 2])
            programs = {name for name, value in traceback.tb_frame.f_locals.items() if type(value) is Program}
            expression = to_learner_names(node, programs) if node is not None else ""
    return expression


def _describe_fault(error: BaseException, cell: CheckCell) -> str:
    line = call_site(error, cell.file)
    if line is None and isinstance(error, SyntaxError):
        line = error.lineno
    return f"The check itself stopped at {cell.file}, line {line or cell.line}: {error_text(error)}"


# --- leaving no trace ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _preserve_state() -> Iterator[None]:
    """Turn gradients on inside; restore random state, torch's defaults, threads and warning filters afterwards."""
    drawn, also_drawn = torch.default_generator.get_state(), random.getstate()
    started = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    on_gpus = torch.cuda.get_rng_state_all() if started else []
    numpy = sys.modules.get("numpy")
    by_numpy = numpy.random.get_state() if numpy is not None else None
    threads = torch.get_num_threads()
    try:
        with preserve_defaults(), warnings.catch_warnings():
            yield
    finally:
        torch.default_generator.set_state(drawn)
        random.setstate(also_drawn)
        if on_gpus:
            torch.cuda.set_rng_state_all(on_gpus)
        if numpy is not None:
            numpy.random.set_state(by_numpy)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
