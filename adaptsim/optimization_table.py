"""The table of an optimization: what was measured of each rule, beside what theory predicts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.comparison import best_so_far, budget, expected_time_interval
from adaptsim.curvature import edge, largest_curvature, smallest_curvature
from adaptsim.landscapes import Bowl, Canyon, Landscape
from adaptsim.landscapes.base import FLAT
from adaptsim.rules import GradientDescent, Momentum, Rule
from adaptsim.theory import speed_limits

if TYPE_CHECKING:
    import pandas as pd

    from adaptsim.optimization import Entry, Optimization

COLUMNS = (
    "scenario", "kind", "rule", "group", "measure", "value", "unit", "ci_low", "ci_high", "theory",
    "method", "convention", "flag",
)  # fmt: skip
TUNED = "each rule at its best rate, chosen on the same walks"
AT_MINIMUM = "theory: of the lowest known minimum; walks may end elsewhere"


def measure(found: Optimization) -> pd.DataFrame:
    """Return the tidy table of all landscapes and rules, one row a measure."""
    import pandas as pd

    rows = [
        {"scenario": found.contest.name, "kind": landscape} | row
        for landscape in found.entries
        for row in _of_landscape(found, landscape)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_landscape(found: Optimization, name: str) -> Iterator[dict[str, Any]]:
    landscape, entries = found.contest.landscapes[name], found.entries[name]
    ends = curvatures(landscape)
    order = found.ranking(name)
    for place, (rule, entry) in enumerate(entries.items()):
        rate = entry.walks.rates[entry.place]
        group = "" if math.isnan(rate) else f"{rate:.6g}"
        by = found.ranked_by(entries)
        ranked = _row(
            "rank", order.mean_rank[place], "1", f"mean over starts and seeds, by {by}", TUNED,
            order.verdicts[place], ci=(order.rank_low[place], order.rank_high[place]),
        )  # fmt: skip
        chance = _row(
            "probability_best", order.probability_best[place], "1",
            "share of resamples of starts and seeds", TUNED,
        )  # fmt: skip
        for row in (ranked, chance, *_of_rule(found, landscape, entry, ends)):
            yield {"rule": rule, "group": group} | row


def _of_rule(
    found: Optimization, landscape: Landscape, entry: Entry, ends: tuple[float, float]
) -> Iterator[dict[str, Any]]:
    walks, precision = entry.walks, found.contest.precision
    if len(walks.rates) > 1:
        best = entry.best
        yield _row(
            "best_learning_rate", best.rate, "1/curvature", f"least median {entry.scored}", "",
            best.flag, ci=(best.ci_low, best.ci_high),
            theory=_best_rate(walks.rule, landscape, ends),
        )  # fmt: skip
        yield _settling(entry, ends)
    finals = best_so_far(walks.loss[entry.place])[..., -1].ravel()
    low, middle, high = (_order(finals, share) for share in (0.25, 0.5, 0.75))
    lost = float(np.mean(~np.isfinite(walks.loss[entry.place][..., -1])))
    yield _row(
        "final_loss", middle, "loss", "median over walks of the best so far; interval: quartiles",
        TUNED, f"{lost:.0%} of walks diverged" if lost else "", ci=(low, high), theory=entry.floor,
    )  # fmt: skip
    if math.isfinite(entry.floor):
        hits = entry.hits[entry.place].ravel()
        spent = np.broadcast_to(entry.walks.evaluations, walks.loss.shape)[entry.place]
        cost = expected_time_interval(hits, budget(walks.loss[entry.place], spent).ravel())
        rate = cost.success
        yield _row(
            "expected_evaluations", cost.value, "gradients",
            f"to {precision:g} above the minimum, failures restarted", TUNED,
            "" if rate.successes else "never reached", ci=(cost.ci_low, cost.ci_high),
        )  # fmt: skip
        yield _row(
            "success_rate", rate.value, "1", f"within {precision:g} of the minimum", TUNED,
            ci=(rate.ci_low, rate.ci_high),
        )  # fmt: skip
    yield from _readings(landscape, entry)


def _readings(landscape: Landscape, entry: Entry) -> Iterator[dict[str, Any]]:
    """Return what landscape and rule read off the ends of the walks."""
    units = {**landscape.reading_units, **entry.walks.rule.reading_units}
    for name, all_walks in entry.walks.readings.items():
        ends = all_walks[entry.place][..., -1].ravel()
        known = ends[~np.isnan(ends)]
        low, middle, high = (
            (_order(known, share) for share in (0.25, 0.5, 0.75)) if known.size else (math.nan,) * 3
        )
        absent = 1 - known.size / ends.size
        yield _row(
            name, middle, units.get(name, "1"), "median over walks at the end; interval: quartiles",
            TUNED, f"none in {absent:.0%} of walks" if absent else "", ci=(low, high),
        )  # fmt: skip


def _settling(entry: Entry, ends: tuple[float, float]) -> dict[str, Any]:
    """Return the largest rate at which a walk still came to rest, beside the speed limit."""
    walks = entry.walks
    scale = 1e-6 * max(1.0, abs(ends[1])) if math.isfinite(ends[1]) else 1e-6
    rested = np.isfinite(walks.slope) & (walks.slope <= scale)
    settled = rested.reshape(len(walks.rates), -1).any(axis=1)
    order = np.argsort(walks.rates)
    places = np.flatnonzero(settled[order])
    rates = np.append(walks.rates[order], math.inf)
    value, above = (rates[places[-1]], rates[places[-1] + 1]) if places.size else (math.nan,) * 2
    flag = "" if places.size else "no walk came to rest"
    if math.isinf(above):
        flag = "at the high end of the swept range: widen the sweep"
    limit = speed_limit(walks.rule, ends)
    return _row(
        "largest_settling_rate", value, "1/curvature",
        "largest swept rate at which a walk came to rest; interval: to the next rate",
        AT_MINIMUM if math.isfinite(limit) else "", flag, ci=(value, above), theory=limit,
    )  # fmt: skip


def speed_limit(rule: Rule, ends: tuple[float, float]) -> float:
    """Return the closed form of a rule's speed limit at curvatures; nan where there is none.

    Adaptive rules have none at a minimum: what they divide by vanishes there.
    """
    known = isinstance(rule, GradientDescent | Momentum) and ends[1] > 0
    return float(edge(rule)) / ends[1] if known else math.nan


def _best_rate(rule: Rule, landscape: Landscape, ends: tuple[float, float]) -> float:
    """Return the best rate where theory has one: plain descent on a quadratic."""
    if not (isinstance(rule, GradientDescent) and isinstance(landscape, Bowl | Canyon)):
        return math.nan
    return float(speed_limits.best_rate(*ends))


def curvatures(landscape: Landscape) -> tuple[float, float]:
    """Return the extreme curvatures at the lowest known minimum; nan where there is none."""
    minima = landscape.minima()
    if not minima:
        return math.nan, math.nan
    place = minima[0].theta
    low = float(smallest_curvature(landscape.loss, place).value)
    high = float(largest_curvature(landscape.loss, place).value)
    return (0.0 if abs(low) < FLAT * abs(high) else low), high


def _order(losses: np.ndarray, share: float) -> float:
    return float(np.quantile(losses, share, method="lower"))


def _row(
    name: str,
    value: float,
    unit: str,
    method: str,
    convention: str,
    flag: str = "",
    *,
    ci: tuple[float, float] = (math.nan, math.nan),
    theory: float = math.nan,
) -> dict[str, Any]:
    told = {"measure": name, "value": float(value), "unit": unit, "theory": theory}
    ends = {"ci_low": float(ci[0]), "ci_high": float(ci[1])}
    return told | ends | {"method": method, "convention": convention, "flag": flag}
