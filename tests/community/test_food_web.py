"""Webs of many species: what is drawn, what is conserved, and which last."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.community import food_web
from adaptsim.community.food_web import BASAL, CONSUMERS, SPECIES, persistence, random_web, slope

TOLD = {
    (0.0, 0.0): (0.065, 0.075, 0.075, 0.055, 0.050),
    (0.5, 2.5): (0.065, 0.105, 0.220, 0.240, 0.285),
    (1.0, 0.25): (0.075, 0.110, 0.260, 0.420, 0.560),
    (1.0, 2.5): (0.075, 0.155, 0.365, 0.585, 0.755),
}
"""An independent simulation of the same model, 200 webs: shares at chances 0.1, 0.3, ..., 0.9."""


@pytest.fixture(scope="module")
def many():
    keys = jax.random.split(jax.random.key(3), 500)
    return jax.jit(jax.vmap(random_web, in_axes=(0, None, None)))(keys, 0.4, 0.5)


def test_webs_are_drawn_as_told(many):
    eats = np.asarray(many.eats)
    assert eats.shape == (500, CONSUMERS, SPECIES)
    assert (eats.sum(axis=2) >= 1).all()
    for consumer in range(CONSUMERS):
        assert not eats[:, consumer, BASAL + consumer :].any()
    assert (np.asarray(many.adapts).sum(axis=1) == 2).all()
    np.testing.assert_allclose(np.asarray(many.effort).sum(axis=2), 1, rtol=1e-12)
    assert ((many.density >= 0.1) & (many.density <= 0.6)).all()
    possible = sum(BASAL + consumer for consumer in range(CONSUMERS))
    none = sum(0.6 ** (BASAL + consumer) for consumer in range(CONSUMERS))
    links = eats.sum(axis=(1, 2))
    expected = 0.4 * possible + none  # one more where there would be none
    assert abs(links.mean() - expected) < 4 * links.std() / np.sqrt(500)


def test_what_is_eaten_is_what_eaters_gain_over_conversion(many):
    web = jax.tree.map(lambda leaf: leaf[0], many)
    plain = web._replace(growth=jnp.zeros(SPECIES), limit=jnp.zeros(SPECIES))
    grown, _ = food_web.change(plain, 0.0, web.density, web.effort)
    eaten = web.effort * web.efficiency * web.density[BASAL:, None] * web.density[None]
    assert float(grown.sum()) == pytest.approx(float((food_web.CONVERSION - 1) * eaten.sum()))


def test_who_learns_turns_to_what_gains_more(many):
    web = jax.tree.map(lambda leaf: leaf[1], many)._replace(adapts=jnp.ones(CONSUMERS))
    _, learnt = food_web.change(web, 1.0, web.density, web.effort)
    gain = food_web.CONVERSION * web.efficiency * web.density[None]
    income = (web.effort * gain).sum(axis=1)
    # Fisher's theorem: income rises by the variance of gains within the diet
    rise = (learnt * gain).sum(axis=1)
    variance = (web.effort * (gain - income[:, None]) ** 2).sum(axis=1)
    np.testing.assert_allclose(rise, variance, rtol=1e-10, atol=1e-15)


def test_a_short_and_small_table_has_the_sign_of_the_long_one():
    found = persistence((0.1, 0.9), ((0.0, 0.0), (1.0, 2.5)), webs=40, steps=1500)
    without, with_ = slope(found)
    error = np.sqrt(0.5 * 0.5 / 40 * 2) / 0.8
    assert with_ > 4 * 0.5 * error
    assert with_ - without > 4 * 0.5 * error


@pytest.mark.slow
def test_the_whole_table_agrees_with_an_independent_simulation():
    found = persistence()
    told = np.array([*TOLD.values()])
    error = np.hypot(found.standard_error, np.sqrt(told * (1 - told) / 200))
    assert (abs(found.share - told) < 4 * error).all()
    without, half, slow, fast = slope(found)
    spread = float(np.mean(found.standard_error)) / np.sqrt(0.4)  # of a slope over 0.1 ... 0.9
    assert without < 4 * spread
    assert fast > slow > half > 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"connectance": (1.5,)}, "connectance must lie from 0 to 1"),
        ({"settings": ((1.5, 1.0),)}, "a share from 0 to 1"),
        ({"settings": ((0.5, -1.0),)}, "a rate of at least 0"),
        ({"webs": 0}, "webs and steps must be at least 1"),
    ],
)
def test_refuses_what_cannot_be(asked, told):
    with pytest.raises(ValueError, match=told):
        persistence(**asked)
