"""The contract of a measure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from adaptsim.measures.base import Measure
from adaptsim.testing.contract import alike, call, name_of, problems_of, refuse

STEPS = 200


def check_measure(measure: Any) -> None:
    """Raise `ContractError` unless a measure is right.

    Checked: ``of`` returns one number, the same for the same individual whoever was measured
    before (so that measuring a member twice leaves the mean as it was); it leaves what it is given
    as it was; it says ``nan`` of a run that diverged instead of raising; ``unit`` is a text.

    Examples
    --------
    >>> class WorstError(Measure):
    ...     unit = "trait"
    ...     def of(self, output, target):
    ...         return np.nanmax(np.nan_to_num(abs(output - target)))
    >>> check_measure(WorstError)
    Traceback (most recent call last):
        ...
    adaptsim.testing.contract.ContractError: WorstError does not keep the contract of a measure:
      1. WorstError.of must return nan where all output is nan (a run that diverged); got 0.0;
      np.mean, np.max and the like keep nan, np.nanmean and nan_to_num hide it
    """
    refuse("a measure", measure, problems_of_measure(measure))


def problems_of_measure(measure: Any) -> list[str]:
    """Return what is wrong with a measure, one sentence each; see `check_measure`.

    Examples
    --------
    >>> class WorstError(Measure):
    ...     unit = 1
    ...     def of(self, output, target):
    ...         return abs(output - target)
    >>> for problem in problems_of_measure(WorstError):
    ...     print(problem)
    WorstError.of must return one number; got ndarray of shape (200,); write .mean(), say
    WorstError.unit must be a text, '1' where there is none; got 1; write unit = 'trait', say
    """
    stages = ([_number, _unit], [_again], [_diverged])
    return problems_of(measure, Measure, lambda one: one, *stages)


def _individuals() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return output and target of some individuals that follow a sine, shape ``(T,)`` each."""
    steps = np.arange(float(STEPS))
    target = np.sin(2 * np.pi * steps / 50)
    return [(gain * np.sin(2 * np.pi * (steps - 3) / 50), target) for gain in (0.6, 0.8, 0.4)]


def _of(measure: Measure, output: np.ndarray, target: np.ndarray) -> Any:
    return call(measure, "of", measure.of, output, target)


def _number(measure: Measure) -> Iterator[str]:
    got = _of(measure, *_individuals()[0])
    name = f"{name_of(measure)}.of must return one number; got {type(got).__name__}"
    if got is None:
        yield f"{name}; write return"
    elif np.shape(got) != ():
        yield f"{name} of shape {np.shape(got)}; write .mean(), say"
    elif not np.issubdtype(np.asarray(got).dtype, np.number) or np.iscomplexobj(got):
        yield f"{name} {got!r}"


def _unit(measure: Measure) -> Iterator[str]:
    if not isinstance(measure.unit, str) or not measure.unit:
        problem = f"must be a text, '1' where there is none; got {measure.unit!r}"
        yield f"{name_of(measure)}.unit {problem}; write unit = 'trait', say"


def _again(measure: Measure) -> Iterator[str]:
    name, (first, *others) = f"{name_of(measure)}.of", _individuals()
    given = (first[0].copy(), first[1].copy())
    before = float(_of(measure, *given))
    if not all(map(np.array_equal, given, first)):
        yield f"{name} changes what it is given; write output - target in place of output -= target"
        return
    for other in others:
        _of(measure, *other)
    after = float(_of(measure, *first))
    if not alike(before, after):
        told = f"{before:.6g}, then {after:.6g} after another individual was measured"
        yield f"{name} must depend on nothing but what it is given; got {told}"


def _diverged(measure: Measure) -> Iterator[str]:
    output, target = _individuals()[0]
    got = float(_of(measure, np.full_like(output, np.nan), target))
    if not math.isnan(got):
        problem = f"must return nan where all output is nan (a run that diverged); got {got}"
        hint = "np.mean, np.max and the like keep nan, np.nanmean and nan_to_num hide it"
        yield f"{name_of(measure)}.of {problem}; {hint}"
    _of(measure, np.where(np.arange(STEPS) < STEPS // 2, output, np.inf), target)
