"""Environments made of environments: added up, or side by side."""

from __future__ import annotations

import numbers
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.environments.base import Environment
from adaptsim.part import Array, WrongField, field


class Combined(Environment):
    """Several environments as one; subclasses say how their cues are joined.

    The world is the tuple of the parts' worlds. Each part draws from a key of its own, the given
    one with the part's place folded in, so equal parts take different courses.

    ``probe`` is that of the only part that moves, ``"rest"`` if none does, else
    ``"fluctuation"``; ``random`` says whether any part is.
    """

    abstract: ClassVar[bool] = True
    parts: tuple[Environment, ...] = field(unit="cue", help="the environments, in order")

    def __post_init__(self) -> None:
        """Refuse what is no environment, and cues that do not fit together."""
        super().__post_init__()
        if not isinstance(self.parts, tuple | list):
            raise self._wrong(f"must be a list of environments; got {self.parts!r}")
        self._check_parts(self.parts)
        self._check_shapes([_shape(part) for part in self.parts])

    def _check_parts(self, given: tuple[Any, ...] | list[Any]) -> None:
        if not given:
            raise self._wrong("must hold an environment; got none")
        for place, part in enumerate(given):
            if not isinstance(part, Environment):
                raise self._wrong(f"[{place}] must be an environment; got {part!r}")

    def _check_shapes(self, shapes: list[tuple[int, ...] | None]) -> None:
        for place, shape in enumerate(shapes):
            if shape == ():
                name = type(self.parts[place]).__name__
                raise self._wrong(f"[{place}] ({name}) must show a cue of shape (c,); got ()")
        sizes = [shape[0] for shape in shapes if shape is not None and len(shape) == 1]
        if len(sizes) == len(shapes):  # else the parts hold stand-ins, or a whole batch each
            self._check_sizes(sizes)

    def _check_sizes(self, sizes: list[int]) -> None:
        """Refuse sizes that cannot be joined; any can be set side by side."""

    def _wrong(self, problem: str) -> WrongField:
        return WrongField(type(self).__name__, "parts", problem)

    @property
    def probe(self) -> str:  # type: ignore[override]
        """What can be read off a system under this environment."""
        moving = [part.probe for part in self.parts if part.probe != "rest"]
        if not moving:
            return "rest"
        return moving[0] if len(moving) == 1 else "fluctuation"

    @property
    def random(self) -> bool:  # type: ignore[override]
        """Whether two seeds give two different courses."""
        return any(part.random for part in self.parts)

    @property
    def n_steps(self) -> int | None:
        """How many steps the shortest part has to show."""
        ends = [part.n_steps for part in self.parts if part.n_steps is not None]
        return min(ends, default=None)

    def require(self, steps: int) -> None:
        """Refuse a run that a part refuses."""
        for part in self.parts:
            part.require(steps)

    def start(self, key: Array) -> tuple[Any, ...]:
        """Return the parts' worlds before the first step."""
        keys = self._keys(key)
        return tuple(part.start(own) for part, own in zip(self.parts, keys, strict=True))

    def cue(self, world: tuple[Any, ...], step: Array) -> Array:
        """Return the parts' cues, joined."""
        seen = zip(self.parts, world, strict=True)
        return self._join([part.cue(own, step) for part, own in seen])

    def advance(self, world: tuple[Any, ...], step: Array, key: Array) -> tuple[Any, ...]:
        """Return the parts' worlds after a step."""
        moved = zip(self.parts, world, self._keys(key), strict=True)
        return tuple(part.advance(own, step, drawn) for part, own, drawn in moved)

    def rest(self) -> Array:
        """Return the cues about which the parts' stability is judged, joined."""
        return self._join([part.rest() for part in self.parts])

    def _keys(self, key: Array) -> list[Array]:
        return [jax.random.fold_in(key, place) for place in range(len(self.parts))]

    def _join(self, cues: list[Array]) -> Array:
        raise NotImplementedError(f"{type(self).__name__} must define _join(cues)")


def _shape(part: Any) -> tuple[int, ...] | None:
    """Return the shape of a part's cue; None if it holds what JAX puts in the place of numbers."""
    leaves = jax.tree.leaves(part)
    known = all(isinstance(leaf, numbers.Real | np.ndarray | jax.Array) for leaf in leaves)
    if not known or any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        return None
    try:
        return tuple(jax.eval_shape(_first_cue, part).shape)
    except (TypeError, ValueError):  # None in the place of a number: no leaf to look at
        return None


def _first_cue(part: Environment) -> Array:
    return part.cue(part.start(jax.random.key(0)), jnp.asarray(0.0))


class Sum(Combined):
    """The cues of the parts added up, component by component.

    Examples
    --------
    A season with weather:

    >>> from adaptsim.environments import Constant, Sinusoid
    >>> year = Sum(parts=(Constant(value=10.0), Sinusoid(amplitude=2.0, period=4.0)))
    >>> year.cue(year.start(jax.random.key(0)), 1).tolist()
    [12.0]
    >>> year.probe, year.random
    ('tone', False)
    """

    def _join(self, cues: list[Array]) -> Array:
        return sum(cues[1:], start=cues[0])

    def _check_sizes(self, sizes: list[int]) -> None:
        if len(set(sizes)) == 1:
            return
        names = [type(part).__name__ for part in self.parts]
        got = ", ".join(f"{name} {size}" for name, size in zip(names, sizes, strict=True))
        problem = f"must have equally many cue components to be added; got {got}"
        raise self._wrong(f"{problem}; to set cues side by side use Stack")


class Stack(Combined):
    """The cues of the parts side by side: first the components of the first part, and so on.

    Examples
    --------
    >>> from adaptsim.environments import Constant
    >>> pair = Stack(parts=(Constant(value=1.0), Constant(value=2.0)))
    >>> pair.rest().tolist()
    [1.0, 2.0]
    """

    def _join(self, cues: list[Array]) -> Array:
        return jnp.concatenate(cues)
