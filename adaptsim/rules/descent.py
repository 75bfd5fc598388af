"""Plain descent: the gradient itself is the direction."""

from __future__ import annotations

import optax

from adaptsim.rules.base import Descent


class GradientDescent(Descent):
    """trait -= learning_rate * gradient.

    Examples
    --------
    >>> GradientDescent(learning_rate=0.3)
    GradientDescent(learning_rate=0.3)
    """

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient as it is."""
        return optax.identity()
