"""System: what one individual does from step to step, as a map with one parameter to turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from adaptsim.adaptation import Draws, adapt, begin, needs
from adaptsim.agents import Agent, Walker
from adaptsim.dynamics.state import real_state
from adaptsim.landscapes import Landscape
from adaptsim.part import Array, Part, field, is_shared
from adaptsim.rules import Rule
from adaptsim.schema import suggest


class System(Part):
    """A map from state to state with one parameter; made by `of` or `of_map`.

    The state holds everything that is carried: traits, the rule's memory, delays, body. A system is
    a pytree, so that what is compiled for one serves all of its shape, at every value.

    Attributes
    ----------
    parameter : str
        What is turned.
    noisy : bool
        Whether the individual is moved by chance, which is left out here: the step is the mean one.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> from adaptsim.rules import GradientDescent
    >>> system = System.of(DoubleWell(), GradientDescent())
    >>> system.observe(system.step(system.begin(0.1), 0.1)).tolist()
    [0.5375]
    """

    abstract: ClassVar[bool] = True

    parameter: str = field(default="parameter", help="name of what is turned")
    noisy: bool = field(default=False, help="whether chance is left out")

    @staticmethod
    def of(
        subject: Agent | Landscape,
        rule: Rule,
        parameter: str = "learning_rate",
        *,
        cue: Any = None,
        start: Any = None,
    ) -> System:
        """Return the system of an individual that follows a rule.

        Parameters
        ----------
        subject
            A kind of agent, or a landscape to walk on.
        rule
            How it learns; all numbers of one individual.
        parameter
            What to turn: the name of a number of the rule, else of the agent, else of the
            landscape. ``"rule.momentum"``, ``"agent.gradient_noise"``, ``"landscape.curvature"``
            say which.
        cue
            The constant cue it sees, shape ``(c,)``; needed for an agent, 0 for a landscape.
        start
            Traits to begin with, shape ``(d,)``; by default the subject's own.

        Raises
        ------
        ValueError
            For an unknown parameter (with the nearest), a missing cue, fields with a value per
            individual, or a start of the wrong shape.

        Examples
        --------
        >>> from adaptsim.landscapes import Canyon
        >>> from adaptsim.rules import Momentum
        >>> System.of(Canyon(), Momentum(), "momentum").parameter
        'rule.momentum'
        """
        kind = Walker(landscape=subject) if isinstance(subject, Landscape) else subject
        if cue is None and not isinstance(kind, Walker):
            raise ValueError(f"cue is missing: {type(kind).__name__} needs one, shape (c,)")
        _of_one(kind)
        _of_one(rule)
        seen = jnp.atleast_1d(jnp.asarray(0.0 if cue is None else cue, float))
        own = jnp.asarray(kind.start(seen), float)
        parts = jax.tree.map(_as_array, {"agent": kind, "rule": rule})
        name, place = _find(parameter, parts)
        return Adaptation(
            parameter=name,
            noisy=any(needs(kind, rule)),
            parts=parts,
            place=place,
            cue=seen,
            start=_started(start, own),
        )

    @staticmethod
    def of_map(
        function: Callable[[Any, Array], Any], start: Any, parameter: str = "parameter"
    ) -> System:
        """Return the system of a map of one's own, written with ``jax.numpy``.

        Parameters
        ----------
        function
            ``function(state, value)``: the state one step on. A `jax.tree_util.Partial` may hold
            further numbers.
        start
            The state to begin with: a number, an array or a pytree of them.
        parameter
            What to call ``value``.

        Examples
        --------
        >>> logistic = System.of_map(lambda x, r: r * x * (1 - x), 0.5, "r")
        >>> float(logistic.step(logistic.begin(4.0), 4.0))
        1.0
        """
        if not callable(function):
            raise ValueError(f"function must be callable; got {function!r}")
        held = function if isinstance(function, jax.tree_util.Partial) else None
        begun = jnp.asarray(start, float) if isinstance(start, list) else start
        begun = jax.tree.map(_as_array, begun)
        system = Iteration(
            parameter=parameter, function=held or jax.tree_util.Partial(function), start=begun
        )
        before = jax.eval_shape(system.begin, 0.0)
        after = jax.eval_shape(system.step, before, 0.0)
        if before != after:
            raise ValueError(f"function must return the like of start, {before}; got {after}")
        return system

    def begin(self, value: Any, start: Any = None) -> Any:
        """Return the state before the first step, from a start of one's own if given."""
        raise NotImplementedError

    def step(self, state: Any, value: Any) -> Any:
        """Return the state one step on, the parameter having a value."""
        raise NotImplementedError

    def observe(self, state: Any) -> Array:
        """Return the traits of a state, shape ``(d,)``."""
        raise NotImplementedError


