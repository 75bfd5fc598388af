"""Figures of the chapter, from results made by hand: what is drawn is what was given."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from adaptsim.curvature import flip
from adaptsim.dynamics import Basin, Cascade, OrbitDiagram
from adaptsim.figures.canyon import draw_steps, draw_walks
from adaptsim.figures.flatness import draw_bet, draw_errors
from adaptsim.figures.goldilocks import draw_course, draw_left_per_step, draw_map, draw_path
from adaptsim.figures.period_doubling import draw_basin, draw_crowding
from adaptsim.figures.speed_limit import draw_closing, draw_limits, draw_sharpness, draw_swing
from adaptsim.figures.stiffness import draw_crossings, draw_regions, draw_work
from adaptsim.figures.temperature import draw_densities, draw_escapes, draw_phases, draw_variance
from adaptsim.flow import Bet, Crossings, Truncation, Work, stability_region
from adaptsim.flow.order import Order
from adaptsim.landscapes import Canyon, DoubleWell
from adaptsim.rules import Cyclical
from adaptsim.theory import temperature as theory
from adaptsim.theory.noisy_descent import Chain, unadjusted
from adaptsim.theory.period_doubling import FEIGENBAUM_DELTA, double_well_doublings


@pytest.fixture
def axes():
    before = dict(mpl.rcParams)
    figure = Figure(layout="constrained")
    yield figure.add_subplot()
    figure.draw_without_rendering()
    for one in figure.get_axes():
        for label in (one.get_xlabel(), one.get_ylabel()):
            assert not label or label.endswith("]"), label
    assert dict(mpl.rcParams) == before


def drawn(axes, label):
    """Return x and y of the line with a label."""
    line = next(one for one in axes.get_lines() if one.get_label() == label)
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_a_map_covers_its_window_and_a_path_begins_with_a_ring(axes):
    draw_map(axes, Canyon(condition_number=4.0), (np.array([-2.0, -1.0]), np.array([2.0, 1.0])))
    walk = np.array([[1.0, 0.5], [0.5, -0.25], [0.25, 0.125]])
    draw_path(axes, walk, "black", "a walk")
    assert axes.get_xlim() == (-2.0, 2.0)
    assert axes.get_ylim() == (-1.0, 1.0)
    assert np.array_equal(np.transpose(drawn(axes, "a walk")), walk)
    assert np.array_equal(np.ravel(axes.get_lines()[-1].get_xydata()), walk[0])


def test_a_loss_that_explodes_or_vanishes_is_left_out(axes):
    loss = np.array([[1.0, 0.1, 1e-20], [1.0, 1e5, 1e300]])[:, None, None]
    draw_course(axes, SimpleNamespace(loss=loss, clock=np.arange(3)), ["falls", "explodes"])
    for name, seen in (("falls", [True, True, False]), ("explodes", [True, True, False])):
        assert np.isfinite(drawn(axes, name)[1]).tolist() == seen
    assert axes.get_yscale() == "log"


def test_the_line_of_theory_is_theory_and_best_and_limit_are_marked(axes):
    rates = np.linspace(0.1, 2.0, 20)
    draw_left_per_step(axes, rates, np.full(20, 0.5), np.full(20, 0.7), best=1.0, limit=1.5)
    assert np.array_equal(drawn(axes, r"theory: max $|1-\eta\lambda|$")[1], np.full(20, 0.7))
    assert np.array_equal(drawn(axes, "measured")[1], np.full(20, 0.5))
    upright = {one.get_xdata()[0] for one in axes.get_lines() if one.get_linestyle() == "--"}
    assert upright == {1.0, 1.5}


def test_a_bet_shows_where_steps_land_and_where_they_hoped_to(axes):
    rates = np.array([0.0, 0.001, 0.002])
    bet = Bet(
        rates, np.array([3.0, 2.0, 4.0]), np.array([3.0, 2.0, 1.0]), np.array([3.0, 2.5, 3.0]),
        np.array([0.0015]), np.zeros((1, 1)), np.array([3.5]), 0.001,
    )  # fmt: skip
    draw_bet(axes, bet)
    assert np.ravel(drawn(axes, "where they hoped to")) == pytest.approx([1.5, 1.5])
    assert np.ravel(drawn(axes, "where steps land")) == pytest.approx([1.5, 3.5])
    assert drawn(axes, "the bet: flat and tilted")[1].tolist() == [3.0, 2.0, 1.0]


def test_errors_that_were_not_fitted_are_hollow(axes):
    rates = np.geomspace(1e-4, 1e3, 8)
    fitted = rates < 1
    draw_errors(axes, {"loss": Truncation(rates, rates**2, rates**2, fitted, Order(2.0, 0.0, 4))})
    x, y = drawn(axes, "loss [loss]: order 2.000")
    assert np.array_equal(x, rates[fitted])
    assert np.array_equal(y, rates[fitted] ** 2)
    hollow = [one for one in axes.get_lines() if one.get_markerfacecolor() == "white"]
    assert any(np.array_equal(one.get_xdata(), rates[~fitted]) for one in hollow)


def test_limits_found_lie_beside_theory(axes):
    draw_limits(axes, {"Bowl": (0.9, 1.0), "Canyon": (0.02, 0.02)})
    assert drawn(axes, "found by walking")[0].tolist() == [0.9, 0.02]
    assert drawn(axes, "theory 2/λ$_{max}$")[0].tolist() == [1.0, 0.02]
    assert [one.get_text() for one in axes.get_yticklabels()] == ["Bowl", "Canyon"]


def test_the_forecast_swing_is_the_certificates(axes):
    forecast = flip(DoubleWell().loss, [1.0])
    orbits = OrbitDiagram(np.array([0.9, 1.1]), np.ones((2, 1, 2, 1)), np.zeros((2, 1), bool))
    draw_swing(axes, orbits, forecast)
    x, y = drawn(axes, "forecast by 4 derivatives")
    half = np.sqrt((2 * x - 2) / 8)  # c = 8, curvature 2, limit 1
    assert abs(y - 1) == pytest.approx(half, abs=0.05)
    assert (x[0], y[0]) == pytest.approx((1.0, 1.0))


def test_the_edge_of_the_closing_basin_is_theory(axes):
    starts, rates = np.linspace(-1, 1, 3)[:, None], np.array([1.0, 2.1])
    codes = np.array([[0, 1, 3], [4, 4, 4]])
    draw_closing(axes, Basin(rates, starts, codes, codes, codes.astype(float)))
    assert axes.collections[0].get_array().tolist() == [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]
    x, y = drawn(axes, "theory")
    assert x * y**2 == pytest.approx(2 - x)


def test_each_course_has_its_limit(axes):
    course = SimpleNamespace(at=np.array([10, 20]), sharpness=np.array([4.0, 5.0]))
    draw_sharpness(axes, {0.4: course, 0.1: course})
    dashed = [one for one in axes.get_lines() if one.get_linestyle() == "--"]
    assert [one.get_ydata()[0] for one in dashed if len(one.get_ydata())] == [5.0, 20.0]
    assert drawn(axes, "η = 0.4")[1].tolist() == [4.0, 5.0]


def test_a_canyon_shows_its_walks_and_what_they_cost(axes):
    walks = {"one": np.array([[1.0, 1.0], [0.5, -0.5]]), "two": np.array([[1.0, 1.0], [0.1, 0.1]])}
    draw_walks(axes, Canyon(condition_number=4.0), walks)
    low, high = axes.get_xlim()
    assert low < 0.0 < 1.0 < high
    assert axes.get_ylim()[0] < -0.5


def test_costs_have_a_line_where_theory_is_known(axes):
    numbers = np.array([1.0, 10.0])
    measured = {"descent": np.array([2.0, 21.0]), "Adam": np.array([5.0, 5.0])}
    draw_steps(axes, numbers, measured, {"descent": np.array([2.0, 20.0])})
    assert drawn(axes, "descent")[1].tolist() == [2.0, 21.0]
    lines = [one for one in axes.get_lines() if one.get_linestyle() == "-" and one.get_xdata().size]
    assert [one.get_ydata().tolist() for one in lines] == [[2.0, 20.0]]


def test_regions_of_stability_are_named(axes):
    draw_regions(axes, {name: stability_region(name, points=(21, 21)) for name in ("Euler", "RK4")})
    assert [one.get_text() for one in axes.get_legend().get_texts()] == ["Euler", "RK4"]


def test_work_that_failed_is_left_out(axes):
    work = [Work("Euler", np.nan, 0.1, error, 10, 0, 10, 0, True) for error in (1e-3, 1e9, np.nan)]
    draw_work(axes, work)
    assert drawn(axes, "Euler")[1].tolist() == [1e-3]


def test_a_line_of_stable_steps_only_where_stability_asks_for_steps(axes):
    numbers, steps = np.array([10.0, 100.0]), np.array([30, 290])
    crossed = {
        "Tsit5": Crossings(numbers, steps, steps, steps, np.array([29.0, 286.0])),
        "Kvaerno5": Crossings(numbers, steps, steps, steps, np.array([1.0, 1.0])),
    }
    draw_crossings(axes, crossed)
    dashed = [one for one in axes.get_lines() if one.get_linestyle() == "--"]
    assert [one.get_ydata().tolist() for one in dashed] == [[29.0, 286.0]]


def test_doublings_crowd_along_a_line_that_falls_by_delta(axes):
    values = double_well_doublings(6)
    met = tuple(
        SimpleNamespace(kind="period doubling", value=one, period=2**n)
        for n, one in enumerate(values)
    )
    draw_crowding(axes, {"wells": Cascade(met, "")})
    assert drawn(axes, "wells")[1] == pytest.approx(np.diff(values))
    line = next(one for one in axes.get_lines() if one.get_linestyle() == "-").get_ydata()
    assert line[:-1] / line[1:] == pytest.approx(np.full(4, FEIGENBAUM_DELTA))
    assert line[-1] == pytest.approx(np.diff(values)[-1])


def test_basins_name_only_what_happens(axes):
    codes = np.array([[0, 0], [4, 1]])
    found = Basin(np.array([0.5, 1.5]), np.array([[0.1], [2.0]]), codes, codes, codes * 1.0)
    draw_basin(axes, found, np.array([2.0, 1.5]))
    told = [one.get_text() for one in axes.get_legend().get_texts()]
    assert told == ["converged", "cycling", "diverged"]


def test_the_variance_has_both_theories(axes):
    draw_variance(axes, np.array([0.5, 1.5]), np.array([0.3, 3.0]))
    x, exact = drawn(axes, r"exact: $\eta s^2 / \lambda(2-\eta\lambda)$")
    assert exact == pytest.approx(x / (2 - x))
    assert drawn(axes, r"small steps: $T/\lambda$")[1] == pytest.approx(x / 2)


def test_the_exact_density_is_a_density(axes):
    warmth = theory.effective_temperature(0.5, noise=0.5)
    chain = unadjusted(lambda x: x, 0.5, warmth, low=-4.0, high=4.0)
    assert isinstance(chain, Chain)
    told = SimpleNamespace(density=lambda x: np.exp(-(x**2)), temperature=warmth)
    draw_densities(axes, {0.5: (np.zeros((2, 5)), chain)}, told)
    x, density = axes.get_lines()[0].get_data()
    spread = theory.stationary_variance(0.5, curvature=1.0, noise=0.5)
    normal = np.exp(-(x**2) / (2 * spread)) / np.sqrt(2 * np.pi * spread)
    assert density == pytest.approx(normal, abs=1e-9)


def test_escapes_are_times_not_steps(axes):
    one = SimpleNamespace(temperature=0.1, exact=100.0, continuous=110.0, kramers=90.0)
    found = SimpleNamespace(value=98.0, ci_low=90.0, ci_high=106.0)
    draw_escapes(axes, [0.2], [found], [one])
    for name, steps in (("exact for its steps", 100.0), ("Kramers", 90.0)):
        assert np.ravel(drawn(axes, name)).tolist() == pytest.approx([10.0, 0.2 * steps])
    assert axes.containers[0].lines[0].get_ydata() == pytest.approx([0.2 * 98])


def test_phases_show_escapes_and_the_rate(axes):
    schedule = Cyclical(lowest=0.0, highest=0.2, period=100.0)
    draw_phases(axes, schedule, np.array([0.2, 0.8]), np.array([0.3, 0.7]))
    assert [bar.get_height() for bar in axes.patches] == [0.2, 0.8]
    assert drawn(axes, "escapes, exact")[1].tolist() == [0.3, 0.7]
    rate = axes.figure.get_axes()[1].get_lines()[0].get_ydata()
    assert (rate[0], rate.max(), rate[-1]) == pytest.approx((0.0, 0.2, 0.0))
