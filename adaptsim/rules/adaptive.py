"""Adaptive rules: each trait's gradient is measured in units of its own past size."""

from __future__ import annotations

import optax

from adaptsim.part import field
from adaptsim.rules.base import Descent

TINY = "keeps the division finite"


class RMSProp(Descent):
    """The gradient divided by a running root mean square of itself.

    ``epsilon_inside_root`` names a difference between libraries: optax puts epsilon inside the
    root by default, torch outside (and torch's decay is 0.99).

    References
    ----------
    Tieleman & Hinton (2012), lecture 6.5; optax.rmsprop.
    """

    decay: float = field(
        default=0.9, help="part of the mean square that is kept", at_least=0, at_most=1
    )
    epsilon: float = field(default=1e-8, unit="gradient", help=TINY, at_least=0)
    epsilon_inside_root: bool = field(
        default=True, help="add epsilon under the root, as optax does"
    )

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient over its root mean square."""
        return optax.scale_by_rms(
            decay=self.decay, eps=self.epsilon, eps_in_sqrt=self.epsilon_inside_root
        )


class Adam(Descent):
    """Running mean of the gradient over its running root mean square, both bias-corrected.

    Same algorithm and defaults as optax.adam and torch.optim.Adam.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """

    first_decay: float = field(
        default=0.9, help="part of the mean that is kept", at_least=0, at_most=1
    )
    second_decay: float = field(
        default=0.999, help="part of the mean square that is kept", at_least=0, at_most=1
    )
    epsilon: float = field(default=1e-8, unit="gradient", help=TINY, at_least=0)

    def direction(self) -> optax.GradientTransformation:
        """Return the bias-corrected mean over root mean square."""
        return optax.scale_by_adam(b1=self.first_decay, b2=self.second_decay, eps=self.epsilon)


class AdaGrad(Descent):
    """The gradient divided by the root of the sum of all its squares so far.

    References
    ----------
    Duchi, Hazan & Singer (2011), JMLR 12:2121; optax.adagrad.
    """

    initial_sum: float = field(default=0.1, unit="gradient^2", help="sum before step 0", at_least=0)
    epsilon: float = field(default=1e-7, unit="gradient^2", help=TINY, at_least=0)

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient over the root of its summed squares."""
        return optax.scale_by_rss(
            initial_accumulator_value=self.initial_sum,
            eps=self.epsilon,
        )
