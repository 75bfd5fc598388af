"""Agent kinds: what each descends, perceives and lives with."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from adaptsim import Constant, GradientDescent, PreyCycle, Stack, WrongField, noise, simulate
from adaptsim.agents import Forager, Thermostat, Tracker

CUES = [(1.0, 1.0), (3.0, 1.0), (0.4, 2.5)]
MODES = ["logit", "preference", "intake"]


def hungry(mode="logit", **fields):
    return Forager(
        mode=mode, matching=2.5, attack_1=0.7, conversion_1=0.6, conversion_2=0.9, **fields
    )


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("mode", MODES)
def test_the_loss_is_least_at_the_optimum(mode, cue):
    kind, cue = hungry(mode), jnp.asarray(cue)
    best = kind.optimum(cue)
    assert float(kind.loss(best, cue)) == pytest.approx(0, abs=1e-14)
    for away in (-0.05, 0.05):
        assert float(kind.loss(best + away, cue)) > 1e-9
    slope = jax.grad(lambda trait: kind.loss(trait, cue))(best)
    assert float(slope[0]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("cue", CUES)
def test_the_intake_is_largest_at_the_optimum(cue):
    kind = hungry("intake")
    power = 1 - 1 / 2.5
    worth = np.array([0.6 * 0.7, 0.9]) * np.asarray(cue)

    def lost(share):
        return -(worth[0] * share**power + worth[1] * (1 - share) ** power)

    found = optimize.minimize_scalar(
        lost, bounds=(0, 1), method="bounded", options={"xatol": 1e-10}
    )
    best = kind.preference(kind.optimum(jnp.asarray(cue)))
    assert float(best[0]) == pytest.approx(found.x, abs=1e-6)
    assert float(kind.intake(best, jnp.asarray(cue))) == pytest.approx(-found.fun, rel=1e-12)


def test_generalised_matching():
    u = float(
        Forager(matching=2.0).preference(Forager(matching=2.0).optimum(jnp.array([2.0, 1])))[0]
    )
    assert u == pytest.approx(0.8, rel=1e-12)
    third = Forager(matching=1 / 0.75)
    u = float(third.preference(third.optimum(jnp.array([1.0, 3.0])))[0])
    assert u == pytest.approx(0.187732, abs=5e-7)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_descended(mode):
    kind, cue, trait = hungry(mode), jnp.array([3.0, 1.0]), jnp.array([0.3])
    slope = float(kind.gradient(trait, cue, ())[0])
    away = float((trait - kind.optimum(cue))[0])
    if mode == "intake":
        share, h = float(jax.nn.sigmoid(trait)[0]), 1e-6
        up, down = (kind.intake(jnp.array([share + d]), cue) for d in (h, -h))
        away = -float(up - down) / (2 * h)
    assert slope == pytest.approx(away, rel=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_comes_to_the_same_preference(mode):
    kind = hungry(mode)
    prey = PreyCycle(amplitude=2.0, period=8.0, phase=np.pi / 2)
    still = Stack(parts=(Constant(value=3.0), Constant(value=1.0)))
    run = simulate(kind, GradientDescent(learning_rate=0.3), still, steps=400)
    best = run.followed["preference"].target[-1, 0, 0]
    assert run.followed["preference"].output[-1, 0, 0] == pytest.approx(best, rel=1e-9)
    assert run.followed["preference"].output[0, 0, 0] == pytest.approx(0.5)
    assert prey.cue((), 0)[0] / prey.cue((), 0)[1] == pytest.approx(np.exp(2.0))


def test_a_noisy_impression_is_a_factor():
    kind, n = Forager(matching=2.0, observation_noise=0.3), 100_000
    draws = noise.normal(jax.random.key(2), (n, 2))
    cue = jnp.array([3.0, 1.0])
    seen = jax.vmap(lambda draw: kind.perceive(cue, draw))(draws)
    assert float(seen.min()) > 0
    best = np.asarray(jax.vmap(kind.optimum)(seen))[:, 0]
    expected = 2 * (2.0 * 0.3) ** 2
    assert abs(best.var() - expected) <= 4 * expected * np.sqrt(2 / n)
    assert abs(best.mean() - 2 * np.log(3)) <= 4 * np.sqrt(expected / n)


def test_intake_needs_effort_that_pays_less_and_less():
    with pytest.raises(WrongField, match=r"matching must be above 1 where mode = 'intake'.*try 2"):
        Forager(mode="intake")


def test_a_preference_of_one_is_no_start():
    with pytest.raises(WrongField, match="start_at"):
        Forager(start_at=1.0)


def test_a_steeper_tracker_descends_faster():
    kind = Tracker(curvature=3.0)
    assert kind.gradient(jnp.array([1.0]), jnp.array([3.0]), ()).tolist() == [-6.0]


ROOM = {
    "room": True,
    "outdoor": 4.0,
    "room_start": 12.0,
    "start_at": 20.0,
    "time_constant": 8.0,
    "heater_gain": 30.0,
}


def heated(steps=40, cue=None, **fields):
    kind = Thermostat(**(ROOM | fields))
    cue = cue or Constant(value=20.0)
    return simulate(kind, GradientDescent(learning_rate=0.0), cue, steps=steps)


def by_hand(gain, steps=40, delay=0, outdoor=4.0):
    """Return room temperatures and the number of steps at a limit of the heater."""
    keep, room, limited = np.exp(-1 / 8.0), [12.0], 0
    for t in range(steps):
        wanted = gain * (20.0 - room[max(t - delay, 0)])
        power = min(max(wanted, 0.0), 1.0)
        limited += power != wanted
        room.append(keep * room[-1] + (1 - keep) * (outdoor + 30.0 * power))
    return room[:-1], limited


@pytest.mark.parametrize("delay", [0, 3])
@pytest.mark.parametrize("gain", [0.05, 0.4])
def test_the_room_step_by_step(gain, delay):
    run = heated(proportional_gain=gain, sensor_delay=delay)
    room, limited = by_hand(gain, delay=delay)
    np.testing.assert_allclose(run.followed["room"].output[:, 0, 0], room, rtol=1e-12)
    assert int(run.final.state.body.limited[0, 0]) == limited
    assert (limited > 0) == (gain == 0.4)


def test_the_second_cue_is_the_weather():
    weather = Stack(parts=(Constant(value=20.0), Constant(value=-3.0)))
    run = heated(cue=weather, proportional_gain=0.05)
    np.testing.assert_allclose(
        run.followed["room"].output[:, 0, 0], by_hand(0.05, outdoor=-3.0)[0], rtol=1e-12
    )
    assert (run.followed["room"].drive == -3.0).all()
    assert (run.followed["room"].target == 20.0).all()


def test_without_a_room_there_is_none():
    run = heated(room=False)
    assert list(run.followed) == ["setpoint"]
    assert jax.tree.leaves(run.final.state.body) == []
