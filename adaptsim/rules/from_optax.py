"""The rule of an optimizer that optax, or a user, wrote."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import numpy as np
import optax

from adaptsim.part import Array, WrongField, field
from adaptsim.rules.base import Rule
from adaptsim.rules.schedules import Schedule


@jax.tree_util.register_static
class Recipe:
    """What makes an optax transformation: part of what is compiled, never of what is computed.

    Parameters
    ----------
    make
        From settings to a transformation.
    fixed
        Settings that never differ between individuals.
    """

    def __init__(
        self,
        make: Callable[..., optax.GradientTransformation],
        fixed: dict[str, Any] | None = None,
    ) -> None:
        self.make, self.fixed = make, fixed or {}

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Recipe) and self.make == other.make
        return same and self.fixed == other.fixed  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((self.make, *self.fixed))

    def __repr__(self) -> str:
        settings = "".join(f", {name}={value!r}" for name, value in self.fixed.items())
        return f"Recipe({_name_of(self.make)}{settings})"


class Ready:
    """A function that makes one and the same transformation."""

    def __init__(self, transformation: optax.GradientTransformation) -> None:
        self.transformation = transformation

    def __call__(self) -> optax.GradientTransformation:
        """Return the transformation."""
        return self.transformation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ready) and self.transformation == other.transformation

    def __hash__(self) -> int:
        return hash(self.transformation)


class FromOptax(Rule):
    """The rule of an optax optimizer; made by `Rule.from_optax`.

    A transformation that keeps a random key (optax.noisy_sgd) gives every individual the same luck;
    `Langevin` draws for each its own.

    References
    ----------
    The optimizer's own.
    """

    abstract: ClassVar[bool] = True

    recipe: Recipe = field(Recipe(optax.identity), help="what makes the transformation")
    name: str = field("identity", help="what it is called")
    learning_rate: float | Schedule | None = field(
        default=None, unit="1/(curvature step)", help="how far to go per step", at_least=0
    )
    numbers: Any = field(
        default=None, help="other settings that may differ between individuals, by name"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.learning_rate, Schedule) and not self.learning_rate.counts_only:
            told = f"a schedule of the count; got {type(self.learning_rate).__name__}"
            raise WrongField("FromOptax", "learning_rate", f"must be a number or {told}")
        for name, value in (self.numbers or {}).items():
            if not isinstance(value, jax.core.Tracer) and not np.isfinite(value).all():
                raise WrongField("FromOptax", name, f"must be finite; got {value}")

    @classmethod
    def of(cls, optimizer: Any, name: str, settings: dict[str, Any]) -> FromOptax:
        """Return the rule of an optimizer; see `Rule.from_optax`."""
        if isinstance(optimizer, optax.GradientTransformation):
            return cls._ready(optimizer, name, settings)
        if not callable(optimizer):
            wanted = "must be an optax transformation or a function that makes one"
            raise WrongField("FromOptax", "optimizer", f"{wanted}; got {optimizer!r}")
        rate = settings.get("learning_rate")
        own = _is_number(rate) or isinstance(rate, int | Schedule)
        others = {key: told for key, told in settings.items() if key != "learning_rate" or not own}
        numbers = {key: told for key, told in others.items() if _is_number(told)}
        fixed = {key: told for key, told in others.items() if not _is_number(told)}
        return cls(
            recipe=Recipe(optimizer, fixed),
            name=name or _name_of(optimizer),
            learning_rate=rate if own else None,
            numbers=numbers or None,
        )

    @classmethod
    def _ready(
        cls, transformation: optax.GradientTransformation, name: str, settings: dict[str, Any]
    ) -> FromOptax:
        if settings:
            problem = f"cannot be set ({', '.join(settings)}) once it is made"
            raise WrongField(
                "FromOptax", "optimizer", f"{problem}; give the function that makes it"
            )
        return cls(recipe=Recipe(Ready(transformation)), name=name or "transformation")

    @property
    def counts_together(self) -> bool:
        """Whether whole numbers are shared: nobody knows what an optimizer counts."""
        return False

    def transformation(self) -> optax.GradientTransformation:
        """Return the optimizer, which is given ``value``, ``grad`` and ``value_fn`` only."""
        rate = {} if self.learning_rate is None else {"learning_rate": self.learning_rate}
        made = self.recipe.make(**self.recipe.fixed, **rate, **(self.numbers or {}))
        whole = optax.with_extra_args_support(made)

        def update(
            gradient: Array, memory: Any, trait: Any = None, *,
            value: Any = None, grad: Any = None, value_fn: Any = None, **_: Any,
        ) -> tuple[Array, Any]:  # fmt: skip
            told = {"value": value, "grad": grad, "value_fn": value_fn}
            return whole.update(gradient, memory, trait, **told)

        return optax.GradientTransformationExtraArgs(whole.init, update)


def _is_number(value: Any) -> bool:
    return isinstance(value, float | np.floating | np.ndarray | Array)


def _name_of(make: Any) -> str:
    while isinstance(make, functools.partial):
        make = make.func
    return str(getattr(make, "__name__", type(make).__name__))
