"""R6, R7, R8: the learning rate that is best in a changing world, found by simulation.

R6 (Muth 1960; Widrow's LMS): behind a random walk of variance Q a step, seen through noise of
variance R, it is the Kalman gain, the root of ``R g^2 + Q g - Q = 0``; too slow one lags, too fast
one jiggles.
R7 (Behrens et al. 2007, who found people to learn faster where rewards are volatile): a chance of
0.2 or 0.8 that swaps every 35 or every 120 trials on average, learnt from single outcomes.
R8 (Lee, Flack & Krakauer 2024): in a world that jumps with a small hazard h the best memory is as
long as the square root of the time between jumps.

Ours is the bottom of mean squared errors simulated at many rates, and the error there. None of the
papers was read. Published are, for R6, the closed forms; for R7 and R8, closed forms for those
worlds that are quoted at second hand: the papers' own data and fits could not be had.

    uv run python scenarios/reproductions/best_rates.py
"""

import numpy as np
import pandas as pd

from adaptsim import GradientDescent, Jumps, RandomWalk, Telegraph, Tracker, simulate, theory

DRIFTS = {0.01: (0.095125, 0.105125), 0.04: (0.180998, 0.220998), 1.0: (0.618034, 1.618034)}
SWAPS = {35: 0.172530, 120: 0.112514}  # trials between swaps, and the best rate
SPREAD, BLUR = 0.3, 0.16  # half the distance of the chances, and variance of an outcome
HAZARDS = np.geomspace(1e-3, 1e-1, 9)
SLOPES = {(1e-5, 1e-3): 0.4917, (1e-3, 1e-1): 0.4107}  # of ln rate over ln hazard
RATES = np.geomspace(1 / 1.6, 1.6, 9)  # over a rate near the best one
STEPS, REPLICATES, RESAMPLES = 4000, 160, 200
KNOWN = theory.jumps


def errors(world, noise, rates):
    """Return mean squared errors, one row a replicate, one column a rate."""
    run = simulate(
        Tracker(observation_noise=noise), GradientDescent(learning_rate=rates), world,
        size=len(rates), steps=STEPS, replicates=REPLICATES, seed=1,
    )  # fmt: skip
    followed = run.followed["trait"]
    late = np.asarray(followed.output) - np.asarray(followed.target)
    return np.mean(late[STEPS // 5 :] ** 2, axis=0)


def bottom(rates, each):
    """Return rate and error at the bottom of a cubic in the logarithm of the rate."""
    curve = np.polynomial.Polynomial.fit(np.log(rates), each.mean(axis=0), 3)
    flat = curve.deriv().roots()
    real = flat[np.isreal(flat)].real
    lowest = real[curve.deriv(2)(real) > 0]
    return (np.exp(lowest[0]), curve(lowest[0])) if len(lowest) else (np.nan, np.nan)


def best(world, noise, near):
    """Return best rate and error there, and their standard errors, from resampled replicates."""
    rates, rng = near * RATES, np.random.default_rng(0)
    each = errors(world, noise, rates)
    picks = rng.integers(len(each), size=(RESAMPLES, len(each)))
    return bottom(rates, each), np.nanstd([bottom(rates, each[one]) for one in picks], axis=0)


def walks():
    """Return rows of R6."""
    told = []
    for drift, known in DRIFTS.items():
        found = best(RandomWalk(drift_variance=drift), 1.0, known[0])
        names = "best rate", "mean squared error there"
        told += [
            (f"R6 {name}, Q = {drift}, R = 1", *one)
            for name, *one in zip(names, known, *found, strict=True)
        ]
    return told


def volatile():
    """Return rows of R7."""
    told, rates = [], []
    for trials, known in SWAPS.items():
        (rate, _), (doubt, _) = best(
            Telegraph(amplitude=SPREAD, hazard=1 / trials), BLUR**0.5, known
        )
        told += [(f"R7 best rate, a swap in {trials} trials", known, rate, doubt)]
        rates += [(rate, doubt / rate)]
    (fast, one), (slow, other) = rates
    ratio = fast / slow
    return [*told, ("R7 volatile over stable", 1.533, ratio, ratio * (one**2 + other**2) ** 0.5)]


def memories():
    """Return rows of R8: exponents found where it can be simulated, else of the closed form."""
    near = KNOWN.best_gain(hazard=HAZARDS, variance=1.0, observation_variance=1.0)
    found = [best(Jumps(hazard=h), 1.0, g) for h, g in zip(HAZARDS, near, strict=True)]
    rates, doubts = np.array([(rate, doubt) for (rate, _), (doubt, _) in found]).T
    apart = np.log(HAZARDS) - np.log(HAZARDS).mean()
    error = ((apart * doubts / rates) ** 2).sum() ** 0.5 / (apart**2).sum()
    slope = (apart * np.log(rates)).sum() / (apart**2).sum()
    short, long = SLOPES
    hazards = np.geomspace(*short, 9)
    rare = KNOWN.best_gain(hazard=hazards, variance=1.0, observation_variance=1.0)
    closed = np.polyfit(np.log(hazards), np.log(rare), 1)[0]
    return [
        ("R8 exponent, hazards 0.00001 to 0.001 (closed form)", SLOPES[short], closed, np.nan),
        ("R8 exponent, hazards 0.001 to 0.1 (simulated)", SLOPES[long], slope, error),
    ]


def rows():
    """Return quantity, published and our own number, and its standard error."""
    told = [*walks(), *volatile(), *memories()]
    return pd.DataFrame(told, columns=["", "published", "ours", "standard error"])


if __name__ == "__main__":
    table = rows()
    print(table.to_string(index=False, na_rep="", float_format="{:.6f}".format))
