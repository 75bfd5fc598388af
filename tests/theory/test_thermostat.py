"""Closed forms of a heated room, its controller and its learned setpoint."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.signal import (  # type: ignore[import-untyped, unused-ignore]
    cont2discrete,
    dfreqresp,
    freqs,
)

from adaptsim.theory import thermostat
from adaptsim.theory.thermostat import Order, Source

from .checks import Array, largest_root, printed

memories = st.floats(0.05, 0.98)
day = 2 * math.pi / 24


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (0.3, [5, 6.5, 7.55, 8.285, 8.7995, 9.15965]),
        (1.5, [5, 12.5, 8.75, 10.625]),
        (2.0, [5, 15, 5, 15]),
        (2.2, [5, 16, 2.8, 18.64, -0.368]),
    ],
)
def test_setpoint_numbers(rate: float, expected: list[float]) -> None:
    """Learned setpoints come to the numbers of the science sheet and of the recursion."""
    time = np.arange(len(expected))
    path = np.asarray(thermostat.setpoint_path(rate, time, start=5.0, preference=10.0))
    assert path == pytest.approx(np.array(expected), rel=1e-9)
    assert path[1:] == pytest.approx(path[:-1] + rate * (10 - path[:-1]), rel=1e-9)


def test_rare_overrides_number() -> None:
    """The mean setpoint after 30 steps of rare overrides."""
    mean = thermostat.setpoint_path(0.4, 30, start=5.0, preference=10.0, probability=0.2)
    assert mean == printed("9.590169")


@pytest.mark.parametrize(
    ("memory", "age", "expected"),
    [
        (0.9, 1, "1.000000"),
        (0.9, 2, "0.646586"),
        (0.9, 5, "0.335978"),
        (math.exp(-0.1), 6, "0.292712"),
    ],
)
def test_control_limit_numbers(memory: float, age: int, expected: str) -> None:
    """Limits of delayed control come to the numbers of the science sheet."""
    assert thermostat.control_limit(memory, delay=age) == printed(expected)


def test_loop_gain_limit_number() -> None:
    """The same limit as a loop gain; without delay the pull may reach 1 + a."""
    assert thermostat.loop_gain_limit(math.exp(-0.1), delay=6) == printed("3.075918")
    assert thermostat.control_limit(0.9) == pytest.approx(1.9)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, "1.25"), (1, "0.701941"), (2, "0.498168"), (5, "0.274158"), (12, "0.137037")],
)
def test_learning_limit_numbers(age: int, expected: str) -> None:
    """Limits of delayed learning come to the numbers of the science sheet."""
    assert thermostat.learning_limit(0.9, 4.0, delay=age) == printed(expected)


def test_learning_limit_numbers_by_order() -> None:
    """The order of events moves the limit by a factor of six."""
    assert thermostat.learning_limit(0.95, 9.0) == printed("1.111111")
    assert thermostat.learning_limit(0.9, 4.0, order="sequential") == printed("7.5")


def test_oscillation_threshold_number() -> None:
    """Continuous learning rings above 0.15625 per hour."""
    assert thermostat.oscillation_threshold(4.0, time_constant=10.0) == printed("0.15625")


@pytest.mark.parametrize(
    ("tau", "loop_gain", "gain", "lag"),
    [
        (10.0, 0.0, "0.356827", "4.606303"),
        (40.0, 0.0, "0.095061", "5.636346"),
        (10.0, 4.0, "0.177182", "1.842433"),
    ],
)
def test_outdoor_wave_numbers(tau: float, loop_gain: float, gain: str, lag: str) -> None:
    """A daily wave reaches the room by the numbers of the science sheet."""
    room = {"time_constant": tau, "loop_gain": loop_gain}
    assert thermostat.outdoor_gain(day, **room) == printed(gain)
    assert thermostat.outdoor_lag(day, **room) == printed(lag)


def control_polynomial(memory: float, pull: float, age: int) -> Array:
    """Return the coefficients of ``z**(d+1) - a z**d + b``."""
    coefficients = np.zeros(age + 2)
    coefficients[0] = 1
    coefficients[1] -= memory
    coefficients[-1] += pull
    return coefficients


def loop_matrix(memory: float, pull: float, eta: float, age: int, order: Order) -> Array:
    """Return one step of (T[t], ..., T[t-d], s), built by pushing unit vectors through it."""

    def step(state: Array) -> Array:
        temperatures, setpoint = state[:-1], state[-1]
        new = memory * temperatures[0] + pull * (setpoint - temperatures[0])
        history = np.concatenate([[new], temperatures])
        seen = history[age] if order == "sequential" else history[age + 1]
        return np.concatenate([history[: age + 1], [setpoint - eta * seen]])

    return np.array([step(unit) for unit in np.eye(age + 2)]).T


def radius(matrix: Array) -> float:
    """Return the largest modulus among the eigenvalues."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


