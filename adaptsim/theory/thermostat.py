"""A room, its proportional controller, and a setpoint learned from its occupant.

The room loses heat with time constant tau and is sampled each dt, inputs held in between:
``T' = a T + (1-a) (T_out + G u)`` with memory ``a = exp(-dt / tau)``, heating gain G [K] and
control ``u = K_p (s - T)`` towards the setpoint s. The formulas need only ``loop_gain``, the
product ``G K_p`` [1], and hold as long as the heater does not saturate. Below,
``b = (1-a) loop_gain`` is the pull of the controller per step.
"""

from typing import Literal

import numpy as np

from adaptsim.theory import continuous_tracker, intermittent, tracker
from adaptsim.theory._closed_form import Complexes, Floats, closed_form

type Order = Literal["synchronous", "sequential"]
type Source = Literal["outdoor", "setpoint"]


@closed_form
def room_memory(time_constant: Floats, *, dt: Floats) -> Floats:
    """Return what a room keeps of its temperature over a step, ``a = exp(-dt / tau)``.

    Parameters
    ----------
    time_constant : float or array
        Thermal resistance times heat capacity, tau [time].
    dt : float or array
        Length of a step [time].

    Returns
    -------
    float or array
        Memory a [1].

    Examples
    --------
    >>> round(room_memory(10.0, dt=1.0), 6)
    0.904837

    References
    ----------
    Derived here; verified against scipy.signal.cont2discrete in tests/theory.
    """
    return np.exp(-dt / time_constant)


@closed_form
def heating_gain(thermal_resistance: Floats, *, maximum_power: Floats) -> Floats:
    """Return the warming by a heater at full power in the long run, ``G = R_th P_max``.

    Parameters
    ----------
    thermal_resistance : float or array
        Thermal resistance to the outdoors [K / kW].
    maximum_power : float or array
        Power of the heater [kW].

    Returns
    -------
    float or array
        Heating gain G [K].

    Examples
    --------
    >>> heating_gain(5.0, maximum_power=4.0)
    20.0

    References
    ----------
    A definition.
    """
    return thermal_resistance * maximum_power


@closed_form
def setpoint_path(
    learning_rate: Floats,
    time: Floats,
    *,
    start: Floats,
    preference: Floats,
    probability: Floats = 1.0,
) -> Floats:
    """Return a setpoint learned from overrides, ``p - (p - s_0) (1 - q eta)**t``.

    Parameters
    ----------
    learning_rate : float or array
        Gain eta of an override [1]; any value, the diverging ones included.
    time : float or array
        Whole number of steps [steps].
    start : float or array
        Setpoint s_0 at step 0 [K].
    preference : float or array
        Setpoint p the occupant wants [K].
    probability : float or array
        Chance q of an override per step [1]; below 1 the path is the mean over chance.

    Returns
    -------
    float or array
        Setpoint [K].

    Examples
    --------
    >>> setpoint_path(1.5, [0, 1, 2, 3], start=5.0, preference=10.0)
    array([ 5.   , 12.5  ,  8.75 , 10.625])
    >>> round(setpoint_path(0.4, 30, start=5.0, preference=10.0, probability=0.2), 6)
    9.590169

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    covered = intermittent.mean_response(learning_rate, time, probability=probability)
    return start + (preference - start) * covered


@closed_form
def steady_temperature(loop_gain: Floats, *, setpoint: Floats, outdoor: Floats) -> Floats:
    """Return where the room settles, ``(T_out + G K_p s) / (1 + G K_p)``.

    Parameters
    ----------
    loop_gain : float or array
        Loop gain ``G K_p`` [1].
    setpoint : float or array
        Setpoint s [K].
    outdoor : float or array
        Outdoor temperature T_out [K].

    Returns
    -------
    float or array
        Room temperature [K].

    Examples
    --------
    >>> steady_temperature(4.0, setpoint=20.0, outdoor=5.0)
    17.0

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return (outdoor + loop_gain * setpoint) / (1 + loop_gain)


@closed_form
def steady_offset(loop_gain: Floats, *, setpoint: Floats, outdoor: Floats) -> Floats:
    """Return how far the room stays below its setpoint, ``(s - T_out) / (1 + G K_p)``.

    Parameters
    ----------
    loop_gain : float or array
        Loop gain ``G K_p`` [1].
    setpoint : float or array
        Setpoint s [K].
    outdoor : float or array
        Outdoor temperature T_out [K].

    Returns
    -------
    float or array
        Setpoint minus room temperature [K].

    Examples
    --------
    >>> steady_offset(4.0, setpoint=20.0, outdoor=5.0)
    3.0

    References
    ----------
    Derived here; verified against iteration of the recursion in tests/theory.
    """
    return (setpoint - outdoor) / (1 + loop_gain)


