"""Closed forms: what each simulated quantity should come to, one module per model.

Every function takes numbers or arrays, broadcasts them, and answers with a Python number
for numbers and an array for arrays. Where a quantity does not exist (for example the
stationary variance of an unstable tracker) the answer is nan, without a warning.

``tracker``            discrete linear tracker ``x[t+1] = x[t] + g (y[t] - x[t])``
``continuous_tracker`` its continuous-time twin ``dx/dt = rate (y - x)``
``autoregressive``     tracking an AR(1) optimum, for ever or for one short life
``random_walk``        tracking a random walk; the steady Kalman gain
``intermittent``       samples that arrive only with some probability
``ornstein_uhlenbeck`` continuous tracking of a mean-reverting optimum
``jumps``              optima that jump: fresh values, or a two-valued telegraph
``cross_correlation``  the lag at which trait and optimum correlate best
``forager``            a predator's preference between two prey
``delay``              tracking from old readings
``thermostat``         a heated room, its controller, and a learned setpoint

Examples
--------
>>> from adaptsim import theory
>>> theory.tracker.mean_lag(0.1)
10.0
"""

from adaptsim.theory import (
    autoregressive,
    continuous_tracker,
    cross_correlation,
    delay,
    forager,
    intermittent,
    jumps,
    ornstein_uhlenbeck,
    random_walk,
    thermostat,
    tracker,
)

__all__ = [
    "autoregressive",
    "continuous_tracker",
    "cross_correlation",
    "delay",
    "forager",
    "intermittent",
    "jumps",
    "ornstein_uhlenbeck",
    "random_walk",
    "thermostat",
    "tracker",
]
