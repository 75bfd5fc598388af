"""Heredity: which number of an individual is its genotype, and how it differs in offspring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any

import jax.numpy as jnp
import numpy as np

from adaptsim.agents.base import Agent
from adaptsim.evolution.evolution import Evolution
from adaptsim.part import Array, Part, WrongField, is_shared, is_structure
from adaptsim.rules.base import Rule
from adaptsim.schema import suggest


def heritable_fields(kind: Agent, rule: Rule) -> dict[str, Field[Any]]:
    """Return the numeric fields of a kind and a rule by dotted name: any may be heritable.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> [name for name in heritable_fields(Tracker(), GradientDescent()) if "noise" not in name]
    ['rule.learning_rate', 'agent.observation_probability', 'agent.curvature', 'agent.start_at']
    """
    return dict([*_numbers(rule, "rule"), *_numbers(kind, "agent")])


def _numbers(part: Part, prefix: str) -> Iterator[tuple[str, Field[Any]]]:
    for declared in fields(part):  # type: ignore[arg-type]
        value, name = getattr(part, declared.name), f"{prefix}.{declared.name}"
        if is_structure(declared) or is_shared(value):
            continue
        if isinstance(value, Part):
            yield from _numbers(value, name)
        elif isinstance(value, int | float | np.number) or (hasattr(value, "ndim")):
            yield name, declared


def declared_field(kind: Agent, rule: Rule, name: str) -> Field[Any]:
    """Return the declaration of a heritable field, or say which there are."""
    known = heritable_fields(kind, rule)
    if name not in known:
        raise WrongField(
            "Evolution", "heritable", f"= {name!r} does not exist; {suggest(name, known)}"
        )
    return known[name]


def check_heredity(kind: Agent, rule: Rule, evolution: Evolution) -> None:
    """Raise ``WrongField`` where what is heritable, or a limit of it, does not fit kind and rule.

    Limits must be values that the heritable field may have, and start within them.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> check_heredity(Tracker(), GradientDescent(), Evolution(highest=-1.0))
    Traceback (most recent call last):
        ...
    adaptsim.part.WrongField: Evolution.highest must be at least 0 [1/(curvature step)]; got -1
    """
    name = evolution.heritable
    declared_field(kind, rule, name)
    first = np.atleast_1d(_start(kind, rule, name))
    for end, side, beyond in (("lowest", "most", np.less), ("highest", "least", np.greater)):
        limit = getattr(evolution, end)
        if limit is None:
            continue
        try:
            express(kind, rule, name, limit)
        except WrongField as error:
            raise WrongField("Evolution", end, error.problem) from None
        outside = first[beyond(first, limit)]
        if outside.size:
            told = f"must be at {side} where {name} starts, {outside[0]:g}; got {limit:g}"
            raise WrongField("Evolution", end, told)


def genotypes(kind: Agent, rule: Rule, name: str, size: int) -> Array:
    """Return the genotype of everybody, shape ``(size,)``.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> genotypes(Tracker(), GradientDescent(learning_rate=0.2), "rule.learning_rate", 2).tolist()
    [0.2, 0.2]
    """
    return jnp.broadcast_to(_start(kind, rule, name), (size,))


def _start(kind: Agent, rule: Rule, name: str) -> Array:
    """Return what a heritable field says: one number, or one for each individual."""
    owner, *path = name.split(".")
    value: Any = rule if owner == "rule" else kind
    for step in path:
        value = getattr(value, step)
    return jnp.asarray(value, dtype=float)


def express(kind: Agent, rule: Rule, name: str, values: Array) -> tuple[Agent, Rule]:
    """Return kind and rule with genotypes in the place of a field.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> express(Tracker(), GradientDescent(), "rule.learning_rate", 0.4)[1]
    GradientDescent(learning_rate=0.4)
    """
    owner, *path = name.split(".")
    if owner == "rule":
        return kind, _replaced(rule, path, values)
    return _replaced(kind, path, values), rule


def _replaced[P: Part](part: P, path: list[str], values: Any) -> P:
    first, *rest = path
    inner = _replaced(getattr(part, first), rest, values) if rest else values
    return part.replace(**{first: inner})