@closed_form
def control_limit(memory: Floats, *, delay: Floats = 0.0) -> Floats:
    """Return the pull b at which control by old readings stops being stable.

    The controller sees ``T[t-d]``, so the roots are those of ``z**(d+1) - a z**d + b``. The
    limit is ``sqrt(1 + a**2 - 2 a cos(phi))``, phi between 0 and ``pi / (d+1)`` solving
    ``sin((d+1) phi) = a sin(d phi)``; without delay it is ``1 + a``.

    Parameters
    ----------
    memory : float or array
        Memory a of the room [1].
    delay : float or array
        Whole age d of the reading the controller uses [steps].

    Returns
    -------
    float or array
        Upper limit of ``b = (1-a) G K_p`` (excluded) [1]; nan unless ``0 <= a < 1``, ``d >= 0``.

    Examples
    --------
    >>> round(control_limit(0.9), 6), round(control_limit(0.9, delay=2), 6)
    (1.9, 0.646586)

    References
    ----------
    Derived here; verified against polynomial roots in tests/theory. Kuruklis (1994), J.
    Math. Anal. Appl. 188, proves the condition; not read, only a note quoting it.
    """
    angle = _crossing_angle(memory, delay, np.asarray(np.pi))
    possible = (memory >= 0) & (memory < 1) & (delay >= 0)
    return np.where(possible, _distance(angle, memory), np.nan)


@closed_form
def loop_gain_limit(memory: Floats, *, delay: Floats = 0.0) -> Floats:
    """Return the loop gain at which control stops being stable, ``control_limit / (1-a)``.

    Parameters
    ----------
    memory : float or array
        Memory a of the room [1].
    delay : float or array
        Whole age d of the reading the controller uses [steps].

    Returns
    -------
    float or array
        Upper limit of ``G K_p`` (excluded) [1]; nan unless ``0 <= a < 1`` and ``d >= 0``.

    Examples
    --------
    >>> import math
    >>> round(loop_gain_limit(math.exp(-0.1), delay=6), 6)
    3.075918

    References
    ----------
    Derived here; verified against polynomial roots in tests/theory.
    """
    return control_limit(memory, delay=delay) / (1 - memory)


@closed_form
def learning_limit(
    memory: Floats, loop_gain: Floats, *, delay: Floats = 0.0, order: Order = "synchronous"
) -> Floats:
    """Return the learning rate at which a setpoint learned from the room stops being stable.

    The setpoint follows ``s' = s + eta (p - T[t-d])`` while the controller acts on the fresh
    temperature: **the delay acts on the learning alone, not on the control**. The roots are
    those of ``z**d (z - 1) (z - a + b) + b eta``. Without delay the limit is
    ``1 + 1 / (G K_p)``, whatever the memory. In the sequential order the setpoint learns
    from the new temperature ``T'``; the limit is then ``2 (1 + a - b) / b``, and with a
    delay d it is the synchronous limit at ``d - 1``.

    Parameters
    ----------
    memory : float or array
        Memory a of the room [1].
    loop_gain : float or array
        Loop gain ``G K_p`` [1].
    delay : float or array
        Whole age d of the reading the learning uses [steps].
    order : {"synchronous", "sequential"}
        Whether learning sees the room before or after its step.

    Returns
    -------
    float or array
        Upper limit of eta (excluded) [1]; nan where control alone is unstable
        (``b >= 1 + a``), unless ``0 <= a < 1``, ``G K_p > 0`` and ``d >= 0``.

    Examples
    --------
    >>> round(learning_limit(0.9, 4.0), 6), round(learning_limit(0.9, 4.0, delay=2), 6)
    (1.25, 0.498168)
    >>> round(learning_limit(0.9, 4.0, order="sequential"), 6)
    7.5

    References
    ----------
    Derived here; verified against polynomial roots and iteration in tests/theory.
    """
    if order not in ("synchronous", "sequential"):
        raise ValueError(f"order must be 'synchronous' or 'sequential'; got {order!r}.")
    pull = (1 - memory) * loop_gain
    age = np.maximum(delay, 0) - (order == "sequential")
    limit = np.vectorize(_smallest_crossing, otypes=[float])(memory - pull, age) / pull
    possible = (memory >= 0) & (memory < 1) & (pull > 0) & (pull < 1 + memory) & (delay >= 0)
    return np.where(possible, limit, np.nan)


