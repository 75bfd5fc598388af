"""The shapes of the input: steps, independent realisations, members of a realisation.

`(T,)`, `(T, k)` and `(T, k, m)` are all brought to `(T, k, m)`, here and nowhere else. The `k`
realisations are independent; the `m` members of one realisation share its environment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .measurement import Array

# Beyond this a square overflows, so nothing can be measured any more.
LARGEST_MAGNITUDE = 1e150


@dataclass(frozen=True)
class Series:
    """Output and target after burn-in, aligned.

    `fault` is empty, or says why nothing can be measured: `diverged`, `target not finite`,
    `too short`.
    """

    output: Array
    """What adapts, shape (T, k, m)."""
    target: Array
    """What it follows, shape (T, k, m)."""
    fault: str = ""

    @property
    def n_steps(self) -> int:
        """Steps after burn-in."""
        return int(self.output.shape[0])

    @property
    def n_realisations(self) -> int:
        """Independent realisations."""
        return int(self.output.shape[1])

    def first(self, n_steps: int) -> "Series":
        """Return the first `n_steps` steps."""
        return Series(self.output[:n_steps], self.target[:n_steps], self.fault)


def with_three_axes(values: ArrayLike, name: str = "output") -> Array:
    """Return `values` as a float array of shape (T, k, m).

    Examples
    --------
    >>> with_three_axes([1.0, 2.0]).shape
    (2, 1, 1)
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim not in (1, 2, 3):
        raise ValueError(f"{name} must have shape (T,), (T, k) or (T, k, m); got {array.shape}.")
    return array.reshape(array.shape + (1,) * (3 - array.ndim))


def align(
    output: ArrayLike,
    target: ArrayLike | None = None,
    *,
    burn_in: int = 0,
    n_least: int = 1,
) -> Series:
    """Bring output and target to a common shape, drop the burn-in and look for faults.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    target : array that broadcasts with it, optional
        What it follows [trait]; the output itself where a measure needs none.
    burn_in : int
        Steps dropped at the start.
    n_least : int
        Fewest steps that must remain.

    Returns
    -------
    Series
        Arrays of shape (T - burn_in, k, m).

    Examples
    --------
    >>> import numpy as np
    >>> series = align(np.zeros((9, 2, 3)), np.zeros(9), burn_in=4)
    >>> series.output.shape, series.target.shape, series.fault
    ((5, 2, 3), (5, 2, 3), '')
    """
    moved = with_three_axes(output, "output")[burn_in:]
    followed = moved if target is None else with_three_axes(target, "target")[burn_in:]
    if moved.shape[0] != followed.shape[0]:
        raise ValueError(
            "output and target must have as many steps; "
            f"got {moved.shape[0]} and {followed.shape[0]} after burn-in."
        )
    moved, followed = np.broadcast_arrays(moved, followed)
    return Series(moved, followed, _fault(moved, followed, n_least))


def constant_series(series: Series) -> str:
    """Name the input that never changes, or return an empty string.

    Examples
    --------
    >>> constant_series(align([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]))
    'output constant'
    """
    if is_constant(series.target):
        return "target constant" if not is_constant(series.output) else "both constant"
    return "output constant" if is_constant(series.output) else ""


def is_constant(values: Array) -> bool:
    """Tell whether every series along axis 0 keeps its value, up to rounding."""
    spread = np.ptp(values, axis=0)
    return bool(np.all(spread <= 1e-13 * np.max(np.abs(values), axis=0)))


def _fault(output: Array, target: Array, n_least: int) -> str:
    if output.shape[0] < max(n_least, 1) or output.size == 0:
        return "too short"
    # min and max propagate nan and need no temporary array of the size of the input.
    if not _bounded(output):
        return "diverged"
    return "" if _bounded(target) else "target not finite"


def _bounded(values: Array) -> bool:
    return bool(-LARGEST_MAGNITUDE < values.min() and values.max() < LARGEST_MAGNITUDE)
