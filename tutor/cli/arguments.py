"""The command line: its words, options and help."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from tutor import __version__
from tutor.cli.commands import COMMANDS
from tutor.cli.errors import Refusal

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
  tutor verify --watch LESSON   prove it now, and each time it is saved
  tutor new CHAPTER/NAME        a lesson module to fill in, in the pack that is here
  tutor new PACK                a pack of your own: a folder with one lesson (a name without a slash, or ./PATH)
  tutor doctor                  what this machine has, and what to do about the rest

  LESSON is an id (autograd/backward), a name (backward), a number (6.1) or how a title begins.

  --json          one object, or one event a line for run and check
  --count N       quiz and review: so many questions at most
  --plain         quiz and review: line by line, for screen readers, pipes and dumb terminals
  --device NAME   where runs compute: cpu, cuda, cuda:1, mps
  --python PATH   the Python whose PyTorch is used; it needs no tutor
  --pack DIR      the lessons in another folder, for the app and all commands; what is remembered of them is apart
  --trust         yes, the lessons of that pack may run, which are programs that run as you; else one is asked, once
  --version  --help

Exit status
    0  done; for check: passed; for quiz and review: gone through, or left
    1  check: not passed; verify: something is wrong in a lesson; report: something solved does not hold any more
    2  the command line is wrong, a file or lesson can't be read, a pack isn't trusted, or the output can't be written
    3  the worker can't run anything, or a lesson's own check is broken
  130  interrupted
  141  whoever read the output has left
  run ends with the program's own status, as python would: 128 + N when signal N ended it.

TUTOR_HOME moves all that is remembered. TUTOR_PACK names a pack as --pack does. NO_COLOR turns colours off.
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
    "new": "Write a lesson module to fill in, a whole lesson that holds, and name it in the curriculum of the pack"
    " here, which is the folder or its lessons/. A name without a slash, or a path that begins with / or ./, makes a"
    " pack: a folder with a curriculum and one lesson.",
    "doctor": "What this machine has for the tutor, each with one thing to do where something is missing.",
}
_PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "run": ("target", {"metavar": "TARGET", "help": "a lesson, whose draft is run; a file; - for stdin"}),
    "check": ("lesson", {"metavar": "LESSON"}),
    "quiz": ("subject", {"nargs": "?", "metavar": "CHAPTER", "help": "by id, number or title; a lesson will do too"}),
    "report": ("file", {"metavar": "FILE", "help": "- for standard output"}),
    "export": ("file", {"metavar": "FILE", "help": "- for standard output, or input"}),
    "import": ("file", {"metavar": "FILE", "help": "- for standard output, or input"}),
    "verify": ("targets", {"nargs": "*", "metavar": "PACK|LESSON", "help": "a folder of lessons, or some of them"}),
    "new": ("name", {"metavar": "CHAPTER/NAME|PACK", "help": "the id of the lesson; a folder, for a pack"}),
}
"""The first word behind a command."""
_QUIZZES = ("quiz", "review")
_WITHOUT_JSON = (*_QUIZZES, "report", "new")
_RUNNING = (*_QUIZZES, "run", "check", "report", "verify")
"""Those that run lessons."""


class _Parser(argparse.ArgumentParser):
    """Sets only what is given, so that options may stand before the command as well as behind it."""

    color: bool

    def __init__(self, **settings: Any) -> None:
        super().__init__(argument_default=argparse.SUPPRESS, allow_abbrev=False, **settings)
        self.color = False  # Python 3.14 colours its help, and codes don't pass the gate
        self.add_argument("--device", metavar="NAME", help="where runs compute: cpu, cuda, cuda:1, mps")
        self.add_argument("--python", metavar="PATH", help="the Python whose PyTorch is used; it needs no tutor")
        self.add_argument("--pack", metavar="DIR", help="a folder of lessons, in place of those that come with tutor")

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{message[:1].upper()}{message[1:]}. Try `{self.prog} --help`.")

    def add_json(self, lines: str) -> None:
        """The option to print for programs."""
        about = f"print one JSON {lines}, and nothing else"
        self.add_argument("--json", action="store_true", help=about)

    def add_trust(self) -> None:
        """The option of what runs lessons."""
        about = "the lessons of the pack may run, now and later; they are programs that run as you"
        self.add_argument("--trust", action="store_true", help=about)

    def add_quiz(self) -> None:
        """The options of quizzes."""
        about = "line by line; so it is anyway where there is no terminal"
        self.add_argument("--count", type=_count, metavar="N", help="so many questions at most")
        self.add_argument("--plain", action="store_true", help=about)


class _MainParser(_Parser):
    """What stands before a command, or without one."""

    def __init__(self) -> None:
        super().__init__(prog="tutor", exit_on_error=False)
        self.add_argument("--version", action="version", version=f"tutor {__version__}")
        self.add_json("object")
        self.add_trust()
        self.add_quiz()

    def format_help(self) -> str:
        return HELP


def parse(words: list[str]) -> argparse.Namespace:
    """The options; ``command`` is None where the app is to be opened. Ends the program after help or version.

    Raises:
        Refusal: the words make no sense.
    """
    words, arguments = _at_dashes(words)
    options = argparse.Namespace(
        command=None, lesson=None, subject=None, file=None, targets=[], arguments=tuple(arguments),
        device=None, python=None, pack=None, trust=False, json=False, count=None, plain=False,
        mutate=False, watch=False,
    )  # fmt: skip
    program = _MainParser()
    parsers = _add_commands(program)
    try:
        _, unknown = program.parse_known_args(words, options)
    except argparse.ArgumentError as error:
        if error.argument_name != "command":
            program.error(str(error))
        unknown = _parse_lesson(words, options)
    if options.command == "help":
        program.print_help()
        sys.exit(0)
    if arguments and options.command != "run":
        raise Refusal("`--` is followed by a program's own arguments: `tutor run FILE -- ARG`.")
    if unknown := unknown + _misplaced(options):
        parsers.get(options.command, program).error(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def _add_commands(program: _MainParser) -> dict[str, _Parser]:
    """A parser for each command, by its name."""
    commands = program.add_subparsers(dest="command", parser_class=_Parser)
    commands.add_parser("help").add_argument("topics", nargs="*")
    parsers = {name: commands.add_parser(name, description=_ABOUT[name]) for name in COMMANDS}
    for name, parser in parsers.items():
        if name not in _WITHOUT_JSON:
            parser.add_json("event a line" if name in ("run", "check") else "object")
        if name in _PLACES:
            place, settings = _PLACES[name]
            parser.add_argument(place, **settings)
        if name in _QUIZZES:
            parser.add_quiz()
        if name in _RUNNING:
            parser.add_trust()
    about = "prove one lesson now and each time it is saved, until ^C; what hasn't changed is not run again"
    parsers["verify"].add_argument("--watch", action="store_true", help=about)
    about = "try programs that differ from the solution in one place: the checks should refuse them"
    parsers["verify"].add_argument("--mutate", action="store_true", help=about)
    parsers["run"].epilog = "What follows a -- are the program's own arguments."
    parsers["check"].add_argument("file", nargs="?", metavar="FILE", help="instead of the draft; - for stdin")
    return parsers


def _parse_lesson(words: list[str], options: argparse.Namespace) -> list[str]:
    """The first word is no command, and may be a lesson; of several it was meant as a command."""
    program = _MainParser()
    program.add_argument("lesson")
    _, unknown = program.parse_known_args(words, options)
    if any(not word.startswith("-") for word in unknown):
        from tutor.curriculum.lesson import nearest

        hint = nearest(options.lesson, COMMANDS) or "`tutor --help` lists them."
        raise Refusal(f"There is no command `{options.lesson}`; {hint}")
    return unknown


def _misplaced(options: argparse.Namespace) -> list[str]:
    """The options before the command that it doesn't take."""
    json = options.json and (options.command is None or options.command in _WITHOUT_JSON)
    quiz = options.command not in _QUIZZES
    trust = options.trust and options.command is not None and options.command not in _RUNNING
    misplaced = {
        "--json": json,
        "--trust": trust,
        "--count": quiz and options.count is not None,
        "--plain": quiz and options.plain,
    }
    return [name for name, is_misplaced in misplaced.items() if is_misplaced]


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of questions: 1 is the fewest")
    return int(text)


def _at_dashes(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before ``--``, and behind it. argparse itself treats the dashes otherwise in every version."""
    if "--" not in words:
        return list(words), []
    at = words.index("--")
    return words[:at], words[at + 1 :]
