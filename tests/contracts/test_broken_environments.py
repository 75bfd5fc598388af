"""Each rule of the contract of an environment, broken once."""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.environments import AutoRegressive, Environment
from adaptsim.testing import ContractError, check_environment


class NoCue(Environment):
    pass


class NumberForCue(Environment):
    def cue(self, world, step):
        return jnp.cos(step)


class WholeCue(Environment):
    def cue(self, world, step):
        return jnp.array([1])


class CueWithIf(Environment):
    def cue(self, world, step):
        return jnp.array([1.0 if step > 5 else 0.0])


class RestOfOtherShape(Environment):
    def cue(self, world, step):
        return jnp.array([1.0, 2.0])

    def rest(self):
        return jnp.array([1.0])


class UnknownProbe(Environment):
    probe: ClassVar[str] = "wave"

    def cue(self, world, step):
        return jnp.array([1.0])


class ToneWithoutPeriod(Environment):
    probe: ClassVar[str] = "tone"

    def cue(self, world, step):
        return jnp.array([jnp.cos(step)])


class WorldOfOtherForm(Environment):
    def start(self, key):
        return jnp.asarray(0)

    def cue(self, world, step):
        return jnp.array([1.0]) * world

    def advance(self, world, step, key):
        return world + 0.5


class Ending(Environment):
    def cue(self, world, step):
        return jnp.log(jnp.array([100.5]) - step)


class RandomUnsaid(AutoRegressive):
    random: ClassVar[bool] = False


class RandomInName(Environment):
    random: ClassVar[bool] = True

    def cue(self, world, step):
        return jnp.array([jnp.cos(step)])


class RandomOfItsOwn(Environment):
    def cue(self, world, step):
        return jnp.array([np.random.default_rng().random()])


class OtherVariance(AutoRegressive):
    def stationary_variance(self):
        return 2.0 * super().stationary_variance()

    def start(self, key):
        return jnp.sqrt(self.variance) * jax.random.normal(key, (1,), dtype=float)


class StartsAtRest(AutoRegressive):
    def start(self, key):
        return jnp.zeros(1)


class OtherMean(AutoRegressive):
    def rest(self):
        return jnp.array([0.5])


class OtherCorrelation(AutoRegressive):
    def lag_one_correlation(self):
        return jnp.asarray(0.5)


BROKEN = {
    NoCue: "NoCue.cue is missing",
    NumberForCue: r"cue must return an array of shape \(c,\); got shape \(\)",
    WholeCue: "cue must return real numbers; got int64",
    CueWithIf: "cue decides in Python",
    RestOfOtherShape: r"rest must return finite numbers of the cue's shape, \(2,\)",
    UnknownProbe: "probe must be one of 'rest', 'step', 'ramp', 'tone', 'fluctuation'; got 'wave'",
    ToneWithoutPeriod: "probe is 'tone', but it has no field period",
    WorldOfOtherForm: "advance must keep the form of the world: part 0 of 1 was int64",
    Ending: r"cue must be finite; got \[nan\] at step 101",
    RandomUnsaid: "random is False, but two seeds give two courses",
    RandomInName: "random is True, but two seeds give one course",
    RandomOfItsOwn: "must show the same course for the same seed",
    OtherVariance: r"stationary_variance says 2., but 4000 courses give \[",
    StartsAtRest: r"stationary_variance says 1., but 4000 courses give \[0.\] .* at step 0",
    OtherMean: r"rest says \[0.5\], but 4000 courses give",
    OtherCorrelation: "lag_one_correlation says 0.5, but 4000 courses give",
}


@pytest.mark.parametrize(
    ("environment", "words"), BROKEN.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_says_what_is_wrong(environment, words):
    with pytest.raises(ContractError, match=words):
        check_environment(environment)
