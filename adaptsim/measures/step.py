"""A step response as the distance that remains, whatever the units and the shapes."""

from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike

from .measurement import CONVENTIONS, Array
from .series import align, with_three_axes

METHODS = ("interpolated", "linear", "grid")
# Rows of the last tenth from which noise and drift are read; fewer say nothing.
FEWEST_ROWS = 5
# Drift over the last tenth, fraction of the step, above which its mean is no final value.
DRIFTING = 0.01


class StepOptions(TypedDict, total=False):
    """Keywords that every measure of a step response accepts; `StepSettings` has the defaults."""

    initial: ArrayLike | None
    final: ArrayLike | None
    target: ArrayLike | None
    method: str
    convention: str
    level: float
    deterministic: bool


@dataclass(frozen=True, kw_only=True)
class StepSettings:
    """The common keywords of the measures of a step response, checked."""

    initial: ArrayLike | None = None
    """Value before the step [trait], scalar, (k,) or (k, m); by default that of the output."""
    final: ArrayLike | None = None
    """Value approached [trait], scalar, (k,) or (k, m); by default the last of `target`."""
    target: ArrayLike | None = None
    """What is followed [trait], as long as the output. Without it and without `final`, the mean of
    the last tenth of the output counts as final."""
    method: str = "interpolated"
    """Between steps: `interpolated` in the logarithm of the distance (exact for exponentials),
    `linear` in the distance, or `grid` for the first whole step."""
    convention: str = "pre-update"
    """Whether output[at] has already seen the step (`post-update`) or not (`pre-update`)."""
    level: float = 0.95
    """Coverage of the interval over realisations."""
    deterministic: bool = False
    """True: no noise, so that one realisation without an interval is not flagged."""

    def __post_init__(self) -> None:
        """Reject unknown words."""
        for name, allowed in (("method", METHODS), ("convention", CONVENTIONS)):
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {value!r}.")


@dataclass(frozen=True)
class Step:
    """What remains of a step, row by row."""

    distance: Array
    """(final - output) / (final - initial), shape (n, k, m)."""
    first_time: float = 0.0
    """Time of the first row, counted from the step [steps]: 0, or -1 post-update."""
    method: str = ""
    """Where the final value came from."""
    warning: str = ""
    """Doubt about the final value, or empty."""
    fault: str = ""
    """Why nothing can be measured, or empty."""

    def member_mean(self) -> "Step":
        """Return the step response of the average member."""
        return replace(self, distance=self.distance.mean(axis=2, keepdims=True))

    def noise_flag(self, band: float) -> str:
        """Flag two standard deviations of noise in the last tenth that exceed the band."""
        noise, _ = _noise_and_drift(self.distance)
        return "noise exceeds the band" if 2.0 * noise > band else ""


def read_step(output: ArrayLike, at: int, settings: StepSettings) -> Step:
    """Express a step response as the distance that remains.

    Parameters
    ----------
    output : array, (T,), (T, k) or (T, k, m)
        What adapts [trait].
    at : int
        First step at which the target has its new value.
    settings : StepSettings
        Where initial and final values come from.

    Returns
    -------
    Step
        Rows from the value before the step to the end.

    Examples
    --------
    >>> step = read_step([0.0, 0.0, 2.0, 3.0], 1, StepSettings(final=4.0))
    >>> step.distance[:, 0, 0].tolist()
    [1.0, 0.5, 0.25]
    """
    if at < 0:
        raise ValueError(f"at must be >= 0 [steps]; got {at}.")
    values = with_three_axes(output)
    series = align(values[at:], n_least=3)
    nothing = np.ones((2, *values.shape[1:]))
    if series.fault:
        return Step(nothing, fault=series.fault)
    final, method = _final(series.output, settings)
    initial = _initial(values, at, settings)
    size = final - initial
    if not np.all(np.isfinite(size)):
        return Step(nothing, method=method, fault="step not finite")
    if np.any(np.abs(size) <= 1e-13 * np.maximum(np.abs(final), np.abs(initial))):
        return Step(nothing, method=method, fault="no step")
    distance = (final - series.output) / size
    first_time = 0.0
    if settings.convention == "post-update":
        distance, first_time = np.concatenate([np.ones((1, *distance.shape[1:])), distance]), -1.0
    _, drift = _noise_and_drift(distance)
    moving = "still moving at the end" if method.startswith("final: mean") and drift else ""
    return Step(distance, first_time, method, moving)


def _final(after: Array, settings: StepSettings) -> tuple[Array, str]:
    if settings.final is not None:
        return _per_series(settings.final), "final: given"
    if settings.target is not None:
        return with_three_axes(settings.target, "target")[-1], "final: target"
    tenth = max(1, after.shape[0] // 10)
    return after[-tenth:].mean(axis=0), "final: mean of the last tenth"


def _initial(values: Array, at: int, settings: StepSettings) -> Array:
    if settings.initial is not None:
        return _per_series(settings.initial)
    before = at - 1 if settings.convention == "post-update" else at
    if before < 0:
        raise ValueError("a post-update step at 0 has no output before it: give `initial`.")
    return np.asarray(values[before])


def _per_series(values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float64)
    return array.reshape(array.shape + (1,) * (2 - array.ndim))


def _noise_and_drift(distance: Array) -> tuple[float, bool]:
    """Spread about a line in the last tenth, and whether that line still moves."""
    tenth = distance[-(distance.shape[0] // 10) :] if distance.shape[0] >= 10 else distance[:0]
    n = tenth.shape[0]
    if n < FEWEST_ROWS:
        return 0.0, False
    time = (np.arange(n) - 0.5 * (n - 1))[:, None, None]
    slope = np.sum(time * tenth, axis=0) / np.sum(time**2)
    rest = tenth - tenth.mean(axis=0) - slope * time
    noise = float(np.sqrt(np.sum(rest**2, axis=0) / (n - 2)).max())
    drift = float(np.abs(slope).max()) * n
    # Noise alone makes a slope, of standard deviation noise / sqrt(sum of squared times).
    return noise, drift > max(DRIFTING, 4.0 * noise * n / float(np.sqrt(np.sum(time**2))))
