"""The course of one individual through a recorded world, by the very step that simulations take.

Nothing is modelled here: `adaptsim.adaptation.adapt` moves the individual, its kind says what is
seen of it, and what was recorded stands beside. Fitting and simulating go through this one scan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.adaptation import Draws, State, adapt, begin
from adaptsim.agents.base import Agent
from adaptsim.part import Array
from adaptsim.rules import Descent, InverseTime, TwoRates

SLOWEST = 1e-12
"""Rate of decay [1/step] that stands for none, since the rate is then halved in 1/0 steps."""


class Design(NamedTuple):
    """How what was recorded hangs together with individuals; fixed while a fit is compiled.

    Attributes
    ----------
    variables : tuple[str, ...]
        Tracked variables of the kind that were recorded; empty where choices were.
    options : int
        How many options there were to choose from; 0 where numbers were recorded.
    chosen_only : bool
        Whether only the chosen option's pay is seen.
    process : bool
        Whether noise moves the individual itself, which is then seen exactly (each step starts
        from what was recorded); otherwise it blurs what is recorded of an undisturbed course.
    after : bool
        Whether a row tells the individual after it has seen that row's cue (post-update); otherwise
        before (pre-update).
    start_fitted : bool
        Whether the traits before the first step are fitted; otherwise they are the kind's own.
    traits : int
        How many traits an individual has.
    """

    variables: tuple[str, ...]
    options: int
    chosen_only: bool
    process: bool
    after: bool
    start_fitted: bool
    traits: int

    @property
    def nuisances(self) -> tuple[str, ...]:
        """What is fitted beside the rates, one number each; ``""`` holds the place of nothing."""
        many = range(self.traits) if self.start_fitted else ()
        starts = ["start"] if self.traits == 1 and many else [f"start_{i}" for i in many]
        return (*starts, *(["inverse_temperature"] if self.options else [])) or ("",)


class Learner(NamedTuple):
    """Who learns, and how, but for the rates: a kind and a rule whose fields are scalars."""

    kind: Agent
    rule: Descent


class Record(NamedTuple):
    """What was recorded of one individual (several: a leading axis ``i``).

    Attributes
    ----------
    cue : Array
        What the environment showed, shape ``(T, c)``; nan where nothing was seen.
    observed : Array
        What was recorded, ``(T, k)``: numbers, or 1 for the option chosen and 0 for the others.
    weight : Array
        1 where a number counts, 0 where there is none, ``(T, k)``; of choices ``(T, 1)``.
    """

    cue: Array
    observed: Array
    weight: Array


def learning(rule: Descent, rates: Array) -> TwoRates:
    """Return a rule with rates ``[rises, falls, decay]``, shape ``(3,)``, the decay per step.

    In step ``t`` a trait rises by ``rises / (1 + decay t)`` times the rule's direction.
    """
    rises, falls, decay = rates  # numbers while compiled, as in any part
    fading = InverseTime(initial=1.0, half_time=1 / (decay + SLOWEST))  # type: ignore[arg-type]
    inside = rule.replace(learning_rate=fading)
    return TwoRates(rule=inside, rises=rises, falls=falls)  # type: ignore[arg-type]


Answer = Callable[[Array, Array, Array], Array]
"""From the row's number, what the model shows ``(k,)`` and what was recorded: what is seen."""


def recorded(row: Array, shown: Array, observed: Array) -> Array:
    """Return what was recorded: the answer of data."""
    return observed


def course(
    learner: Learner,
    design: Design,
    record: Record,
    rates: Array,
    nuisance: Array,
    answer: Answer = recorded,
) -> tuple[Array, Array]:
    """Return what a model individual shows, and what is seen of it, both ``(T, k)``.

    Shown are the tracked variables, or the logarithms of chances to choose, up to a constant.

    Parameters
    ----------
    learner
        Who learns.
    design
        How rows and individual hang together.
    record
        The world, and what was recorded.
    rates
        ``[rises, falls, decay]``.
    nuisance
        Start and inverse temperature, as ``design.nuisances`` lists them.
    answer
        What is seen: what was recorded, or drawn numbers.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> design = Design(("trait",), 0, False, False, False, True, 1)
    >>> rows = jnp.full((3, 1), 10.0)
    >>> record = Record(rows, rows, rows)
    >>> learner = Learner(Tracker(), GradientDescent())
    >>> shown, _ = course(learner, design, record, jnp.array([0.3, 0.3, 0]), jnp.zeros(1))
    >>> [round(float(one), 9) for one in shown[:, 0]]
    [0.0, 3.0, 5.1]
    """
    kind, rule = learner.kind, learning(learner.rule, rates)
    state = begin(kind, rule, record.cue[0])
    if design.start_fitted:
        state = state._replace(trait=nuisance[: design.traits])
    temperature = nuisance[-1] if design.options else 1.0

    def show(state: State, cue: Array) -> Array:
        if design.options:
            return temperature * kind.attraction(state.trait)
        followed = kind.tracking(state.trait, state.body, cue)
        return jnp.stack([followed[name].output for name in design.variables])

    def moved(state: State, cue: Array, observed: Array) -> State:
        unseen = jnp.isnan(cue)
        if design.chosen_only:
            unseen = unseen | (observed < 0.5)
        if cue.shape == state.trait.shape:  # what is not seen shows no mismatch
            cue = jnp.where(unseen, state.trait, cue)
        return adapt(kind, rule, state, cue, Draws())

    def row(state: State, now: tuple[Array, Record]) -> tuple[State, tuple[Array, Array]]:
        number, (cue, observed, _) = now
        if design.after:
            state = moved(state, cue, observed)
        shown = show(state, cue)
        seen = answer(number, shown, observed)
        if design.process:
            state = state._replace(trait=seen)
        if not design.after:
            state = moved(state, cue, seen)
        return state, (shown, seen)

    numbers = jnp.arange(record.cue.shape[0])
    told: tuple[Array, Array] = jax.lax.scan(row, state, (numbers, record))[1]
    return told
