"""``choose all``: which of several statements are right, one or more. There is no code."""

from __future__ import annotations

from tutor.client.runner import CodeRunner
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds.choose import Choose
from tutor.quiz.presentation import Answer, Presentation


class ChooseAll(Choose):
    """Options are Markdown; the lesson marks those that are right."""

    name = "choose all"
    mode = "several"

    async def grade(self, presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
        """A wrong answer is told of each option that is wrongly chosen, and of each that is missing."""
        if set(answer) == set(presentation.right):
            return Verdict(True)
        sentences = []
        for place, option in enumerate(presentation.options):
            if (place in answer) != option.right:
                lead = f"{option.text} belongs to it" if option.right else f"{option.text} does not"
                sentences.append(f"{lead}: {option.feedback}" if option.feedback else f"{lead}.")
        return Verdict(False, tuple(sentences))


KIND = ChooseAll()