@given(memory=memories, age=st.integers(0, 15))
def test_control_limit_by_polynomial_roots(memory: float, age: int) -> None:
    """The spectral radius crosses 1 at the limit, and is below 1 for all smaller pulls."""
    limit = float(thermostat.control_limit(memory, delay=age))
    assert largest_root(control_polynomial(memory, 1.001 * limit, age)) > 1
    for fraction in (0.1, 0.5, 0.9, 0.999):
        assert largest_root(control_polynomial(memory, fraction * limit, age)) < 1
    assert largest_root(control_polynomial(memory, limit, age)) == pytest.approx(1, abs=1e-9)


@given(
    memory=memories,
    fraction=st.floats(0.02, 0.99),
    age=st.integers(0, 8),
    order=st.sampled_from(["synchronous", "sequential"]),
)
def test_learning_limit_by_eigenvalues(
    memory: float, fraction: float, age: int, order: Order
) -> None:
    """The loop is stable for all learning rates below the limit and unstable just above."""
    pull = fraction * (1 + memory)
    loop_gain = pull / (1 - memory)
    limit = float(thermostat.learning_limit(memory, loop_gain, delay=age, order=order))
    assert radius(loop_matrix(memory, pull, 1.002 * limit, age, order)) > 1
    for part in (0.1, 0.4, 0.7, 0.9, 0.998):
        assert radius(loop_matrix(memory, pull, part * limit, age, order)) < 1


@given(memory=memories, loop_gain=st.floats(0.1, 30))
def test_learning_limits_without_delay(memory: float, loop_gain: float) -> None:
    """Both closed forms without delay, and the step between the two orders."""
    pull = (1 - memory) * loop_gain
    assume(pull < 0.999 * (1 + memory))
    now = thermostat.learning_limit(memory, loop_gain)
    assert now == pytest.approx(1 + 1 / loop_gain, rel=1e-9)
    sequential = thermostat.learning_limit(memory, loop_gain, order="sequential")
    assert sequential == pytest.approx(2 * (1 + memory - pull) / pull, rel=1e-6)
    late = thermostat.learning_limit(memory, loop_gain, delay=1, order="sequential")
    assert late == pytest.approx(now, rel=1e-9)


def test_learned_setpoint_brings_the_room_to_the_preference() -> None:
    """Iterated learning ends with no offset below the limit and diverges above it."""
    memory, loop_gain, outdoor, preference, age = 0.9, 4.0, 5.0, 20.0, 2
    limit = float(thermostat.learning_limit(memory, loop_gain, delay=age))
    for factor, converges in ((0.7, True), (1.05, False)):
        temperatures, setpoint = [10.0] * (age + 1), 18.0
        for _ in range(1500):
            reading = temperatures[-1 - age]
            heat = loop_gain * (setpoint - temperatures[-1])
            new = memory * temperatures[-1] + (1 - memory) * (outdoor + heat)
            setpoint += factor * limit * (preference - reading)
            temperatures.append(new)
        assert (abs(temperatures[-1] - preference) < 1e-3) is converges


