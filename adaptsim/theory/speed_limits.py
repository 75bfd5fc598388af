"""Speed limits of descent on a bowl, and what happens just past them.

On ``f = curvature / 2 x^2`` every rule here is a linear loop with two multipliers at most; ``a``
stands for learning rate times curvature. A loop flips where a multiplier passes -1: from there on
the traits overshoot further every step. Learning rates have the unit [1/curvature].
"""

import numpy as np

from adaptsim.theory._closed_form import Floats, closed_form


@closed_form
def gradient_descent(curvature: Floats) -> Floats:
    """Return the learning rate at which gradient descent flips, ``2 / curvature``.

    The loop is ``z - (1 - a) = 0``.

    Parameters
    ----------
    curvature : float or array
        Largest eigenvalue of the Hessian, above 0 [loss/trait^2].

    Returns
    -------
    float or array
        Upper limit of the learning rate (excluded); nan where the curvature is not above 0.

    Examples
    --------
    >>> gradient_descent(4.0)
    0.5

    References
    ----------
    Nesterov (2004), Introductory Lectures on Convex Optimization, section 1.2.3.
    """
    return np.where(curvature > 0, 2 / curvature, np.nan)


@closed_form
def heavy_ball(curvature: Floats, momentum: Floats) -> Floats:
    """Return the learning rate at which the heavy ball flips, ``2 (1 + momentum) / curvature``.

    ``v' = b v + g``, ``x' = x - rate v'``: the loop is ``z^2 - (1 + b - a) z + b = 0``. The product
    of the multipliers is ``b``, so for ``abs(b) < 1`` the flip is the only way to lose stability.

    Parameters
    ----------
    curvature : float or array
        Largest eigenvalue of the Hessian, above 0 [loss/trait^2].
    momentum : float or array
        Part ``b`` of the velocity that is kept, ``-1 < b < 1`` [1].

    Returns
    -------
    float or array
        Upper limit of the learning rate (excluded); nan outside of those ranges.

    Examples
    --------
    >>> heavy_ball(1.0, 0.9)
    3.8

    References
    ----------
    Polyak (1964), USSR Comput. Math. Math. Phys. 4:1. Derived here by Jury's conditions.
    """
    known = (curvature > 0) & (np.abs(momentum) < 1)
    return np.where(known, 2 * (1 + momentum) / curvature, np.nan)


@closed_form
def nesterov(curvature: Floats, momentum: Floats) -> Floats:
    """Return the rate at which Nesterov's rule flips, ``(2 + 2 b) / ((1 + 2 b) curvature)``.

    ``v' = b v + g``, ``x' = x - rate (g + b v')``: the loop is
    ``z^2 - (1 + b) (1 - a) z + b (1 - a) = 0``. Jury's conditions are ``a > 0`` (at ``z = 1``),
    ``1 + (1 + 2 b) (1 - a) > 0`` (at ``z = -1``: the flip) and ``abs(b (1 - a)) < 1`` (a pair that
    leaves the circle at an angle). For ``b >= 0`` the pair leaves at ``a = 1 + 1/b``, after the
    flip at ``1 + 1/(1 + 2 b)``; for ``b < 0`` it leaves at ``1 - 1/b``, which is after the flip
    as long as ``b > -1/3``. Below -1/3 the flip is not the limit, and the answer is nan.
    Unlike the heavy ball's, this limit FALLS with momentum, from 2 to 4/3.

    Parameters
    ----------
    curvature : float or array
        Largest eigenvalue of the Hessian, above 0 [loss/trait^2].
    momentum : float or array
        Part ``b`` of the velocity that is kept, ``-1/3 <= b <= 1`` [1].

    Returns
    -------
    float or array
        Upper limit of the learning rate (excluded); nan outside of those ranges.

    Examples
    --------
    >>> nesterov(1.0, 0.5)
    1.5

    References
    ----------
    Sutskever, Martens, Dahl & Hinton (2013), ICML, for the form; the limit is also in Cohen et al.
    (2021), arXiv 2103.00065, appendix. The range is derived here.
    """
    known = (curvature > 0) & (momentum >= -1 / 3) & (momentum <= 1)
    return np.where(known, (2 + 2 * momentum) / ((1 + 2 * momentum) * curvature), np.nan)


