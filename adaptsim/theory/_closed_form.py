"""What all closed forms share: quiet array arithmetic and the two update conventions."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

type Floats = float | NDArray[Any]
type Complexes = complex | NDArray[Any]
type Booleans = bool | NDArray[Any]
type Convention = Literal["pre-update", "post-update"]


def closed_form[**P, Result](formula: Callable[P, Result]) -> Callable[P, Result]:
    """Let a formula take numbers, lists or arrays, and stay silent about nan and infinity.

    In order: every argument that is not a word or a yes/no becomes a float array; the
    formula runs with floating-point warnings off; a 0-d answer becomes a Python number.
    """

    @wraps(formula)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> Result:
        numbers = [_as_floats(value) for value in args]
        named = {name: _as_floats(value) for name, value in kwargs.items()}
        with np.errstate(all="ignore"):
            answer = np.asarray(cast(Any, formula)(*numbers, **named))
        return cast(Result, answer.item() if answer.ndim == 0 else answer)

    return quiet


def where_stable(g: Floats, value: Any) -> NDArray[Any]:
    """Keep a value where ``0 < g < 2``, the stability region of a tracker; nan elsewhere."""
    return np.where((g > 0) & (g < 2), value, np.nan)


def where_positive(rate: Floats, value: Any) -> NDArray[Any]:
    """Keep a value where ``rate > 0``, the stability region in continuous time; nan elsewhere."""
    return np.where(rate > 0, value, np.nan)


def is_post_update(convention: Convention) -> bool:
    """Tell the two conventions apart and reject any other word.

    "pre-update": the trait at t has seen data up to t - 1 (it predicts).
    "post-update": the trait at t has also seen the data of step t (it filters).
    """
    if convention not in ("pre-update", "post-update"):
        raise ValueError(f"convention must be 'pre-update' or 'post-update'; got {convention!r}.")
    return convention == "post-update"


def _as_floats(value: Any) -> Any:
    return value if isinstance(value, str | bool) else np.asarray(value, dtype=float)
