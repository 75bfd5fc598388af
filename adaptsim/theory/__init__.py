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
``community``          two prey and adaptive predators that feel each other
``exploration``        what exploring costs among arms that pay differently
``delay``              tracking from old readings
``thermostat``         a heated room, its controller, and a learned setpoint
``speed_limits``       how fast descent may go at a minimum, and what happens just past that
``euler``              descent as Euler's method: truncation error, stiffness, stability regions
``deep_linear``        how fast modes and layers of a deep linear network learn
``signal_propagation`` how gradients vanish or explode with depth, in wide networks
``period_doubling``    the road to chaos of descent on simple landscapes
``temperature``        noisy descent at rest in a quadratic valley
``boltzmann``          the Boltzmann density of one coordinate
``escape``             Kramers' rate and exact mean first-passage times
``noisy_descent``      noisy descent at finite learning rates, exactly
``evolution``          which learning rate evolves, and when plasticity is lost
``luck``               what luck in a short life does to selection
``genetic_drift``      what chance alone does to a population
``recommender``        tastes learnt from ratings, and what recommendations do to users
``quantitative_genetics`` a trait that evolves: Lande's equation, lag, critical rate of change
``reaction_norm``      plasticity that is inherited: an instant response to a cue
``methylation``        plasticity that methylation gates: kinetics, pace, speed limit
``oja``                weights that turn to the principal component, gated or not
``bcm``                a sliding threshold, and when it oscillates
``benna_fusi``         memories that fade as a power of time, and their lifetimes

Examples
--------
>>> from adaptsim import theory
>>> theory.tracker.mean_lag(0.1)
10.0
"""

from adaptsim.theory import (
    autoregressive,
    bcm,
    benna_fusi,
    boltzmann,
    community,
    continuous_tracker,
    cross_correlation,
    deep_linear,
    delay,
    escape,
    euler,
    evolution,
    exploration,
    forager,
    genetic_drift,
    intermittent,
    jumps,
    luck,
    methylation,
    noisy_descent,
    oja,
    ornstein_uhlenbeck,
    period_doubling,
    quantitative_genetics,
    random_walk,
    reaction_norm,
    recommender,
    signal_propagation,
    speed_limits,
    temperature,
    thermostat,
    tracker,
)

__all__ = [
    "autoregressive",
    "bcm",
    "benna_fusi",
    "boltzmann",
    "community",
    "continuous_tracker",
    "cross_correlation",
    "deep_linear",
    "delay",
    "escape",
    "euler",
    "evolution",
    "exploration",
    "forager",
    "genetic_drift",
    "intermittent",
    "jumps",
    "luck",
    "methylation",
    "noisy_descent",
    "oja",
    "ornstein_uhlenbeck",
    "period_doubling",
    "quantitative_genetics",
    "random_walk",
    "reaction_norm",
    "recommender",
    "signal_propagation",
    "speed_limits",
    "temperature",
    "thermostat",
    "tracker",
]
