"""R5: how fast one may learn from old readings (Levin & May 1976; Kuruklis 1994).

A tracker that feels its mismatch ``d`` steps late, ``x' = x - g x[t-d]``, is stable up to ``g = 2
sin(pi/(2(2d+1)))`` and does not swing up to ``d^d/(d+1)^(d+1)``. A room that is heated by readings
``d`` steps old, ``T' = a T - b T[t-d]``, is stable up to a ``b`` on the curve of Kuruklis. Ours are
read off the step's own derivative, with no formula. Neither paper was read: both are quoted at
second hand, and the numbers published here are evaluations of what is quoted.

    uv run python scenarios/reproductions/delayed_feedback.py
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy.optimize import brentq

from adaptsim import (
    GradientDescent,
    Thermostat,
    Tracker,
    multipliers,
    spectral_radius,
    speed_limit,
)

STABLE = {0: 2.0, 1: 1.0, 2: 0.618034, 3: 0.445042, 5: 0.284630, 10: 0.149460, 24: 0.064103}
CALM = {1: 0.25, 2: 0.148148, 3: 0.105469, 5: 0.066980, 10: 0.035049}
HEATED = (0.9, 1, 1.0), (0.9, 2, 0.646586), (0.9, 5, 0.335978), (math.exp(-0.1), 6, 0.292712)
LEARNT = (1, 0.701941), (2, 0.498168), (5, 0.274158), (12, 0.137037)  # a = 0.9, loop gain 4
LIFT = 40.0  # degrees by which full power would warm the room
WARM = {"outdoor": 19.0, "room_start": 20.0, "start_at": 20.05}  # so that the heater is never at 0
CUE = jnp.array([20.0])
ROOTS, RADIUS = jax.jit(multipliers), jax.jit(spectral_radius)


def swings(rate, delay):
    """Return whether disturbances of the slowest kind swing as they fade."""
    rule = GradientDescent(learning_rate=rate)
    values = np.asarray(ROOTS(Tracker(feedback_delay=delay), rule, jnp.zeros(1)))
    slowest = values[np.argmax(abs(values))]
    return abs(slowest.imag) > 1e-6


def calm_rate(delay, low=1e-3):
    """Return the largest rate at which the slowest disturbance does not swing, by halving."""
    high = STABLE[delay]
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if swings(middle, delay) else (middle, high)
    return low


def room(memory, pull, delay, **more):
    """Return a thermostat whose room keeps a share of its temperature and is pulled so strongly."""
    return Thermostat(
        room=True, time_constant=-1 / math.log(memory), heater_gain=LIFT,
        proportional_gain=pull / ((1 - memory) * LIFT), sensor_delay=delay, **WARM | more,
    )  # fmt: skip


def pull_limit(memory, delay):
    """Return the pull at which control by old readings stops being stable."""

    def beyond(pull):
        rule = GradientDescent(learning_rate=0.5)
        return float(RADIUS(room(memory, pull, delay), rule, CUE)) - 1

    return brentq(beyond, 0.05, 1.5, xtol=1e-10)


def rows():
    """Return quantity, published and our own number."""
    told = [
        (f"fastest stable g, d = {d}", known,
         speed_limit(Tracker(feedback_delay=d), GradientDescent(), jnp.zeros(1)))
        for d, known in STABLE.items()
    ]  # fmt: skip
    told += [(f"fastest calm g, d = {d}", known, calm_rate(d)) for d, known in CALM.items()]
    told += [
        (f"strongest stable pull b, a = {a:.4g}, d = {d}", known, pull_limit(a, d))
        for a, d, known in HEATED
    ]
    for delay, known in LEARNT:
        kind = room(0.9, 0.4, 0, learns_from="room", feedback_delay=delay)
        limit = speed_limit(kind, GradientDescent(), CUE)
        told += [(f"fastest setpoint learnt from a room, d = {delay}", known, limit)]
    return pd.DataFrame(told, columns=["", "published", "ours"])


if __name__ == "__main__":
    table = rows()
    print(table.to_string(index=False, float_format="{:.6f}".format))
