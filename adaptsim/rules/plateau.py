"""Plateau: a learning rate that falls when the loss has ceased to."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
import optax

from adaptsim.part import Array, field
from adaptsim.rules.schedules import PER_STEP, Schedule


class Plateau(NamedTuple):
    """What ReduceOnPlateau remembers: best loss, steps since then, steps to rest, scale now."""

    best: Array
    waited: Array
    resting: Array
    scale: Array


class ReduceOnPlateau(Schedule):
    """Multiplied by ``factor`` whenever the loss has not improved for a while.

    An improvement is a loss below ``(1 - tolerance)`` times the best so far. After a reduction,
    steps without improvement are not counted for ``cooldown`` steps. How long a while is, the
    libraries do not agree on:

    * ``convention="optax"``: the ``patience``-th step without improvement brings the reduction, as
      in optax.contrib.reduce_on_plateau (whose factor cannot differ between individuals);
    * ``convention="torch"``: the one after it, as in torch.optim.lr_scheduler.ReduceLROnPlateau
      (whose ``min_lr`` is ``lowest_scale * initial``; its ``eps``, which leaves out reductions by
      less than 1e-8, is not followed).

    The loss of a step is seen before the rate of the step is chosen; with torch this is calling
    ``scheduler.step(loss)`` before ``optimizer.step()``.

    Examples
    --------
    A loss that never falls, factor 1/2, patience 2:

    >>> def rates(convention):
    ...     plateau = ReduceOnPlateau(initial=1.0, patience=2, convention=convention)
    ...     learn, memory, found = plateau.transformation(), None, []
    ...     memory = learn.init(jnp.zeros(1))
    ...     for loss in jnp.ones(7):
    ...         step, memory = learn.update(jnp.ones(1), memory, value=loss)
    ...         found.append(-float(step[0]))
    ...     return found
    >>> rates("optax")
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125]
    >>> rates("torch")
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
    """

    counts_together: ClassVar[bool] = False

    initial: float = field(
        default=0.1, unit=PER_STEP, help="learning rate at the start", at_least=0
    )
    factor: float = field(default=0.5, help="what it is multiplied by", above=0, below=1)
    patience: int = field(default=10, unit="steps", help="steps without improvement", at_least=1)
    tolerance: float = field(default=1e-4, help="relative improvement that counts", at_least=0)
    cooldown: int = field(
        default=0, unit="steps", help="steps after a reduction that are not counted", at_least=0
    )
    lowest_scale: float = field(
        default=0.0, help="never below this part of the initial rate", at_least=0
    )
    convention: str = field(
        default="optax", help="whose way of counting patience", choices=("optax", "torch")
    )

    def transformation(self) -> optax.GradientTransformation:
        """Return the optax transformation; it needs the loss as ``value``."""

        def begin(_: Any) -> Plateau:
            nothing = jnp.asarray(0)
            return Plateau(jnp.asarray(jnp.inf), nothing, nothing, jnp.asarray(1.0))

        def update(
            gradient: Array, memory: Plateau, params: Any = None, *, value: Array, **_: Any
        ) -> tuple[Array, Plateau]:
            memory = self._watch(memory, value)
            return -self.initial * memory.scale * gradient, memory

        return optax.GradientTransformationExtraArgs(begin, update)

    def _watch(self, memory: Plateau, loss: Array) -> Plateau:
        improved = loss < (1 - self.tolerance) * memory.best
        rests = memory.resting > 0
        waited = jnp.where(improved | rests, 0, memory.waited + 1)
        reduce = waited == self.patience + (self.convention == "torch")
        scale = jnp.where(reduce, memory.scale * self.factor, memory.scale)
        return Plateau(
            best=jnp.where(improved, loss, memory.best),
            waited=jnp.where(reduce, 0, waited),
            resting=jnp.where(reduce, self.cooldown, jnp.maximum(memory.resting - 1, 0)),
            scale=jnp.maximum(scale, self.lowest_scale),
        )
