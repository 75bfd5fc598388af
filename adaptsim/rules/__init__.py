"""Rules: from gradient to increment."""

from adaptsim.rules.adaptive import AdaGrad, Adam, RMSProp
from adaptsim.rules.base import Descent, Rule
from adaptsim.rules.basin_hopping import BasinHopping
from adaptsim.rules.benna_fusi import BennaFusi
from adaptsim.rules.bounded_quasi_newton import BoundedLBFGS
from adaptsim.rules.criteria import AfterSteps, Criterion, SignalToNoise
from adaptsim.rules.cycles import Cyclical, WarmRestarts
from adaptsim.rules.descent import GradientDescent
from adaptsim.rules.from_optax import FromOptax
from adaptsim.rules.gates import (
    ExponentialGate,
    Gate,
    HillGate,
    InvertedUGate,
    LinearGate,
)
from adaptsim.rules.langevin import Langevin
from adaptsim.rules.layer_rates import LayerRates
from adaptsim.rules.methylated import Methylated
from adaptsim.rules.momentum import Momentum
from adaptsim.rules.plateau import ReduceOnPlateau
from adaptsim.rules.quasi_newton import LBFGS
from adaptsim.rules.schedules import (
    Cosine,
    Exponential,
    InverseTime,
    Schedule,
    WarmUp,
)
from adaptsim.rules.switch import Switch
from adaptsim.rules.two_rates import TwoRates

__all__ = [
    "LBFGS",
    "AdaGrad",
    "Adam",
    "AfterSteps",
    "BasinHopping",
    "BennaFusi",
    "BoundedLBFGS",
    "Cosine",
    "Criterion",
    "Cyclical",
    "Descent",
    "Exponential",
    "ExponentialGate",
    "FromOptax",
    "Gate",
    "GradientDescent",
    "HillGate",
    "InverseTime",
    "InvertedUGate",
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
]
