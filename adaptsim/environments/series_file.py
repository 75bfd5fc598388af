"""From a file to columns of numbers: found, read, checked, gaps filled, and what was done told."""

from __future__ import annotations

import difflib
import hashlib
import importlib.resources
import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adaptsim.part import WrongField

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd

GAPS = ("refuse", "interpolate", "hold")
IN_PACKAGE = re.compile(r"([A-Za-z_][\w.]+):(?![\\/])(.+)")
"""``package:file``; one letter before the colon is a drive, two slashes after it an address."""
SHOWN = 6
"""So many rows or names are listed in a message."""


class Series(NamedTuple):
    """What was read.

    Attributes
    ----------
    values : numpy.ndarray
        One row per row used, one column per column asked for, without gaps.
    filled : dict[str, dict[str, int]]
        By column: how many values were filled in which way.
    file : str
        Where it was found.
    sha256 : str
        Fingerprint of the whole file.
    """

    values: np.ndarray
    filled: dict[str, dict[str, int]]
    file: str
    sha256: str


def wrong(field: str, problem: str) -> WrongField:
    """Return the error that a field of ``Recorded`` is wrong."""
    return WrongField("Recorded", field, problem)


def read_series(
    path: str, columns: tuple[str, ...], *, gaps: str, first_row: int, last_row: int
) -> Series:
    """Return some columns of a CSV or Parquet file as numbers without gaps.

    Raises
    ------
    WrongField
        Naming the field, what was got, and what to write instead.
    """
    whole = read_table(path)
    table = _rows(whole.table, first_row, last_row)
    labels = row_labels(table, columns)
    numbers = {name: column_numbers(table, name, labels) for name in dict.fromkeys(columns)}
    filled = {name: _fill(name, one, gaps, labels) for name, one in numbers.items()}
    values = np.column_stack([numbers[name] for name in columns])
    return Series(values, filled, whole.file, whole.sha256)


class WholeFile(NamedTuple):
    """A table as it stands in a file, where that was found, and the file's fingerprint."""

    table: pd.DataFrame
    file: str
    sha256: str


def read_table(path: str) -> WholeFile:
    """Return all of a CSV or Parquet file.

    Raises
    ------
    WrongField
        Of the field ``path``, if there is no such file, or it holds no table.

    Examples
    --------
    >>> list(read_table("adaptsim:data/hare_lynx_pelts.csv").table)
    ['year', 'snowshoe_hare', 'lynx']
    """
    found = locate(path)
    content = _content(found, path)
    return WholeFile(_parse(content, path), str(found), hashlib.sha256(content).hexdigest())


def locate(path: str) -> Traversable:
    """Return the file that a path names: absolute, from the current directory, or in a package.

    Examples
    --------
    >>> locate("adaptsim:data/hare_lynx_pelts.csv").name
    'hare_lynx_pelts.csv'
    """
    inside = IN_PACKAGE.fullmatch(path)
    file: Traversable = Path(path)
    parent: Traversable = Path(path).absolute().parent
    if inside and not file.is_file():
        folders = [_package(inside[1], path), *inside[2].split("/")]
        parent = folders[0].joinpath(*folders[1:-1])
        file = parent.joinpath(folders[-1])
    if file.is_file():
        return file
    if file.is_dir():
        raise wrong("path", f"= {path!r} is a folder; name a CSV or Parquet file")
    raise wrong("path", f"= {path!r} does not exist; {_siblings(file.name, parent)}")


