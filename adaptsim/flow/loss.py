"""A loss as what compiled functions take: a function with numbers in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jax.tree_util import Partial

from adaptsim.part import Array, Part

type Loss = Callable[[Array], Array]
"""From a point, shape ``(d,)``, to a scalar; for instance ``Canyon().loss``."""


def as_argument(loss: Loss) -> Any:
    """Return a loss that can be an argument of a compiled function.

    Of the loss of a landscape the landscape's numbers become data, so that one compilation serves
    all canyons. Any other function is compiled for itself.

    Examples
    --------
    >>> import jax
    >>> from adaptsim.landscapes import Canyon
    >>> jax.tree.leaves(as_argument(Canyon(condition_number=7.0).loss))
    [7.0]
    """
    if not callable(loss):
        raise ValueError(f"loss must be a function of one point; got {loss!r}.")
    owner = getattr(loss, "__self__", None)
    if isinstance(owner, Part):
        return Partial(loss.__func__, owner)  # type: ignore[attr-defined]
    return loss if isinstance(loss, Partial) else Partial(loss)
