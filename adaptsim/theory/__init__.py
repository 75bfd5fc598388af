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
``speed_limits``       how fast descent may go at a minimum, and what happens just past that
``euler``              descent as Euler's method: truncation error, stiffness, stability regions
``period_doubling``    the road to chaos of descent on simple landscapes
``temperature``        noisy descent at rest in a quadratic valley
``boltzmann``          the Boltzmann density of one coordinate
``escape``             Kramers' rate and exact mean first-passage times
``noisy_descent``      noisy descent at finite learning rates, exactly

Examples
--------
>>> from adaptsim import theory
>>> theory.tracker.mean_lag(0.1)
10.0
"""

from adaptsim.theory import (
    autoregressive,
    boltzmann,
    continuous_tracker,
    cross_correlation,
    delay,
    escape,
    euler,
    forager,
    intermittent,
    jumps,
    noisy_descent,
    ornstein_uhlenbeck,
    period_doubling,
    random_walk,
    speed_limits,
    temperature,
    thermostat,
    tracker,
)

__all__ = [
    "autoregressive",
    "boltzmann",
    "continuous_tracker",
    "cross_correlation",
    "delay",
    "escape",
    "euler",
    "forager",
    "intermittent",
    "jumps",
    "noisy_descent",
    "ornstein_uhlenbeck",
    "period_doubling",
    "random_walk",
    "speed_limits",
    "temperature",
    "thermostat",
    "tracker",
]
