"""A recommender and its users: learning tastes from ratings, one interaction at a time.

A user of taste ``p*`` rates an item ``q`` by ``r = p* . q`` and noise of variance R; the estimate
``p`` learns from it by ``p += eta (r - p . q) q`` (the least-mean-squares rule). Items of *unit*
norm point anywhere; *Gaussian* items are ``N(0, s2 I_d)``. The taste drifts by increments of mean
square W per step, summed over its d components.
"""

import numpy as np
from scipy.special import expit

from adaptsim.theory._closed_form import Booleans, Floats, closed_form
from adaptsim.theory.random_walk import kalman_gain


@closed_form
def mean_limit(largest_eigenvalue: Floats, *, regularisation: Floats = 0.0) -> Floats:
    """Return the rate above which the mean error grows, ``2 / (lambda_max(E[q q']) + lam)``.

    Parameters
    ----------
    largest_eigenvalue : float or array
        Of the items' second moment: ``1/d`` for unit-norm items, ``s2`` for Gaussian ones.
    regularisation : float or array
        The decay lam of the estimate [1].

    Returns
    -------
    float or array
        Learning rate [1]. Before that the mean *square* grows: see `mean_square_limit`.

    Examples
    --------
    >>> mean_limit(0.2)
    10.0

    References
    ----------
    Derived here; verified against simulation in tests/theory.
    """
    return 2 / (largest_eigenvalue + regularisation)


@closed_form
def mean_square_limit(dimension: Floats, *, item_variance: Floats = np.nan) -> Floats:
    """Return the rate above which the mean squared error grows: 2, or ``2 / (s2 (d+2))``.

    Parameters
    ----------
    dimension : float or array
        Components d of a taste.
    item_variance : float or array
        Variance s2 of a component of Gaussian items; nan (if not said) for unit-norm items.

    Returns
    -------
    float or array
        Learning rate [1].

    Examples
    --------
    >>> mean_square_limit(4), round(mean_square_limit(4, item_variance=1.0), 6)
    (2.0, 0.333333)

    References
    ----------
    Derived here from the fourth moments of the items; verified in tests/theory.
    """
    gaussian = 2 / (item_variance * (dimension + 2))
    return np.where(np.isnan(item_variance), 2.0 + 0 * dimension, gaussian)


@closed_form
def deviation(
    rate: Floats,
    *,
    dimension: Floats,
    drift: Floats = 0.0,
    rating_variance: Floats = 0.0,
    item_variance: Floats = np.nan,
    probability: Floats = 1.0,
    correlation: Floats = 1.0,
) -> Floats:
    """Return the mean square deviation ``E|p* - p|^2`` in the long run, before the update.

    With ``h`` the mean gain per step, ``q eta / d`` for unit-norm items or ``q eta s2``:

    unit norm: ``d (eta^2 R + W_h / q) / (eta (2 - eta))``

    Gaussian: ``(eta^2 s2 d R + W_h / q) / (2 eta s2 - eta^2 s2^2 (d+2))``

    where ``W_h = W`` for a taste that wanders freely and ``W h / (1 - phi (1 - h))`` for one that
    stays within bounds, whose correlation with its next step is ``phi`` (on the unit sphere
    ``phi = 1 - W/2``; of variance V, ``W = 2 V (1 - phi)``).

    Parameters
    ----------
    rate : float or array
        Learning rate eta [1].
    dimension : float or array
        Components d.
    drift : float or array
        Mean square W of an increment per step, summed over components [taste^2].
    rating_variance : float or array
        Noise R of a rating [rating^2].
    item_variance : float or array
        s2 of Gaussian items; nan for unit-norm items.
    probability : float or array
        Chance that a step brings a rating [1].
    correlation : float or array
        phi [1].

    Returns
    -------
    float or array
        Mean square deviation [taste^2]; nan beyond `mean_square_limit`.

    Examples
    --------
    >>> round(deviation(0.3, dimension=5, drift=0.002, rating_variance=0.25), 6)
    0.240196
    >>> round(deviation(0.1, dimension=4, drift=0.004, rating_variance=0.5, item_variance=1.0), 6)
    0.171429

    References
    ----------
    Derived here (for bounded tastes too); verified against simulation in tests/theory. Widrow's
    analysis of LMS tracking is the classic; named from general knowledge, not re-read.
    """
    power, fourth, noise = _moments(dimension, item_variance)
    gain = probability * rate * power
    felt = drift * gain / (1 - correlation * (1 - gain))
    blind = probability * rate**2 * noise * rating_variance
    renewal = probability * (2 * rate * power - rate**2 * fourth)
    return np.where((renewal > 0) & (rate > 0), (blind + felt) / renewal, np.nan)


