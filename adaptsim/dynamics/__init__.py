"""Dynamics: what becomes of a learner as its learning rate, or any other number, is turned.

``system``      one individual's whole step as a map with one parameter
``orbits``      where it stays, for many values at once
``periods``     after how many steps an orbit comes back
``cycles``      cycles, stable or not, and their multipliers
``branches``    cycles followed to where they lose their stability
``thresholds``  the values at which the period doubles, and where that ends
``lyapunov``    how fast neighbouring orbits part
``basins``      what becomes of each start
``equilibria``  where flows rest, and where they begin to swing
"""

from adaptsim.dynamics.basins import OUTCOMES, Basin, basin, grid
from adaptsim.dynamics.cycles import Cycle, find_cycle
from adaptsim.dynamics.equilibria import (
    Equilibrium,
    Hopf,
    equilibrium,
    hopf_points,
    most_resilient,
    spectra,
)
from adaptsim.dynamics.lyapunov import Lyapunov, lyapunov
from adaptsim.dynamics.orbits import OrbitDiagram, orbit_diagram
from adaptsim.dynamics.periods import periods
from adaptsim.dynamics.system import System
from adaptsim.dynamics.thresholds import Bifurcation, Cascade, accumulation, deltas, doublings

__all__ = [
    "OUTCOMES",
    "Basin",
    "Bifurcation",
    "Cascade",
    "Cycle",
    "Equilibrium",
    "Hopf",
    "Lyapunov",
    "OrbitDiagram",
    "System",
    "accumulation",
    "basin",
    "deltas",
    "doublings",
    "equilibrium",
    "find_cycle",
    "grid",
    "hopf_points",
    "lyapunov",
    "most_resilient",
    "orbit_diagram",
    "periods",
    "spectra",
]
