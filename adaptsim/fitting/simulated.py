"""Simulated records: what individuals with known rates would have left, drawn anew."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from adaptsim.fitting.course import Design, Learner, Record, course
from adaptsim.part import Array


@functools.partial(jax.jit, static_argnames=("design",))
def simulate_records(
    learner: Learner,
    design: Design,
    records: Record,
    rates: Array,
    own: Array,
    spread: Array,
    keys: Array,
) -> Record:
    """Return records as they might have been, in the same world: ``(b, i, T, ...)``.

    Where only the pay of what was chosen is known (one column), other choices would have seen other
    pay, which nobody recorded: choices are then drawn along the recorded ones, and pay is as it was
    whatever is chosen.

    Parameters
    ----------
    learner, design
        Who learns, and how rows and individuals hang together.
    records
        What was recorded of ``i`` individuals.
    rates
        ``[rises, falls, decay]``.
    own
        Nuisances of each, ``(i, q)``.
    spread
        Standard deviations of numbers about what is shown, ``(i, k)``; of choices unused.
    keys
        Random keys, one for each of ``b`` drawings.
    """

    def one(record: Record, own: Array, spread: Array, key: Array) -> Record:
        def answer(row: Array, shown: Array, observed: Array) -> Array:
            luck = jax.random.fold_in(key, row)
            if design.options:
                drawn = jax.nn.one_hot(jax.random.categorical(luck, shown), design.options)
            else:
                drawn = shown + spread * jax.random.normal(luck, shown.shape)
            return jnp.where(record.weight[row] > 0, drawn, observed)

        _, seen = course(learner, design, record, rates, own, answer)
        return record._replace(observed=seen)

    def everybody(key: Array) -> Record:
        each = jax.random.split(key, len(own))
        return jax.vmap(one)(records, own, spread, each)

    drawn: Record = jax.vmap(everybody)(keys)
    return drawn
