"""Findings of a study: which analyses fit its design, as tables and pictures of a document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from adaptsim.documents.document import Item, Picture, Section, Table, Words
from adaptsim.documents.numbers import shown
from adaptsim.figures.study_axes import is_number, label, value_text, words_of
from adaptsim.studies import analysis
from adaptsim.studies.analysis.frame import MEASURE, PARAMETER

FIRST = (
    "tracking_mse",
    "phase_lag",
    "mean_lag",
    "gain",
    "rise_time_63",
    "overshoot",
    "stationary_variance",
    "cross_correlation_lag",
)
LAST = ("spectral_radius", "lyapunov_exponent", "speed_limit", "gain_margin", "diverged_at")
RESPONSIVE = ("mean_lag", "phase_lag", "rise_time_63", "cross_correlation_lag")
STEADY = ("stationary_variance", "noise_error", "overshoot")
JUDGED_BY = ("tracking_mse", "regret")
SENSITIVITY = ("saltelli", "morris", "fast")

SHOWN_MEASURES, MOST_CURVES, MOST_MAPS = 4, 9, 6
MOST_CELLS = 2000
"""A front of more cells is not drawn again for resamples of replicates."""


@dataclass(frozen=True)
class Stored:
    """What a store holds.

    Attributes
    ----------
    described : dict
        What ``study.json`` says.
    runs, failed, design : DataFrame
        Finished runs, failed attempts, and all runs that were asked for.
    units : dict
        Units of parameters and measures.
    refused : list of str
        Analyses that could not be made are noted here.
    """

    described: Mapping[str, Any]
    runs: pd.DataFrame
    failed: pd.DataFrame
    design: pd.DataFrame
    units: Mapping[str, str]
    refused: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Kind of the design."""
        return str(self.described["design"]["kind"])

    @property
    def replicates(self) -> int:
        """How often each cell was to be run."""
        return int(self.described["replicates"])

    @property
    def varied(self) -> list[str]:
        """Parameters that differ between cells, in the design's order."""
        return analysis.parameters(self.design)

    def values(self, name: str) -> pd.Series[Any]:
        """Return the values of a parameter, each once, in order."""
        return self.design[PARAMETER + name].drop_duplicates().sort_values()

    @property
    def full(self) -> bool:
        """Whether every value of each parameter meets every value of the others."""
        wanted = math.prod(len(self.values(name)) for name in self.varied)
        line = self.kind == "zip" or len(self.varied) == 1
        places = self.design[[PARAMETER + name for name in self.varied]].drop_duplicates()
        return line or len(places) == wanted

    def numeric(self, names: Sequence[str] | None = None) -> list[str]:
        """Return the parameters that are numbers."""
        chosen = self.varied if names is None else names
        return [name for name in chosen if is_number(self.design[PARAMETER + name])]

    def measures(self) -> list[str]:
        """Return the measures that differ between runs, those that matter most first.

        Of a measure that a run has of several groups the first group comes before all second ones.
        """
        names = [name for name in analysis.measures(self.runs) if self._differs(name)]
        plain = {name: name.partition("[")[0] for name in names}
        early = [name for one in FIRST for name in names if plain[name] == one]
        late = [n for n in names if plain[n] in LAST or plain[n].startswith("linear_")]
        outcome = self.described["design"].get("outcome")
        rest = [name for name in names if name not in (*early, *late)]
        ordered = [*early, *rest, *late]
        before = {name: [plain[n] for n in ordered[:i]] for i, name in enumerate(ordered)}
        return sorted(ordered, key=lambda name: (name != outcome, before[name].count(plain[name])))

    def _differs(self, name: str) -> bool:
        values = self.runs[MEASURE + name].to_numpy(float)
        known = values[np.isfinite(values)]
        return bool(known.size and np.ptp(known) > 1e-9 * np.abs(known).max())

    def interval(self) -> str:
        """Return words on what bands and bars are."""
        if self.replicates < 2:
            return ""
        return f" Bands: 95 % interval of the mean over {self.replicates} replicates."


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
        ("Best rates", _best_rates(stored)),
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
    yield Picture(title, alt, responses_figure(tables, along, by, stored.units))
    for one, table in tables.items():
        yield _numbers(
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


def _numbers(table: pd.DataFrame, title: str, file: str) -> Table:
    """Return a table of means, folded."""
    told = table if "failed" not in table or table["failed"].any() else table.drop(columns="failed")
    return Table(title, readable(told), folded=True, file=_plain(file))


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its columns named in words, those that hold nothing left out.

    Examples
    --------
    >>> readable(pd.DataFrame({"p_rule.learning_rate": [0.1], "ci_low": [None]})).columns.tolist()
    ['learning rate']
    >>> readable(pd.DataFrame({"p_agent.noise": [1], "p_environment.noise": [2]})).columns.tolist()
    ['agent.noise', 'environment.noise']
    """
    kept = [name for name in table if (table[name].notna() & (table[name] != "")).any()]
    words = [
        name for name in kept if str(name).startswith(PARAMETER) and not is_number(table[name])
    ]
    told = table[kept].assign(**{str(name): table[name].map(value_text) for name in words})
    names = [str(name).removeprefix(PARAMETER) for name in kept]
    short = [words_of(name) for name in names]
    told.columns = pd.Index(
        [
            words if short.count(words) == 1 else name
            for words, name in zip(short, names, strict=True)
        ]
    )
    return told


def _plain(name: str) -> str:
    return "".join(one if one.isalnum() or one in "_.-" else "_" for one in name).strip("_")


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
        yield _numbers(table, f"main effects on {label(one, stored.units)}", f"main_effects_{one}")


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
        warn = f" {'; '.join(flags)}." if flags else ""
        first = table.loc[table["index"].isin(["ST", "mu_star"])].sort_values("value")
        alt = "Most important first: " + ", ".join(
            f"{words_of(name)} {shown(value)}"
            for name, value in zip(first["parameter"][::-1], first["value"][::-1], strict=True)
        )
        title = f"What moves {words_of(one)}. Bars: 95 % interval.{told}{warn}"
        yield Picture(title, alt, indices_figure(table, stored.units))
        found = readable(table.drop(columns="measure"))
        yield Table(
            f"indices of {label(one, stored.units)}", found, file=_plain(f"sensitivity_{one}")
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
    from adaptsim.figures.study_map import map_figure

    pair = _plane(stored)
    if pair is None:
        return
    for where, one in _apart(stored):
        chosen = measures[:2] if where else measures
        tables = {name: analysis.heat_map(one.runs, name, *pair) for name in chosen}
        rest = [name for name in one.numeric() if name not in pair]
        over = f" Averaged over {', '.join(map(words_of, rest))}." if rest else ""
        title = f"{_over(pair)}{where}{'; grey: no finite value' if stored.full else ''}.{over}"
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
            yield Picture(f"{_over(pair)}{where}.", alt, phases_figure(told, *pair, stored.units))
        if is_number(told[PARAMETER + along]) and stored.full:
            title = f"where it changes along {label(along, stored.units)}{where}"
            found = readable(analysis.edges(told, along))
            note = "It changes between low and high."
            yield Table(title, found, note, file=_plain(f"edges{where}"))


def _conditions(stored: Stored) -> dict[str, Any]:
    """Return what tells phases apart: of a refined design, on which side of its threshold."""
    told = stored.described["design"]
    if "outcome" not in told:
        return {}
    name, threshold = told["outcome"], told["threshold"]
    above, below = (f"{words_of(name)} {side} {threshold:g}" for side in ("above", "up to"))
    return {"conditions": {above: f"`{name}` > {threshold!r}"}, "otherwise": below}


def _best_rates(stored: Stored) -> Iterator[Item]:
    from adaptsim.figures.study_best_rates import best_rates_figure

    rate = next((n for n in stored.numeric() if n.endswith("learning_rate")), None)
    measure = next((one for one in JUDGED_BY if one in stored.measures()), None)
    if not stored.full or stored.kind == "zip" or rate is None or measure is None:
        return
    if len(stored.values(rate)) < 3 or stored.values(rate).min() <= 0:
        return
    by = [name for name in stored.varied if name != rate]
    table = analysis.best_rates(stored.runs, measure, rate, by)
    numeric_first = sorted(by, key=lambda name: (name not in stored.numeric(),
                                                 -len(stored.values(name))))  # fmt: skip
    rest = [name for name in table if not str(name).startswith(PARAMETER)]
    table = table[[PARAMETER + name for name in numeric_first] + rest]
    if 1 <= len(by) <= 2 and table["best"].notna().any():
        title = (
            f"Rate of least {words_of(measure)}: vertex of a parabola in log rate through the "
            "least mean and its neighbours; bars: 95 % interval over replicates drawn again."
        )
        known = table.dropna(subset=["best"])
        alt = f"Best rates from {shown(known['best'].min())} to {shown(known['best'].max())}."
        yield Picture(title, alt, best_rates_figure(table, rate, None, stored.units))
    title = f"best {label(rate, stored.units)} by {words_of(measure)}"
    yield Table(title, readable(table), file="best_rates")


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
            yield Table(title, readable(table), note, file=_plain(f"difference_{one}_{name}"))


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
