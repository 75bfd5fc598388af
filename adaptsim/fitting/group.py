"""One group of a fit: an individual, or all of them with rates in common."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

from adaptsim.fitting.course import Design, Learner, Record
from adaptsim.fitting.estimation import Estimate, courses, estimate_all
from adaptsim.fitting.hypotheses import MIXTURE, Hypothesis, Numbers, numbers
from adaptsim.fitting.profile import Profile, limit_of, profile_all
from adaptsim.fitting.request import Problem
from adaptsim.fitting.simulated import simulate_records

RANKLESS = 1e-9
"""Eigenvalue of a scaled information below which some direction is not told by the data."""
NEVER = 1e-9
"""A gain in log likelihood below this is none."""


class Pair(NamedTuple):
    """A shared parameter of a hypothesis: their places, and the parameter's name."""

    model: int
    which: int
    name: str


def pairs_of(hypotheses: tuple[Hypothesis, ...]) -> list[Pair]:
    """Return all shared parameters of some hypotheses."""
    return [
        Pair(place, which, name)
        for place, one in enumerate(hypotheses)
        for which, name in enumerate(one.parameters)
    ]


class Test(NamedTuple):
    """A likelihood-ratio test of a hypothesis against its own special case.

    ``statistic`` is twice the gain in log likelihood; ``reference`` says what it was compared with.
    """

    statistic: float
    p_value: float
    reference: str


