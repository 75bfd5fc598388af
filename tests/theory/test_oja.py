"""Closed forms of Oja's rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import oja

MOMENT = np.array([[2.0, 0.7, 0.5], [0.7, 1.0, 0.4], [0.5, 0.4, 0.5]])
gates = st.tuples(*[st.floats(0.01, 1)] * 3)


def slope(w: np.ndarray) -> np.ndarray:
    spanned: np.ndarray = MOMENT @ w
    return spanned - (w @ spanned) * w


@pytest.mark.parametrize("time", [0.0, 0.3, 4.0])
@pytest.mark.parametrize("start", [[0.1, -0.2, 0.3], [1.5, 1.0, 0.5]])
def test_the_course_solves_the_equation(time: float, start: list[float]) -> None:
    solved = solve_ivp(lambda _, w: slope(w), (0, time or 1e-12), start, rtol=1e-11, atol=1e-13)
    found = oja.course(time, moment=MOMENT, start=start)
    np.testing.assert_allclose(found, solved.y[:, -1], rtol=1e-8)


def test_it_ends_at_the_principal_component_without_overflow() -> None:
    first = np.linalg.eigh(MOMENT)[1][:, -1]
    end = oja.course(1e4, moment=MOMENT, start=first + 0.3)
    np.testing.assert_allclose(np.abs(end), np.abs(first), rtol=1e-12)


@given(gates)
def test_rates_are_those_of_the_gated_flow_and_all_falling(phi: tuple[float, ...]) -> None:
    """By central differences of the flow at the principal component."""
    first = np.linalg.eigh(MOMENT)[1][:, -1]
    gate, small = np.diag(phi), 1e-6
    sides = [slope(first + small * e) - slope(first - small * e) for e in np.eye(3)]
    jacobian = gate @ np.transpose(sides) / (2 * small)
    found = oja.rates(MOMENT, phi)
    np.testing.assert_allclose(found, np.sort(-np.linalg.eigvals(jacobian).real), rtol=1e-5)
    assert (found > 0).all()


def test_open_rates_are_of_angle_and_length() -> None:
    values = np.linalg.eigvalsh(MOMENT)
    expected = np.sort([values[2] - values[1], values[2] - values[0], 2 * values[2]])
    np.testing.assert_allclose(oja.rates(MOMENT), expected, rtol=1e-12)
    assert oja.speed_limit(MOMENT) == pytest.approx(1 / values[2])
    assert oja.spectral_radius(oja.speed_limit(MOMENT), MOMENT) == pytest.approx(1)
