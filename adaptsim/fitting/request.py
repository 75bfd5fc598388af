"""A request to fit: who learns, how rows hang together with them, within what bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import begin
from adaptsim.agents import Agent, Tracker
from adaptsim.fitting.course import Design, Learner, Record
from adaptsim.fitting.observations import GAPS, Observations
from adaptsim.measures.stability import speed_limit
from adaptsim.rules import Descent, Rule
from adaptsim.scenarios import set_value
from adaptsim.schema import Place, WrongRequest, build, describe, suggest

NOISES = ("observation", "process")
CONVENTIONS = ("pre-update", "post-update")
STARTS = ("fit", "given")
FEEDBACKS = ("all", "chosen")
INTERVALS = ("profile", "bootstrap")
UNFELT = {"observation_noise": 0.0, "gradient_noise": 0.0, "observation_probability": 1.0}
LARGEST_RATE = 2.0
"""Largest rate tried where the step has no speed limit that could be found."""


@dataclass(frozen=True)
class Request:
    """How to fit; every field but ``changes`` is one option of the command.

    Attributes
    ----------
    kind : str
        Kind of agent, or ``module:Class``.
    variables : tuple[str, ...]
        Which tracked variables of the kind the observed columns are; by default the one that
        figures show, or all in order.
    models : tuple[str, ...]
        Hypotheses, see `adaptsim.fitting.hypotheses`; all if empty.
    noise : str
        ``"observation"``: numbers are blurred where they are recorded; ``"process"``: the
        individual itself is moved by noise, and seen exactly.
    convention : str
        ``"pre-update"``: a row tells the individual before it has seen the row's cue.
    start : str or None
        ``"fit"`` or ``"given"``, the kind's own; by default numbers have it fitted, choices given.
    feedback : str
        Whether who chooses sees what ``"all"`` options would have paid, or the ``"chosen"`` one.
    gaps : str
        ``"refuse"`` or ``"skip"``.
    interval : str
        ``"profile"`` likelihood, or parametric ``"bootstrap"``.
    draws : int
        Drawings of a bootstrap.
    recover : int
        Simulated data sets from which the rate is to be recovered.
    rates : tuple[float, float] or None
        Bounds of rates; by default 0 and the speed limit of the step.
    level : float
        Coverage that intervals aim at.
    seed : int
        Root seed of all that is drawn.
    changes : Mapping
        Fields of agent and rule, by dotted name.
    """

    kind: str = "Tracker"
    variables: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    noise: str = "observation"
    convention: str = "pre-update"
    start: str | None = None
    feedback: str = "all"
    gaps: str = "refuse"
    interval: str = "profile"
    draws: int = 200
    recover: int = 0
    rates: tuple[float, float] | None = None
    level: float = 0.95
    seed: int = 0
    changes: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        words = {
            "noise": NOISES, "convention": CONVENTIONS, "feedback": FEEDBACKS, "gaps": GAPS,
            "interval": INTERVALS,
        }  # fmt: skip
        for name, allowed in words.items():
            _one_of(name, getattr(self, name), allowed)
        if self.start is not None:
            _one_of("start", self.start, STARTS)
        for name, least in (("draws", 20), ("recover", 0), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise WrongRequest(f"--{name} must be a whole number from {least}; got {value!r}")
        if not 0.5 <= self.level < 1:
            raise WrongRequest(f"--level must be from 0.5 to below 1; got {self.level!r}")
        if self.rates is not None:
            low, high = self.rates
            if not (math.isfinite(low) and math.isfinite(high) and 0 <= low < high):
                told = f"{low:g},{high:g}"
                raise WrongRequest(f"--rates must be two numbers, 0 <= LOW < HIGH; got {told}")


def read_rates(text: str | None) -> tuple[float, float] | None:
    """Return bounds of rates as written on the command line.

    Examples
    --------
    >>> read_rates("0,0.5")
    (0.0, 0.5)
    """
    if text is None:
        return None
    try:
        low, high = (float(one) for one in text.split(","))
    except ValueError:
        raise WrongRequest(f"--rates {text}: must be two numbers with a comma, as 0,0.5") from None
    return low, high


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise WrongRequest(f"--{name} {value}: {suggest(str(value), allowed)}")


class Problem(NamedTuple):
    """What is to be fitted: learner, design, bounds of rates, records and where to begin.

    ``records`` are those of ``i`` individuals, filled up to the longest with rows that do not
    count; ``guess`` ``(i, q)`` and ``scale`` ``(i,)`` are where nuisances begin, and how far what
    attracts spreads; ``resolved`` is all that was decided, as plain data.
    """

    learner: Learner
    design: Design
    low: float
    high: float
    records: Record
    guess: np.ndarray
    scale: np.ndarray
    resolved: dict[str, Any]


def pose(request: Request, observations: Observations) -> Problem:
    """Return the problem that a request and observations make.

    Raises
    ------
    WrongRequest
        If they do not fit each other; says which option, what was got and what is allowed.
    """
    learner, tables = _learner(request)
    kind, cue = learner.kind, jnp.asarray(observations.cues[0][0])
    if observations.pay_of_chosen:
        cue = jnp.full(len(observations.options), cue[0])
    try:
        state = begin(kind, learner.rule, cue)
        followed = kind.tracking(state.trait, state.body, cue)
        attracts = kind.attraction(state.trait).size
        mirrors = np.array_equal(np.asarray(kind.optimum(cue)), np.asarray(cue))
    except Exception as error:
        told = str(error).strip().splitlines()
        raise WrongRequest(
            f"--kind {request.kind} does not fit the columns of --environment "
            f"({', '.join(observations.environment)}): {told[0] if told else error!r}"
        ) from error
    design = _design(request, observations, list(followed), kind, state.trait.size, attracts)
    unseen = any(np.isnan(one).any() for one in observations.cues) or design.chosen_only
    if unseen and not mirrors:
        raise WrongRequest(
            f"--kind {request.kind}: a cue that is not seen (an empty one, or what an option that "
            "was not chosen would have paid) needs a kind whose optimum is the cue, as Tracker"
        )
    if design.process:
        _check_seen_exactly(kind, design, cue)
    low, high = request.rates or (0.0, _fastest(learner, observations, cue))
    records = _records(observations, design)
    guess, scale = _beginning(design, kind, records, np.asarray(state.trait))
    resolved = tables | {
        "rates": [low, high], "start": "fit" if design.start_fitted else "given",
        "variables": list(design.variables), "options": list(observations.options),
        "models": list(request.models),
    }  # fmt: skip
    plain = ("noise", "convention", "gaps", "interval", "draws", "recover", "level", "seed")
    resolved |= {name: getattr(request, name) for name in plain}
    resolved["feedback"] = "chosen" if design.chosen_only else "all"
    return Problem(learner, design, low, high, records, guess, scale, resolved)


def _learner(request: Request) -> tuple[Learner, dict[str, Any]]:
    tables: dict[str, Any] = {"agent": {"kind": request.kind}, "rule": {"kind": "GradientDescent"}}
    for dotted, value in (request.changes or {}).items():
        table = dotted.partition(".")[0]
        if table not in tables or "." not in dotted:
            raise WrongRequest(f"--set {dotted}: must begin with agent. or rule.")
        set_value(tables, dotted, value, "--set")
    place = Place("fit", "", Path.cwd())
    kind = cast(Agent, build("agent", tables["agent"], place._replace(table="agent")))
    rule = build("rule", tables["rule"], place._replace(table="rule"))
    plain = isinstance(rule, Descent) and type(rule).evaluations is Rule.evaluations
    if not isinstance(rule, Descent) or not plain or rule.randomness:
        raise WrongRequest(
            f"rule.kind = {tables['rule']['kind']!r} has no learning rate as its last factor, "
            "searches, or draws; allowed: GradientDescent, Momentum, RMSProp, Adam, AdaGrad, or "
            "your own Descent"
        )
    for name, idle in UNFELT.items():
        if getattr(kind, name) != idle:
            raise WrongRequest(
                f"agent.{name} must be left out: noise is fitted; write --noise process for noise "
                "that moves the individual"
            )
    if "learning_rate" in tables["rule"]:
        raise WrongRequest("rule.learning_rate must be left out: it is what is fitted")
    described = {"agent": describe(kind, tables["agent"]), "rule": describe(rule, tables["rule"])}
    del described["rule"]["learning_rate"]
    return Learner(kind, rule), described


def _design(
    request: Request,
    observations: Observations,
    tracked: list[str],
    kind: Agent,
    traits: int,
    attracts: int,
) -> Design:
    options = len(observations.options)
    process, after = request.noise == "process", request.convention == "post-update"
    if options:
        if options != attracts:
            raise WrongRequest(
                f"--choice: {options} options ({', '.join(observations.options)}), but a "
                f"{request.kind} that sees {', '.join(observations.environment)} has {attracts}"
            )
        if process or after or request.variables:
            wrong = "--noise process" if process else "--convention post-update" if after else ""
            raise WrongRequest(f"{wrong or '--variable'} has no meaning with --choice")
        fitted = request.start == "fit"
        chosen_only = observations.pay_of_chosen or request.feedback == "chosen"
        return Design((), options, chosen_only, False, False, fitted, traits)
    if request.feedback == "chosen":
        raise WrongRequest("--feedback chosen needs --choice")
    variables = request.variables or _by_default(observations.observed, tracked, kind)
    for name in variables:
        if name not in tracked:
            raise WrongRequest(f"--variable {name}: {suggest(name, tracked)}")
    if len(variables) != len(observations.observed):
        raise WrongRequest(
            f"--observed has {len(observations.observed)} columns, but {len(variables)} variables "
            f"are to be matched ({', '.join(variables)}); a {request.kind} has "
            f"{', '.join(tracked)}; write --variable for each"
        )
    fitted = request.start != "given" and not process
    return Design(tuple(variables), 0, False, process, after, fitted, traits)


def _by_default(observed: tuple[str, ...], tracked: list[str], kind: Agent) -> tuple[str, ...]:
    if len(observed) == 1:
        return (kind.shown() or tracked[-1],)
    return tuple(tracked)


def _check_seen_exactly(kind: Agent, design: Design, cue: Any) -> None:
    """Refuse noise in the process where what was observed is not the traits themselves."""
    probe = jnp.linspace(0.3, 0.6, design.traits)
    followed = kind.tracking(probe, kind.body(cue), cue)
    shown = [float(followed[name].output) for name in design.variables]
    if len(shown) != design.traits or not np.allclose(shown, np.asarray(probe), rtol=1e-12):
        raise WrongRequest(
            "--noise process starts each step from what was recorded, so that must be the traits "
            f"themselves; {', '.join(design.variables)} is not (see --variable)"
        )


def _fastest(learner: Learner, observations: Observations, cue: Any) -> float:
    """Return the largest rate to try: the speed limit of the step under the mean cue."""
    mean = np.nanmean(np.concatenate(observations.cues), axis=0)
    found = speed_limit(learner.kind, learner.rule, jnp.broadcast_to(jnp.asarray(mean), cue.shape))
    return float(found) if math.isfinite(found) and found > 0 else LARGEST_RATE


def _records(observations: Observations, design: Design) -> Record:
    longest = max(len(one) for one in observations.cues)

    def filled(rows: np.ndarray) -> np.ndarray:
        return np.concatenate([rows, np.repeat(rows[-1:], longest - len(rows), axis=0)])

    cues, seen, weights = [], [], []
    for cue, own in zip(observations.cues, observations.seen, strict=True):
        weight = ~np.isnan(own)
        if design.process and not weight.all():
            raise WrongRequest("--gaps skip has no meaning with --noise process: each row counts")
        weight = weight[:, :1] if design.options else weight
        if not weight.any(axis=0).all():
            raise WrongRequest("a column of --observed is empty in every row of an individual")
        weight = np.concatenate([weight, np.zeros((longest - len(own), weight.shape[1]), bool)])
        if design.process:
            weight[0] = False
        if observations.pay_of_chosen:
            cue = np.repeat(cue, design.options, axis=1)
        cues.append(filled(cue))
        seen.append(filled(np.nan_to_num(own)))
        weights.append(weight.astype(float))
    return Record(*(jnp.asarray(np.stack(part)) for part in (cues, seen, weights)))


def _beginning(
    design: Design, kind: Agent, records: Record, trait: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where nuisances begin ``(i, q)`` and how far what attracts spreads ``(i,)``."""
    many, names = records.cue.shape[0], design.nuisances
    guess = np.zeros((many, len(names)))
    if design.start_fitted:
        guess[:, : design.traits] = trait
        mirrored = design.variables and len(design.variables) == design.traits
        if mirrored and isinstance(kind, Tracker):
            guess[:, : design.traits] = np.asarray(records.observed[:, 0])
    if not design.options:
        return guess, np.ones(many)
    each = [
        np.std([np.asarray(kind.attraction(kind.optimum(cue))) for cue in _known(rows)])
        for rows in np.asarray(records.cue)
    ]
    scale = np.maximum(np.nan_to_num(each, nan=1.0), 1e-9)
    guess[:, -1] = 1 / scale
    return guess, scale


def _known(rows: np.ndarray) -> np.ndarray:
    """Return at most 50 whole rows of a record's cues."""
    whole = rows[~np.isnan(rows).any(axis=1)]
    return whole[:: max(1, len(whole) // 50)]
