"""Walks: rules on a landscape that stands still, all rates, starts and seeds in one compiled call.

The step is the heart's own (`adaptsim.adaptation.adapt`); only the batch is arranged otherwise:
each walk is one individual, and walks of one seed share its luck, whatever their rule, rate or
start, so that they can be compared in pairs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.adaptation import (
    Draws,
    State,
    Wanted,
    adapt,
    begin,
    draw,
    needs,
    replicate_key,
    stream,
)
from adaptsim.agents import Walker
from adaptsim.landscapes import Landscape
from adaptsim.part import Array
from adaptsim.rules import Rule

MOST_NUMBERS = 40_000_000
"""So many losses are kept at most (320 MB); beyond that only every so many steps."""


class Walks(NamedTuple):
    """What all walks of one rule left behind.

    Axes: ``r`` learning rates, ``p`` starts, ``s`` seeds, ``k`` records, ``d`` coordinates. The
    first record is the start, the last the end.

    Attributes
    ----------
    rule : Rule
        The rule, with the rate it had before the sweep.
    rates : numpy.ndarray
        Learning rates, shape ``(r,)``; one nan for a rule whose rate was not swept.
    clock : numpy.ndarray
        Steps done at each record, shape ``(k,)``.
    evaluations : numpy.ndarray
        Gradients taken by then, broadcastable to ``(r, p, s, k)``.
    loss : numpy.ndarray
        Loss at each record, shape ``(r, p, s, k)``.
    end : numpy.ndarray
        Where the walks ended, shape ``(r, p, s, d)``.
    slope : numpy.ndarray
        Largest component of the gradient there, in size, shape ``(r, p, s)``.
    places : numpy.ndarray or None
        Where they were at each record, shape ``(r, p, s, k, d)``, if that was asked for.
    tail : numpy.ndarray or None
        Where they were at each of some steps more, shape ``(r, p, s, tail, d)``, if asked for.
    readings : dict[str, numpy.ndarray]
        What landscape and rule read off each record (`Landscape.readings`, `Rule.readings`), by
        name, each of shape ``(r, p, s, k)``; empty where they read nothing.
    """

    rule: Rule
    rates: np.ndarray
    clock: np.ndarray
    evaluations: np.ndarray
    loss: np.ndarray
    end: np.ndarray
    slope: np.ndarray
    places: np.ndarray | None = None
    tail: np.ndarray | None = None
    readings: Mapping[str, np.ndarray] = MappingProxyType({})

    def from_starts(self, chosen: slice) -> Walks:
        """Return the walks from some of the starts only.

        Examples
        --------
        >>> from adaptsim.landscapes import Canyon
        >>> from adaptsim.rules import GradientDescent
        >>> found = walk(Canyon(), GradientDescent(), starts=[[1.0, 1.0], [2.0, 2.0]], steps=5)
        >>> found["GradientDescent"].from_starts(slice(1)).loss.shape
        (1, 1, 1, 6)
        """
        arrays = {
            name: getattr(self, name)[:, chosen]
            for name in ("loss", "end", "slope", "places", "tail")
            if getattr(self, name) is not None
        }
        shared = self.evaluations.ndim == 1
        spent = self.evaluations if shared else self.evaluations[:, chosen]
        readings = {name: one[:, chosen] for name, one in self.readings.items()}
        return self._replace(evaluations=spent, readings=readings, **arrays)

    @property
    def best(self) -> np.ndarray:
        """Least recorded loss so far, the shape of ``loss``; inf while there was none."""
        known = np.where(np.isnan(self.loss), np.inf, self.loss)
        least: np.ndarray = np.minimum.accumulate(known, axis=-1)
        return least


def swept(rule: Rule) -> bool:
    """Return whether a rule has a plain learning rate that a sweep may turn.

    A schedule is no plain rate, and a line search finds its own.

    Examples
    --------
    >>> from adaptsim.rules import Cosine, GradientDescent
    >>> swept(GradientDescent()), swept(GradientDescent(learning_rate=Cosine()))
    (True, False)
    """
    rate = getattr(rule, "learning_rate", None)
    searches = getattr(rule, "line_search", "none") != "none"
    return not searches and isinstance(rate, float | int | np.floating | np.ndarray | Array)


def walk(
    landscape: Landscape,
    rules: Mapping[str, Rule] | Sequence[Rule] | Rule,
    *,
    rates: Any = None,
    starts: Any = None,
    seeds: int = 1,
    seed: int = 0,
    steps: int = 1000,
    stride: int | None = None,
    places: bool = False,
    tail: int = 0,
    budget: int | None = None,
    one_by_one: bool = False,
) -> dict[str, Walks]:
    """Walk rules x learning rates x starts x seeds on a landscape, in one compiled call.

    Parameters
    ----------
    landscape
        Where to walk; one felt with noise (`Noisy`) gives every seed its own luck.
    rules
        Rules by the name they shall have; without names they get those of their classes.
    rates
        Learning rates, shape ``(r,)``, for every rule that has a plain one; by default its own.
    starts
        Places to start, shape ``(p, d)`` or ``(d,)``; by default the landscape's own start.
    seeds, seed
        How many independent repetitions, and the root seed they come from.
    steps, stride
        Steps of each walk, and how often a record is kept: by default as often as memory allows.
    places
        Whether to keep where the walks were at every record.
    tail
        So many steps more are walked after the end, every place of which is kept.
    budget
        A walk that has taken so many gradients takes no further step: rules with and without a
        line search are compared at equal cost. By default there is none.
    one_by_one
        Whether walks are walked one after the other in place of side by side. Side by side is
        faster where a step is little work; but what one walk needs is then computed for all (both
        rules of a `Switch`, the longest of all line searches), so networks with `LBFGS` or
        `Switch` are faster one by one. The numbers differ by rounding at most.

    Returns
    -------
    dict[str, Walks]
        By name of the rule, in the order given.

    Raises
    ------
    ValueError
        For a start of the wrong length or outside the domain, a rate that is negative or not
        finite, or numbers of steps or seeds below 1.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> from adaptsim.rules import GradientDescent
    >>> found = walk(Canyon(), GradientDescent(), rates=[0.019, 0.021], starts=[1.0, 1.0])
    >>> found["GradientDescent"].loss[:, 0, 0, -1] < 1e-12
    array([ True, False])
    """
    named = _named(rules)
    begun = _starts(landscape, starts)
    for name, number in {"seeds": seeds, "steps": steps, "budget": budget}.items():
        if number is not None and number < 1:
            raise ValueError(f"{name} must be at least 1; got {number}")
    plans = [_rates(rule, rates) for rule in named.values()]
    width = max(len(plan) for plan in plans) * len(begun) * seeds
    every = stride or max(1, -(-steps * width * len(named) // MOST_NUMBERS))
    keys = jax.vmap(functools.partial(replicate_key, seed))(jnp.arange(seeds))
    left = _walk_all(
        Walker(landscape=landscape),
        tuple(jax.tree.map(lambda leaf: jnp.asarray(leaf, float), one) for one in named.values()),
        tuple(jnp.asarray(plan) for plan in plans),
        begun,
        keys,
        every,
        steps,
        budget,
        records=-(-steps // every),
        places=places,
        tail=tail,
        one_by_one=one_by_one,
    )
    clock = np.append(np.arange(0, steps, every), steps)
    return {
        name: _walks(rule, plan, clock, one)
        for (name, rule), plan, one in zip(named.items(), plans, left, strict=True)
    }


def _named(rules: Mapping[str, Rule] | Sequence[Rule] | Rule) -> dict[str, Rule]:
    if isinstance(rules, Mapping):
        return dict(rules)
    listed = [rules] if isinstance(rules, Rule) else list(rules)
    named: dict[str, Rule] = {}
    for rule in listed:
        name = type(rule).__name__
        named[name if name not in named else f"{name} {len(named) + 1}"] = rule
    return named


def _starts(landscape: Landscape, starts: Any) -> Array:
    begun = jnp.atleast_2d(jnp.asarray(landscape.start() if starts is None else starts, float))
    if begun.shape[1] != landscape.dimension:
        name = type(landscape).__name__
        problem = f"must have {landscape.dimension} coordinates on {name}"
        raise ValueError(f"starts {problem}; got {begun.shape[1]}")
    inside = np.asarray(jax.vmap(landscape.contains)(begun))
    if not inside.all():
        low, high = landscape.domain()
        outside = begun[int(np.argmin(inside))].tolist()
        domain = f"{low.tolist()} to {high.tolist()}"
        raise ValueError(f"starts must lie in the domain, {domain}; got {outside}")
    return begun


def _rates(rule: Rule, rates: Any) -> np.ndarray:
    """Return the rates to walk at; one nan stands for the rule as it is."""
    if not swept(rule):
        return np.array([np.nan])
    told: Any = rule.learning_rate if rates is None else rates  # type: ignore[attr-defined]
    plan = np.atleast_1d(np.asarray(told, float))
    if not (np.isfinite(plan) & (plan >= 0)).all():
        wrong = plan[~(np.isfinite(plan) & (plan >= 0))][0]
        raise ValueError(f"rates must be finite and at least 0; got {wrong}")
    return plan


class _Course(NamedTuple):
    """One walk under way."""

    state: State
    spent: Array


@functools.partial(jax.jit, static_argnames=("records", "places", "tail", "one_by_one"))
def _walk_all(
    kind: Walker,
    rules: tuple[Rule, ...],
    plans: tuple[Array, ...],
    starts: Array,
    keys: Array,
    stride: int,
    steps: int,
    budget: int | None,
    *,
    one_by_one: bool,
    **static: Any,
) -> tuple[Any, ...]:
    def of_rule(rule: Rule, plan: Array) -> Any:
        def one(rate: Array, start: Array, key: Array) -> Any:
            own = rule.replace(learning_rate=rate) if swept(rule) else rule
            return _walk_one(kind, own, start, key, stride, steps, budget, **static)

        over_seeds = _each(one, 2, one_by_one)
        over_starts = _each(over_seeds, 1, one_by_one)
        return _each(over_starts, 0, one_by_one)(plan, starts, keys)

    return tuple(of_rule(rule, plan) for rule, plan in zip(rules, plans, strict=True))


def _each(function: Callable[..., Any], place: int, one_by_one: bool) -> Callable[..., Any]:
    """Return a function of three arguments, for each entry of one of them."""
    if not one_by_one:
        return jax.vmap(function, [0 if at == place else None for at in range(3)])

    def one_after_another(*told: Any) -> Any:
        def one(entry: Any) -> Any:
            return function(*told[:place], entry, *told[place + 1 :])

        return jax.lax.map(one, told[place])

    return one_after_another


def _walk_one(
    kind: Walker,
    rule: Rule,
    start: Array,
    key: Array,
    stride: int,
    steps: int,
    budget: int | None,
    *,
    records: int,
    places: bool,
    tail: int,
) -> tuple[Any, ...]:
    """Return the records of one walk, and how it ended."""
    cue, wanted = jnp.zeros(1), needs(kind, rule)
    state = begin(kind, rule, cue)._replace(trait=start, memory=rule.transformation().init(start))

    def step(count: Array, course: _Course) -> _Course:
        draws = _luck(key, count, wanted, start.size)
        state = adapt(kind, rule, course.state, cue, draws)
        return _Course(state, course.spent + rule.evaluations(state.memory))

    def within(count: Array, course: _Course) -> _Course:
        if budget is None:
            return step(count, course)
        stand = course.spent >= budget
        return jax.lax.cond(stand, lambda: course, lambda: step(count, course))

    def record(course: _Course) -> tuple[Array | None, Array, Array | None, dict[str, Array]]:
        place = course.state.trait
        spent = course.spent if _searches(rule) or budget is not None else None
        read = kind.landscape.readings(place) | rule.readings(course.state.memory)
        return spent, kind.landscape.loss(place), place if places else None, read

    def stretch(course: _Course, first: Array) -> tuple[_Course, Any]:
        last = jnp.minimum(first + stride, steps)
        return jax.lax.fori_loop(first, last, within, course), record(course)

    course = _Course(state, jnp.asarray(0))
    course, kept = jax.lax.scan(stretch, course, jnp.arange(records) * stride)
    slope = jnp.max(jnp.abs(kind.landscape.gradient(course.state.trait)))
    ended = (*record(course), course.state.trait, slope)

    def more(course: _Course, count: Array) -> tuple[_Course, Array]:
        moved = within(count, course)
        return moved, moved.state.trait

    seen = jax.lax.scan(more, course, steps + jnp.arange(tail))[1] if tail else None
    return kept, ended, seen


def _searches(rule: Rule) -> bool:
    """Return whether a step may take more than one gradient."""
    return type(rule).evaluations is not Rule.evaluations


def _luck(key: Array, count: Array, wanted: Wanted, d: int) -> Draws:
    """Return the random numbers of a step of one walk."""
    if not any(wanted):
        return Draws()
    now = jax.random.fold_in(stream(key, "perception"), count)
    return jax.tree.map(lambda drawn: drawn[0], draw(now, wanted, (1, 1, d)))


def _walks(rule: Rule, rates: np.ndarray, clock: np.ndarray, left: Any) -> Walks:
    kept, (*last, end, slope), tail = jax.tree.map(np.asarray, left)

    def whole(one: Any, final: Any) -> Any:
        return np.concatenate([one, np.expand_dims(final, 3)], axis=3)

    spent, loss, places, readings = jax.tree.map(whole, kept, tuple(last))
    evaluations = clock if spent is None else spent
    return Walks(rule, rates, clock, evaluations, loss, end, slope, places, tail, readings)
