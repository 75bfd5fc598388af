"""What the columns of a frame of runs mean: which are parameters, which are measures.

A frame has one row per run: ``cell_id`` and ``replicate``, parameters as ``p_<dotted name>``,
measures as ``m_<name>`` with theory ``t_<name>`` and warnings ``f_<name>`` beside them. A measure
that a run has several of carries its group in brackets: ``m_mean_lag[0.1]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from adaptsim.schema import WrongRequest, suggest

PARAMETER, MEASURE, THEORY, FLAG = "p_", "m_", "t_", "f_"
RUN = ("run_id", "cell_id", "replicate")


def parameters(frame: pd.DataFrame) -> list[str]:
    """Return the names of the parameters that differ between runs.

    Examples
    --------
    >>> parameters(pd.DataFrame({"p_rate": [0.1, 0.2], "p_size": [5, 5], "m_lag": [10.0, 5.0]}))
    ['rate']
    """
    return [name for name in every_parameter(frame) if frame[PARAMETER + name].nunique() > 1]


def every_parameter(frame: pd.DataFrame) -> list[str]:
    """Return the names of all parameters, those that are the same everywhere included.

    Examples
    --------
    >>> every_parameter(pd.DataFrame({"p_rate": [0.1, 0.2], "p_size": [5, 5]}))
    ['rate', 'size']
    """
    names = [name for name in map(str, frame.columns) if name.startswith(PARAMETER)]
    return [name.removeprefix(PARAMETER) for name in names]


def measures(frame: pd.DataFrame) -> list[str]:
    """Return the names of the numeric measures, groups in brackets included.

    Examples
    --------
    >>> measures(pd.DataFrame({"m_lag[0.1]": [1.0], "m_mse": [2.0], "t_mse": [2.0]}))
    ['lag[0.1]', 'mse']
    """
    names = [name for name in frame.columns if name.startswith(MEASURE)]
    return [
        name.removeprefix(MEASURE) for name in names if pd.api.types.is_numeric_dtype(frame[name])
    ]


def tidy(frame: pd.DataFrame, wanted: Iterable[str] | None = None) -> pd.DataFrame:
    """Return results in long form: one row per run and measure.

    Parameters
    ----------
    frame : DataFrame
        One row per run.
    wanted : iterable of str, optional
        Measures to keep, all by default.

    Returns
    -------
    DataFrame
        Columns ``run_id, cell_id, replicate``, the parameters that differ, then ``measure, group,
        value, theory, flag``. ``group`` and ``flag`` are empty and ``theory`` nan where there is
        none.

    Examples
    --------
    >>> runs = pd.DataFrame({"run_id": ["a"], "m_lag[0.1]": [9.0], "t_lag[0.1]": [10.0]})
    >>> tidy(runs).to_dict("records")
    [{'run_id': 'a', 'measure': 'lag', 'group': '0.1', 'value': 9.0, 'theory': 10.0, 'flag': ''}]
    """
    chosen = measures(frame) if wanted is None else [known(frame, name) for name in wanted]
    kept = [name for name in RUN if name in frame]
    kept += [PARAMETER + name for name in parameters(frame)]
    parts = [frame[kept].assign(**_of(frame, name)) for name in chosen]
    columns = [*kept, "measure", "group", "value", "theory", "flag"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _of(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    measure, _, group = name.partition("[")
    empty = pd.Series("", frame.index)
    return {
        "measure": measure,
        "group": group.removesuffix("]"),
        "value": frame[MEASURE + name],
        "theory": frame.get(THEORY + name, pd.Series(float("nan"), frame.index)),
        "flag": frame.get(FLAG + name, empty).fillna(""),
    }


def with_own_theory(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which a measure ``theory_<name>`` is the theory of the measure ``<name>``.

    A function that is studied returns numbers by name; so it can return what to expect as well.

    Examples
    --------
    >>> runs = pd.DataFrame({"m_lag": [10.1], "m_theory_lag": [10.0], "m_theory_of_mind": [1.0]})
    >>> with_own_theory(runs).columns.tolist()
    ['m_lag', 't_lag', 'm_theory_of_mind']
    """
    told = {
        MEASURE + "theory_" + name: THEORY + name
        for name in measures(frame)
        if MEASURE + "theory_" + name in frame
    }
    return frame.drop(columns=[one for one in told.values() if one in frame]).rename(columns=told)


def by_group(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which the groups of a run are rows of their own, told apart by ``p_group``.

    A scenario whose individuals have different learning rates measures each of them; as a parameter
    the group can lie along an axis.

    Parameters
    ----------
    frame : DataFrame
        One row per run, groups in brackets behind the names of measures.

    Returns
    -------
    DataFrame
        One row per run and group; ``p_group`` is a number where all labels are. The frame itself
        where there are no groups.

    Examples
    --------
    >>> runs = pd.DataFrame({"run_id": ["a"], "m_lag[0.1]": [10.0], "m_lag[0.5]": [2.0]})
    >>> by_group(runs).values.tolist()
    [['a', 10.0, 0.1], ['a', 2.0, 0.5]]
    """
    ends = {name: name[name.index("[") :] for name in map(str, frame.columns) if "[" in name}
    if not ends:
        return frame
    parts = []
    for end in dict.fromkeys(ends.values()):
        others = [name for name, own in ends.items() if own != end]
        plain = {name: name.removesuffix(end) for name in ends}
        part = frame.drop(columns=others).rename(columns=plain)
        parts.append(part.assign(p_group=end[1:-1]))
    found = pd.concat(parts, ignore_index=True)
    numbers = pd.to_numeric(found["p_group"], errors="coerce")
    return found.assign(p_group=numbers) if numbers.notna().all() else found


def known(frame: pd.DataFrame, measure: str) -> str:
    """Return the name of a measure, or raise where the frame has none of that name.

    Raises
    ------
    WrongRequest
        With the nearest name that exists.

    Examples
    --------
    >>> known(pd.DataFrame({"m_mean_lag": [1.0]}), "mean_leg")
    Traceback (most recent call last):
    ...
    adaptsim.schema.WrongRequest: measure 'mean_leg': none of that name; did you mean 'mean_lag'? \
Allowed: mean_lag
    """
    names = measures(frame)
    if measure not in names:
        raise WrongRequest(f"measure {measure!r}: none of that name; {suggest(measure, names)}")
    return measure


def columns_of(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the columns of parameters, or raise where the frame has none of that name.

    Raises
    ------
    WrongRequest
        With the nearest name that exists.

    Examples
    --------
    >>> columns_of(pd.DataFrame({"p_rule.learning_rate": [0.1]}), ["rule.learning_rate"])
    ['p_rule.learning_rate']
    """
    all_names = every_parameter(frame)
    for name in names:
        if name not in all_names:
            raise WrongRequest(f"parameter {name!r}: none of it; {suggest(name, all_names)}")
    return [PARAMETER + name for name in names]
