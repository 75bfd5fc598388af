"""Environments whose course is a formula."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim.environments import (
    Constant,
    Environment,
    PreyCycle,
    Ramp,
    Sinusoid,
    SquareWave,
    Step,
)
from adaptsim.part import WrongField

from .courses import at, course

few = settings(max_examples=25, deadline=None)
finite = st.floats(-5, 5)


def test_step_changes_at_its_step() -> None:
    """Before the step the one value, from it on the other, which is where the world rests."""
    change = Step(before=1.0, after=-2.0, at=3.0)
    assert course(change, 6)[:, 0].tolist() == [1, 1, 1, -2, -2, -2]
    assert change.rest().tolist() == [-2.0]


def test_ramp_is_a_line() -> None:
    """A ramp starts where it is told and gains its slope per step."""
    ramp = Ramp(start_at=2.0, slope=-0.25)
    np.testing.assert_allclose(course(ramp, 9)[:, 0], 2.0 - 0.25 * np.arange(9), rtol=0, atol=0)
    assert ramp.rest().tolist() == [2.0]


def test_square_wave_is_the_sign_of_a_sine() -> None:
    """Off the jumps a square wave is the sign of the sine of its period and phase."""
    wave = SquareWave(amplitude=3.0, period=7.3, mean=1.0, phase=0.4)
    sine = Sinusoid(amplitude=1.0, period=7.3, phase=0.4)
    expected = 1.0 + 3.0 * np.sign(course(sine, 200)[:, 0])
    np.testing.assert_array_equal(course(wave, 200)[:, 0], expected)
    assert wave.rest().tolist() == [1.0]


def test_square_wave_halves_are_equally_long() -> None:
    """No step is lost at a jump to rounding: each half holds exactly half of the steps."""
    wave = course(SquareWave(period=50.0), 5000)[:, 0].reshape(100, 2, 25)
    assert (wave[:, 0] == 1).all()
    assert (wave[:, 1] == -1).all()


@few
@given(period=st.floats(2.5, 100), phase=st.floats(-7, 7), step=st.integers(0, 500))
def test_waves_repeat_after_a_period(period: float, phase: float, step: int) -> None:
    """What is seen a period later is the same."""
    for wave in (Sinusoid(period=period, phase=phase), PreyCycle(period=period, phase=phase)):
        np.testing.assert_allclose(at(wave, step), at(wave, step + period), atol=1e-9)


def test_prey_cycle_has_exactly_the_log_ratio() -> None:
    """By default both prey mirror each other about the mean, and the log ratio is a sine."""
    prey = PreyCycle(period=37.0, amplitude=1.5, mean=4.0)
    sine = np.sin(2 * np.pi * np.arange(100) / 37.0)
    seen = course(prey, 100)
    assert seen.shape == (100, 2)
    np.testing.assert_allclose(np.log(seen[:, 0] / seen[:, 1]), 1.5 * sine, atol=1e-14)
    np.testing.assert_allclose(seen[:, 0], 4.0 * np.exp(0.75 * sine), rtol=1e-14)
    np.testing.assert_allclose(seen[:, 1], 4.0 * np.exp(-0.75 * sine), rtol=1e-14)
    assert prey.rest().tolist() == [4.0, 4.0]


@few
@given(
    difference=st.floats(0.3, math.pi),
    amplitude=st.floats(0, 3),
    phase=finite,
)
def test_prey_cycle_at_any_phase_difference(
    difference: float, amplitude: float, phase: float
) -> None:
    """Each log density is a sine, prey 1 ahead by the phase difference; the ratio stays as it is.

    Independent of how the class computes it: two sines set apart by the difference.
    """
    prey = PreyCycle(
        period=20.0, amplitude=amplitude, mean=2.0, phase=phase, phase_difference=difference
    )
    angle = 2 * np.pi * np.arange(40) / 20.0 + phase
    own = amplitude / (2 * math.sin(difference / 2))
    ahead = own * np.sin(angle + difference / 2 - math.pi / 2)
    behind = own * np.sin(angle - difference / 2 - math.pi / 2)
    seen = np.log(course(prey, 40) / 2.0)
    np.testing.assert_allclose(seen, np.column_stack([ahead, behind]), atol=1e-12)
    np.testing.assert_allclose(seen[:, 0] - seen[:, 1], amplitude * np.sin(angle), atol=1e-12)


@pytest.mark.parametrize(
    ("environment", "probe"),
    [
        (Constant(), "rest"),
        (Step(), "step"),
        (Ramp(), "ramp"),
        (Sinusoid(), "tone"),
        (SquareWave(), "tone"),
        (PreyCycle(), "tone"),
    ],
)
def test_contract(environment: Environment, probe: str) -> None:
    """Each says its probe, draws nothing, and shows as many components as it rests at."""
    assert environment.probe == probe
    assert not environment.random
    cue = jax.jit(lambda world: world.cue((), jnp.asarray(0.0)))(environment)
    assert cue.shape == environment.rest().shape
    assert cue.dtype == environment.rest().dtype == jnp.float64


def test_fields_may_be_swept() -> None:
    """A field may hold a batch under vmap."""
    seen = jax.vmap(lambda amplitude: at(SquareWave(amplitude=amplitude), 1))(jnp.arange(4.0))
    assert seen[:, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (Step, "at", -1.0),
        (SquareWave, "period", 0.0),
        (SquareWave, "amplitude", -1.0),
        (PreyCycle, "mean", 0.0),
        (PreyCycle, "phase_difference", 0.0),
        (PreyCycle, "phase_difference", 4.0),
        (Ramp, "slope", math.nan),
    ],
)
def test_refuses(kind: type[Environment], name: str, value: float) -> None:
    """Values outside the limits are refused by name."""
    with pytest.raises(WrongField, match=f"{kind.__name__}.{name} must be"):
        kind(**{name: value})
