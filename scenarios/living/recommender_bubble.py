"""Recommenders and their users: how fast to learn a taste, and what recommending does to tastes.

A taste that drifts is followed best at one learning rate, the Kalman gain, in any number of
features. Users who rate seldom are followed late. Then the loop is closed: a score that feeds on
what was taken splits users into bubbles, popularity feeds on itself, and a recommender that learns
from what it showed makes users more alike than their tastes are, without serving them better.

The loop follows Chaney, Stewart & Engelhardt (2018) in kind, quoted at second hand; the model, its
numbers and its users are our own.

    uv run python scenarios/living/recommender_bubble.py
"""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from adaptsim import (
    Constant,
    GradientDescent,
    RandomWalk,
    Recommender,
    Stack,
    measures,
    simulate,
    theory,
)
from adaptsim.figures.recommender_bubble import recommender_bubble_figure
from adaptsim.recommending import (
    Factors,
    Learning,
    Loop,
    consume,
    coverage,
    exposure_gini,
    learn,
    mean_jaccard,
    popularity_shares,
    predicted,
    score_gaps,
)

TASTE = {"dimension": 5, "drift": 0.002, "rating_variance": 0.25}
RATES = np.append(np.geomspace(0.03, 1.2, 12), 0.3)  # the last is that of D.2
STEPS, STRIDE, REPLICATES = 12_000, 20, 60
CASES = (  # of D.2: rate, taste and items; what is quoted
    (0.5, {"dimension": 10, "drift": 0.01, "rating_variance": 1.0}, 3.466667),
    (0.1, {"dimension": 4, "drift": 0.004, "rating_variance": 0.5, "item_variance": 1.0}, 0.171429),
    (0.1, {"dimension": 8, "drift": 0.01, "rating_variance": 0.2, "item_variance": 0.5}, 0.24),
)
CROWD = 20_000  # users of whom each rates once, at the limit
SELDOM, LAGGED = np.array([1.0, 0.25]), 20_000  # chances of a rating per step, steps

SHARP = np.array([0.5, 1.0, 1.5, 2.2, 3.0, 4.0])
PITCHFORK = np.linspace(0.5, 4.0, 29)
BUBBLES, SPREAD_RATE, FINE_RATE, USERS = 20_000, 0.01, 0.001, 200  # steps, rates, users

DRAWS, URNS, GAMMAS = 3000, 4000, (0.5, 1.0, 2.0)

LOOP, SEEDS, PULLS = Loop(), 16, (0.0, 0.05)
WAYS = ("ideal", "random", "model", "frozen", "popular")
KNOWN = theory.recommender
COLUMNS = ["", "measured", "theory", "quoted", "standard error"]
NONE = np.nan


def system(taste):
    """Return who learns and where: every component of the taste walks freely."""
    told = dict(taste)
    dimension, variance = told["dimension"], told.get("item_variance")
    kind = Recommender(
        rating_noise=told["rating_variance"] ** 0.5,
        tracked=dimension,
        items="gaussian" if variance else "unit",
        item_variance=variance or 1.0,
    )
    walk = RandomWalk(drift_variance=told["drift"] / dimension)
    return kind, Stack(parts=(walk,) * dimension)


