"""Observations: columns of a file become records of individuals, checked row by row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.environments.series_file import column_numbers, read_table, row_labels
from adaptsim.part import WrongField
from adaptsim.schema import WrongRequest

if TYPE_CHECKING:
    import pandas as pd

UNEVEN = 1.15
"""Rows may be this many times further apart than others: months, but no missing month."""
LEAST_ROWS = 5
GAPS = ("refuse", "skip")


@dataclass(frozen=True)
class Observations:
    """What was recorded of some individuals.

    Attributes
    ----------
    names : tuple[str, ...]
        Who they are; one empty name where nobody is told apart.
    times : tuple[numpy.ndarray, ...]
        When each row was taken, ``(T,)`` for each.
    cues : tuple[numpy.ndarray, ...]
        What the environment showed, ``(T, c)`` for each; nan where nothing was seen.
    seen : tuple[numpy.ndarray, ...]
        What was recorded, ``(T, k)`` for each: numbers, or 1 for the option chosen and else 0.
    environment, observed : tuple[str, ...]
        Names of the columns.
    options : tuple[str, ...]
        What could be chosen; empty where numbers were recorded.
    pay_of_chosen : bool
        Whether the one column of the environment tells what the chosen option paid.
    time : str
        Name of the column of times; ``""`` if rows count.
    file, sha256 : str
        Where it was found, and its fingerprint.
    """

    names: tuple[str, ...]
    times: tuple[np.ndarray, ...]
    cues: tuple[np.ndarray, ...]
    seen: tuple[np.ndarray, ...]
    environment: tuple[str, ...]
    observed: tuple[str, ...]
    options: tuple[str, ...] = ()
    pay_of_chosen: bool = False
    time: str = ""
    file: str = ""
    sha256: str = ""


def read_observations(
    data: str | Path | pd.DataFrame,
    *,
    environment: tuple[str, ...],
    observed: tuple[str, ...] = (),
    choice: str | None = None,
    time: str | None = None,
    individual: str | None = None,
    gaps: str = "refuse",
) -> Observations:
    """Return what a CSV or Parquet file (or a data frame) tells of individuals.

    Parameters
    ----------
    data
        The file, one row a step.
    environment
        Columns of what drove the individuals, in the order of their cue. Where ``choice`` is given,
        a column for each option, or one column of what the chosen option paid.
    observed
        Columns of numbers that were observed.
    choice
        Column of what was chosen, in place of ``observed``: names of columns of ``environment``, or
        their places counted from 0; any words where there is one column of pay.
    time
        Column of times, numbers or dates, evenly spaced; without it rows count.
    individual
        Column that tells individuals apart.
    gaps
        ``"refuse"``, or ``"skip"``: an empty observation does not count, and an empty cue shows no
        mismatch.

    Raises
    ------
    WrongRequest
        Saying which column and row, what was got and what is allowed.
    """
    if bool(observed) == bool(choice):
        raise WrongRequest("--observed or --choice is needed: columns of numbers, or of choices")
    if not environment:
        raise WrongRequest("--environment is needed: the column of what drove the individuals")
    whole, file, sha256 = _table(data)
    seen = (choice,) if choice else observed
    used = [("--environment", one) for one in environment]
    used += [("--choice" if choice else "--observed", one) for one in seen]
    used += [(option, one) for option, one in _told(time=time, individual=individual) if one]
    labels = _checked(whole, used, file)
    cues = np.column_stack([_numbers(whole, "--environment", c, labels, file) for c in environment])
    options: tuple[str, ...] = ()
    if choice:
        options, numbers = _choices(whole, choice, environment, labels, file, gaps)
    else:
        numbers = np.column_stack([_numbers(whole, "--observed", c, labels, file) for c in seen])
    paid = bool(choice) and len(environment) == 1
    if gaps == "refuse":
        _refuse_gaps(cues, environment, labels, file)
        _refuse_gaps(numbers, seen if not choice else (choice,) * len(options), labels, file)
    clock = _times(whole, time, labels, file)
    who = _individuals(whole, individual, labels, file)
    names = tuple(dict.fromkeys(who))
    rows = [np.flatnonzero(who == name) for name in names]
    for name, own in zip(names, rows, strict=True):
        _check_rows(name, own, clock, cues, time, labels, file)
    return Observations(
        names, tuple(clock[own] for own in rows), tuple(cues[own] for own in rows),
        tuple(numbers[own] for own in rows), environment, seen, options, paid, time or "", file,
        sha256,
    )  # fmt: skip


def _told(**options: str | None) -> list[tuple[str, str | None]]:
    return [(f"--{name}", value) for name, value in options.items()]


def _table(data: Any) -> tuple[pd.DataFrame, str, str]:
    if not isinstance(data, str | Path):
        text = data.to_csv(index=False).encode()
        return data.reset_index(drop=True), "data frame", hashlib.sha256(text).hexdigest()
    try:
        found = read_table(str(data))
    except WrongField as error:
        raise WrongRequest(f"fit: the file {error.problem.removeprefix('= ')}") from None
    return found.table, found.file, found.sha256


def _checked(table: pd.DataFrame, used: list[tuple[str, str]], file: str) -> list[str]:
    """Return a name for each row, all columns being there."""
    for option, name in used:
        try:
            row_labels(table, (name,))
        except WrongField as error:
            raise WrongRequest(f"{file}: {option} {error.problem}") from None
    return row_labels(table, tuple(name for _, name in used))


def _numbers(
    table: pd.DataFrame, option: str, name: str, labels: list[str], file: str
) -> np.ndarray:
    try:
        return column_numbers(table, name, labels)
    except WrongField as error:
        raise WrongRequest(f"{file}: {option} {error.problem}") from None


def _choices(
    table: pd.DataFrame,
    choice: str,
    environment: tuple[str, ...],
    labels: list[str],
    file: str,
    gaps: str,
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the options, and 1 for the one chosen in each row, else 0; nan where none was."""
    column = table[choice]
    empty = column.isna().to_numpy()
    words = column.map(_word).to_numpy()
    found = sorted(set(words[~empty]))
    if len(environment) > 1:
        options = environment
        if all(word.isdigit() for word in found):
            words = np.array([_named(word, environment) for word in words])
        wrong = [word for word in found if _named(word, environment) not in environment]
        if wrong:
            row = labels[int(np.flatnonzero(~empty & (column.map(_word) == wrong[0]))[0])]
            allowed = f"{', '.join(environment)}, or 0 to {len(environment) - 1}"
            raise WrongRequest(
                f"{file}: --choice {choice!r} holds {wrong[0]!r} in {row}; must be one of the "
                f"columns of --environment: {allowed}"
            )
    else:
        options = tuple(found)
    if len(found) < 2:
        only = f"only {found[0]!r} was ever chosen" if found else "nothing was ever chosen"
        raise WrongRequest(f"{file}: --choice {choice!r}: {only}; two options at least must be")
    made = (words[:, None] == np.array(options)[None, :]).astype(float)
    made[empty] = np.nan
    return options, made


