"""The judge: what passed, what failed, what is the lesson's own fault, and that a check leaves no trace."""

import random
import subprocess
import sys
import traceback

import numpy as np
import pytest
import torch

from tests.patience import PATIENCE
from tutor.check.runner import judge, report_waiting
from tutor.protocol.codec import CheckCell

CHECK = '''
    from tutor.check import expect


    def is_two(run):
        """`x` is 2"""
        expect(run.x).equals(2)


    def _helper(run):
        """not a check"""


    def half_of(run, number):
        """takes more than `run`: no check either"""


    def without_requirement(run):
        raise AssertionError


    def is_positive(run):
        """`x` is positive

        and that is all.
        """
        expect(run.x).above(0)


    def is_even(run):
        """`x` is even"""
        expect(run.x % 2, "x % 2").equals(0)
'''


def test_every_requirement_is_judged_in_order(verdicts):
    judged = verdicts("x = 2", CHECK)
    assert [(each.name, each.state) for each in judged] == [
        ("is_two", "passed"),
        ("is_positive", "passed"),
        ("is_even", "passed"),
    ]
    assert [each.requirement for each in judged] == [
        "`x` is 2",
        "`x` is positive\n\nand that is all.",
        "`x` is even",
    ]
    assert {each.run for each in judged} == {7}


def test_after_the_first_that_fails_the_rest_waits(verdicts):
    judged = verdicts("x = 3", CHECK)
    assert [each.state for each in judged] == ["failed", "waits", "waits"]
    assert judged[0].message == "`x` is 3; expected 2."
    assert judged[1].requirement == "`x` is positive\n\nand that is all."


def test_a_draft_that_never_ended_waits():
    cell = CheckCell('def a(run):\n    """first"""\ndef b(run):\n    """second"""\n', "lesson.py", 1)
    assert [(each.run, each.name, each.state) for each in report_waiting(cell, 3)] == [
        (3, "a", "waits"),
        (3, "b", "waits"),
    ]


def _one(verdicts, draft, body, line=40):
    (judged,) = verdicts(draft, f'def check(run):\n    """requirement"""\n    {body}\n', line)
    return judged


LEARNERS = [
    (
        "def f(a):\n    return a / 0",
        "run.f(1)",
        "`f(1)` stops on line 2 of your code: ZeroDivisionError: division by zero",
    ),
    ("def f(a):\n    import sys\n    sys.exit(1)", "run.f(1)", "`f(1)` stops on line 3 of your code: SystemExit: 1"),
    (
        "import torch\ndef f(a):\n    return torch.ones(2) @ a",
        "run.f(run.torch.ones(3))",
        "on line 3 of your code: RuntimeError",
    ),
    ("class A:\n    @property\n    def b(self):\n        return 1 / 0\na = A()", "run.a.b", "`a.b` stops on line 4"),
    (
        "def f(): return 1",
        "run.f(1)",
        "`f(1)` can't be called like that: f() takes 0 positional arguments but 1 was given",
    ),
    ("x = 1", "assert run.x == 2, '`x` has to be 2'", "`x` has to be 2"),
    ("x = 1", "run.y", "There is no `y`"),
    ("def f(a):\n    return f(a)", "run.f(1)", "RecursionError"),
    (
        "class E(Exception):\n    def __str__(self): raise RuntimeError\ndef f(): raise E",
        "run.f()",
        "`f()` stops on line 3 of your code: E",
    ),
]


@pytest.mark.parametrize(("draft", "body", "message"), LEARNERS)
def test_an_error_out_of_the_learners_code_is_the_learners(verdicts, draft, body, message):
    judged = _one(verdicts, draft, body)
    assert judged.state == "failed"
    assert message in judged.message


LESSONS = [
    ("run.x.no_such_thing()", "AttributeError: 'int' object has no attribute 'no_such_thing'"),
    ("undefined", "NameError: name 'undefined' is not defined"),
    ("raise SystemExit(3)", "SystemExit: 3"),
    ("import torch; torch.ones(2) @ torch.ones(3)", "RuntimeError: "),
    ("int('a')", "ValueError: invalid literal"),
    ("assert run.x == 2", "AssertionError"),
    ("from tutor.check import expect; expect(run.x).close_to(object())", "RuntimeError: Could not infer dtype"),
]


@pytest.mark.parametrize(("body", "error"), LESSONS)
def test_any_other_error_is_the_lessons_fault_and_says_where(verdicts, body, error):
    judged = _one(verdicts, "x = 1", body, line=40)
    assert judged.state == "broken"
    assert "lessons/some/lesson.py, line 42" in judged.message
    assert error in judged.message
    assert judged.advice == "This is a fault of the lesson, not of your code."