@closed_form
def oscillation_threshold(loop_gain: Floats, *, time_constant: Floats) -> Floats:
    """Return the learning rate above which continuous learning rings.

    ``(1 + G K_p)**2 / (4 tau G K_p)`` for ``tau dT/dt = T_out - T + G K_p (s - T)`` and
    ``ds/dt = kappa (p - T)``, which is stable for every positive kappa.

    Parameters
    ----------
    loop_gain : float or array
        Loop gain ``G K_p`` [1].
    time_constant : float or array
        Time constant tau of the room [time].

    Returns
    -------
    float or array
        Learning rate kappa [1 / time].

    Examples
    --------
    >>> oscillation_threshold(4.0, time_constant=10.0)
    0.15625

    References
    ----------
    Derived here; verified against eigenvalues in tests/theory.
    """
    return (1 + loop_gain) ** 2 / (4 * time_constant * loop_gain)


@closed_form
def outdoor_gain(omega: Floats, *, time_constant: Floats, loop_gain: Floats = 0.0) -> Floats:
    """Return how much of an outdoor wave reaches the room, in continuous time.

    ``1 / (1 + G K_p) / sqrt(1 + (omega tau_e)**2)`` with ``tau_e = tau / (1 + G K_p)``.

    Parameters
    ----------
    omega : float or array
        Angular frequency [rad / time].
    time_constant : float or array
        Time constant tau of the room [time].
    loop_gain : float or array
        Loop gain ``G K_p`` [1]; 0 is a room without control.

    Returns
    -------
    float or array
        Amplitude in the room over amplitude outdoors [1].

    Examples
    --------
    >>> import math
    >>> round(outdoor_gain(2 * math.pi / 24, time_constant=10.0), 6)
    0.356827
    >>> round(outdoor_gain(2 * math.pi / 24, time_constant=10.0, loop_gain=4.0), 6)
    0.177182

    References
    ----------
    Derived here; verified against scipy.signal.freqs in tests/theory.
    """
    stiffness = 1 + loop_gain
    return continuous_tracker.gain(stiffness / time_constant, omega) / stiffness


@closed_form
def outdoor_lag(omega: Floats, *, time_constant: Floats, loop_gain: Floats = 0.0) -> Floats:
    """Return how late an outdoor wave reaches the room, ``atan(omega tau_e) / omega``.

    Parameters
    ----------
    omega : float or array
        Angular frequency [rad / time].
    time_constant : float or array
        Time constant tau of the room [time]; ``tau_e = tau / (1 + G K_p)``.
    loop_gain : float or array
        Loop gain ``G K_p`` [1]; 0 is a room without control.

    Returns
    -------
    float or array
        Lag [time].

    Examples
    --------
    >>> import math
    >>> round(outdoor_lag(2 * math.pi / 24, time_constant=10.0), 6)
    4.606303

    References
    ----------
    Derived here; verified against scipy.signal.freqs in tests/theory.
    """
    return continuous_tracker.phase_lag((1 + loop_gain) / time_constant, omega)


@closed_form
def sampled_transfer(
    omega: Floats,
    *,
    memory: Floats,
    loop_gain: Floats = 0.0,
    delay: Floats = 0.0,
    source: Source = "outdoor",
) -> Complexes:
    """Return the exact frequency response of the sampled room under control.

    ``(1-a) / (z - a + b z**-d)`` from the outdoor temperature and ``b`` over the same from
    the setpoint, at ``z = exp(i omega)``; here the delay acts on the control.

    Parameters
    ----------
    omega : float or array
        Angular frequency [rad / step].
    memory : float or array
        Memory a of the room [1].
    loop_gain : float or array
        Loop gain ``G K_p`` [1]; 0 is a room without control.
    delay : float or array
        Whole age d of the reading the controller uses [steps].
    source : {"outdoor", "setpoint"}
        Which input drives the room.

    Returns
    -------
    complex or array
        Room over input [1]; nan where unstable (see ``control_limit``).

    Examples
    --------
    >>> round(abs(sampled_transfer(0.0, memory=0.9, loop_gain=4.0)), 6)
    0.2

    References
    ----------
    Derived here; verified against scipy.signal.dfreqresp and simulation in tests/theory.
    """
    if source not in ("outdoor", "setpoint"):
        raise ValueError(f"source must be 'outdoor' or 'setpoint'; got {source!r}.")
    pull = (1 - memory) * loop_gain
    strength = pull if source == "setpoint" else 1 - memory
    response = strength / (np.exp(1j * omega) - memory + pull * np.exp(-1j * omega * delay))
    stable = (pull >= 0) & (pull < control_limit(memory, delay=delay))
    return np.where(stable, response, np.nan)


