"""Findings of a study: which analyses fit its design, as tables and pictures of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from adaptsim.documents.best_rates import best_rates
from adaptsim.documents.document import Item, Picture, Section, Table, Words
from adaptsim.documents.numbers import shown
from adaptsim.documents.stored import Stored
from adaptsim.documents.tables import file_name, means_table, readable
from adaptsim.figures.study_axes import is_number, label, value_text, words_of
from adaptsim.studies import analysis
from adaptsim.studies.analysis.frame import PARAMETER, THEORY

__all__ = ["SENSITIVITY", "Stored", "findings"]

RESPONSIVE = ("mean_lag", "phase_lag", "rise_time_63", "cross_correlation_lag")
STEADY = ("stationary_variance", "noise_error", "overshoot")
SENSITIVITY = ("saltelli", "morris", "fast")

SHOWN_MEASURES, MOST_CURVES, MOST_MAPS = 4, 9, 6
HOPF = (THEORY + "hopf_rate_1", THEORY + "hopf_rate_2")
MOST_CELLS = 2000
"""A front of more cells is not drawn again for resamples of replicates."""


def findings(stored: Stored) -> Iterator[Section]:
    """Yield the sections on what was found, as fits the design."""
    shown_measures = stored.measures()[:SHOWN_MEASURES]
    if not shown_measures or not stored.varied:
        return
    if stored.kind in SENSITIVITY:
        yield Section("Sensitivity", tuple(_sensitivity(stored, shown_measures)))
    if stored.full:
        yield Section("Responses", tuple(_responses(stored, shown_measures)))
    elif stored.kind != "refine":
        yield Section("Main effects", tuple(_main_effects(stored, shown_measures[:2])))
    for title, items in (
        ("Maps", _maps(stored, shown_measures)),
        ("Phases", _phases(stored)),
        ("Best rates", best_rates(stored)),
        ("Comparisons", _differences(stored)),
        ("Responsiveness against stability", _front(stored)),
    ):
        yield Section(title, tuple(items))


def _along(stored: Stored) -> tuple[str, list[str]]:
    """Return which parameter lies along the axis, and which tells curves apart."""
    if stored.kind == "zip":
        return stored.varied[0], []
    numeric = stored.numeric() or stored.varied
    first = max(numeric, key=lambda name: len(stored.values(name)))
    numbers = stored.numeric()
    others = sorted((n for n in stored.varied if n != first), key=lambda name: name in numbers)
    few = [name for name in others if len(stored.values(name)) <= MOST_CURVES]
    return first, few[:1]


def _responses(stored: Stored, measures: Sequence[str]) -> Iterator[Item]:
    from adaptsim.figures.study_responses import responses_figure

    along, by = _along(stored)
    tables = {one: analysis.response_curves(stored.runs, one, along, by) for one in measures}
    rest = [name for name in stored.varied if name not in (along, *by)]
    told = ", ".join(map(words_of, rest))
    over = f" Averaged over {told}, whose spread the bands include." if rest else ""
    title = f"Response to {words_of(along)}{_by(by)}.{stored.interval()}{over}"
    alt = " ".join(_extremes(table, one, [along, *by], stored) for one, table in tables.items())
    if _word_plane(stored) is None:  # else a map says it better
        yield Picture(title, alt, responses_figure(tables, along, by, stored.units))
    for one, table in tables.items():
        yield means_table(
            table, f"{label(one, stored.units)}, by {words_of(along)}", f"response_{one}"
        )


def _by(names: Sequence[str]) -> str:
    return f", one curve for each {words_of(names[0])}" if names else ""


def _extremes(table: pd.DataFrame, measure: str, names: Sequence[str], stored: Stored) -> str:
    """Return a sentence that says where a measure is least and greatest."""
    known = table.dropna(subset=["value"])
    if known.empty:
        return f"{words_of(measure)}: no finite value."
    ends = {
        "least": known.iloc[int(known["value"].argmin())],
        "greatest": known.iloc[int(known["value"].argmax())],
    }
    told = [
        f"{word} {shown(float(row['value']))} at "
        + ", ".join(f"{words_of(n)} {shown(row[PARAMETER + n])}" for n in names)
        for word, row in ends.items()
    ]
    return f"{label(measure, stored.units)}: {'; '.join(told)}."


def _main_effects(stored: Stored, measures: Sequence[str]) -> Iterator[Item]:
    from adaptsim.figures.study_main_effects import main_effects_figure

    for one in measures:
        table = analysis.main_effects(stored.runs, one)
        if table.empty:
            continue
        spans = [
            f"{words_of(str(name))} from {shown(one.min())} to {shown(one.max())}"
            for name, one in table.groupby("parameter", sort=False)["value"]
        ]
        title = (
            f"Mean of {words_of(one)} given each parameter alone. Bands: 95 % interval over the "
            "cells of a bin, so over all other parameters."
        )
        alt = f"The mean moves with {'; '.join(spans)}."
        yield Picture(title, alt, main_effects_figure(table, one, stored.units))
        yield means_table(
            table, f"main effects on {label(one, stored.units)}", f"main_effects_{one}"
        )


def _sensitivity(stored: Stored, measures: Sequence[str]) -> Iterator[Item]:
    from adaptsim.figures.study_indices import indices_figure
    from adaptsim.schema import FailedRun

    for one in measures:
        try:
            table = _indices(stored, one)
        except FailedRun as error:
            stored.refused.append(str(error))
            yield Words(f"Not analysed: {error}", warning=True)
            continue
        flags = [flag for flag in table["flag"].unique() if flag]
        noise = table["noise"].iloc[0]
        told = (
            f" Noise of the replicates: {noise:.1%} of the variance." if np.isfinite(noise) else ""
        )
        warn = "".join(f" {flag[:1].upper()}{flag[1:]}." for flag in flags)
        first = table.loc[table["index"].isin(["ST", "mu_star"])].sort_values("value")
        alt = "Most important first: " + ", ".join(
            f"{words_of(name)} {shown(value)}"
            for name, value in zip(first["parameter"][::-1], first["value"][::-1], strict=True)
        )
        bars = " Bars: 95 % interval." if table["ci_low"].notna().any() else ""
        title = f"What moves {words_of(one)}.{bars}{told}{warn}"
        yield Picture(title, alt, indices_figure(table, stored.units))
        found = readable(table.drop(columns="measure"))
        yield Table(
            f"indices of {label(one, stored.units)}", found, file=file_name(f"sensitivity_{one}")
        )


def _indices(stored: Stored, measure: str) -> pd.DataFrame:
    told = stored.described["design"]
    names = list(told["parameters"])
    sample = _sample(stored, names)
    common = {"replicates": stored.replicates}
    if stored.kind == "saltelli":
        return analysis.sobol_indices(
            stored.runs, sample, measure, names, second_order=told["second_order"], **common
        )
    if stored.kind == "morris":
        return analysis.elementary_effects(
            stored.runs, sample, measure, names, levels=told["levels"], **common
        )
    return analysis.fourier_indices(
        stored.runs, sample, measure, names, harmonics=told["harmonics"], **common
    )


def _sample(stored: Stored, names: Sequence[str]) -> pd.DataFrame:
    """Return the design's rows in the sampler's order; words as numbers."""
    rows = stored.design[stored.design["replicate"] == 0].sort_values("row").reset_index(drop=True)
    for name in names:
        column = PARAMETER + name
        if not is_number(rows[column]):
            rows[column] = pd.factorize(rows[column], sort=True)[0].astype(float)
    return rows


def _maps(stored: Stored, measures: Sequence[str]) -> Iterator[Item]:
    from adaptsim.figures.study_map import MOST_DOTS, map_figure

    words = _word_plane(stored)
    pair = words or _plane(stored)
    if pair is None:
        return
    for where, one in [("", stored)] if words else _apart(stored):
        chosen = measures[:2] if where or words else measures
        tables = {name: analysis.heat_map(one.runs, name, *pair) for name in chosen}
        rest = [name for name in one.numeric() if name not in pair]
        over = f" Averaged over {', '.join(map(words_of, rest))}." if rest else ""
        many = "; hexagons: means" if len(next(iter(tables.values()))) > MOST_DOTS else ""
        grey = "; grey: no finite value" if stored.full else many
        title = f"{_over(pair)}{where}{grey}.{over}"
        alt = " ".join(_extremes(table, name, pair, stored) for name, table in tables.items())
        yield Picture(title, alt, map_figure(tables, *pair, stored.units))


def _over(pair: Sequence[str]) -> str:
    return f"Over {words_of(pair[0])} and {words_of(pair[1])}"


def _apart(stored: Stored) -> Iterator[tuple[str, Stored]]:
    """Yield the runs of each combination of words, such as rules, and words on which it is."""
    named = [PARAMETER + name for name in stored.varied if name not in stored.numeric()]
    if not named:
        yield "", stored
        return
    for values, runs in list(stored.runs.groupby(named))[:MOST_MAPS]:
        told = zip(named, values, strict=True)
        where = ", ".join(
            f"{words_of(n.removeprefix(PARAMETER))} {value_text(value)}" for n, value in told
        )
        yield f", {where}", replace(stored, runs=runs)


def _plane(stored: Stored) -> tuple[str, str] | None:
    """Return the two parameters that a map is drawn over: those with most values."""
    numeric = [name for name in stored.numeric() if len(stored.values(name)) >= 3]
    many = len(stored.varied) > 2 and not stored.full
    if stored.kind == "zip" or len(numeric) < 2 or many:
        return None
    first, second = sorted(numeric, key=lambda name: -len(stored.values(name)))[:2]
    return first, second


def _word_plane(stored: Stored) -> tuple[str, str] | None:
    """Return the two parameters of a full design in which both are words, the longer list last."""
    if not stored.full or len(stored.varied) != 2 or stored.numeric() or stored.kind == "zip":
        return None
    first, second = sorted(stored.varied, key=lambda name: len(stored.values(name)))
    return first, second


def _phases(stored: Stored) -> Iterator[Item]:
    from adaptsim.figures.study_phases import phases_figure

    pair = _plane(stored)
    along = pair[0] if pair else _along(stored)[0]
    for where, one in _apart(stored):
        told = analysis.phases(one.runs, pair or [along], **_conditions(stored))
        if told["phase"].nunique() < 2:
            continue
        if pair:
            shares = told["phase"].value_counts(normalize=True)
            alt = "Share of places: " + ", ".join(f"{n} {share:.0%}" for n, share in shares.items())
            borders = _borders(one, pair)
            dots = " Dots: where theory has a border." if borders else ""
            title = f"{_over(pair)}{where}.{dots}"
            yield Picture(title, alt, phases_figure(told, *pair, stored.units, borders))
        if is_number(told[PARAMETER + along]) and stored.full:
            title = f"where it changes along {label(along, stored.units)}{where}"
            found = readable(analysis.edges(told, along))
            note = "It changes between low and high."
            yield Table(title, found, note, file=file_name(f"edges{where}"))


def _borders(stored: Stored, pair: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return borders between phases that theory knows, as rows of both parameters of a map.

    Rates of learning at which a community begins to cycle are told per time; a rule's are per step.
    """
    scenario, step = stored.scenario or {}, "environment.dt"
    world = scenario.get("environment")
    if "rule.learning_rate" not in pair or step in stored.varied or not isinstance(world, Mapping):
        return {}
    (other,) = (PARAMETER + name for name in pair if name != "rule.learning_rate")
    found = {}
    for number, theory in enumerate(one for one in HOPF if one in stored.runs):
        rows = stored.runs.groupby(other)[theory].mean().mul(float(world.get("dt", 1.0))).dropna()
        told = rows.rename(PARAMETER + "rule.learning_rate").reset_index()
        if len(told):
            found["Hopf bifurcation, theory" if not number else f"_{theory}"] = told
    return found


