"""Live run: a scenario's population, moved on a little at a time and measured as it goes."""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any

import jax
import numpy as np

from adaptsim.adaptation import Moment, Setting, needs, observe, replicate_key, scan, start
from adaptsim.dashboard.limits import MOST_INDIVIDUALS, MOST_NUMBERS, MOST_STEPS
from adaptsim.groups import group_individuals
from adaptsim.measuring import measure_run, stability_of
from adaptsim.predictions import predict
from adaptsim.reading import EXPLODED
from adaptsim.scenarios import Scenario
from adaptsim.schema import WrongRequest
from adaptsim.trajectory import Followed, Kept, Trajectory, keep_statistics, membership

CHUNK = 10
"""Steps of a compiled call, besides single ones."""
MEASURED = 4_000
"""Most recent steps that measures look at."""

_observe = jax.jit(observe)


class LiveRun:
    """One run that goes on: what a frame shows and what the measures need are kept of every step.

    Parameters
    ----------
    scenario
        What to run; replicates, stride and recording are the run's own.

    Raises
    ------
    WrongRequest
        If there are more individuals, or more numbers to carry, than a page may ask for.

    Examples
    --------
    >>> from adaptsim.scenarios import load
    >>> run = LiveRun(load("thermostat_story"))
    >>> run.advance(3)
    >>> run.rows()["setpoint"].output.round(3).tolist()
    [5.0, 6.5, 7.55]
    """

    def __init__(self, scenario: Scenario) -> None:
        if scenario.size > MOST_INDIVIDUALS:
            told = f"population.size must be at most {MOST_INDIVIDUALS:,} here"
            raise WrongRequest(f"{told}; got {scenario.size:,}")
        self.scenario = scenario
        self.restart()

    def restart(self) -> None:
        """Go back to before the first step."""
        scenario = self.scenario
        self.setting = _as_leaves(Setting(scenario.agent, scenario.rule, scenario.environment))
        self._check_size()
        groups = group_individuals(scenario.agent, scenario.rule, scenario.size)
        self.groups, self._using = groups, membership(groups)
        key = replicate_key(scenario.seed, 0)
        self.moment = start(self.setting, key, size=scenario.size)
        self.variables = _variables(scenario, self.moment)
        self._kept = _Columns()
        self.since = 0
        self.changes: list[tuple[int, str]] = []
        self.gone = False

    def _check_size(self) -> None:
        def begun() -> Moment:
            key = replicate_key(0)
            moment: Moment = start(self.setting, key, size=self.scenario.size)
            return moment

        state = jax.eval_shape(begun).state
        carried = sum(leaf.size for leaf in jax.tree.leaves(state))
        if carried > MOST_NUMBERS:
            raise WrongRequest(
                f"{self.scenario.size:,} individuals carry {carried:,} numbers; a page may ask for "
                f"{MOST_NUMBERS:,}: choose a smaller population"
            )

    @property
    def steps(self) -> int:
        """Return how many steps have been made."""
        return self._kept.rows

    @property
    def most_steps(self) -> int:
        """Return where the run ends: its world does, or the page keeps no more."""
        return min(self.scenario.environment.n_steps or MOST_STEPS, MOST_STEPS)

    def advance(self, steps: int) -> None:
        """Move on by some steps; a run whose numbers have left all bounds stays where it is."""
        steps = min(steps, self.most_steps - self.steps)
        wanted = needs(self.scenario.agent, self.scenario.rule)
        while steps > 0 and not self.gone:
            chunk = CHUNK if steps >= CHUNK else 1
            self.moment, kept = scan(
                self.setting,
                self.moment,
                self._using,
                1,
                0,
                records=chunk,
                wanted=wanted,
                record=keep_statistics,
            )
            self._kept.append(kept)
            steps -= chunk
            self.gone = not self._kept.last_is_finite()

    def change(self, scenario: Scenario, words: str = "") -> None:
        """Go on under changed numbers; measures begin anew here.

        ``scenario`` must have the same kinds and structure.
        """
        self.scenario = scenario
        self.setting = _as_leaves(Setting(scenario.agent, scenario.rule, scenario.environment))
        self.since = self.steps
        if words and self.steps:
            self.changes.append((self.steps, words))

    def rows(self, first: int = 0) -> dict[str, Any]:
        """Return what was kept from a step on: by variable, arrays of shape ``(T,)``."""
        if not self.steps:
            return {}
        followed = self._kept.read(first).followed
        return {name: Followed(*(part[:, 0] for part in followed[name])) for name in self.variables}

    def individuals(self, variable: str) -> tuple[np.ndarray, np.ndarray]:
        """Return where everybody is now, and where each should be, ``(n,)`` both."""
        followed, _ = _observe(self.setting, self.moment)
        return np.asarray(followed[variable].output), np.asarray(followed[variable].target)

    def trajectory(self) -> Trajectory:
        """Return the steps since the last change, as a compiled run would leave them."""
        kept = self._kept.read(max(self.since, self.steps - MEASURED))
        followed, excess, cue = jax.tree.map(lambda part: part[:, None, :], kept)
        names = self.variables
        ordered = {name: followed[name] for name in names}
        final = jax.tree.map(lambda leaf: leaf[None], self.moment)
        clock = np.arange(len(excess))
        return Trajectory(clock, ordered, excess, cue, self.groups, None, final)

    def measured(self, earlier: Any = None) -> Any:
        """Return the table of measures beside theory, as ``measure_run`` has it; ``None`` at first.

        Of the last `MEASURED` steps since the last change; right after one, what theory now says of
        the measures of an earlier table.
        """
        trajectory = self.trajectory()
        rows = len(trajectory.steps)
        if rows < 2:
            return None if earlier is None else self._foretold(earlier)
        asked = dataclasses.replace(
            self.scenario, steps=rows, stride=1, replicates=1, record="statistics", burn_in=None
        )
        with np.errstate(all="ignore"):
            return measure_run(asked, trajectory)

    def _foretold(self, table: Any) -> Any:
        """Return an earlier table with nothing measured and the theory of now."""
        kind, rule, environment = self.scenario.agent, self.scenario.rule, self.scenario.environment
        theory = [
            predict(kind, rule, environment, one.variable, one.measure)
            for one in table.itertuples()
        ]
        stable = {one.name: one for one in stability_of(self.scenario, kind, rule).measurements}
        values = [stable[name].value if name in stable else math.nan for name in table.measure]
        flags = [stable[name].flag if name in stable else "" for name in table.measure]
        told = [math.nan if one is None else one for one in theory]
        return table.assign(
            value=values, ci_low=math.nan, ci_high=math.nan, theory=told, flag=flags
        )

    def diverged_at(self, variable: str, scale: float) -> int | None:
        """Return the first step at which the error was beyond bounds, as `reading` has them."""
        if not self.steps:
            return None
        one = self.rows()[variable]
        with np.errstate(all="ignore"):
            error = np.sqrt(np.maximum(one.squared_error, (one.output - one.target) ** 2))
        beyond = np.flatnonzero(~(error <= EXPLODED * scale))
        return int(beyond[0]) if beyond.size else None

    def still(self) -> LiveRun:
        """Return the run as it is now, which does not go on when this one does."""
        copied = copy.copy(self)
        copied._kept = copy.copy(self._kept)
        return copied