@closed_form
def averaged_momentum(curvature: Floats, momentum: Floats) -> Floats:
    """Return the limit of a running mean of gradients, ``2 (1 + b) / ((1 - b) curvature)``.

    ``m' = b m + (1 - b) g``, ``x' = x - rate m'``: the heavy ball at ``1 - b`` times the rate. It
    is Adam's limit where its second moment stands still, for the curvature that Adam's division
    leaves: 38 for ``b = 0.9``.

    Parameters
    ----------
    curvature : float or array
        Largest eigenvalue of the (preconditioned) Hessian, above 0.
    momentum : float or array
        Part ``b`` of the mean that is kept, ``-1 < b < 1`` [1].

    Returns
    -------
    float or array
        Upper limit of the learning rate (excluded); nan outside of those ranges.

    Examples
    --------
    >>> round(averaged_momentum(1.0, 0.9), 9)
    38.0

    References
    ----------
    Cohen et al. (2022), Adaptive gradient methods at the edge of stability, arXiv 2207.14484.
    """
    return heavy_ball(curvature, momentum) / (1 - momentum)


@closed_form
def best_rate(smallest: Floats, largest: Floats) -> Floats:
    """Return the rate at which gradient descent is fastest, ``2 / (smallest + largest)``.

    Parameters
    ----------
    smallest, largest : float or array
        Extreme eigenvalues of the Hessian, ``0 < smallest <= largest`` [loss/trait^2].

    Returns
    -------
    float or array
        Learning rate; nan outside of that range.

    Examples
    --------
    >>> round(best_rate(1.0, 100.0), 7)
    0.019802

    References
    ----------
    Polyak (1987), Introduction to Optimization, section 1.4; Nesterov (2004), theorem 2.1.15.
    """
    return np.where(_ordered(smallest, largest), 2 / (smallest + largest), np.nan)


@closed_form
def best_contraction(smallest: Floats, largest: Floats) -> Floats:
    """Return the factor by which an error shrinks per step at the best rate, ``(k - 1) / (k + 1)``.

    Parameters
    ----------
    smallest, largest : float or array
        Extreme eigenvalues of the Hessian, ``0 < smallest <= largest``; ``k`` is their ratio.

    Returns
    -------
    float or array
        Factor per step [1]; nan outside of that range.

    Examples
    --------
    >>> round(best_contraction(1.0, 100.0), 7)  # 99 / 101
    0.980198

    References
    ----------
    Polyak (1987), Introduction to Optimization, section 1.4; Nesterov (2004), theorem 2.1.15.
    """
    ratio = largest / smallest
    return np.where(_ordered(smallest, largest), (ratio - 1) / (ratio + 1), np.nan)


@closed_form
def polyak_rate(smallest: Floats, largest: Floats) -> Floats:
    """Return the heavy ball's best rate, ``4 / (sqrt(largest) + sqrt(smallest))^2``.

    Parameters
    ----------
    smallest, largest : float or array
        Extreme eigenvalues of the Hessian, ``0 < smallest <= largest`` [loss/trait^2].

    Returns
    -------
    float or array
        Learning rate; nan outside of that range.

    Examples
    --------
    >>> round(polyak_rate(1.0, 100.0), 6)
    0.033058

    References
    ----------
    Polyak (1964), USSR Comput. Math. Math. Phys. 4:1.
    """
    rate = 4 / (np.sqrt(largest) + np.sqrt(smallest)) ** 2
    return np.where(_ordered(smallest, largest), rate, np.nan)


@closed_form
def polyak_momentum(smallest: Floats, largest: Floats) -> Floats:
    """Return the heavy ball's best momentum, ``((sqrt(k) - 1) / (sqrt(k) + 1))^2``.

    Its root is the factor by which an error shrinks per step, with the best rate: there all
    multipliers have that one modulus.

    Parameters
    ----------
    smallest, largest : float or array
        Extreme eigenvalues of the Hessian, ``0 < smallest <= largest``; ``k`` is their ratio.

    Returns
    -------
    float or array
        Part of the velocity that is kept [1]; nan outside of that range.

    Examples
    --------
    >>> round(polyak_momentum(1.0, 100.0), 6)  # (9 / 11)^2
    0.669421

    References
    ----------
    Polyak (1964), USSR Comput. Math. Math. Phys. 4:1.
    """
    root = np.sqrt(largest / smallest)
    return np.where(_ordered(smallest, largest), ((root - 1) / (root + 1)) ** 2, np.nan)


