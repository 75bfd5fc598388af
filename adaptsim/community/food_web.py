"""A web of many species in which some consumers learn what to eat (after Kondoh).

Whether a web with more links lasts longer depends on whether its consumers adapt: without, links
add ways to be eaten; with, they add something else to eat. That holds for the linear responses and
random webs here; Brose et al. (2003) looked again with niche-model webs and saturating responses
and found that it depends on them. Take it as a result of this model, not of nature.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array

SPECIES, BASAL = 8, 4
CONSUMERS = SPECIES - BASAL
CONVERSION = 0.3
MORTALITY = 0.05
"""Of consumers [1/time]."""

FLOOR = 1e-6
"""Densities are held at this; a species that floats there can come back."""

DT = 0.1
"""Length of a step [time]."""

EXTINCT = 1e-4
"""A species below this density at the end has died out."""

LEAST_EFFORT = 1e-9
"""Share of effort that a consumer never gives up for any of its prey."""


class Web(NamedTuple):
    """One web of ``s`` species, of which the last ``c`` are consumers.

    Attributes
    ----------
    eats : Array
        Whether a consumer eats a species, shape ``(c, s)``, 0 or 1.
    efficiency : Array
        Of a consumer in catching a species [1/(density time)], shape ``(c, s)``.
    growth : Array
        Of basal species; minus mortality of consumers [1/time], shape ``(s,)``.
    limit : Array
        By how much a species' own density slows it down [1/(density time)], shape ``(s,)``.
    adapts : Array
        Whether a consumer learns what to eat, shape ``(c,)``, 0 or 1.
    density, effort : Array
        Before the first step, shapes ``(s,)`` and ``(c, s)``; efforts of a consumer add up to 1.
    """

    eats: Array
    efficiency: Array
    growth: Array
    limit: Array
    adapts: Array
    density: Array
    effort: Array


def random_web(key: Array, connectance: Array | float, adaptive: Array | float) -> Web:
    """Return a random web of 8 species, 4 of them basal.

    Each consumer eats each species before it with the chance ``connectance``, at least one.
    Catching efficiencies are uniform in (0, 1), growth rates of basal species in (0.1, 1),
    densities in (0.1, 0.6); effort begins uniform over the diet.

    Parameters
    ----------
    key
        Random key.
    connectance
        Chance of a link, from 0 to 1.
    adaptive
        Share of consumers that learn, from 0 to 1; which ones is drawn.

    Examples
    --------
    >>> web = random_web(jax.random.key(0), 0.0, 1.0)
    >>> web.eats.sum(axis=1).tolist(), web.adapts.tolist()
    ([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0])
    """
    links, catch, growth, density, luck = _uniform(key)
    may = jnp.arange(SPECIES)[None] < jnp.arange(BASAL, SPECIES)[:, None]
    chance = jnp.where(may, links, jnp.inf)
    eats = ((chance < connectance) | (chance == chance.min(axis=1, keepdims=True))).astype(float)
    rank = (luck[:, None] > luck[None]).sum(axis=1)
    return Web(
        eats=eats,
        efficiency=catch,
        growth=jnp.append(0.1 + 0.9 * growth, jnp.full(CONSUMERS, -MORTALITY)),
        limit=jnp.append(jnp.ones(BASAL), jnp.zeros(CONSUMERS)),
        adapts=(rank < jnp.round(adaptive * CONSUMERS)).astype(float),
        density=0.1 + 0.5 * density,
        effort=eats / eats.sum(axis=1, keepdims=True),
    )


def _uniform(key: Array) -> list[Array]:
    """Return uniform numbers for links, efficiencies, growth, densities, and who learns."""
    shapes = (CONSUMERS, SPECIES), (CONSUMERS, SPECIES), (BASAL,), (SPECIES,), (CONSUMERS,)
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    drawn = jnp.split(jax.random.uniform(key, (int(ends[-1]),)), ends[:-1].tolist())
    return [one.reshape(shape) for one, shape in zip(drawn, shapes, strict=True)]


def change(web: Web, rate: Array | float, density: Array, effort: Array) -> tuple[Array, Array]:
    """Return the changes per time of densities ``(s,)`` and efforts ``(c, s)``.

    ``dX_i/dt = X_i (r_i - s_i X_i + e sum_j a_ij f_ij X_j - sum_k a_ki f_ki X_k)`` and, of those
    that learn, ``da_ij/dt = G a_ij (g_ij - sum_k a_ik g_ik)`` with ``g_ij = e f_ij X_j``.

    Examples
    --------
    >>> web = random_web(jax.random.key(1), 0.5, 1.0)
    >>> density, effort = change(web, 2.5, web.density, web.effort)
    >>> bool(jnp.abs(effort.sum(axis=1)).max() < 1e-15)  # shares stay shares
    True
    """
    gain = CONVERSION * web.efficiency * density[None, :]
    income = (effort * gain).sum(axis=1)
    loss = (effort * web.efficiency * density[BASAL:, None]).sum(axis=0)
    earned = jnp.append(jnp.zeros(BASAL), income)
    grown = density * (web.growth - web.limit * density + earned - loss)
    learnt = (web.adapts * rate)[:, None] * effort * (gain - income[:, None])
    return grown, learnt


def step(web: Web, rate: Array | float, density: Array, effort: Array) -> tuple[Array, Array]:
    """Return densities and efforts after a time of 0.1 by the classical Runge-Kutta method.

    Densities are held at 1e-6, efforts over a diet at 1e-9.
    """
    state = density, effort

    def moved(by: float, slope: tuple[Array, Array]) -> tuple[Array, Array]:
        return change(web, rate, density + by * slope[0], effort + by * slope[1])

    first = change(web, rate, *state)
    second = moved(DT / 2, first)
    third = moved(DT / 2, second)
    fourth = moved(DT, third)
    density, effort = (
        old + DT / 6 * (a + 2 * b + 2 * c + d)
        for old, a, b, c, d in zip(state, first, second, third, fourth, strict=True)
    )
    effort = jnp.maximum(effort, LEAST_EFFORT) * web.eats
    return jnp.maximum(density, FLOOR), effort / effort.sum(axis=1, keepdims=True)


@functools.partial(jax.jit, static_argnames=("steps",))
def lasting(webs: Web, rates: Array, *, steps: int) -> Array:
    """Return in which of many webs nobody is extinct after some steps, shape ``(w,)``.

    Parameters
    ----------
    webs
        Arrays with a further axis ``w``, the last: so a compiled loop takes many webs at a time.
    rates
        Learning rate G of each, shape ``(w,)`` [1/time per gain].
    steps
        Of a length of 0.1.

    Examples
    --------
    >>> web = random_web(jax.random.key(1), 0.5, 1.0)
    >>> one = jax.tree.map(lambda leaf: leaf[..., None], web._replace(growth=-jnp.ones(8)))
    >>> lasting(one, jnp.ones(1), steps=200).tolist()
    [False]
    """
    many = jax.vmap(step, in_axes=-1, out_axes=-1)

    def once(_: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        return many(webs, rates, *state)

    density, _ = jax.lax.fori_loop(0, steps, once, (webs.density, webs.effort))
    return jnp.all(density > EXTINCT, axis=0)


class Persistence(NamedTuple):
    """How many webs last. Axes: ``c`` connectances, ``k`` settings.

    Attributes
    ----------
    connectance : numpy.ndarray
        Chances of a link, shape ``(c,)``.
    share : numpy.ndarray
        Of webs in which nobody died out, shape ``(k, c)``.
    standard_error : numpy.ndarray
        Binomial, of the share, shape ``(k, c)``.
    """

    connectance: np.ndarray
    share: np.ndarray
    standard_error: np.ndarray


@functools.partial(jax.jit, static_argnames=("webs",))
def _drawn(seed: Array, chances: Array, settings: Array, *, webs: int) -> tuple[Web, Array]:
    """Return all webs, the last axis ``k * c * webs``, and their rates."""
    keys = jax.random.split(jax.random.key(seed), webs)
    setting, chance, web = jnp.indices((len(settings), len(chances), webs)).reshape(3, -1)
    drawn = jax.vmap(random_web, out_axes=-1)(keys[web], chances[chance], settings[setting, 0])
    return drawn, settings[setting, 1]


def persistence(
    connectance: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9),
    settings: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.5, 2.5), (1.0, 0.25), (1.0, 2.5)),
    *,
    webs: int = 200,
    steps: int = 8000,
    seed: int = 0,
) -> Persistence:
    """Return the share of random webs that last, over connectance, in one compiled call.

    Parameters
    ----------
    connectance
        Chances of a link, each from 0 to 1.
    settings
        Pairs: share of consumers that learn, and their rate G [1/time per gain].
    webs, steps, seed
        How many webs for each, steps of 0.1, and the root seed; the same webs for all settings.

    Raises
    ------
    ValueError
        For chances or shares outside 0 to 1, rates below 0 or numbers below 1.

    Examples
    --------
    >>> found = persistence((0.5,), ((0.0, 0.0),), webs=10, steps=10)
    >>> found.share.shape
    (1, 1)

    References
    ----------
    Kondoh, Science 299 (2003) 1388; Brose, Williams & Martinez, Science 301 (2003) 918b: quoted at
    second hand, their own parameters not had.
    """
    chances, pairs = np.asarray(connectance, float), np.asarray(settings, float)
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError(f"connectance must lie from 0 to 1; got {chances.tolist()}")
    if not (pairs.ndim == 2 and pairs.shape[1] == 2 and _shares_and_rates(pairs)):
        raise ValueError(
            f"settings must be pairs: a share from 0 to 1 and a rate of at least 0; "
            f"got {pairs.tolist()}"
        )
    if webs < 1 or steps < 1:
        raise ValueError(f"webs and steps must be at least 1; got {webs!r} and {steps!r}")
    drawn, rates = _drawn(seed, chances, pairs, webs=webs)
    lasted = np.asarray(lasting(drawn, rates, steps=steps))
    share = lasted.reshape(len(pairs), len(chances), webs).mean(axis=-1)
    spread = np.sqrt(np.maximum(share * (1 - share), 1 / webs / 4) / webs)
    return Persistence(chances, share, spread)


def _shares_and_rates(pairs: np.ndarray) -> bool:
    share, rate = pairs.T
    return bool(((share >= 0) & (share <= 1) & (rate >= 0) & np.isfinite(rate)).all())


def slope(found: Persistence) -> np.ndarray:
    """Return how the share changes per unit of connectance, by least squares, shape ``(k,)``.

    Examples
    --------
    >>> known = Persistence(np.array([0.0, 1.0]), np.array([[0.25, 0.75]]), np.zeros((1, 2)))
    >>> slope(known).round(9).tolist()
    [0.5]
    """
    return np.array([np.polyfit(found.connectance, one, 1)[0] for one in found.share])
