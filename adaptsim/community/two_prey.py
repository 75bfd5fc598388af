"""Predators of two prey as a flow: the same equations as step by step, in continuous time."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from scipy.special import expit

from adaptsim import theory
from adaptsim.agents import Predator
from adaptsim.dynamics.equilibria import Equilibrium, equilibrium
from adaptsim.environments import TwoPrey
from adaptsim.environments.two_prey import held
from adaptsim.part import Array
from adaptsim.runge_kutta import euler, runge_kutta

METHODS = {"runge_kutta": runge_kutta, "euler": euler}
SPECIES = ("prey 1", "prey 2", "predators")


class Course(NamedTuple):
    """What became of a community. Axes: ``T`` recorded times, ``n`` predators.

    Attributes
    ----------
    times : numpy.ndarray
        Shape ``(T,)`` [time].
    densities : numpy.ndarray
        Of prey 1, prey 2 and predators, shape ``(T, 3)``; not finite from where it diverged.
    preferences : numpy.ndarray
        Shape ``(T, n)``.
    state : numpy.ndarray
        The last state, as `Community.change` takes it.
    floored : numpy.ndarray
        In how many steps each density was held at the floor, shape ``(3,)``.
    """

    times: np.ndarray
    densities: np.ndarray
    preferences: np.ndarray
    state: np.ndarray
    floored: np.ndarray

    @property
    def extinct(self) -> tuple[str, ...]:
        """Who died out: was held at the floor."""
        return tuple(name for name, count in zip(SPECIES, self.floored, strict=True) if count)

    @property
    def diverged(self) -> bool:
        """Whether a density is no longer a number."""
        return not bool(np.isfinite(self.densities).all())

    def variability(self, after: float) -> np.ndarray:
        """Return standard deviation over mean of each density after a time, shape ``(3,)``."""
        kept = self.densities[self.times >= after]
        ratio: np.ndarray = kept.std(axis=0) / kept.mean(axis=0)
        return ratio

    def least(self, after: float) -> np.ndarray:
        """Return the least density of each after a time, shape ``(3,)``."""
        lowest: np.ndarray = self.densities[self.times >= after].min(axis=0)
        return lowest


class Community(NamedTuple):
    """Predators that learn, and the two prey they learn from.

    Its state is one vector: the logarithms of the densities of prey 1, prey 2 and predators, then
    the trait of each of ``n`` predators, then, where what is perceived trails, the logarithms of
    the two perceived densities. Each predator stands for ``1/n`` of their density, so the prey feel
    the mean of what all do.

    Attributes
    ----------
    predator : Predator
        What each predator is; all numbers scalars, its ``perception_lag`` 0.
    world : TwoPrey
        How prey and predators grow.
    rate : float or Array
        Learning rate alpha, one or one for each of ``n`` predators [trait per slope and time].
    perception_rate : float or None
        kappa, the rate at which perceived densities follow; None: at once [1/time].

    Examples
    --------
    >>> hunter = Predator(conversion_1=0.5, conversion_2=0.25)
    >>> world = TwoPrey(crowding_1=0.0, crowding_2=0.0)
    >>> community = Community(hunter, world, 1.0)
    >>> rest = community.rest()
    >>> np.exp(rest.place[:3]).round(6).tolist(), rest.eigenvalues.imag.round(6).max().item()
    ([0.4, 0.8, 1.5], 0.447214)
    """

    predator: Predator
    world: TwoPrey
    rate: Any
    perception_rate: Any = None

    @property
    def size(self) -> int:
        """How many predators there are."""
        return int(jnp.atleast_1d(jnp.asarray(self.rate)).size)

    def change(self, state: Array) -> Array:
        """Return the change per time of a state, the same shape."""
        rates = jnp.atleast_1d(jnp.asarray(self.rate, dtype=float))
        logarithms, traits = state[:3], state[3 : 3 + rates.size]
        densities = jnp.exp(logarithms)
        seen = densities[:2] if self.perception_rate is None else jnp.exp(state[-2:])

        def one(trait: Array) -> tuple[Array, Array]:
            did = self.predator.deed(trait[None], seen, densities)
            return did, self.predator.gradient(trait[None], seen, seen)[0]

        deeds, slopes = jax.vmap(one)(traits)
        moved = [self.world.change(logarithms, deeds.mean(axis=0)), -rates * slopes]
        if self.perception_rate is not None:
            moved.append(self.perception_rate * (densities[:2] / seen - 1))
        return jnp.concatenate(moved)

    def start(self, densities: Any = None, preference: Any = None) -> Array:
        """Return the state of given densities ``(3,)`` and preferences, by default the parts' own.

        Raises
        ------
        ValueError
            For densities that are not positive, or a preference outside (0, 1).

        Examples
        --------
        >>> Community(Predator(), TwoPrey(), 1.0).start([1.0, 0.0, 1.0])
        Traceback (most recent call last):
            ...
        ValueError: densities must be positive, of prey 1, prey 2 and predators; got [1.0, 0.0, 1.0]
        """
        own = self.world.rest() if densities is None else densities
        alive = np.asarray(own, dtype=float)
        if alive.shape != (3,) or not (np.isfinite(alive).all() and (alive > 0).all()):
            raise ValueError(
                f"densities must be positive, of {', '.join(SPECIES[:2])} and predators; "
                f"got {alive.tolist()}"
            )
        share = np.asarray(self.predator.start_at if preference is None else preference, float)
        if not ((share > 0) & (share < 1)).all():
            raise ValueError(f"preference must lie between 0 and 1; got {share.tolist()}")
        trait = share if self.predator.mode == "preference" else np.log(share / (1 - share))
        traits = np.broadcast_to(trait, self.size)
        seen = [] if self.perception_rate is None else [np.log(alive[:2])]
        return jnp.asarray(np.concatenate([np.log(alive), traits, *seen]))

    def theory(self) -> theory.community.Community:
        """Return the closed forms of a community whose predators climb their intake.

        Raises
        ------
        ValueError
            For another mode of learning, of which no closed form is known.
        """
        hunter, world = self.predator, self.world
        if hunter.mode != "intake":
            raise ValueError(f"closed forms are of mode 'intake'; got {hunter.mode!r}")

        def pair(part: Any, name: str) -> tuple[float, float]:
            return float(getattr(part, f"{name}_1")), float(getattr(part, f"{name}_2"))

        return theory.community.Community(
            growth=pair(world, "growth"),
            crowding=pair(world, "crowding"),
            attack=pair(hunter, "attack"),
            handling=pair(hunter, "handling"),
            conversion=pair(hunter, "conversion"),
            mortality=float(world.mortality),
        )

    def near_rest(self) -> Array:
        """Return the state at which closed forms say it rests.

        Raises
        ------
        ValueError
            Where prey and predators cannot live together, or the mode is not ``"intake"``.
        """
        known = self.theory()
        if not np.isfinite([*known.prey, known.predators]).all() or known.predators <= 0:
            raise ValueError(
                f"no place where all live: prey would rest at {known.prey.tolist()} and could bear "
                f"{known.supply.tolist()} predators"
            )
        return self.start([*known.prey, known.predators], known.preference)

    def rest(self, near: Any = None) -> Equilibrium:
        """Return where it rests, by Newton's method, and the eigenvalues there.

        Predators beyond the first add nothing but eigenvalues of 0: they may share the learning in
        any way that leaves the mean preference as it is.
        """
        begin = self.near_rest() if near is None else near
        return equilibrium(Partial(_at_scale, self), 1.0, near=begin)

    def by_rate(self) -> Partial:
        """Return it as a vector field of state and learning rate: for `adaptsim.dynamics`."""
        return Partial(_at_rate, self._replace(rate=0.0))

    def by_capacity(self) -> Partial:
        """Return it as a vector field of state and capacity, that of both prey."""
        return Partial(_at_capacity, self)

    def run(
        self,
        time: float,
        *,
        dt: float = 0.05,
        every: int = 1,
        start: Any = None,
        method: str = "runge_kutta",
    ) -> Course:
        """Return what becomes of it.

        Parameters
        ----------
        time, dt
            How long, and the length of a step; rounded to whole steps.
        every
            Record every so many steps.
        start
            The state to begin with; `start` by default.
        method
            ``"runge_kutta"`` (fourth order) or ``"euler"``, which is shown as a warning only.

        Raises
        ------
        ValueError
            For times and steps that are not positive, or an unknown method.
        """
        if not (time > 0 and dt > 0 and every >= 1):
            raise ValueError(
                f"time, dt must be above 0 and every at least 1; got {time!r}, {dt!r}, {every!r}"
            )
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
        begin = self.start() if start is None else jnp.asarray(start, dtype=float)
        records = max(1, round(time / dt / every))
        last, states, floored = _course(self, begin, dt, every, records=records, method=method)
        states = np.asarray(states)
        traits = states[:, 3 : 3 + self.size]
        linear = self.predator.mode == "preference"
        preferences = traits if linear else expit(traits)
        times = np.arange(1, records + 1) * every * dt
        with np.errstate(over="ignore"):
            densities = np.exp(states[:, :3])
        return Course(times, densities, preferences, np.asarray(last), np.asarray(floored))


def _at_scale(community: Community, state: Array, scale: Array) -> Array:
    """Return the change in a time of so many units; 1 for its own."""
    return scale * community.change(state)


def _at_rate(community: Community, state: Array, rate: Array) -> Array:
    return community._replace(rate=rate).change(state)


def _at_capacity(community: Community, state: Array, capacity: Array) -> Array:
    world = community.world.replace(crowding_1=1 / capacity, crowding_2=1 / capacity)
    return community._replace(world=world).change(state)


@functools.partial(jax.jit, static_argnames=("records", "method"))
def _course(
    community: Community, start: Array, dt: Any, every: Any, *, records: int, method: str
) -> tuple[Array, Array, Array]:
    """Return the last state, the recorded ones ``(T, s)`` and the counts at the floor."""
    floor = community.world.floor

    def once(_: Any, carried: tuple[Array, Array]) -> tuple[Array, Array]:
        state, floored = carried
        moved = METHODS[method](community.change, state, dt)
        densities = held(moved[:3], floored, floor)
        return moved.at[:3].set(densities.logarithms), densities.floored

    def record(carried: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], Array]:
        carried = jax.lax.fori_loop(0, every, once, carried)
        return carried, carried[0]

    begin = (start, jnp.zeros(3, dtype=int))
    (last, floored), states = jax.lax.scan(record, begin, None, length=records)
    return last, states, floored
