"""The command line: its words, options and help."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from tutor import __version__
from tutor.cli.errors import Refusal
from tutor.cli.main import COMMANDS

HELP = """\
tutor: a live PyTorch lab in a terminal

  tutor [LESSON]                open the tutor, at a lesson
  tutor list                    chapters and lessons, with what is done
  tutor run TARGET [-- ARG...]  run a lesson's draft, a file, or - for standard input, and draw what it shows
  tutor check LESSON [FILE]     run and check the draft, a file, or -
  tutor quiz [CHAPTER]          questions on a chapter, a lesson, or everything
  tutor review                  questions that you are about to forget
  tutor progress                what is solved, what comes due, what was done on which day
  tutor report FILE             what is solved, checked again on today's torch, as Markdown to show to somebody
  tutor export FILE             all that is remembered, in one file
  tutor import FILE             what such a file holds, added to what is remembered here; nothing is lost
  tutor verify [PACK|LESSON...] prove lessons: solutions pass, mistakes are caught, questions are answered
  tutor new LESSON              a lesson module to fill in, in the pack that is here
  tutor doctor                  what this machine has, and what to do about the rest

  LESSON is an id (autograd/backward), a name (backward), a number (6.1) or how a title begins.

  --json          one object, or one event a line for run and check
  --count N       quiz and review: so many questions at most
  --plain         quiz and review: line by line, for screen readers, pipes and dumb terminals
  --device NAME   where runs compute: cpu, cuda, cuda:1, mps
  --python PATH   the Python whose PyTorch is used; it needs no tutor
  --version  --help

Exit status
    0  done; for check: passed; for quiz and review: gone through, or left
    1  check: not passed; verify: something is wrong in a lesson; report: something solved does not hold any more
    2  the command line is wrong, a file or lesson can't be read, or the output can't be written
    3  the worker can't run anything, or a lesson's own check is broken
  130  interrupted
  141  whoever read the output has left
  run ends with the program's own status, as python would: 128 + N when signal N ended it.

TUTOR_HOME moves all that is remembered. NO_COLOR turns colours off.
"""

_ABOUT = {
    "list": "Chapters and lessons, with what is done.",
    "run": "Run a program and draw what it shows. Into a file or a pipe goes what the program writes, nothing else.",
    "check": "Run a program and check it against a lesson. The learner's own draft counts as an attempt.",
    "progress": "What is solved, shown or skipped; what comes due; what was done on which day.",
    "report": "Check again what is solved, on today's torch, and write down what is done, seen and skipped.",
    "export": "Write all that is remembered, drafts too, into one file of JSON lines.",
    "import": "Add what an export holds to what is remembered here. Of two drafts the newer one stays the draft, the"
    " other is kept as an earlier version. Doing it again changes nothing.",
    "quiz": "Questions on a chapter or a lesson, or on everything, mixed. Answers are kept for reviews.",
    "review": "Questions that you are about to forget, the most urgent first, at most twenty in a day.",
    "verify": "Prove a pack, or some lessons, by running all that is in them.",
    "new": "Write a lesson module to fill in: a whole lesson that holds, in the pack here, the folder or its lessons/.",
    "doctor": "What this machine has for the tutor, each with one thing to do where something is missing.",
}
_WITH_VALUE = ("--device", "--python", "--count")


class _Parser(argparse.ArgumentParser):
    color: bool

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{message[:1].upper()}{message[1:]}. Try `{self.prog} --help`.")


def parse(words: list[str]) -> argparse.Namespace:
    """The options; ``command`` is None where the app is to be opened. Ends the program after help or version.

    Raises:
        Refusal: the words make no sense.
    """
    words, arguments = _at_dashes(words)
    place = _first_word(words)
    if "--version" in words[:place]:
        print(f"tutor {__version__}")
        sys.exit(0)
    if {"--help", "-h"} & set(words[:place]) or words[place : place + 1] == ["help"]:
        print(HELP, end="")
        sys.exit(0)
    command = words[place] if place < len(words) and words[place] in COMMANDS else None
    if command is None:
        _refuse_unknown_command(words)
    else:
        del words[place]
    if arguments and command != "run":
        raise Refusal("`--` is followed by a program's own arguments: `tutor run FILE -- ARG`.")
    options = _parser(command).parse_args(words)
    options.command, options.arguments = command, tuple(arguments)
    return options


def _parser(command: str | None) -> argparse.ArgumentParser:
    name = f"tutor {command}" if command else "tutor"
    parser = _Parser(prog=name, description=_ABOUT.get(command or ""), allow_abbrev=False)
    parser.color = False  # Python 3.14 colours its help, and codes don't pass the gate
    parser.add_argument("--device", metavar="NAME", help="where runs compute: cpu, cuda, cuda:1, mps")
    parser.add_argument("--python", metavar="PATH", help="the Python whose PyTorch is used; it needs no tutor")
    if command is None:
        parser.add_argument("lesson", nargs="?", metavar="LESSON")
        return parser
    lines = "event a line" if command in ("run", "check") else "object"
    if command == "report":
        parser.add_argument("file", metavar="FILE", help="- for standard output")
        return parser
    if command == "new":
        parser.add_argument("lesson", metavar="LESSON", help="its id: chapter/name")
        return parser
    if command in ("quiz", "review"):
        _add_quiz(parser, command)
        return parser
    parser.add_argument("--json", action="store_true", help=f"print one JSON {lines}, and nothing else")
    if command == "run":
        parser.add_argument("target", metavar="TARGET", help="a lesson, whose draft is run; a file; - for stdin")
        parser.epilog = "What follows a -- are the program's own arguments."
    elif command == "check":
        parser.add_argument("lesson", metavar="LESSON")
        parser.add_argument("file", nargs="?", metavar="FILE", help="instead of the draft; - for stdin")
    elif command in ("export", "import"):
        parser.add_argument("file", metavar="FILE", help="- for standard output, or input")
    elif command == "verify":
        parser.add_argument("targets", nargs="*", metavar="PACK|LESSON", help="a folder of lessons, or some of them")
    return parser


def _add_quiz(parser: argparse.ArgumentParser, command: str) -> None:
    if command == "quiz":
        parser.add_argument(
            "subject", nargs="?", metavar="CHAPTER", help="by id, number or title; a lesson will do too"
        )
    parser.add_argument("--count", type=_count, metavar="N", help="so many questions at most")
    parser.add_argument("--plain", action="store_true", help="line by line; so it is anyway where there is no terminal")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of questions: 1 is the fewest")
    return int(text)


def _at_dashes(words: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in words:
        return list(words), []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _first_word(words: list[str]) -> int:
    """The place of the first word that is no option; the length where all are."""
    return next(iter(_places(words)), len(words))


def _places(words: list[str]) -> list[int]:
    """Where the words stand that are no options, nor what an option is set to."""
    return [
        place
        for place, word in enumerate(words)
        if (word == "-" or not word.startswith("-")) and (place == 0 or words[place - 1] not in _WITH_VALUE)
    ]


def _refuse_unknown_command(words: list[str]) -> None:
    """One word may be a lesson; of several, the first was meant as a command."""
    places = _places(words)
    if len(places) > 1:
        from tutor.curriculum.lesson import nearest

        meant = words[places[0]]
        hint = nearest(meant, COMMANDS) or "`tutor --help` lists them."
        raise Refusal(f"There is no command `{meant}`; {hint}")
