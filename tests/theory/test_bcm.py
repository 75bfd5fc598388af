"""Closed forms of the sliding threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import bcm

from .checks import printed

times = st.floats(1.0, 1e4)


def test_the_number_of_the_threshold_of_methylation() -> None:
    found = bcm.critical_methylation(1.0, input_square=1.0, threshold_time=1.5)
    assert found == pytest.approx(1 / 3)
    gain = (1 - found) * 1.0
    assert gain == pytest.approx(bcm.hopf_gain(1.5))


@given(times)
def test_the_flow_s_eigenvalues_are_imaginary_at_the_onset(tau: float) -> None:
    a = bcm.hopf_gain(tau)
    values = np.linalg.eigvals(np.array([[a, -a], [2 / tau, -1 / tau]]))
    assert np.abs(values.real).max() * tau < 1e-6
    assert values.imag.max() == pytest.approx(bcm.hopf_frequency(tau), rel=1e-6)


@given(times)
def test_the_step_s_eigenvalues_are_on_the_circle_at_the_onset(tau: float) -> None:
    a, b = bcm.step_hopf_gain(tau), 1 - np.exp(-1 / tau)
    values = np.linalg.eigvals(np.array([[1 + a, -a], [2 * b, 1 - b]]))
    np.testing.assert_allclose(np.abs(values), 1, rtol=1e-9)
    assert np.abs(np.angle(values)).max() == pytest.approx(bcm.step_hopf_frequency(tau), rel=1e-6)
    assert bcm.spectral_radius(a, threshold_time=tau) == pytest.approx(1, rel=1e-9)
    assert bcm.spectral_radius(0.9 * a, threshold_time=tau) < 1
    assert bcm.spectral_radius(1.1 * a, threshold_time=tau) > 1


def test_slow_steps_are_the_flow() -> None:
    assert bcm.step_hopf_gain(1e6) == pytest.approx(bcm.hopf_gain(1e6), rel=2e-6)
    assert bcm.step_hopf_frequency(1e6) == pytest.approx(bcm.hopf_frequency(1e6), rel=1e-5)


@pytest.mark.parametrize(("m", "low", "high"), [(0.2, ".232", "1.808"), (0.3, ".571", "1.431")])
def test_numbers_of_the_cycle(m: float, low: str, high: str) -> None:
    """The second is 1.8085: as printed to within one unit of the last digit."""

    def flow(_: float, state: np.ndarray) -> list[float]:
        y, theta = state
        return [(1 - m) * y * (y - theta), (y**2 - theta) / 1.5]

    late = np.linspace(460, 500, 20_001)
    y = solve_ivp(flow, (0, 500), [1.2, 1.4], rtol=1e-9, atol=1e-11, t_eval=late).y[0]
    assert y.min() == printed(low)
    assert y.max() == pytest.approx(float(high), abs=6e-4)