class Adaptation(System):
    """The system of an individual and its rule; made by `System.of`."""

    parts: Any = field(unit="internal", help="agent and rule by name")
    place: int = field(unit="internal", help="which leaf of them is turned")
    cue: Any = field(unit="internal", help="what it sees, shape (c,)")
    start: Any = field(unit="internal", help="traits to begin with, shape (d,)")

    @jax.jit
    def begin(self, value: Any, start: Any = None) -> Any:
        """Return the individual before its first step."""
        kind, rule = self._turned(value)
        trait = _started(start, self.start)
        memory = rule.transformation().init(trait)
        return begin(kind, rule, self.cue)._replace(trait=trait, memory=memory)

    @jax.jit
    def step(self, state: Any, value: Any) -> Any:
        """Return the individual one step on."""
        kind, rule = self._turned(value)
        return adapt(kind, rule, state, self.cue, Draws())

    def observe(self, state: Any) -> Array:
        """Return the traits, shape ``(d,)``."""
        trait: Array = state.trait
        return trait

    def _turned(self, value: Any) -> tuple[Agent, Rule]:
        """Return agent and rule with the parameter at a value."""
        leaves, tree = jax.tree.flatten(self.parts)
        leaves[self.place] = jnp.asarray(value, float)
        parts = jax.tree.unflatten(tree, leaves)
        return parts["agent"], parts["rule"]


class Iteration(System):
    """The system of a map of one's own; made by `System.of_map`."""

    function: Any = field(unit="internal", help="the map, a jax.tree_util.Partial")
    start: Any = field(unit="internal", help="state to begin with")

    @jax.jit
    def begin(self, value: Any, start: Any = None) -> Any:
        """Return the first state."""
        if start is None:
            return self.start
        vector, rebuild = real_state(self.start)
        return rebuild(_started(start, vector))

    @jax.jit
    def step(self, state: Any, value: Any) -> Any:
        """Return the state one step on."""
        return self.function(state, value)

    def observe(self, state: Any) -> Array:
        """Return the real numbers of the state, shape ``(d,)``."""
        return real_state(state)[0]


def _started(start: Any, own: Array) -> Array:
    if start is None:
        return own
    begun = jnp.atleast_1d(jnp.asarray(start, float))
    if begun.shape != own.shape:
        raise ValueError(f"start must have shape {own.shape}; got {begun.shape}")
    return begun


def _as_array(leaf: Any) -> Array:
    return jnp.asarray(leaf, float) if isinstance(leaf, int | float) else jnp.asarray(leaf)


def _of_one(part: Part) -> None:
    """Refuse a part whose fields have a value for each of many individuals."""
    for leaf in jax.tree.leaves(part, is_leaf=lambda one: is_shared(one) or _stands_still(one)):
        if not is_shared(leaf) and not _stands_still(leaf) and jnp.ndim(leaf):
            got = f"{type(part).__name__} has a field of shape {jnp.shape(leaf)}"
            raise ValueError(f"a system is that of one individual: {got}")


def _stands_still(part: Any) -> bool:
    return isinstance(part, Landscape)


def _find(parameter: str, parts: dict[str, Part]) -> tuple[str, int]:
    """Return the full name of a parameter and which leaf it is."""
    leaves = jax.tree_util.tree_leaves_with_path(parts)
    known = {
        _name(path): place
        for place, (path, leaf) in enumerate(leaves)
        if jnp.ndim(leaf) == 0 and jnp.issubdtype(jnp.result_type(leaf), jnp.floating)
    }
    for name in (parameter, *(f"{home}.{parameter}" for home in ("rule", "agent", "landscape"))):
        if name in known:
            return name, known[name]
    raise ValueError(f"parameter = {parameter!r} does not exist; {suggest(parameter, known)}")


def _name(path: Any) -> str:
    """Return the name of a leaf: as written, without the fields that only hold others."""
    name = jax.tree_util.keystr(path, simple=True, separator=".")
    return name.replace("agent.landscape.", "landscape.").replace("rule.numbers.", "rule.")
