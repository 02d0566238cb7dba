"""``predict first``: what the lesson's snippet prints, asked before its first run, which is then the answer.

In a quiz it is asked as ``prints`` is, about the snippet: by then the lesson was run, and to say again what it printed
is practice as good as any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tutor.curriculum.lesson import Question
from tutor.curriculum.question_parser import QuestionCell
from tutor.quiz.executor import trimmed
from tutor.quiz.feedback import Verdict, code
from tutor.quiz.kinds import kind_of
from tutor.quiz.kinds.base import presented
from tutor.quiz.kinds.prints import Prints
from tutor.quiz.presentation import Answer, Presentation, positions, shuffled


class PredictFirst(Prints):
    """Its code is the snippet; a run of it says which option is right."""

    name = "predict first"
    has_code = False

    def read(self, cell: QuestionCell) -> Question:
        question = cell.question
        if question.code is not None:
            raise cell.fault(question.code.line, "Take the code out: this question is about the snippet.")
        cell.require_options(2)
        cell.refuse_marks("what the snippet prints is right")
        return replace(question, code=cell.snippet)

    # --- before the first run -------------------------------------------------------------------------------

    def present_before_run(self, question: Question, seed: int) -> Presentation:
        """The question while nobody knows which option is right; nothing runs for it."""
        assert question.code is not None
        options = shuffled(question, seed, presented(question, ()))
        return Presentation(question, seed, question.code.text, options, ())

    def settle(self, presentation: Presentation, output: str) -> Presentation:
        """The question once a run of the snippet has printed ``output``: with the right option, if one is."""
        text = trimmed(output)
        options = tuple(replace(option, right=trimmed(option.text) == text) for option in presentation.options)
        return replace(presentation, options=options, right=positions(options))

    def grade_by_run(self, presentation: Presentation, answer: Answer, output: str) -> Verdict:
        """The verdict of the first run, which printed ``output``, on an answer that was given before it.

        Where no option is what was printed, the draft is another program by now: that does not count.
        """
        settled = self.settle(presentation, output)
        if not settled.right:
            printed = code(trimmed(output)) if output.strip() else "nothing"
            return Verdict(False, (f"Your program printed {printed}, which is none of the options.",), counts=False)
        assert isinstance(answer, tuple)
        option = settled.options[answer[0]]
        return Verdict(option.right, (option.feedback,) if option.feedback else ())


def question_before_run(questions: Sequence[Question]) -> Question | None:
    """The question of a lesson that is asked before its first run; None where there is none."""
    return next((question for question in questions if isinstance(kind_of(question), PredictFirst)), None)


KIND = PredictFirst()