@closed_form
def prediction_mse(
    deviation: Floats,
    *,
    dimension: Floats,
    rating_variance: Floats = 0.0,
    item_variance: Floats = np.nan,
) -> Floats:
    """Return the mean squared error of predicted ratings, ``MSD/d + R`` or ``s2 MSD + R``.

    Parameters
    ----------
    deviation : float or array
        Mean square deviation of the estimate [taste^2].
    dimension, rating_variance, item_variance
        As in `deviation`.

    Returns
    -------
    float or array
        [rating^2].

    Examples
    --------
    >>> msd = deviation(0.5, dimension=10, drift=0.01, rating_variance=1.0)
    >>> round(msd, 6), round(prediction_mse(msd, dimension=10, rating_variance=1.0), 6)
    (3.466667, 1.346667)

    References
    ----------
    Derived here; verified against simulation in tests/theory.
    """
    return deviation * _moments(dimension, item_variance)[0] + rating_variance


@closed_form
def best_rate(
    *,
    dimension: Floats,
    drift: Floats,
    rating_variance: Floats,
    item_variance: Floats = np.nan,
    probability: Floats = 1.0,
) -> Floats:
    """Return the rate of least deviation behind a free random walk.

    For unit-norm items ``R eta^2 + (W/q) eta - W/q = 0``: the scalar Kalman gain, whatever d. For
    Gaussian ones ``d R s2 eta^2 + (W/q) s2 (d+2) eta - W/q = 0``.

    Parameters
    ----------
    dimension, drift, rating_variance, item_variance, probability
        As in `deviation`.

    Returns
    -------
    float or array
        Learning rate [1].

    Examples
    --------
    >>> round(best_rate(dimension=5, drift=0.002, rating_variance=0.25), 6)
    0.085532
    >>> round(best_rate(dimension=10, drift=0.01, rating_variance=1.0), 6)
    0.095125

    References
    ----------
    Derived here; verified against direct minimisation in tests/theory.
    """
    walked = drift / probability
    unit = kalman_gain(drift_variance=walked, observation_variance=rating_variance)
    half = walked * item_variance * (dimension + 2)
    steep = dimension * rating_variance * item_variance
    gaussian = 2 * walked / (half + np.sqrt(half**2 + 4 * steep * walked))
    return np.where(np.isnan(item_variance), unit + 0 * dimension, gaussian)


@closed_form
def lag(rate: Floats, *, dimension: Floats, mean_gap: Floats = 1.0) -> Floats:
    """Return how far the estimate lags behind the drift, ``(d / eta) * mean gap``.

    Each rating of a unit-norm item shows one d-th of the error. Heavy users (small gaps) are
    followed more closely in the time of the clock.

    Parameters
    ----------
    rate : float or array
        Learning rate eta [1].
    dimension : float or array
        Components d.
    mean_gap : float or array
        Mean time between two ratings of a user [time].

    Returns
    -------
    float or array
        Mean lag [time], nan unless ``0 < eta < 2``.

    Examples
    --------
    >>> lag(0.25, dimension=5, mean_gap=4.0)
    80.0

    References
    ----------
    Derived here; verified against simulation in tests/theory.
    """
    return np.where((rate > 0) & (rate < 2), dimension / rate * mean_gap, np.nan)


