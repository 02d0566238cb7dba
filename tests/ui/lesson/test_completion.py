"""Names that are offered while one types, and the documentation of the name at the cursor."""

from __future__ import annotations

import pytest
from textual import events

from tutor.protocol.codec import Complete, Completion, Completions, Docs, Documented
from tutor.ui.lesson import completion_controller
from tutor.ui.lesson.completion import Offer, asks
from tutor.ui.lesson.completion_controller import Popup

NAMES = ("tensor", "tensordot", "TensorType", "tanh", "tan", "t", "take", "tile", "topk", "trace", "trapz")
ITEMS = tuple(Completion(name, "function" if name.islower() else "class") for name in NAMES)
LINEAR = Documented(
    0,
    "torch.nn.Linear",
    "class",
    "(in_features: int, out_features: int, bias: bool = True) -> None",
    "Applies :math:`y = xA^T + b`.\n\nArgs:\n    bias: If set to ``False``, no bias. Default: ``True``\n",
    "torch/nn/modules/linear.py:60",
)


def completing(start: int = 0, items: tuple[Completion, ...] = ITEMS):
    return lambda request: Completions(0, start, items) if isinstance(request, Complete) else None


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch):
    monkeypatch.setattr(completion_controller, "VISIBLE_AFTER", 0.0)


def rows(tutor) -> list[str]:
    """The rows of the list, as they are seen."""
    found = tutor.app.screen.query(Popup)
    if not found or not found.first().display:
        return []
    popup = found.first()
    return [popup.render_line(y).text for y in range(popup.size.height)]


async def offered(tutor, text: str, start: int = 0) -> None:
    """Type ``text`` on an empty line and wait for the list."""
    tutor.runner.ready()
    tutor.runner.answers = completing(start)
    tutor.app.screen.editor.replace_all("\nx = 0\n")
    await tutor.type(text)
    await tutor.until(lambda: rows(tutor), "the list")


def text_of(tutor) -> str:
    return tutor.app.screen.editor.text


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ("te", True),
        ("t", False),
        ("", False),
        ("x = torch.", True),
        ("x = torch.nn.L", True),
        ("f(x).", True),
        ("x[0].", True),
        ("'a'.", True),
        ("1.", False),
        ("x = 12.5", False),
        ("# te", False),
        ("x = 'te", False),
        ('x = "it\'s", te', True),
        ("x = 'it\\'s te", False),
        ("x = 1  # torch.", False),
        ("数学", True),
    ],
)
def test_names_are_worth_asking_about_and_strings_are_not(before, wanted):
    assert asks(before) is wanted


def test_an_offer_narrows_as_one_types_and_prefers_the_case_that_was_typed():
    offer = Offer(0, 6, "torch.", ITEMS)
    assert offer.follow(0, 8, "torch.te") and [item.name for item in offer.fitting] == ["tensor", "tensordot"]
    assert offer.follow(0, 8, "torch.Te") and [item.name for item in offer.fitting] == ["TensorType"]
    assert offer.follow(0, 8, "torch.TA") and [item.name for item in offer.fitting] == ["tanh", "tan", "take"]
    assert not offer.follow(0, 7, "torch.x"), "nothing fits"
    assert not offer.follow(1, 8, "torch.te"), "another line"
    assert not offer.follow(0, 9, "torch.te "), "the name is over"
    assert not offer.follow(0, 8, "touch.te"), "something else stands before it"
    assert not offer.follow(0, 10, "torch.topk"), "it is written out"


def test_an_argument_is_taken_with_its_sign():
    offer = Offer(0, 2, "f(", (Completion("bias", "argument"), Completion("bin", "function")))
    assert offer.follow(0, 3, "f(b") and offer.pick(")") == "bias=" and offer.pick(" = 2)") == "bias"
    offer.move(1)
    offer.move(1)
    assert offer.pick(")") == "bin"


async def test_the_list_shows_what_fits_and_tab_takes_the_first(opened):
    async with opened("basics/one") as tutor:
        await offered(tutor, "te")
        assert [row[1:].split()[0] for row in rows(tutor)] == ["tensor", "tensordot"] and "function" in rows(tutor)[0]
        request = tutor.runner.asked[-1]
        assert (request.source, request.row, request.column) == ("te\nx = 0\n", 0, 2)
        await tutor.press("tab")
        assert text_of(tutor) == "tensor\nx = 0\n" and not rows(tutor)
        await tutor.press("ctrl+z")
        assert text_of(tutor) == "te\nx = 0\n"


