"""Measures: from what a run leaves to numbers with unit, method, interval and warnings.

Every estimator takes arrays whose first axis is time: `(T,)`, `(T, k)` for k independent
realisations, or `(T, k, m)` for m members that share the environment of their realisation. It
returns a `Measurement` and never fails on a run that diverged: the value is then `nan` and the
flag says so. Intervals come from the realisations (Student t) or, for a single one, from a block
bootstrap; steps and members are never taken for independent.
"""

from .autocorrelation import autocovariance, integrated_time
from .base import Measure
from .broadband import broadband_gain, broadband_lag
from .cross_correlation import cross_correlation_lag
from .fluctuation import (
    autocorrelation_1,
    effective_sample_size,
    integrated_autocorrelation_time,
    return_rate,
    stationary_variance,
)
from .lag import mean_lag, ramp_lag
from .measurement import Measurement, Options, Settings
from .memory import (
    Retention,
    ideal_observer,
    initial_learning_speed,
    memory_lifetime,
    retention,
)
from .moments import MomentEstimator, measure
from .regret import dynamic_regret, static_regret
from .response import overshoot, rise_time_10_90, rise_time_63, settling_time
from .series import Series, align
from .spectrum import CrossSpectrum, cross_spectrum
from .step import StepOptions, StepSettings
from .tone import gain, phase_lag
from .tracking import ErrorParts, mse_decomposition, tracking_mse

__all__ = [
    "CrossSpectrum",
    "ErrorParts",
    "Measure",
    "Measurement",
    "MomentEstimator",
    "Options",
    "Retention",
    "Series",
    "Settings",
    "StepOptions",
    "StepSettings",
    "align",
    "autocorrelation_1",
    "autocovariance",
    "broadband_gain",
    "broadband_lag",
    "cross_correlation_lag",
    "cross_spectrum",
    "dynamic_regret",
    "effective_sample_size",
    "gain",
    "ideal_observer",
    "initial_learning_speed",
    "integrated_autocorrelation_time",
    "integrated_time",
    "mean_lag",
    "measure",
    "memory_lifetime",
    "mse_decomposition",
    "overshoot",
    "phase_lag",
    "ramp_lag",
    "retention",
    "return_rate",
    "rise_time_10_90",
    "rise_time_63",
    "settling_time",
    "static_regret",
    "stationary_variance",
    "tracking_mse",
]