def deviations(rates, taste, *, seed=1):
    """Return mean square deviations, one row a replicate, one column a rate."""
    kind, world = system(taste)
    run = simulate(
        kind, GradientDescent(learning_rate=rates), world, size=len(rates), steps=STEPS,
        stride=STRIDE, replicates=REPLICATES, seed=seed,
    )  # fmt: skip
    kept = slice(STEPS // STRIDE // 2, None)
    return sum(
        np.mean((np.asarray(one.output)[kept] - np.asarray(one.target)[kept]) ** 2, axis=0)
        for one in run.followed.values()
    )


def lowest(rates, found):
    """Return the rate at the bottom of a parabola in the logarithm of the rate."""
    lows = np.argsort(found)[:5]
    bend, slope, _ = np.polyfit(np.log(rates[lows]), found[lows], 2)
    return np.exp(-slope / (2 * bend))


def bottom(rates, each, resamples=400):
    """Return the best rate and its standard error, from resamples of replicates."""
    rng = np.random.default_rng(0)
    picks = rng.integers(len(each), size=(resamples, len(each)))
    return lowest(rates, each.mean(axis=0)), np.std(
        [lowest(rates, each[pick].mean(axis=0)) for pick in picks]
    )


def at_the_limit(taste):
    """Return by how much E|e|^2 grows with one rating at its limit, and the standard error."""
    variance = taste.get("item_variance", NONE)
    rate = KNOWN.mean_square_limit(taste["dimension"], item_variance=variance)
    kind, _ = system(taste | {"rating_variance": 0.0})
    world = Stack(parts=(Constant(value=1.0),) * taste["dimension"])
    run = simulate(kind, GradientDescent(learning_rate=rate), world, size=CROWD, steps=2,
                   record="individuals")  # fmt: skip
    squares = sum(
        (np.asarray(one.output)[:, 0] - np.asarray(one.target)[:, 0]) ** 2
        for one in run.followed.values()
    )
    growth = squares[1] / squares[0]
    return growth.mean(), growth.std() / len(growth) ** 0.5


def lags():
    """Return the mean lag behind users who rate often and seldom, and standard errors."""
    kind, world = system(TASTE)
    kind = kind.replace(observation_probability=SELDOM, tracked=1)
    run = simulate(kind, GradientDescent(learning_rate=0.3), world, size=len(SELDOM), steps=LAGGED,
                   replicates=REPLICATES, seed=2)  # fmt: skip
    followed = run.followed["taste_0"]
    output, target = np.asarray(followed.output), np.asarray(followed.target)
    target = np.broadcast_to(target, output.shape)
    found = [measures.mean_lag(output[..., i], target[..., i], burn_in=2000) for i in range(2)]
    return [(one.value, (one.ci_high - one.ci_low) / 4) for one in found]


def tracking_rows(each):
    """Return rows of D.1 and D.2 (R6): deviations, the best rate, limits, lags."""
    known = KNOWN.deviation(RATES, **TASTE)
    last = each[:, -1]
    rows = [("deviation, d = 5, rate 0.3 [taste^2]", last.mean(), known[-1], 0.240196, error(last))]
    best, doubt = bottom(RATES[:-1], each[:, :-1])
    rows += [("best rate, d = 5: the Kalman gain [1]", best, KNOWN.best_rate(**TASTE), 0.085532,
              doubt)]  # fmt: skip
    for rate, taste, quoted in CASES:
        found = deviations(np.array([rate]), taste)[:, 0]
        items = "Gaussian" if "item_variance" in taste else "unit"
        name = f"deviation, d = {taste['dimension']}, rate {rate:g}, {items} items [taste^2]"
        rows += [(name, found.mean(), KNOWN.deviation(rate, **taste), quoted, error(found))]
    for taste in (TASTE, CASES[1][1]):
        limit = KNOWN.mean_square_limit(
            taste["dimension"], item_variance=taste.get("item_variance", NONE)
        )
        growth, doubt = at_the_limit(taste)
        rows += [(f"growth of squared error at rate {limit:.4g} [1]", growth, 1.0, NONE, doubt)]
    for chance, (lag, doubt) in zip(SELDOM, lags(), strict=True):
        known = KNOWN.lag(0.3, dimension=5, mean_gap=1 / chance)
        rows += [(f"lag, a rating every {1 / chance:g} steps [steps]", lag, known, NONE, doubt)]
    return rows


def error(values):
    """Return the standard error of a mean."""
    return np.std(values, ddof=1) / len(values) ** 0.5


def rated(p, q, rating, rate, times=1):
    """Return factors after one rating learnt so many times over."""
    rows = [jnp.append(jnp.atleast_1d(jnp.asarray(one, float)), 0.0)[None] for one in (p, q)]
    factors = Factors(*rows, jnp.asarray(0.0), jnp.asarray(1.0))
    how = Learning(rate, biased=0.0)
    factors = jax.lax.fori_loop(0, times, lambda _, f: learn(f, 0, 0, rating, how)[0], factors)
    sizes = [float(jnp.sum(one**2)) for one in factors[:2]]
    return rating - float(predicted(factors, 0, 0, 0.0)), *sizes


def factor_rows():
    """Return rows of D.3 (R13): one rating, large steps that balance, and the limit."""
    left, users, items = rated((1.2, 0.3), (0.5, -0.4), 2.0, 0.1)
    after = KNOWN.error_after(1.52, 0.1, user_square=1.53, item_square=0.41, product=0.48)
    rows = [
        ("error after one rating, 1.52 before [rating]", left, after, 1.214030, NONE),
        ("imbalance after it, 1.12 before [1]", users - items,
         KNOWN.imbalance_after(1.12, 1.52, 0.1), 1.094123520, NONE),
    ]  # fmt: skip
    left, users, items = rated(3.0, 0.1, 1.0, 0.4, 300)
    rows += [("sharpness after large steps, 9.01 before, below 5 [1]", users + items, NONE, 3.26771,
              NONE)]  # fmt: skip
    limit = KNOWN.factorisation_limit(4.0, 4.0)
    for rate in (0.24, 0.26):
        left = abs(rated(2.01, 1.99, 4.0, rate, 400)[0])
        known = 0.0 if rate < limit else NONE
        name = f"error left, p q = 4, rate {rate} (limit {limit:g}) [rating]"
        rows += [(name, left, known, NONE, NONE)]
    return rows


def bubble_rows(wide, fine):
    """Return rows of D.4 (R14): spread below the pitchfork, gaps above it."""
    rows = []
    for i, k in enumerate(SHARP):
        if k < KNOWN.BUBBLE_THRESHOLD:
            spread = wide.mean_square[i].mean() ** 0.5
            doubt = error(wide.mean_square[i]) / (2 * spread)
            rows += [(f"spread of the gap, k = {k:g}, rate {SPREAD_RATE} [1]", spread,
                      KNOWN.bubble_spread(k, SPREAD_RATE), {1.5: 0.1408}.get(k, NONE),
                      doubt)]  # fmt: skip
        else:
            quoted = {2.2: 0.502941, 3.0: 0.858560, 4.0: 0.957504}[k]
            rows += [(f"size of the gap, k = {k:g}, rate {FINE_RATE} [1]", fine.mean_size[i].mean(),
                      KNOWN.bubble(k), quoted, error(fine.mean_size[i]))]  # fmt: skip
    biased = wide.mean_size[list(SHARP).index(2.2)]
    rows += [(f"size of the gap, k = 2.2, rate {SPREAD_RATE}: low [1]", biased.mean(), NONE, 0.4405,
              error(biased))]  # fmt: skip
    return rows


def popularity_rows(shares):
    """Return rows of D.5: the urn's variance, and who takes all."""
    urn = (shares[1.0][:, 0] - 0.5) ** 2
    rows = [("variance of an urn's share, a = b = 1 [1]", urn.mean(),
             KNOWN.urn_share_variance(1, 1), 0.083333, error(urn))]  # fmt: skip
    for gamma, quoted in ((0.5, 0.520), (2.0, 0.998)):
        top = shares[gamma].max(axis=1)
        rows += [(f"largest of 2 shares, gamma = {gamma:g} [1]", top.mean(), NONE, quoted,
                  error(top))]  # fmt: skip
    return rows


def loops():
    """Return, by pull and policy: overlap over that of the ideal, utility, Gini, coverage."""
    found = {}
    for pull in PULLS:
        ideal = None
        for way in WAYS:
            told = consume(LOOP.replace(pull=pull), way, seeds=SEEDS, seed=1)
            since = LOOP.warm_up
            overlap = np.array([mean_jaccard(one) for one in told.consumed(since)])
            ideal = overlap if ideal is None else ideal
            counts = told.counts(since)
            found[pull, way] = (
                overlap - ideal,
                told.utility[:, since:].mean(axis=(1, 2)),
                np.array([exposure_gini(one) for one in counts]),
                np.array([coverage(one) for one in counts]),
            )
    return found


def loop_rows(found):
    """Return rows of D.6 (R14): are users more alike, and better served, than without feedback?"""
    rows = []
    for (pull, way), (overlap, utility, gini, seen) in found.items():
        name = f"{way}, pull {pull:g}"
        if way != "ideal":
            rows += [(f"{name}: overlap over the ideal [1]", overlap.mean(), NONE, NONE,
                      error(overlap))]  # fmt: skip
        rows += [(f"{name}: mean utility [1]", utility.mean(), NONE, NONE, error(utility))]
        if not pull:
            rows += [(f"{name}: Gini of exposure [1]", gini.mean(), NONE, NONE, error(gini)),
                     (f"{name}: coverage [1]", seen.mean(), NONE, NONE, error(seen))]  # fmt: skip
    return rows


def story():
    """Return the table and the picture."""
    each = deviations(RATES, TASTE)
    wide = score_gaps(SHARP, SPREAD_RATE, users=USERS, settle=BUBBLES, steps=BUBBLES)
    fine = score_gaps(SHARP, FINE_RATE, users=USERS, settle=BUBBLES, steps=BUBBLES, start=0.5)
    fork = score_gaps(PITCHFORK, 0.002, users=60, settle=BUBBLES, steps=1).last
    shares = {
        gamma: popularity_shares(exponent=gamma, draws=DRAWS, replicates=URNS) for gamma in GAMMAS
    }
    found = loops()
    rows = [*tracking_rows(each), *factor_rows(), *bubble_rows(wide, fine)]
    rows += [*popularity_rows(shares), *loop_rows(found)]
    many = np.geomspace(RATES.min(), RATES.max(), 200)
    sharp = np.linspace(PITCHFORK[0], PITCHFORK[-1], 400)
    figure = recommender_bubble_figure(
        tracking=(RATES[:-1], each[:, :-1], many, KNOWN.deviation(many, **TASTE),
                  KNOWN.best_rate(**TASTE)),
        fork=(PITCHFORK, fork, sharp, KNOWN.bubble(sharp), KNOWN.bubble_spread(sharp, 0.002)),
        shares=shares,
        loops={key: one[:2] for key, one in found.items()},
    )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.6g}".format))
    folder = Path("outputs/living")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "recommender_bubble.png", dpi=200)
