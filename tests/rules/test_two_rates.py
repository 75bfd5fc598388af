"""Two rates: what rises and what falls learn each at a speed of its own."""

import jax.numpy as jnp
import pytest

from adaptsim import GradientDescent, Momentum, TwoRates, WrongField
from adaptsim.adaptation import Draws, adapt, begin
from adaptsim.agents import Tracker


def course(rule, start, cue, steps):
    kind, cue = Tracker(start_at=start), jnp.array([cue])
    state = begin(kind, rule, cue)
    for _ in range(steps):
        state = adapt(kind, rule, state, cue, Draws())
    return float(state.trait[0])


@pytest.mark.parametrize(("start", "cue", "rate"), [(0.0, 1.0, 0.3), (1.0, 0.0, 0.1)])
def test_each_way_has_its_own_rate(start, cue, rate):
    left = (course(TwoRates(rises=0.3, falls=0.1), start, cue, 7) - cue) / (start - cue)
    assert left == pytest.approx((1 - rate) ** 7, rel=1e-12)


def test_with_equal_rates_it_is_the_rule_inside():
    inside = Momentum(learning_rate=1.0, momentum=0.5)
    both = TwoRates(rule=inside, rises=0.2, falls=0.2)
    plain = Momentum(learning_rate=0.2, momentum=0.5)
    assert course(both, 3.0, 1.0, 9) == pytest.approx(course(plain, 3.0, 1.0, 9), rel=1e-12)


def test_a_rate_below_zero_is_refused():
    with pytest.raises(WrongField, match="falls must be at least 0"):
        TwoRates(rule=GradientDescent(learning_rate=1.0), falls=-0.1)
