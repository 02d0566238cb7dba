"""Curves: golden texts, and what must be read off them."""

import math
import random
import time

import pytest
from rich.cells import cell_len

from tutor.protocol.codec import Bucket, Series
from tutor.render.plot import curve as plotting
from tutor.render.plot.axes import Scale, scale_for
from tutor.render.plot.curve import plots
from tutor.render.plot.curve_lines import merge_buckets
from tutor.render.text.style import look


def curve(shown, look, height=12, previous=()):
    """The plot of one series or of several, before that or those of the run before."""
    alone = [(one,) if isinstance(one, Series) else one or () for one in (shown, previous)]
    return plotting.curve(alone[0], look, height, alone[1])


def series(values, name="loss", kind="loss", width=1):
    """A series as the worker sends it, of ``width`` points in each bucket."""
    buckets = []
    for start in range(0, len(values), width):
        part = values[start : start + width]
        finite = [value for value in part if value is not None]
        low, high, last = (min(finite), max(finite), finite[-1]) if finite else (None, None, None)
        buckets.append(Bucket(start, len(part), low, high, last, len(part) - len(finite)))
    return Series(1, name, kind, tuple(buckets))


def rates(values, name="learning rate"):
    return series(values, name, "lr")


def training(seed=1, floor=0.1):
    chance = random.Random(seed)
    losses = [
        2.3 * math.exp(-step / 4000) + floor + 0.2 * chance.random() * math.exp(-step / 8000) for step in range(20_000)
    ]
    losses[9_000] = 3.9
    return series(losses, width=100)


def one_cycle(steps, top=0.1):
    """As OneCycleLR makes it: up from top/25 in three tenths, down to almost nothing."""
    up = steps * 3 // 10

    def cosine(start, end, share):
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))

    rising = [cosine(top / 25, top, step / up) for step in range(up)]
    return rising + [cosine(top, top / 25e4, step / (steps - 1 - up)) for step in range(steps - up)]


def restarts(steps, first):
    """As CosineAnnealingWarmRestarts makes it, each period twice as long."""
    made, place, period = [], 0, first
    for _ in range(steps):
        made.append(0.05 * (1 + math.cos(math.pi * place / period)))
        place += 1
        if place == period:
            place, period = 0, 2 * period
    return made


