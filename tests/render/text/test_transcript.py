"""A transcript shows what a terminal would show, and obeys nothing else."""

import random
import time
import tracemalloc

import pyte
import pytest

from tutor.render.text.style import look
from tutor.render.text.transcript import CHARACTERS, Transcript, output


def fed(*chunks, **options):
    transcript = Transcript(**options)
    for chunk in chunks:
        transcript.feed(chunk)
    return transcript


def plain(transcript):
    return "\n".join(line.plain for line in transcript.lines())


PLAIN = [
    ("a\nb\n", "a\nb"),
    ("", ""),
    ("\n\n", "\n"),
    ("no newline", "no newline"),
    ("10%\r20%\r100%", "100%"),
    ("long line\rshort", "shortline"),
    ("long line\r\x1b[Kshort", "short"),
    ("dos\r\nlines\r\n", "dos\nlines"),
    ("abc\b\bX\b\b\b\b\bY", "YXc"),
    ("a\tb\n12345678\tc", "a       b\n12345678        c"),
    ("张量\rab", "ab量"),
    ("张量\ra", "a 量"),
    ("张\t量", "张      量"),
    ("e\u0301t\u0301", "e\u0301t\u0301"),
    ("\x1b]0;pwned\x07title", "title"),
    ("\x1b]0;pwned\x1b\\title", "title"),
    ("\x1b]52;c;cm0gLXJmIC8=\x07clipboard", "clipboard"),
    ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\!", "link!"),
    ("\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\sixel", "sixel"),
    ("\x1b_Gf=100;AAAA\x1b\\kitty", "kitty"),
    ("\x1b[?1049h\x1b[2J\x1b[Hscreen\x1b[?1049l", "screen"),
    ("\x1b[10;20Hmoved\x1b[3A\x1b[5C", "moved"),
    ("\x1b[>4;1mmodify\x1b[?25l", "modify"),
    ("\x1bcreset\x1b7\x1b8\x1b(B\x1b=", "reset"),
    ("never\x1b]0;closed\nnext line", "never\nnext line"),
    ("bell\x07 null\x00 form\x0c vertical\x0b delete\x7f c1\x85\x9c", "bell null form vertical delete c1"),
    ("8-bit \x9b31mcolour\x9b0m \x9d0;title\x9c!", "8-bit colour !"),
    ("bytes \udcff\udc80 not UTF-8", "bytes \ufffd\ufffd not UTF-8"),
]


@pytest.mark.parametrize(("written", "shown"), PLAIN)
def test_what_is_shown(written, shown):
    assert plain(fed(written)) == shown


@pytest.mark.parametrize(("written", "shown"), PLAIN)
def test_chunks_may_end_anywhere(written, shown):
    transcript = fed(*written)
    assert plain(transcript) == shown
    for cut in range(len(written)):
        transcript = fed(written[:cut])
        _ = plain(transcript)  # it may be drawn in between
        transcript.feed(written[cut:])
        assert plain(transcript) == shown, cut


