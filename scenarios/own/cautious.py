"""A rule that never goes far at once."""

import optax

from adaptsim import Rule, field


class Cautious(Rule):
    """Downhill by learning_rate * gradient, but by no more than ``stride``."""

    learning_rate: float = field(0.1, unit="1/(curvature step)", help="pace", at_least=0)
    stride: float = field(0.5, unit="trait", help="longest way in one step", above=0)

    def transformation(self):
        """Return the increment: first scaled, then cut."""
        pace = optax.scale_by_learning_rate(self.learning_rate)
        return optax.chain(pace, optax.clip(self.stride))
