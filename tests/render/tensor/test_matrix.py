"""Drawings of a piece of a tensor: golden texts, what tells values apart without colours, and what colours say."""

import math
import random
from dataclasses import replace

import pytest
from rich.cells import cell_len

from tutor.protocol.codec import TensorSlice
from tutor.render.tensor.heatmap import grid, heat
from tutor.render.tensor.histogram import histogram, share, statistics
from tutor.render.tensor.image import image
from tutor.render.tensor.matrix import values, window_size
from tutor.render.text.style import look


def piece(planes, name="x", dtype="f32", shape=None, low=None, high=None, **rest):
    """A piece with the figures that the worker would send, if these planes were the whole tensor."""
    planes = tuple(tuple(map(tuple, plane)) for plane in planes)
    everything = [value for plane in planes for row in plane for value in row]
    finite = [value for value in everything if value is not None and math.isfinite(value)]
    facts = {}
    if finite:
        low = min(finite) if low is None else low
        high = max(finite) if high is None else high
        mean = math.fsum(value / len(finite) for value in finite)
        counts = [0] * 40
        for value in finite:
            counts[min(39, int((value / 2 - low / 2) / (high / 2 - low / 2) * 40)) if high / 2 > low / 2 else 0] += 1
        facts = {
            "mean": mean, "std": math.hypot(*(value - mean for value in finite)) / math.sqrt(len(finite)),
            "zeros": finite.count(0) / len(finite), "histogram": tuple(counts),
        }  # fmt: skip
    facts |= {"nans": everything.count(None), "infs": len(everything) - everything.count(None) - len(finite)}
    shape = shape if shape is not None else (len(planes), len(planes[0]), len(planes[0][0]))
    return TensorSlice(
        1, name, dtype, shape, planes, **({"tiles": len(planes), "low": low, "high": high} | facts | rest)
    )


def plane(rows, columns, f):
    return [[f(row, column) for column in range(columns)] for row in range(rows)]


CHANCE = random.Random(4)
WAVES = piece([plane(8, 30, lambda i, j: 2 * math.sin(i / 2) * math.cos(j / 4))], "attention", shape=(12, 30))
HILL = piece([plane(9, 70, lambda i, j: math.exp(-((i - 4) ** 2 + (j / 4 - 6) ** 2) / 20))], "权重", shape=(9, 70))
SMALL = piece([plane(3, 4, lambda i, j: 4.0 * i + j)], "m", "i64", shape=(3, 4))
BAD = piece([[[0.5, None, -1.25, 3.0], [math.inf, 0.0, -math.inf, 1e-3]]], "bad", shape=(2, 4))
TINY = piece([plane(3, 8, lambda i, j: (i - 1.1) * (j + 1) * 3e-8)], "x.grad", shape=(3, 8))
DECADES = piece([plane(2, 6, lambda i, j: 10.0 ** (i - 2 * j))], "probabilities", shape=(2, 6))
KERNELS = piece(
    [plane(3, 3, lambda i, j: CHANCE.gauss(0, 0.2)) for _ in range(12)], "conv.weight", shape=(64, 1, 3, 3), tiles=64
)
CONSTANT = piece([plane(2, 3, lambda i, j: 2.0)], "ones", shape=(2, 3))
BROKEN = piece([[[None, None]]], "loss", shape=(1, 2))
META = TensorSlice(1, "ghost", "f32", (8, 8), note="meta: has no values")
EMPTY = piece([[[]]], "nothing", shape=(1, 0))
DIGIT = piece([plane(14, 14, lambda i, j: float(3 < math.hypot(i - 7, j - 7) < 6))], "digit", shape=(1, 14, 14))
PHOTO = piece(
    [
        plane(6, 12, lambda i, j: 255 * (j > 8)),
        plane(6, 12, lambda i, j: 15 * (i + j)),
        plane(6, 12, lambda i, j: 40 * i),
    ],
    "photo",
    "u8",
)
NORMED = piece([plane(6, 12, lambda i, j: math.sin(i * j / 5) * 2)], "normed")
HUGE = piece([[[1.7e308, -1.7e308, 5e-324, 0.0]]], "huge", "f64", shape=(1, 4))

