"""The best learning rate of a rule from a sweep, how sure one is of it, and how much it matters."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from adaptsim.comparison.order import quantile
from adaptsim.comparison.resampling import crossed, expanded_tail, is_repeated, resample
from adaptsim.comparison.targets import falls_below
from adaptsim.measures.measurement import Array

AT_END = "best at the {end} of the swept range: widen the sweep"
NEAR_END = "interval reaches the {end} of the swept range: widen the sweep"
NEVER = "no rate succeeded in half of the walks"
BELOW = "the best score has no floor below it: no rate is called sensible"
TIE = "{count} rates share the best score"

Places = tuple[int | None, int | None]
"""Two places in the sweep, or none."""


class BestRate(NamedTuple):
    """The best learning rate of one rule."""

    rate: float
    """Rate of least median score [1/curvature]; nan where every median failed."""
    ci_low: float
    """Lower end of its interval; nan without repetitions."""
    ci_high: float
    """Upper end of its interval; nan without repetitions."""
    score: float
    """Its median score."""
    medians: Array
    """Median score at each rate, in the order given; inf where half of the walks failed."""
    sensible_low: float
    """Least rate of the run of rates about the best whose medians are within the factor."""
    sensible_high: float
    """Greatest rate of that run."""
    flag: str
    """Empty, or warnings joined by ``; ``."""

    @property
    def tolerance(self) -> float:
        """How many times the rate may vary within the factor: ``sensible_high / sensible_low``."""
        return self.sensible_high / self.sensible_low


def best_rate(
    rates: Any,
    scores: Any,
    *,
    floor: float = 0.0,
    factor: float = 2.0,
    level: float = 0.95,
    n_resamples: int = 1000,
    seed: int = 0,
) -> BestRate:
    """Return the learning rate with the least median score over starts and seeds.

    The interval is that of the rates that come out best when whole starts and seeds are drawn
    again. It errs on the wide side (0.94 to 1.00 at a nominal 0.95 in tests/comparison), and its
    ends are rates of the sweep. With one start, or one seed, it speaks of that one alone. Of rates
    with the same score the middle one is taken.

    Parameters
    ----------
    rates : array, shape (r,)
        Learning rates, above 0, no two the same [1/curvature].
    scores : array, shape (r, p) or (r, p, s)
        Final losses, or evaluations to a target, less is better; not finite means failed.
    floor : float
        What a perfect score would be, such as the known minimum: factors are of what lies above it.
        Final losses without noise span hundreds of orders of magnitude, where a factor of 2 is
        nothing; evaluations to a target say more.
    factor : float
        How much worse than the best still counts as sensible, at least 1.
    level : float
        Coverage of the interval.
    n_resamples, seed : int
        Resamples, and the seed of the drawing.

    Returns
    -------
    BestRate
        Flagged where the best or its interval reaches an end of the range, where rates tie, where
        the best score lies below the floor or the floor is nan (then no rate is called sensible),
        and where no median is finite (then there is no best rate either).

    Raises
    ------
    ValueError
        For rates that do not fit or are not above 0, or a factor below 1.

    References
    ----------
    Owen (2007), Annals of Applied Statistics 1:386 (resampling starts and seeds); Hesterberg
    (2015), American Statistician 69:371 (expanded percentiles).

    Examples
    --------
    >>> rates = [0.01, 0.1, 1.0, 10.0]
    >>> losses = [[3.0, 3.1, 3.3], [0.5, 0.7, 0.6], [0.4, 0.3, 0.5], [float("inf")] * 3]
    >>> found = best_rate(rates, losses)
    >>> found.rate, found.score, found.sensible_low, found.sensible_high, found.flag
    (1.0, 0.4, 0.1, 1.0, '')
    """
    told, swept = crossed(scores), np.asarray(rates, dtype=float)
    _check(swept, told, factor)
    order = np.argsort(swept)
    sorted_rates, sorted_scores = swept[order], told[order]
    medians = quantile(sorted_scores.reshape(len(swept), -1), 0.5)
    in_order = np.empty(len(swept))
    in_order[order] = medians
    place = _best(medians)
    if place is None:
        nan = np.nan
        return BestRate(nan, nan, nan, np.inf, in_order, nan, nan, NEVER)
    low, high = _interval(sorted_scores, level, n_resamples, seed)
    first, last = _within(medians, place, floor, factor)
    return BestRate(
        rate=float(sorted_rates[place]),
        ci_low=_at(sorted_rates, low),
        ci_high=_at(sorted_rates, high),
        score=float(medians[place]),
        medians=in_order,
        sensible_low=_at(sorted_rates, first),
        sensible_high=_at(sorted_rates, last),
        flag=_warnings(medians, place, (low, high), first is None),
    )


def _best(medians: Array) -> int | None:
    """Return the place of the least median, the middle one of equals; None if all failed."""
    least = medians.min()
    places = np.flatnonzero(medians == least)
    return None if np.isinf(least) else int(places[(len(places) - 1) // 2])


def _interval(scores: Array, level: float, n_resamples: int, seed: int) -> Places:
    """Return the ends of the interval of the best rate's place; None without repetitions."""
    tail = expanded_tail(max(2, *scores.shape[1:]), level)
    if not is_repeated(scores):
        return None, None
    rng = np.random.default_rng(seed)
    drawn = (_best(quantile(resample(scores, rng), 0.5)) for _ in range(n_resamples))
    places = np.sort([place for place in drawn if place is not None])
    if not places.size:
        return None, None
    ends = np.quantile(places, [tail, 1 - tail], method="inverted_cdf")
    return int(ends[0]), int(ends[1])


def _at(rates: Array, place: int | None) -> float:
    return np.nan if place is None else float(rates[place])


def _within(medians: Array, place: int, floor: float, factor: float) -> Places:
    """Return the ends of the unbroken run of rates about the best that are within a factor."""
    if np.isnan(floor) or falls_below(medians[[place]], floor):
        return None, None
    above = np.maximum(medians - floor, 0.0)
    wrong = np.flatnonzero(~(above <= factor * above[place]))
    first = wrong[wrong < place].max(initial=-1) + 1
    last = wrong[wrong > place].min(initial=len(above)) - 1
    return int(first), int(last)


def _warnings(medians: Array, place: int, interval: Places, below: bool) -> str:
    ends = {"low end": 0, "high end": len(medians) - 1}
    ties = int((medians == medians[place]).sum())
    told = [AT_END.format(end=name) for name, end in ends.items() if end == place]
    near = [name for name, end in ends.items() if end in interval and end != place]
    told += [NEAR_END.format(end=name) for name in near]
    told += [TIE.format(count=ties)] * (ties > 1) + [BELOW] * below
    return "; ".join(told)


def _check(rates: Array, scores: Array, factor: float) -> None:
    if rates.shape != scores.shape[:1] or not ((rates > 0) & np.isfinite(rates)).all():
        problem = f"must be {len(scores)} numbers above 0, one for each row of scores"
        raise ValueError(f"rates {problem}; got {rates.tolist()}.")
    if len(np.unique(rates)) < len(rates):
        raise ValueError(f"rates must differ from each other; got {rates.tolist()}.")
    if not factor >= 1:
        raise ValueError(f"factor must be at least 1; got {factor}.")