DROPPED = rates([0.1 * 0.5 ** (step // 10) for step in range(50)], "learning rate 1")
COSINE = rates([0.05 * (1 + math.cos(math.pi * step / 50)) for step in range(51)], "learning rate 2")
SCHEDULE = rates([0.1 * 0.95**step for step in range(100)])
GENTLER = rates([0.1 * 0.97**step for step in range(100)])
DECADES = series([10 ** (-step / 100) for step in range(600)])
BLOWN_UP = series([5 - 0.1 * step if step < 30 else None for step in range(50)])
FASTER = series([1 / (1 + step * 0.2) for step in range(50)])
SLOWER = series([1 / (1 + step * 0.05) for step in range(60)])
DIVERGED = series([0.5 * 3.0**step if step < 40 else None for step in range(60)])
FOUR = [
    rates([start * math.exp(-step / pace) for step in range(100)], f"learning rate {number}")
    for number, (start, pace) in enumerate([(1, 20), (0.8, 50), (0.5, 80), (0.2, 500)], 1)
]
FOUR_BEFORE = [
    rates([start * math.exp(-step / pace) for step in range(100)], f"learning rate {number}")
    for number, (start, pace) in enumerate([(0.9, 20), (0.7, 50), (0.4, 80), (0.1, 500)], 1)
]
LISTS = (
    series([float(step) for step in range(20)], "损失", "numbers"),
    series([step * step / 10 for step in range(20)], "αβ", "numbers"),
)
CURVES = {
    "spike": (training(), None),
    "noise-previous": (training(), training(2, 0.6)),
    "schedule": (SCHEDULE, None),
    "schedule-previous": (SCHEDULE, GENTLER),
    "one-cycle": (rates(one_cycle(100)), None),
    "restarts": (rates(restarts(150, 10)), None),
    "restarts-previous": (rates(restarts(150, 10)), rates(restarts(150, 20))),
    "two": ((DROPPED, COSINE), None),
    "four": (FOUR, None),
    "four-previous": (FOUR, FOUR_BEFORE),
    "log": (DECADES, None),
    "diverged": (DIVERGED, None),
    "nan": (BLOWN_UP, None),
    "never-finite": (series([None] * 5), None),
    "constant": (rates([0.01] * 20), None),
    "point": (series([0.5]), None),
    "points": (series([3.0, 1.0]), None),
    "empty": ((), None),
    "tiny": (rates([1e-8 * (1 + 0.3 * math.sin(step / 5)) for step in range(60)]), None),
    "negative": (series([-math.log(1 + step) for step in range(200)], "log likelihood", "numbers"), None),
    "lists": (LISTS, None),
    "previous": (FASTER, SLOWER),
    "same": (SCHEDULE, SCHEDULE),
    "renamed": (FASTER, series([1.0, 0.5], "loss_d")),
    "previous-far-off": (FASTER, DIVERGED),
    "previous-longer": (FASTER, training()),
}


@pytest.mark.parametrize("name", CURVES)
def test_curve(name, golden):
    shown, past = CURVES[name]
    golden(f"curve-{name}", lambda look: curve(shown, look, 12, past), (60, 120))
    golden(f"curve-{name}-small", lambda look: curve(shown, look, 8, past), (38,))


@pytest.mark.parametrize("width", [1, 4, 9, 20, 38, 59, 60, 61, 80, 120, 200])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_line_is_wider_than_the_console(width, ascii, printed):
    for shown, past in CURVES.values():
        drawing = curve(shown, look(ascii=ascii), 12, past)
        assert all(cell_len(line) <= width for line in printed(drawing, width).splitlines())
        if width >= 20:  # not because the console cut them
            assert not [line.plain for line in drawing.lines(width) if line.cell_len > width]


@pytest.mark.parametrize("height", [7, 8, 12, 20])
@pytest.mark.parametrize("name", CURVES)
def test_a_curve_keeps_within_its_height(name, height):
    shown, past = CURVES[name]
    for width in (20, 60, 120):
        assert len(curve(shown, look(), height, past).lines(width)) <= height


@pytest.mark.parametrize("ascii", [False, True])
def test_a_name_cannot_control_the_terminal(ascii, printed):
    name = "\x1b]0;title\x07\x1b[2J\x9b5n\r\x08\udcff\x00"
    shown = printed(curve([series([1, 2, None], name), series([2, 1], "b" + name)], look(ascii=ascii)), 60)
    assert not [char for char in shown if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"]
    shown.encode("ascii" if ascii else "utf-8")


# --- what is drawn --------------------------------------------------------------------------------------------


def plotted(drawing, width=60):
    """The lines between legend and axis, from the top, each without its label; with it as a key where it has one."""
    lines = [line.plain for line in drawing.lines(width)]
    return [line.replace("┤", "│").split("│") for line in lines if "│" in line or "┤" in line]


def long(spikes=(), count=100_000):
    """One point in each bucket."""
    values = [2 * math.exp(-step / 30_000) + step % 7 / 50 for step in range(count)]
    for step in spikes:
        values[step] = 10.0
    return series(values)


def test_no_spike_is_lost_in_100_000_points():
    steps = [77, 25_000, 50_001, 99_998]
    top = plotted(curve(long(steps), look(), 20), 100)[0][1]
    columns = [place for place, char in enumerate(top) if char != " "]
    assert len(columns) == 4
    assert all(abs(place - step / 100_000 * len(top)) <= 1 for place, step in zip(columns, steps, strict=True))


def test_100_000_points_take_few_milliseconds():
    """bench/curve.py holds it against the target; this only against what anything slower would take."""
    shown = long()
    began = time.process_time()
    for _ in range(5):
        curve(shown, look(), 20).lines(100)
    assert (time.process_time() - began) / 5 < 0.12


def test_joined_buckets_hold_the_same():
    chance = random.Random(3)
    values = [None if chance.random() < 0.2 else chance.gauss(0, 1) for _ in range(5000)]
    few = merge_buckets(series(values).buckets, 100)
    assert len(few) == 100 and few[0].start == 0
    for bucket in few:
        part = values[bucket.start : bucket.start + bucket.count]
        finite = [value for value in part if value is not None]
        assert (bucket.low, bucket.high, bucket.last) == (min(finite), max(finite), finite[-1])
        assert bucket.bad == part.count(None)
    assert sum(bucket.count for bucket in few) == 5000
    gone = merge_buckets(series([None] * 5000).buckets, 100)
    assert {bucket.low for bucket in gone} == {None} and sum(bucket.bad for bucket in gone) == 5000


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("height", [8, 11, 12, 15])
def test_a_tick_stands_beside_the_dots_of_its_value(height, ascii):
    levels = (2.0, 4.0, 6.0, 7.89, 0.0)
    buckets = tuple(Bucket(n * 10 + m, 1, v, v, v) for n, v in enumerate(levels) for m in range(10))
    lines = [line.plain for line in curve(Series(1, "loss", "loss", buckets), look(ascii=ascii), height).lines(60)]
    labelled = {label: line for line in lines[1:-2] if (label := line.split()[0]).isdigit()}
    assert {"0", "2"} <= set(labelled) or {"0", "5"} <= set(labelled)
    for label, line in labelled.items():
        if float(label) in levels:
            row = line.split(maxsplit=1)[1]
            assert len(row.lstrip("┤+").replace(" ", "")) >= 8, (label, lines)


def styles(drawing, width=60):
    """The characters of the plot, by the style that they have."""
    found = {}
    for line in drawing.lines(width):
        for span in line.spans:
            found.setdefault(str(span.style), []).append(line.plain[span.start : span.end])
    return found


@pytest.mark.parametrize("ascii", [False, True])
def test_curves_that_share_cells_are_both_seen(ascii):
    signs = look(ascii=ascii)
    same = [series([1.0, 2.0], "a"), series([1.0, 2.0], "b")]
    found = styles(curve(same, signs))
    first, second = (found[signs.curve_styles[place]] for place in (0, 1))
    assert abs(sum(map(len, first)) - sum(map(len, second))) <= 8
    if ascii:
        assert set("".join(first)) == {"1", " "} and set("".join(second)) == {"2", " "}


@pytest.mark.parametrize("ascii", [False, True])
def test_the_run_before_is_dotted_and_never_takes_a_cell(ascii):
    signs = look(ascii=ascii)
    alone = [line.plain for line in curve(series([1.0] * 50), signs).lines(60)]
    both = [line.plain for line in curve(series([1.0] * 50), signs, previous=series([1.0] * 50)).lines(60)]
    row = next(place for place, line in enumerate(alone) if line.startswith("1.00 "))
    if ascii:
        assert both[row] == alone[row]
    level, above = series([1.0, 2.0] + [1.0] * 48), series([2.0] * 50)
    dotted = curve(level, signs, previous=above).lines(60)[1].plain.split(signs.tick, 1)[1]
    solid = curve(above, signs, previous=level).lines(60)[1].plain.split(signs.tick, 1)[1]
    assert 8 <= len(dotted.replace(" ", "")) < len(solid.replace(" ", ""))


def test_a_spike_of_the_run_before_is_kept():
    for step in range(20, 32):
        values = [1.0] * 100
        values[step] = 3.0
        top = plotted(curve(series([1.0] * 99 + [1.5]), look(), previous=series(values)))[0][1]
        assert top.strip()


def test_a_run_before_that_came_far_off_does_not_press_this_one_flat():
    drawing = curve(FASTER, look(), 12, DIVERGED)
    assert "leaves the frame" in "\n".join(line.plain for line in drawing.lines(60)[:3])
    rows = [row for _, row in plotted(drawing)]
    mine = [line.plain for line in curve(FASTER, look(), 12).lines(60)]
    assert any(char not in " ⠁⠂⠄⡀⠈⠐⠠⢀" for row in rows[-3:] for char in row)
    assert len(mine) == len(drawing.lines(60))
    near = "\n".join(line.plain for line in curve(FASTER, look(), 12, SLOWER).lines(60))
    assert "leaves the frame" not in near


def test_a_longer_run_before_leaves_a_quarter_of_the_width_to_this_one():
    labels = curve(FASTER, look(), 12, training()).lines(60)[-1].plain.split()
    assert float(labels[-2]) <= 200
    steady = {curve(series([1.0] * count), look(), 12, SLOWER).lines(60)[-1].plain for count in range(16, 60)}
    assert len(steady) == 1


def test_the_legend_tells_the_value_before():
    first = curve(SCHEDULE, look(), 12, GENTLER).lines(120)[0].plain
    assert "0.0006232" in first and "··· 0.004902 before" in first
    assert "··· as before" in curve(SCHEDULE, look(), 12, SCHEDULE).lines(120)[0].plain
    renamed = curve(FASTER, look(), 12, series([1.0, 0.5], "loss_d")).lines(120)[0].plain
    assert "··· loss_d  0.5 before" in renamed


def test_a_long_legend_leaves_room_for_the_curves():
    assert len(plotted(curve(FOUR, look(), 8, FOUR_BEFORE), 30)) >= 4


def test_what_is_not_finite_is_marked_and_told():
    lines = [line.plain for line in curve(BLOWN_UP, look()).lines(60)]
    assert lines[1] == "✗ 20 not finite (NaN or inf), the first at step 30"
    axis = lines[-2]
    assert axis.index("✗") == pytest.approx(len(axis) * 0.62, abs=2) and axis.endswith("✗✗✗")
    two = [line.plain for line in curve([FASTER, series([1.0, None, 2.0], "loss_d")], look()).lines(60)]
    assert "✗ 1 not finite (NaN or inf) in loss_d, the first at step 1" in two


def test_a_gap_stands_where_nothing_was_finite():
    values = [1.0] * 20 + [None] * 20 + [1.0] * 20
    row = next(row for label, row in plotted(curve(series(values), look())) if label.strip() == "1.00")
    third = len(row) // 3
    assert row[third + 2 : 2 * third - 2].strip() == ""
    assert " " not in row[:third] and " " not in row[2 * third + 2 :]


# --- axes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "log"),
    [
        ([10 ** (-step / 100) for step in range(600)], True),  # falls through six decades
        ([0.5 * 3.0**step for step in range(40)], True),  # blows up
        ([0.1 * 0.1 ** (step // 30) for step in range(150)], True),
        ([0.1 * 0.95**step for step in range(100)], False),  # two decades
        (one_cycle(100), False),  # only ends near zero
        (restarts(150, 10), False),
        ([0.0, *(10.0**step for step in range(9))], False),  # has no logarithm at 0
        ([-1.0, *(10.0**step for step in range(9))], False),
    ],
)
def test_an_axis_is_logarithmic_where_that_helps(values, log):
    assert scale_for(values).log == log
    drawn = "\n".join(line.plain for line in curve(series(values), look()).lines(60))
    assert ("log scale" in drawn) == log


@pytest.mark.parametrize(
    "values",
    [
        (0.0, 1.0), (-5.0, 0.1), (3.0, 3.7), (1e-8, 1.3e-8), (-1.7e308, 1.7e308), (1.7e308, 1.7e308), (5e-324, 1e-323),
        (0.0, 5e-324), (1e-310, 2e-310), (999.999, 1000.001), (1e6, 7e6), (12345678.0, 12345679.0), (-2e-9, -1e-9),
        (0.0, 0.0), (1e-300, 1e300), (2.0, 5.0, 7.0), (99_999.0, 100_001.0), (0.000999, 0.00101),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wanted", [1, 2, 4, 8])
def test_ticks_are_round_and_their_labels_are_what_they_say(values, wanted):
    scale = scale_for(values)
    assert scale.low <= min(values) and scale.high >= max(values)
    ticks = scale.ticks(wanted)
    labels = scale.labels(ticks)
    assert 1 <= len(ticks) <= 3 * wanted + 3
    assert len(set(labels)) == len(labels)
    size = max(map(abs, ticks))
    for tick, label in zip(ticks, labels, strict=True):
        assert float(label) == pytest.approx(tick, rel=1e-9, abs=size * 1e-9)
        assert len(label) <= 12
    curve(series(list(values)), look()).lines(60)


def test_round_steps_are_1_2_and_5():
    for high in (1.0, 1.7, 2.3, 4.9, 6.1, 9.99, 37.0, 0.0042):
        ticks = Scale(0, high).ticks(4)
        step = ticks[1] - ticks[0]
        assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)
        assert 2 <= len(ticks) <= 6


# --- which share a plot ---------------------------------------------------------------------------------------


def shared(*made, previous=()):
    """The legends of the plots of these series, below each other."""
    return [drawing.lines(200)[0].plain for drawing in plots(made, look(), previous=previous)]


def test_each_kind_has_its_plot():
    norms = series([5.0, 4.0], "gradient norm", "norm")
    found = shared(norms, DROPPED, FASTER, COSINE)
    assert [line.split("  ")[0] for line in found] == ["loss", "1 learning rate 1", "gradient norm"]
    assert "2 learning rate 2" in found[1]


def test_lists_share_a_plot_when_they_are_alike():
    def numbers(name, values):
        return series(values, name, "numbers")

    train, test = numbers("train", [3.0, 2.0, 1.0]), numbers("test", [3.5, 3.0, 2.8])
    large, longer = numbers("large", [3000.0, 2.0, 1.0]), numbers("longer", [3.0, 2.0, 1.0, 0.0])
    found = shared(train, large, test, longer)
    assert [line.split("  ")[0] for line in found] == ["1 train", "large", "longer"]
    assert "2 test" in found[0]
    constant = numbers("level", [2.0, 2.0, 2.0])
    assert len(shared(train, constant)) == 2


def test_a_list_of_the_losses_is_not_drawn_again():
    again = Series(1, "losses", "numbers", FASTER.buckets)
    assert [line.split("  ")[0] for line in shared(again, FASTER)] == ["loss"]


def test_the_run_before_stands_behind_what_it_belongs_to():
    mine, other = series([1.0, 2.0], "a", "numbers"), series([9.0, 8.0], "b", "numbers")
    found = shared(mine, FASTER, previous=(other, SLOWER, series([1.0, 1.5], "a", "numbers")))
    assert "0.2532 before" in found[0] and "1.5 before" in found[1] and "b" not in found[1].split("before")[0]