@dataclass(frozen=True)
class Group:
    """What was found out about one group.

    Attributes
    ----------
    name : str
        The individual's name, ``"pooled"``, or empty where there is only one.
    members : tuple[int, ...]
        Which individuals.
    design : Design
        How rows and individuals hang together.
    hypotheses : tuple[Hypothesis, ...]
        What was compared.
    records : Record
        What was recorded of the members, ``(i, T, ...)``.
    estimate : Estimate
        Of each hypothesis, leading axis ``m``.
    profile : Profile
        Of each shared parameter, leading axis as `pairs_of` lists them.
    limit : numpy.ndarray
        Deviance that the interval of each shared parameter allows, ``(p,)``.
    level : float
        Coverage that intervals aim at.
    shown : numpy.ndarray
        What each hypothesis shows, ``(m, i, T, k)``.
    spread : numpy.ndarray
        Standard deviation about it, ``(m, i, k)``; of choices without meaning.
    drawn_ratios : numpy.ndarray or None
        Likelihood ratios of one rate against none, in data without learning, where their
        distribution has no closed form.
    drawn : dict[str, numpy.ndarray]
        Bootstrap estimates of a hypothesis's shared parameters by its name, ``(draws, 2)``.
    """

    name: str
    members: tuple[int, ...]
    design: Design
    hypotheses: tuple[Hypothesis, ...]
    records: Record
    estimate: Estimate
    profile: Profile
    limit: np.ndarray
    level: float
    shown: np.ndarray
    spread: np.ndarray
    drawn_ratios: np.ndarray | None
    drawn: dict[str, np.ndarray]

    @property
    def pairs(self) -> list[Pair]:
        """Shared parameters, in the order of ``profile``."""
        return pairs_of(self.hypotheses)

    @cached_property
    def count(self) -> int:
        """How many numbers, or choices, were recorded."""
        return int(np.asarray(self.records.weight).sum())

    @cached_property
    def log_likelihoods(self) -> np.ndarray:
        """Of each hypothesis ``(m,)``: the highest that was found, by climbing or by profiles."""
        highest = np.array(self.estimate.log_likelihood)
        for place, pair in enumerate(self.pairs):
            highest[pair.model] = max(highest[pair.model], self.profile.log_likelihood[place])
        return highest

    @cached_property
    def parameters(self) -> np.ndarray:
        """How many parameters of each hypothesis these data can tell apart, ``(m,)``.

        The rank of the information, and a standard deviation for each variable and individual.
        """
        spreads = 0 if self.design.options else len(self.members) * len(self.design.variables)
        told = [scaled_eigen(self.information(m))[0] for m in range(len(self.hypotheses))]
        return np.array([(one > RANKLESS).sum() + spreads for one in told])

    def names(self, model: int) -> list[str]:
        """Return the names of all parameters of a hypothesis, in the order of ``information``."""
        own = [name for name in self.design.nuisances if name]
        return [*self.hypotheses[model].parameters, *(own * len(self.members))]

    def information(self, model: int) -> np.ndarray:
        """Return the expected information on all parameters of a hypothesis, ``(k, k)``."""
        arrow = jax.tree.map(lambda a: np.asarray(a)[model], self.estimate.arrow)
        shared = len(self.hypotheses[model].parameters)
        own = sum(name != "" for name in self.design.nuisances)
        size = shared + own * len(self.members)
        whole = np.zeros((size, size))
        whole[:shared, :shared] = arrow.shared[:shared, :shared]
        for i in range(len(self.members)):
            rows = slice(shared + i * own, shared + (i + 1) * own)
            whole[rows, rows] = arrow.own[i, :own, :own]
            whole[:shared, rows] = arrow.across[i, :shared, :own]
            whole[rows, :shared] = arrow.across[i, :shared, :own].T
        return whole

    @cached_property
    def aic(self) -> np.ndarray:
        """Akaike's criterion ``2 k - 2 ln L`` of each hypothesis, ``(m,)``."""
        values: np.ndarray = 2 * self.parameters - 2 * self.log_likelihoods
        return values

    @cached_property
    def bic(self) -> np.ndarray:
        """Schwarz's criterion ``k ln n - 2 ln L`` of each hypothesis, ``(m,)``."""
        values: np.ndarray = np.log(self.count) * self.parameters - 2 * self.log_likelihoods
        return values

    @cached_property
    def weights(self) -> np.ndarray:
        """Akaike weights of the hypotheses, ``(m,)``, which add up to 1."""
        likely = np.exp(-(self.aic - self.aic.min()) / 2)
        weights: np.ndarray = likely / likely.sum()
        return weights

    @property
    def best(self) -> int:
        """Place of the hypothesis with the least AIC; of equals the simplest."""
        return int(np.flatnonzero(self.aic <= self.aic.min() + NEVER)[0])

    def place(self, name: str) -> int:
        """Return the place of a hypothesis."""
        return [one.name for one in self.hypotheses].index(name)

    def test(self, place: int) -> Test | None:
        """Return the test of a hypothesis against its special case; None for the smallest.

        Of one individual's Gaussian numbers the ratio is compared by way of ``F(1, n - p)``, as
        intervals are. A special case at a bound (no learning; a rate that does not decay) halves
        the chance (Chernoff 1954; Self & Liang 1987). Where without learning something else has no
        meaning (an inverse temperature), or the individual is a random walk, no such law holds: the
        ratio is compared with those of data drawn without learning.
        """
        one = self.hypotheses[place]
        if not one.within:
            return None
        within = self.place(one.within)
        gain = max(self.log_likelihoods[place] - self.log_likelihoods[within], 0.0)
        statistic = 2 * gain
        if self.parameters[place] == self.parameters[within]:
            return Test(statistic, np.nan, "none: what is added does not matter to these data")
        if one.within == "none" and self.drawn_ratios is not None:
            ratios = self.drawn_ratios
            chance = (1 + np.sum(ratios >= statistic - NEVER)) / (1 + len(ratios))
            return Test(statistic, float(chance), f"{len(ratios)} draws without learning")
        tail, law = self._tail(statistic, place)
        if one.reference == MIXTURE:
            chance = 1.0 if gain < NEVER else tail / 2
            return Test(statistic, chance, f"half of {law}, half 0: at a bound")
        return Test(statistic, tail, law)

    def _tail(self, statistic: float, place: int) -> tuple[float, str]:
        if self.design.options or len(self.members) > 1:
            return float(stats.chi2.sf(statistic, 1)), "chi2(1)"
        free = max(self.count - fitted_of_mean(self.design, self.hypotheses[place]), 1)
        ratio = np.expm1(statistic / self.count) * free
        return float(stats.f.sf(ratio, 1, free)), f"F(1, {free})"

    def interval(self, place: int) -> tuple[float, float]:
        """Return the interval of a shared parameter, by its place among ``pairs``.

        From the bootstrap (percentiles) where there was one, else from the profile.
        """
        pair = self.pairs[place]
        drawn = self.drawn.get(self.hypotheses[pair.model].name)
        if drawn is None:
            return float(self.profile.low[place]), float(self.profile.high[place])
        tails = [(1 - self.level) / 2, (1 + self.level) / 2]
        ends = np.quantile(drawn[:, pair.which], tails)
        return float(ends[0]), float(ends[1])

    @cached_property
    def residual_autocorrelation(self) -> float:
        """Lag-1 autocorrelation of what the best hypothesis leaves; nan for choices."""
        if self.design.options:
            return float("nan")
        weight = np.asarray(self.records.weight)
        left = np.where(weight > 0, np.asarray(self.records.observed) - self.shown[self.best], 0.0)
        left = left / np.maximum(self.spread[self.best][:, None], np.finfo(float).tiny)
        both = weight[:, 1:] * weight[:, :-1]
        return float((left[:, 1:] * left[:, :-1] * both).sum() / max((left**2).sum(), 1e-300))


