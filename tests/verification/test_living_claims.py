"""Science B.3, D and E: printed numbers of communities, recommenders and neurons, as measured.

The food webs (B.5) are in tests/community/test_food_web.py, memories (E.7) and mixtures (E.3) in
tests/living, the rest of B.3 check 1 in test_forager_claims.py; theory itself is in tests/theory.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import (
    GradientDescent,
    Methylated,
    Predator,
    Recommender,
    Synapse,
    TwoPrey,
    multipliers,
    run,
    speed_limit,
)
from adaptsim.community import Community
from adaptsim.dynamics import hopf_points, spectra
from adaptsim.recommending import (
    Factors,
    Learning,
    learn,
    popularity_shares,
    predicted,
    score_gaps,
)

from .claims import printed

SLOW = {"handling_1": 0.5, "handling_2": 0.5}
STILL = Community(
    Predator(conversion_1=0.5, conversion_2=0.25), TwoPrey(crowding_1=0.0, crowding_2=0.0), 1.0
)
CROWDED = STILL._replace(world=TwoPrey(crowding_1=1 / 3, crowding_2=1 / 3))
RICH = Community(Predator(conversion_1=0.5, conversion_2=0.35, **SLOW), TwoPrey(), 1.0)
ALIKE = Community(
    Predator(conversion_1=0.5, conversion_2=0.5, **SLOW),
    TwoPrey(growth_1=1.0, growth_2=1.0, mortality=0.25),
    1.0,
)
BEGUN = (0.6, 0.5, 1.0, 1 / (1 + np.exp(-0.3)))


@pytest.mark.parametrize(
    ("rate", "slow", "fast", "kept"),
    [
        (0.1, "0.109076", "0.410003", "11.481123"),
        (1.0, "0.316228", "0.447214", "2.647327"),
        (5.0, "0.381252", "0.829446", "1.862101"),
    ],
)
def test_two_prey_oscillate_and_keep_a_quantity(rate, slow, fast, kept):
    found = STILL._replace(rate=rate).rest(STILL.near_rest() + 0.1)
    assert np.exp(found.place[:3]) == pytest.approx([0.4, 0.8, 1.5])
    frequencies = np.sort(found.eigenvalues.imag)[2:]
    assert [frequencies[0], frequencies[1]] == [printed(slow), printed(fast)]
    assert STILL.theory().conserved(*BEGUN, rate=rate) == printed(kept)


def test_switching_at_once_is_the_limit_of_fast_learning():
    imaginary = STILL._replace(rate=1e7).rest(STILL.near_rest()).eigenvalues.imag
    assert imaginary[imaginary > 0].min() == printed("0.387298")


def test_crowded_prey_return_no_faster_than_half_their_own_pace():
    rest = CROWDED.rest(CROWDED.near_rest() + 0.05).place
    assert np.exp(rest[2]) == printed("1.233333")
    assert 1 / (1 + np.exp(-rest[3])) == printed("0.702703")
    for rate, leading in ((0.003, "-0.002022"), (0.01, "-0.006999"), (0.03, "-0.024273"),
                          (0.1, "-0.066667"), (10.0, "-0.066667")):  # fmt: skip
        assert CROWDED._replace(rate=rate).rest().leading == printed(leading)


def test_a_rare_prey_cannot_come_back_where_preference_is_fixed():
    still = CROWDED._replace(rate=0.0)
    begin = still.start([0.9, 1e-6, 1.1], 0.5).at[1].set(-30.0)
    settled = still.run(300.0, start=begin, every=100).state
    assert float(still.change(jnp.asarray(settled))[1]) == printed("-0.2333")


def test_enrichment_and_late_information_make_prey_that_are_alike_cycle():
    near = ALIKE.near_rest()
    (capacity,) = hopf_points(ALIKE.by_capacity(), 2.0, 4.0, near=near)
    assert capacity.value == printed("3.333333")
    below, above = spectra(ALIKE.by_capacity(), [10 / 3 - 0.02, 10 / 3 + 0.02], near=near)
    assert [below.leading, above.leading] == [printed("-0.00075"), printed("0.00075")]
    poor = ALIKE._replace(world=ALIKE.world.replace(crowding_1=1 / 2.4, crowding_2=1 / 2.4))
    for kappa, limit in ((0.2, "0.980057"), (1.0, "2.621083"), (5.0, "10.826211")):
        seen = poor._replace(perception_rate=kappa)
        (found,) = hopf_points(seen.by_rate(), 0.2, 50.0, near=seen.near_rest())
        assert found.value == printed(limit)


def test_rich_prey_are_at_rest_within_a_window():
    rest = RICH.rest(RICH.near_rest() + 0.02).place
    assert np.exp(rest[2]) == printed("1.65375")
    assert 1 / (1 + np.exp(-rest[3])) == printed("0.686275")
    for rate, leading in ((0.3, "0.014294"), (1.0, "-0.003221"), (3.0, "0.006052")):
        assert RICH._replace(rate=rate).rest().leading == printed(leading)


@pytest.mark.parametrize(
    ("kind", "dimension", "limit"),
    [
        (Recommender(), 5, "10"),
        (Recommender(items="gaussian", item_variance=0.5, regularisation=0.5), 4, "2.000000"),
    ],
)
def test_the_mean_of_a_recommender_is_stable_up_to_two_over_its_curvature(kind, dimension, limit):
    assert speed_limit(kind, GradientDescent(), jnp.ones(dimension)) == printed(limit)


@jax.jit
def rated(p, q, rating, rate, times):
    """Return error and squares of factors after one rating was learnt so many times."""
    factors = Factors(*(jnp.append(one, 0.0)[None] for one in (p, q)), 0.0, 1.0)
    factors = jax.lax.fori_loop(
        0, times, lambda _, f: learn(f, 0, 0, rating, Learning(rate, biased=0.0))[0], factors
    )
    squares = [jnp.sum(one**2) for one in factors[:2]]
    return rating - predicted(factors, 0, 0, 0.0), *squares


def test_one_rating_changes_factors_as_printed_and_large_steps_balance_them():
    left, users, items = map(
        float, rated(jnp.array([1.2, 0.3]), jnp.array([0.5, -0.4]), 2.0, 0.1, 1)
    )
    assert left == printed("1.214030")
    assert users - items == printed("1.094123520")
    left, users, items = map(float, rated(jnp.array([3.0]), jnp.array([0.1]), 1.0, 0.4, 300))
    assert left == pytest.approx(0, abs=1e-12)
    assert users + items == pytest.approx(3.26771, abs=1e-5)
    near = jnp.array([2.01]), jnp.array([1.99]), 4.0
    assert abs(rated(*near, 0.24, 400)[0]) < 1e-12
    assert abs(rated(*near, 0.26, 400)[0]) > 0.1


def test_score_gaps_feed_themselves_above_two():
    seen = score_gaps(np.array([3.0, 4.0]), 0.001, users=100, settle=8000, steps=8000, start=0.5)
    for each, expected in zip(seen.mean_size, (0.858560, 0.957504), strict=True):
        error = each.std(ddof=1) / len(each) ** 0.5
        # At a rate of 0.001 noise pulls the gap in by a share of the order of the rate.
        assert abs(each.mean() - expected) < 4 * error + 0.001


def test_one_of_two_takes_all_where_popularity_counts_twice():
    top = popularity_shares(exponent=2.0, draws=3000, replicates=1000, seed=1).max(axis=1)
    assert abs(top.mean() - 0.998) < 4 * top.std() / 1000**0.5 + 5e-4
    even = popularity_shares(exponent=0.5, draws=3000, replicates=1000, seed=1).max(axis=1)
    assert abs(even.mean() - 0.520) < 4 * even.std() / 1000**0.5 + 5e-4


def test_methylated_synapses_take_as_long_as_printed():
    result = run(
        "synapse_delta",
        {
            "steps": 12_000,
            "agent.synapses": 1,
            "rule": {"kind": "Methylated", "learning_rate": 0.1,
                     "methylation": [0.0, 0.5, 0.9, 0.99]},
            "population.size": 4,
        },
    )  # fmt: skip
    table = result.table
    found = table[table["measure"] == "rise_time_63"]["value"].tolist()
    assert found == [printed(one) for one in ("9.491222", "19.495726", "99.499162", "999.499917")]


def test_speed_limits_of_two_methylated_synapses():
    neuron = Synapse(variances=(2.0, 1.0), correlation=0.8 / 2**0.5)
    for each, limit in (((0.0, 0.0), "0.818532"), ((0.5, 0.0), "1.277396"),
                        ((0.0, 0.5), "0.913486"), ((0.9, 0.9), "8.185322")):  # fmt: skip
        assert speed_limit(neuron, Methylated(each=each), jnp.ones(2)) == printed(limit)


def test_bcm_settles_from_a_methylation_of_a_third_on():
    """In steps of 0.001 the onset lies at 0.333999, as the step's own multipliers have it."""
    neuron = Synapse(learning="bcm", synapses=1, threshold_time=1.5 / 1e-3, start_at=1.0)
    values = jax.jit(multipliers)
    for methylation, swings in ((0.3339, True), (0.3341, False)):
        rule = Methylated(learning_rate=1e-3, methylation=methylation)
        root = np.asarray(values(neuron, rule, jnp.ones(1)))
        assert bool(abs(root).max() > 1) is swings
        frequency = abs(np.angle(root)).max() / 1e-3
        assert frequency == pytest.approx(1 / 1.5, rel=2e-3)
