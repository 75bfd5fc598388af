"""Where periods double and otherwise: closed forms, 30-digit solutions, and numbers in print."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.agents import Tracker
from adaptsim.dynamics import System, accumulation, deltas, doublings
from adaptsim.landscapes import (
    Bowl,
    DoubleWell,
    Himmelblau,
    MatrixFactorisation,
    Rosenbrock,
    ScalarFactorisation,
)
from adaptsim.rules import GradientDescent, Momentum
from adaptsim.theory import period_doubling, speed_limits

from .systems import COSINE, CUBIC_WELL, DOUBLE_WELL, LOGISTIC, descent, tanh_network, well

MICRO = 6e-7
"""Half a unit of the sixth decimal, and a little."""


def kinds(cascade):
    return [one.kind for one in cascade.bifurcations]


def printed(text):
    return [float(one) for one in text.split()]


@pytest.mark.parametrize(
    ("system", "first", "exact", "limit"),
    [
        (CUBIC_WELL, 1.2, period_doubling.cubic_well_doublings, 2.569945671870945),
        (DOUBLE_WELL, 0.7, period_doubling.double_well_doublings, 1.3022834627),
        (
            descent(ScalarFactorisation(), (1.0, 1.0)),
            0.6,
            period_doubling.double_well_doublings,
            1.3022834627,
        ),
    ],
    ids=["cubic well", "double well", "factorisation"],
)
def test_cascades_of_polynomials(system, first, exact, limit):
    """Against the 50-digit solution of the map's own equations, within the bounds that are told."""
    cascade = doublings(system, first, 8)
    assert cascade.ended == "8 doublings found"
    assert cascade.periods.tolist() == [1, 2, 4, 8, 16, 32, 64, 128]
    assert (np.abs(cascade.values - exact(8)) <= cascade.errors).all()
    assert (cascade.errors < 1e-11).all()
    assert cascade.deltas[-1] == pytest.approx(period_doubling.FEIGENBAUM_DELTA, abs=1e-4)
    found, error = cascade.accumulation
    assert abs(found - limit) < error < 1e-7
    assert all(one.supercritical for one in cascade.bifurcations[:-1])


def test_the_cosine_breaks_its_symmetry_first():
    cascade = doublings(COSINE, 1.2, 7)
    assert kinds(cascade)[:3] == ["period doubling", "pitchfork", "period doubling"]
    broken = cascade.bifurcations[1]
    assert (broken.period, broken.supercritical) == (2, True)
    assert abs(broken.value - math.pi) <= broken.error < 1e-6
    expected = printed("2 3.445229 3.512892 3.527525 3.530665 3.531338 3.531482")
    assert cascade.values == pytest.approx(expected, abs=MICRO)
    assert cascade.periods.tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert cascade.deltas[1:] == pytest.approx([4.624, 4.6602, 4.6672, 4.6688], abs=6e-5)
    assert cascade.accumulation[0] == pytest.approx(3.5315215407, abs=1e-7)