def _content(file: Traversable, path: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise wrong("path", f"= {path!r} cannot be read: {error.strerror}") from None


def _package(name: str, path: str) -> Any:
    try:
        return importlib.resources.files(name)
    except (ModuleNotFoundError, TypeError):
        top = name.partition(".")[0]
        problem = f"= {path!r} is in the package {name!r}, which is not installed"
        raise wrong("path", f"{problem}; install it: pip install {top}") from None


def _siblings(name: str, folder: Traversable) -> str:
    if not folder.is_dir():
        return f"there is no folder {folder}"
    there = sorted(one.name for one in folder.iterdir() if one.is_file())
    if not there:
        return f"no file is in {folder}"
    return f"{_nearest(name, there)}in {folder}: {_list(there)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    folded = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), folded, 1, cutoff=0.5)
    return f"did you mean {folded[near[0]]!r}? " if near else ""


def _list(names: Iterable[Any]) -> str:
    """Return the first few names, and how many more there are."""
    all_names = [str(name) for name in names]
    more = len(all_names) - SHOWN
    return ", ".join(all_names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _parse(content: bytes, path: str) -> pd.DataFrame:
    """Read the bytes of a file: Parquet by its first four bytes, else CSV."""
    parquet = content[:4] == b"PAR1"
    try:
        table = _parquet(content) if parquet else _csv(content)
    except (ValueError, OSError, Warning) as error:  # of pandas, pyarrow and text decoding alike
        kind = "Parquet" if parquet else "CSV"
        told = str(error).strip().splitlines()[0]
        raise wrong("path", f"= {path!r} cannot be read as {kind}: {told}") from None
    if not len(table.columns) or not len(table):
        raise wrong("path", f"= {path!r} is empty; it must hold named columns and a row of numbers")
    return table


def _parquet(content: bytes) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_parquet(io.BytesIO(content))
    return table.reset_index(drop=list(table.index.names) == [None])


def _csv(content: bytes) -> pd.DataFrame:
    import pandas as pd

    lines = content.decode("utf-8-sig").splitlines(keepends=True)
    told = "".join(line for line in lines if not line.startswith("#")).strip("\r\n")
    if not told.strip():
        return pd.DataFrame()
    several = "," in told.splitlines()[0]  # in a file of one column a blank line is a gap
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header
        return pd.read_csv(
            io.StringIO(told), skipinitialspace=True, index_col=False, skip_blank_lines=several
        )


def _rows(table: pd.DataFrame, first_row: int, last_row: int) -> pd.DataFrame:
    """Return the rows from first to last, both included; below 0 counts from the end."""
    n = len(table)
    ends = {"first_row": first_row, "last_row": last_row}
    for name, row in ends.items():
        if not -n <= row < n:
            raise wrong(name, f"= {row} is not among the rows 0 to {n - 1}")
    start, stop = first_row % n, last_row % n
    if stop < start:
        raise wrong("last_row", f"= {last_row} is row {stop}, before first_row, row {start}")
    return table.iloc[start : stop + 1]


def row_labels(table: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Return a name for each row: its number and, unless that is read too, its first column.

    Raises
    ------
    WrongField
        Of the field ``columns``, if one does not exist, with the nearest that does.
    """
    known = [str(name) for name in table.columns]
    for name in columns:
        if name not in known:
            there = f"the file has: {', '.join(known)}"
            raise wrong("columns", f"= {name!r} does not exist; {_nearest(name, known)}{there}")
    if known[0] in columns:
        return [f"row {row}" for row in table.index]
    first = table[table.columns[0]]
    return [f"row {row} ({known[0]} {one})" for row, one in zip(table.index, first, strict=True)]


def column_numbers(table: pd.DataFrame, name: str, labels: list[str]) -> np.ndarray:
    """Return a column as numbers, nan where it is empty.

    Raises
    ------
    WrongField
        Of the field ``columns``, if it holds anything else, saying in which row.
    """
    import pandas as pd

    column = table[next(one for one in table.columns if str(one) == name)]
    text = not pd.api.types.is_numeric_dtype(column)
    dated = pd.api.types.is_datetime64_any_dtype(column) or column.dtype.kind in "mM"
    found = pd.to_numeric(column.astype(object), errors="coerce") if text and not dated else column
    unread = column.notna() & (found.isna() | dated)
    if unread.any():
        place = int(np.flatnonzero(unread)[0])
        problem = f"= {name!r} must hold numbers; got {column.iloc[place]!r} in {labels[place]}"
        raise wrong("columns", problem)
    values: np.ndarray = found.to_numpy(dtype=float, na_value=np.nan).copy()
    endless = np.flatnonzero(np.isinf(values))
    if endless.size:
        rows = _list(labels[row] for row in endless)
        raise wrong("columns", f"= {name!r} must be finite; infinite in {rows}")
    return values


def _fill(name: str, values: np.ndarray, gaps: str, labels: list[str]) -> dict[str, int]:
    """Fill the gaps of a column in place and return how many were filled in which way."""
    known = np.flatnonzero(~np.isnan(values))
    empty = np.flatnonzero(np.isnan(values))
    if not known.size:
        raise wrong("columns", f"= {name!r} is empty in every row used; choose another column")
    if gaps == "refuse" and empty.size:
        where = f"{empty.size} of {values.size} rows: {_list(labels[row] for row in empty)}"
        instead = "write gaps = 'interpolate' or 'hold', or choose rows by first_row and last_row"
        raise wrong("gaps", f"= 'refuse', but {name!r} is empty in {where}; {instead}")
    before, after = empty < known[0], empty > known[-1]
    if gaps == "hold":
        last = np.maximum.accumulate(np.where(np.isnan(values), known[0], np.arange(values.size)))
        values[empty] = values[last[empty]]
        return _counts(held=empty.size - before.sum(), nearest=before.sum())
    values[empty] = np.interp(empty, known, values[known])
    outside = before.sum() + after.sum()
    return _counts(interpolated=empty.size - outside, nearest=outside)


def _counts(**ways: Any) -> dict[str, int]:
    return {way: int(count) for way, count in ways.items() if count}