VECTOR = replace(
    piece([[[float(row * 8 + column) for column in range(8)] for row in range(3)]], "v", shape=(500,), low=0, high=499),
    planes=(((*map(float, range(8)),), (*map(float, range(8, 16)),), (16.0, 17.0)),),
    top=40,
    step=(8, 1),
)
SHRUNK = replace(WAVES, shape=(96, 900), low=-900.0, high=800.0, step=(12, 30))

MAPS = {
    "waves": WAVES,
    "hill": HILL,
    "small": SMALL,
    "bad": BAD,
    "constant": CONSTANT,
    "broken": BROKEN,
    "meta": META,
    "vector": VECTOR,
    "shrunk": SHRUNK,
}
TABLES = {"waves": WAVES, "small": SMALL, "bad": BAD, "tiny": TINY, "decades": DECADES, "empty": EMPTY}
IMAGES = {"digit": DIGIT, "photo": PHOTO, "normed": NORMED}
FIGURES = {"waves": WAVES, "hill": HILL, "bad": BAD, "constant": CONSTANT, "broken": BROKEN, "meta": META}
DRAWINGS = {
    **{f"heat-{name}": lambda look, one=one: heat(one, look) for name, one in MAPS.items()},
    **{
        f"values-{name}": lambda look, one=one: values(replace(one, shape=(512, 784), top=100, left=8), look)
        for name, one in TABLES.items()
    },
    **{f"image-{name}": lambda look, one=one: image(one, look) for name, one in IMAGES.items()},
    **{f"statistics-{name}": lambda look, one=one: statistics(one, look) for name, one in FIGURES.items()},
    **{f"histogram-{name}": lambda look, one=one: histogram(one, look) for name, one in FIGURES.items()},
    "values-vector": lambda look: values(VECTOR, look),
    "values-in-part": lambda look: values(replace(SMALL, shape=(300, 4), step=(100, 1)), look),
    "grid-kernels": lambda look: grid(replace(KERNELS, top=4), look, lines=99),
    "grid-cut": lambda look: grid(KERNELS, look, lines=7),
    "grid-meta": lambda look: grid(META, look),
}
LOOKS = {
    "plain": look(), "ascii": look(ascii=True), "sixteen": look(colours=16),
    "dark": look(background="dark", colours=256), "light": look(background="light", colours=256),
    "ascii in colours": look(ascii=True, colours=256),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing(name, golden):
    golden(name, DRAWINGS[name], (60, 120))


@pytest.mark.parametrize("signs", LOOKS)
@pytest.mark.parametrize("width", [1, 2, 4, 9, 20, 38, 60, 121])
def test_no_line_is_wider_than_the_console(signs, width, printed):
    signs = LOOKS[signs]
    hostile = replace(
        KERNELS, name="\x1b[2J\u5f20\u91cf\x9b\n\udcff" * 4, note="\x1b]0;t\x07" + "long " * 30, dtype="\x1b[m"
    )
    drawings = [draw(signs) for draw in DRAWINGS.values()]
    drawings += [draw(hostile, signs) for draw in (heat, values, image, grid, statistics, histogram)]
    drawings += [draw(HUGE, signs) for draw in (heat, values, image, grid, statistics, histogram)]
    drawings += [draw(replace(SHRUNK, note="long " * 30), signs) for draw in (heat, image, grid)]
    for drawing in drawings:
        shown = printed(drawing, width)
        assert all(cell_len(line) <= width for line in shown.splitlines())
        assert not [char for char in shown if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"]
        shown.encode("ascii" if signs.ascii else "utf-8")
        if width >= 20:  # not because the console cut them
            assert not [line.plain for line in drawing.lines(width) if line.cell_len > width]


# --- maps -----------------------------------------------------------------------------------------------------


def cells(drawing, columns, width=120):
    """The signs of each value of a map, below its legend."""
    lines = [line.plain for line in drawing.lines(width)]
    return [line[start : start + 2] for line in lines[1:] for start in range(0, 2 * columns, 2)]


@pytest.mark.parametrize("ascii", [False, True])
def test_without_colours_signs_tell_values_apart(ascii):
    signs = look(ascii=ascii)
    levels = 9 if ascii else 8
    rising = cells(heat(piece([[[float(level) for level in range(levels)]]]), signs), levels)
    assert len(set(rising)) == levels
    legend = heat(piece([[[0.0, 1.0]]]), signs).lines(120)[0].plain
    assert [legend.index(rising[0]), legend.rindex(rising[-1])] == [2, legend.rindex(" 1") - 2]

    signed = cells(heat(piece([[[level / 4 for level in range(-4, 5)]]]), signs), 9)
    assert signed[4].strip() == signs.waits
    assert {sign[0] for sign in signed[:4]} == {"-"} and {sign[0] for sign in signed[5:]} == {"+"}
    assert [sign[1] for sign in signed[:4]] == [sign[1] for sign in signed[:4:-1]]
    assert len(set(signed)) >= 7


@pytest.mark.parametrize("ascii", [False, True])
def test_a_sign_grows_denser_with_the_value(ascii):
    signs = look(ascii=ascii)
    ramp = cells(heat(piece([[[step / 100 for step in range(50)]]]), signs), 50, 100)
    order = list(dict.fromkeys(ramp))
    assert [order.index(sign) for sign in ramp] == sorted(order.index(sign) for sign in ramp)


def test_what_is_not_finite_stands_out_in_a_map():
    for signs in LOOKS.values():
        lines = [line.plain for line in heat(BAD, signs).lines(80)]
        assert "1 NaN" in lines[0] and "2 infinite" in lines[0]
        assert any(signs.hole in line for line in lines[1:]), lines
    plain = cells(heat(BAD, look()), 4)
    assert plain[1] == "✗✗" and plain[4] == "+█" and plain[6] == "-█"


def backgrounds(drawing, width=120):
    """The colours of a line of a map, cell by cell; of the upper half where the halves differ."""
    rows = []
    for line in drawing.lines(width)[1:]:
        row = []
        for span in line.spans:
            colour = span.style.bgcolor if line.plain[span.start] == " " else span.style.color
            row += [colour.triplet] * (span.end - span.start)
        rows.append(row)
    return rows


def brightness(colour):
    return 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue


def test_a_palette_can_be_told_by_its_brightness_alone():
    many = [float(step) for step in range(60)]
    for background in ("dark", "light", None):
        signs = look(background=background, colours=256)
        rising = [brightness(c) for c in backgrounds(heat(piece([[many]]), signs, lines=1))[0]]
        assert rising == sorted(rising) and rising[-1] > rising[0] + 150
        signed = [brightness(c) for c in backgrounds(heat(piece([[[v - 29.5 for v in many]]]), signs))[0][::2]]
        outward = 1 if background == "dark" else -1
        for half in (signed[30:], signed[29::-1]):
            assert [outward * value for value in half] == sorted(outward * value for value in half)
            assert abs(half[-1] - half[0]) > 90


def test_both_signs_have_zero_in_the_middle_of_the_scale():
    low = backgrounds(heat(piece([[[-1.0, 0.0, 10.0]]]), look(background="dark", colours=256)))[0]
    high = backgrounds(heat(piece([[[-10.0, 0.0, 10.0]]]), look(background="dark", colours=256)))[0]
    assert low[4] == high[4] and low[-1] == high[-1]  # the same value has the same colour
    assert low[0] != high[0]


def test_a_small_map_is_magnified_into_the_lines_it_has():
    signs = look(colours=256)
    assert [line.cell_len for line in heat(SMALL, signs, lines=24).lines(60)[1:]] == [16] * 6
    assert [line.cell_len for line in heat(SMALL, signs, lines=4).lines(60)[1:]] == [8] * 3
    assert [line.cell_len for line in heat(SMALL, signs, lines=3).lines(60)[1:]] == [4] * 2


def test_maps_of_one_tensor_share_a_scale():
    """Whatever part of it is looked at."""
    whole = heat(piece([[[5.0, 1.0]]], low=0.0, high=10.0), look()).lines(60)
    assert whole[0].plain.startswith("0 ") and whole[0].plain.endswith(" 10")
    assert whole[1].plain[:2] == "▒▓"


# --- images ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (piece([[[0.0, 0.5]]]), ("black 0", "white 1")),
        (piece([[[3.0, 200.0]]], dtype="u8"), ("black 0", "white 255")),
        (piece([[[0.0, 254.0]]]), ("black 0", "white 255")),
        (piece([[[-2.0, 2.5]]]), ("black -2", "white 2.5", "stretched")),
        (piece([[[0.0, 6.0]]]), ("black 0", "white 6", "stretched")),
        (piece([[[7.0, 7.0]]]), ("black 7", "white 7", "stretched")),
    ],
)
def test_an_image_says_what_black_and_white_are(one, said):
    for signs in LOOKS.values():
        line = image(one, signs).lines(120)[0].plain
        assert all(word in line for word in said) and ("stretched" in line) == ("stretched" in said)


