"""A rule on a landscape at its best learning rate: what one cell of the study `optimizers` is."""

import math
from typing import Any

import numpy as np

from adaptsim import contests
from adaptsim.comparison import best_rate, best_so_far, evaluations_to
from adaptsim.walks import walk


def best(parameters: dict[str, Any], seed: int) -> dict[str, float]:
    """Return what a rule reaches at its best rate.

    ``success`` is the share of starts that come within the precision of the lowest minimum,
    ``gradients`` their median number of gradients (nan where none does), ``excess`` the mean of the
    least losses above that minimum, ``escaped`` the share of starts that fall below it, where the
    loss has no floor: they have found nothing. ``rate`` is the rate of the sweep they belong to:
    the one that needs fewest gradients or, where no start arrives, gets lowest.
    """
    name, rule = parameters["landscape"], parameters["rule"]
    asked = {key: parameters[key] for key in ("steps", "starts", "precision")}
    contest = contests.load(name, asked | {"seed": seed % 2**31}, rules=[rule])
    landscape = contest.landscapes[name]
    walks = walk(
        landscape, contest.rules, starts=contest.starts[name], rates=contest.rates,
        seeds=contest.seeds, seed=contest.seed, steps=contest.steps,
    )[rule]  # fmt: skip
    floor = landscape.minima()[0].loss
    hits = evaluations_to(contest.precision, walks.loss, walks.evaluations, floor)
    excess = best_so_far(walks.loss)[..., -1] - floor
    escaped = excess < -contest.precision
    hits, excess = np.where(escaped, np.inf, hits), np.where(escaped, np.inf, excess)
    place = 0
    if len(walks.rates) > 1:
        found = best_rate(walks.rates, hits)
        if math.isnan(found.rate):
            found = best_rate(walks.rates, excess, floor=float(np.nanmin(excess)))
        place = 0 if math.isnan(found.rate) else int(np.argmin(abs(walks.rates - found.rate)))
    reached = hits[place][np.isfinite(hits[place])]
    return {
        "success": reached.size / hits[place].size,
        "gradients": float(np.median(reached)) if reached.size else math.nan,
        "rate": float(walks.rates[place]),
        "excess": float(np.mean(excess[place])),
        "escaped": float(np.mean(escaped[place])),
    }
