"""Rankings that come with their uncertainty: which rules are the best, as far as one can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adaptsim.comparison.pairwise import Pairs, pairwise
from adaptsim.comparison.resampling import crossed, is_repeated, resampled_means
from adaptsim.measures.measurement import Array, Integers

if TYPE_CHECKING:
    import pandas as pd

BEST, AHEAD, TIED, WORSE = (
    "best",
    "ahead, but others are not distinguishable from it",
    "not distinguishable from the best",
    "worse than the best",
)


@dataclass(frozen=True)
class Ranking:
    """Rules in order, and what is known of the order. Arrays are in the order of ``labels``."""

    labels: tuple[str, ...]
    """The rules."""
    mean_rank: Array
    """Mean over starts and seeds of the rank among all rules: 1 is the least score, ties share."""
    median_rank: Array
    """Median over starts and seeds of that rank."""
    rank_low: Integers
    """Lower end of the interval of the rule's place: one more than rules that are surely better."""
    rank_high: Integers
    """Upper end: one less for every rule that is surely worse."""
    probability_best: Array
    """Share of resamples of starts and seeds in which it has the least mean rank; nan without
    repetitions. The less there is to resample, the surer this looks: the interval is the claim."""
    difference: Array
    """Median over starts (or seeds) of its score less that of the rule that is ahead; 0 if both
    failed, inf if only it did, nan if either did half of the time."""
    difference_low: Array
    """Lower end of the confidence interval of ``difference``, exact and for this pair alone."""
    difference_high: Array
    """Upper end of the confidence interval of ``difference``, for this pair alone."""
    p_value: Array
    """How probable so large a margin to the rule ahead is, were they equal, adjusted for all pairs;
    1 for the rule ahead."""
    pairs: Pairs
    """Who beats whom."""

    @property
    def ahead(self) -> int:
        """The place in ``labels`` of the rule with the least mean rank."""
        return int(np.argmin(self.mean_rank))

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What can be said of each rule, in words."""
        tied = int((self.rank_low == 1).sum())
        told = [TIED if low == 1 else WORSE for low in self.rank_low]
        told[self.ahead] = BEST if tied == 1 else AHEAD
        return tuple(told)

    def table(self) -> pd.DataFrame:
        """Return the ranking as a table, the rule ahead first."""
        import pandas as pd

        own = ("mean_rank", "median_rank", "rank_low", "rank_high", "probability_best")
        paired = ("difference", "difference_low", "difference_high", "p_value")
        columns = {name: getattr(self, name) for name in (*own, *paired)}
        table = pd.DataFrame({"rule": self.labels, **columns, "verdict": self.verdicts})
        return table.sort_values("mean_rank", kind="stable", ignore_index=True)


class Friedman(NamedTuple):
    """Friedman's test, and the difference of mean ranks that Nemenyi's test calls for."""

    statistic: float
    """Friedman's chi-square, corrected for ties."""
    p_value: float
    """How probable so large a statistic is, were all rules equal."""
    critical_difference: float
    """Mean ranks this far apart differ, by Nemenyi's test."""


def rank(
    scores: Any,
    labels: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    n_resamples: int = 4000,
    seed: int = 0,
) -> Ranking:
    """Rank rules that walked from common starts with common seeds.

    Rules are put in order by their mean rank over starts and seeds, which asks how often one beats
    another and not by how much. Whether the order is resolved is decided pair by pair (`pairwise`);
    all intervals of places hold together with probability ``level``. A plain bootstrap of places
    would be too sure of itself where rules are nearly equal.

    Parameters
    ----------
    scores : array, shape (r, p) or (r, p, s)
        Final losses or evaluations to a target of ``r`` rules, ``p`` starts and ``s`` seeds, less
        is better; not finite means failed: last, all failed ones tied.
    labels : sequence of str
        Names of the rules; by default their numbers.
    level : float
        Coverage of the intervals.
    n_resamples, seed : int
        Resamples, and the seed of the drawing.

    Returns
    -------
    Ranking

    Raises
    ------
    ValueError
        For other axes, or another number of labels.

    References
    ----------
    Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91:476 (intervals of places
    from pairs; what is wrong with the plain bootstrap); Owen (2007), Annals of Applied Statistics
    1:386 (resampling starts and seeds); Demsar (2006), JMLR 7:1 (mean ranks).

    Examples
    --------
    >>> adam, plain = [1.0, 2.0, 1.0, 3.0, 2.0, 1.0], [5.0, 6.0, float("inf"), 5.0, 4.0, 3.0]
    >>> found = rank([adam, plain], ["Adam", "plain"])
    >>> found.verdicts, found.rank_high.tolist()
    (('best', 'worse than the best'), [1, 2])
    """
    from scipy.stats import rankdata

    told = crossed(scores)
    names = tuple(str(number) for number in range(len(told))) if labels is None else tuple(labels)
    if len(names) != len(told):
        raise ValueError(f"labels must be {len(told)}, one for each rule; got {len(names)}.")
    ranks = rankdata(told, axis=0)
    pairs = pairwise(told, n_resamples=n_resamples, seed=seed)
    surely = (pairs.p_value <= 1 - level + 1e-12) & (pairs.margin > 0)
    mean_rank = ranks.mean(axis=(1, 2))
    ahead = int(np.argmin(mean_rank))
    low, middle, high = _differences(told, ahead, level)
    return Ranking(
        labels=names,
        mean_rank=mean_rank,
        median_rank=np.median(ranks.reshape(len(told), -1), axis=1),
        rank_low=np.asarray(1 + surely.sum(axis=0), dtype=np.int64),
        rank_high=np.asarray(len(told) - surely.sum(axis=1), dtype=np.int64),
        probability_best=_probability_best(ranks, n_resamples, seed),
        difference=middle,
        difference_low=low,
        difference_high=high,
        p_value=pairs.p_value[ahead],
        pairs=pairs,
    )


