"""The likelihood of what was recorded: Gaussian numbers with their own spread, softmax choices."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from adaptsim.fitting.course import Design, Learner, Record, course
from adaptsim.part import Array

EXACT = 1e-20
"""Part of the sum of squares below which numbers count as followed exactly."""


class Terms(NamedTuple):
    """The log likelihood of one record with its first and expected second derivatives.

    Attributes
    ----------
    value : Array
        Log likelihood, a scalar.
    score : Array
        Its gradient by rates and nuisances, ``(3 + q,)``.
    information : Array
        Expected information on them, ``(3 + q, 3 + q)``.
    """

    value: Array
    score: Array
    information: Array


def spread(record: Record, shown: Array) -> Array:
    """Return the standard deviations that make numbers most likely, ``(k,)``: root mean squares."""
    return jnp.sqrt(_squares(record, shown) / record.weight.sum(axis=0))


def _residuals(record: Record, shown: Array) -> Array:
    return jnp.where(record.weight > 0, record.observed - shown, 0.0)


def _squares(record: Record, shown: Array) -> Array:
    counted = jnp.where(record.weight > 0, record.observed, 0.0)
    floor = EXACT * jnp.sum(counted**2, axis=0) + jnp.finfo(float).tiny
    return jnp.sum(_residuals(record, shown) ** 2, axis=0) + floor


def log_likelihood(design: Design, record: Record, shown: Array) -> Array:
    """Return the log likelihood of a record where a model shows ``(T, k)``, a scalar.

    Numbers are Gaussian about what is shown; the standard deviation of each variable is the one
    that makes them most likely, ``- sum_k n_k/2 (1 + ln(2 pi SS_k / n_k))``. Choices are drawn
    from ``softmax(shown)``.
    """
    if design.options:
        chances = jax.nn.log_softmax(shown)
        return jnp.sum(record.weight * record.observed * chances)
    many = record.weight.sum(axis=0)
    return -0.5 * jnp.sum(many * (1 + jnp.log(2 * jnp.pi * _squares(record, shown) / many)))


def terms(learner: Learner, design: Design, record: Record, rates: Array, nuisance: Array) -> Terms:
    """Return the log likelihood with its derivatives, through the step itself.

    The information is the expected one (Fisher scoring; Gauss and Newton's for Gaussian numbers).
    """

    def shown_by(both: Array) -> tuple[Array, Array]:
        shown, _ = course(learner, design, record, both[:3], both[3:])
        return shown, shown

    both = jnp.concatenate([rates, nuisance])
    slopes, shown = jax.jacfwd(shown_by, has_aux=True)(both)
    value = log_likelihood(design, record, shown)
    if design.options:
        chances = jax.nn.softmax(shown)
        error = record.weight * (record.observed - chances)
        score = jnp.einsum("tkp,tk->p", slopes, error)
        centred = slopes - jnp.einsum("tk,tkp->tp", chances, slopes)[:, None]
        weights = record.weight * chances
    else:
        scale = record.weight.sum(axis=0) / _squares(record, shown)
        score = jnp.einsum("tkp,tk->p", slopes, scale * _residuals(record, shown))
        centred, weights = slopes, scale * record.weight
    information = jnp.einsum("tk,tkp,tkq->pq", weights, centred, centred)
    return Terms(value, score, information)
