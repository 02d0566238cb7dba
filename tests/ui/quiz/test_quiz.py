"""Quiz mode behind a scripted runner: keys, what is said, what is remembered."""

from __future__ import annotations

import time

import pytest

from tests.ui import asked
from tests.ui.asked import letter_of, remembered
from tutor.learner.store import Store
from tutor.protocol.codec import Ended, Fault, Output, Raised
from tutor.ui.messages import QuizRequest, StartQuiz


@pytest.fixture
def pack(tmp_path):
    found = asked.cells()
    return asked.write(
        tmp_path / "pack",
        choose=asked.CHOOSE.format(name="q1"),
        two=asked.CHOOSE.format(name="q2") + asked.CHOOSE.format(name="q3"),
        several=asked.ALL,
        lines=found["never_learns"],
        printed=found["printed_mean"],
    )


async def ask(tutor, lesson="choose", what="lesson", count=None):
    quiz = QuizRequest(what, f"asked/{lesson}" if what == "lesson" else lesson, count)
    tutor.app.post_message(StartQuiz(quiz))
    await tutor.pilot.pause()


async def opened_at(tutor, words="Which one is it", **how):
    await ask(tutor, **how)
    await tutor.until(lambda: words in tutor.text, "the question")


async def test_where_nothing_fits_nothing_but_that_is_shown(opened):
    async with opened(size=(23, 8)) as tutor:
        await tutor.until(lambda: "23x8, needs 24x6" in tutor.text, "the sentence")
        await ask(tutor)
        await tutor.until(lambda: tutor.app.screen.turn is not None, "the question")
        await tutor.pilot.pause()
        assert tutor.text.strip() == "23x8, needs 24x6"


# --- one of several -------------------------------------------------------------------------------------------


