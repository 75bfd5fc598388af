"""Who leaves offspring: neutral populations against closed forms, selected ones against weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import Constant, GradientDescent, Tracker, WrongField
from adaptsim.evolution import Ceiling, Evolution, Moran, WrightFisher, evolve
from adaptsim.evolution.base import draw_parents, relative_fitness
from adaptsim.theory import genetic_drift

SIZE, REPLICATES, GENERATIONS = 12, 1000, 120
MORAN = Moran(events=6)
TWO_KINDS = Tracker(start_at=np.repeat([0.0, 1.0], SIZE // 2))
STILL = GradientDescent(learning_rate=0.0)


def drift(scheme, kind=TWO_KINDS):
    """Return what becomes of two kinds that differ in nothing that matters."""
    neutral = Evolution(
        heritable="agent.start_at", generations=GENERATIONS, life=1, scheme=scheme,
        selection=0.0, mutation=0.0, inherits="nothing",
    )  # fmt: skip
    return evolve(kind, STILL, Constant(), neutral, size=SIZE, replicates=REPLICATES, seed=3)


def assert_agrees(values, expected):
    error = values.std(axis=-1, ddof=1) / values.shape[-1] ** 0.5
    assert (abs(values.mean(axis=-1) - expected) <= 4 * error).all()


def test_wright_fisher_loses_heterozygosity_as_theory_says():
    left = drift(WrightFisher()).variance[:16] / 0.25
    expected = genetic_drift.wright_fisher_heterozygosity(np.arange(16), size=SIZE)
    assert_agrees(left[1:], expected[1:])


def test_moran_loses_heterozygosity_as_theory_says():
    left = drift(MORAN).variance[:40] / 0.25
    expected = genetic_drift.moran_heterozygosity(6 * np.arange(40), size=SIZE)
    assert_agrees(left[2:], expected[2:])


@pytest.mark.parametrize("scheme", [WrightFisher(), MORAN])
def test_neutral_kinds_fix_as_often_as_they_are_many(scheme):
    rare = Tracker(start_at=np.arange(SIZE) < 3)
    last = drift(scheme, rare).genotype[-1]
    assert (last % 1 == 0).mean() > 0.99
    assert_agrees(last[None], 3 / SIZE)


def test_moran_fixes_the_fitter_as_theory_says():
    fitness = 1.2
    rare = Tracker(start_at=np.where(np.arange(SIZE) < 2, 1.0, 0.0))
    selected = Evolution(
        heritable="agent.start_at", generations=GENERATIONS, life=1, scheme=MORAN,
        selection=2 * np.log(fitness), mutation=0.0, inherits="nothing",
    )  # fmt: skip
    last = evolve(rare, STILL, Constant(value=1.0), selected, size=SIZE, replicates=REPLICATES)
    expected = genetic_drift.moran_fixation(size=SIZE, fitness=fitness, copies=2)
    assert_agrees(last.genotype[-1][None], expected)


def test_parents_are_drawn_in_proportion_to_fitness():
    fitness = jnp.array([0.0, 1.0, 2.0, 5.0])
    keys = jax.random.split(jax.random.key(0), 4000)
    drawn = np.asarray(jax.vmap(lambda key: draw_parents(key, fitness))(keys))
    assert (np.diff(drawn, axis=1) >= 0).all()
    for row, share in enumerate([0.0, 0.125, 0.25, 0.625]):
        seen = (drawn == row).mean(axis=1)
        assert abs(seen.mean() - share) <= 4 * seen.std(ddof=1) / len(seen) ** 0.5 + 1e-12


def test_empty_rows_and_the_undefined_have_no_offspring():
    alive = jnp.array([True, True, True, False])
    log_fitness = jnp.array([0.0, jnp.nan, -jnp.inf, 3.0])
    assert relative_fitness(log_fitness, alive).tolist() == [1.0, 0.0, 0.0, 0.0]
    heirs = WrightFisher().heirs(jax.random.key(0), log_fitness, alive)
    assert set(heirs.parents.tolist()) == {0}
    assert heirs.alive.tolist() == alive.tolist()


def test_where_nobody_has_fitness_left_all_are_alike():
    alive = jnp.array([True, True, False])
    nobody = jnp.full(3, jnp.nan)
    assert relative_fitness(nobody, alive).tolist() == [1.0, 1.0, 0.0]


@jax.jit
def grow(ceiling, keys, log_fitness, alive):
    return jax.vmap(lambda key: ceiling.heirs(key, log_fitness, alive))(keys)


def test_a_ceiling_lets_grow_and_lets_die():
    alive = jnp.arange(1000) < 100
    for growth, fitness in ((2.0, 0.0), (3.0, np.log(0.5)), (20.0, 0.0)):
        keys = jax.random.split(jax.random.key(2), 400)
        heirs = grow(Ceiling(growth=growth), keys, jnp.full(1000, fitness), alive)
        young = np.asarray(heirs.alive).sum(axis=1)
        expected = min(1000, 100 * growth * np.exp(fitness))
        assert abs(young.mean() - expected) <= 4 * young.std() / 20 + 1e-9
        assert abs(young.var() - (0.0 if expected == 1000 else expected)) < 0.3 * expected
        of_all = np.where(heirs.alive, heirs.parents, 0).sum(axis=1) / young
        assert abs(of_all.mean() - 49.5) <= 4 * of_all.std() / 20  # a fair draw, full or not
        assert (np.asarray(heirs.parents)[np.asarray(heirs.alive)] < 100).all()


@pytest.mark.parametrize("wrong", [{"events": 0}, {"events": -3}])
def test_moran_refuses_no_events(wrong):
    with pytest.raises(WrongField, match="events"):
        Moran(**wrong)
