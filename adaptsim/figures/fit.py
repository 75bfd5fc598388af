"""The picture of a fit: what was seen and fitted, the profile of the rate, models compared."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style, shades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from adaptsim.fitting.fit import Fit
    from adaptsim.fitting.group import Group

WIDE, MOST_SERIES, MOST_PROFILES, SMOOTHED = 112, 3, 12, 11
HIGHEST = 12.0
"""Largest deviance shown."""


def fit_figure(found: Fit) -> Figure:
    """Return the picture of a fit.

    Above, series of the first three individuals: what drove them, what was seen, and the course
    that AIC prefers with bands of twice the noise; of choices their chance beside their share.
    Below left, what each learning rate costs in likelihood, with intervals; below right how far
    each hypothesis is behind the best by AIC (recovered rates, if there are any).
    """
    from matplotlib.figure import Figure as Canvas

    single = [group for group in found.groups if len(group.members) == 1][:MOST_SERIES]
    with house_style():
        canvas = Canvas(figsize=(7.0, 2.2 + 1.5 * len(single) + 1.3), layout="constrained")
        halves = canvas.subfigures(2, 1, squeeze=False, height_ratios=[1.5 * len(single), 2.2])
        above, below = halves[:, 0]
        rows = above.subplots(len(single), 1, sharex=True, squeeze=False)[:, 0]
        for axes, group in zip(rows, single, strict=True):
            _series(axes, found, group)
        clock = found.observations.time
        rows[-1].set_xlabel(f"{clock} [unit of the data]" if clock else "row [steps]")
        left, right = below.subplots(1, 2)
        _profiles(left, found)
        _recovered(right, found) if found.recovery else _compared(right, found)
        words = " ".join(f"{found.groups[-1].name} {found.words[found.groups[-1].name][0]}".split())
        kind = type(found.problem.learner.kind).__name__
        canvas.suptitle(textwrap.fill(f"{kind}: {words}.", WIDE), x=0.01, ha="left", fontsize=8)
    return canvas


def _series(axes: Any, found: Fit, group: Group) -> None:
    seen, i = found.observations, group.members[0]
    times, rows = seen.times[i], len(seen.times[i])
    shown = group.shown[group.best, 0, :rows]
    model = group.hypotheses[group.best].name.replace("_", " ")
    if group.design.options:
        _choices(axes, seen.options, times, seen.seen[i], shown, model)
    else:
        for k, label in enumerate(seen.observed):
            colour, noise = WONG[k % len(WONG)], group.spread[group.best, 0, k]
            axes.plot(times, seen.seen[i][:, k], ".", ms=3, color=colour, alpha=0.45, label=label)
            axes.plot(times, shown[:, k], color=colour, label=f"{label}, fitted ({model})")
            ends = shown[:, k] - 2 * noise, shown[:, k] + 2 * noise
            axes.fill_between(times, *ends, color=colour, alpha=0.12, lw=0)
        if seen.cues[i].shape[1] == len(seen.observed) == 1 and _alike(seen.cues[i], seen.seen[i]):
            axes.plot(times, seen.cues[i], color=OPTIMUM, lw=0.6, alpha=0.6, zorder=0,
                      label=seen.environment[0])  # fmt: skip
        known = type(found.problem.learner.kind).units
        units = dict.fromkeys(known.get(name, name) for name in group.design.variables)
        name = seen.observed[0] if len(seen.observed) == 1 else "observed"
        axes.set_ylabel(f"{name} [{', '.join(units)}]")
    axes.set_title(group.name)
    if group is found.groups[0]:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _alike(cue: np.ndarray, seen: np.ndarray) -> bool:
    """Return whether what drove and what was seen are of one size, so that they share an axis."""
    sizes = [np.nanmax(one) - np.nanmin(one) for one in (cue, seen)]
    return bool(max(sizes) < 20 * max(min(sizes), 1e-300))


def _choices(
    axes: Any, options: tuple[str, ...], times: Any, made: np.ndarray, shown: np.ndarray, model: str
) -> None:
    from adaptsim.fitting.table import chances

    chance = chances(shown)
    window = np.ones(SMOOTHED)
    for k, name in enumerate(options if len(options) > 2 else options[:1]):
        colour, known = WONG[k], ~np.isnan(made[:, k])
        share = np.convolve(np.nan_to_num(made[:, k]), window, "same")
        share /= np.maximum(np.convolve(known, window, "same"), 1)
        axes.plot(times, share, color=colour, lw=0.8, alpha=0.5,
                  label=f"{name}: share of {SMOOTHED} choices")  # fmt: skip
        axes.plot(times, chance[:, k], color=colour, label=f"chance, fitted ({model})")
        if len(options) == 2:
            axes.plot(times, made[:, k] * 1.08 - 0.04, "|", ms=3, color=colour, alpha=0.6)
    axes.set_ylabel("share of choices [1]")
    axes.set_ylim(-0.08, 1.08)


def _profiles(axes: Any, found: Fit) -> None:
    groups = found.groups[-MOST_PROFILES:]
    for group, colour in zip(groups, shades(len(groups)), strict=True):
        place = next(k for k, pair in enumerate(group.pairs) if pair.name == "learning_rate")
        values, lost = group.profile.values[place], group.profile.deviance[place]
        low, high = group.interval(place)
        last = group is groups[-1]
        axes.plot(values, lost, color=colour, lw=1.6 if last else 0.8, label=group.name or None)
        axes.hlines(group.limit[place], low, high, color=colour, lw=3 if last else 1.5, alpha=0.6)
    axes.axhline(group.limit[place], color=THEORY, ls="--", lw=0.7)
    ends = np.array([group.interval(place) for group in groups])
    width = max(ends[:, 1].max() - ends[:, 0].min(), 1e-6)
    low, high = found.problem.low, found.problem.high
    axes.set_xlim(max(low, ends[:, 0].min() - width / 2), min(high, ends[:, 1].max() + width / 2))
    axes.set_ylim(0, HIGHEST)
    axes.set_xlabel("learning rate [1/(curvature step)]")
    axes.set_ylabel("deviance [1]")
    axes.set_title(f"Profile; dashed: what the {100 * group.level:.4g} % interval allows")
    if len(groups) > 1:
        axes.legend(loc="upper right", ncols=2 if len(groups) > 5 else 1)


def _compared(axes: Any, found: Fit) -> None:
    groups = found.groups[-MOST_PROFILES:]
    names = [one.name for one in groups[0].hypotheses]
    for group, colour in zip(groups, shades(len(groups)), strict=True):
        behind = group.aic - group.aic.min()
        axes.plot(behind + 0.1, range(len(names)), "o", color=colour, alpha=0.8)
    axes.set_xscale("log")
    axes.set_xlim(0.08, None)
    axes.axvline(2.1, color=THEORY, ls="--", lw=0.7)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.set_xlabel("AIC behind the best + 0.1 [1]")
    axes.set_title("Models; left of the dashed line: hardly worse")


def _recovered(axes: Any, found: Fit) -> None:
    back = found.recovery
    assert back is not None
    order = np.argsort(back.found)
    good = back.covered[order]
    ranks = np.arange(len(order))
    for which, colour in ((good, WONG[0]), (~good, WONG[1])):
        axes.vlines(ranks[which], back.low[order][which], back.high[order][which], color=colour,
                    lw=0.8, alpha=0.7)  # fmt: skip
    axes.plot(ranks, back.found[order], ".", ms=2, color=OPTIMUM)
    axes.axhline(back.truth, color=THEORY, ls="--", lw=0.8)
    share = 100 * back.coverage[0]
    axes.set_xlabel("simulated data set, by its estimate [1]")
    axes.set_ylabel("learning rate [1/(curvature step)]")
    axes.set_title(f"Recovered: {share:.3g} % of intervals hold the truth")
