"""Hypotheses about learning rates: none, one, two, or one that decays; all one formula."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array
from adaptsim.schema import WrongRequest, suggest

MIXTURE = "half of chi2(1), half 0: the smaller model lies at a bound"
PLAIN = "chi2(1)"
FASTEST_DECAY = 10.0
"""Largest decay tried [1/step]: the rate is a tenth after one step."""


class Hypothesis(NamedTuple):
    """What may be true of the rates ``[rises, falls, decay]``.

    Attributes
    ----------
    name : str
        What it is called.
    parameters : tuple[str, ...]
        Names of what is shared and fitted, at most two.
    embedding : tuple[tuple[float, float], ...]
        Rates are this ``(3, 2)`` matrix times the two shared numbers.
    within : str
        The larger hypothesis's own special case, which it is tested against; ``""`` for none.
    reference : str
        How twice the gain in log likelihood is distributed if that special case is true.
    """

    name: str
    parameters: tuple[str, ...]
    embedding: tuple[tuple[float, float], ...]
    within: str = ""
    reference: str = ""


HYPOTHESES = {
    one.name: one
    for one in (
        Hypothesis("none", (), ((0, 0), (0, 0), (0, 0))),
        Hypothesis(
            "fixed", ("learning_rate",), ((1, 0), (1, 0), (0, 0)), "none", MIXTURE
        ),
        Hypothesis(
            "two_rates", ("rate_of_rises", "rate_of_falls"), ((1, 0), (0, 1), (0, 0)), "fixed",
            PLAIN,
        ),
        Hypothesis(
            "decaying", ("initial_rate", "decay"), ((1, 0), (1, 0), (0, 1)), "fixed", MIXTURE
        ),
    )
}  # fmt: skip
"""All hypotheses, by name: ``none`` does not learn; ``decaying`` is ``initial / (1 + decay t)``."""


class Numbers(NamedTuple):
    """A hypothesis (or several, a leading axis ``m``) as arrays.

    ``embedding`` ``(3, 2)``; ``free``, ``low`` and ``high`` of the shared numbers ``(2,)``; grids
    of them to start from ``(g, 2)``.
    """

    embedding: Array
    free: Array
    low: Array
    high: Array
    grid: Array


def chosen(names: tuple[str, ...]) -> tuple[Hypothesis, ...]:
    """Return hypotheses by name, each with those it is tested against, smallest first.

    Examples
    --------
    >>> [one.name for one in chosen(("two_rates",))]
    ['none', 'fixed', 'two_rates']
    """
    wanted = set(names or HYPOTHESES)
    for name in names:
        if name not in HYPOTHESES:
            raise WrongRequest(f"--model {name}: no such model; {suggest(name, HYPOTHESES)}")
    wanted |= {"none", "fixed"}
    return tuple(one for name, one in HYPOTHESES.items() if name in wanted)


def numbers(hypotheses: tuple[Hypothesis, ...], low: float, high: float) -> Numbers:
    """Return hypotheses as arrays, with rates between two bounds.

    The grid is of 36 pairs for each: rates spaced as squares, so that slow ones are seen.
    """
    told = [_numbers(one, low, high) for one in hypotheses]
    return Numbers(*(jnp.asarray(np.stack(part)) for part in zip(*told, strict=True)))


def _numbers(one: Hypothesis, low: float, high: float) -> tuple[np.ndarray, ...]:
    count = len(one.parameters)
    decays = one.parameters[-1:] == ("decay",)
    free = np.arange(2) < count
    top = np.array([high, FASTEST_DECAY if decays else high]) * free
    bottom = np.array([low, 0.0 if decays else low]) * free
    fine = low + (high - low) * np.linspace(0.02, 0.98, 36) ** 2
    coarse = low + (high - low) * np.linspace(0.08, 0.95, 6) ** 2
    second = np.geomspace(1e-3, FASTEST_DECAY / 4, 6) if decays else coarse
    if count < 2:
        grid = np.stack([fine * free[0], np.zeros(36)], axis=1)
    else:
        grid = np.stack(np.meshgrid(coarse, second), axis=-1).reshape(-1, 2)
    return np.array(one.embedding, dtype=float), free.astype(float), bottom, top, grid
