"""The route to chaos of gradient descent: what is known exactly as the learning rate grows.

Three wells of one coordinate:

``cubic well``  ``x^2/2 - x^3/3``: descent is the logistic map with ``r = 1 + rate``
``double well`` ``(x^2 - 1)^2 / 4``: descent is the odd cubic map ``(1 + rate) x - rate x^3``
``cosine``      ``1 - cos x``: the first cycle breaks its symmetry before it doubles

Two factors that should multiply to 1 and the regression of a square descend, on their line of
symmetry, as the double well. Thresholds that have no closed form are solved here to 30 digits, from
the map and its derivatives written out by hand.
"""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adaptsim.theory._closed_form import Floats, closed_form

FEIGENBAUM_DELTA = 4.669201609102990671853
"""Limit of the ratios of successive parameter intervals (quadratic hump).

Feigenbaum, J. Stat. Phys. 19 (1978) 25; digits: Briggs, Math. Comp. 57 (1991) 435 (OEIS A006890).
"""

FEIGENBAUM_ALPHA = 2.502907875095892822283
"""Limit of the ratios of successive splittings; sources as before (OEIS A006891)."""

LOGISTIC_ACCUMULATION = 3.569945671870944901842
"""Value of ``r`` at which the doublings of the logistic map accumulate (OEIS A098587)."""

CUBIC_WELL_WINDOW = math.sqrt(8.0)
"""Rate at which the 3-cycle of the cubic well is born: ``r = 1 + sqrt 8``."""

CUBIC_WELL_DIVERGENCE = 3.0
"""Rate beyond which almost every start leaves the cubic well: ``r = 4``."""

DOUBLE_WELL_MERGER = 1.5 * math.sqrt(3.0) - 1.0
"""Rate at which the attractors of the two wells of the double well become one.

The top ``c = sqrt((1 + rate) / (3 rate))`` of the map is sent to ``2 (1 + rate) c / 3``, and that
to 0, the edge of the other half, where ``(2 (1 + rate) c / 3)^2 = (1 + rate) / rate``, that is
``4 (1 + rate)^2 = 27``.
"""

DOUBLE_WELL_DIVERGENCE = 2.0
"""Rate beyond which almost every start leaves the double well."""

COSINE_SYMMETRY_BREAKING = math.pi
"""Rate at which the 2-cycle ``(x, -x)`` of ``1 - cos x`` stops attracting.

It has ``2 x = rate sin x`` and the multiplier ``(1 - rate cos x)^2``, which is 1 where
``cos x = 0``: ``x = pi/2``, ``rate = pi``. Two cycles that are not symmetric take over.
"""

COSINE_ESCAPE = 4.603338848751701
"""Rate at which descent on ``1 - cos x`` first leaves its well.

The lowest place, ``x - rate sin x`` where ``cos x = 1 / rate``, is then ``-pi``: with
``s = sqrt(rate^2 - 1)`` that is ``s - atan s = pi``, so ``s = 4.493409457909064``, the first zero
of ``tan s - s`` (Abramowitz and Stegun, section 4.3.148).
"""

CATAPULT = 2.0 * math.sqrt(2.0) - 2.0
"""Greatest scaled rate at which the loss of quadratic regression always falls."""

KNOWN_DOUBLINGS = 11
DIGITS, PROVEN = 50, 30
SETTLE, MOST_NEWTON = 64, 40

type Steps = Callable[[Decimal, Decimal], tuple[Decimal, ...]]


@closed_form
def logistic_state(position: Floats, rate: Floats) -> Floats:
    """Return ``z = rate (1 - x) / (1 + rate)``, which descent in the cubic well maps logistically.

    ``x' = x - rate (x - x^2)`` becomes ``z' = r z (1 - z)`` with ``r = 1 + rate``.

    Parameters
    ----------
    position : float or array
        Trait ``x``.
    rate : float or array
        Learning rate.

    Returns
    -------
    float or array
        State ``z`` of the logistic map.

    Examples
    --------
    >>> round(logistic_state(0.0, 1.0), 9)  # the minimum is the fixed point 1 - 1/r
    0.5

    References
    ----------
    May, Nature 261 (1976) 459 (the map). Derived here.
    """
    return np.asarray(rate * (1 - position) / (1 + rate))


