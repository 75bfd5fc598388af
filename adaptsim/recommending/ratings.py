"""Ratings: who rated what how, in the order of time, as read from a file.

What is accepted: a table with the columns ``userId, movieId, rating, timestamp`` in any order and
among others (MovieLens since 2014), or four columns in that order without names, separated by
tabs (``u.data``) or ``::`` (``ratings.dat``). What is decided where files leave it open:

* ratings of one time stay in the order of the file (a stable sort);
* a user, or an item, that occurs once is kept: it is predicted from the rest, and learnt from;
* a user who rates an item again has changed its mind: both ratings are kept;
* ids are whole numbers of at least 0, with gaps; they become 0, 1, 2, ... in ascending order;
* blank lines are skipped; everything else that does not fit is an error that names its line.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from adaptsim.measures.measurement import Array, Integers

COLUMNS = ("userId", "movieId", "rating", "timestamp")
OTHER_NAMES = {
    "userId": ("user", "user_id", "uid"),
    "movieId": ("item", "item_id", "itemid", "movie", "movie_id", "iid"),
    "rating": ("score",),
    "timestamp": ("time", "ts"),
}
LARGEST = 2.0**53
"""Numbers of double precision are whole numbers up to here."""
MANY = 100_000
"""So many lines are held as text at a time."""


class WrongRatings(ValueError):
    """A file or table of ratings cannot be used: says where, what was got, what is right."""


@dataclass(frozen=True)
class Ratings:
    """Ratings in the order of time.

    Attributes
    ----------
    users, items : numpy.ndarray
        Who rated what, whole numbers from 0, shape ``(n,)``.
    values : numpy.ndarray
        Ratings, shape ``(n,)`` [rating].
    times : numpy.ndarray
        When, shape ``(n,)`` [as in the file, usually seconds].
    user_ids, item_ids : numpy.ndarray
        What users and items are called in the file, shapes ``(n_u,)`` and ``(n_i,)``.
    source : dict[str, str]
        Where they come from: file and fingerprint.
    """

    users: Integers
    items: Integers
    values: Array
    times: Array
    user_ids: Integers
    item_ids: Integers
    source: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def n_users(self) -> int:
        """How many users there are."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.item_ids)

    def summary(self) -> dict[str, float]:
        """Return what is worth knowing before anything is learnt, by name."""
        per_user = np.bincount(self.users, minlength=self.n_users)
        return {
            "ratings": len(self),
            "users": self.n_users,
            "items": self.n_items,
            "mean": float(self.values.mean()),
            "standard deviation": float(self.values.std()),
            "users seen once": int((per_user == 1).sum()),
            "times shared with the rating before": int((np.diff(self.times) == 0).sum()),
        }


