"""Recurrent networks: minima, speed limits and slopes against tables, closed forms and by hand."""

import math
import re

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.landscapes import (
    DoubleWell,
    DrivenRecurrent,
    Landscape,
    LinearRecurrent,
    ScalarRecurrent,
)
from adaptsim.part import WrongField

from .printed import printed

TWO_UNITS = DrivenRecurrent(steps=6, ridge=0.02, readout=True, units=2)

ROWS: list[tuple[Landscape, str, str, int]] = [
    # landscape, lowest minimum ("" where none is printed), rate of the first doubling, how many
    (LinearRecurrent(steps=2), "1", ".5", 2),
    (LinearRecurrent(steps=3), "1", ".222222", 1),
    (ScalarRecurrent(steps=2), ".816206", "2.836885", 2),
    (ScalarRecurrent(steps=3), "", "2.119440", 1),
    (ScalarRecurrent(steps=2, ridge=0.01), "", "2.737560", 2),
    (DrivenRecurrent(steps=8, ridge=0.01), ".65811489 .30723233", "1.2052589", 1),
    (DrivenRecurrent(steps=6, ridge=0.0), "", "1.5913053", 1),
    (DrivenRecurrent(steps=6, ridge=0.01, readout=True), "", "2.634917", 2),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{type(row[0]).__name__} {row[2]}")
def test_minima_and_speed_limits_are_those_printed(row: tuple[Landscape, str, str, int]) -> None:
    """Section 3 of shared/optimization.md; the first doubling is at the speed limit."""
    landscape, where, limit, many = row
    minima = landscape.minima()
    assert len(minima) == many
    for text, coordinate in zip(where.split(), minima[0].theta if where else [], strict=True):
        assert printed(coordinate, text)
    assert all(printed(landscape.speed_limit(one.theta), limit) for one in minima)
    assert np.ptp([one.loss for one in minima]) < 1e-12


def test_largest_curvature_of_the_driven_unit() -> None:
    """That printed to ten decimals."""
    landscape = DrivenRecurrent()
    assert printed(landscape.largest_curvature(landscape.minima()[0].theta), "1.6593944399")


def test_two_units_with_a_readout_are_those_of_the_table() -> None:
    """8 parameters; all minima that are found are one, but for signs and order of the units."""
    minima = TWO_UNITS.minima()
    assert TWO_UNITS.dimension == 8
    assert len(minima) >= 2
    assert np.ptp([one.loss for one in minima]) < 1e-12
    sizes = [np.sort(np.abs(one.theta)) for one in minima]
    np.testing.assert_allclose(sizes, np.tile(sizes[0], (len(sizes), 1)), atol=1e-9)
    assert printed(TWO_UNITS.speed_limit(minima[0].theta), "1.660918")
    assert printed(TWO_UNITS.speed_limit(minima[-1].theta), "1.660918")


def test_linear_unit_of_two_steps_is_the_double_well() -> None:
    """Its slope is twice that of the double well, so that descent is the same at half the rate."""
    for weight in (-1.7, 0.3, 1.2):
        theta = jnp.array([weight])
        slope = float(LinearRecurrent(steps=2).gradient(theta)[0])
        assert slope == pytest.approx(2 * float(DoubleWell().gradient(theta)[0]), abs=1e-14)


@pytest.mark.parametrize(("steps", "target"), [(1, 0.4), (2, 2.0), (3, 0.5), (6, 1.5)])
def test_linear_unit_has_its_closed_form(steps: int, target: float) -> None:
    """Minima at the roots of the target, of curvature ``(T w^(T-1))^2``."""
    landscape = LinearRecurrent(steps=steps, target=target)
    minima = landscape.minima()
    assert len(minima) == (2 if steps % 2 == 0 else 1)
    for (weight,), loss in minima:
        assert float(weight) ** steps == pytest.approx(target, rel=1e-12)
        assert loss == pytest.approx(0.0, abs=1e-28)
        curvature = (steps * float(weight) ** (steps - 1)) ** 2
        found = landscape.largest_curvature(jnp.array([weight]))
        assert float(found) == pytest.approx(curvature, rel=1e-12)


def unrolled(weight: float, steps: int, target: float, ridge: float) -> tuple[float, float]:
    """Return loss and slope of the tanh unit, carried forward together by hand."""
    state, slope = 1.0, 0.0
    for _ in range(steps):
        after = math.tanh(weight * state)
        state, slope = after, (1 - after**2) * (state + weight * slope)
    miss = state - target
    return miss**2 / 2 + ridge * weight**2 / 2, miss * slope + ridge * weight


@settings(max_examples=30, deadline=None)
@given(st.floats(-3, 3), st.floats(0.1, 0.9), st.floats(0, 0.1))
def test_tanh_unit_by_hand(weight: float, target: float, ridge: float) -> None:
    """Loss and slope are those of the recursion written out in plain Python."""
    landscape, theta = ScalarRecurrent(steps=3, target=target, ridge=ridge), jnp.array([weight])
    loss, slope = unrolled(weight, 3, target, ridge)
    assert float(landscape.loss(theta)) == pytest.approx(loss, rel=1e-12, abs=1e-15)
    assert float(landscape.gradient(theta)[0]) == pytest.approx(slope, rel=1e-10, abs=1e-13)


def through_time(
    theta: np.ndarray, steps: int, units: int, ridge: float
) -> tuple[float, np.ndarray]:
    """Return loss and slope of the driven network with a readout, by backpropagation by hand."""
    w, u, v = np.split(theta, [units**2, units**2 + units])
    w = w.reshape(units, units)
    x = [math.sin(2 * math.pi * t / steps) for t in range(steps)]
    y = [math.sin(2 * math.pi * (t - 1) / steps) / 2 for t in range(steps)]
    states = [np.zeros(units)]
    for heard in x:
        states.append(np.tanh(w @ states[-1] + u * heard))
    misses = [float(v @ state) - wanted for state, wanted in zip(states[1:], y, strict=True)]
    dw, du, dv, back = np.zeros_like(w), np.zeros(units), np.zeros(units), np.zeros(units)
    for t in reversed(range(steps)):
        error = 2 * misses[t] / steps
        dv += error * states[t + 1]
        inside = (back + error * v) * (1 - states[t + 1] ** 2)
        dw, du = dw + np.outer(inside, states[t]), du + inside * x[t]
        back = w.T @ inside
    slope = np.concatenate([dw.ravel(), du, dv]) + 2 * ridge * theta
    return float(np.mean(np.square(misses)) + ridge * theta @ theta), slope


def test_driven_network_by_hand() -> None:
    """Loss and slope are those of backpropagation through time, written out."""
    for seed in range(3):
        theta = np.random.default_rng(seed).standard_normal(8)
        loss, slope = through_time(theta, 6, 2, 0.02)
        assert float(TWO_UNITS.loss(jnp.asarray(theta))) == pytest.approx(loss, rel=1e-13)
        np.testing.assert_allclose(TWO_UNITS.gradient(theta), slope, atol=1e-14)


def test_without_a_readout_the_output_is_the_unit() -> None:
    """As with a readout of 1, but for what the readout itself costs."""
    theta, bare, read = np.array([0.4, -0.3]), DrivenRecurrent(), DrivenRecurrent(readout=True)
    loss = float(read.loss(jnp.append(theta, 1.0))) - 0.01
    assert float(bare.loss(jnp.asarray(theta))) == pytest.approx(loss, rel=1e-13)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LinearRecurrent(steps=0), "LinearRecurrent.steps must be at least 1"),
        (lambda: LinearRecurrent(target=-1.0), "LinearRecurrent.target must be above 0"),
        (lambda: ScalarRecurrent(target=1.0), "ScalarRecurrent.target must be below 1"),
        (lambda: DrivenRecurrent(units=2), "DrivenRecurrent.units must be 1 without a readout"),
    ],
)
def test_fields_are_checked(make, message: str) -> None:
    """What has no minimum, or no meaning, is refused."""
    with pytest.raises(WrongField, match=re.escape(message)):
        make()
