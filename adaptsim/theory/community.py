"""Two prey and adaptive predators that feel each other: what is known in closed form.

With prey ``R_1, R_2``, predators ``C`` and the preference ``u`` for prey 1, logit ``l``:

``D = 1 + a_1 u h_1 R_1 + a_2 (1-u) h_2 R_2``
``dR_1/dt = r_1 R_1 (1 - R_1/K_1) - a_1 u R_1 C / D``, and so for prey 2 with ``1-u``
``dC/dt = C ((e_1 a_1 u R_1 + e_2 a_2 (1-u) R_2) / D - m)``
``dl/dt = alpha dW/du``, ``D^2 dW/du = e_1 a_1 R_1 - e_2 a_2 R_2 + a_1 a_2 R_1 R_2 (e_1 h_2 - e_2
h_1)``

A predator that climbs its own intake pins each prey at its own break-even density, whatever the
rate ``alpha`` at which it learns. How the community returns there does depend on the rate.
`Community` holds the parameters and answers for any of them; the functions are the special cases
that can be written in a line. Where nothing else is said the results were derived for this project
and checked against integration of the equations in tests/community.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adaptsim.theory._closed_form import Floats, closed_form

Pair = tuple[float, float]


class Community(NamedTuple):
    """Two prey and predators that climb their intake; pairs are prey 1 and prey 2.

    Attributes
    ----------
    growth : tuple of float
        Growth rates r of rare prey [1/time].
    crowding : tuple of float
        One over the capacities, ``1/K`` [1/density]; 0 for none.
    attack : tuple of float
        Attack rates a [1/(density time)].
    handling : tuple of float
        Handling times h [time].
    conversion : tuple of float
        Predators made of one prey, e [1].
    mortality : float
        Of predators, m [1/time].

    Examples
    --------
    >>> enriched = Community(
    ...     growth=(1.0, 0.5), crowding=(0.25, 0.25), handling=(0.5, 0.5), conversion=(0.5, 0.35),
    ...     mortality=0.2,
    ... )
    >>> enriched.prey.round(6).tolist(), round(enriched.predators, 6), round(enriched.preference, 6)
    ([0.5, 0.8], 1.65375, 0.686275)
    >>> enriched.hopf_rates().round(6).tolist()
    [0.913582, 2.175682]
    """

    growth: Pair
    crowding: Pair = (0.0, 0.0)
    attack: Pair = (1.0, 1.0)
    handling: Pair = (0.0, 0.0)
    conversion: Pair = (1.0, 1.0)
    mortality: float = 0.2

    @property
    def prey(self) -> NDArray[np.float64]:
        """Densities at which the prey rest, ``m / (a_i (e_i - m h_i))``, shape ``(2,)``."""
        return np.array(
            break_even(
                self.mortality,
                attack=np.array(self.attack),
                handling=np.array(self.handling),
                conversion=np.array(self.conversion),
            )
        )

    @property
    def supply(self) -> NDArray[np.float64]:
        """What each prey can bear at rest, ``y_i = r_i (1 - R_i/K_i) / a_i``, shape ``(2,)``."""
        spared = 1 - np.array(self.crowding) * self.prey
        return np.array(self.growth) * spared / np.array(self.attack)

    @property
    def preference(self) -> float:
        """Preference at rest, ``y_1 / (y_1 + y_2)``; nan where a prey cannot bear any."""
        supply = self.supply
        return float(supply[0] / supply.sum()) if (supply > 0).all() else math.nan

    @property
    def effort(self) -> NDArray[np.float64]:
        """Shares of effort at rest, shape ``(2,)``."""
        return np.array([self.preference, 1 - self.preference])

    @property
    def slowing(self) -> float:
        """By how much handling slows predators down at rest, ``D``."""
        busy = np.array(self.attack) * np.array(self.handling) * self.prey
        return float(1 + busy @ self.effort)

    @property
    def predators(self) -> float:
        """Density of predators at rest, ``D (y_1 + y_2)``."""
        return self.slowing * float(self.supply.sum())

    def jacobian(self, rate: float) -> NDArray[np.float64]:
        """Return the derivative at rest in ``(ln R_1, ln R_2, ln C, l)``, shape ``(4, 4)``.

        Examples
        --------
        >>> still = Community(growth=(1.0, 0.5), conversion=(0.5, 0.25))
        >>> np.sort(np.linalg.eigvals(still.jacobian(1.0)).imag).round(6)[2:].tolist()
        [0.316228, 0.447214]
        """
        growth, crowding, attack, handling, conversion = map(np.array, self[:5])
        prey, effort, slow, predators = self.prey, self.effort, self.slowing, self.predators
        cleared = attack * effort / slow
        busy = attack * effort * handling * prey / slow
        tilt = effort.prod() * np.array([1, -1]) @ (attack * handling * prey) / slow
        turned = np.array([effort[1], -effort[0]]) - tilt
        matrix = np.zeros((4, 4))
        matrix[:2, :2] = np.outer(cleared * predators, busy) - np.diag(growth * crowding * prey)
        matrix[:2, 2] = -cleared * predators
        matrix[:2, 3] = -cleared * predators * turned
        matrix[2, :2] = conversion * cleared * prey - self.mortality * busy
        cross = attack.prod() * prey.prod() * (conversion @ (handling[::-1] * np.array([1, -1])))
        worth = conversion * attack * prey * np.array([1, -1])
        matrix[3, :2] = rate * (worth + cross) / slow**2
        return matrix

    def leading_real_part(self, rate: float) -> float:
        """Return the largest real part of an eigenvalue at rest [1/time]; below 0 it is stable.

        Examples
        --------
        >>> enriched = Community(
        ...     growth=(1.0, 0.5), crowding=(0.25, 0.25), handling=(0.5, 0.5),
        ...     conversion=(0.5, 0.35),
        ... )
        >>> [round(enriched.leading_real_part(rate), 6) for rate in (0.3, 1.0, 3.0)]
        [0.014294, -0.003221, 0.006052]
        """
        return float(np.linalg.eigvals(self.jacobian(rate)).real.max())

    def hopf_rates(self) -> NDArray[np.float64]:
        """Return the learning rates at which a pair of eigenvalues is imaginary, in order.

        The last row of the Jacobian is proportional to the rate, so each coefficient of ``s^4 +
        c_3 s^3 + c_2 s^2 + c_1 s + c_0`` is linear in it, and Hurwitz' condition ``c_3 c_2 c_1 -
        c_1^2 - c_3^2 c_0 = 0`` is a quadratic in the rate: its positive roots with ``c_1 / c_3``
        (the square of the frequency) positive.

        Examples
        --------
        With little to eat no rate is unstable:

        >>> Community(
        ...     growth=(1.0, 0.5), crowding=(0.4, 0.4), handling=(0.5, 0.5), conversion=(0.5, 0.35)
        ... ).hopf_rates().tolist()
        []
        """
        still, moved = (np.poly(self.jacobian(rate)) for rate in (0.0, 1.0))
        c3, c2, c1, c0 = (
            np.polynomial.Polynomial([at, by - at])
            for at, by in zip(still[1:], moved[1:], strict=True)
        )
        condition = c3 * c2 * c1 - c1**2 - c3**2 * c0
        roots = condition.trim(1e-12 * abs(condition.coef).max()).roots()
        real = roots[abs(roots.imag) < 1e-9 * (1 + abs(roots))].real
        return np.sort([one for one in real if one > 1e-9 and c1(one) / c3(one) > 0])

    def conserved(
        self, prey_1: Floats, prey_2: Floats, predators: Floats, preference: Floats, *, rate: Floats
    ) -> Floats:
        """Return what is conserved where nothing is crowded and nothing handled; see `conserved`.

        With crowding it is a Lyapunov function: it can only fall.
        """
        spared = np.array(self.growth) * (1 - np.array(self.crowding) * self.prey)
        return conserved(
            prey_1, prey_2, predators, preference, rate=rate, growth_1=spared[0],
            growth_2=spared[1], attack_1=self.attack[0], attack_2=self.attack[1],
            conversion_1=self.conversion[0], conversion_2=self.conversion[1],
            mortality=self.mortality,
        )  # fmt: skip


@closed_form
def break_even(
    mortality: Floats, *, attack: Floats, conversion: Floats, handling: Floats = 0.0
) -> Floats:
    """Return the density of prey at which predators just live on it, ``m / (a (e - m h))``.

    Parameters
    ----------
    mortality : float or array
        Of predators [1/time].
    attack : float or array
        Attack rate [1/(density time)].
    conversion : float or array
        Predators made of one prey [1].
    handling : float or array
        Handling time [time].

    Returns
    -------
    float or array
        Density; nan where prey come too slowly, ``e <= m h``.

    Examples
    --------
    >>> break_even(0.2, attack=1.0, conversion=0.5, handling=0.5)
    0.5

    References
    ----------
    Holling's type II response; Tilman's R*. That a predator which climbs its intake keeps each prey
    at its own was derived here.
    """
    gained = conversion - mortality * handling
    return np.where(gained > 0, mortality / (attack * gained), np.nan)


@closed_form
def conserved(
    prey_1: Floats,
    prey_2: Floats,
    predators: Floats,
    preference: Floats,
    *,
    rate: Floats,
    growth_1: Floats,
    growth_2: Floats,
    attack_1: Floats = 1.0,
    attack_2: Floats = 1.0,
    conversion_1: Floats = 1.0,
    conversion_2: Floats = 1.0,
    mortality: Floats = 0.2,
) -> Floats:
    """Return what a community without crowding and handling conserves at any learning rate.

    ``V = e_1 R_1 + e_2 R_2 + C - (m/a_1) ln R_1 - (m/a_2) ln R_2 - C* ln C - ((r_1/a_1) ln u +
    (r_2/a_2) ln(1-u)) / alpha`` with ``C* = r_1/a_1 + r_2/a_2``. With crowding, and ``r_i (1 -
    R_i*/K_i)`` in place of ``r_i``, it falls: see `lyapunov_decline`.

    Parameters
    ----------
    prey_1, prey_2, predators : float or array
        Densities.
    preference : float or array
        Share of effort on prey 1 [1].
    rate : float or array
        Learning rate alpha, positive.
    growth_1, growth_2, attack_1, attack_2, conversion_1, conversion_2, mortality : float or array
        As in `Community`.

    Examples
    --------
    >>> import math
    >>> start = 0.6, 0.5, 1.0, 1 / (1 + math.exp(-0.3))
    >>> numbers = dict(growth_1=1.0, growth_2=0.5, conversion_1=0.5, conversion_2=0.25)
    >>> [round(conserved(*start, rate=rate, **numbers), 6) for rate in (0.1, 1.0, 5.0)]
    [11.481123, 2.647327, 1.862101]

    References
    ----------
    Derived here, as Volterra's invariant with one more term for the preference; no source known.
    """
    rest = growth_1 / attack_1 + growth_2 / attack_2
    eaten = conversion_1 * prey_1 + conversion_2 * prey_2 + predators
    grown = mortality * (np.log(prey_1) / attack_1 + np.log(prey_2) / attack_2)
    sides = growth_1 / attack_1 * np.log(preference) + growth_2 / attack_2 * np.log1p(-preference)
    return eaten - grown - rest * np.log(predators) - sides / rate


@closed_form
def lyapunov_decline(
    prey: Floats, rest: Floats, *, growth: Floats, crowding: Floats, conversion: Floats
) -> Floats:
    """Return one prey's part in ``dV/dt``, ``-e r/K (R - R*)^2``, without handling.

    The sum over both prey is how fast `conserved` falls: any learning rate ends in coexistence.

    Parameters
    ----------
    prey, rest : float or array
        Density, and where it rests.
    growth, crowding, conversion : float or array
        As in `Community`.

    Examples
    --------
    >>> lyapunov_decline(0.75, 0.25, growth=1.0, crowding=0.5, conversion=0.5)
    -0.0625

    References
    ----------
    Derived here.
    """
    return -conversion * growth * crowding * (prey - rest) ** 2


@closed_form
def small_oscillations(
    rate: Floats, *, growth_1: Floats, growth_2: Floats, mortality: Floats, preference: Floats
) -> Floats:
    """Return the two frequencies of small oscillations without crowding and handling.

    They are the roots of the eigenvalues of a matrix with trace ``alpha m (r_1 (1-u) + r_2 u) + m
    (r_1 u + r_2 (1-u))`` and determinant ``alpha m^2 r_1 r_2``.

    Parameters
    ----------
    rate : float or array
        Learning rate alpha.
    growth_1, growth_2, mortality : float or array
        As in `Community` [1/time].
    preference : float or array
        At rest, ``(r_1/a_1) / (r_1/a_1 + r_2/a_2)`` [1].

    Returns
    -------
    array
        Slow and fast [rad/time], the first axis of length 2.

    Examples
    --------
    >>> numbers = dict(growth_1=1.0, growth_2=0.5, mortality=0.2, preference=2 / 3)
    >>> small_oscillations(5.0, **numbers).round(6).tolist()
    [0.381252, 0.829446]

    References
    ----------
    Derived here.
    """
    learnt = rate * mortality * (growth_1 * (1 - preference) + growth_2 * preference)
    trace = learnt + mortality * (growth_1 * preference + growth_2 * (1 - preference))
    determinant = rate * mortality**2 * growth_1 * growth_2
    apart = np.sqrt(trace**2 - 4 * determinant)
    fast = (trace + apart) / 2
    return np.sqrt(np.stack(np.broadcast_arrays(determinant / fast, fast)))


@closed_form
def switching_frequency(
    growth_1: Floats, growth_2: Floats, *, mortality: Floats, attack_1: Floats, attack_2: Floats
) -> Floats:
    """Return the frequency of small oscillations of predators that switch at once.

    ``sqrt(m (r_1 a_2 + r_2 a_1) / (a_1 + a_2))``, the limit of the slow one of
    `small_oscillations` as the learning rate grows.

    Parameters
    ----------
    growth_1, growth_2, mortality, attack_1, attack_2 : float or array
        As in `Community`.

    Examples
    --------
    >>> round(switching_frequency(1.0, 0.5, mortality=0.2, attack_1=1.0, attack_2=1.0), 6)
    0.387298

    References
    ----------
    Boukal & Krivan, J. Math. Biol. 39 (1999) for the switching system, quoted at second hand.
    """
    growth = (growth_1 * attack_2 + growth_2 * attack_1) / (attack_1 + attack_2)
    return np.sqrt(mortality * growth)


@closed_form
def switching_preference(
    predators: Floats, *, growth_1: Floats, growth_2: Floats, attack_1: Floats, attack_2: Floats
) -> Floats:
    """Return the preference that keeps both prey worth the same while predators switch at once.

    ``(r_1 - r_2 + a_2 C) / ((a_1 + a_2) C)``, on the attractor ``e_1 a_1 R_1 = e_2 a_2 R_2``.

    Parameters
    ----------
    predators : float or array
        Density C.
    growth_1, growth_2, attack_1, attack_2 : float or array
        As in `Community`.

    Returns
    -------
    float or array
        Share of effort on prey 1; nan where it would not lie in [0, 1] (``C < (r_1 - r_2)/a_1``).

    Examples
    --------
    >>> round(
    ...     switching_preference(1.5, growth_1=1.0, growth_2=0.5, attack_1=1.0, attack_2=1.0), 6
    ... )
    0.666667

    References
    ----------
    Krivan's lecture slides, quoted at second hand.
    """
    share = (growth_1 - growth_2 + attack_2 * predators) / ((attack_1 + attack_2) * predators)
    return np.where((share >= 0) & (share <= 1), share, np.nan)


@closed_form
def invasion_rate(
    preference: Floats,
    *,
    growth_1: Floats,
    growth_2: Floats,
    crowding_1: Floats,
    mortality: Floats,
    attack_1: Floats = 1.0,
    attack_2: Floats = 1.0,
    conversion_1: Floats = 1.0,
) -> Floats:
    """Return the growth rate of rare prey 2 among prey 1 and predators that never learn.

    ``r_2 - a_2 (1-u) C_1`` with ``C_1 = r_1 (1 - R/K_1) / (a_1 u)`` and ``R = m / (e_1 a_1 u)``,
    without handling. Below 0 prey 2 is excluded by the predators that prey 1 feeds (apparent
    competition).

    Parameters
    ----------
    preference : float or array
        Fixed share of effort on prey 1 [1].
    growth_1, growth_2, crowding_1, mortality, attack_1, attack_2, conversion_1 : float or array
        As in `Community`.

    Examples
    --------
    >>> round(
    ...     invasion_rate(
    ...         0.5, growth_1=1.0, growth_2=0.5, crowding_1=1 / 3, mortality=0.2, conversion_1=0.5
    ...     ),
    ...     4,
    ... )
    -0.2333

    References
    ----------
    Holt, Theor. Popul. Biol. 12 (1977), quoted at second hand; derived here.
    """
    prey = mortality / (conversion_1 * attack_1 * preference)
    predators = growth_1 * (1 - crowding_1 * prey) / (attack_1 * preference)
    return growth_2 - attack_2 * (1 - preference) * predators


@closed_form
def hopf_capacity(rest: Floats, *, attack: Floats, handling: Floats) -> Floats:
    """Return the capacity above which symmetric prey and predators cycle, ``2 R* + 1/(a h)``.

    The paradox of enrichment: more food for the prey makes a stable community swing. Learning does
    not touch it, since prey that are alike swing together.

    Parameters
    ----------
    rest : float or array
        Density R* at which each prey rests.
    attack, handling : float or array
        Attack rate and handling time.

    Examples
    --------
    >>> rest = break_even(0.25, attack=1.0, conversion=0.5, handling=0.5)
    >>> round(hopf_capacity(rest, attack=1.0, handling=0.5), 6)
    3.333333

    References
    ----------
    Rosenzweig & MacArthur (1963), Rosenzweig, Science 171 (1971), quoted at second hand.
    """
    return 2 * rest + 1 / (attack * handling)


@closed_form
def preference_mode(
    rest: Floats,
    *,
    growth: Floats,
    capacity: Floats,
    attack: Floats,
    handling: Floats,
    conversion: Floats,
) -> Floats:
    """Return ``A`` and ``B C'`` of the mode in which symmetric prey swing against each other.

    ``s^2 + A s + alpha B C' = 0`` with ``A = r R*/K``, ``B = 4 r (1 - R*/K) R*``, ``C' = e a /
    (4 D^2)`` and ``D = 1 + a h R*``.

    Parameters
    ----------
    rest : float or array
        Density R* at which each prey rests.
    growth, capacity, attack, handling, conversion : float or array
        Of either prey.

    Returns
    -------
    array
        ``A`` [1/time] and ``B C'`` [1/time^2 per rate], the first axis of length 2.

    Examples
    --------
    >>> mode = dict(growth=1.0, capacity=4.0, attack=1.0, handling=0.5, conversion=0.5)
    >>> preference_mode(2 / 3, **mode).round(6).tolist()
    [0.166667, 0.15625]

    References
    ----------
    Derived here.
    """
    damping = growth * rest / capacity
    pull = 4 * growth * (1 - rest / capacity) * rest
    felt = conversion * attack / (4 * (1 + attack * handling * rest) ** 2)
    return np.stack(np.broadcast_arrays(damping, pull * felt))


@closed_form
def critical_rate(damping: Floats, coupling: Floats) -> Floats:
    """Return the learning rate at which preferences no longer return without ringing.

    ``A^2 / (4 B C')``; from there on learning faster only rings faster: the decay stays at ``A/2``.

    Parameters
    ----------
    damping, coupling : float or array
        ``A`` and ``B C'`` of `preference_mode`.

    Examples
    --------
    >>> round(critical_rate(1 / 6, 0.15625), 6)
    0.044444

    References
    ----------
    Derived here.
    """
    return damping**2 / (4 * coupling)


@closed_form
def fastest_stable_rate(damping: Floats, coupling: Floats, *, perception_rate: Floats) -> Floats:
    """Return the learning rate up to which late information is borne, ``A (A + kappa) / (B C')``.

    What is perceived follows the densities at the rate kappa. At the limit the preference rings at
    ``sqrt(A kappa)``.

    Parameters
    ----------
    damping, coupling : float or array
        ``A`` and ``B C'`` of `preference_mode`.
    perception_rate : float or array
        kappa [1/time].

    Examples
    --------
    >>> mode = dict(growth=1.0, capacity=2.4, attack=1.0, handling=0.5, conversion=0.5)
    >>> limit = fastest_stable_rate(*preference_mode(2 / 3, **mode), perception_rate=[0.2, 1, 5])
    >>> limit.round(6).tolist()
    [0.980057, 2.621083, 10.826211]

    References
    ----------
    Routh-Hurwitz condition of ``s^3 + (A+kappa) s^2 + A kappa s + alpha B C' kappa``; derived here.
    """
    return damping * (damping + perception_rate) / coupling


@closed_form
def mixed_rate(rates: Floats) -> Floats:
    """Return the one learning rate that a mixed population of predators has near rest: the mean.

    All climb the same slope, each at its own rate; where they prefer the same, their mean
    preference moves at the mean rate, and that is all the prey feel.

    Parameters
    ----------
    rates : array
        One for each predator.

    Examples
    --------
    >>> mixed_rate([0.5, 1.5])
    1.0

    References
    ----------
    Derived here.
    """
    return np.mean(rates)