@pytest.mark.parametrize(
    ("loss", "first", "expected", "limit"),
    [
        (tanh_network(2), 1.0, "2.836885 3.712405 3.933685 3.980222 3.990132", 3.9928293),
        (tanh_network(3), 1.0, "2.119440 2.825501 3.012959 3.051894 3.060116", 3.0623502),
        (tanh_network(2, 0.01), 1.0, "2.737560 3.641038 3.882334 3.932746 3.943396", 3.9462905),
        (lambda w: (w**3 - 1) ** 2 / 2, 0.1, ".222222 .276579 .288981 .291663 .292238", 0.2923951),
        (lambda w: (w**2 - 1) ** 2 / 2, 0.3, ".5 .618034 .644016 .649614 .650814", 0.6511417),
    ],
    ids=["tanh T=2", "tanh T=3", "tanh T=2 decayed", "linear T=3", "linear T=2"],
)
def test_scalar_recurrent_networks(loss, first, expected, limit):
    cascade = doublings(well(loss), first, 7)
    assert cascade.values[:5] == pytest.approx(printed(expected), abs=MICRO)
    assert cascade.accumulation[0] == pytest.approx(limit, abs=3e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_heavy_ball_flips_at_its_speed_limit(momentum):
    system = System.of(DoubleWell(), Momentum(momentum=momentum), start=0.9)
    first = doublings(system, 0.5, 1).bifurcations[0]
    exact = speed_limits.heavy_ball(2.0, momentum)
    assert first.kind == "period doubling"
    assert abs(first.value - exact) <= first.error < 1e-9


@pytest.mark.parametrize("delay", [1, 2, 4])
def test_delayed_feedback_loses_its_hold_by_a_complex_pair(delay):
    """At ``2 sin(pi / (2 (2 d + 1)))``, where the pair turns by ``pi / (2 d + 1)`` a step."""
    system = System.of(Tracker(feedback_delay=delay), GradientDescent(), cue=1.0)
    cascade = doublings(system, 0.1, 1)
    (met,) = cascade.bifurcations
    assert met.kind == "Neimark-Sacker"
    assert abs(met.value - 2 * math.sin(math.pi / (2 * (2 * delay + 1)))) <= met.error < 1e-9
    assert np.angle(met.multiplier) == pytest.approx(math.pi / (2 * delay + 1), abs=1e-7)
    assert cascade.ended == "no cycle takes over at a Neimark-Sacker bifurcation"


def test_the_delayed_logistic_map():
    system = System.of_map(lambda x, a: jnp.stack([a * x[0] * (1 - x[1]), x[0]]), [0.3, 0.3])
    (met,) = doublings(system, 1.5, 1).bifurcations
    assert (met.kind, met.period) == ("Neimark-Sacker", 1)
    assert met.value == pytest.approx(2, abs=1e-10)
    assert met.multiplier == pytest.approx(np.exp(1j * math.pi / 3), abs=1e-8)


def test_the_window_of_period_three_is_born_at_a_fold_and_doubles():
    down = doublings(CUBIC_WELL, 2.835, 1, period=3, until=2.0)
    (fold,) = down.bifurcations
    assert (fold.kind, fold.period, fold.beyond) == ("fold", 3, None)
    assert abs(fold.value - period_doubling.CUBIC_WELL_WINDOW) <= fold.error < 1e-9
    up = doublings(CUBIC_WELL, 2.835, 3, period=3)
    # 3.841499 is the printed r at which the 3-cycle of the logistic map doubles
    assert up.values[0] + 1 == pytest.approx(3.841499, abs=MICRO)
    assert up.periods.tolist() == [3, 6, 12]


def test_the_logistic_fixed_points_exchange_their_stability():
    cascade = doublings(LOGISTIC, 0.5, 2)
    assert kinds(cascade) == ["transcritical", "period doubling", "period doubling"]
    assert cascade.bifurcations[0].value == pytest.approx(1, abs=1e-9)
    assert cascade.values == pytest.approx([3, 1 + math.sqrt(6)], abs=1e-9)


def test_a_subcritical_pitchfork_and_a_subcritical_flip_end_it():
    up = doublings(System.of_map(lambda x, a: a * x + x**3, 0.01), 0.5)
    assert kinds(up) == ["pitchfork"]
    assert up.bifurcations[0].supercritical is False
    bath = doublings(well(lambda x: x**2 / 2 + x**4 / 4, start=0.01), 1.5)
    assert kinds(bath) == ["period doubling"]
    assert bath.bifurcations[0].value == pytest.approx(2, abs=1e-9)
    assert bath.bifurcations[0].supercritical is False
    assert bath.ended.endswith("(subcritical)")


def test_in_a_bowl_the_new_branch_stands_upright():
    cascade = doublings(descent(Bowl(dimension=1, curvature=4.0)), 0.3)
    assert cascade.values == pytest.approx([0.5], abs=1e-10)
    assert cascade.bifurcations[0].supercritical is None
    assert cascade.ended == "no new cycle could be told from the old one"


def test_ends_where_doubles_can_no_longer_be_told_apart():
    cascade = doublings(DOUBLE_WELL, 0.7, 14)
    assert 8 <= len(cascade.values) < 14
    off = np.abs(cascade.values - period_doubling.double_well_doublings(len(cascade.values)))
    assert (off <= cascade.errors).all()


@pytest.mark.parametrize(
    ("landscape", "start", "first", "limit"),
    [
        (Rosenbrock(), (1.0, 1.0), 0.0015, 0.00199680384),
        (Himmelblau(), (3.0, 2.0), 0.015, 0.0243059818),
        (MatrixFactorisation(), MatrixFactorisation().minima()[0].theta, 0.7, 1.0),
    ],
    ids=["Rosenbrock", "Himmelblau", "matrix factorisation"],
)
def test_many_coordinates_steep_or_with_a_valley_of_minima(landscape, start, first, limit):
    cascade = doublings(descent(landscape, start), first, 2)
    assert cascade.values[0] == pytest.approx(limit, rel=1e-8)
    assert kinds(cascade) == ["period doubling"] * 2


def test_any_number_may_be_turned():
    system = System.of(Bowl(dimension=2), GradientDescent(learning_rate=0.5), "curvature")
    assert doublings(system, 1.0).values == pytest.approx([4.0], abs=1e-9)
    slow = System.of(DoubleWell(), Momentum(learning_rate=1.1), "momentum", start=0.9)
    down = doublings(slow, 0.3, 1, until=0.0)  # 2 (1 + b) / 2 = 1.1
    assert down.values == pytest.approx([0.1], abs=1e-9)


def test_stops_where_told_or_does_not_begin():
    short = doublings(CUBIC_WELL, 1.2, 8, until=2.5)
    assert short.values == pytest.approx([2, math.sqrt(6)], abs=1e-9)
    assert short.ended == "the cycle of period 4 was followed without a further one"
    assert doublings(DOUBLE_WELL, 2.5).ended == "no cycle of period 1 found at 2.5"
    repelling = doublings(DOUBLE_WELL, 1.1, near=1.0, settle=0)
    assert repelling.ended == "the cycle of period 1 at 1.1 does not attract"
    at_the_edge = doublings(DOUBLE_WELL, 1.0, near=1.0)
    assert at_the_edge.ended == "the cycle of period 1 at 1 attracts no further on"
    just_before = doublings(DOUBLE_WELL, 0.9995, 1)
    assert just_before.values == pytest.approx([1.0], abs=1e-11)
    with pytest.raises(ValueError, match="first must be finite; got nan"):
        doublings(CUBIC_WELL, math.nan)
    with pytest.raises(ValueError, match="count must be at least 1; got 0"):
        doublings(CUBIC_WELL, 1.0, 0)


def test_ratios_and_limits_of_sequences():
    sequence = 3.0 - 0.2 * 4.0 ** -np.arange(6)
    assert deltas(sequence) == pytest.approx([4.0] * 4)
    assert accumulation(sequence) == pytest.approx((3.0, 0.0), abs=1e-12)
    assert all(math.isnan(one) for one in accumulation(sequence[:2]))
    assert math.isnan(accumulation(sequence[:3])[1])
