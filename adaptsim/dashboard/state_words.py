"""State words: what a run does, named in a word and told in a sentence."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import numpy as np

from adaptsim.measures import stability
from adaptsim.measures.stability import NEUTRAL

_multipliers = jax.jit(stability.multipliers)


class StateWord(NamedTuple):
    """A word, a sentence, and how it is marked in a page (``calm``, ``care``, ``alarm``)."""

    word: str
    sentence: str
    mark: str


WAITING = StateWord("waiting", "The first numbers are on their way.", "calm")


def state_word(kind: Any, rule: Any, cue: Any, *, diverged_at: float | None = None) -> StateWord:
    """Return what an individual does near rest, by the multipliers of its own step.

    Parameters
    ----------
    kind, rule
        One individual, all fields scalars.
    cue
        The cue about which it rests.
    diverged_at
        The step at which its error left all bounds, if it did.

    Examples
    --------
    >>> from adaptsim import GradientDescent, Tracker
    >>> cue = np.zeros(1)
    >>> [state_word(Tracker(), GradientDescent(learning_rate=g), cue).word for g in (0.3, 1.5, 2.1)]
    ['tracking', 'ringing', 'unstable']
    """
    if diverged_at is not None:
        return StateWord("diverged", f"The error left all bounds at step {diverged_at:g}.", "alarm")
    values = np.asarray(
        _multipliers(*jax.tree.map(np.float64, (kind, rule)), np.asarray(cue, float))
    )
    if not np.isfinite(values).all():
        return StateWord(
            "adapting", "Its step has no derivative at rest, so nothing is foretold.", "calm"
        )
    strongest = values[np.argmax(np.abs(values))]
    radius = abs(strongest)
    turns = abs(strongest.imag) > 1e-9 or strongest.real < -1e-9
    if radius > 1 + NEUTRAL:
        way = "overshooting further each time" if turns else "moving away"
        return StateWord(
            "unstable", f"A disturbance grows {radius:.3g}-fold a step, {way}.", "alarm"
        )
    if radius >= 1 - NEUTRAL:
        return StateWord("neutral", "A disturbance neither grows nor fades.", "care")
    half = math.log(0.5) / math.log(radius) if radius > 0 else 0.0
    fades = (
        f"A disturbance halves every {half:.2g} steps"
        if half >= 0.1
        else "A disturbance is gone in one step"
    )
    if turns and radius > 0.05:
        return StateWord("ringing", f"{fades}, swinging to and fro.", "care")
    return StateWord("tracking", f"{fades}.", "calm")
