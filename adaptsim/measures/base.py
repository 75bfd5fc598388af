"""Measure: a user's own number read off a trajectory."""

from __future__ import annotations

import re
from typing import ClassVar

from numpy import float64
from numpy.typing import NDArray

from adaptsim.part import Part


class Measure(Part):
    """One number per individual from what followed what. Subclass it and write ``of``.

    The table shows the mean over individuals with a Student interval over independent
    realisations; its name is the class name in snake case.

    Examples
    --------
    >>> import numpy as np
    >>> class MeanAbsoluteError(Measure):
    ...     unit = "trait"
    ...     def of(self, output, target):
    ...         return np.abs(output - target).mean()
    >>> float(MeanAbsoluteError().of(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    1.0
    """

    abstract: ClassVar[bool] = True
    unit: ClassVar[str] = "1"

    @property
    def name(self) -> str:
        """What tables call it: the class name in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    def of(self, output: NDArray[float64], target: NDArray[float64]) -> float:
        """Return the number for one individual; ``output`` and ``target`` have shape ``(T,)``."""
        raise NotImplementedError(f"{type(self).__name__} must define of(output, target)")
