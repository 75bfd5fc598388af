"""Choosing among arms that pay differently: exploration against exploitation, and a reversal."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Array


class Choices(NamedTuple):
    """What many learners chose, each step averaged over them.

    Attributes
    ----------
    best : numpy.ndarray
        Share that chose the arm which then paid most, shape ``(T,)``.
    regret : numpy.ndarray
        Mean reward forgone, shape ``(T,)`` [reward].
    learners : int
        How many there were.
    """

    best: np.ndarray
    regret: np.ndarray
    learners: int

    def recovery(self, since: int, *, level: float = 1 - np.exp(-1)) -> float:
        """Return the steps after a reversal until the share is back by ``level`` of its loss.

        Between the share in the step of the reversal and its mean over the last tenth; nan where it
        never comes.

        Examples
        --------
        >>> share = np.array([0.9, 0.1, 0.5, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9])
        >>> Choices(share, 1 - share, 1).recovery(1)
        2.0
        """
        share = self.best[since:]
        end = self.best[-max(1, len(self.best) // 10) :].mean()
        back = share >= share[0] + level * (end - share[0])
        return float(np.argmax(back)) if back.any() else float("nan")


def choose(
    pays: Any,
    *,
    gain: float,
    sharpness: float | None = None,
    exploring: float | None = None,
    steps: int = 400,
    reversal: int | None = None,
    reward_noise: float = 0.0,
    known: bool = True,
    learners: int = 10_000,
    seed: int = 0,
) -> Choices:
    """Return what learners choose who estimate what each arm pays from what they get.

    ``q[arm] += gain (reward - q[arm])`` for the arm that was chosen: with chances ``softmax(
    sharpness q)``, or any arm with chance ``exploring`` and the best estimate otherwise.

    Parameters
    ----------
    pays
        Mean reward of each arm, shape ``(k,)`` [reward].
    gain
        Part of an estimate's error that is corrected at a try [1], from 0 to 1.
    sharpness, exploring
        One of the two [1/reward], [1].
    steps
        How many.
    reversal
        Step from which arms pay in the opposite order; None: never.
    reward_noise
        Standard deviation of a reward [reward].
    known
        Whether estimates begin right; else at 0.
    learners, seed
        How many, and the root seed.

    Raises
    ------
    ValueError
        If both or neither of ``sharpness`` and ``exploring`` are given, or a number is out of
        range.

    Examples
    --------
    >>> found = choose([1.0, 0.0], gain=0.1, sharpness=2.0, steps=50)
    >>> abs(found.best.mean() - 0.880797) < 4 * np.sqrt(0.105 / (50 * 10_000))
    np.True_
    """
    means = jnp.asarray(pays, dtype=float)
    if (sharpness is None) == (exploring is None):
        raise ValueError("give one of sharpness (softmax) and exploring (eps-greedy)")
    if not 0 <= gain <= 1 or (exploring is not None and not 0 <= exploring <= 1):
        raise ValueError(f"gain and exploring must lie from 0 to 1; got {gain!r}, {exploring!r}")
    if means.ndim != 1 or means.size < 2 or steps < 1 or learners < 1:
        raise ValueError("pays must be two numbers or more; steps and learners at least 1")
    greedy = exploring is not None
    best, regret = _chosen(
        jax.random.key(seed), means, gain, exploring if greedy else sharpness, reward_noise,
        steps if reversal is None else reversal, means if known else jnp.zeros_like(means),
        steps=steps, learners=learners, greedy=greedy,
    )  # fmt: skip
    return Choices(np.asarray(best), np.asarray(regret), learners)


@functools.partial(jax.jit, static_argnames=("steps", "learners", "greedy"))
def _chosen(
    key: Array, means: Array, gain: Any, keenness: Any, noise: Any, reversal: Any, begun: Array,
    *, steps: int, learners: int, greedy: bool,
) -> tuple[Array, Array]:  # fmt: skip
    def one(estimates: Array, paying: Array, key: Array) -> tuple[Array, Array]:
        tried, luck, explores = jax.random.split(key, 3)
        blind = jax.random.randint(tried, (), 0, means.size)
        if greedy:
            curious = jax.random.uniform(explores) < keenness
            arm = jnp.where(curious, blind, jnp.argmax(estimates))
        else:
            arm = jax.random.categorical(tried, keenness * estimates)
        reward = paying[arm] + noise * jax.random.normal(luck)
        return estimates.at[arm].add(gain * (reward - estimates[arm])), arm

    def step(estimates: Array, now: Array) -> tuple[Array, tuple[Array, Array]]:
        paying = jnp.where(now < reversal, means, means[::-1])
        keys = jax.random.split(jax.random.fold_in(key, now), learners)
        estimates, arms = jax.vmap(one, in_axes=(0, None, 0))(estimates, paying, keys)
        got = paying[arms]
        best = got == paying.max()
        return estimates, (best.mean(), (paying.max() - got).mean())

    everybody = jnp.tile(begun, (learners, 1))
    told: tuple[Array, Array] = jax.lax.scan(step, everybody, jnp.arange(steps))[1]
    return told