def test_control_alone_must_be_stable() -> None:
    """Where the controller alone diverges there is no limit of learning."""
    assert np.isnan(thermostat.learning_limit(0.5, 3.1))
    assert np.isnan(thermostat.learning_limit(0.9, 0.0))
    assert np.isnan(thermostat.learning_limit(0.9, 4.0, delay=-2))
    assert np.isnan(thermostat.control_limit(1.0))
    assert np.isnan(thermostat.control_limit(0.9, delay=-1))


def test_limits_broadcast() -> None:
    """Arrays of memories, gains and delays give arrays of limits."""
    limits = np.asarray(
        thermostat.learning_limit(np.array([[0.9], [0.95]]), 4.0, delay=np.arange(3))
    )
    assert limits.shape == (2, 3)
    assert limits[0, 1] == thermostat.learning_limit(0.9, 4.0, delay=1)
    controls = np.asarray(
        thermostat.control_limit(np.array([0.5, 0.9]), delay=np.array([[1], [2]]))
    )
    assert controls[1, 1] == thermostat.control_limit(0.9, delay=2)


def test_unknown_words_are_rejected() -> None:
    """The errors name the allowed words."""
    with pytest.raises(ValueError, match=r"'synchronous' or 'sequential'; got 'random'"):
        thermostat.learning_limit(0.9, 4.0, order="random")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"'outdoor' or 'setpoint'; got 'sun'"):
        thermostat.sampled_transfer(0.1, memory=0.9, source="sun")  # type: ignore[arg-type]


@given(loop_gain=st.floats(0.1, 20), tau=st.floats(1, 60))
def test_oscillation_threshold_by_eigenvalues(loop_gain: float, tau: float) -> None:
    """Eigenvalues turn complex at the threshold and stay in the stable half plane."""
    threshold = float(thermostat.oscillation_threshold(loop_gain, time_constant=tau))
    for factor, rings in ((0.99, False), (1.01, True), (100.0, True)):
        kappa = factor * threshold
        flow = [[-(1 + loop_gain) / tau, loop_gain / tau], [-kappa, 0]]
        eigenvalues = np.linalg.eigvals(flow)
        assert bool(np.abs(eigenvalues.imag).max() > 0) is rings
        assert eigenvalues.real.max() < 0


@given(omega=st.floats(0.01, 5), tau=st.floats(1, 60), loop_gain=st.floats(0, 20))
def test_outdoor_wave_is_that_of_the_filter(omega: float, tau: float, loop_gain: float) -> None:
    """Gain and lag equal scipy's for ``1 / (tau s + 1 + G K_p)``."""
    _, response = freqs([1], [tau, 1 + loop_gain], worN=[omega])
    room = {"time_constant": tau, "loop_gain": loop_gain}
    assert thermostat.outdoor_gain(omega, **room) == pytest.approx(abs(response[0]), rel=1e-9)
    lag = -np.angle(response[0]) / omega
    assert thermostat.outdoor_lag(omega, **room) == pytest.approx(lag, rel=1e-9)


@given(
    omega=st.floats(0.01, 3.1),
    memory=memories,
    fraction=st.floats(0.01, 0.95),
    age=st.integers(0, 6),
    source=st.sampled_from(["outdoor", "setpoint"]),
)
def test_sampled_transfer_is_that_of_the_filter(
    omega: float, memory: float, fraction: float, age: int, source: Source
) -> None:
    """The response equals scipy's for the delayed loop."""
    pull = fraction * float(thermostat.control_limit(memory, delay=age))
    strength = pull if source == "setpoint" else 1 - memory
    numerator = np.zeros(age + 1)
    numerator[0] = strength
    _, response = dfreqresp((numerator, control_polynomial(memory, pull, age), 1), w=[omega])
    found = thermostat.sampled_transfer(
        omega, memory=memory, loop_gain=pull / (1 - memory), delay=age, source=source
    )
    assert found == pytest.approx(response[0], rel=1e-6, abs=1e-12)
    if age == 0:
        lag = thermostat.sampled_lag(omega, memory=memory, loop_gain=pull / (1 - memory))
        phase = -np.angle(response[0]) % (2 * math.pi)
        assert lag == pytest.approx(phase / omega, rel=1e-6)


