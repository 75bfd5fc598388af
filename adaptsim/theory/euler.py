"""Descent as Euler's method: what a step costs in error, and which steps are stable.

Gradient descent ``theta[n+1] = theta[n] - rate * gradient`` is the explicit Euler method on the
gradient flow ``d theta/dt = -gradient`` with the learning rate as its time step. Each step bets
that the landscape is flat; the bet is wrong by order ``rate**2``.

Stability is told of the test equation ``dy/dt = lambda y``, by ``z = step * lambda``. In a gradient
flow ``lambda`` is minus a curvature of the loss, so ``z = -rate * curvature`` is real and negative
near a minimum. One-step methods multiply y by ``R(z)`` per step; the two-step methods (momentum)
by one of two roots.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adaptsim.theory._closed_form import Complexes, Floats, closed_form
from adaptsim.theory.speed_limits import best_contraction

type Method = Literal[
    "Euler", "Heun", "RK4", "ImplicitEuler", "Trapezoidal", "HeavyBall", "Nesterov"
]
"""Methods whose stability has a closed form; the last two look back two steps."""


def forecast_error(rate: Any, *, gradient: Any, hessian_gradient: Any) -> NDArray[Any]:
    """Return by how much the linear forecast of the loss is wrong, ``rate**2 g'Hg / 2``.

    The forecast of ``L(theta - rate g)`` is ``L(theta) - rate g'g``: the landscape is taken to be
    flat. Exact on quadratics, else the first term in the rate.

    Parameters
    ----------
    rate : array_like
        Learning rate, shape ``(n,)`` or one number [1 / curvature].
    gradient : array_like
        Slope ``g``, shape ``(d,)`` [loss / trait].
    hessian_gradient : array_like
        Hessian times slope ``H g``, shape ``(d,)``.

    Returns
    -------
    array
        True loss minus forecast [loss], shape of ``rate``; negative where the loss curves down.

    Examples
    --------
    >>> forecast_error(0.01, gradient=[1.0, 100.0], hessian_gradient=[1.0, 10000.0]).round(6).item()
    50.00005

    References
    ----------
    Taylor's theorem, e.g. Nocedal and Wright, Numerical Optimization, Springer 2006, theorem 2.1.
    """
    return np.asarray(rate, float) ** 2 * np.dot(gradient, hessian_gradient) / 2


def local_truncation_error(rate: Any, *, hessian_gradient: Any) -> NDArray[Any]:
    """Return how far one Euler step lands from the flow, ``rate**2 |H g| / 2``.

    Along the flow the second derivative of theta is ``H g``, and Euler's method leaves out its
    term. First term in the rate.

    Parameters
    ----------
    rate : array_like
        Learning rate, shape ``(n,)`` or one number [1 / curvature].
    hessian_gradient : array_like
        Hessian times slope ``H g``, shape ``(d,)``.

    Returns
    -------
    array
        Euclidean distance [trait], shape of ``rate``.

    Examples
    --------
    >>> local_truncation_error(0.1, hessian_gradient=[3.0, 4.0]).round(6).item()
    0.025

    References
    ----------
    Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, Springer 1993, II.3.
    """
    return np.asarray(rate, float) ** 2 * np.linalg.norm(hessian_gradient) / 2


def quadratic_flow(start: Any, *, hessian: Any, time: Any) -> NDArray[Any]:
    """Return the gradient flow of ``theta' H theta / 2``, ``exp(-H t) start``.

    Parameters
    ----------
    start : array_like
        Traits at time 0, shape ``(d,)`` [trait].
    hessian : array_like
        Symmetric matrix ``H``, shape ``(d, d)`` [loss / trait**2].
    time : array_like
        Times, shape ``(n,)`` or one number [1 / curvature].

    Returns
    -------
    array
        Traits, shape ``(n, d)`` or ``(d,)`` [trait].

    Examples
    --------
    >>> quadratic_flow([1.0, 1.0], hessian=[[1.0, 0.0], [0.0, 100.0]], time=1.0)[0].round(6).item()
    0.367879

    References
    ----------
    Textbook result; verified against scipy.linalg.expm in tests/theory.
    """
    curvatures, axes = np.linalg.eigh(np.asarray(hessian, float))
    decay = np.exp(-np.multiply.outer(np.asarray(time, float), curvatures))
    return np.asarray((decay * (np.asarray(start, float) @ axes)) @ axes.T)


@closed_form
def steps_to_shrink(condition_number: Floats, factor: Floats) -> Floats:
    """Return the steps that descent at its best rate needs, ``ceil(ln factor / ln contraction)``.

    For large condition numbers about ``k / 2 * ln(1 / factor)``: steps grow as stiffness does.

    Parameters
    ----------
    condition_number : float or array
        Stiffness ratio ``k``: largest over least curvature [1].
    factor : float or array
        What is to be left of the distance along the flattest direction, between 0 and 1 [1].

    Returns
    -------
    float or array
        Whole number of steps, at least 1; nan outside of the limits named above.

    Examples
    --------
    >>> steps_to_shrink(100.0, 1e-6)
    691.0

    References
    ----------
    As `adaptsim.theory.speed_limits.best_rate`; verified by walking in tests/flow.
    """
    left = best_contraction(1.0, condition_number)
    steps = np.maximum(1, np.ceil(np.log(factor) / np.log(left)))
    allowed = (condition_number >= 1) & (factor > 0) & (factor < 1)
    return np.where(allowed, steps, np.nan)


@closed_form
def stable_steps(time: Floats, *, largest_curvature: Floats, limit: Floats = 2.0) -> Floats:
    """Return the fewest equal steps that are stable, ``ceil(largest curvature * time / limit)``.

    Parameters
    ----------
    time : float or array
        Time to be covered [1 / curvature].
    largest_curvature : float or array
        Largest eigenvalue of the Hessian [loss / trait**2].
    limit : float or array
        The method's `real_stability_limit` [1]; infinite for one that is stable at any step.

    Returns
    -------
    float or array
        Whole number of steps, at least 1.

    Examples
    --------
    >>> stable_steps(10.0, largest_curvature=100.0)
    500.0

    References
    ----------
    Hairer and Wanner, Solving Ordinary Differential Equations II, Springer 1996, IV.2.
    """
    return np.maximum(1, np.ceil(largest_curvature * time / limit))


def stability_function(method: Method, z: Any) -> Complexes:
    """Return by what a one-step method multiplies y in a step of ``dy/dt = lambda y``, ``R(z)``.

    =============  =======================================
    Euler          ``1 + z``: gradient descent
    Heun           ``1 + z + z**2/2``
    RK4            ``1 + z + z**2/2 + z**3/6 + z**4/24``
    ImplicitEuler  ``1 / (1 - z)``: the proximal point step
    Trapezoidal    ``(1 + z/2) / (1 - z/2)``
    =============  =======================================

    Parameters
    ----------
    method : str
        One of the names above.
    z : array_like
        Step times lambda, complex, any shape [1].

    Returns
    -------
    complex or array
        R(z); infinite or nan at a pole.

    Examples
    --------
    >>> stability_function("Euler", -1.9).real.__round__(6)
    -0.9

    References
    ----------
    Hairer and Wanner, Solving Ordinary Differential Equations II, Springer 1996, IV.2 and IV.3.
    """
    z = np.asarray(z, dtype=complex)
    with np.errstate(all="ignore"):
        match method:
            case "Euler":
                grown = 1 + z
            case "Heun":
                grown = 1 + z + z**2 / 2
            case "RK4":
                grown = 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24
            case "ImplicitEuler":
                grown = 1 / (1 - z)
            case "Trapezoidal":
                grown = (1 + z / 2) / (1 - z / 2)
            case _:
                known = "Euler, Heun, RK4, ImplicitEuler, Trapezoidal"
                raise ValueError(f"method must be one of {known}; got {method!r}.")
    return _plain(grown)


def two_step_roots(method: Method, z: Any, *, momentum: float = 0.9) -> NDArray[Any]:
    """Return the two factors by which descent with momentum multiplies what it is made of.

    With ``z = -rate * curvature`` and momentum ``b`` they are the roots ``w`` of

    =========  =======================================
    HeavyBall  ``w**2 - (1 + b + z) w + b``
    Nesterov   ``w**2 - (1 + z)(1 + b) w + (1 + z) b``
    =========  =======================================

    Parameters
    ----------
    method : str
        One of the names above.
    z : array_like
        Minus rate times curvature, complex, any shape [1].
    momentum : float
        Part of the velocity that is kept, ``b`` [1]; at 0 both methods are gradient descent.

    Returns
    -------
    array
        Roots, complex, shape ``(2, *z.shape)``.

    Examples
    --------
    >>> abs(two_step_roots("HeavyBall", -1.0, momentum=0.25)).round(6).tolist()
    [0.5, 0.5]

    References
    ----------
    Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1-17; Lessard, Recht and Packard, SIAM J.
    Optim. 26 (2016) 57-95; as multistep methods on the gradient flow: Scieur, Roulet, Bach and
    d'Aspremont, Integration methods and optimization algorithms, NeurIPS 2017.
    """
    z = np.asarray(z, dtype=complex)
    match method:
        case "HeavyBall":
            total, product = 1 + momentum + z, momentum + 0 * z
        case "Nesterov":
            total, product = (1 + z) * (1 + momentum), (1 + z) * momentum
        case _:
            raise ValueError(f"method must be one of HeavyBall, Nesterov; got {method!r}.")
    apart = np.sqrt(total**2 - 4 * product)
    return np.asarray(np.stack([total + apart, total - apart]) / 2)


def amplification(method: Method, z: Any, *, momentum: float = 0.9) -> Floats:
    """Return by what a disturbance grows per step in the long run: stable where below 1.

    ``|R(z)|`` of a one-step method, the larger root's size of a two-step method.

    Parameters
    ----------
    method : str
        Any `Method`.
    z : array_like
        Step times lambda, complex, any shape [1].
    momentum : float
        Of the two-step methods [1].

    Returns
    -------
    float or array
        Growth per step [1].

    Examples
    --------
    >>> round(amplification("Nesterov", -1.0), 6), amplification("ImplicitEuler", -1e9) < 1e-8
    (0.0, True)

    References
    ----------
    As `stability_function` and `two_step_roots`.
    """
    if method in ("HeavyBall", "Nesterov"):
        return _plain(np.abs(two_step_roots(method, z, momentum=momentum)).max(axis=0))
    return _plain(np.abs(stability_function(method, z)))


def real_stability_limit(method: Method, *, momentum: float = 0.9) -> float:
    """Return how far left of 0 the stable part of the real axis reaches: the speed limit.

    The learning rate must stay below this divided by the largest curvature.

    =========================  ======================
    Euler, Heun                ``2``
    RK4                        ``2.785293...``
    ImplicitEuler, Trapezoidal infinite
    HeavyBall                  ``2 (1 + b)``
    Nesterov                   ``2 (1 + b) / (1 + 2 b)``
    =========================  ======================

    Parameters
    ----------
    method : str
        Any `Method`.
    momentum : float
        Of the two-step methods, ``0 <= b < 1`` [1].

    Returns
    -------
    float
        Limit of ``rate * curvature`` [1], excluded; nan for a momentum outside of its limits.

    Examples
    --------
    >>> real_stability_limit("Euler"), round(real_stability_limit("HeavyBall"), 6)
    (2.0, 3.8)

    References
    ----------
    As `stability_function` and `two_step_roots`. For RK4 it is the real root of
    ``x**3 - 4 x**2 + 12 x - 24``, by Cardano's formula.
    """
    kept = momentum if 0 <= momentum < 1 else np.nan
    root = 36 * np.sqrt(29)
    limits: dict[str, float] = {
        "Euler": 2.0,
        "Heun": 2.0,
        "RK4": float(4 + np.cbrt(172 + root) + np.cbrt(172 - root)) / 3,
        "ImplicitEuler": np.inf,
        "Trapezoidal": np.inf,
        "HeavyBall": 2 * (1 + kept),
        "Nesterov": 2 * (1 + kept) / (1 + 2 * kept),
    }
    if method not in limits:
        raise ValueError(f"method must be one of {', '.join(limits)}; got {method!r}.")
    return limits[method]


def _plain(values: Any) -> Any:
    values = np.asarray(values)
    return values.item() if values.ndim == 0 else values
