"""Momentum: the direction remembers where it came from."""

from __future__ import annotations

import optax

from adaptsim.part import field
from adaptsim.rules.base import Descent


class Momentum(Descent):
    """velocity = momentum * velocity + gradient; trait -= learning_rate * velocity.

    The heavy ball; with ``nesterov`` the gradient is looked ahead by one velocity. Conventions as
    optax.trace and torch.optim.SGD (no damping of the new gradient).

    Examples
    --------
    >>> Momentum(learning_rate=0.1, momentum=0.9)
    Momentum(learning_rate=0.1, momentum=0.9, nesterov=False)

    References
    ----------
    Polyak (1964); Nesterov (1983); Sutskever et al. (2013) for the form with a velocity.
    """

    momentum: float = field(
        default=0.9, help="part of the velocity that is kept", at_least=0, at_most=1
    )
    nesterov: bool = field(default=False, help="look ahead before taking the gradient")

    def direction(self) -> optax.GradientTransformation:
        """Return the velocity."""
        return optax.trace(decay=self.momentum, nesterov=self.nesterov)