@pytest.mark.parametrize("written", [text for text, _ in PLAIN])
def test_nothing_that_controls_a_terminal_is_ever_shown(written):
    for end in range(len(written) + 1):
        shown = plain(fed(written[:end]))
        assert not [char for char in shown if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"], end


def test_it_shows_what_a_terminal_emulator_shows():
    # Wide characters are left out: pyte overwrites one half of them and keeps the other.
    pieces = [
        "a",
        "bc ",
        "\r",
        "\b",
        "\t",
        "\n",
        "\x1b[31m",
        "\x1b[0m",
        "\x1b[K",
        "\x1b]2;t\x07",
        "0123456789",
        "\x1b[1;4m",
    ]
    chance = random.Random(7)
    for _ in range(100):
        written = "".join(chance.choices(pieces, k=40))
        # A terminal breaks lines at its right edge; here nothing reaches it.
        screen = pyte.Screen(500, 40)
        screen.set_mode(pyte.modes.LNM)
        pyte.Stream(screen).feed(written)
        shown = [line.rstrip() for line in screen.display[: screen.cursor.y + 1]]
        mine = [line.rstrip() for line in plain(fed(written)).split("\n")]
        mine += [""] * (len(shown) - len(mine))
        assert mine == shown, repr(written)


def styles(text):
    return [(text.plain[span.start : span.end], str(span.style)) for span in text.spans if str(span.style) != "none"]


def test_colours_are_kept_over_lines_and_chunks():
    transcript = fed(
        "\x1b[3",
        "1mred\nstill ",
        "red\x1b[",
        "0m plain\n\x1b[38;5;208;1morange",
        "\x1b[38;2;1;2;3m exact\x1b[39;22m none",
    )
    lines = transcript.lines()
    assert str(lines[0].style) == "color(1)" or styles(lines[0]) == [("red", "color(1)")]
    assert styles(lines[1]) == [("still red", "color(1)")]
    assert [part for part, _ in styles(lines[2])] == ["orange", " exact", " none"]
    assert [style for _, style in styles(lines[2])] == [
        "bold color(208)",
        "bold rgb(1,2,3)",
        "not bold not dim default",
    ]


@pytest.mark.parametrize("broken", ["38", "38;5", "38;5;999", "38;2;1;2", "48;9;1", ";;;", "999", "38:2::1:2:3", "4:3"])
def test_broken_colours_break_nothing(broken):
    assert plain(fed(f"\x1b[{broken}mtext")) == "text"


def test_only_the_last_lines_are_kept_and_the_others_counted():
    transcript = fed("".join(f"{number}\n" for number in range(10_000)) + "end", keep=5_000)
    assert transcript.dropped == 5_000
    assert len(transcript) == 5_001
    assert transcript.lines()[0].plain == "5000"
    assert [line.plain for line in transcript.tail(2).lines()] == ["9999", "end"]
    assert transcript.tail(2).dropped == 9_999
    assert len(transcript.tail(0)) == 0


def test_a_line_without_end_is_cut_and_what_is_lost_is_counted():
    transcript = fed(*["x" * 10_000] * 100)
    (line,) = transcript.lines()
    assert line.plain == "x" * 5_000 + "… +995,000 characters"
    transcript.feed("\nnext")
    assert [line.cell_len for line in transcript.lines()] == [5_000 + 21, 4]


def test_output_is_one_text():
    text = output("one\n\x1b[1mtwo\x1b[0m\n")
    assert text.plain == "one\ntwo"


def test_ascii_spells():
    assert plain(fed("∇ 张 é\r", look=look(ascii=True))) == "grad  ? e"


FLOODS = {
    "lines": "a line of thirty-odd characters\n" * 2_000,
    "colours": "\x1b[32mgreen\x1b[0m and \x1b[1mbold\x1b[0m text\n" * 1_500,
    "progress": "".join(f"\r{n}%|{'#' * (n // 2):50}| {n}/100" for n in range(100)) * 8,
    "one line": "x" * 65_536,
    "wide": "张量" * 16_000 + "\n",
    "short lines": "\n" * 65_536,
    "escapes": "\x1b[31m" * 13_000,
    "unclosed": "\x1b]0;" + "x" * 65_000,
    "long lines": ("y" * 4_990 + "\n") * 13,
    "overwritten lines": ("z" * 2_400 + "\r" + "w" * 2_500 + "\n") * 13,
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_bounded(kind):
    """Memory; and time, very loosely, so that only what is quadratic fails."""
    chunk = FLOODS[kind]
    began = time.process_time()
    fed(*[chunk] * 20)
    assert time.process_time() - began < 20 * len(chunk) / 1e6 * 3

    tracemalloc.start()
    transcript = fed(*[chunk] * 40)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 6 * CHARACTERS
    assert len(transcript) <= 5_001


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ('one\nTraceback (most recent call last):\n  File "x.py", line 1\n    f()\nValueError: no\n', "one"),
        ("  File \"x.py\", line 2\n    print(\n         ^\nSyntaxError: '(' was never closed\n", ""),
        ('one\nloss Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no\n', "one\nloss "),
        ("  + Exception Group Traceback (most recent call last):\n  | ExceptionGroup: many\n", None),
        ("one\ntwo\n", "one\ntwo"),
        (2 * "Traceback (most recent call last):\nKeyError: 1\n\nDuring handling of the above …\n\n", None),
    ],
)
def test_a_traceback_that_is_told_elsewhere_is_left_out(written, left):
    transcript = Transcript()
    transcript.feed(written)
    kept = plain(transcript.without_traceback())
    assert kept == (plain(transcript) if left is None else left)
