"""How often a pigeon comes at the wrong hour."""

import numpy as np

from adaptsim import Measure, field


class HungryDays(Measure):
    """Share of days on which it came more than ``wait`` too early or too late."""

    unit = "1"
    wait: float = field(0.5, unit="h", help="how long the crumbs last", above=0)

    def of(self, output, target):
        """Return the share, nan if the hour is not known."""
        missed = np.abs(output - target) > self.wait
        return np.where(np.isnan(output), np.nan, missed).mean()
