"""Study start: a small study as a page may begin it: a file by name, few values, few replicates."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adaptsim import studies
from adaptsim.dashboard.limits import MOST_STUDY_RUNS, clean
from adaptsim.dashboard.offered import folders
from adaptsim.dashboard.studies import stored as stored_studies
from adaptsim.dashboard.studies.view import evenly
from adaptsim.schema import WrongRequest, suggest
from adaptsim.studies.study import Study

FEW_VALUES, FEW_REPLICATES = 7, 2
"""What is asked for at first of each parameter, and of each cell."""


def startable() -> dict[str, Path]:
    """Return the study files that a page may start: shipped, and beside offered scenarios.

    Examples
    --------
    >>> "learning_rate_by_period" in startable()
    True
    """
    files = [file for one in folders() for file in sorted((one / "studies").glob("*.toml"))]
    return {**studies.shipped(), **{file.stem: file for file in files}}


@dataclass(frozen=True)
class StudyStart:
    """A study to be started.

    Attributes
    ----------
    file : str
        Its name among those of `startable`.
    study : Study
        As the file has it.
    counts : dict
        How many of its values each parameter of a grid keeps, evenly chosen.
    replicates : int
        How often each cell is run.
    """

    file: str
    study: Study
    counts: Mapping[str, int] = field(default_factory=dict)
    replicates: int = 1

    @property
    def values(self) -> dict[str, tuple[Any, ...]]:
        """The values of the parameters that can be thinned: those of a grid."""
        if self.study.design.kind != "grid":
            return {}
        return {axis.name: axis.values for axis in self.study.design.axes if len(axis.values) > 1}

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return math.prod(self.counts.values()) if self.values else len(self.study.design)

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return self.cells * self.replicates

    def most(self, name: str) -> int:
        """Return the greatest count of a parameter (or ``"replicates"``) that is still small."""
        others = self.runs // (self.replicates if name == "replicates" else self.counts[name])
        return max(1, MOST_STUDY_RUNS // others)

    def changed(self, name: str, value: Any) -> StudyStart:
        """Return the study with another count or number of replicates, within limits.

        Raises
        ------
        WrongRequest
            If there is no such name, or the value is no number.
        """
        number = clean(value, 1, MOST_STUDY_RUNS, whole=True)
        if number is None or name not in (*self.counts, "replicates"):
            raise WrongRequest(f"{name} = {value!r} cannot be set")
        if name == "replicates":
            return replace(self, replicates=min(int(number), self.most(name)))
        most = min(len(self.values[name]), self.most(name))
        return replace(self, counts={**self.counts, name: min(int(number), most)})

    def changes(self) -> dict[str, Any]:
        """Return what differs from the file, by dotted name."""
        found: dict[str, Any] = {
            f"study.design.{name}": evenly(self.values[name], count)
            for name, count in self.counts.items()
            if count < len(self.values[name])
        }
        same = self.replicates == self.study.replicates
        return found if same else found | {"study.replicates": self.replicates}

    @property
    def name(self) -> str:
        """The name of its folder: the study's own where nothing differs from the file."""
        if not self.changes():
            return self.study.name
        sizes = "x".join(map(str, [*(self.counts.values() or [self.cells]), self.replicates]))
        return f"{self.study.name}_{sizes}"

    def arguments(self, file: str | None = None) -> list[str]:
        """Return the command that carries it out, without ``adaptsim``."""
        told = [f"{name}={json.dumps(value)}" for name, value in self.changes().items()]
        settings = [word for one in told for word in ("--set", one)]
        place = str(stored_studies.ROOT / self.name)
        return ["study", file or str(startable()[self.file]), *settings, "--out", place]

    def command(self) -> str:
        """Return the command as one would type it, to go on with the study in a terminal."""
        named = self.file if self.file in studies.shipped() else None
        return shlex.join(["adaptsim", *self.arguments(named)])


def start_of(name: str) -> StudyStart:
    """Return a study by name, made small; a browser names no file.

    Raises
    ------
    WrongRequest
        If it is not offered, cannot be read, or has too many cells for a page.

    Examples
    --------
    >>> start = start_of("learning_rate_by_period")
    >>> start.name, start.runs
    ('learning_rate_by_period_7x7x2', 98)
    >>> start.changed("replicates", 1e300).runs
    1960
    """
    files = startable()
    if name not in files:
        raise WrongRequest(f"study = {name!r} does not exist; {suggest(name, files)}")
    study = studies.load(files[name])
    start = StudyStart(name, study)
    if start.cells > MOST_STUDY_RUNS and not start.values:
        raise WrongRequest(f"{name}: {start.cells:,} cells are more than a page may start")
    counts = {one: min(len(values), FEW_VALUES) for one, values in start.values.items()}
    while counts and math.prod(counts.values()) > MOST_STUDY_RUNS:
        counts[max(counts, key=lambda one: counts[one])] -= 1
    small = replace(start, counts=counts)
    return small.changed("replicates", min(study.replicates, FEW_REPLICATES))
