"""A question of any kind: prepared to be asked, and its answers graded."""

from __future__ import annotations

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.quiz import feedback
from tutor.quiz.executor import Unfinished
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds import kind_of
from tutor.quiz.presentation import Answer, Presentation


async def prepare(question: Question, runner: CodeRunner, seed: int) -> Presentation:
    """Prepare ``question`` to be asked, as :meth:`tutor.quiz.kinds.base.QuestionKind.prepare` says."""
    return await kind_of(question).prepare(question, runner, seed)


async def grade(presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
    """Grade ``answer``. What is typed runs in the worker only, ten seconds at most.

    Raises:
        WorkerFault: nothing can be run.
        ValueError: the answer doesn't fit the mode of the question, or names options that aren't there.
    """
    _require_fit(presentation, answer)
    if isinstance(answer, str) and not answer.strip():
        return Verdict(False, ("Nothing is typed yet.",), counts=False)
    try:
        return await kind_of(presentation.question).grade(presentation, answer, runner)
    except Unfinished as ended:
        return feedback.ended_early(ended)


def _require_fit(presentation: Presentation, answer: Answer) -> None:
    mode, all = presentation.mode, set(range(len(presentation.options)))
    if isinstance(answer, str):
        fits = mode == "text"
    else:
        places = set(answer)
        fits = mode != "text" and places <= all and len(places) == len(answer)
        fits &= mode != "order" or places == all
        fits &= mode != "one" or len(answer) == 1
    if not fits:
        raise ValueError(f"{answer!r} is no answer of the mode {mode} to a question with {len(all)} options")