async def test_typing_on_narrows_at_once_and_closes_when_nothing_fits(opened):
    async with opened("basics/one") as tutor:
        await offered(tutor, "ta")
        assert len(rows(tutor)) == 3
        tutor.runner.holds_back = True
        await tutor.press("k")
        assert [row[1:].split()[0] for row in rows(tutor)] == ["take"]
        await tutor.press("backspace")
        assert len(rows(tutor)) == 3
        await tutor.press("q")
        assert not rows(tutor) and text_of(tutor).startswith("taq\n")


async def test_enter_is_a_new_line_unless_the_learner_has_moved_into_the_list(opened):
    async with opened("basics/one") as tutor:
        await offered(tutor, "te")
        await tutor.press("enter")
        assert text_of(tutor) == "te\n\nx = 0\n" and not rows(tutor)
    async with opened("basics/two") as tutor:
        await offered(tutor, "te")
        await tutor.press("down", "down", "down", "up", "down", "enter")
        assert text_of(tutor) == "tensordot\nx = 0\n"


async def test_up_above_the_first_is_back_in_the_text(opened):
    async with opened("basics/one") as tutor:
        await offered(tutor, "te")
        await tutor.press("down", "up", "enter")
        assert text_of(tutor) == "te\n\nx = 0\n"


async def test_a_down_that_comes_before_the_list_can_have_been_seen_moves_the_cursor(opened, monkeypatch):
    monkeypatch.setattr(completion_controller, "VISIBLE_AFTER", 1000.0)
    async with opened("basics/one") as tutor:
        await offered(tutor, "te")
        await tutor.press("down")
        assert tutor.app.screen.editor.cursor_location == (1, 2) and not rows(tutor)


async def test_escape_closes_until_another_name_begins(opened):
    async with opened("basics/one") as tutor:
        await offered(tutor, "te")
        await tutor.press("escape")
        assert not rows(tutor) and tutor.app.focused.id == "code"
        asked = len(tutor.runner.asked)
        await tutor.press("n")
        await tutor.until(lambda: len(tutor.runner.asked) > asked, "the next question")
        await tutor.pilot.pause()
        assert not rows(tutor)
        tutor.runner.answers = completing(4)
        await tutor.type(" ta")
        await tutor.until(lambda: rows(tutor), "the list of the next name")


