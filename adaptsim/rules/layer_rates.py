"""Layer rates: another rule, whose step every layer takes at a pace of its own."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from adaptsim.part import Array, WrongField, field
from adaptsim.rules.base import Rule
from adaptsim.rules.descent import GradientDescent
from adaptsim.rules.wrapping import Wrapping


class LayerRates(Wrapping):
    """A rule whose increments are multiplied by a factor for each layer.

    ``increment = learning_rate * rates[l] * (increment of the rule)`` for the coordinates of layer
    ``l``: the first ``sizes[0]`` of them belong to the first layer, and so on. A landscape tells
    its own as ``landscape.layer_sizes``. With ``rule = GradientDescent(learning_rate=1.0)`` layer
    ``l`` learns at ``learning_rate * rates[l]``, and a sweep of ``learning_rate`` turns all layers
    together. Without sizes it is the rule itself, times ``learning_rate``.

    The rule sees the gradients of all layers; what it remembers and counts is its own. A line
    search knows nothing of the factors.

    Examples
    --------
    >>> from adaptsim.landscapes import DeepLinear
    >>> chain = DeepLinear(layers=(1, 1, 1), singular_values=[1.0])
    >>> plain = GradientDescent(learning_rate=0.5)
    >>> rule = LayerRates(rule=plain, sizes=chain.layer_sizes, rates=(1.0, 10.0))
    >>> learn = rule.transformation()
    >>> learn.update(jnp.ones(2), learn.init(jnp.ones(2)), jnp.ones(2))[0].tolist()
    [-0.5, -5.0]

    References
    ----------
    Optax's ``scale_by_learning_rate`` and ``chain``; for the factors LeCun, Bottou, Orr & Mueller
    (1998), Efficient BackProp, section 4.7 (a rate for each layer).
    """

    rule: Rule = field(default=GradientDescent(learning_rate=1.0), help="what every layer does")
    sizes: tuple[int, ...] = field(default=(), help="how many coordinates each layer has, in order")
    rates: tuple[float, ...] = field(default=(), help="factor of each layer's increments")
    learning_rate: float = field(default=1.0, help="factor of all layers", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes, rates = self.sizes, self.rates
        if not all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in sizes):
            problem = f"must be whole numbers above 0, one per layer; got {sizes!r}"
            raise WrongField("LayerRates", "sizes", problem)
        if not isinstance(rates, tuple) or len(rates) != len(sizes):
            problem = f"must be {len(sizes)} numbers, one per layer as in sizes; got {rates!r}"
            raise WrongField("LayerRates", "rates", problem)
        for one in rates:
            if not _is_rate(one):
                problem = f"must be finite and at least 0; got {one!r}"
                raise WrongField("LayerRates", "rates", problem)

    def inside(self, memory: Any) -> Any:
        """Return what the rule inside remembers."""
        return memory[0]

    def transformation(self) -> optax.GradientTransformation:
        """Return the rule's transformation, then the factors of the layers, then that of all.

        Raises
        ------
        ValueError
            When it is used on traits that are not as many as the sizes add up to.
        """
        layers = optax.stateless(self._paced)
        return optax.chain(self.rule.transformation(), layers, optax.scale(self.learning_rate))

    def _paced(self, increment: Array, _: Any = None) -> Array:
        """Return the increment, each layer's times its rate."""
        if not self.sizes:
            return increment
        if increment.shape[-1] != sum(self.sizes):
            added = " + ".join(map(str, self.sizes))
            problem = f"must add up to {increment.shape[-1]}, the number of traits; got {added}"
            raise ValueError(f"LayerRates.sizes {problem}")
        factors = jnp.stack([jnp.asarray(one, float) for one in self.rates])
        return increment * factors[np.repeat(np.arange(len(self.sizes)), self.sizes)]


def _is_rate(value: Any) -> bool:
    """Whether something is a factor, or one per individual, or what JAX puts in its place."""
    if isinstance(value, jax.core.Tracer):
        return True
    if isinstance(value, bool | str):
        return False
    try:
        numbers = np.asarray(value, float)
    except (TypeError, ValueError):
        return False
    return bool(np.isfinite(numbers).all() and (numbers >= 0).all())