class _Columns:
    """A table that grows by records: numbers of every step, one row each."""

    def __init__(self) -> None:
        self.rows = 0
        self._table = np.empty((0, 0))
        self._widths: list[int] = []
        self._tree: Any = None

    def append(self, kept: Kept) -> None:
        leaves, self._tree = jax.tree.flatten(kept)
        parts = [np.asarray(leaf).reshape(len(leaf), -1) for leaf in leaves]
        self._widths = [part.shape[1] for part in parts]
        new = np.concatenate(parts, axis=1)
        end = self.rows + len(new)
        if end > len(self._table):
            larger = np.empty((max(1024, 2 * end), new.shape[1]))
            if self.rows:
                larger[: self.rows] = self._table[: self.rows]
            self._table = larger
        self._table[self.rows : end] = new
        self.rows = end

    def last_is_finite(self) -> bool:
        return bool(np.isfinite(self._table[self.rows - 1, : self._widths[0]]).all())

    def read(self, first: int) -> Kept:
        table = self._table[first : self.rows]
        ends = np.cumsum(self._widths)[:-1]
        kept: Kept = jax.tree.unflatten(self._tree, np.split(table, ends, axis=1))
        return kept


def _variables(scenario: Scenario, moment: Moment) -> list[str]:
    """Return what follows something, in the kind's own order."""
    trait, body = jax.tree.map(lambda leaf: leaf[0], (moment.state.trait, moment.state.body))
    return list(scenario.agent.tracking(trait, body, scenario.environment.rest()))


def _as_leaves(setting: Setting) -> Setting:
    leaves: Setting = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), setting)
    return leaves