@closed_form
def cubic_well_exponent(rate: Floats) -> Floats:
    """Return the Lyapunov exponent of descent in the cubic well, where it is known.

    ``ln abs(1 - rate)`` up to 2; ``ln abs(4 + 2 r - r^2) / 2``, ``r = 1 + rate``, on the 2-cycle,
    up to ``sqrt 6``; ``ln 2`` at 3.

    Parameters
    ----------
    rate : float or array
        Learning rate.

    Returns
    -------
    float or array
        Exponent [1/step]; -inf where superstable, nan where no closed form is known.

    Examples
    --------
    >>> round(cubic_well_exponent(3.0), 6)
    0.693147

    References
    ----------
    May, Nature 261 (1976) 459; Ulam and von Neumann (1947), Bull. Am. Math. Soc. 53
    (``r = 4``).
    """
    twice = 4 + 2 * (1 + rate) - (1 + rate) ** 2
    cases = [(rate > 0) & (rate <= 2), (rate > 2) & (rate <= math.sqrt(6)), rate == 3]
    values = [np.log(np.abs(1 - rate)), np.log(np.abs(twice)) / 2, np.full_like(rate, math.log(2))]
    return np.select(cases, values, np.nan)


@closed_form
def double_well_exponent(rate: Floats) -> Floats:
    """Return the Lyapunov exponent of descent in the double well, where it is known.

    ``ln abs(1 - 2 rate)`` up to 1; ``ln abs(9 - 2 (1 + rate)^2) / 2`` on the 2-cycle, up to
    ``sqrt(5) - 1``; ``ln 3`` at 2, where with ``x = sqrt 2 cos u`` an angle is tripled.

    Parameters
    ----------
    rate : float or array
        Learning rate.

    Returns
    -------
    float or array
        Exponent [1/step]; -inf where superstable, nan where no closed form is known.

    Examples
    --------
    >>> round(double_well_exponent(1.1), 6), double_well_exponent(0.5)
    (-0.857399, -inf)

    References
    ----------
    Derived here; the odd cubic map: Rogers and Whitley (1983), Chaos in the cubic mapping.
    """
    twice = double_well_two_cycle_multiplier(rate)
    cases = [(rate > 0) & (rate <= 1), (rate > 1) & (rate <= math.sqrt(5) - 1), rate == 2]
    once = np.log(np.abs(1 - 2 * rate))
    return np.select(
        cases, [once, np.log(np.abs(twice)) / 2, np.full_like(rate, math.log(3))], np.nan
    )


@closed_form
def double_well_two_cycle_multiplier(rate: Floats) -> Floats:
    """Return the multiplier of the 2-cycle in one well, ``9 - 2 (1 + rate)^2``.

    It is 1 at rate 1 and -1 at ``sqrt(5) - 1``. The derivative at a place is
    ``1 + rate - 3 rate x^2``; put in `double_well_two_cycle`.

    Parameters
    ----------
    rate : float or array
        Learning rate.

    Returns
    -------
    float or array
        Multiplier; nan below 1, where there is no such cycle.

    Examples
    --------
    >>> round(double_well_two_cycle_multiplier(1.1), 9)
    0.18

    References
    ----------
    Derived here.
    """
    return np.where(rate >= 1, 9 - 2 * (1 + rate) ** 2, np.nan)


def double_well_two_cycle(rate: float) -> tuple[float, float]:
    """Return the two places, in the right well, between which descent jumps past rate 1.

    Sum and difference of ``y = (1 + rate) x - rate x^3`` and its mirror image give
    ``x^2 + x y + y^2 = (2 + rate) / rate`` and ``x^2 - x y + y^2 = 1``, so that
    ``(x + y)^2 = 1 + 3 / rate`` and ``(x - y)^2 = 1 - 1 / rate``.

    Examples
    --------
    >>> round(double_well_two_cycle(4 / 3)[0], 6)
    1.151388

    References
    ----------
    Derived here.
    """
    if rate < 1:
        return math.nan, math.nan
    total, apart = math.sqrt(1 + 3 / rate), math.sqrt(1 - 1 / rate)
    return (total + apart) / 2, (total - apart) / 2


