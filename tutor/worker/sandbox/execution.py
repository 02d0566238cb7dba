"""One run, in the process that exists for it alone: as ``python FILE`` runs it, then a report on it.

What still differs from ``python FILE``, and all that does:

- torch (and what it imports) is in ``sys.modules`` before the first line, and importing it takes no time; the loggers
  and the warning filters that it makes are there, too, and the threads of the first pool may be numbered from 1, as
  they are once a program has made an optimizer;
- the hash seed of strings is the worker's, so sets of strings come in the same order in every run;
- ``gc.get_objects()`` does not list what existed before the program, and ``/proc/self/cmdline`` is the worker's;
- a learning-rate scheduler class shows ``_last_lr`` as a descriptor, optimizers call one more global hook (number -1),
  and ``SGD.step`` and ``Adam.step`` are what the first of these optimizers makes of them;
- a program that is observed calls ``probes.tracing.recorder`` after each binding: its bytecode shows that (not
  its source, and a program that asks for bytecode, traces or profiles itself has none of it), ``builtins`` holds the
  names that it calls, and a traceback printed from a handler of ``^C`` may show the recorder;
- a program that kills its own session's parents (``os.getppid()``) kills its keeper, not a shell;
- the interpreter isn't torn down: the program's names go as Python lets them go, C++ static destructors don't run,
  and finalizers that torch registered on import aren't called;
- below the program's first frame stand the worker's (``isolation`` hides them from what walks a stack in
  Python): ``f_back``, faulthandler, where asyncio saw a coroutine begin, and a warning with a ``stacklevel`` beyond the
  program show them; what the program left tracing or profiling hears nothing of its exit;
- a file that isn't UTF-8 and declares no encoding, or that holds NUL, is refused in other words of Python's;
- a RecursionError comes some twenty calls sooner, for the frames of the tutor that stand below the program's.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import contextlib
import functools
import importlib.machinery
import json
import operator
import os
import signal
import sys
import time
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tutor.check import runner
from tutor.check.program import Program
from tutor.inspection.safe_repr import value_text
from tutor.inspection.tensor import describe, is_tensor
from tutor.protocol.codec import Checked, Finished, Run, Value
from tutor.worker.probes.errors import describe as errors
from tutor.worker.probes.probe import ObservedRun, Outcome
from tutor.worker.probes.registry import RunProbes
from tutor.worker.probes.tracing import recorder
from tutor.worker.sandbox import shutdown
from tutor.worker.sandbox.isolation import own_builtins, own_modules, silence_output
from tutor.worker.sandbox.snapshot import SnapshotWriter
from tutor.worker.sandbox.warmup import seed_all
from tutor.worker.system import device
from tutor.worker.system.channel import Channel

_FUTURES = functools.reduce(operator.or_, (getattr(__future__, n).compiler_flag for n in __future__.all_feature_names))
"""The flags of a code object that say what it imported from ``__future__``."""


class Execution:
    """A program, from its source to its exit status."""

    def __init__(
        self,
        run: Run,
        path: str,
        folder: str | None,
        channel: Channel,
        snapshot_path: str | None = None,
        seed: int = 0,
    ) -> None:
        self.run = run
        self.path = os.path.abspath(path)
        self.path_argument = path
        self.folder = folder
        self.channel = channel
        self.seed = seed if run.seed is None else run.seed
        """The seed of random numbers."""
        self.snapshot_path = snapshot_path
        self.snapshot: SnapshotWriter | None = None
        self.source = b""
        self.main = types.ModuleType("__main__")
        observed = ObservedRun(run.id, self.path, vars(self.main), channel.send)
        self.lines = observed.lines
        self.probes: RunProbes | None = RunProbes(observed, observed=run.observe, checked=run.check is not None)

    def execute(self) -> int:
        """Run the program and report; return Python's exit status for it, negative for a signal to die by."""
        self._become_python()
        if self.run.seed is not None:
            seed_all(self.run.seed)
        began = time.perf_counter()
        status, error = 0, None
        assert self.probes is not None
        self.probes.begin()
        try:
            self.source = Path(self.path).read_bytes()
            with self._step_recorder():
                self._run_then_untrace()
        except SystemExit as request:
            status = shutdown.exit_status(request)
        except BaseException as raised:
            error = raised
            with own_builtins():
                status = -signal.SIGINT if isinstance(raised, KeyboardInterrupt) else 1
                recorder.hide(raised)
            shutdown.print_exception(raised, __file__)
        if self.run.check is not None:
            shutdown.wait_for_threads()  # what they print while checks run would go nowhere
        with own_builtins():
            self.probes.end()
            seconds = time.perf_counter() - began
            handler = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second ^C must not cut the report short
            shutdown.flush_quietly()
            self.channel.send(Finished(self.run.id, seconds, self.seed))
            with own_modules():
                self.send_report(error, status)
            if handler is not None:
                signal.signal(signal.SIGINT, handler)
        self.probes = None
        del error, self.main  # all three hold names that go when the program goes
        return status

    def _become_python(self) -> None:
        """Make the process look as it does when Python begins with the first line of a file."""
        if self.folder is not None:
            os.chdir(self.folder)
        sys.argv = [self.path_argument, *self.run.argv]
        sys.orig_argv = [sys.executable, *sys.argv]
        sys.path.insert(0, os.path.dirname(self.path))
        if "multiprocessing.process" in sys.modules:
            sys.modules["multiprocessing.process"].ORIGINAL_DIR = os.getcwd()  # type: ignore[attr-defined]
        device.make_visible(self.run.device)
        vars(self.main).update(
            __annotations__={},
            __builtins__=builtins,
            __file__=self.path,
            __cached__=None,
            __loader__=importlib.machinery.SourceFileLoader("__main__", self.path),
        )
        sys.modules["__main__"] = self.main

    def _step_recorder(self) -> contextlib.AbstractContextManager[None]:
        """A context that reports the lines that the program passes, if the run asks for them."""
        if not self.run.steps:
            return contextlib.nullcontext()
        from tutor.worker.probes.tracing.stepper import Recorder

        channel, run = self.channel, self.run
        return Recorder(run.id, run.steps, self.path, self.source, channel.write, self._ask_printed_count, own_builtins)

    def _run_then_untrace(self) -> None:
        """Run the program, then end its tracing and profiling, so that they see nothing of the worker."""
        try:
            self.run_source(self.source)
        finally:  # only functions written in C are called here: others would be traced
            sys.settrace(None)
            if callable(sys.getprofile()):  # a cProfile.Profile isn't, and may be asked at the exit
                sys.setprofile(None)

    def run_source(self, source: bytes) -> None:
        """Compile the program and run it; its last expression by itself, so that its value can be sent."""
        tree = ast.parse(source, self.path)
        last = tree.body[-1] if len(tree.body) > 1 else None
        is_watched = self.run.observe and self.lines.may_watch(tree)
        expression = last if isinstance(last, ast.Expr) and is_watched else None
        if expression is not None:
            tree.body.pop()
        names = vars(self.main)
        code = self._compile(tree, expression, source, is_watched)
        last_code = None
        if expression is not None:
            flags = code.co_flags & _FUTURES
            last_code = compile(ast.Expression(expression.value), self.path, "eval", flags=flags, dont_inherit=True)
        exec(code, names)
        if last_code is not None and expression is not None:
            value = eval(last_code, names)
            self.lines.passed_last()
            if value is not None:
                with own_builtins(), own_modules():
                    self._send_value(ast.get_source_segment(source.decode("utf-8", "replace"), expression) or "", value)

    def _compile(self, tree: ast.Module, last: ast.Expr | None, source: bytes, is_watched: bool) -> types.CodeType:
        """The code of the program but for its last expression, with calls that record the values of its lines.

        It has none where it isn't watched, is nested too deeply, or is wrong in a way that is Python's to tell.
        """
        if is_watched:
            try:
                self.lines.prepare(tree, last.value if last is not None else None)
                return compile(tree, self.path, "exec", dont_inherit=True)
            except Exception:
                self.lines.forget()
            tree = ast.parse(source, self.path)  # the first is half rewritten
            if last is not None:
                tree.body.pop()
        return compile(tree, self.path, "exec", dont_inherit=True)

    def _send_value(self, expression: str, value: object) -> None:
        tensor = describe(value, "") if is_tensor(value) else None
        self.channel.send(Value(self.run.id, expression, value_text(value), tensor))

    # --- the report -----------------------------------------------------------------------------------------

    def send_report(self, error: BaseException | None, status: int) -> None:
        """Send the reports of the probes, and the results of the checks."""
        raised = None
        if error is not None:
            raised = replace(errors.describe(error, self.path), run=self.run.id)
            self.channel.send(raised)
        assert self.probes is not None
        for observation in self.probes.report(Outcome(error, raised)):
            self.channel.send(observation)
        if self.run.check is not None:
            with silence_output():
                for checked in self._run_checks(error is None and status == 0):
                    self.channel.send(checked)
        if self.snapshot_path is not None:
            self.snapshot = SnapshotWriter(self.snapshot_path, self.run.id, vars(self.main))

    def announce_end(self, status: int) -> None:
        """Tell the keeper that the program has ended; readers of the snapshot wait from now on."""
        with own_builtins():
            if self.snapshot is not None:
                self.snapshot.announce()
            self.channel.write(f"!leaving {status}\n".encode())

    def write_snapshot(self) -> None:
        """Write the snapshot of the program."""
        with own_builtins():
            if self.snapshot is not None:
                self.snapshot.write()

    def _run_checks(self, has_succeeded: bool) -> Iterator[Checked]:
        assert self.run.check is not None and self.probes is not None
        if not has_succeeded:
            return runner.report_waiting(self.run.check, self.run.id)
        source = self.source.decode("utf-8", "replace")
        program = Program(vars(self.main), source, self.path, printed=self._ask_printed, series=self.probes.recorded())
        return runner.judge(self.run.check, program, self.run.id)

    def _ask_printed(self) -> str:
        """The text that the program has printed, which only the keeper knows: subprocesses and C++ print too."""
        return str(json.loads(self.channel.ask(b"?printed\n")))

    def _ask_printed_count(self) -> int:
        """The number of characters that the program has printed."""
        return int(self.channel.ask(b"?count\n"))
