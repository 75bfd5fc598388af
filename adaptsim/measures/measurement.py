"""What a measure returns: one number with everything needed to read it."""

from dataclasses import dataclass, replace
from math import nan
from typing import TypedDict

from numpy import float64, int64
from numpy.typing import NDArray

Array = NDArray[float64]
Integers = NDArray[int64]

CONVENTIONS = ("pre-update", "post-update")


@dataclass(frozen=True)
class Measurement:
    """One measured number, its unit, interval, method and warnings.

    A value that cannot be measured is `nan`, and `flag` says why.

    Examples
    --------
    >>> Measurement("mean_lag", 10.0, "steps", ci_low=9.0, ci_high=11.0)
    Measurement(name='mean_lag', value=10.0, unit='steps', ci_low=9.0, ci_high=11.0, \
method='', convention='pre-update', flag='', n=0, n_eff=nan)
    """

    name: str
    """What was measured, as in the tables."""
    value: float
    """The estimate, in `unit`."""
    unit: str
    """`steps`, `1/step`, `1`, `trait^2`, `loss`."""
    ci_low: float = nan
    """Lower end of the confidence interval, `nan` where there is none."""
    ci_high: float = nan
    """Upper end of the confidence interval, `nan` where there is none."""
    method: str = ""
    """How the value and its interval were obtained."""
    convention: str = "pre-update"
    """`pre-update`: output[t] has seen the target up to t - 1; `post-update`: up to t."""
    flag: str = ""
    """Empty, or short warnings joined by `; `."""
    n: int = 0
    """Steps that entered, summed over realisations (members share an environment: not counted)."""
    n_eff: float = nan
    """Independent samples that `n` is worth, for this statistic."""

    def flagged(self, *warnings: str) -> "Measurement":
        """Return a copy with further warnings; empty ones are skipped.

        Examples
        --------
        >>> Measurement("gain", 1.0, "1", flag="odd").flagged("", "too short").flag
        'odd; too short'
        """
        return replace(self, flag=joined(self.flag, *warnings))


class Options(TypedDict, total=False):
    """Keywords that every estimator accepts; `Settings` holds their defaults."""

    burn_in: int
    convention: str
    deterministic: bool
    forcing_period: float
    level: float
    n_resamples: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The common keywords of the estimators, checked.

    Examples
    --------
    >>> Settings(convention="late")
    Traceback (most recent call last):
    ...
    ValueError: convention must be one of pre-update, post-update; got 'late'.
    """

    burn_in: int = 0
    """Steps dropped at the start."""
    convention: str = "pre-update"
    """`pre-update` or `post-update`, see `Measurement.convention`."""
    deterministic: bool = False
    """True: the series has no noise, so one realisation gets no interval."""
    forcing_period: float = 0.0
    """Period of the environment [steps], 0 for none: a bootstrap block is never shorter."""
    level: float = 0.95
    """Coverage of the confidence interval."""
    n_resamples: int = 1000
    """Resamples of the block bootstrap (used for one realisation only)."""
    seed: int = 0
    """Seed of the block bootstrap."""

    def __post_init__(self) -> None:
        """Reject impossible settings."""
        if self.convention not in CONVENTIONS:
            allowed = ", ".join(CONVENTIONS)
            raise ValueError(f"convention must be one of {allowed}; got {self.convention!r}.")
        if self.burn_in < 0:
            raise ValueError(f"burn_in must be >= 0 [steps]; got {self.burn_in}.")
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level must lie between 0 and 1; got {self.level}.")
        if self.n_resamples < 2:
            raise ValueError(f"n_resamples must be >= 2; got {self.n_resamples}.")


def joined(*warnings: str) -> str:
    """Join the warnings that are not empty, each once, in order.

    Examples
    --------
    >>> joined("", "diverged", "too short", "diverged")
    'diverged; too short'
    """
    single = [word for warning in warnings for word in warning.split("; ") if word]
    return "; ".join(dict.fromkeys(single))