@closed_form
def double_well_reach(rate: Floats) -> Floats:
    """Return how far from 0 a start in the double well may lie, ``sqrt((2 + rate) / rate)``.

    From there descent jumps for ever between that place and its mirror image; starts further out
    diverge at every rate. Nearer ones stay bounded up to rate 2.

    Parameters
    ----------
    rate : float or array
        Learning rate, above 0.

    Returns
    -------
    float or array
        Distance (excluded) [trait]; nan at rates that are not above 0 or above 2.

    Examples
    --------
    >>> round(double_well_reach(1.0), 6)
    1.732051

    References
    ----------
    Derived here: ``-x = (1 + rate) x - rate x^3``.
    """
    return np.where((rate > 0) & (rate <= 2), np.sqrt((2 + rate) / rate), np.nan)


def cubic_well_doublings(count: int) -> NDArray[Any]:
    """Return the rates at which the period doubles in the cubic well, shape ``(count,)``.

    2, ``sqrt 6``, 2.544090, ...: those of the logistic map, less 1.

    Examples
    --------
    >>> cubic_well_doublings(3).round(6).tolist()
    [2.0, 2.44949, 2.54409]

    References
    ----------
    Kotsireas and Karamanos, Int. J. Bifurcation and Chaos 14 (2004) 2417-2423 (the third and
    fourth are algebraic). Solved here.
    """
    return _doublings(_logistic, 3, 6, 0.5, count) - 1.0


def double_well_doublings(count: int) -> NDArray[Any]:
    """Return the rates at which the period doubles in the double well, shape ``(count,)``.

    1, ``sqrt(5) - 1``, 1.288032, ...

    Examples
    --------
    >>> double_well_doublings(3).round(6).tolist()
    [1.0, 1.236068, 1.288032]

    References
    ----------
    The map: Rogers and Whitley (1983), Chaos in the cubic mapping. Solved here.
    """
    return _doublings(_odd_cubic, 1, 5, 0.75, count)


@closed_form
def regression_residual(residual: Floats, scaled_rate: Floats) -> Floats:
    """Return the next scaled residual of quadratic regression, ``z^3 + (a - 2) z^2 + (1 - 2 a) z``.

    The loss ``(w^2 - y)^2 / 4`` has the slope ``w (w^2 - y)``; with ``z = rate (w^2 - y)`` and
    ``a = rate y`` descent is this map. Factors ``u = v`` with ``(u v - 1)^2 / 2`` are the case
    ``y = 1``.

    Parameters
    ----------
    residual : float or array
        Scaled residual ``z``.
    scaled_rate : float or array
        Scaled rate ``a``.

    Examples
    --------
    >>> round(regression_residual(0.1, 1.0), 9)
    -0.109

    References
    ----------
    Chen, Balasubramanian, Ghosal and Agrawalla, arXiv 2310.01687. Derived here.
    """
    a = scaled_rate
    return np.asarray(residual**3 + (a - 2) * residual**2 + (1 - 2 * a) * residual)


def regression_phase(scaled_rate: float) -> str:
    """Return which of the five phases of quadratic regression a scaled rate lies in.

    *monotone* up to ``2 sqrt 2 - 2``: the loss never rises, since
    ``z'/z = z^2 + (a - 2) z + 1 - 2 a`` is at least -1 for all ``z`` if ``(2 + a)^2 <= 8``;
    *catapult* up to 1: it may rise, and
    settles; *periodic* up to the accumulation of the doublings, 1.302283; *chaotic*, but for
    windows, up to 2; *divergent* beyond.

    Examples
    --------
    >>> [regression_phase(a) for a in (0.5, 0.9, 1.2, 1.5, 2.1)]
    ['monotone', 'catapult', 'periodic', 'chaotic', 'divergent']

    References
    ----------
    Chen, Balasubramanian, Ghosal and Agrawalla, arXiv 2310.01687 (the phases).
    """
    if not scaled_rate > 0:
        raise ValueError(f"scaled_rate must be above 0; got {scaled_rate}")
    edges = {
        "monotone": CATAPULT,
        "catapult": 1.0,
        "periodic": double_well_accumulation(),
        "chaotic": DOUBLE_WELL_DIVERGENCE,
    }
    return next((name for name, edge in edges.items() if scaled_rate <= edge), "divergent")


@cache
def double_well_accumulation() -> float:
    """Return the rate at which the doublings in the double well accumulate, to about 12 digits.

    The last of eleven doublings, and the rest of them as a geometric series of ratio 1/delta.

    Examples
    --------
    >>> round(double_well_accumulation(), 9)
    1.302283463

    References
    ----------
    Feigenbaum, J. Stat. Phys. 19 (1978) 25.
    """
    *_, before, last = double_well_doublings(KNOWN_DOUBLINGS)
    return float(last + (last - before) / (FEIGENBAUM_DELTA - 1))


