"""torch's own words are one key away: the traceback as Python prints it."""

import pytest

from tutor.protocol.codec import Ended, Finished, Frame, Operand, Output, Raised

TRACEBACK = (
    'Traceback (most recent call last):\r\n  File "/nowhere/one.py", line 2, in <module>\r\n    y = x @ w\r\n'
    "        ~~^~~\r\nRuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)\r\n"
)
RAISED = Raised(
    0,
    "RuntimeError",
    "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
    (Frame(2, "<module>", "y = x @ w", 4, 9),),
    (Operand("x", "f32[2,3]"), Operand("w", "f32[2,3]")),
    fits=("w.T",),
)


async def fail(tutor) -> None:
    await tutor.press("ctrl+r")
    await tutor.say(Output(0, "tty", "before\r\n" + TRACEBACK), Finished(0, 0.004), RAISED, Ended(0, 1, seconds=0.01))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_one_key_shows_the_traceback_and_hides_it(opened, size) -> None:
    async with opened("basics/one", size=size) as tutor:
        assert "Alt+E" not in tutor.text
        await fail(tutor)
        assert "The inner sizes" in tutor.text and "before" in tutor.text
        assert "Traceback" not in tutor.text
        assert ("Alt+E traceback" in tutor.text) == (size[0] > 80)
        await tutor.press("alt+e")
        assert "As Python prints it" in tutor.text and "Traceback (most recent call last):" in tutor.text
        assert 'File "/nowhere/one.py", line 2' in tutor.text and "The inner sizes" in tutor.text
        await tutor.press("alt+e")
        assert "Traceback" not in tutor.text and "The inner sizes" in tutor.text


async def test_the_next_run_shows_it_too_until_the_key_is_pressed_again(opened) -> None:
    async with opened("basics/one") as tutor:
        await fail(tutor)
        await tutor.press("alt+e")
        await fail(tutor)
        assert "As Python prints it" in tutor.text
        await tutor.press("ctrl+r")
        await tutor.say(Finished(0, 0.004), Ended(0, 0, seconds=0.01))
        assert "As Python prints it" not in tutor.text


async def test_without_an_error_there_is_nothing_to_show(opened) -> None:
    async with opened("basics/one") as tutor:
        await tutor.press("alt+e")
        assert "There is no error to show." in tutor.text
