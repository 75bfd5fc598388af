"""Optimization: a contest carried out, with its tables, its picture and its files."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adaptsim.comparison import (
    BestRate,
    Curves,
    Profile,
    Ranking,
    Steps,
    best_rate,
    best_so_far,
    classify,
    evaluations_to,
    loss_curves,
    performance_profile,
    precisions,
    rank,
    runtime_distribution,
)
from adaptsim.contests import Contest, from_table, load, starts_on
from adaptsim.landscapes import Landscape
from adaptsim.outputs import own_place, written_whole
from adaptsim.provenance import provenance
from adaptsim.rules import Rule
from adaptsim.schema import WrongRequest, describe
from adaptsim.walks import Walks, walk

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

KEPT_RECORDS = 400
"""So many records of each walk at the best rate are written to a file."""

ROUNDING = 1e-16
"""What losses can be told apart by, relative to the minimum."""

PLACES = 9
"""Excess losses of walks that failed are compared to so many decimal places."""

LINE, REACH = 60, 1.5
"""How many starts a basin has, and how far from the minimum, in distances of the usual start."""

TAIL = 256
"""So many steps after the end are looked at to say how a walk ends."""

MAP, MOST_COORDINATES = 2, 20
"""Walks are mapped up to so many coordinates, and basins looked at up to so many."""


class Entry(NamedTuple):
    """One rule on one landscape.

    Attributes
    ----------
    walks : Walks
        All its walks.
    floor : float
        Loss of the lowest known minimum; nan where none is known.
    hits : numpy.ndarray
        Gradients until within the precision of it, shape ``(r, p, s)``; inf where never, nan where
        it is not known.
    best : BestRate
        Its best learning rate, by ``scored``.
    scored : str
        What the best rate is best in: ``"evaluations"`` to the precision, or ``"loss"`` at the end.
    place : int
        Where in the sweep the best rate stands.
    basin : tuple or None
        How walks end over start and rate, see `Optimization.basins`; None where not looked at.
    """

    walks: Walks
    floor: float
    hits: np.ndarray
    best: BestRate
    scored: str
    place: int
    basin: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True)
class Optimization:
    """What came of a contest.

    Every rule is shown at its best learning rate, chosen on the same starts and seeds: that is the
    comparison of *tuned* rules, each as good as a sweep makes it.

    Attributes
    ----------
    contest : Contest
        What was asked.
    entries : dict[str, dict[str, Entry]]
        What was found, by landscape and rule.
    wall_time : float
        Seconds the walks took, compilation included.
    """

    contest: Contest
    entries: dict[str, dict[str, Entry]]
    wall_time: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tidy table of measures, each beside its theory."""
        from adaptsim.optimization_table import measure

        return measure(self)

    def ranking(self, landscape: str | None = None) -> Ranking:
        """Return the rules in order on one landscape, with what is known of the order.

        Rules are ordered by gradients to the precision, walks that fail after all that succeed and
        among each other by loss, where the minimum is known and at least one rule reached it in
        half of its walks; else by the loss at the end.
        """
        entries = self.entries[landscape or next(iter(self.entries))]
        return rank(np.stack(self.scores(entries)), list(entries))

    def scores(self, entries: Mapping[str, Entry]) -> list[np.ndarray]:
        """Return the scores by which rules are ranked, each of shape ``(p, s)``.

        A walk that failed counts as its budget times ``1 + e / (1 + e)``, with ``e`` its excess
        loss; one that diverged as inf. Where rules are ranked by loss, scores are losses in units
        of the precision: what differs by less than that is a tie.
        """
        finals = [best_so_far(one.walks.loss[one.place])[..., -1] for one in entries.values()]
        if self.ranked_by(entries) == "loss":
            return [np.round(one / self.contest.precision) for one in finals]
        spent = max(float(np.max(_spent(one))) for one in entries.values())
        scores = []
        for one, final in zip(entries.values(), finals, strict=True):
            excess = np.round(_above(final, one.floor), PLACES)
            failed = spent * (2 - 1 / (1 + excess))
            lost = ~np.isfinite(one.walks.loss[one.place][..., -1])
            hits = one.hits[one.place]
            scores.append(np.where(np.isfinite(hits), hits, np.where(lost, np.inf, failed)))
        return scores

    def ranked_by(self, entries: Mapping[str, Entry]) -> str:
        """Return what rules are ranked by: ``"evaluations"`` or ``"loss"``."""
        solved = any(one.scored == "evaluations" for one in entries.values())
        return "evaluations" if solved else "loss"

    def curves(self, landscape: str) -> dict[str, Curves]:
        """Return quantiles of each rule's excess loss over gradients taken, at its best rate."""
        return {
            name: loss_curves(_excess(one), _spent(one), shares=(0.25, 0.5, 0.75))
            for name, one in self.entries[landscape].items()
        }

    def runtimes(self, rule: str) -> Steps:
        """Return COCO's distribution of runtimes of a rule over landscapes, targets and walks."""
        known = [one[rule] for one in self.entries.values() if math.isfinite(one[rule].floor)]
        if not known:
            raise ValueError("no landscape here has a known minimum")
        hits = [
            evaluations_to(precisions(), _best_walks(one), _spent(one), one.floor).ravel()
            / one.walks.end.shape[-1]
            for one in known
        ]
        return runtime_distribution(np.concatenate(hits))

    def profile(self) -> Profile:
        """Return Dolan and More's performance profile over landscapes: median gradients needed."""
        costs = [
            [_median_hits(one) for one in entries.values()] for entries in self.entries.values()
        ]
        return performance_profile(np.array(costs))

    def shown_walks(self, landscape: str) -> dict[str, np.ndarray]:
        """Return places along the first walk of each rule at its best rate, ``(1, k, d)``.

        There are none where the landscape has more than two coordinates.
        """
        entries = self.entries[landscape].items()
        return {
            name: one.walks.places[one.place, :1, 0]
            for name, one in entries
            if one.walks.places is not None
        }

    def finals(self, landscape: str, rule: str) -> np.ndarray:
        """Return the least loss of every walk above the known minimum, ``(r, walks)``."""
        entry = self.entries[landscape][rule]
        least = best_so_far(entry.walks.loss)[..., -1].reshape(len(entry.walks.rates), -1)
        return _above(least, entry.floor)

    def limits(self, landscape: str) -> dict[str, float]:
        """Return the speed limit that theory knows of each rule at the lowest known minimum."""
        from adaptsim.optimization_table import curvatures, speed_limit

        ends = curvatures(self.contest.landscapes[landscape])
        return {name: speed_limit(rule, ends) for name, rule in self.contest.rules.items()}

    def basins(self, landscape: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return how walks end over start and rate, for every rule with a plain rate.

        Starts lie on the line from the lowest known minimum (or else the customary start) through
        the customary start (or else along the first axis), as far as the domain goes. It is looked
        at where there is one landscape, of not too many coordinates.

        Returns
        -------
        dict[str, tuple]
            By rule, offsets along the line [trait], shape ``(p,)``, and codes of
            `adaptsim.comparison.Outcome`, shape ``(r, p)``.
        """
        entries = self.entries[landscape].items()
        return {name: one.basin for name, one in entries if one.basin is not None}

    def figure(self) -> Figure:
        """Return the picture: of one landscape, or of a suite."""
        from adaptsim.figures.contest import contest_figure

        return contest_figure(self)

    def write(self, directory: str | Path | None = None) -> Path:
        """Write measures.csv, ranking.csv, trajectory.parquet, figure.png, run.json; return where.

        By default into ``outputs/<contest>/<run id>/``. Written whole or not at all.
        """
        place = Path(directory) if directory else own_place(self.contest.name, self.contest.seed)
        with written_whole(place) as draft:
            self.table.to_csv(draft / "measures.csv", index=False)
            self.rankings().to_csv(draft / "ranking.csv", index=False)
            self.trajectories().to_parquet(draft / "trajectory.parquet", index=False)
            self.figure().savefig(draft / "figure.png", dpi=200)
            told = provenance(
                {"optimize": self.contest.resolved}, self.contest.seed, self.wall_time
            )
            (draft / "run.json").write_text(
                json.dumps(told, indent=2, default=str) + "\n", encoding="utf-8"
            )
        return place

    def rankings(self) -> pd.DataFrame:
        """Return the rankings on all landscapes as one table."""
        import pandas as pd

        def one(name: str) -> pd.DataFrame:
            table = self.ranking(name).table()
            table.insert(0, "landscape", name)
            return table.assign(ranked_by=self.ranked_by(self.entries[name]))

        return pd.concat([one(name) for name in self.entries], ignore_index=True)

    def trajectories(self) -> pd.DataFrame:
        """Return the losses along all walks at the best rates, thinned, one row a record."""
        import pandas as pd

        rows = [
            _course(landscape, rule, entry)
            for landscape, entries in self.entries.items()
            for rule, entry in entries.items()
        ]
        return pd.concat(rows, ignore_index=True)


def optimize(
    landscapes: Landscape | str | Sequence[str] | Mapping[str, Landscape] | Contest,
    rules: Mapping[str, Rule] | Sequence[Rule | str] | Rule | None = None,
    *,
    changes: Mapping[str, Any] | None = None,
    progress: Callable[[int], Any] | None = None,
    **settings: Any,
) -> Optimization:
    """Compare rules on landscapes: every rate, start and seed of a landscape in one compiled call.

    Parameters
    ----------
    landscapes
        One or more landscapes, by name or themselves; a suite, a contest file or a `Contest`.
    rules
        Rules to compare, by name or themselves; by default a set of common ones.
    changes
        Values to set, by dotted name, where names are given: ``{"landscape.dimension": 10}``.
    progress
        Called with 1 after each landscape.
    **settings
        ``rates`` (an array), ``starts`` (how many, or places), ``seeds``, ``seed``, ``steps``,
        ``precision``; see `Contest`.

    Returns
    -------
    Optimization

    Raises
    ------
    WrongRequest
        Saying what was got, what is allowed and the nearest valid name.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> from adaptsim.rules import GradientDescent, Momentum
    >>> found = optimize(Canyon(), [GradientDescent(), Momentum()], steps=500, starts=4)
    >>> found.ranking().table()["rule"].tolist()
    ['Momentum', 'GradientDescent']
    """
    contest = _contest(landscapes, rules, changes or {}, settings)
    began = time.perf_counter()
    entries = {}
    for name, landscape in contest.landscapes.items():
        entries[name] = _enter(contest, name, landscape)
        if progress:
            progress(1)
    return Optimization(contest, entries, time.perf_counter() - began)


def _contest(landscapes: Any, rules: Any, changes: Mapping[str, Any], settings: Any) -> Contest:
    if isinstance(landscapes, Contest):
        return landscapes
    given = {key: np.asarray(value).tolist() for key, value in settings.items()}
    listed = [rules] if isinstance(rules, Rule | str) else rules
    own = _named(listed) if listed is not None else {}
    names = [name for name, rule in own.items() if isinstance(rule, str)]
    if isinstance(landscapes, str) or not isinstance(landscapes, Landscape | Mapping):
        contest = load(landscapes, dict(changes) | given, rules=names)
    else:
        shown = landscapes if isinstance(landscapes, Mapping) else _alone(landscapes)
        table = {"landscapes": {name: {"kind": "Bowl"} for name in shown}} | given
        contest = from_table(table | ({"rules": {n: {"kind": n} for n in names}} if names else {}))
        contest = _with_landscapes(contest, dict(shown))
    parts = {name: rule for name, rule in own.items() if isinstance(rule, Rule)}
    return _with_rules(contest, parts, replace=not names) if parts else contest


def _alone(landscape: Landscape) -> dict[str, Landscape]:
    return {type(landscape).__name__: landscape}


def _named(rules: Any) -> dict[str, Any]:
    if isinstance(rules, Mapping):
        return dict(rules)
    names = [rule if isinstance(rule, str) else type(rule).__name__ for rule in rules]
    seen = [name if names.count(name) == 1 else f"{name} {i}" for i, name in enumerate(names, 1)]
    return dict(zip(seen, rules, strict=True))


def _with_rules(contest: Contest, rules: dict[str, Rule], *, replace: bool) -> Contest:
    """Return a contest with rules that are given themselves, in place of or beside its own."""
    kept = {} if replace else {n: r for n, r in contest.rules.items() if n not in rules}
    told = {name: describe(rule, {}) for name, rule in rules.items()}
    resolved = contest.resolved | {
        "rules": {name: contest.resolved["rules"][name] for name in kept} | told
    }
    return dataclasses.replace(contest, rules=kept | rules, resolved=resolved)


def _with_landscapes(contest: Contest, landscapes: dict[str, Landscape]) -> Contest:
    """Return a contest on landscapes that are given themselves."""
    given = contest.resolved["starts"]
    starts = {}
    for name, landscape in landscapes.items():
        asked = given if not isinstance(given, dict) else len(given[name])
        starts[name] = starts_on(landscape, asked, contest.seed)
    resolved = contest.resolved | {
        "name": f"optimize_{'_'.join(landscapes)}",
        "landscapes": {name: describe(one, {}) for name, one in landscapes.items()},
        "starts": {name: one.tolist() for name, one in starts.items()},
    }
    return dataclasses.replace(
        contest, name=resolved["name"], landscapes=landscapes, starts=starts, resolved=resolved
    )


def _enter(contest: Contest, name: str, landscape: Landscape) -> dict[str, Entry]:
    """Return all rules' walks on one landscape, and their best rates."""
    starts, d = contest.starts[name], landscape.dimension
    fits = starts.shape[1] == d <= MOST_COORDINATES
    alone = len(contest.landscapes) == 1 and fits
    offsets, line = line_of_starts(landscape) if alone else (np.zeros(0), starts[:0])
    try:
        walks = walk(
            landscape,
            contest.rules,
            rates=contest.rates,
            starts=np.concatenate([starts, line]) if alone else starts,
            seeds=contest.seeds,
            seed=contest.seed,
            steps=contest.steps,
            stride=contest.stride or None,
            places=d <= MAP,
            tail=TAIL if alone else 0,
        )
    except ValueError as error:
        raise WrongRequest(f"{name}: {error}") from None
    minima = landscape.minima()
    floor = minima[0].loss if minima else math.nan
    entries = {}
    for rule, left in walks.items():
        entry = _entry(left.from_starts(slice(len(starts))), floor, contest.precision)
        entries[rule] = entry._replace(
            basin=_basin(left.from_starts(slice(len(starts), None)), offsets)
        )
    return entries


def _basin(walks: Walks, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    if walks.tail is None or len(walks.rates) == 1:
        return None
    return offsets, classify(walks.tail[:, :, 0], slope=walks.slope[:, :, 0]).code


def _entry(walks: Walks, floor: float, precision: float) -> Entry:
    hits = evaluations_to(precision, walks.loss, walks.evaluations, floor)
    finals = best_so_far(walks.loss)[..., -1]
    if len(walks.rates) == 1:
        solved = np.isfinite(hits).mean() > 0.5
        scored = "evaluations" if solved else "loss"
        score = float(np.median(hits if solved else finals))
        rate = float(walks.rates[0])
        alone = BestRate(rate, rate, rate, score, np.array([score]), rate, rate, "")
        return Entry(walks, floor, hits, alone, scored, 0)
    scored, best = "evaluations", None
    if math.isfinite(floor):
        best = best_rate(walks.rates, hits)
    if best is None or math.isnan(best.rate):
        scored, best = "loss", best_rate(walks.rates, finals, floor=_below(finals, floor))
    place = 0 if math.isnan(best.rate) else int(np.argmin(np.abs(walks.rates - best.rate)))
    return Entry(walks, floor, hits, best, scored, place)


def _below(finals: np.ndarray, floor: float) -> float:
    """Return the known minimum, or what was reached if rounding took it a little below."""
    least = finals[np.isfinite(finals)].min(initial=np.inf)
    return float(min(floor, least)) if math.isfinite(floor) else float(least)


def _best_walks(entry: Entry) -> np.ndarray:
    return entry.walks.loss[entry.place]


def _spent(entry: Entry) -> np.ndarray:
    spent = entry.walks.evaluations
    return spent if spent.ndim == 1 else spent[entry.place]


def _excess(entry: Entry) -> np.ndarray:
    """Return losses at the best rate above the known minimum, or plain where none is known."""
    return _above(_best_walks(entry), entry.floor)


def _above(loss: np.ndarray, floor: float) -> np.ndarray:
    """Return losses above a known minimum, never below what can be told from it."""
    if not math.isfinite(floor):
        return loss
    return np.maximum(loss - floor, ROUNDING * max(1.0, abs(floor)))


def line_of_starts(landscape: Landscape) -> tuple[np.ndarray, np.ndarray]:
    """Return starts on a line through a landscape's lowest known minimum.

    Returns
    -------
    tuple
        Offsets from the minimum [trait], shape ``(p,)``, and the starts, shape ``(p, d)``.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> offsets, starts = line_of_starts(DoubleWell())
    >>> starts.shape
    (60, 1)
    """
    minima, own = landscape.minima(), np.asarray(landscape.start())
    middle = np.asarray(minima[0].theta) if minima else own
    along = own - middle
    length = float(np.linalg.norm(along))
    along = along / length if length else np.eye(len(own))[0]
    offsets = np.linspace(-REACH, REACH, LINE) * (length or 1.0)
    starts = middle + offsets[:, None] * along
    inside = np.array([bool(landscape.contains(start)) for start in starts])
    return offsets[inside], starts[inside]


def _median_hits(entry: Entry) -> float:
    if not math.isfinite(entry.floor):
        return math.nan
    return float(np.median(entry.hits[entry.place]))


def _course(landscape: str, rule: str, entry: Entry) -> pd.DataFrame:
    import pandas as pd

    loss, readings = _best_walks(entry), entry.walks.readings.items()
    count = loss.shape[-1]
    shown = np.unique(np.round(np.geomspace(1, count, min(count, KEPT_RECORDS))).astype(int)) - 1
    spent = np.broadcast_to(_spent(entry), loss.shape)
    start, seed, record = np.indices((*loss.shape[:2], len(shown))).reshape(3, -1)
    return pd.DataFrame(
        {
            "landscape": landscape,
            "rule": rule,
            "learning_rate": entry.walks.rates[entry.place],
            "start": start,
            "seed": seed,
            "step": entry.walks.clock[shown][record],
            "evaluations": spent[..., shown].ravel(),
            "loss": loss[..., shown].ravel(),
        }
        | {name: one[entry.place][..., shown].ravel() for name, one in readings}
    )