def test_a_broken_check_holds_nothing_up(verdicts):
    judged = verdicts("x = 1", 'def a(run):\n    """a"""\n    1 / 0\ndef b(run):\n    """b"""\n')
    assert [each.state for each in judged] == ["broken", "passed"]


@pytest.mark.parametrize(
    ("cell", "line"),
    [("def a(run):\n    '''a'''\n    x ==\n", 42), ("import no_such_module\n", 40), ("x = 1\n1 / 0", 41)],
)
def test_a_cell_that_cannot_be_read_or_run_is_broken_as_a_whole(verdicts, cell, line):
    (judged,) = verdicts("x = 1", cell)
    assert judged.state == "broken"
    assert f"lessons/some/lesson.py, line {line}:" in judged.message
    assert judged.advice == "This is a fault of the lesson, not of your code."


def test_a_traceback_shows_the_lines_of_the_lesson(draft):
    run = draft("x = 1")
    seen = []
    run.x  # noqa: B018
    cell = CheckCell('def a(run):\n    """a"""\n    run.x.append(run.x)\n', "lessons/some/lesson.py", 90)
    object.__getattribute__(run, "_Program__draft").namespace["x"] = seen
    (judged,) = judge(cell, run)
    assert judged.state == "passed" and seen == [seen]
    cell = CheckCell(
        "import traceback\n"
        "def a(run):\n    '''a'''\n    try:\n        1 / 0\n    except ZeroDivisionError:\n"
        "        run.x.append(traceback.format_exc())\n",
        "lessons/some/lesson.py",
        90,
    )
    list(judge(cell, run))
    assert 'File "lessons/some/lesson.py", line 94, in a\n    1 / 0' in seen[1]
    assert traceback


def test_a_check_leaves_no_trace(verdicts):
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)
    before = (torch.get_default_dtype(), torch.get_num_threads())
    (judged,) = verdicts(
        "x = 1",
        '''
        import random, warnings
        import numpy, torch

        def check(run):
            """disturbs"""
            torch.manual_seed(99)
            random.seed(99)
            numpy.random.seed(99)
            torch.set_default_dtype(torch.float64)
            torch.set_default_device("meta")
            torch.set_grad_enabled(False)
            torch.set_num_threads(1)
            warnings.simplefilter("ignore")
        ''',
    )
    drawn = torch.rand(1).item(), random.random(), np.random.rand()
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)
    assert judged.state == "passed"
    assert drawn == (torch.rand(1).item(), random.random(), np.random.rand())
    assert (torch.get_default_dtype(), torch.get_num_threads()) == before
    assert torch.is_grad_enabled()
    assert torch.get_default_device() == torch.device("cpu")


def test_modes_that_the_draft_left_on_do_not_break_checks(verdicts):
    try:
        (judged,) = verdicts(
            "import torch\ntorch.set_grad_enabled(False)\ndef f(a):\n    return a * 2",
            '''
            import torch
            from tutor.check import expect

            def check(run):
                """follows gradients"""
                x = torch.ones(2, requires_grad=True)
                run.f(x).sum().backward()
                expect(x.grad, "x.grad").close_to(torch.full((2,), 2.0))
            ''',
        )
        assert (judged.state, torch.is_grad_enabled()) == ("passed", False)
    finally:
        torch.set_grad_enabled(True)


def test_stop_reaches_through(draft):
    def interrupted(run):
        raise KeyboardInterrupt

    run = draft("x = 1\ndef f():\n    raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        list(judge(CheckCell('def a(run):\n    """a"""\n    run.f()\n', "lesson.py", 1), run))


def test_a_rehearsal_starts_no_thread_and_draws_nothing():
    program = (
        "import os, torch\n"
        "from tutor.check.runner import rehearse\n"
        "before = torch.default_generator.get_state(), len(os.listdir('/proc/self/task'))\n"
        "rehearse()\n"
        "assert torch.equal(torch.default_generator.get_state(), before[0])\n"
        "print(len(os.listdir('/proc/self/task')) - before[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_what_fails_in_a_rerun_says_with_which_values(verdicts):
    check = '''
        from tutor.check import again, expect, same_as_solution
        import torch

        def doubles(run):
            """y is twice x"""
            other = again(run, x=torch.tensor([1.0, 5.0]), n=3)
            expect(other.y).close_to(2 * other.x)
    '''
    (verdict,) = verdicts("import torch\nn = 1\nx = torch.ones(2)\ny = x + n", check)
    assert verdict.message.startswith(
        "With `x` = tensor([1.0, 5.0]), `n` = 3: `y` has 4 at [0], where 2 was expected; "
    )
    (verdict,) = verdicts("import torch\nn = 1\nx = torch.ones(2)\n", check)
    assert verdict.message == "There is no `y`."