def test_sampled_wave_by_iteration() -> None:
    """An iterated room under delayed control answers an outdoor wave as stated."""
    memory, loop_gain, age, period = 0.8, 2.0, 2, 24
    omega = 2 * math.pi / period
    time = np.arange(60 * period)
    outdoor = 5 + 3 * np.sin(omega * time)
    room = np.full(len(time) + 1, 15.0)
    for t in range(age, len(time)):
        heat = loop_gain * (20 - room[t - age])
        room[t + 1] = memory * room[t] + (1 - memory) * (outdoor[t] + heat)
    late = slice(50 * period, 60 * period)
    wave = 2j * np.mean(room[late] * np.exp(-1j * omega * time[late])) / 3
    expected = thermostat.sampled_transfer(omega, memory=memory, loop_gain=loop_gain, delay=age)
    assert wave == pytest.approx(expected, rel=1e-9)
    steady = thermostat.steady_temperature(loop_gain, setpoint=20.0, outdoor=5.0)
    assert room[late].mean() == pytest.approx(steady, rel=1e-9)
    offset = thermostat.steady_offset(loop_gain, setpoint=20.0, outdoor=5.0)
    assert 20 - room[late].mean() == pytest.approx(offset, rel=1e-9)


def test_sampled_transfer_has_no_value_where_unstable() -> None:
    """Above the limit of control there is no steady response."""
    limit = float(thermostat.loop_gain_limit(0.9, delay=3))
    assert np.isnan(thermostat.sampled_transfer(0.1, memory=0.9, loop_gain=1.01 * limit, delay=3))
    stable = thermostat.sampled_transfer(0.1, memory=0.9, loop_gain=0.99 * limit, delay=3)
    assert np.isfinite(stable)
    assert np.isnan(thermostat.sampled_lag(0.1, memory=0.5, loop_gain=3.1))


@given(tau=st.floats(1, 60), dt=st.floats(0.05, 5))
def test_memory_is_exact_sampling(tau: float, dt: float) -> None:
    """The memory and its complement are scipy's exact sampling of the room."""
    kept, gained, *_ = cont2discrete(
        [np.array([[value]]) for value in (-1 / tau, 1 / tau, 1.0, 0.0)], dt
    )
    memory = thermostat.room_memory(tau, dt=dt)
    assert memory == pytest.approx(kept[0, 0], rel=1e-9)
    assert 1 - memory == pytest.approx(gained[0, 0], rel=1e-6)
    assert thermostat.heating_gain(5.0, maximum_power=4.0) == 20


@given(memory=memories, loop_gain=st.floats(0.1, 30), part=st.floats(0.05, 0.95))
def test_learned_transfer_is_that_of_the_loop(memory: float, loop_gain: float, part: float) -> None:
    """The response of a learned setpoint, by solving the linear loop at one frequency."""
    pull = (1 - memory) * loop_gain
    assume(pull < 0.999 * (1 + memory))
    rate, omega = part * float(thermostat.learning_limit(memory, loop_gain)), 0.3
    loop = np.array([[memory - pull, pull], [-rate, 1.0]])  # of room and setpoint
    driven = np.linalg.solve(np.exp(1j * omega) * np.eye(2) - loop, [0.0, rate])
    told = thermostat.learned_transfer(omega, rate=rate, memory=memory, loop_gain=loop_gain)
    assert told == pytest.approx(driven[1] / (1 + 1 / loop_gain), rel=1e-9)
    lost = thermostat.learned_transfer(omega, rate=3 * rate / part, memory=memory,
                                       loop_gain=loop_gain)  # fmt: skip
    assert np.isnan(lost)