@closed_form
def learned_transfer(
    omega: Floats, *, rate: Floats, memory: Floats, loop_gain: Floats
) -> Complexes:
    """Return the response of a setpoint that is learned from the room, over the right setpoint.

    ``s' = s + rate (p - T)`` and the sampled room, both synchronous, without delay. The right
    setpoint for a preference p is ``(1 + 1/(G K_p)) p`` beside a constant. A second order: it may
    ring, and follows slow preferences at the pace ``rate G K_p / (1 + G K_p)``.

    Parameters
    ----------
    omega : float or array
        Angular frequency of the preference [rad / step].
    rate : float or array
        Learning rate [1].
    memory : float or array
        Memory a of the room [1].
    loop_gain : float or array
        Loop gain ``G K_p`` [1].

    Returns
    -------
    complex or array
        Setpoint over the right setpoint [1]; nan where unstable (see ``learning_limit``).

    Examples
    --------
    >>> round(abs(learned_transfer(1e-9, rate=0.1, memory=0.9, loop_gain=4.0)), 6)
    1.0

    References
    ----------
    Derived here; verified against the derivative of the simulated step in tests/theory.
    """
    z, pull = np.exp(1j * np.asarray(omega)), (1 - memory) * loop_gain
    room = pull / (z - memory + pull)
    response = rate / (z - 1 + rate * room) / (1 + 1 / loop_gain)
    stable = (rate > 0) & (rate < learning_limit(memory, loop_gain))
    return np.where(stable, response, np.nan)


@closed_form
def sampled_lag(omega: Floats, *, memory: Floats, loop_gain: Floats = 0.0) -> Floats:
    """Return the lag of the sampled room, ``atan2(sin(omega), cos(omega) - (a-b)) / omega``.

    The same for both inputs, for control without delay.

    Parameters
    ----------
    omega : float or array
        Angular frequency, within ``-pi`` to ``pi`` [rad / step]; 0 gives ``1 / (1 - a + b)``.
    memory : float or array
        Memory a of the room [1].
    loop_gain : float or array
        Loop gain ``G K_p`` [1]; 0 is a room without control.

    Returns
    -------
    float or array
        Lag [steps]; nan where unstable.

    Examples
    --------
    >>> sampled_lag(0.0, memory=0.75)
    4.0

    References
    ----------
    Derived here; verified against the phase of ``sampled_transfer`` in tests/theory.
    """
    g = (1 - memory) * (1 + loop_gain)
    return tracker.phase_lag(g, omega)


def _distance(angle: Floats, pole: Floats) -> Floats:
    """Distance between ``exp(i angle)`` and a real pole."""
    return np.asarray(np.abs(np.exp(1j * angle) - pole))


def _crossing_angle(pole: Floats, slope: Floats, target: Floats) -> Floats:
    """Solve ``arg(exp(i phi) - pole) + slope phi = target`` on 0 .. pi by halving.

    The left side rises with phi; a target that is not reached gives pi.
    """
    low = np.zeros(np.broadcast(pole, slope, target).shape)
    high = low + np.pi
    for _ in range(60):
        middle = (low + high) / 2
        phase = np.arctan2(np.sin(middle), np.cos(middle) - pole) + slope * middle
        low, high = np.where(phase < target, middle, low), np.where(phase < target, high, middle)
    return (low + high) / 2


def _smallest_crossing(pole: float, age: float) -> float:
    """Smallest ``b eta > 0`` with a root of ``z**age (z-1) (z-pole) + b eta`` on the circle.

    One crossing exists per turn of the phase; for poles near -1 a later one comes first.
    """
    turns = np.arange((age + 1) // 2 + 1)
    angles = _crossing_angle(pole, age + 0.5, np.pi / 2 + 2 * np.pi * turns)
    return float(np.min(_distance(angles, 1.0) * _distance(angles, pole)))
