"""Noise as temperature, measured: how warm a walk was, whether it rests as Boltzmann says, escapes.

Walks come from `adaptsim.walks.walk` on a `Noisy` landscape, with ``places=True``, or from
anywhere else: what is measured are arrays. The numbers they should come to are in
`adaptsim.theory`: ``temperature`` (quadratic valleys), ``boltzmann``, ``escape`` (continuous time)
and ``noisy_descent`` (exact, at finite learning rates).
"""

from adaptsim.temperature.boltzmann import BoltzmannTest, boltzmann_test
from adaptsim.temperature.effective import temperature_from_variance, temperature_from_virial
from adaptsim.temperature.escape import Beyond, EscapeTimes, escape_times, mean_escape_steps
from adaptsim.temperature.escape_theory import EscapeTheory, escape_theory
from adaptsim.temperature.inherent_structures import InherentStructures, inherent_structures
from adaptsim.temperature.phase import escape_phases, share_while_fast
from adaptsim.temperature.potential import boltzmann_of, potential_of, slope_of

__all__ = [
    "Beyond",
    "BoltzmannTest",
    "EscapeTheory",
    "EscapeTimes",
    "InherentStructures",
    "boltzmann_of",
    "boltzmann_test",
    "escape_phases",
    "escape_theory",
    "escape_times",
    "inherent_structures",
    "mean_escape_steps",
    "potential_of",
    "share_while_fast",
    "slope_of",
    "temperature_from_variance",
    "temperature_from_virial",
]
