"""Gradient flow: descent as Euler's method on ``d theta/dt = -gradient``, and its errors."""

from adaptsim.flow.bet_on_flatness import Bet, bet_on_flatness
from adaptsim.flow.euler import descent, diffrax_euler, euler
from adaptsim.flow.gradient_flow import SOLVERS, Flow, gradient_flow, tight_flow
from adaptsim.flow.modified_loss import modified_loss
from adaptsim.flow.order import Order, fitted_order
from adaptsim.flow.stability_region import (
    METHODS,
    Region,
    amplification,
    measured_growth,
    real_stability_limit,
    stability_region,
    tableau_growth,
)
from adaptsim.flow.stiffness import Crossings, Descents, crossings, descents, stiffness_ratio
from adaptsim.flow.truncation import Truncation, local_truncation_error, truncation_error
from adaptsim.flow.work_precision import Work, fixed_steps, work_precision

__all__ = [
    "METHODS",
    "SOLVERS",
    "Bet",
    "Crossings",
    "Descents",
    "Flow",
    "Order",
    "Region",
    "Truncation",
    "Work",
    "amplification",
    "bet_on_flatness",
    "crossings",
    "descent",
    "descents",
    "diffrax_euler",
    "euler",
    "fitted_order",
    "fixed_steps",
    "gradient_flow",
    "local_truncation_error",
    "measured_growth",
    "modified_loss",
    "real_stability_limit",
    "stability_region",
    "stiffness_ratio",
    "tableau_growth",
    "tight_flow",
    "truncation_error",
    "work_precision",
]
