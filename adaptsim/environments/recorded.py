"""A course that was measured: columns of a file."""

from __future__ import annotations

import dataclasses
from typing import Any, Final, Self

import jax.numpy as jnp
import numpy as np

from adaptsim.environments import series_file
from adaptsim.environments.base import Environment
from adaptsim.part import Array, field

FROM_FILE: Final = object()
"""Stands for values that are still to be read; JAX never puts it into a pytree, as it may None."""

READ_BY = frozenset({"path", "columns", "gaps", "first_row", "last_row"})
"""Fields that decide what is read; all others act on what was read, at every step."""


class Recorded(Environment):
    """Columns of a CSV or Parquet file, row after row, as the components of the cue.

    What happens to the file, in order:

    1. rows ``first_row`` to ``last_row`` (both included) of the ``columns`` are read; lines of a
       CSV that begin with ``#`` are skipped;
    2. gaps (empty values) are refused, or filled: ``"interpolate"`` on the straight line between
       the known neighbours, ``"hold"`` with the last known value; where there is none on that
       side, with the nearest known value;
    3. values become ``scale * value + offset``, the same for all columns;
    4. values below ``floor`` are raised to it;
    5. one row is shown every ``steps_per_row`` steps; in between, the straight line from row to
       row (``between = "linear"``) or the last row (``"hold"``).

    Rows count as equally spaced in time. After the end the last row is held, or it all begins again
    (the line then joins last row and first), or, with ``"refuse"``, the cue is nan: ask
    ``require`` before a run. Steps 3 to 5 are done anew at every step, so ``scale``, ``offset``
    and ``floor`` may be swept; the file is read once, when the environment is made, and again by
    ``replace`` of what is read.

    Examples
    --------
    >>> pelts = Recorded(path="adaptsim:data/hare_lynx_pelts.csv", columns=("lynx",))
    >>> pelts.cue((), 1).tolist(), pelts.n_steps
    ([6.1], 21)
    >>> pelts.replace(columns=("snowshoe_hare", "lynx"), steps_per_row=2).cue((), 1).tolist()
    [38.6, 5.05]
    """

    path: str = field(unit="path", help="file, or package:file for one that comes with a package")
    columns: tuple[str, ...] = field(help="names of the columns, in the order of the cue")
    gaps: str = field(
        default="refuse", help="what becomes of empty values", choices=series_file.GAPS
    )
    first_row: int = field(
        default=0, help="first row used; 0 is the first, -1 the last of the file"
    )
    last_row: int = field(default=-1, help="last row used, included; -1 is the last of the file")
    scale: float = field(default=1.0, unit="cue/value", help="what each value is multiplied by")
    offset: float = field(default=0.0, unit="cue", help="what is added after that")
    floor: float | None = field(
        default=None, unit="cue", help="least value shown; without it, none"
    )
    steps_per_row: int = field(
        default=1, unit="steps", help="steps from one row to the next", at_least=1
    )
    between: str = field(
        default="linear", help="what is shown between two rows", choices=("linear", "hold")
    )
    after_end: str = field(
        default="hold", help="what follows the last row", choices=("hold", "repeat", "refuse")
    )
    values: Any = dataclasses.field(
        default=FROM_FILE, repr=False, metadata={"unit": "internal", "help": "what was read"}
    )

    def __post_init__(self) -> None:
        """Check the fields and read the file, unless what was read is given."""
        super().__post_init__()
        self._check_columns()
        if self.values is FROM_FILE:
            values = self._read().values
            values.setflags(write=False)
            object.__setattr__(self, "values", values)

    def _check_columns(self) -> None:
        given = self.columns
        if isinstance(given, str):
            problem = f"must be a list of names; got {given!r}; write columns = [{given!r}]"
            raise series_file.wrong("columns", problem)
        if not given or not all(isinstance(name, str) for name in given):
            raise series_file.wrong("columns", f"must name a column or more; got {given!r}")
        object.__setattr__(self, "columns", tuple(given))

    def _read(self) -> series_file.Series:
        return series_file.read_series(
            self.path,
            self.columns,
            gaps=self.gaps,
            first_row=self.first_row,
            last_row=self.last_row,
        )

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, read anew where that changes what is read."""
        if READ_BY & changes.keys():
            changes.setdefault("values", FROM_FILE)
        return super().replace(**changes)

    @property
    def n_rows(self) -> int:
        """How many rows are used."""
        return int(self.values.shape[0])

    @property
    def n_steps(self) -> int:
        """How many steps the record covers: up to its last row, held as long as any other."""
        if self.between == "hold":
            return self.n_rows * self.steps_per_row
        return (self.n_rows - 1) * self.steps_per_row + 1

    def require(self, steps: int) -> None:
        """Refuse a run that is longer than the record, where ``after_end`` says so."""
        if self.after_end == "refuse" and steps > self.n_steps:
            problem = f"= 'refuse', but the record covers {self.n_steps} of {steps} steps"
            instead = f"write steps = {self.n_steps}, or after_end = 'hold' or 'repeat'"
            raise series_file.wrong("after_end", f"{problem}; {instead}")

    def cue(self, world: Any, step: Array) -> Array:
        """Return what the record says of a step, shape ``(c,)``."""
        row = jnp.asarray(step, dtype=float) / self.steps_per_row
        n, repeats = self.n_rows, self.after_end == "repeat"
        row = jnp.mod(row, n) if repeats else jnp.clip(row, 0, n - 1)
        lower = jnp.floor(row).astype(int)
        upper = (lower + 1) % n if repeats else jnp.minimum(lower + 1, n - 1)
        share = row - lower if self.between == "linear" else 0.0
        values = jnp.asarray(self.values)
        first, second = self._convert(values[lower]), self._convert(values[upper])
        shown = (1.0 - share) * first + share * second
        if self.after_end == "refuse":
            shown = jnp.where(jnp.asarray(step) < self.n_steps, shown, jnp.nan)
        return jnp.asarray(shown)

    def _convert(self, values: Array) -> Array:
        converted = self.scale * values + self.offset
        return converted if self.floor is None else jnp.maximum(converted, self.floor)

    def rest(self) -> Array:
        """Return the mean over the rows, shape ``(c,)``."""
        return self._convert(jnp.asarray(self.values)).mean(axis=0)

    def report(self) -> dict[str, Any]:
        """Return where the numbers come from and what was done to them, as ``run.json`` keeps it.

        The file is read again, and must not have changed since.
        """
        read = self._read()
        if not np.array_equal(read.values, np.asarray(self.values)):
            raise series_file.wrong("path", f"= {self.path!r} has changed since it was read")
        converted = self.scale * read.values + self.offset
        low = converted < (-np.inf if self.floor is None else self.floor)
        return {
            "file": read.file,
            "sha256": read.sha256,
            "rows": self.n_rows,
            "columns": list(self.columns),
            "gaps_filled": read.filled,
            "raised_to_floor": dict(zip(self.columns, low.sum(axis=0).tolist(), strict=True)),
            "steps_per_row": self.steps_per_row,
            "n_steps": self.n_steps,
        }