def test_an_image_has_the_colours_of_its_channels():
    signs = look(background="dark", colours=256)
    red_over_blue = piece([[[255.0], [0.0]], [[0.0], [0.0]], [[0.0], [255.0]]], dtype="u8")
    (cell,) = image(red_over_blue, signs, lines=1).lines(1)[-1:]
    style = cell.spans[0].style
    assert cell.plain == "▀" and style.color.triplet == (255, 0, 0) and style.bgcolor.triplet == (0, 0, 255)
    grey = image(piece([[[0.0, 0.5, 1.0]]]), signs, lines=1).lines(3)[-1]
    assert [span.style.color.triplet[:] for span in grey.spans] == [(0, 0, 0), (128, 128, 128), (255, 255, 255)]


def test_an_image_in_signs_keeps_its_proportions():
    lines = image(DIGIT, look()).lines(60)[1:]
    assert len(lines) == 14 and {line.cell_len for line in lines} == {28}
    wide = image(DIGIT, look(colours=256), lines=8).lines(60)[1:]
    assert len(wide) == 7 and {line.cell_len for line in wide} == {14}


# --- tiles, numbers, figures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("signs", LOOKS)
def test_each_tile_has_its_number(signs):
    drawn = grid(replace(KERNELS, top=4), LOOKS[signs], lines=99).lines(60)
    numbers = [word for line in drawn for word in line.plain.split() if word.isdigit()]
    assert [word for word in numbers if word != "0"] == [str(number) for number in range(4, 16)] + ["12", "64"]


