"""Environment: from time to the cue that individuals see."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from adaptsim.part import Array, Part


class Environment(Part):
    """The world that moves the optimum. Subclass it and write ``cue``.

    One step, in order: ``cue(world, step)`` is shown to everybody; at the end of the step
    ``advance(world, step, key)`` moves the world on. A world that needs no memory (a sine, say)
    leaves ``start`` and ``advance`` alone and computes its cue from the step.

    A world that feels the population (a closed loop) sets ``responds`` and writes ``respond``
    instead of ``advance``; it is told what each individual did in the step (`Agent.deed`).

    An environment knows no rule and no agent. ``c`` below is the number of its cue components.

    Attributes
    ----------
    probe : str
        What can be read off a system under this environment: ``"rest"`` (nothing moves),
        ``"step"``, ``"ramp"``, ``"tone"`` (one frequency) or ``"fluctuation"`` (many).
    random : bool
        Whether two seeds give two different courses.
    responds : bool
        Whether what individuals do moves it.

    Examples
    --------
    >>> class Tide(Environment):
    ...     height: float = 2.0
    ...     def cue(self, world, step):
    ...         return jnp.array([self.height * jnp.cos(2 * jnp.pi * step / 12.42)])
    >>> float(Tide().cue((), 0)[0])
    2.0
    """

    abstract: ClassVar[bool] = True
    probe: ClassVar[str] = "fluctuation"
    random: ClassVar[bool] = False
    responds: ClassVar[bool] = False

    @property
    def n_steps(self) -> int | None:
        """How many steps there are to show, ``None`` if it goes on for ever."""
        return None

    def require(self, steps: int) -> None:
        """Refuse a run of so many steps if there is not enough to show."""

    def start(self, key: Array) -> Any:
        """Return the world before the first step: any pytree of arrays, ``()`` if it needs none."""
        return ()

    def cue(self, world: Any, step: Array) -> Array:
        """Return the cue shown at a step, shape ``(c,)``."""
        raise NotImplementedError(f"{type(self).__name__} must define cue(world, step)")

    def advance(self, world: Any, step: Array, key: Array) -> Any:
        """Return the world after a step; ``key`` is this step's random key."""
        return world

    def respond(self, world: Any, step: Array, key: Array, deeds: Array, present: Array) -> Any:
        """Return the world after a step in which individuals did ``deeds``, shape ``(n, k)``.

        Asked in place of ``advance`` where ``responds`` is true. Only who is ``present``, shape
        ``(n,)``, did anything: rows of individuals that were removed go on unseen, and their deeds
        must not count. Mind that the mean over those present does not depend on how many there
        are, the sum does.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define respond(world, step, key, deeds, present)"
        )

    def rest(self) -> Array:
        """Return the cue about which stability is judged, shape ``(c,)``: the mean cue."""
        import jax

        key = jax.random.key(0)
        return jnp.asarray(self.cue(self.start(key), jnp.asarray(0.0)))
