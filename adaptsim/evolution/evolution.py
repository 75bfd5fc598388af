"""Evolution: what is heritable, how long a life is, what selects and how offspring differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp

from adaptsim.evolution.base import Scheme
from adaptsim.evolution.wright_fisher import WrightFisher
from adaptsim.part import Array, Part, WrongField, field

TINY = 1e-12
"""How near a genotype may come to a limit of its field that it must not reach."""


class Evolution(Part):
    """Generations of lives: a numeric field of rule or agent is inherited, selected and mutates.

    Everybody lives ``life`` steps in the one environment of all, by the very step of any other
    run. Fitness falls with the mean loss over that life (less the loss at the optimum) and with
    the genotype itself::

        log fitness = -selection * mean excess loss - cost * genotype

    For a tracker of curvature 1 the loss is half the squared error, so this is
    ``-(s/2) MSE - c g``. The scheme makes the next generation of it; newborns have their parent's
    genotype, mutated; they begin afresh (``inherits = "nothing"``) or with all their parent has
    learnt (``"learning"``: traits, memory, body). The environment goes on meanwhile.

    In one generation, in order: life; selection; mutation; birth.

    Examples
    --------
    >>> Evolution(mutation=-1.0)
    Traceback (most recent call last):
        ...
    adaptsim.part.WrongField: Evolution.mutation must be at least 0 [1]; got -1
    >>> Evolution().log_fitness(jnp.array([0.1]), jnp.array([0.3])).tolist()
    [-1.0]
    """

    heritable: str = field(default="rule.learning_rate", help="the field that is inherited")
    generations: int = field(default=200, unit="generations", help="how many", at_least=1)
    life: int = field(default=100, unit="steps", help="how long everybody lives", at_least=1)
    scheme: Scheme = field(default=WrightFisher(), help="who leaves offspring")
    selection: float = field(
        default=10.0, unit="1/loss", help="log fitness lost per mean loss, s", at_least=0
    )
    cost: float = field(default=0.0, unit="1/genotype", help="log fitness lost per genotype, c")
    mutation: float = field(default=0.05, help="standard deviation of a mutation, mu", at_least=0)
    mutates: str = field(
        default="relative",
        help="by a fraction of itself, g (1 + mu normal), or by an amount, g + mu normal",
        choices=("relative", "absolute"),
    )
    lowest: float | None = field(default=None, unit="genotype", help="no genotype is below")
    highest: float | None = field(default=None, unit="genotype", help="no genotype is above")
    inherits: str = field(
        default="learning",
        help="whether newborns begin with what their parent had learnt or afresh",
        choices=("learning", "nothing"),
    )

    def __post_init__(self) -> None:
        """Refuse whole numbers below one and limits that leave no room."""
        super().__post_init__()
        for name in ("generations", "life"):
            if getattr(self, name) < 1:
                raise WrongField(
                    "Evolution", name, f"must be at least 1; got {getattr(self, name)}"
                )
        if not isinstance(self.scheme, Scheme) and not hasattr(self.scheme, "shape"):
            raise WrongField("Evolution", "scheme", f"must be a scheme; got {self.scheme!r}")
        ends = (self.lowest, self.highest)
        if all(isinstance(end, int | float) for end in ends) and ends[0] > ends[1]:  # type: ignore[operator]
            raise WrongField("Evolution", "lowest", f"must be at most highest; got {ends[0]}")

    def log_fitness(self, loss: Array, genotype: Array) -> Array:
        """Return log fitness of mean excess loss and genotype, one number each."""
        return -self.selection * loss - self.cost * genotype

    def mutated(self, genotype: Array, normal: Array, limits: Any) -> Array:
        """Return a genotype with a mutation, within the limits that its field declares.

        ``limits`` is the metadata of the field, ``normal`` a standard normal number.
        """
        step = self.mutation * normal
        new = genotype * (1 + step) if self.mutates == "relative" else genotype + step
        for end, cut in _limits(limits, self.lowest, self.highest):
            new = cut(new, end)
        return new


def _limits(declared: Any, lowest: Any, highest: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each limit with the function that holds a number to it."""
    below, above = declared.get("above"), declared.get("below")
    ends = (
        (declared.get("at_least"), jnp.maximum),
        (None if below is None else below + TINY, jnp.maximum),
        (lowest, jnp.maximum),
        (declared.get("at_most"), jnp.minimum),
        (None if above is None else above - TINY, jnp.minimum),
        (highest, jnp.minimum),
    )
    yield from (pair for pair in ends if pair[0] is not None)
