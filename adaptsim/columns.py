"""Columns: what individuals are, by name, read from and written into a population's arrays."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np

from adaptsim.adaptation import Moment, Setting, observe, row_axes
from adaptsim.agents.base import Agent
from adaptsim.part import Array, Part, WrongField, is_structure

ALWAYS = ("trait", "cue", "optimum", "mismatch", "error", "unique_id")
"""Columns that every population has, besides the fields of rule and kind and the named bodies."""


def read_column(name: str, setting: Setting, moment: Moment) -> np.ndarray:
    """Return an attribute of every individual, shape ``(n,)``, or ``(n, d)`` for several traits.

    Parameters
    ----------
    name
        ``"trait"``, ``"optimum"``, ``"error"`` (trait minus optimum), ``"mismatch"`` (loss),
        ``"cue"``, ``"unique_id"``, a field of rule or kind, a named part of the body, or what the
        kind says follows something (a forager's ``"preference"``).
    setting, moment
        The population.

    Examples
    --------
    >>> from adaptsim import Constant, GradientDescent, Tracker
    >>> from adaptsim.adaptation import start
    >>> setting = Setting(Tracker(start_at=5.0), GradientDescent(), Constant(value=8.0))
    >>> read_column("error", setting, start(setting, jax.random.key(0), size=2))
    array([-3., -3.])
    """
    size = len(moment.state.trait)
    if name == "unique_id":
        return np.arange(1, size + 1)
    if name == "trait":
        return _flat(moment.state.trait)
    if name == "optimum":
        return _flat(_optima(setting, moment))
    if name == "error":
        error: np.ndarray = _flat(moment.state.trait) - _flat(_optima(setting, moment))
        return error
    if name == "mismatch":
        return np.asarray(_mismatches(setting, moment))
    if name == "cue":
        cue = np.asarray(shown_cue(setting, moment))
        return _flat(np.broadcast_to(cue, (size, cue.size)))
    return _read_named(name, setting, moment)


def _read_named(name: str, setting: Setting, moment: Moment) -> np.ndarray:
    value, body = field_value(setting, name), _named(moment.state.body)
    if value is not None and not isinstance(value, Part):
        return np.broadcast_to(np.asarray(value), (len(moment.state.trait),))
    if name in body:
        return np.asarray(body[name])
    followed, _ = _observed(setting, moment)
    if name in followed:
        return np.asarray(followed[name].output)
    known = [*ALWAYS, *_fields(setting.rule), *_fields(setting.kind), *body, *followed]
    raise AttributeError(f"an individual here has no {name!r}; it has {', '.join(known)}")


def field_value(setting: Setting, name: str) -> Any:
    """Return a field of the rule or else of the kind, for everybody; ``None`` if none has it."""
    owner = _owner(setting, name)
    return getattr(getattr(setting, owner), name) if owner else None


def write_field(setting: Setting, name: str, rows: np.ndarray, value: Any, size: int) -> Setting:
    """Return the setting with a numeric field of rule or kind changed for some of ``size`` rows."""
    owner = _owner(setting, name)
    if owner is None:
        raise AttributeError(
            f"cannot set {name!r}: an individual is a view on a row, of which only the trait and "
            "the numeric fields of rule and kind can be set"
        )
    part = getattr(setting, owner)
    old = getattr(part, name)
    if isinstance(old, Part) or is_structure(_fields(part)[name]):
        raise AttributeError(
            f"{type(part).__name__}.{name} is {old!r} and shapes the computation: it cannot be set "
            "during a run, build a new model"
        )
    new = np.array(np.broadcast_to(old, (size,)), dtype=float)
    new[rows] = _spread(name, value, (rows.size,))
    one = float(new[0]) if rows.size == size and np.ndim(value) == 0 else None
    changed = part.replace(**{name: new if one is None else one})
    return setting._replace(**{owner: changed})


def write_traits(moment: Moment, rows: np.ndarray, value: Any) -> Moment:
    """Return the moment with the traits of some rows changed."""
    old = moment.state.trait
    traits = np.array(old)
    shape = (rows.size,) if old.shape[1] == 1 else (rows.size, old.shape[1])
    traits[rows] = _spread("trait", value, shape).reshape(-1, old.shape[1])
    return moment._replace(state=moment.state._replace(trait=jax.device_put(traits, old.sharding)))


def check_lengths(setting: Setting, size: int) -> None:
    """Raise ``WrongField`` where kind or rule has arrays of another length than ``size``."""
    for part in (setting.kind, setting.rule):
        for name in _fields(part):
            for leaf in jax.tree.leaves(getattr(part, name)):
                if np.ndim(leaf) and np.shape(leaf) != (size,):
                    rule = f"must be one number, or {size} (one per individual)"
                    got = f"got shape {np.shape(leaf)}"
                    raise WrongField(type(part).__name__, name, f"{rule}; {got}")


@jax.jit
def shown_cue(setting: Setting, moment: Moment) -> Array:
    """Return the cue of a moment, shape ``(c,)``."""
    return setting.environment.cue(moment.world, moment.step.astype(float))


_observed = jax.jit(observe)


@jax.jit
def _optima(setting: Setting, moment: Moment) -> Array:
    cue, size = shown_cue(setting, moment), len(moment.state.trait)

    def one(kind: Agent) -> Array:
        return kind.optimum(cue)

    return jax.vmap(one, (row_axes(setting.kind),), axis_size=size)(setting.kind)


@jax.jit
def _mismatches(setting: Setting, moment: Moment) -> Array:
    cue = shown_cue(setting, moment)

    def one(kind: Agent, trait: Array) -> Array:
        return kind.loss(trait, cue)

    return jax.vmap(one, (row_axes(setting.kind), 0))(setting.kind, moment.state.trait)


def _owner(setting: Setting, name: str) -> str | None:
    """Return whether ``"rule"`` or else ``"kind"`` has a field, ``None`` if neither has."""
    return next(
        (part for part in ("rule", "kind") if name in _fields(getattr(setting, part))), None
    )


def _fields(part: Part) -> dict[str, dataclasses.Field[Any]]:
    return {declared.name: declared for declared in dataclasses.fields(part)}  # type: ignore[arg-type]


def _named(body: Any) -> dict[str, Any]:
    """Return the arrays of a body that have a name."""
    if isinstance(body, dict):
        return body
    return dict(body._asdict()) if hasattr(body, "_asdict") else {}


def _flat(values: Any) -> np.ndarray:
    """Return ``(n, d)`` as it is, or as ``(n,)`` where ``d`` is 1."""
    array = np.asarray(values)
    return array[:, 0] if array.shape[1] == 1 else array


def _spread(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return the values given for some rows, one each."""
    given = np.asarray(value, dtype=float)
    if not np.isfinite(given).all():
        raise ValueError(f"{name} must be finite; got {given[~np.isfinite(given)].flat[0]}")
    try:
        return np.broadcast_to(given, shape)
    except ValueError:
        raise ValueError(
            f"{name} of {shape[0]} individuals needs one value or shape {shape}; "
            f"got shape {given.shape}"
        ) from None