async def test_a_letter_answers_and_what_came_of_it_is_remembered(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        assert "0 of 1" in tutor.lines[0]
        await tutor.press(letter_of(tutor, "the right one"))
        assert "✓ Right" in tutor.text and "It is so." in tutor.text
        assert "1 of 1" in tutor.lines[0]
        [(question, detail)] = remembered(home)
        assert question == "asked/choose#q1" and '"rating": 4' in detail and '"sitting": "lesson"' in detail
        await tutor.press("enter")
        assert "✓ 1 of 1 right at the first try" in tutor.text
        await tutor.press("escape")
        assert "Begin" in tutor.text


async def test_a_wrong_answer_is_told_what_it_was_and_another_may_be_given_in_the_same_order(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        before = [line for line in tutor.lines if "wrong one" in line or "right one" in line]
        await tutor.press(letter_of(tutor, "the second wrong one"))
        assert "✗ Not right yet" in tutor.text and "that is the second wrong one" in tutor.text
        assert "It is so." not in tutor.text and not remembered(home), "not over yet"
        after = [line for line in tutor.lines if ("wrong one" in line or "right one" in line) and "that is" not in line]
        assert [line[3:] for line in after] == [line[3:] for line in before]
        await tutor.press(letter_of(tutor, "the right one"))
        assert "✓ Right, at the second try" in tutor.text
        assert '"rating": 2' in remembered(home)[0][1]


async def test_two_wrong_answers_show_the_right_one_and_the_question_comes_again(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press(letter_of(tutor, "the second wrong one"))
        await tutor.press(letter_of(tutor, "the third wrong one"))
        assert "The answer: the right one" in tutor.text and "It is so." in tutor.text
        assert "1 of 2" in tutor.lines[0], "it comes once more"
        await tutor.press("right")
        await tutor.until(lambda: "once more" in tutor.lines[0], "the second coming")
        await tutor.press(letter_of(tutor, "the right one"), "enter")
        assert "0 of 1 right at the first try" in tutor.text and "1 more when it came again" in tutor.text
        assert len(remembered(home)) == 1, "practice is no answer of its own"


async def test_the_cursor_and_enter_answer_too(opened):
    async with opened() as tutor:
        await opened_at(tutor)
        order = "abcd".index(letter_of(tutor, "the right one"))
        await tutor.press(*["down"] * order, "enter")
        assert "✓ Right" in tutor.text


async def test_enter_where_it_was_wrong_shows_the_answer(opened):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press(letter_of(tutor, "the second wrong one"), "enter")
        assert "◌ Shown" in tutor.text and "The answer: the right one" in tutor.text


async def test_a_hint_strikes_one_out_and_a_second_one_is_the_answer(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press("question_mark")
        assert "Hint  that is the" in tutor.text and sum(line.startswith(" - ") for line in tutor.lines) == 1
        await tutor.press("question_mark")
        assert "◌ Shown" in tutor.text
        assert '"revealed": true' in remembered(home)[0][1]


async def test_right_after_a_hint_is_rated_as_that(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press("ctrl+t", letter_of(tutor, "the right one"))
        assert "✓ Right, with a hint" in tutor.text
        assert '"rating": 2' in remembered(home)[0][1]


async def test_i_do_not_know(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press("f3")
        assert "The answer: the right one" in tutor.text
        assert '"rating": 1' in remembered(home)[0][1]


async def test_keys_that_mean_nothing_do_nothing(opened):
    async with opened() as tutor:
        await opened_at(tutor)
        before = tutor.text
        await tutor.press("z", "9", "space", "alt+up", "alt+down", "tab", "left", "f5")
        assert tutor.text == before


# --- all, and lines -------------------------------------------------------------------------------------------


async def test_all_that_are_right_are_ticked(opened):
    async with opened() as tutor:
        await opened_at(tutor, "Which are right?", lesson="several")
        await tutor.press("enter")
        assert "Nothing is chosen yet" in tutor.text
        await tutor.press(letter_of(tutor, "right too"))
        place = "abc".index(letter_of(tutor, "wrong"))
        await tutor.press("home", *["down"] * place, "space")
        assert tutor.text.count("[x]") == 2
        await tutor.press("space")
        assert tutor.text.count("[x]") == 1
        await tutor.press("enter")
        assert "✗ Not right yet" in tutor.text and "right belongs to it" in tutor.text
        right = next(line for line in tutor.lines if "]" in line and line.endswith("  right"))
        await tutor.press(right.split("]")[1].split()[0], "enter")
        assert "✓ Right, at the second try" in tutor.text


async def test_a_line_of_code_is_chosen_where_it_stands(opened):
    async with opened() as tutor:
        await opened_at(tutor, "Which line is at fault?", lesson="lines")
        wanted = next(line for line in tutor.lines if line.endswith("optimizer.step"))
        while not next(line for line in tutor.lines if line.endswith("optimizer.step")).startswith(" ›"):
            await tutor.press("down")
        assert wanted.split()[0] == "8"
        await tutor.press("enter")
        assert "✓ Right" in tutor.text


# --- leaving --------------------------------------------------------------------------------------------------


async def test_leaving_in_the_middle_says_what_it_came_to_and_what_to_read_again(opened, home):
    async with opened() as tutor:
        await opened_at(tutor, lesson="two")
        await tutor.press("f3", "enter")
        await tutor.until(lambda: "1 of 3" in tutor.lines[0] and "◌" not in tutor.text, "the second question")
        await tutor.press("escape")
        assert "0 of 1 right at the first try" in tutor.text and "1 not asked" in tutor.text
        assert "Worth reading again" in tutor.text and "The lesson two" in tutor.text
        await tutor.press("enter")
        assert "Questions › The lesson two" in tutor.lines[0]


async def test_leaving_before_any_answer_leaves_at_once(opened, home):
    async with opened("asked/choose") as tutor:
        await opened_at(tutor)
        await tutor.press("escape")
        assert "The lesson choose" in tutor.lines[0] and not remembered(home)


async def test_a_wrong_answer_that_is_left_at_that_was_one(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press(letter_of(tutor, "the second wrong one"), "escape")
        assert '"rating": 1' in remembered(home)[0][1]


async def test_quitting_keeps_what_was_answered(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press(letter_of(tutor, "the right one"), "ctrl+q")
    assert len(remembered(home)) == 1


# --- where it is opened from ----------------------------------------------------------------------------------


async def test_from_home_a_quiz_is_chosen(opened):
    async with opened() as tutor:
        await tutor.press("alt+q")
        assert "All chapters, mixed" in tutor.text and "6 questions" in tutor.text and "due" not in tutor.text
        await tutor.press("enter")
        await tutor.until(lambda: "0 of 6" in tutor.lines[0], "the quiz")


async def test_from_home_the_lesson_under_the_cursor_can_be_asked_about(opened):
    async with opened() as tutor:
        await tutor.press("down", "down", "alt+q")
        assert "This lesson: The lesson two" in tutor.text and "This chapter: Questions" in tutor.text
        await tutor.press("enter")
        await tutor.until(lambda: "0 of 2" in tutor.lines[0], "the quiz")


async def test_from_a_lesson_its_own_questions_come_first(opened):
    async with opened("asked/two") as tutor:
        await tutor.press("alt+q")
        assert "This lesson: The lesson two" in tutor.text and "This chapter: Questions" in tutor.text
        await tutor.press("enter")
        await tutor.until(lambda: "0 of 2" in tutor.lines[0], "the quiz")


async def test_a_lesson_that_was_solved_offers_its_questions(opened):
    async with opened("asked/two") as tutor:
        await tutor.press("ctrl+r")
        await tutor.passes_as("a_is_two")
        await tutor.until(lambda: "Alt+Q  quiz: 2 questions" in tutor.text, "the offer")
        await tutor.press("alt+q")
        await tutor.until(lambda: "Which one is it" in tutor.text, "the quiz, without a choice")
        await tutor.press("escape")
        assert "The lesson two" in tutor.lines[0] and "Takeaway" in tutor.text


async def test_the_palette_has_it(opened):
    async with opened() as tutor:
        await tutor.press("ctrl+p")
        await tutor.type("about to forget")
        await tutor.press("enter")
        await tutor.until(lambda: "Nothing is due." in tutor.text, "the review")
        await tutor.press("enter")
        assert "Begin" in tutor.text


# --- reviews --------------------------------------------------------------------------------------------------


async def test_what_is_due_is_a_quiet_number_and_a_review(opened, home):
    store = Store.open(home, clock=lambda: time.time() - 30 * 86400)
    store.record("answered", "asked/choose#q1", rating=1, sitting="quiz")
    store.close()
    async with opened() as tutor:
        assert "1 due" in tutor.lines[0] and "due" not in "\n".join(tutor.lines[1:])
        await tutor.press("alt+v")
        await tutor.until(lambda: "Which one is it, q1?" in tutor.text, "the question")
        assert tutor.lines[0].startswith(" Review")
        await tutor.press(letter_of(tutor, "the right one"), "enter", "escape")
        assert "due" not in tutor.text
        assert '"sitting": "review"' in remembered(home)[1][1]


async def test_nothing_due_says_when_something_will_be(opened, home):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press("f3", "escape", "escape")
        await tutor.press("alt+v")
        assert "Nothing is due. The next one comes tomorrow." in tutor.text


# --- the worker -----------------------------------------------------------------------------------------------


async def test_while_torch_loads_questions_without_code_come_first_and_computed_ones_say_that_they_wait(opened):
    async with opened() as tutor:
        await ask(tutor, "asked", "chapter")
        for done in range(10):  # five of them, each once more
            await tutor.until(
                lambda said=f"{done} of": said in tutor.text and "don't know" in tutor.text, f"question {done}"
            )
            assert "What does this print?" not in tutor.text
            await tutor.press("f3", "enter")
        await tutor.until(lambda: "This question is computed by torch, which is still being loaded" in tutor.text)
        tutor.runner.ready()
        await tutor.until(lambda: tutor.runner.requests, "the code to be run")
        await tutor.say(Output(0, "tty", "tensor(2.)\r\n"), Ended(0, 0))
        assert "What does this print?" in tutor.text and "tensor(2.)" in tutor.text


async def test_a_question_that_cannot_be_asked_here_is_left_out(opened):
    async with opened() as tutor:
        tutor.runner.ready()
        await ask(tutor, "printed")
        await tutor.until(lambda: tutor.runner.requests, "the code to be run")
        await tutor.say(Raised(0, "RuntimeError", "no", ()), Ended(0, 1))
        assert "A question of asked/printed was left out." in tutor.text


async def test_a_worker_that_dies_is_told_and_may_be_tried_again(opened):
    async with opened() as tutor:
        tutor.runner.ready()
        await ask(tutor, "printed")
        await tutor.until(lambda: tutor.runner.requests, "the code to be run")
        await tutor.say(Fault(0, "The worker was killed by SIGKILL."))
        assert "killed by SIGKILL" in tutor.text
        await tutor.press("enter")
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "another try")
        await tutor.press("escape")
        await tutor.until(lambda: tutor.runner.requests[1].id in tutor.runner.stopped, "the run's end")


async def test_without_a_worker_there_are_still_questions_without_code(opened):
    async with opened() as tutor:
        tutor.runner.on_event(Fault(None, "The worker ended: no module named torch."))
        await ask(tutor, "asked", "chapter")
        for done in range(10):
            await tutor.until(
                lambda at=f"{done} of": at in tutor.text and "don't know" in tutor.text, f"question {done}"
            )
            assert "no worker" in tutor.lines[0]
            await tutor.press("f3", "enter")


async def test_a_home_that_cannot_be_written_is_told_while_one_is_asked(opened, home):
    home.write_text("a file where the folder should be")
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press(letter_of(tutor, "the right one"))
        assert "not saved" in tutor.lines[0]


async def test_a_lesson_that_runs_is_stopped(opened):
    async with opened("asked/choose") as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+r")
        await opened_at(tutor)
        assert tutor.runner.stopped == [1]


# --- looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (24, 6), (20, 5)])
async def test_it_is_drawn_at_every_size(opened, size):
    async with opened(size=size) as tutor:
        await ask(tutor)
        await tutor.pilot.pause()
        await tutor.press("down", "question_mark", "f3", "enter", "escape")
        assert all(len(line) <= size[0] for line in tutor.lines)


async def test_ascii_is_ascii(opened):
    async with opened(ascii=True) as tutor:
        await opened_at(tutor)
        await tutor.press("question_mark", letter_of(tutor, "the right one"))
        assert tutor.text.isascii() and "ok Right, with a hint" in tutor.text


async def test_colours_change_while_one_is_asked(opened):
    async with opened() as tutor:
        await opened_at(tutor)
        await tutor.press("f12")
        assert "Colours: light." in tutor.text and "Which one is it" in tutor.text
