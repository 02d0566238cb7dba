"""``choose``: which of several statements is right. There is no code."""

from __future__ import annotations

from tutor.curriculum.lesson import Question
from tutor.curriculum.question_parser import QuestionCell
from tutor.quiz.kinds.base import QuestionKind
from tutor.quiz.presentation import Presentation


class Choose(QuestionKind):
    """Options are Markdown; the lesson marks the right one."""

    name = "choose"
    has_code = False
    options_are_markdown = True

    def read(self, cell: QuestionCell) -> Question:
        cell.require_options(2)
        question = cell.question
        if question.code is not None:
            sentence = f"Take the code out, or name another kind: `{self.name}` has none."
            raise cell.fault(question.line, sentence)
        if not question.right:
            raise cell.fault(cell.option_lines[0], "Mark the right option with `- [x]`: no code tells which it is.")
        if self.mode == "one" and len(question.right) > 1:
            first, second = (cell.option_lines[place] for place in question.right[:2])
            sentence = f"Mark one option only (line {first} is marked already), or make this a `choose all`."
            raise cell.fault(second, sentence)
        return question

    def right_answer(self, presentation: Presentation) -> str:
        return "; ".join(presentation.options[place].text for place in presentation.right)


KIND = Choose()
