"""Worlds and learners in plain NumPy, written apart from the package."""

import numpy as np
import pandas as pd


def wandering(rng, rows, correlation=0.9):
    """Return an autoregressive course of variance about 1, shape ``(rows,)``."""
    world = np.zeros(rows)
    for t in range(1, rows):
        luck = rng.normal(scale=np.sqrt(1 - correlation**2))
        world[t] = correlation * world[t - 1] + luck
    return world


def followed(world, rises, falls=None, start=0.0, moved=0.0, rng=None):
    """Return the pre-update traits of a tracker; ``moved`` is the noise of each of its steps."""
    falls = rises if falls is None else falls
    trait = np.full(len(world), start)
    for t in range(len(world) - 1):
        error = world[t] - trait[t]
        trait[t + 1] = trait[t] + (rises if error > 0 else falls) * error
        trait[t + 1] += moved * rng.normal() if moved else 0.0
    return trait


def watched(seed, rows=60, rate=0.2, noise=0.3, **how):
    """Return a frame of a tracker's world and of its traits as seen with noise."""
    rng = np.random.default_rng(seed)
    world = wandering(rng, rows)
    seen = followed(world, rate, **how) + noise * rng.normal(size=rows)
    return pd.DataFrame({"t": np.arange(rows), "world": world, "trait": seen})


def bandit(seed, rows, rate, temperature):
    """Return a frame of what two arms would have paid and which was chosen: A is the first.

    The better arm changes every 50 rows; the learner sees what the chosen one paid.
    """
    rng = np.random.default_rng(seed)
    worth, chosen = np.zeros(2), []
    good = (np.arange(rows) // 50) % 2
    pays = rng.random((rows, 2)) < np.where(good[:, None] == np.arange(2), 0.8, 0.2)
    for t in range(rows):
        chance = 1 / (1 + np.exp(-temperature * (worth[0] - worth[1])))
        arm = 0 if rng.random() < chance else 1
        worth[arm] += rate * (pays[t, arm] - worth[arm])
        chosen.append("AB"[arm])
    return pd.DataFrame({"A": pays[:, 0] * 1.0, "B": pays[:, 1] * 1.0, "choice": chosen})
