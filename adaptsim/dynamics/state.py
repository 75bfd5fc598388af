"""State: the real numbers in whatever a system carries, as one vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.flatten_util
import jax.numpy as jnp

from adaptsim.part import Array


def real_state[State](state: State) -> tuple[Array, Callable[[Array], State]]:
    """Return the real numbers of a state as one vector, and the way back.

    Whole numbers (counts of steps) are not in the vector: they have no derivative. The way back
    puts the ones of this state beside any vector.

    Parameters
    ----------
    state
        A pytree of arrays.

    Returns
    -------
    vector : Array
        Shape ``(s,)``, in the order of the pytree's leaves.
    rebuild : function
        From a vector, shape ``(s,)``, to a state.

    Examples
    --------
    >>> vector, rebuild = real_state({"count": jnp.asarray(3), "trait": jnp.array([1.0, 2.0])})
    >>> vector.tolist(), int(rebuild(2 * vector)["count"])
    ([1.0, 2.0], 3)
    """
    leaves, tree = jax.tree.flatten(state)
    real = [jnp.issubdtype(jnp.result_type(leaf), jnp.floating) for leaf in leaves]
    vector, back = jax.flatten_util.ravel_pytree(
        [leaf for leaf, is_real in zip(leaves, real, strict=True) if is_real]
    )

    def rebuild(vector: Array) -> Any:
        numbers = iter(back(vector))
        filled = [
            next(numbers) if is_real else leaf for leaf, is_real in zip(leaves, real, strict=True)
        ]
        return jax.tree.unflatten(tree, filled)

    return vector, rebuild
