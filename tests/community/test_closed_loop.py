"""The community step by step: individuals learn, the world feels them, and both are one loop."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import (
    AdaptationModel,
    Constant,
    GradientDescent,
    Predator,
    Tracker,
    TwoPrey,
    run,
    simulate,
    theory,
)
from adaptsim.community import Community
from adaptsim.environments import Environment
from adaptsim.measures.loop import loop_multipliers
from adaptsim.schema import WrongRequest

HUNTER = Predator(handling_1=0.5, handling_2=0.5, conversion_1=0.5, conversion_2=0.35)
WORLD = TwoPrey()
KNOWN = Community(HUNTER, WORLD, 1.0).theory()
RATE = 1.4


def densities(dt, **more):
    """Return the densities at times 1, 2, ..., 20, shape (20, 3)."""
    stride = round(1 / dt)
    rule = GradientDescent(learning_rate=RATE * dt)
    run_ = simulate(HUNTER, rule, WORLD.replace(dt=dt), steps=21 * stride, stride=stride, **more)
    return run_.cue[1:, 0]


@cache
def halved():
    exact = Community(HUNTER, WORLD, RATE).run(20.0, dt=0.01, every=100).densities
    return exact, densities(0.02), densities(0.01)


def test_splitting_costs_less_than_a_percent_and_halves_with_the_step():
    exact, coarse, fine = halved()
    assert abs(coarse / fine - 1).max() < 0.01
    errors = [abs(one - exact).max() for one in (coarse, fine)]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.03)


def test_multipliers_of_the_whole_step_tend_to_the_eigenvalues_of_the_flow():
    near = {"prey_1": 0.5, "prey_2": 0.8, "predators": KNOWN.predators}
    hunter = HUNTER.replace(start_at=KNOWN.preference)
    off = []
    for dt in (0.02, 0.01):
        rule = GradientDescent(learning_rate=RATE * dt)
        values = loop_multipliers(hunter, rule, WORLD.replace(dt=dt, **near))
        off.append(np.log(abs(values[0])) / dt - KNOWN.leading_real_part(RATE))
    assert off[0] / off[1] == pytest.approx(2, rel=0.03)
    assert 2 * off[1] - off[0] == pytest.approx(0, abs=2e-5)  # extrapolated to dt = 0


def test_a_step_at_which_nothing_rests_has_no_multipliers():
    lost = WORLD.replace(mortality=2.0)  # no prey is enough: predators dwindle for ever
    assert np.isnan(loop_multipliers(HUNTER, GradientDescent(learning_rate=0.01), lost)).any()


def test_prey_feel_the_mean_of_what_all_do():
    one = densities(0.05)
    np.testing.assert_allclose(densities(0.05, size=7), one, rtol=1e-12)


def test_step_by_step_and_at_once_give_the_same_bits():
    rule = GradientDescent(learning_rate=0.05)
    model = AdaptationModel(kind=HUNTER, rule=rule, environment=WORLD, size=3, rng=0)
    for _ in range(5):
        model.step()
    other = AdaptationModel(kind=HUNTER, rule=rule, environment=WORLD, size=3, rng=0)
    other.advance(5)
    np.testing.assert_array_equal(model.cue, other.cue)
    np.testing.assert_array_equal(model.agents.get("trait"), other.agents.get("trait"))
    assert model.cue[2] != WORLD.predators


def test_who_was_removed_eats_no_more():
    """Of a learner and one that cannot learn, removed at once, the learner alone is left."""
    rates = GradientDescent(learning_rate=np.array([0.0, 0.05]))
    model = AdaptationModel(kind=HUNTER, rule=rates, environment=WORLD, size=2, rng=0)
    model.individual(1).remove()
    model.advance(40)
    alone = AdaptationModel(
        kind=HUNTER, rule=GradientDescent(learning_rate=0.05), environment=WORLD, size=1, rng=0
    )
    alone.advance(40)
    np.testing.assert_allclose(model.cue, alone.cue, rtol=1e-12)
    model.agents.clear()
    model.advance(40)
    hungry = alone.cue[2] * np.exp(-WORLD.mortality * 40 * WORLD.dt)
    assert model.cue[0] > alone.cue[0]  # nobody eats
    assert model.cue[2] == pytest.approx(hungry, rel=1e-6)


def test_removing_in_the_middle_of_a_compiled_run_is_as_step_by_step():
    def begun():
        rates = GradientDescent(learning_rate=np.array([0.0, 0.05]))
        return AdaptationModel(kind=HUNTER, rule=rates, environment=WORLD, size=2, rng=0)

    at_once, one_by_one = begun(), begun()
    at_once.schedule_event(at_once.individual(1).remove, at=6)
    at_once.advance(15)
    for _ in range(15):
        if one_by_one.time == 6:
            one_by_one.individual(1).remove()
        one_by_one.step()
    assert len(at_once.agents) == 1
    np.testing.assert_array_equal(at_once.cue, one_by_one.cue)


def test_what_is_perceived_late_is_learnt_late():
    seen = HUNTER.replace(perception_lag=50.0)
    rule = GradientDescent(learning_rate=0.05)
    at_once, trailing = (
        simulate(kind, rule, WORLD, steps=60).followed["preference"].output[-1, 0, 0]
        for kind in (HUNTER, seen)
    )
    assert abs(at_once - trailing) > 1e-3


def test_an_environment_that_responds_must_say_how():
    class Deaf(Environment):
        responds = True

        def cue(self, world, step):
            return np.zeros(1)

    with pytest.raises(NotImplementedError, match="Deaf must define respond"):
        simulate(Tracker(), GradientDescent(), Deaf(), steps=2)


def test_a_world_that_does_not_respond_is_advanced_as_ever():
    assert Constant.responds is False
    run_ = simulate(Tracker(), GradientDescent(learning_rate=0.5), Constant(value=8.0), steps=4)
    assert run_.followed["trait"].output[:, 0, 0].tolist() == [0.0, 4.0, 6.0, 7.0]


@cache
def story(**changes):
    asked = {"steps": 1000, "burn_in": 500, "stride": 10, "population.size": 2}
    for name, value in changes.items():
        asked[name.replace("__", ".")] = list(value) if isinstance(value, tuple) else value
    return run("predator_community", asked)


def row(result, variable, measure):
    table = result.table
    (found,) = table[(table["variable"] == variable) & (table["measure"] == measure)].to_dict(
        "records"
    )
    return found


def test_a_scenario_measures_beside_theory(tmp_path):
    result = story()
    rates = KNOWN.hopf_rates()
    for number, known in enumerate(rates, 1):
        found = row(result, "community", f"hopf_rate_{number}")
        assert found["value"] == pytest.approx(known, rel=1e-9)
        assert found["theory"] == pytest.approx(known, rel=1e-12)
    leading = row(result, "community", "leading_real_part")
    assert leading["theory"] == pytest.approx(KNOWN.leading_real_part(RATE), rel=1e-9)
    assert leading["value"] == pytest.approx(leading["theory"], rel=0.06)  # first order in dt
    assert row(result, "prey_2", "mean_density")["theory"] == pytest.approx(0.8)
    assert row(result, "community", "persistence")["value"] == 1
    folder = result.write(tmp_path / "out")
    assert (folder / "figure.png").stat().st_size > 20_000


def test_a_scenario_tells_who_died_out_and_what_is_conserved():
    still = {
        "agent__handling_1": 0.0,
        "agent__handling_2": 0.0,
        "environment__crowding_1": 0.0,
        "environment__crowding_2": 0.0,
        "agent__conversion_2": 0.25,
    }
    drift = row(story(**still, environment__dt=0.01, rule__learning_rate=0.01), "community",
                "conserved_drift")  # fmt: skip
    assert drift["theory"] == 0
    assert 0 < abs(drift["value"]) < 0.01
    fixed = {"agent__handling_1": 0.0, "agent__handling_2": 0.0, "rule__learning_rate": 0.0}
    gone = story(**fixed, steps=8000, burn_in=4000)
    assert row(gone, "prey_2", "floored")["value"] > 0
    assert "died out" in row(gone, "prey_2", "mean_density")["flag"]
    assert row(gone, "community", "persistence")["value"] == 0


def test_impossible_numbers_of_a_scenario_are_refused_by_place():
    with pytest.raises(WrongRequest, match=r"environment.prey_1 must be above 0"):
        run("predator_community", {"environment.prey_1": -1.0})


@pytest.mark.slow
def test_mixed_rates_have_the_theory_of_their_mean():
    result = story(rule__learning_rate=(0.04, 0.10))
    leading = row(result, "community", "leading_real_part")
    rate = theory.community.mixed_rate([0.04, 0.10]) / 0.05
    assert leading["theory"] == pytest.approx(KNOWN.leading_real_part(rate), rel=1e-9)
    assert leading["value"] == pytest.approx(leading["theory"], rel=0.06)


@pytest.mark.parametrize("preference", [0.1, 0.5, 0.9])
def test_the_slope_that_is_climbed_is_the_derivative_of_the_intake(preference):
    hunter = HUNTER.replace(attack_1=1.3, handling_2=0.8)
    prey = jnp.array([0.7, 1.9])
    slope = float(jax.grad(hunter.intake)(preference, prey))
    trait = jnp.array([np.log(preference / (1 - preference))])
    assert -float(hunter.gradient(trait, prey, prey)[0]) == pytest.approx(slope, rel=1e-12)