def _word(value: Any) -> str:
    """Return what stands in a cell as a word: 1.0 is 1."""
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _named(word: str, environment: tuple[str, ...]) -> str:
    if word in environment or not word.isdigit() or int(word) >= len(environment):
        return word
    return environment[int(word)]


def _refuse_gaps(
    values: np.ndarray, columns: tuple[str, ...], labels: list[str], file: str
) -> None:
    for name, one in zip(columns, values.T, strict=True):
        empty = np.flatnonzero(np.isnan(one))
        if empty.size:
            raise WrongRequest(
                f"{file}: column {name!r} is empty in {empty.size} of {one.size} rows, first in "
                f"{labels[empty[0]]}; fill it, or write --gaps skip"
            )


def _times(table: pd.DataFrame, time: str | None, labels: list[str], file: str) -> np.ndarray:
    import pandas as pd

    if time is None:
        return np.arange(len(table), dtype=float)
    column = table[time]
    if not pd.api.types.is_numeric_dtype(column):
        try:
            dates = pd.to_datetime(column, format="ISO8601")
        except (ValueError, TypeError):
            dates = None
        if dates is not None and not dates.isna().any():
            days = (dates - dates.min()) / pd.Timedelta(days=1)
            return np.asarray(days, dtype=float)
    found = _numbers(table, "--time", time, labels, file)
    _refuse_gaps(found[:, None], (time,), labels, file)
    return found


def _individuals(
    table: pd.DataFrame, individual: str | None, labels: list[str], file: str
) -> np.ndarray:
    if individual is None:
        return np.full(len(table), "", dtype=object)
    column = table[individual]
    if column.isna().any():
        row = labels[int(np.flatnonzero(column.isna())[0])]
        raise WrongRequest(f"{file}: --individual {individual!r} is empty in {row}")
    return column.map(_word).to_numpy(dtype=object)


def _check_rows(
    name: str,
    rows: np.ndarray,
    clock: np.ndarray,
    cues: np.ndarray,
    time: str | None,
    labels: list[str],
    file: str,
) -> None:
    whose = f" of {name!r}" if name else ""
    if len(rows) < LEAST_ROWS:
        raise WrongRequest(
            f"{file}: {len(rows)} row{'s' if len(rows) > 1 else ''}{whose}; a rate needs at least "
            f"{LEAST_ROWS}"
        )
    if np.isnan(cues[rows[0]]).any():
        raise WrongRequest(f"{file}: the environment must be known in the first row{whose}")
    steps = np.diff(clock[rows])
    if (steps <= 0).any():
        first = int(np.flatnonzero(steps <= 0)[0])
        row, before = labels[rows[first + 1]], clock[rows[first]]
        raise WrongRequest(
            f"{file}: --time {time!r} must rise from row to row{whose}; it goes from {before:g} to "
            f"{clock[rows[first + 1]]:g} in {row}; sort the rows, or write --individual"
        )
    if steps.max() > UNEVEN * steps.min():
        first = int(np.argmax(steps))
        raise WrongRequest(
            f"{file}: --time {time!r} must be evenly spaced{whose}, a row a step; from "
            f"{clock[rows[first]]:g} to {clock[rows[first + 1]]:g} is {steps.max():g} where "
            f"{steps.min():g} is the least; fill in the missing rows"
        )
