"""Resting: what the steps of many cells say about rest, without a simulation."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from adaptsim.adaptation import row
from adaptsim.measures import stability
from adaptsim.measures.side_by_side import Numbers
from adaptsim.studies.structure import Form, Structure


@dataclass(frozen=True)
class Resting:
    """Stability of one group's individual in every cell of a tile.

    Attributes
    ----------
    numbers : dict[str, Numbers]
        By measure.
    radius : (w,)
        Spectral radius of the step at rest.
    """

    structure: Structure
    cells: np.ndarray
    member: int
    numbers: dict[str, Numbers]

    @property
    def radius(self) -> np.ndarray:
        """Return the spectral radii, ``(w,)``."""
        return self.numbers["spectral_radius"].value

    def response(self, omega: np.ndarray, variable: str) -> tuple[Numbers, Numbers]:
        """Return lag [steps] and gain [1] as the step's Jacobian has them, at a frequency each."""
        none = [""] * len(omega)
        try:
            ratio = np.asarray(
                _responses(
                    self.cells, self.structure.arrays, omega, self.member,
                    form=self.structure.form, variable=variable,
                )
            )  # fmt: skip
        except TypeError:  # an output that cannot be differentiated
            ratio = np.full(len(omega), complex(math.nan, math.nan))
        late = -np.angle(ratio) % (2 * math.pi) / omega
        return Numbers(late, none), Numbers(np.abs(ratio), none)


def at_rest(structure: Structure, cells: np.ndarray, group: int) -> Resting:
    """Return stability of the individuals of a group in all cells, ``cells`` ``(leaves, w)``."""
    member = structure.groups.first(group)
    radius = np.asarray(_radii(cells, structure.arrays, member, form=structure.form))
    none = [""] * len(radius)
    found = Numbers(radius, none)
    found = found.flagged(np.isnan(radius), "no derivative at rest")
    found = found.flagged(radius > 1 + 1e-9, "unstable")
    with np.errstate(all="ignore"):
        exponent = np.where(radius > 0, np.log(radius), np.copysign(math.inf, radius - 1))
    numbers = {"spectral_radius": found, "lyapunov_exponent": Numbers(exponent, none)}
    if structure.turned:
        limits, rates = _limits(structure, cells, member)
        with np.errstate(all="ignore"):
            margin = np.where(rates > 0, limits / rates, math.nan)
        told = Numbers(limits, none).flagged(limits == 0, "no rate stabilises this point")
        numbers |= {"speed_limit": told, "gain_margin": Numbers(margin, none)}
    return Resting(structure, cells, member, numbers)


@functools.partial(jax.jit, static_argnames=("form",))
def _radii(cells: Any, arrays: Any, member: Any, *, form: Form) -> Any:
    def radius(numbers: Any) -> Any:
        kind, rule, environment = form.setting(numbers, arrays)
        kind, rule = row(kind, member), row(rule, member)
        return stability.spectral_radius(kind, rule, environment.rest())

    return jax.vmap(radius, in_axes=1)(cells)


@functools.partial(jax.jit, static_argnames=("form", "variable"))
def _responses(
    cells: Any, arrays: Any, omega: Any, member: Any, *, form: Form, variable: str
) -> Any:
    def ratio(numbers: Any, omega: Any) -> Any:
        kind, rule, environment = form.setting(numbers, arrays)
        kind, rule = row(kind, member), row(rule, member)
        return stability.linear_response(kind, rule, environment.rest(), omega, variable=variable)

    return jax.vmap(ratio, in_axes=(1, 0))(cells, omega)


def _limits(structure: Structure, cells: np.ndarray, member: int) -> tuple[np.ndarray, np.ndarray]:
    """Return speed limit and learning rate of each cell, a limit found once per system."""
    stacked, example = structure.form.setting(cells, structure.arrays), structure.scenario.rule
    rates = np.array(stacked.rule.learning_rate)  # type: ignore[attr-defined]
    if np.ndim(example.learning_rate):  # type: ignore[attr-defined]
        rates = np.full(cells.shape[1], rates[member])
    systems = cells[structure.matters]
    if (systems == systems[:, :1]).all():
        return np.full(cells.shape[1], _limit(structure, cells[:, 0], member)), rates
    return np.array([_limit(structure, numbers, member) for numbers in cells.T]), rates


def _limit(structure: Structure, numbers: np.ndarray, member: int) -> float:
    """Return the speed limit of a cell, ``numbers`` ``(leaves,)``, found once per system."""
    key = (numbers[structure.matters].tobytes(), member)
    if key not in structure.limits:
        kind, rule, environment = structure.form.setting(numbers, structure.arrays)
        kind, rule = jax.tree.map(np.float64, (row(kind, member), row(rule, member)))
        structure.limits[key] = stability.speed_limit(kind, rule, environment.rest())
    return structure.limits[key]
