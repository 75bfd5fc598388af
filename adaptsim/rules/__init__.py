"""Rules: from gradient to increment."""

from adaptsim.rules.adaptive import AdaGrad, Adam, RMSProp
from adaptsim.rules.base import Descent, Rule
from adaptsim.rules.descent import GradientDescent
from adaptsim.rules.momentum import Momentum
from adaptsim.rules.schedules import (
    Cosine,
    Cyclical,
    Exponential,
    InverseTime,
    ReduceOnPlateau,
    Schedule,
    WarmUp,
)

__all__ = [
    "AdaGrad",
    "Adam",
    "Cosine",
    "Cyclical",
    "Descent",
    "Exponential",
    "GradientDescent",
    "InverseTime",
    "Momentum",
    "RMSProp",
    "ReduceOnPlateau",
    "Rule",
    "Schedule",
    "WarmUp",
]
