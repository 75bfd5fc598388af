"""Environments: from time to cue."""

from adaptsim.environments.base import Environment
from adaptsim.environments.combined import Stack, Sum
from adaptsim.environments.deterministic import Constant, Ramp, Sinusoid, SquareWave, Step
from adaptsim.environments.prey import PreyCycle
from adaptsim.environments.recorded import Recorded
from adaptsim.environments.stochastic import (
    AutoRegressive,
    Jumps,
    OrnsteinUhlenbeck,
    RandomWalk,
    Stationary,
    Telegraph,
    WhiteNoise,
)
from adaptsim.environments.tastes import JumpingTaste, ReturningTaste, Taste, WanderingTaste
from adaptsim.environments.two_prey import TwoPrey

__all__ = [
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
    "Stationary",
    "Step",
    "Sum",
    "Taste",
    "Telegraph",
    "TwoPrey",
    "WanderingTaste",
    "WhiteNoise",
]
