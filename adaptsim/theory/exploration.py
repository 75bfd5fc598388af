"""What it costs to explore among arms that pay differently, once their worth is known."""

from __future__ import annotations

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def softmax_best(difference: Floats, *, sharpness: Floats) -> Floats:
    """Return how often the better of two arms is chosen, ``1 / (1 + exp(-beta Delta))``.

    Parameters
    ----------
    difference : float or array
        By how much it pays more, Delta [reward].
    sharpness : float or array
        beta [1/reward]: 0 chooses blindly, large ones always the better.

    Examples
    --------
    >>> softmax_best([1.0, 2.0], sharpness=1.0).round(6).tolist()
    [0.731059, 0.880797]

    References
    ----------
    Luce (1959); Sutton & Barto, Reinforcement Learning, 2nd ed., section 2.8, for softmax choice.
    """
    return 1 / (1 + np.exp(-sharpness * difference))


@closed_form
def softmax_regret(difference: Floats, *, sharpness: Floats) -> Floats:
    """Return the reward that softmax choice between two known arms forgoes a step.

    ``Delta (1 - P)``, P being `softmax_best`.

    Parameters
    ----------
    difference, sharpness : float or array
        As in `softmax_best`.

    Examples
    --------
    >>> round(softmax_regret(1.0, sharpness=1.0), 6)
    0.268941

    References
    ----------
    A definition.
    """
    return difference * (1 - softmax_best(difference, sharpness=sharpness))


@closed_form
def greedy_regret(difference: Floats, *, exploring: Floats, arms: Floats) -> Floats:
    """Return the reward forgone a step by choosing any of K known arms with chance eps.

    ``eps Delta (K - 1) / K``: the best is chosen otherwise, and all others pay Delta less.

    Parameters
    ----------
    difference : float or array
        By how much the best pays more, Delta [reward].
    exploring : float or array
        Chance eps to choose blindly among all arms [1].
    arms : float or array
        How many there are, K.

    Examples
    --------
    >>> greedy_regret(1.0, exploring=0.1, arms=2)
    0.05

    References
    ----------
    Sutton & Barto, Reinforcement Learning, 2nd ed., section 2.2, for eps-greedy choice.
    """
    return exploring * difference * (arms - 1) / arms


@closed_form
def unlearning_time(before: Floats, after: Floats, threshold: Floats, *, gain: Floats) -> Floats:
    """Return the steps in which the estimate of an arm chosen all along falls to a threshold.

    ``ln((threshold - after) / (before - after)) / ln(1 - gain)`` where it moves by ``gain`` of its
    error a step.

    Parameters
    ----------
    before, after : float or array
        What the arm paid, and pays now [reward].
    threshold : float or array
        Where another arm is tried instead, between the two [reward].
    gain : float or array
        Part of the error that is corrected in a step [1], in (0, 1).

    Returns
    -------
    float or array
        Steps; nan where the threshold is not between the two.

    Examples
    --------
    >>> round(unlearning_time(1.0, 0.0, 0.5, gain=0.1), 6)
    6.578813

    References
    ----------
    A geometric decay.
    """
    left = (threshold - after) / (before - after)
    return np.where((left > 0) & (left <= 1), np.log(left) / np.log1p(-gain), np.nan)