def _moments(dimension: Floats, item_variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Return E(q.u)^2 of a direction u, E|q|^2 (q.u)^2, and E|q|^2 of the items."""
    unit = np.isnan(item_variance)
    power = np.where(unit, 1 / dimension, item_variance)
    fourth = np.where(unit, 1 / dimension, item_variance**2 * (dimension + 2))
    return power, fourth, np.where(unit, 1.0, item_variance * dimension)


@closed_form
def error_after(
    error: Floats, rate: Floats, *, user_square: Floats, item_square: Floats, product: Floats
) -> Floats:
    """Return the error of a rating after user and item both learnt from it (lam = 0).

    ``e' = e (1 - eta (|p|^2 + |q|^2)) - eta^2 e^2 p.q``, exactly.

    Parameters
    ----------
    error : float or array
        ``e = r - p.q`` before [rating].
    rate : float or array
        Learning rate eta [1].
    user_square, item_square, product : float or array
        ``|p|^2``, ``|q|^2`` and ``p.q`` before.

    Returns
    -------
    float or array
        Error after [rating].

    Examples
    --------
    >>> round(error_after(1.52, 0.1, user_square=1.53, item_square=0.41, product=0.48), 6)
    1.21403

    References
    ----------
    Derived here; verified against the update in tests/theory.
    """
    return error * (1 - rate * (user_square + item_square)) - rate**2 * error**2 * product


@closed_form
def imbalance_after(imbalance: Floats, error: Floats, rate: Floats) -> Floats:
    """Return ``|p|^2 - |q|^2`` after one rating: ``(|p|^2 - |q|^2) (1 - eta^2 e^2)`` (lam = 0).

    Parameters
    ----------
    imbalance : float or array
        ``|p|^2 - |q|^2`` before.
    error : float or array
        ``r - p.q`` before [rating].
    rate : float or array
        Learning rate eta [1].

    Returns
    -------
    float or array
        Imbalance after.

    Examples
    --------
    >>> round(imbalance_after(1.12, 1.52, 0.1), 9)
    1.09412352

    References
    ----------
    Derived here; verified against the update in tests/theory. Large steps balance the factors:
    Wang, Chen, Zhao & Tao (2021), quoted at second hand.
    """
    return imbalance * (1 - rate**2 * error**2)


@closed_form
def factorisation_limit(user_square: Floats, item_square: Floats) -> Floats:
    """Return the rate above which factors that fit one rating lose it: ``2/(|p|^2 + |q|^2)``.

    Parameters
    ----------
    user_square, item_square : float or array
        ``|p|^2`` and ``|q|^2`` at the minimum; balanced scalars of product r: both r, so ``1/r``.

    Returns
    -------
    float or array
        Learning rate [1].

    Examples
    --------
    >>> factorisation_limit(4.0, 4.0)
    0.25

    References
    ----------
    Derived here; verified against the update in tests/theory.
    """
    return 2 / (user_square + item_square)


@closed_form
def pairwise_limit(
    difference_square: Floats, *, score: Floats = 0.0, regularisation: Floats = 0.0
) -> Floats:
    """Return the rate limit of learning preferences from pairs (Bayesian personalised ranking).

    Locally ``2 / (sigma (1 - sigma) |d|^2 + lam)`` with ``sigma`` of the score ``p.d``; at score 0,
    where the curvature is largest, ``8 / (|d|^2 + 4 lam)``, below which every state is stable.

    Parameters
    ----------
    difference_square : float or array
        ``|d|^2`` of the difference of a pair of items.
    score : float or array
        ``p.d``.
    regularisation : float or array
        lam.

    Returns
    -------
    float or array
        Learning rate [1].

    Examples
    --------
    >>> pairwise_limit(2.0)
    4.0

    References
    ----------
    Derived here; verified against the curvature by JAX in tests/theory. The loss is that of Rendle
    et al. (2009), named from general knowledge, not re-read.
    """
    curvature = expit(score) * expit(-score) * difference_square
    return 2 / (curvature + regularisation)


BUBBLE_THRESHOLD = 2.0
"""Choice sharpness k above which a score gap of 0 is unstable, at any learning rate."""


@closed_form
def bubble(sharpness: Floats) -> Floats:
    """Return the score gap ``x* >= 0`` that feeds itself: the stable root of ``x = tanh(k x/2)``.

    A user is shown, and takes, the one of two items that scores higher: by ``+1`` with the chance
    ``1/(1 + exp(-k x))``, else ``-1``; the gap learns from what was taken,
    ``x' = x + eta (c - x)``.

    Parameters
    ----------
    sharpness : float or array
        k, how sharply the choice follows the score [1].

    Returns
    -------
    float or array
        ``x*`` [1], 0 up to ``k = 2``, the pitchfork.

    Examples
    --------
    >>> [round(bubble(k), 6) for k in (1.5, 2.2, 3.0, 4.0)]
    [0.0, 0.502941, 0.85856, 0.957504]

    References
    ----------
    Derived here; verified against bisection by scipy in tests/theory.
    """
    k, gap = np.maximum(sharpness, BUBBLE_THRESHOLD), np.ones_like(sharpness)
    for _ in range(80):  # Newton from above: x - tanh(k x/2) is convex there, none overshoots
        shape = np.tanh(k * gap / 2)
        gap = gap - (gap - shape) / (1 - k / 2 * (1 - shape**2))
    return np.where(sharpness > BUBBLE_THRESHOLD, gap, 0.0)


@closed_form
def bubble_spread(sharpness: Floats, rate: Floats) -> Floats:
    """Return the standard deviation of the gap about 0, ``sqrt(eta / (rho (2 - eta rho)))``.

    ``rho = 1 - k/2`` vanishes at the pitchfork: critical slowing down. To first order in the gap,
    so good far below it or at small rates.

    Parameters
    ----------
    sharpness : float or array
        k [1].
    rate : float or array
        Learning rate eta [1].

    Returns
    -------
    float or array
        Standard deviation [1]; nan from ``k = 2`` on.

    Examples
    --------
    >>> round(bubble_spread(1.5, 0.01), 4)
    0.1415

    References
    ----------
    Derived here (the choice's variance taken as 1); compared with simulation in tests/living.
    """
    rho = 1 - sharpness / 2
    return np.where(rho > 0, np.sqrt(rate / (rho * (2 - rate * rho))), np.nan)


@closed_form
def urn_share_variance(first: Floats, second: Floats) -> Floats:
    """Return the variance of the share that an option of a Pólya urn ends with.

    Each draw adds one to the option drawn; shares of starts ``a`` and ``b`` end as ``Beta(a, b)``:
    variance ``a b / ((a+b)^2 (a+b+1))``.

    Parameters
    ----------
    first, second : float or array
        Counts a and b at the start.

    Returns
    -------
    float or array
        Variance [1].

    Examples
    --------
    >>> round(urn_share_variance(1, 1), 6)
    0.083333

    References
    ----------
    Pólya & Eggenberger (1923), named from general knowledge; verified against simulation.
    """
    total = first + second
    return first * second / (total**2 * (total + 1))


@closed_form
def is_monopoly(exponent: Floats) -> Booleans:
    """Return whether choice in proportion to ``count^gamma`` ends with one option taking all.

    For ``gamma < 1`` shares become equal, for 1 they end anywhere (the urn), above 1 one wins.

    Parameters
    ----------
    exponent : float or array
        gamma [1].

    Returns
    -------
    bool or array

    Examples
    --------
    >>> is_monopoly(2.0), is_monopoly(0.5)
    (True, False)

    References
    ----------
    Known of nonlinear Pólya urns; named from general knowledge, compared with simulation.
    """
    return exponent > 1