@closed_form
def factorisation_imbalance(imbalance: Floats, rate: Floats, residual: Floats) -> Floats:
    """Return ``Q = u^2 - v^2`` one step of descent later, ``Q (1 - rate^2 r^2)``, exactly.

    For the loss ``r^2 / 2``, ``r = u v - 1``: ``u' = u - rate r v`` and ``v' = v - rate r u``.

    Parameters
    ----------
    imbalance : float or array
        ``Q`` before.
    rate : float or array
        Learning rate.
    residual : float or array
        ``r`` before.

    Examples
    --------
    >>> factorisation_imbalance(3.0, 0.5, 1.0)
    2.25

    References
    ----------
    Derived here; in the limit of small rates: Saxe, McClelland and Ganguli, arXiv 1312.6120.
    """
    return np.asarray(imbalance * (1 - rate**2 * residual**2))


def _logistic(x: Decimal, r: Decimal) -> tuple[Decimal, ...]:
    """Return ``r x (1 - x)`` and its derivatives: by x, r, x twice, and x and r."""
    return r * x * (1 - x), r * (1 - 2 * x), x * (1 - x), -2 * r, 1 - 2 * x


def _odd_cubic(x: Decimal, r: Decimal) -> tuple[Decimal, ...]:
    """Return ``(1 + r) x - r x^3`` and its derivatives: by x, r, x twice, and x and r."""
    square = x * x
    return (
        (1 + r - r * square) * x,
        1 + r - 3 * r * square,
        x - x * square,
        -6 * r * x,
        1 - 3 * square,
    )


def _doublings(steps: Steps, first: int, square: int, start: float, count: int) -> NDArray[Any]:
    if not 1 <= count <= KNOWN_DOUBLINGS:
        raise ValueError(f"count must be 1 to {KNOWN_DOUBLINGS}; got {count}")
    known = _exact_doublings(steps, first, square, start, max(count, 2))
    return np.array([float(one) for one in known[:count]])


@cache
def _exact_doublings(
    steps: Steps, first: int, square: int, start: float, count: int
) -> tuple[Decimal, ...]:
    """Return doublings: the first two, which are known exactly, and those found from them."""
    with localcontext(prec=DIGITS):
        found = [Decimal(first), Decimal(square).sqrt() + first - 2]
        while len(found) < count:
            guess = found[-1] + (found[-1] - found[-2]) / Decimal(FEIGENBAUM_DELTA)
            found.append(_doubling(steps, guess, start, 2 ** len(found)))
        return tuple(found)


def _doubling(steps: Steps, near: Decimal, start: float, period: int) -> Decimal:
    """Return where the multiplier of a cycle is -1, by Newton's method on place and parameter."""
    settled = start
    for _ in range(SETTLE * period):
        settled = float(steps(settled, float(near))[0])  # type: ignore[arg-type]
    x, r = Decimal(settled), near
    for _ in range(MOST_NEWTON):
        place, by_x, by_r, by_xx, by_xr = _composed(steps, x, r, period)
        miss, off = place - x, by_x + 1
        determinant = (by_x - 1) * by_xr - by_r * by_xx
        dx = (miss * by_xr - by_r * off) / determinant
        dr = ((by_x - 1) * off - by_xx * miss) / determinant
        x, r = x - dx, r - dr
        if abs(dr) < Decimal(10) ** -PROVEN:
            return r
    raise ArithmeticError(f"no doubling of period {period} found near {near}")


def _composed(steps: Steps, x: Decimal, r: Decimal, period: int) -> tuple[Decimal, ...]:
    """Return the place after a period and its derivatives by start and parameter (chain rule)."""
    zero, one = Decimal(0), Decimal(1)
    place, by_x, by_r, by_xx, by_xr = x, one, zero, zero, zero
    for _ in range(period):
        f, f_x, f_r, f_xx, f_xr = steps(place, r)
        by_xr = f_x * by_xr + (f_xx * by_r + f_xr) * by_x
        by_xx = f_x * by_xx + f_xx * by_x**2
        by_r = f_x * by_r + f_r
        by_x = f_x * by_x
        place = f
    return place, by_x, by_r, by_xx, by_xr