async def test_keys_in_a_burst_arrive_as_they_were_typed(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        tutor.runner.answers = completing()
        editor = tutor.app.screen.editor
        editor.replace_all("")
        for key in ("t", "e", "tab", "x", "enter", "t", "a", "n", "down", "enter", "q"):
            tutor.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await tutor.pilot.pause()
        await tutor.pilot.pause()
        assert editor.text == "te  x\ntan\nq"


async def test_an_answer_that_comes_too_late_is_dropped(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        tutor.runner.answers = completing()
        tutor.runner.holds_back = True
        await tutor.type("te")
        await tutor.until(lambda: tutor.runner.asked, "the question")
        await tutor.press("enter")
        tutor.runner.answer_now()
        await tutor.pilot.pause()
        assert not rows(tutor)


async def test_an_answer_still_serves_when_the_name_only_grew(opened, monkeypatch):
    monkeypatch.setattr(completion_controller, "ASK_AFTER", 1000.0)  # nothing is asked for the name as it is then
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        tutor.runner.answers = completing()
        tutor.runner.holds_back = True
        tutor.app.screen.editor.replace_all("")
        await tutor.type("te")
        await tutor.press("alt+c")
        await tutor.until(lambda: tutor.runner.asked, "the question")
        await tutor.press("n")
        tutor.runner.answer_now()
        await tutor.until(lambda: rows(tutor), "the list")


@pytest.mark.parametrize("key", ["ctrl+g", "ctrl+r", "f1", "ctrl+t", "right", "home"])
async def test_the_list_goes_when_something_else_is_done(opened, key):
    async with opened("basics/one") as tutor:
        await offered(tutor, "te")
        await tutor.press(key)
        assert not rows(tutor) or key == "ctrl+t"  # a hint, in the other pane


async def test_the_list_stands_above_where_there_is_no_room_below(opened):
    async with opened("basics/one", size=(80, 24)) as tutor:
        tutor.runner.ready()
        tutor.runner.answers = completing(6)
        editor = tutor.app.screen.editor
        editor.replace_all("x\n" * 30)
        await tutor.press("ctrl+g")
        editor.move_cursor(editor.document.end)
        await tutor.type("torch.")
        await tutor.until(lambda: rows(tutor), "the list")
        popup = tutor.app.screen.query_one(Popup)
        assert len(rows(tutor)) == 8 and popup.region.bottom == editor.cursor_screen_offset.y
        assert popup.region.x == editor.cursor_screen_offset.x - 1
        for _ in range(10):
            await tutor.press("down")
        assert [row[1:].split()[0] for row in rows(tutor)] == list(NAMES[2:10])


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["wide", "narrow"])
async def test_a_list_as_it_is_seen(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        if size[0] == 80:
            await tutor.press("ctrl+g")
        await offered(tutor, "torch.t", 6)
        await tutor.press("down", "down")
        golden(f"names-{size[0]}", tutor.text)


async def test_names_are_offered_no_more_when_switched_off_and_that_is_remembered(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        tutor.runner.answers = completing()
        tutor.app.screen.editor.replace_all("")
        await tutor.press("alt+o")
        assert "offered no more" in tutor.text
        await tutor.type("te")
        await tutor.press("alt+c")
        await tutor.until(lambda: rows(tutor), "the list that was asked for")
        assert len(tutor.runner.asked) == 1
        await tutor.press("ctrl+q")
    async with opened("basics/one") as tutor:
        assert not tutor.app.context.learner.stood.completion


# --- documentation ----------------------------------------------------------------------------------------------


async def documented(tutor, answer: Documented | None = LINEAR) -> None:
    tutor.runner.ready()
    tutor.runner.answers = lambda request: answer if isinstance(request, Docs) else None
    await tutor.press("ctrl+k")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["wide", "narrow"])
async def test_documentation_as_it_is_seen(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        await documented(tutor)
        golden(f"docs-{size[0]}", tutor.text)
        await tutor.press("escape")
        assert "Applies" not in tutor.text


async def test_documentation_is_asked_for_the_name_at_the_cursor_and_leaves_the_code_in_sight(opened):
    async with opened("basics/one") as tutor:
        tutor.app.screen.editor.move_cursor((1, 3))
        await documented(tutor)
        request = tutor.runner.asked[-1]
        assert (request.source, request.row, request.column) == ("x = 0\nprint(x)\n", 1, 3)
        assert "print(x)" in tutor.text and "Something about names" not in tutor.text
        await tutor.press("alt+d")
        assert "Something about names" in tutor.text and tutor.app.focused.id == "code"


async def test_why_nothing_is_shown_is_said(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+k")
        assert "still being loaded" in tutor.text and not tutor.runner.asked
        await documented(tutor, Documented(0, note="Nothing is known of `qx`."))
        assert "Nothing is known of" in tutor.text
        await documented(tutor, Documented(0))
        assert "no name under the cursor" in tutor.text
        await documented(tutor, None)
        assert "not there to answer" in tutor.text


async def test_one_waits_for_a_slow_answer_and_is_told_so(opened, monkeypatch):
    monkeypatch.setattr(completion_controller, "PATIENCE", 0.01)
    async with opened("basics/one") as tutor:
        tutor.runner.holds_back = True
        await documented(tutor)
        await tutor.until(lambda: "Looking it up" in tutor.text, "the sentence")
        tutor.runner.answer_now()
        await tutor.until(lambda: "torch.nn.Linear" in tutor.text, "the page")


async def test_ascii_shows_nothing_else(opened):
    async with opened("basics/one", ascii=True) as tutor:
        await offered(tutor, "te")
        assert tutor.text.isascii()
        await documented(tutor)
        assert tutor.text.isascii() and "y = xA^T + b" in tutor.text