def scaled_eigen(information: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and vectors of an information scaled to a diagonal of 1 (or 0)."""
    size = np.sqrt(np.diagonal(information))
    scale = np.where(size > 0, 1 / np.where(size > 0, size, 1), 0.0)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    return values, vectors


def fitted_of_mean(design: Design, hypothesis: Hypothesis) -> int:
    """Return how many parameters of one individual's mean a hypothesis fits."""
    return len(hypothesis.parameters) + sum(name != "" for name in design.nuisances)


class Members(NamedTuple):
    """Sets of individuals that share their rates: ``records`` are ``(b, i, T, ...)``."""

    records: Record
    guess: np.ndarray
    scale: np.ndarray


def _limits(
    problem: Problem, hypotheses: tuple[Hypothesis, ...], records: Record, level: float
) -> jax.Array:
    """Return how much deviance intervals allow, ``(b, p)``."""
    counts = np.asarray(records.weight).sum(axis=(1, 2, 3)).astype(int)
    gaussian = not problem.design.options and records.cue.shape[1] == 1
    fitted = [fitted_of_mean(problem.design, hypotheses[one.model]) for one in pairs_of(hypotheses)]
    return jnp.asarray(
        [[limit_of(level, int(n), p, gaussian=gaussian) for p in fitted] for n in counts]
    )


def estimates_and_profiles(
    problem: Problem, members: Members, hypotheses: tuple[Hypothesis, ...], level: float
) -> tuple[Estimate, Profile, np.ndarray]:
    """Return estimates ``(b, m)``, profiles ``(b, p)``, and the deviance allowed ``(b,)``."""
    told = numbers(hypotheses, problem.low, problem.high)
    learner, design = problem.learner, problem.design
    guess, scale = jnp.asarray(members.guess), jnp.asarray(members.scale)
    found = estimate_all(learner, design, told, members.records, guess, scale)
    pairs = pairs_of(hypotheses)
    models = np.array([one.model for one in pairs])
    which = jnp.asarray([one.which for one in pairs])
    limit = _limits(problem, hypotheses, members.records, level)
    profile = profile_all(
        learner, design, jax.tree.map(lambda a: a[models], told), which, members.records, scale,
        jax.tree.map(lambda a: a[:, models], found), limit,
    )  # fmt: skip
    return found, profile, np.asarray(limit)


def rates_under(
    learner: Learner, design: Design, told: Numbers, records: Record, found: Estimate
) -> tuple[np.ndarray, np.ndarray]:
    """Return what hypotheses show ``(m, i, T, k)`` and their spread ``(m, i, k)``."""
    many = records.cue.shape[0]
    each = [
        courses(
            learner, design, records,
            jnp.broadcast_to(told.embedding[m] @ found.shared[m], (many, 3)), found.own[m],
        )
        for m in range(len(found.shared))
    ]  # fmt: skip
    shown, spread = (np.stack([np.asarray(a) for a in part]) for part in zip(*each, strict=True))
    return shown, spread


def drawn_like(problem: Problem, group: Group, model: int, draws: int, seed: int) -> Members:
    """Return sets of records drawn anew as a hypothesis would have them."""
    told = numbers(group.hypotheses, problem.low, problem.high)
    stream = f"{group.name}/{group.hypotheses[model].name}"
    key = functools.reduce(jax.random.fold_in, stream.encode(), jax.random.key(seed))
    records = simulate_records(
        problem.learner, problem.design, group.records,
        told.embedding[model] @ group.estimate.shared[model], group.estimate.own[model],
        jnp.asarray(group.spread[model]), jax.random.split(key, draws),
    )  # fmt: skip
    whole = Record(
        jnp.broadcast_to(group.records.cue, (draws, *group.records.cue.shape)),
        records.observed,
        jnp.broadcast_to(group.records.weight, (draws, *group.records.weight.shape)),
    )
    own = np.broadcast_to(problem.guess[list(group.members)], (draws, *group.estimate.own[0].shape))
    return Members(whole, own, np.full(draws, problem.scale[list(group.members)].mean()))
