"""Outcome words: how a walk or an orbit ended, named in a word and told in a sentence."""

from __future__ import annotations

import math

from adaptsim.dashboard.state_words import StateWord

MARKS = {
    "converged": "calm",
    "cycling": "care",
    "chaotic": "alarm",
    "wandering": "care",
    "diverged": "alarm",
}


def outcome_word(
    name: str, period: int = 0, *, exponent: float = math.nan, left_at: int | None = None
) -> StateWord:
    """Return the word and sentence of an outcome.

    Parameters
    ----------
    name
        As in `adaptsim.dynamics.OUTCOMES`.
    period
        Steps after which a cycle comes back.
    exponent
        Largest Lyapunov exponent [1/step], if known.
    left_at
        Step at which a walk left all bounds, if it did.

    Examples
    --------
    >>> outcome_word("cycling", 4)[:2]
    ('cycling', 'It jumps among 4 places for ever.')
    >>> outcome_word("wandering").word
    'still on its way'
    """
    lately = "" if left_at is None else f" at step {left_at:,}"
    sentences = {
        "converged": "It came to rest in one place.",
        "cycling": f"It jumps among {period} places for ever.",
        "chaotic": "It stays within bounds and never repeats.",
        "wandering": "It has neither come to rest nor begun to repeat.",
        "diverged": f"It left all bounds{lately}.",
    }
    told = sentences[name]
    if math.isfinite(exponent):
        grows = "grow" if exponent > 0 else "shrink"
        told += f" Small differences {grows} {math.exp(abs(exponent)):.3g}-fold a step."
    word = "still on its way" if name == "wandering" else name
    return StateWord(word, told, MARKS[name])
