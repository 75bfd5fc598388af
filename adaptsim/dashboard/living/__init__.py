"""Living systems of the dashboard, one a file; the page shows those named here, in this order.

A further one is a `System` in a file of its own, and its name in ``SYSTEMS``.
"""

from adaptsim.dashboard.living.bubble import Bubble
from adaptsim.dashboard.living.community import TwoPreyCommunity
from adaptsim.dashboard.living.evolution import EvolvingRates
from adaptsim.dashboard.living.methylation import MethylatedNeuron
from adaptsim.dashboard.living.patches import PatchySearch
from adaptsim.dashboard.living.system import System

SYSTEMS: dict[str, type[System]] = {
    "community": TwoPreyCommunity,
    "patches": PatchySearch,
    "bubble": Bubble,
    "synapses": MethylatedNeuron,
    "evolution": EvolvingRates,
}
