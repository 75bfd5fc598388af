"""Series whose measures are known in closed form, by plain NumPy."""

import numpy as np
from scipy.signal import lfilter


def track(cue, rate, start=0.0):
    """Follow x[t+1] = (1 - rate) x[t] + rate cue[t] along axis 0, from `start`."""
    cue = np.asarray(cue, dtype=float)
    output = np.full_like(cue, start)
    kept = 1.0 - rate
    first = np.full((1, *cue.shape[1:]), kept * start)
    output[1:] = lfilter([rate], [1.0, -kept], cue[:-1], axis=0, zi=first)[0]
    return output


def auto_regressive(rng, shape, correlation, variance=1.0):
    """Return a stationary AR(1) series of this variance and lag-1 correlation."""
    push = rng.normal(scale=np.sqrt(variance * (1.0 - correlation**2)), size=shape)
    push[0] /= np.sqrt(1.0 - correlation**2)
    return lfilter([1.0], [1.0, -correlation], push, axis=0)


def response(rate, period):
    """Return the complex frequency response of the tracker at a period."""
    return rate / (np.exp(2j * np.pi / period) - (1.0 - rate))


def tone(n_steps, period, phase=0.3):
    """Return a pure tone."""
    return np.sin(2 * np.pi * np.arange(n_steps) / period + phase)


def step_response(rate, n_steps=400):
    """Return 1 - (1 - rate)^t."""
    return 1.0 - (1.0 - rate) ** np.arange(n_steps)


def within_four_errors(values, expected):
    """Tell whether independent values agree with `expected` within four standard errors."""
    values = np.asarray(values)
    return abs(values.mean() - expected) <= 4.0 * values.std(ddof=1) / np.sqrt(values.size)