def friedman(scores: Any, *, level: float = 0.95) -> Friedman:
    """Return Friedman's test of whether rules differ at all, and Nemenyi's critical difference.

    ``CD = q sqrt(r (r + 1) / (6 n))`` with q the studentised range over sqrt(2). It takes each pair
    of start and seed for a block of its own; `rank` does not, and is to be preferred.

    Parameters
    ----------
    scores : array, shape (r, p) or (r, p, s)
        As for `rank`; three rules or more.
    level : float
        Coverage; Nemenyi's test errs with probability ``1 - level``.

    Returns
    -------
    Friedman
        Statistic 0 and p-value 1 where all rules tie everywhere.

    Raises
    ------
    ValueError
        For fewer than three rules.

    References
    ----------
    Demsar (2006), JMLR 7:1, section 3.2.2 and table 5.

    Examples
    --------
    >>> found = friedman([[1.0, 2.0, 1.0, 3.0], [2.0, 3.0, 2.0, 4.0], [3.0, 4.0, 3.0, 9.0]])
    >>> found.statistic, round(found.p_value, 4), round(found.critical_difference, 3)
    (8.0, 0.0183, 1.657)
    """
    from scipy.stats import friedmanchisquare, rankdata, studentized_range

    told = crossed(scores).reshape(len(np.asarray(scores)), -1)
    n_rules, n_blocks = told.shape
    if n_rules < 3:
        raise ValueError(f"Friedman's test needs three rules or more; got {n_rules}.")
    difference = studentized_range.ppf(level, n_rules, np.inf) / np.sqrt(2)
    critical = float(difference * np.sqrt(n_rules * (n_rules + 1) / (6 * n_blocks)))
    ranks = rankdata(told, axis=0)
    if (ranks == ranks[0]).all():
        return Friedman(0.0, 1.0, critical)
    test = friedmanchisquare(*ranks)
    return Friedman(float(test.statistic), float(test.pvalue), critical)


def _probability_best(ranks: Array, n_resamples: int, seed: int) -> Array:
    if not is_repeated(ranks):
        return np.full(len(ranks), np.nan)
    means = resampled_means(ranks, n_resamples, seed)
    least = means <= means.min(axis=1, keepdims=True) + 1e-9
    return np.asarray((least / least.sum(axis=1, keepdims=True)).mean(axis=0))


def _differences(scores: Array, ahead: int, level: float) -> tuple[Array, Array, Array]:
    """Return low end, median and high end of the paired differences to the rule ahead."""
    by_block = scores if scores.shape[1] > 1 else scores.swapaxes(1, 2)
    best = np.broadcast_to(by_block[ahead], by_block.shape)
    apart = np.zeros(by_block.shape)
    np.subtract(by_block, best, out=apart, where=by_block != best)
    paired = _median(apart)
    low, high = _median_interval(paired, level)
    low[ahead] = high[ahead] = 0.0
    return low, _median(paired), high


def _median(paired: Array) -> Array:
    """Return the median over the last axis; nan half-way between -inf and inf."""
    ordered = np.sort(paired, axis=-1)
    below, above = ordered[..., (ordered.shape[-1] - 1) // 2], ordered[..., ordered.shape[-1] // 2]
    with np.errstate(invalid="ignore"):
        return np.where(below == above, below, 0.5 * (below + above))


def _median_interval(paired: Array, level: float) -> tuple[Array, Array]:
    """Return the exact interval of a median, from order statistics; infinite for few blocks."""
    from scipy.stats import binom

    ordered = np.sort(paired, axis=-1)
    n = ordered.shape[-1]
    left_out = int(binom.ppf((1 - level) / 2, n, 0.5))
    if left_out == 0:
        return np.full(ordered.shape[:-1], -np.inf), np.full(ordered.shape[:-1], np.inf)
    return ordered[..., left_out - 1], ordered[..., n - left_out]
