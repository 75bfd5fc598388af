"""Curvature: the speed limit read off any loss, and what lies past it.

Everything takes a ``loss`` of one point ``theta``, shape ``(d,)``: the method of a landscape or any
function written with ``jax.numpy``.
"""

from adaptsim.curvature.flip import Flip, flip
from adaptsim.curvature.gauge import Course, gauge, sharpness_along, train
from adaptsim.curvature.jumps import Jumps, jumps
from adaptsim.curvature.lanczos import (
    Extreme,
    Spectrum,
    lanczos,
    largest_curvature,
    smallest_curvature,
    spectrum,
)
from adaptsim.curvature.limits import edge, preconditioner, speed_limit_at
from adaptsim.curvature.two_cycle import TwoCycle, two_cycle
from adaptsim.curvature.verdict import Verdict, verdict

__all__ = [
    "Course",
    "Extreme",
    "Flip",
    "Jumps",
    "Spectrum",
    "TwoCycle",
    "Verdict",
    "edge",
    "flip",
    "gauge",
    "jumps",
    "lanczos",
    "largest_curvature",
    "preconditioner",
    "sharpness_along",
    "smallest_curvature",
    "spectrum",
    "speed_limit_at",
    "train",
    "two_cycle",
    "verdict",
]