@pytest.mark.parametrize("lines", [1, 5, 8, 12, 20, 40])
@pytest.mark.parametrize("signs", LOOKS)
def test_a_grid_keeps_within_its_lines(signs, lines):
    drawn = grid(KERNELS, LOOKS[signs], lines=lines).lines(60)
    assert len(drawn) <= max(lines, 8)


def test_numbers_stand_in_columns():
    lines = [line.plain for line in values(TINY, look()).lines(120)]
    assert lines[0] == "all times 1e-7"
    assert len({line.rindex(".") for line in lines[2:5]}) == 1
    assert float(lines[2].split()[2]) * 1e-7 == pytest.approx(TINY.planes[0][0][0], rel=1e-3)


@pytest.mark.parametrize("value", [5e-324, 1.7e308, -1.7e308, 123456.789, 1e5, 9.9999e-4, 0.5, 1e15, 2.0**63])
def test_a_number_is_what_it_says(value):
    lines = [line.plain for line in values(piece([[[value, value / 3]]]), look()).lines(60)]
    power = int(lines[0].removeprefix("all times 1e")) if lines[0].startswith("all times") else 0
    shown = next(line for line in lines if "│" in line).split()[2]
    assert float(f"{shown}e{power}" if "e" not in shown else shown) == pytest.approx(value, rel=2e-4)
    assert len(shown) < 22


def told(one):
    """What the last line says of the window."""
    return values(one, look()).lines(120)[-1].plain


