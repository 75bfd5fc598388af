"""Phase diagrams: which kind of behaviour there is over two parameters, and where it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from adaptsim.schema import WrongRequest, suggest
from adaptsim.studies.analysis.frame import (
    FLAG,
    MEASURE,
    PARAMETER,
    columns_of,
    every_parameter,
    measures,
)

OTHERWISE = "stable"
"""What a run is called that no condition holds for."""
MIXED = "mixed"
"""What a place is called whose replicates disagree too evenly."""
FLAGGED = ("diverged", "unstable")
"""Warnings that name a phase, where no conditions are given, in order of weight."""


def phases(
    frame: pd.DataFrame,
    by: Sequence[str],
    conditions: Mapping[str, str] | None = None,
    *,
    otherwise: str = OTHERWISE,
    majority: float = 2 / 3,
) -> pd.DataFrame:
    """Return which phase each place is in: what most of its runs do.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    by : sequence of str
        Parameters that span the diagram, two for a map, one for a line.
    conditions : mapping of str to str, optional
        Name of a phase, and what holds there, as pandas evaluates it over the measures:
        ``{"cycles": "amplitude > 0.1"}``. The first that holds counts. By default the warnings
        decide: ``diverged``, then ``unstable``.
    otherwise : str
        Name of the phase where none holds.
    majority : float
        Share of runs below which a place is ``mixed``.

    Returns
    -------
    DataFrame
        The parameters, then ``phase``, ``share`` of runs in the commonest phase, ``n`` runs.

    Raises
    ------
    WrongRequest
        For names that do not exist.

    Examples
    --------
    >>> runs = pd.DataFrame({"p_rate": [0.5, 2.5], "m_radius": [0.5, 1.5]})
    >>> phases(runs, ["rate"], {"unstable": "radius > 1"})[["p_rate", "phase"]].values.tolist()
    [[0.5, 'stable'], [2.5, 'unstable']]
    """
    keys = columns_of(frame, by)
    of_run = frame[keys].assign(phase=_phase_of_runs(frame, conditions, otherwise))
    counts = of_run.groupby(keys)["phase"].value_counts().rename("count").reset_index()
    n = counts.groupby(keys)["count"].transform("sum")
    counts = counts.assign(share=counts["count"] / n, n=n)
    first = counts.sort_values(
        [*keys, "count"], kind="stable", ascending=[True] * len(keys) + [False]
    )
    found = first.drop_duplicates(keys)[[*keys, "phase", "share", "n"]]
    return found.assign(phase=found["phase"].where(found["share"] >= majority, MIXED)).reset_index(
        drop=True
    )


def _phase_of_runs(
    frame: pd.DataFrame, conditions: Mapping[str, str] | None, otherwise: str
) -> np.ndarray:
    if conditions is None:
        holds = {name: _is_flagged(frame, name) for name in FLAGGED}
    else:
        holds = {name: _holds(frame, text) for name, text in conditions.items()}
    return np.select([*holds.values()], [*holds], default=otherwise) if holds else np.array([])


def _is_flagged(frame: pd.DataFrame, warning: str) -> np.ndarray:
    columns = [str(name) for name in frame if str(name).startswith(FLAG)]
    told = [frame[name].fillna("").str.contains(warning, regex=False) for name in columns]
    return np.any(told, axis=0) if told else np.zeros(len(frame), bool)


def _holds(frame: pd.DataFrame, condition: str) -> np.ndarray:
    values = {name: frame[MEASURE + name] for name in measures(frame)}
    try:
        return np.asarray(pd.DataFrame(values).eval(condition), dtype=bool)
    except pd.errors.UndefinedVariableError as error:
        name = str(error).split("'")[1]
        told = f"condition {condition!r}: no measure {name!r}; {suggest(name, values)}"
        raise WrongRequest(told) from None
    except (SyntaxError, ValueError, TypeError, KeyError) as error:
        raise WrongRequest(f"condition {condition!r}: cannot be evaluated: {error}") from None


def edges(table: pd.DataFrame, along: str) -> pd.DataFrame:
    """Return where the phase changes along one parameter, for each value of the others.

    Parameters
    ----------
    table : DataFrame
        As `phases` returns it.
    along : str
        The parameter to go along.

    Returns
    -------
    DataFrame
        The other parameters, then ``below, above`` (the phases on either side), ``value`` (middle
        of the two neighbouring places), ``low, high`` (the places: it changes between them).

    Examples
    --------
    >>> told = pd.DataFrame({"p_rate": [1.0, 2.0, 3.0], "phase": ["stable", "stable", "cycles"]})
    >>> edges(told, "rate").values.tolist()
    [['stable', 'cycles', 2.5, 2.0, 3.0]]
    """
    column = columns_of(table, [along])[0]
    others = [PARAMETER + name for name in every_parameter(table) if PARAMETER + name != column]
    ordered = table.sort_values([*others, column])
    last = ordered.shift()
    same = (ordered[others] == last[others]).all(axis=1) & last[column].notna()
    changed = same & (ordered["phase"] != last["phase"])
    low, high = last.loc[changed, column].astype(float), ordered.loc[changed, column].astype(float)
    return (
        ordered.loc[changed, others]
        .assign(
            below=last.loc[changed, "phase"],
            above=ordered.loc[changed, "phase"],
            value=(low + high) / 2,
            low=low,
            high=high,
        )
        .reset_index(drop=True)
    )
