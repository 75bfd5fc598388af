"""Matrix factorisation by one rating at a time: 10,000 users, 1,000 items, 1e6 ratings.

One pass over all ratings, each predicted and then learnt from, with biases and 16 components; once
at one learning rate and once at eight of them. Beside it the same as a Python loop over NumPy rows,
on the first ratings only and extrapolated, its errors compared before anything is timed; and,
where an interpreter with scikit-surprise is named, its ``SVD`` (Cython) for one epoch, which makes
the same updates about a fixed mean, without predicting first. Memory is the most that is held at
once beyond the ratings themselves: of adaptsim what the compiler says, of NumPy what its allocator
traced.
"""

from __future__ import annotations

import json
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from timing import Cost, arguments, interleaved, report

from adaptsim.recommending import Factors, Learning, Ratings, progress, random_factors
from adaptsim.recommending.progressive import MANY, _learn_all

USERS, ITEMS, RATINGS, DIMENSION = 10_000, 1000, 1_000_000, 16
RATE, DECAY = 0.02, 0.02
RATES = np.geomspace(0.005, 0.08, 8)
FEW = 20_000
SURPRISE = """
import json, sys, time
import numpy as np, pandas as pd, surprise
from surprise import Dataset, Reader, SVD
users, items, values = np.load(sys.argv[1])
table = pd.DataFrame({"u": users.astype(int), "i": items.astype(int), "r": values})
data = Dataset.load_from_df(table, Reader(rating_scale=(-10, 10))).build_full_trainset()
best = [1e9, 1e9]
for _ in range(3):
    model = SVD(n_factors=16, n_epochs=1, lr_all=0.02, reg_all=0.02, random_state=0)
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(data)
    best = [min(best[0], time.perf_counter() - wall), min(best[1], time.process_time() - cpu)]
print(json.dumps({"wall": best[0], "cpu": best[1], "surprise": surprise.__version__,
                  "numpy": np.__version__}))
"""


def made(n: int = RATINGS) -> Ratings:
    """Return ratings of fixed tastes, items seen by Zipf's law."""
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, ITEMS + 1)
    users, items = rng.integers(USERS, size=n), rng.choice(ITEMS, size=n, p=share / share.sum())
    p, q = rng.standard_normal((USERS, 8)), rng.standard_normal((ITEMS, 8)) / 8**0.5
    values = (p[users] * q[items]).sum(axis=1) + 0.5 * rng.standard_normal(n)
    return Ratings(users, items, values, np.arange(n), np.arange(USERS), np.arange(ITEMS))


def start() -> Factors:
    """Return what both begin with."""
    return random_factors(USERS, ITEMS, DIMENSION)


def by_hand(ratings: Ratings, count: int) -> float:
    """Return the progressive error of the first ratings, by a loop over NumPy rows."""
    p, q = (np.array(one) for one in start()[:2])
    total, seen, squares = 0.0, 1.0, 0.0
    told = zip(ratings.users[:count].tolist(), ratings.items[:count].tolist(),
               ratings.values[:count].tolist(), strict=True)  # fmt: skip
    for user, item, rating in told:
        row, column = p[user].copy(), q[item].copy()
        error = rating - (row[:-1] @ column[:-1] + row[-1] + column[-1] + total / seen)
        ahead_p, ahead_q = column.copy(), row.copy()
        ahead_p[-1] = ahead_q[-1] = 1.0
        p[user] += RATE * (error * ahead_p - DECAY * row)
        q[item] += RATE * (error * ahead_q - DECAY * column)
        total, seen, squares = total + rating, seen + 1, squares + error**2
    return float((squares / count) ** 0.5)


def ours(ratings: Ratings, rates: Any) -> np.ndarray:
    """Return progressive errors at all rates."""
    return progress(ratings, rates, dimension=DIMENSION, regularisation=DECAY, centre=0.0).rmse


def held(rates: np.ndarray) -> int:
    """Return the bytes that a compiled call holds at once."""
    many = jax.tree.map(lambda one: jnp.tile(one, (len(rates),) + (1,) * one.ndim), start())
    told = np.zeros(MANY, int), np.zeros(MANY, int), np.zeros(MANY)
    learning = Learning(rates, DECAY)
    found: Any = _learn_all.lower(many, told, learning).compile().memory_analysis()
    donated = found.alias_size_in_bytes
    parts = (found.argument_size_in_bytes, found.output_size_in_bytes, found.temp_size_in_bytes)
    return int(sum(parts) - donated)


def held_by_hand(ratings: Ratings) -> int:
    """Return the bytes that the loop over NumPy rows holds at once."""
    tracemalloc.start()
    by_hand(ratings, 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def surprise(python: str, ratings: Ratings, folder: Path) -> tuple[Cost, str]:
    """Return the cost of scikit-surprise's pass, and the versions that did it."""
    file = folder / "matrix_factorisation_ratings.npy"
    np.save(file, np.stack([ratings.users, ratings.items, ratings.values]))
    try:
        told = subprocess.run(
            [python, "-c", SURPRISE, str(file)], capture_output=True, text=True, check=True
        )
    finally:
        file.unlink()
    found = json.loads(told.stdout)
    versions = f"scikit-surprise {found['surprise']}, NumPy {found['numpy']}"
    return Cost(found["wall"], found["cpu"]), versions


def main() -> None:
    """Compare, measure and report."""
    asked = arguments(
        __doc__,
        ratings={"type": int, "default": RATINGS},
        surprise={"metavar": "PYTHON", "help": "an interpreter that has scikit-surprise"},
    )
    ratings, first = made(asked.ratings), made(FEW)
    same = ours(first, [RATE])[0], by_hand(first, FEW)
    np.testing.assert_allclose(*same, rtol=1e-9)
    one, eight = "adaptsim", f"adaptsim, {len(RATES)} rates at once"
    loop = f"NumPy by hand, from {FEW:,} ratings"
    least = interleaved(
        {
            one: lambda: ours(ratings, [RATE]),
            eight: lambda: ours(ratings, RATES),
            loop: lambda: by_hand(ratings, FEW),
        },
        3,
    )
    times = len(ratings) / FEW
    least[loop] = Cost(least[loop].wall * times, least[loop].cpu * times)
    memory = {one: held(np.array([RATE])), eight: held(RATES), loop: held_by_hand(ratings)}
    if asked.surprise:
        cost, versions = surprise(asked.surprise, ratings, Path.cwd())
        least[versions] = cost
    rows = [
        {
            "engine": name,
            "wall [s]": cost.wall,
            "CPU [s]": cost.cpu,
            "CPU [us/rating]": cost.cpu / len(ratings) * 1e6,
            "times adaptsim": cost.cpu / least[one].cpu,
            "held [MiB]": memory[name] / 2**20 if name in memory else "",
        }
        for name, cost in least.items()
    ]
    report(f"{len(ratings):,} ratings learnt one by one", rows, asked.json)


if __name__ == "__main__":
    main()
