"""adaptsim: a simulator of adaptation, with theory beside every number.

An environment moves an optimum; the mismatch has a gradient; a rule turns the gradient into a
change of traits; a measure says how far behind and how stable the traits are; theory says what the
measure should have been.

>>> import adaptsim
>>> result = adaptsim.run("tracker_tone", {"population.size": 2})
>>> lag = result.table.query("measure == 'phase_lag'")
>>> bool((abs(lag["value"] - lag["theory"]) < 1e-6).all())
True
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "adaptsim.adaptation": ["Setting", "State", "adapt", "advance", "move"],
    "adaptsim.agents": [
        "Agent",
        "Forager",
        "Predator",
        "Recommender",
        "Synapse",
        "Thermostat",
        "Tracker",
        "Tracking",
        "Walker",
    ],
    "adaptsim.contests": ["Contest"],
    "adaptsim.curvature": ["verdict"],
    "adaptsim.dynamics": ["System"],
    "adaptsim.environments": [
        "AutoRegressive",
        "Constant",
        "Environment",
        "JumpingTaste",
        "Jumps",
        "OrnsteinUhlenbeck",
        "PreyCycle",
        "Ramp",
        "RandomWalk",
        "Recorded",
        "ReturningTaste",
        "Sinusoid",
        "SquareWave",
        "Stack",
        "Step",
        "Sum",
        "Telegraph",
        "TwoPrey",
        "WanderingTaste",
        "WhiteNoise",
    ],
    "adaptsim.figures": ["house_style", "overview"],
    "adaptsim.measures.base": ["Measure"],
    "adaptsim.measures.stability": [
        "linear_response",
        "multipliers",
        "spectral_radius",
        "speed_limit",
        "step_jacobian",
    ],
    "adaptsim.landscapes": ["Landscape", "Noisy"],
    "adaptsim.model": ["AdaptationModel"],
    "adaptsim.optimization": ["Optimization", "optimize"],
    "adaptsim.individual": ["Individual"],
    "adaptsim.part": ["Part", "WrongField", "field"],
    "adaptsim.rules": [
        "AdaGrad",
        "Adam",
        "AfterSteps",
        "BasinHopping",
        "BennaFusi",
        "BoundedLBFGS",
        "Cosine",
        "Cyclical",
        "Exponential",
        "ExponentialGate",
        "Gate",
        "GradientDescent",
        "HillGate",
        "InverseTime",
        "InvertedUGate",
        "LBFGS",
        "Langevin",
        "LayerRates",
        "LinearGate",
        "Methylated",
        "Momentum",
        "RMSProp",
        "ReduceOnPlateau",
        "Rule",
        "Schedule",
        "SignalToNoise",
        "Switch",
        "TwoRates",
        "WarmRestarts",
        "WarmUp",
    ],
    "adaptsim.runs": ["Run", "run"],
    "adaptsim.scenarios": ["Scenario", "from_table", "load"],
    "adaptsim.schema": ["WrongRequest"],
    "adaptsim.simulation": ["simulate"],
    "adaptsim.trajectory": ["Trajectory"],
    "adaptsim.walks": ["Walks", "walk"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = (
    "comparison",
    "curvature",
    "dynamics",
    "figures",
    "flow",
    "landscapes",
    "measures",
    "predictions",
    "temperature",
    "testing",
    "theory",
)

__all__ = sorted([*_HOME_OF, *_MODULES])


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that the command line starts at once."""
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"adaptsim.{name}")
    raise AttributeError(f"module 'adaptsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
