"""Evolution of rates and traits: against theory, and that it does what it says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import (
    Adam,
    AutoRegressive,
    Constant,
    GradientDescent,
    Predator,
    Ramp,
    RandomWalk,
    Sinusoid,
    Tracker,
    TwoPrey,
    WrongField,
    simulate,
)
from adaptsim.adaptation import Setting, needs, start
from adaptsim.evolution import Ceiling, Evolution, Moran, WrightFisher, evolve, heritable_fields
from adaptsim.evolution.generations import Population, live_and_reproduce
from adaptsim.evolution.predicted import Setup, loaded_rate, predicted_rate
from adaptsim.theory import autoregressive, quantitative_genetics, random_walk

STILL = GradientDescent(learning_rate=0.0)
NOISY = Tracker(observation_noise=0.5**0.5)
WORLD = AutoRegressive(correlation=0.95)
CHOSEN, MANY = Evolution(generations=250, life=60, selection=20.0), {"size": 300, "replicates": 8}


def test_a_life_is_the_step_of_any_other_run():
    one_life = Evolution(generations=1, life=60, mutation=0.0)
    rule = GradientDescent(learning_rate=np.linspace(0.1, 0.9, 5))
    seen = evolve(NOISY, rule, WORLD, one_life, size=5, seed=7, replicates=3)
    run = simulate(NOISY, rule, WORLD, size=5, steps=60, seed=7, replicates=3)
    assert seen.loss[0] == pytest.approx(run.excess.mean(axis=(0, 2)), rel=1e-12)
    assert seen.cue[0, :, 0] == pytest.approx(run.cue[..., 0].mean(axis=0), rel=1e-12)


def test_those_who_inherit_go_on_where_their_parents_were():
    told = {"generations": 3, "life": 20, "mutation": 0.0}
    on = evolve(Tracker(), GradientDescent(), Constant(value=1.0), Evolution(**told), size=4)
    afresh = evolve(
        Tracker(), GradientDescent(), Constant(value=1.0),
        Evolution(**told, inherits="nothing"), size=4,
    )  # fmt: skip
    steps = np.arange(60).reshape(3, 20)
    assert on.loss[:, 0] == pytest.approx((0.9 ** (2 * steps) / 2).mean(axis=1), rel=1e-9)
    assert afresh.loss[:, 0] == pytest.approx([on.loss[0, 0]] * 3, rel=1e-9)


@pytest.mark.slow
def test_adam_begins_afresh_with_its_count_too():
    told = {"generations": 2, "life": 15, "mutation": 0.0, "inherits": "nothing"}
    seen = evolve(Tracker(), Adam(), Constant(value=1.0), Evolution(**told), size=3)
    assert seen.loss[1, 0] == pytest.approx(seen.loss[0, 0], rel=1e-12)


def test_the_rate_evolves_that_tracks_best():
    seen = evolve(NOISY, GradientDescent(), WORLD, CHOSEN, **MANY, seed=2)
    setup = Setup(NOISY, GradientDescent(), WORLD, CHOSEN, 300)
    mean, variance = loaded_rate(setup)
    for values, expected in ((seen.genotype, mean), (seen.variance, variance)):
        each = values[100:].mean(axis=0)
        assert abs(each.mean() - expected) <= 4 * each.std(ddof=1) / 8**0.5
    assert predicted_rate(setup) == pytest.approx(0.318704, abs=1e-6)


def test_a_cost_lowers_it():
    dear = CHOSEN.replace(cost=2.0)
    seen = evolve(NOISY, GradientDescent(), WORLD, dear, **MANY, seed=2)
    setup = Setup(NOISY, GradientDescent(), WORLD, dear, 300)
    each = seen.genotype[100:].mean(axis=0)
    assert abs(each.mean() - loaded_rate(setup)[0]) <= 4 * each.std(ddof=1) / 8**0.5
    assert each.mean() < 0.28


def test_a_trait_that_evolves_is_a_kalman_filter():
    chosen = Evolution(
        heritable="agent.start_at", generations=300, life=1, selection=0.25, mutation=0.2,
        mutates="absolute", inherits="nothing",
    )  # fmt: skip
    seen = evolve(Tracker(), STILL, Ramp(slope=0.05), chosen, size=400, replicates=16, seed=4)
    variance = quantitative_genetics.genetic_variance(mutation_variance=0.04, width=2.0, size=400)
    lag = quantitative_genetics.lag(0.05, genetic_variance=variance, width=2.0)
    for values, expected in (
        (seen.variance, variance),
        (seen.cue[..., 0] - seen.genotype, lag),
    ):
        each = values[100:].mean(axis=0)
        assert abs(each.mean() - expected) <= 4 * each.std(ddof=1) / 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "formula", "told"),
    [
        (AutoRegressive(variance=1.0, correlation=0.9), autoregressive.tracking_mse,
         {"variance": 1.0, "correlation": 0.9}),
        (RandomWalk(drift_variance=0.01), random_walk.tracking_mse, {"drift_variance": 0.01}),
    ],
)  # fmt: skip
def test_a_trait_that_evolves_has_the_error_of_a_tracker(world, formula, told):
    """Genetic variance in the place of a learning rate; drift of the mean adds its own error."""
    chosen = Evolution(
        heritable="agent.start_at", generations=1500, life=1, selection=0.25, mutation=0.2,
        mutates="absolute", inherits="nothing",
    )  # fmt: skip
    seen = evolve(Tracker(), STILL, world, chosen, size=400, replicates=16, seed=6)
    variance = quantitative_genetics.genetic_variance(mutation_variance=0.04, width=2.0, size=400)
    gain = quantitative_genetics.gain(variance, width=2.0)
    each = ((seen.cue[..., 0] - seen.genotype)[200:] ** 2).mean(axis=0)
    expected = formula(gain, **told) + variance / 400 / (gain * (2 - gain))
    assert abs(each.mean() - expected) <= 4 * each.std(ddof=1) / 4


@pytest.mark.slow
def test_short_lives_evolve_faster_learning():
    """Newborns begin afresh; selection as strong as luck allows."""
    found = []
    for life in (5, 20):
        chosen = Evolution(
            generations=500, life=life, selection=4.0, mutation=0.1, inherits="nothing"
        )
        kind, world = Tracker(observation_noise=1.0), AutoRegressive(correlation=0.99)
        rule = GradientDescent(learning_rate=0.3)
        seen = evolve(kind, rule, world, chosen, size=400, replicates=16, seed=8)
        found.append(seen.genotype[200:].mean(axis=0))
    short, long = found
    apart = (short - long).mean() / (short - long).std(ddof=1) * 4
    assert apart > 4


def test_beyond_the_critical_rate_a_population_dies_out_and_says_so():
    told = {"heritable": "agent.start_at", "generations": 200, "life": 1, "selection": 0.25,
            "mutation": 0.2, "mutates": "absolute", "inherits": "nothing"}  # fmt: skip
    chosen = Evolution(**told, scheme=Ceiling(growth=1.5))
    variance = quantitative_genetics.genetic_variance(mutation_variance=0.04, width=2.0)
    critical = quantitative_genetics.critical_rate(genetic_variance=variance, width=2.0, growth=1.5)
    for share, survives in ((0.5, True), (1.5, False)):
        world = Ramp(slope=share * critical)
        seen = evolve(Tracker(), STILL, world, chosen, size=300, replicates=4, seed=5)
        assert (np.isfinite(seen.extinct_at()) != survives).all()
        assert np.isnan(seen.genotype[-1]).all() != survives
        assert (seen.size[0] == 300).all()
        assert np.isnan(seen.genotypes).all() != survives
    gone = seen.extinct_at().astype(int)
    assert (seen.size[gone, range(4)] == 0).all()
    assert (seen.size[gone - 1, range(4)] > 0).all()


def test_same_seed_same_numbers_and_selection_shifts_no_weather():
    runs = [
        evolve(NOISY, GradientDescent(), WORLD, CHOSEN.replace(mutation=m), **MANY, seed=s)
        for m, s in ((0.05, 1), (0.05, 1), (0.5, 1), (0.05, 2))
    ]
    assert (runs[0].genotypes == runs[1].genotypes).all()
    assert (runs[0].cue == runs[2].cue).all()
    assert (runs[0].genotypes != runs[2].genotypes).any()
    assert (runs[0].cue != runs[3].cue).any()


@pytest.mark.slow
def test_what_diverges_has_no_offspring():
    rule = GradientDescent(learning_rate=np.array([0.1, 50.0]).repeat(10))
    chosen = Evolution(generations=3, life=400, mutation=0.0)
    seen = evolve(Tracker(), rule, Constant(value=1.0), chosen, size=20)
    assert np.allclose(seen.genotypes, 0.1)


@pytest.mark.slow
def test_any_number_may_be_heritable():
    known = heritable_fields(Tracker(), Adam())
    assert {"rule.learning_rate", "agent.observation_noise", "agent.start_at"} <= set(known)
    quiet = Evolution(
        heritable="agent.observation_noise", generations=80, life=30, mutates="absolute",
        mutation=0.02, selection=100.0,
    )  # fmt: skip
    loud = Tracker(observation_noise=0.5)
    seen = evolve(loud, GradientDescent(learning_rate=0.5), Constant(), quiet, size=50)
    assert seen.genotype[-1, 0] < 0.15
    assert (seen.genotypes >= 0).all()  # the limit that the field declares
    silent = Tracker(observation_noise=0.0)
    wakes = quiet.replace(selection=0.0, mutation=0.2)
    assert evolve(silent, GradientDescent(), Constant(), wakes, size=50).loss[-1, 0] > 0


@pytest.mark.slow
def test_genotypes_stay_within_their_limits():
    free = Evolution(generations=20, life=1, selection=0.0, mutation=0.5, lowest=0.05, highest=0.2)
    last = evolve(Tracker(), GradientDescent(), Constant(), free, size=100).genotypes
    assert last.min() == 0.05
    assert last.max() == 0.2
    sure = free.replace(heritable="agent.observation_probability", lowest=None, highest=None)
    chances = evolve(Tracker(), GradientDescent(), Constant(), sure, size=100).genotypes
    assert 0 < chances.min()
    assert chances.max() == 1.0


def test_short_lives_want_faster_learning():
    for life, expected in ((5, 0.363057), (20, 0.212601)):
        setup = Setup(
            Tracker(observation_noise=1.0), GradientDescent(), AutoRegressive(correlation=0.99),
            Evolution(life=life, inherits="nothing"), 400,
        )  # fmt: skip
        assert predicted_rate(setup) == pytest.approx(expected, abs=1e-6)


def test_theory_says_nothing_where_it_does_not_know():
    chosen = Evolution()
    for kind, rule, world, evolution in (
        (NOISY, Adam(), WORLD, chosen),
        (NOISY, GradientDescent(), WORLD, chosen.replace(heritable="agent.curvature")),
        (NOISY, GradientDescent(), WORLD, chosen.replace(selection=0.0)),
        (NOISY, GradientDescent(), Sinusoid(), chosen.replace(inherits="nothing")),
        (NOISY.replace(feedback_delay=1), GradientDescent(), WORLD, chosen),
        (NOISY.replace(start_at=3.0), GradientDescent(), WORLD, chosen.replace(inherits="nothing")),
    ):
        assert predicted_rate(Setup(kind, rule, world, evolution, 10)) is None


def test_curvature_is_part_of_the_gain():
    steep = Tracker(observation_noise=0.5**0.5, curvature=4.0)
    setup = Setup(steep, GradientDescent(), WORLD, Evolution(selection=5.0, cost=4.0), 10)
    same = Setup(NOISY, GradientDescent(), WORLD, Evolution(selection=20.0, cost=1.0), 10)
    assert predicted_rate(setup) == pytest.approx(predicted_rate(same) / 4, rel=1e-6)
    assert predicted_rate(same) < autoregressive.best_gain(
        variance=1.0, correlation=0.95, observation_variance=0.5
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"generations": 0}, "generations must be at least 1"),
        ({"life": -1}, "life must be at least 1"),
        ({"selection": -1.0}, "selection must be at least 0"),
        ({"mutation": -0.1}, "mutation must be at least 0"),
        ({"mutates": "sometimes"}, "mutates must be one of"),
        ({"inherits": "all"}, "inherits must be one of"),
        ({"lowest": 1.0, "highest": 0.5}, "lowest must be at most highest"),
        ({"scheme": "WrightFisher"}, "scheme"),
    ],
)
def test_wrong_fields_are_refused(wrong, told):
    with pytest.raises(WrongField, match=told):
        Evolution(**wrong)


def test_an_unknown_field_is_refused_with_a_suggestion():
    with pytest.raises(WrongField, match=r"did you mean 'rule\.learning_rate'"):
        evolve(NOISY, GradientDescent(), WORLD, Evolution(heritable="rule.learning_rat"))


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": -1}, {"replicates": 0}])
def test_empty_populations_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 1"):
        evolve(NOISY, GradientDescent(), WORLD, Evolution(), **wrong)


@pytest.mark.slow
def test_moran_lets_survivors_go_on():
    chosen = Evolution(
        generations=2, life=10, scheme=Moran(events=1), mutation=0.0, inherits="nothing"
    )
    seen = evolve(Tracker(), GradientDescent(), Constant(value=1.0), chosen, size=10)
    fresh, old = (0.9 ** (2 * np.arange(10 * k, 10 * k + 10)) / 2 for k in (0, 1))
    assert seen.loss[1, 0] == pytest.approx((fresh.mean() + 9 * old.mean()) / 10, rel=1e-9)


@pytest.mark.slow
def test_wright_fisher_of_one_is_its_own_heir():
    chosen = Evolution(generations=3, life=1, mutation=0.0, scheme=WrightFisher())
    seen = evolve(Tracker(), GradientDescent(), Constant(), chosen, size=1)
    assert np.allclose(seen.genotype, 0.1)
    assert jax.tree.leaves(seen.variance)[0].max() < 1e-30


def test_empty_rows_do_nothing_to_a_world_that_responds():
    """Half of the rows are empty and hunt one prey only: the world is that of the other half."""
    evolution = Evolution(heritable="agent.start_at", life=20, generations=1)
    world, rule, alive = TwoPrey(), GradientDescent(learning_rate=0.0), jnp.arange(6) < 3
    hunters = np.where(alive, 0.3, 0.999)

    def after(starts, alive):
        kind = Predator(start_at=starts)
        setting = Setting(kind, rule, world)
        begun = start(setting, jax.random.key(0), size=len(starts))
        population = Population(begun, jnp.asarray(starts), alive)
        wanted = needs(kind, rule)
        return live_and_reproduce(setting, evolution, population, jnp.asarray(0), wanted)[0]

    half = after(hunters[:3], alive[:3]).moment.world.logarithms
    np.testing.assert_allclose(after(hunters, alive).moment.world.logarithms, half, rtol=1e-12)
    everybody = after(hunters, jnp.ones(6, dtype=bool)).moment.world.logarithms
    assert abs(everybody - half).max() > 0.01