def test_indices_are_those_of_the_tensor():
    lines = [line.plain for line in values(VECTOR, look()).lines(60)]
    assert [line.split()[0] for line in lines[1:-1]] == ["40", "48", "56"]
    assert lines[0].split() == list("01234567")
    assert lines[-1] == "elements 40 to 57 of 500"
    far = replace(SMALL, shape=(900, 40), top=100, left=20, step=(1, 1))
    assert told(far) == "rows 100 to 102 of 900, columns 20 to 23 of 40"
    assert told(replace(far, top=0, step=(300, 2))) == "900 rows, columns 20 to 26 of 40, every 2"
    assert told(SMALL) == "3 rows, 4 columns"
    assert told(piece([[[6.0]]], shape=())) == "1 element"


def test_what_is_shrunk_has_its_own_scale_and_says_so():
    """Means lie closer together than the values: on the scale of these they would all look alike."""
    for signs in LOOKS.values():
        first = heat(SHRUNK, signs).lines(90)[0].plain
        assert first.startswith("-1.995 ") and "a cell: 12 x 30 values" in first
    assert "a cell: 16 values" in heat(replace(VECTOR, step=(128, 16)), look()).lines(90)[0].plain
    assert "a pixel: 2 x 2 values" in image(replace(DIGIT, step=(2, 2)), look()).lines(90)[0].plain


@pytest.mark.parametrize("signs", LOOKS)
def test_the_last_row_of_a_vector_may_be_shorter(signs):
    drawn = heat(VECTOR, LOOKS[signs], lines=3).lines(60)
    assert drawn[-1].cell_len <= drawn[1].cell_len
    assert image(VECTOR, LOOKS[signs], lines=3).lines(60)


def test_zero_is_not_a_small_number():
    shown = values(piece([[[0.0, 1e-5, -0.5]]]), look()).lines(60)[1].plain.split()
    assert shown[2:] == ["0", "1e-5", "-0.5"]
    assert values(piece([[[0.0, 0.01, 0.5]]]), look()).lines(60)[1].plain.split()[2:] == ["0", "0.0100", "0.5000"]


@pytest.mark.parametrize(
    ("part", "said"),
    [(0, "0 %"), (1, "100 %"), (1e-6, "under 0.01 %"), (0.0023, "0.23 %"), (0.25, "25 %"), (0.9999, "over 99 %")],
)
def test_a_share_is_never_rounded_to_nothing_or_all(part, said):
    assert share(part) == said


def test_every_step_that_holds_a_value_has_a_bar():
    one = replace(WAVES, histogram=(1_000_000, 0, 1, 0))
    for signs in (look(), look(ascii=True)):
        lowest = histogram(one, signs).lines(60)[5].plain.split(signs.bar)[1]
        assert [bool(lowest[place : place + 4].strip()) for place in range(0, 16, 4)] == [True, False, True, False]


def test_more_steps_than_cells_are_joined():
    one = replace(WAVES, histogram=tuple([1] * 300))
    lines = histogram(one, look(), height=3).lines(60)
    assert len(lines) == 5 and max(line.cell_len for line in lines) <= 60
    assert lines[0].plain.startswith("6 ┤█")


@pytest.mark.parametrize("how", ["values", "map", "image", "grid"])
@pytest.mark.parametrize("signs", LOOKS)
@pytest.mark.parametrize(("columns", "lines"), [(20, 6), (60, 12), (118, 40)])
def test_what_there_is_room_for_fits(how, signs, columns, lines):
    signs = LOOKS[signs]
    rows, across = window_size(how, columns, lines, signs)
    assert rows >= 1 and across >= 1
    full = piece([plane(rows, across, lambda i, j: (i - j) / 7)], shape=(1000, 1000))
    draw = {
        "values": lambda: values(replace(full, top=900, left=900), signs),
        "map": lambda: heat(full, signs, lines=lines),
        "image": lambda: image(full, signs, lines=lines),
        "grid": lambda: grid(full, signs, lines=lines),
    }[how]
    drawn = draw().lines(columns)
    assert len(drawn) <= lines
    assert not [line.plain for line in drawn if line.plain.startswith(signs.more)]


@pytest.mark.parametrize("how", ["values", "map", "image", "grid"])
def test_there_is_always_room_for_one_value(how):
    for signs in LOOKS.values():
        assert min(window_size(how, 1, 1, signs)) >= 1
