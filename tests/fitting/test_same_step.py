"""A fit follows individuals by the step of simulations, and its derivatives are those of that."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import Forager, GradientDescent, Recorded, Thermostat, Tracker, simulate
from adaptsim.fitting.course import Design, Learner, Record, course
from adaptsim.fitting.likelihood import log_likelihood, terms

follow = jax.jit(course, static_argnames="design")

NUMBERS = Design(("trait",), 0, False, False, False, True, 1)
CHOICES = Design((), 2, True, False, False, False, 2)


@pytest.mark.parametrize(
    ("kind", "variable", "columns"),
    [
        (Tracker(start_at=0.3), "trait", ("lynx",)),
        (Forager(matching=1.5), "preference", ("snowshoe_hare", "lynx")),
        (Thermostat(room=True, learns_from="room"), "room", ("lynx",)),
    ],
)
def test_the_course_is_that_of_a_simulation(kind, variable, columns):
    world = Recorded(path="adaptsim:data/hare_lynx_pelts.csv", columns=columns)
    rule = GradientDescent(learning_rate=0.3)
    simulated = simulate(kind, rule, world, size=1, steps=15).followed[variable].output[:, 0, 0]
    design = Design((variable,), 0, False, False, False, False, 1)
    cues = jnp.stack([world.cue((), t) for t in range(15)])
    record = Record(cues, jnp.zeros((15, 1)), jnp.ones((15, 1)))
    rates = jnp.array([0.3, 0.3, 0.0])
    shown, _ = follow(Learner(kind, GradientDescent()), design, record, rates, jnp.zeros(1))
    np.testing.assert_allclose(shown[:, 0], simulated, rtol=1e-10)


def test_a_post_update_row_is_the_next_pre_update_row():
    record = Record(*(jnp.asarray(np.arange(6.0))[:, None] for _ in range(3)))
    told = (Learner(Tracker(), GradientDescent()), record, jnp.array([0.4, 0.4, 0.0]))
    before, _ = follow(told[0], NUMBERS, *told[1:], jnp.zeros(1))
    after, _ = follow(told[0], NUMBERS._replace(after=True), *told[1:], jnp.zeros(1))
    np.testing.assert_allclose(after[:-1], before[1:], rtol=1e-12)


@pytest.mark.parametrize("design", [NUMBERS, CHOICES])
def test_scores_are_gradients_of_the_log_likelihood(design):
    rng = np.random.default_rng(5)
    cue = rng.normal(size=(12, design.traits))
    seen = np.eye(2)[rng.integers(0, 2, 12)] if design.options else rng.normal(size=(12, 1))
    record = Record(jnp.asarray(cue), jnp.asarray(seen), jnp.ones((12, 1)))
    learner = Learner(Tracker(), GradientDescent())
    rates, own = jnp.array([0.3, 0.2, 0.05]), jnp.array([0.7])

    def value(both):
        shown, _ = course(learner, design, record, both[:3], both[3:])
        return log_likelihood(design, record, shown)

    both = jnp.concatenate([rates, own])
    likely, slope = jax.jit(jax.value_and_grad(value))(both)
    told = jax.jit(terms, static_argnames="design")(learner, design, record, rates, own)
    np.testing.assert_allclose(told.score, slope, rtol=1e-9)
    assert float(told.value) == pytest.approx(float(likely))


@pytest.mark.parametrize("mode", ["logit", "preference"])
def test_a_forager_is_attracted_as_it_prefers(mode):
    forager = Forager(mode=mode, start_at=0.7)
    trait = forager.start(jnp.ones(2))
    assert float(jax.nn.softmax(forager.attraction(trait))[0]) == pytest.approx(0.7)


def test_one_trait_attracts_by_its_advantage_and_several_each():
    tracker = Tracker()
    assert tracker.attraction(jnp.array([2.0])).tolist() == [2.0, 0.0]
    assert tracker.attraction(jnp.array([2.0, 3.0])).tolist() == [2.0, 3.0]