def read_ratings(path: str | Path, scale: tuple[float, float] | None = None) -> Ratings:
    """Return the ratings of a file in MovieLens' formats.

    Parameters
    ----------
    path
        The file.
    scale
        Least and greatest rating there may be [rating]; not checked without.

    Raises
    ------
    WrongRatings
        Naming the file, the line and what was got, for: no such file, an empty one, columns that
        are missing, rows too long or short, what is no number or not finite, ids that are
        negative, not whole or too large to be told apart, ratings off the scale.

    Examples
    --------
    >>> import tempfile
    >>> lines = "userId,movieId,rating,timestamp", "7,30,4.5,200", "2,30,3.0,100"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "ratings.csv")
    ...     _ = file.write_text(chr(10).join(lines))
    ...     ratings = read_ratings(file)
    >>> ratings.values.tolist(), ratings.users.tolist(), ratings.user_ids.tolist()
    ([3.0, 4.5], [0, 1], [2, 7])
    """
    file = Path(path)
    try:
        content = file.read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise WrongRatings(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise WrongRatings(f"{path} is no text: byte {error.start} is not UTF-8") from None
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise WrongRatings(f"{path} is empty; it must hold ratings, see the columns {COLUMNS}")
    separator = _separator(lines[first], f"{path}, line {first + 1}")
    names = next(csv.reader([_tabbed(lines[first], separator)], delimiter=separator[0]))
    places = _places(names, f"{path}, line {first + 1}")
    after = first + 1 if _is_header(names) else first
    told = csv.reader((_tabbed(one, separator) for one in lines[after:]), delimiter=separator[0])
    parts = list(_parts(told, len(names), places, str(path), after))
    if not parts:
        raise WrongRatings(f"{path} holds no ratings, only the names of its columns")
    table, at = np.concatenate([one for one, _ in parts]), np.concatenate([n for _, n in parts])
    digest = hashlib.sha256(content).hexdigest()
    return _checked(table, f"{path}, line", at, scale, {"file": str(path), "sha256": digest})


def ratings_of(table: pd.DataFrame, scale: tuple[float, float] | None = None) -> Ratings:
    """Return the ratings of a table with the columns of `read_ratings`; rows count from 0.

    Raises
    ------
    WrongRatings
        As `read_ratings`, naming the row.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"userId": [3, 1], "movieId": [1, 1], "rating": [4.0, 2.0], "timestamp": [9, 8]}
    >>> ratings_of(pd.DataFrame(row)).values.tolist()
    [2.0, 4.0]
    """
    places = _places([str(name) for name in table.columns], "the table", header=True)
    columns = table.iloc[:, places]
    try:
        numbers = columns.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise WrongRatings(f"the table must hold numbers: {error}") from None
    if not len(numbers):
        raise WrongRatings("the table is empty; it must hold ratings")
    return _checked(numbers, "the table, row", np.arange(len(numbers)), scale, {"file": "a table"})


def _separator(line: str, where: str) -> str:
    for one in ("::", "\t", ","):
        if one in line:
            return one
    _refuse(where, "columns must be separated by commas, tabs or '::'", line)


def _tabbed(line: str, separator: str) -> str:
    return line.replace("::", ":") if separator == "::" else line


def _is_header(names: list[str]) -> bool:
    try:
        float(names[0])
    except ValueError:
        return True
    return False


def _places(names: list[str], where: str, *, header: bool = False) -> list[int]:
    """Return where the four columns stand."""
    if not (header or _is_header(names)):
        if len(names) != len(COLUMNS):
            _refuse(where, f"without names of columns there must be four, {COLUMNS}", names)
        return list(range(len(COLUMNS)))
    known = [name.strip().lower() for name in names]
    places = []
    for column in COLUMNS:
        called = (column.lower(), *OTHER_NAMES[column])
        found = [known.index(name) for name in called if name in known]
        if not found:
            _refuse(where, f"there is no column {column!r}", ", ".join(names))
        places.append(found[0])
    return places


def _parts(
    rows: Any, width: int, places: list[int], path: str, after: int
) -> Iterator[tuple[Array, Integers]]:
    """Yield numbers and the lines they stand in, many at a time."""
    numbered = ((row, after + rows.line_num) for row in rows if row)
    while part := list(itertools.islice(numbered, MANY)):
        for row, line in part:
            if len(row) != width:
                _refuse(f"{path}, line {line}", f"must have {width} fields", f"{len(row)}: {row}")
        kept = [[row[place] for place in places] for row, _ in part]
        lines = np.array([line for _, line in part])
        try:
            yield np.array(kept, dtype=float), lines
        except ValueError:
            _refuse_text(kept, lines, path)


def _refuse_text(rows: Iterable[list[str]], lines: Integers, path: str) -> NoReturn:
    for row, line in zip(rows, lines, strict=True):
        for name, text in zip(COLUMNS, row, strict=True):
            try:
                float(text)
            except ValueError:
                _refuse(f"{path}, line {line}", f"{name} must be a number", repr(text))
    raise WrongRatings(f"{path} holds what is no number")


def _checked(
    table: Array,
    where: str,
    at: Integers,
    scale: tuple[float, float] | None,
    source: dict[str, str],
) -> Ratings:
    """Return ratings from numbers ``(n, 4)``, checked and sorted."""

    def check(right: Any, column: int, must: str) -> None:
        if not right.all():
            wrong = int(np.argmin(right))
            _refuse(f"{where} {at[wrong]}", f"{COLUMNS[column]} must be {must}",
                    f"{table[wrong, column]:g}")  # fmt: skip

    for column in range(len(COLUMNS)):
        check(np.isfinite(table[:, column]), column, "finite")
    for column in (0, 1):
        ids = table[:, column]
        check((ids >= 0) & (ids == np.floor(ids)), column, "a whole number of at least 0")
        check(ids < LARGEST, column, f"below {LARGEST:g}, beyond which ids cannot be told apart")
    if scale is not None:
        low, high = scale
        values = table[:, 2]
        check((values >= low) & (values <= high), 2, f"from {low:g} to {high:g}, the scale")
    table = table[np.argsort(table[:, 3], kind="stable")]
    user_ids, users = np.unique(table[:, 0].astype(int), return_inverse=True)
    item_ids, items = np.unique(table[:, 1].astype(int), return_inverse=True)
    return Ratings(users, items, table[:, 2], table[:, 3], user_ids, item_ids, source)


def _refuse(where: str, problem: str, got: Any) -> NoReturn:
    raise WrongRatings(f"{where}: {problem}; got {got}")
