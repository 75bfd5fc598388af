"""Closed forms of methylation that gates plasticity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp  # type: ignore[import-untyped, unused-ignore]

from adaptsim.theory import methylation

from .checks import printed

TOLD = {"start": 0.1, "writing": 0.02, "erasing": 0.03}
CURVED = np.array([[2.0, 0.8], [0.8, 1.0]])


def test_numbers_of_the_pace_of_a_synapse() -> None:
    for m, text in ((0, "9.491222"), (0.5, "19.495726"), (0.9, "99.499162"), (0.99, "999.499917")):
        assert methylation.rise_time_63(0.1, gate=1 - m, curvature=1.0) == printed(text)


def test_numbers_of_the_joint_limit() -> None:
    cases = (((0, 0), ".818532"), ((0.5, 0), "1.277396"), ((0, 0.5), ".913486"),
             ((0.9, 0.9), "8.185322"))  # fmt: skip
    for m, text in cases:
        assert methylation.speed_limit(CURVED, 1 - np.array(m)) == printed(text)


@given(first=st.floats(0.01, 1), second=st.floats(0.01, 1))
def test_the_limit_is_where_the_step_s_own_eigenvalue_is_minus_1(
    first: float, second: float
) -> None:
    """Of ``I - eta D H`` itself, which is not symmetric."""
    limit = methylation.speed_limit(CURVED, [first, second])
    values = np.linalg.eigvals(np.eye(2) - limit * np.diag([first, second]) @ CURVED)
    assert values.real.min() == pytest.approx(-1, abs=1e-9)
    assert methylation.spectral_radius(limit, CURVED, [first, second]) == pytest.approx(1)


def test_numbers_of_settling_methylation() -> None:
    assert methylation.course(40.0, **TOLD) == printed("0.359399")
    error = methylation.error(40.0, rate=0.5, curvature=1.0, **TOLD)
    assert error == pytest.approx(4.591017e-7, abs=5e-14)


def test_error_and_methylation_solve_their_equations() -> None:
    def flow(_: float, state: np.ndarray) -> list[float]:
        m = state[0]
        return [0.02 * (1 - m) - 0.03 * m, -0.5 * 1.5 * (1 - m)]

    solved = solve_ivp(flow, (0, 40), [0.1, 0.0], rtol=1e-11, atol=1e-13).y[:, -1]
    error = methylation.error(40.0, rate=0.5, curvature=1.5, **TOLD)
    assert methylation.course(40.0, **TOLD) == pytest.approx(solved[0], rel=1e-9)
    assert np.log(error) == pytest.approx(solved[1], rel=1e-9)
    assert methylation.course(1e9, **TOLD) == methylation.equilibrium(0.02, 0.03)
    assert methylation.time_constant(0.02, 0.03) == 20


def test_methylation_that_nothing_moves_stays() -> None:
    assert methylation.course(10.0, start=0.3, writing=0.0, erasing=0.0) == 0.3
    assert np.isnan(methylation.equilibrium(0.0, 0.0))


def test_numbers_of_a_mixture() -> None:
    for time, text in ((5.0, "0.632121"), (50.0, "0.099995"), (500.0, "0.010000")):
        assert methylation.mixed_error(time, pace=0.2) == printed(text)
    assert methylation.mixed_error(0.0, pace=0.2) == 1


@given(steps=st.integers(0, 40), gain=st.floats(0.01, 1))
def test_a_mixture_is_an_integral_over_methylation(steps: int, gain: float) -> None:
    whole = quad(lambda m: (1 - gain * (1 - m)) ** steps, 0, 1)[0]
    assert methylation.mixed_error_in_steps(steps, gain=gain) == pytest.approx(whole, rel=1e-9)
    signal = quad(lambda m: gain * (1 - m) * (1 - gain * (1 - m)) ** steps, 0, 1)[0]
    assert methylation.stored_signal(steps, gain=gain) == pytest.approx(signal, rel=1e-7, abs=1e-14)
    noise = quad(lambda m: gain * (1 - m) / (2 - gain * (1 - m)), 0, 1)[0]
    assert methylation.stored_noise(gain) == pytest.approx(noise, rel=1e-9)


def test_small_steps_of_a_mixture_are_its_flow() -> None:
    fine = methylation.mixed_error_in_steps(1e6, gain=5e-6)
    assert fine == pytest.approx(methylation.mixed_error(5.0, pace=1.0), rel=1e-5)


def test_refuses_shapes_and_gates_that_cannot_be() -> None:
    with pytest.raises(ValueError, match=r"moment must have shape \(3, 3\); got \(2, 2\)"):
        methylation.speed_limit(CURVED, [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="gates must be at least 0"):
        methylation.speed_limit(CURVED, [1.0, -1.0])
    assert methylation.speed_limit(CURVED, [0.0, 0.0]) == np.inf
    assert np.isnan(methylation.rise_time_63(3.0, gate=1.0, curvature=1.0))