@closed_form
def flip_coefficient(second: Floats, third: Floats, fourth: Floats) -> Floats:
    """Return the flip coefficient of descent, ``c = (3 f'''^2 - f'' f'''') / (3 f''^2)``.

    Near its limit ``2 / f''``, in a suitable coordinate, gradient descent is the normal form
    ``y' = -(1 + mu) y + c y^3 + O(y^4)`` with ``mu = rate f'' - 2``. For a map ``F`` with
    ``F' = -1`` the coefficient is ``F''^2 / 4 + F''' / 6``; with ``F = x - rate f'`` and
    ``rate = 2 / f''`` that is the above. ``c > 0`` (supercritical): past the limit a stable
    oscillation between two places. ``c < 0`` (subcritical): the oscillation exists below the
    limit, is unstable and closes the basin; past the limit nothing near holds.

    Parameters
    ----------
    second, third, fourth : float or array
        Derivatives of the loss at a minimum; the second must be above 0.

    Returns
    -------
    float or array
        Coefficient [1/trait^2]; nan where the second derivative is not above 0.

    Examples
    --------
    The double well, ``1 - cos x`` and ``x^2/2 + x^4/4``:

    >>> flip_coefficient(2, 6, 6), round(flip_coefficient(1, 0, -1), 6), flip_coefficient(1, 0, 6)
    (8.0, 0.333333, -2.0)

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory, theorem 4.3 (flip). Descent put in here.
    """
    coefficient = (3 * third**2 - second * fourth) / (3 * second**2)
    return np.where(second > 0, coefficient, np.nan)


@closed_form
def flip_amplitude(rate: Floats, curvature: Floats, coefficient: Floats) -> Floats:
    """Return the half-width of the oscillation near the limit, ``sqrt((rate f'' - 2) / c)``.

    A 2-cycle of the normal form has ``-y = -(1 + mu) y + c y^3``, so ``y^2 = mu / c`` with
    ``mu = rate f'' - 2``. It exists past the limit for ``c > 0`` and below it for ``c < 0``; the
    relative error is of the order of ``mu``.

    Parameters
    ----------
    rate : float or array
        Learning rate.
    curvature : float or array
        Second derivative ``f''`` at the minimum [loss/trait^2].
    coefficient : float or array
        Flip coefficient ``c`` [1/trait^2].

    Returns
    -------
    float or array
        Half the distance between the two places [trait]; nan where there is no 2-cycle.

    Examples
    --------
    >>> round(flip_amplitude(1.01, 2.0, 8.0), 6)
    0.05

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory, section 4.5. Derived here for descent.
    """
    squared = (rate * curvature - 2) / coefficient
    return np.where((curvature > 0) & (squared >= 0), np.sqrt(np.abs(squared)), np.nan)


@closed_form
def escape_steps(rate: Floats, curvature: Floats, nudge: Floats, reach: Floats) -> Floats:
    """Return the steps descent needs to leave a saddle, ``ln(R/delta) / ln(1 + rate abs(lam))``.

    Along the eigenvector of a negative curvature ``lam`` a deviation grows by ``1 + rate abs(lam)``
    per step, from ``nudge`` (delta) to ``reach`` (R).

    Parameters
    ----------
    rate : float or array
        Learning rate, above 0.
    curvature : float or array
        The most negative eigenvalue of the Hessian [loss/trait^2].
    nudge, reach : float or array
        Deviation along its eigenvector at first and at last, ``0 < nudge <= reach`` [trait].

    Returns
    -------
    float or array
        Steps; nan where the curvature is not negative: nothing there drives descent away.

    Examples
    --------
    >>> round(escape_steps(0.1, -1.0, 1e-6, 1.0), 3)
    144.953

    References
    ----------
    Derived here (a linear recursion). Lee, Simchowitz, Jordan & Recht (2016), COLT: descent leaves
    strict saddles from almost every start.
    """
    steps = np.log(reach / nudge) / np.log1p(rate * np.abs(curvature))
    return np.where((curvature < 0) & (rate > 0), steps, np.nan)


def _ordered(smallest: Floats, largest: Floats) -> Floats:
    return (smallest > 0) & (largest >= smallest)
