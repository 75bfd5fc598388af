"""Verdict: what the data can tell of the rates of a group, and what they cannot, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import jax
import numpy as np
from scipy import stats

from adaptsim.fitting.group import RANKLESS, Group, scaled_eigen

if TYPE_CHECKING:
    from adaptsim.fitting.fit import Fit

TRADED = 0.95
"""Two estimates with a correlation beyond this are said to trade off."""
SURPRISING = 0.01
UNFELT = "does not matter to these data"
HOT = 0.999


def flag(group: Group, place: int) -> str:
    """Return what a reader must know of a shared parameter's interval; empty if nothing."""
    pair, curve = group.pairs[place], group.profile
    traded = _traded(group, pair.model, pair.name)
    if traded == UNFELT:
        return f"not identified: it {UNFELT}"
    if np.max(curve.deviance[place]) <= group.limit[place]:
        return "not identified: the profile is flat over all that was tried"
    told = []
    if curve.open_low[place]:
        told.append("interval touches its lower bound")
    if curve.open_high[place]:
        told.append("interval touches its upper bound")
    return "; ".join(told + ([traded] if traded else []))


def _traded(group: Group, model: int, name: str) -> str:
    """Return which other parameter makes up for a change of this one, and how nearly."""
    information, names = group.information(model), group.names(model)
    values, vectors = scaled_eigen(information)
    at = names.index(name)
    if information[at, at] <= 0:
        return UNFELT
    lost = values < RANKLESS
    if lost.any() and (np.abs(vectors[at, lost]) > TRADED / 10).any():
        along = np.abs(vectors[:, lost]).max(axis=1)
        others = [names[k] for k in np.flatnonzero(along > TRADED / 10) if k != at]
        return f"fully confounded with {', '.join(dict.fromkeys(others))}"
    if len(names) < 2 or lost.any():
        return ""
    covariance = np.linalg.inv(information)
    sizes = np.sqrt(np.abs(np.diagonal(covariance)))
    correlation = covariance[at] / (sizes[at] * sizes)
    correlation[at] = 0
    worst = int(np.argmax(np.abs(correlation)))
    if abs(correlation[worst]) < TRADED:
        return ""
    return f"trades off with {names[worst]} (correlation {correlation[worst]:.2f})"


def verdict(fit: Fit, group: Group) -> list[str]:
    """Return what is to be said of a group: rate, learning at all, model, and warnings."""
    place = next(k for k, pair in enumerate(group.pairs) if pair.name == "learning_rate")
    return [
        _rate(group, place),
        _learning(group),
        _model(group),
        *_heterogeneity(fit, group),
        *_warnings(fit, group),
    ]


def _rate(group: Group, place: int) -> str:
    low, high = group.interval(place)
    curve, told = group.profile, flag(group, place)
    tried = f"{curve.values[place][0]:.4g} to {curve.values[place][-1]:.4g}"
    if told.startswith("not identified"):
        return f"these data cannot identify the learning rate: all from {tried} fit about as well"
    percent = f"{100 * group.level:.4g} %"
    words = f"learning rate {curve.top[place]:.4g}, {percent} interval {low:.4g} to {high:.4g}"
    if curve.open_low[place]:
        none = "no learning" if curve.values[place][0] == 0 else "the lowest rate tried"
        words += f"; {none} is not excluded"
    if curve.open_high[place]:
        words += f"; there is no upper limit among the rates tried ({tried})"
    traded = _traded(group, group.pairs[place].model, "learning_rate")
    return (
        f"{words}; it {traded}"
        if traded.startswith(("trades", "does"))
        else (f"{words}; it is {traded}" if traded else words)
    )


def _learning(group: Group) -> str:
    test = group.test(group.place("fixed"))
    assert test is not None
    if math.isnan(test.p_value):
        return "learning cannot be told from none: the rate does not matter to these data"
    against = "tells against" if test.p_value < 0.05 else "does not tell against"
    return (
        f"the likelihood ratio {against} no learning: {test.statistic:.3g}, p = "
        f"{test.p_value:.2g} ({test.reference})"
    )


def _model(group: Group) -> str:
    order = np.argsort(group.aic, kind="stable")
    names = [one.name for one in group.hypotheses]
    best = group.best
    rest = next(int(k) for k in order if k != best)
    ahead = group.aic[rest] - group.aic[best]
    clear = "clearly" if ahead > 2 else "not clearly"
    by_bic = names[int(np.argmin(group.bic))]
    told = f"AIC prefers {names[best]}, {clear} ahead of {names[rest]} (by {ahead:.2g})"
    return told if by_bic == names[best] else f"{told}; BIC prefers {by_bic}"


def heterogeneity(fit: Fit) -> tuple[float, float, int] | None:
    """Return the likelihood ratio of own rates against a common one, its p-value, and degrees.

    None where there is one individual only. The reference is chi2 with one degree less than there
    are individuals.
    """
    *each, pooled = fit.groups
    if not each:
        return None
    place = pooled.place("fixed")
    alone = sum(one.log_likelihoods[place] for one in each)
    statistic = max(2 * float(alone - pooled.log_likelihoods[place]), 0.0)
    return statistic, float(stats.chi2.sf(statistic, len(each) - 1)), len(each) - 1


def _heterogeneity(fit: Fit, group: Group) -> list[str]:
    found = heterogeneity(fit)
    if found is None or group is not fit.groups[-1]:
        return []
    statistic, chance, free = found
    differ = "differ" if chance < 0.05 else "are not seen to differ"
    return [f"individuals {differ} in their rate: {statistic:.3g}, p = {chance:.2g} (chi2({free}))"]


def _warnings(fit: Fit, group: Group) -> list[str]:
    told = []
    left = group.residual_autocorrelation
    portmanteau = group.count * left**2  # nan for choices, which compares as false
    if not group.design.process and portmanteau > stats.chi2.isf(SURPRISING, 1):
        told.append(
            f"what is left is correlated from row to row ({left:.2g}): intervals are too narrow; "
            "noise that moves the individual is --noise process"
        )
    if group.design.options:
        box_high = np.asarray(group.estimate.own[group.place("fixed"), :, -1])
        hottest = 1e3 / fit.problem.scale[list(group.members)]
        if (box_high > HOT * hottest).any():
            told.append("choices follow without fail: the inverse temperature has no upper limit")
        if fit.observations.pay_of_chosen:
            told.append(
                "pay of other options is not known: what is drawn anew is drawn along the "
                "recorded choices"
            )
    elif (group.spread[group.best] < 1e-8 * _size(group)).any():
        told.append("the model follows these numbers exactly: there is no noise to judge by")
    return told


def _size(group: Group) -> float:
    seen = jax.tree.map(np.asarray, group.records.observed)
    return float(np.abs(seen).max() + 1e-300)
