"""What the functions of this folder are given, checked before anything is compiled."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array


def place(name: str, theta: Any) -> Array:
    """Return a point as an array of shape ``(d,)``, or say what is wrong with it.

    Examples
    --------
    >>> place("start", [1, 2]).tolist()
    [1.0, 2.0]
    """
    point = jnp.asarray(theta, float)
    if point.ndim != 1 or not point.size:
        raise ValueError(f"{name} must be one point, shape (d,); got shape {point.shape}.")
    return point


def positive(name: str, values: Any) -> np.ndarray:
    """Return one number or several, shape ``(n,)`` or ``()``, all above 0 and finite.

    Examples
    --------
    >>> positive("rates", [0.1, -0.1])
    Traceback (most recent call last):
        ...
    ValueError: rates must be positive and finite; got -0.1.
    """
    numbers = np.asarray(values, float)
    wrong = numbers[~((numbers > 0) & np.isfinite(numbers))]
    if numbers.ndim > 1 or not numbers.size:
        raise ValueError(f"{name} must be one number or a list; got shape {numbers.shape}.")
    if wrong.size:
        raise ValueError(f"{name} must be positive and finite; got {wrong.flat[0]:g}.")
    return numbers


def clock(times: Any) -> np.ndarray:
    """Return times at which a flow is wanted, shape ``(n,)``: from 0 on, each above the last.

    Examples
    --------
    >>> clock(2.0).tolist()
    [2.0]
    """
    numbers = np.atleast_1d(np.asarray(times, float))
    rising = numbers.ndim == 1 and numbers.size and (np.diff(numbers) > 0).all()
    if not (rising and numbers[0] >= 0 and 0 < numbers[-1] < np.inf):
        raise ValueError(f"times must rise from 0 or later and be finite; got {times!r}.")
    return numbers


def one_of(name: str, word: str, allowed: tuple[str, ...]) -> str:
    """Return a word that is allowed, or say which are.

    Examples
    --------
    >>> one_of("solver", "Heun", ("Euler", "Heun"))
    'Heun'
    """
    if word not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {word!r}.")
    return word