def _conditions(stored: Stored) -> dict[str, Any]:
    """Return what tells phases apart: of a refined design, on which side of its threshold."""
    told = stored.described["design"]
    if "outcome" not in told:
        return {}
    name, threshold = told["outcome"], told["threshold"]
    above, below = (f"{words_of(name)} {side} {threshold:g}" for side in ("above", "up to"))
    return {"conditions": {above: f"`{name}` > {threshold!r}"}, "otherwise": below}


def _differences(stored: Stored) -> Iterator[Item]:
    """Yield paired differences between words, such as rules, where replicates can be paired."""
    named = [name for name in stored.varied if name not in stored.numeric()]
    if not stored.full or stored.kind == "zip" or not named or stored.replicates < 2:
        return
    for name in named:
        reference = stored.design[PARAMETER + name].iloc[0]
        for one in stored.measures()[:2]:
            table = analysis.paired_differences(stored.runs, one, name, reference)
            what = f"{words_of(name)} {value_text(reference)}"
            title = f"{label(one, stored.units)}: difference from {what}"
            note = "In pairs of replicates; gain: variance of an unpaired difference over this."
            yield Table(title, readable(table), note, file=file_name(f"difference_{one}_{name}"))


def _front(stored: Stored) -> Iterator[Item]:
    from adaptsim.figures.study_front import front_figure

    names = stored.measures()
    quick = next((one for one in RESPONSIVE if one in names), None)
    steady = next((one for one in STEADY if one in names), None)
    if quick is None or steady is None:
        return
    many = len(stored.design) > MOST_CELLS * stored.replicates
    table = analysis.pareto_front(stored.runs, quick, steady, resamples=20 if many else 200)
    if len(table) < 3:
        return
    on = table[table["on_front"]]
    title = f"{words_of(steady)} against {words_of(quick)}; less is better in both."
    alt = f"{len(on)} of {len(table)} cells lie on the front."
    yield Picture(title, alt, front_figure(table, quick, steady, stored.units))
    found = readable(on.drop(columns="on_front"))
    yield Table("cells on the front", found, folded=True, file="front")
