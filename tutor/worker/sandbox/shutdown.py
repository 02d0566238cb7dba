"""The end of a program's process: as Python ends, by pylifecycle.c and pythonrun.c, in a few milliseconds."""

from __future__ import annotations

import ast
import atexit
import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable
from typing import NoReturn


def print_exception(error: BaseException, below: str) -> None:
    """Print an uncaught exception as Python does, without the frames of the file ``below``, which ran the program."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == below:
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and trace is not None and trace.tb_frame.f_code.co_filename == ast.__file__:
        trace = None
    error.__traceback__ = trace
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    with contextlib.suppress(Exception):  # what can't be flushed now fails at the end
        sys.stdout.flush()
    try:
        sys.excepthook(type(error), error, trace)
    except BaseException:
        sys.__excepthook__(type(error), error, trace)


def wait_for_threads() -> None:
    """Wait, as Python does at its end, for threads that the program has started; not for idle ones of executors."""
    with contextlib.suppress(BaseException):
        executors = sys.modules.get("concurrent.futures.thread")
        idle = set(vars(executors).get("_threads_queues", ())) if executors else set()
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon and thread not in idle:
                thread.join()


def exit_status(request: SystemExit) -> int:
    """The status of a SystemExit; what isn't a number is printed, and counts as 1."""
    code = request.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    flush_quietly()
    with contextlib.suppress(Exception):
        sys.stderr.write(f"{code}\n")
    return 1


def flush_quietly() -> None:
    """Flush every standard stream that can be."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with contextlib.suppress(Exception):
                stream.flush()


def exit_process(status: int, announce_end: Callable[[int], None], write_snapshot: Callable[[], None]) -> NoReturn:
    """End as Python ends, in its order, but without taking the interpreter down, which costs half a second.

    Args:
        status: the exit status so far, negative for a signal to die by.
        announce_end: called with the exit status when nothing else is left to do; the system then takes 5 ms to free
            the memory.
        write_snapshot: called after that, since nobody has to wait for it.
    """
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    has_failed = not _flush_or_report()
    _clear_main()
    has_failed = not _flush_or_report(report_failure=False) or has_failed
    flush_quietly()  # also what the program has put others in the place of
    ctypes.CDLL(None).fflush(None)
    if status == -signal.SIGINT:
        write_snapshot()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    status = 120 if has_failed else status
    announce_end(status)
    write_snapshot()
    os._exit(status)


def _flush_or_report(report_failure: bool = True) -> bool:
    """Flush the standard streams; a failure is reported on standard error as an ignored exception."""
    has_flushed = True
    for stream in (sys.stdout, sys.stderr):
        if stream is None or stream.closed:
            continue
        try:
            stream.flush()
        except BaseException as error:
            has_flushed = False
            if report_failure and stream is sys.stdout:
                with contextlib.suppress(BaseException):
                    sys.stderr.write(f"Exception ignored in: {stream!r}\n{type(error).__name__}: {error}\n")
                    sys.stderr.flush()
    return has_flushed


def _clear_main() -> None:
    """Clear the program's names as ``finalize_modules`` does, so that every ``__del__`` runs, and its output arrives.

    The module goes first, and the collector frees its cycles. If something else still refers to the module, its
    names are cleared by hand, private ones before the others.
    """
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)
    main = weakref.ref(sys.modules.pop("__main__"))
    gc.collect()
    if (module := main()) is None:
        return
    names = vars(module)
    for private in (True, False):
        for name in list(names):
            if name != "__builtins__" and (name.startswith("_") and not name.startswith("__")) is private:
                names[name] = None
    gc.collect()
