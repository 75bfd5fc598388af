"""Individual: an agent, as Mesa knows it, that is a view on one row of its model's arrays.

A view holds the model and a number, and is made when somebody looks. So a million individuals cost
a million numbers, not a million objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import jax
import mesa
import numpy as np

from adaptsim import adaptation
from adaptsim.columns import field_value
from adaptsim.part import Part

if TYPE_CHECKING:
    from adaptsim.model import AdaptationModel


class Individual(mesa.Agent):  # type: ignore[misc]
    """One individual: a view on one row of its model's arrays.

    Besides the attributes below, every field of its kind and rule can be read by name
    (``individual.learning_rate``), and so can the named parts of its body and what its kind says
    follows something (a forager's ``preference``). Numbers come as Python floats, several traits as
    an array of length ``d``. Traits and numeric fields can be set. A view keeps nothing of its own:
    other attributes cannot be set, methods and properties can be added in a subclass (see
    ``AdaptationModel.individual_type``).

    Two views are equal if they show the same individual of the same model.

    Parameters
    ----------
    model
        The model it lives in. Individuals are made by their model, all at once.
    unique_id
        Which one: 1 to ``model.size``.

    Examples
    --------
    >>> from adaptsim.model import AdaptationModel
    >>> individual = AdaptationModel(size=3, rng=1).individual(2)
    >>> individual.trait = 0.5
    >>> individual
    Individual(unique_id=2, trait=0.5)
    >>> individual.learning_rate
    0.1
    """

    pos = None

    def __init__(self, model: AdaptationModel, unique_id: int | None = None) -> None:
        if unique_id is None:
            _refuse_birth()
        self.__dict__.update(model=model, unique_id=unique_id)

    @property
    def trait(self) -> Any:
        """What it adapts: a float, or an array of ``d`` traits."""
        return self._value("trait")

    @property
    def cue(self) -> Any:
        """What the environment shows now, the same for everybody."""
        return self._value("cue")

    @property
    def optimum(self) -> Any:
        """The traits at which its loss is least now, as ``trait``."""
        return self._value("optimum")

    @property
    def mismatch(self) -> float:
        """Its loss now."""
        value: float = self._value("mismatch")
        return value

    @property
    def error(self) -> Any:
        """Its tracking error now: trait minus optimum, as ``trait``."""
        return self._value("error")

    @property
    def kind(self) -> Any:
        """Its kind, every field a scalar."""
        return adaptation.row(self.model.setting.kind, self._row)

    @property
    def rule(self) -> Any:
        """Its rule, every field a scalar."""
        return adaptation.row(self.model.setting.rule, self._row)

    @property
    def body(self) -> Any:
        """What it lives with but does not learn, in the structure its kind gives it."""
        return self._row_of(self.model.moment.state.body)

    @property
    def memory(self) -> Any:
        """What its rule keeps, in the structure optax gives it."""
        return self._row_of(self.model.moment.state.memory)

    def step(self) -> NoReturn:
        """Say that individuals step together."""
        raise NotImplementedError("an individual does not step alone; call model.step()")

    @classmethod
    def create_agents(cls, model: Any, n: int, *args: Any, **kwargs: Any) -> NoReturn:
        """Say that individuals are made by their model."""
        _refuse_birth()

    @classmethod
    def from_dataframe(cls, model: Any, df: Any, **kwargs: Any) -> NoReturn:
        """Say that individuals are made by their model."""
        _refuse_birth()

    @property
    def _row(self) -> int:
        row: int = self.unique_id - 1
        if not self.model.present[row]:
            raise RuntimeError(
                f"individual {row + 1} was removed from its model and can no longer be read or set"
            )
        return row

    def _row_of(self, tree: Any) -> Any:
        row = self._row

        def value(leaf: Any) -> Any:
            leaf = np.asarray(leaf)
            own = leaf[row] if leaf.ndim else leaf
            return own if own.ndim else own.item()

        return jax.tree.map(value, tree)

    def _value(self, name: str) -> Any:
        row, column = self._row, self.model.column(name)
        return column.item(row) if column.ndim == 1 else column[row]

    def __getattr__(self, name: str) -> Any:
        """Return a field of its rule or kind, or a named part of its body."""
        if name.startswith("_"):
            raise AttributeError(name)
        value = field_value(self.model.setting, name)
        return adaptation.row(value, self._row) if isinstance(value, Part) else self._value(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set its trait, or a numeric field of its rule or kind."""
        own = getattr(type(self), name, None)
        if isinstance(own, property) and own.fset:
            own.fset(self, value)
            return
        self.model.write(name, np.array([self._row]), value)

    def __eq__(self, other: object) -> bool:
        """Whether both show the same individual of the same model."""
        if not isinstance(other, Individual):
            return NotImplemented
        return self.model is other.model and bool(self.unique_id == other.unique_id)

    def __hash__(self) -> int:
        """Return a number that equal views share."""
        return hash((id(self.model), self.unique_id))

    def __reduce__(self) -> Any:
        """Copy as what it is: a model and a number."""
        return type(self), (self.model, self.unique_id)

    def __repr__(self) -> str:
        """Return its number and trait."""
        removed = not self.model.present[self.unique_id - 1]
        rest = "removed" if removed else f"trait={self.trait}"
        return f"{type(self).__name__}(unique_id={self.unique_id}, {rest})"


def _refuse_birth() -> NoReturn:
    raise TypeError("individuals are made by their model, AdaptationModel(size=...), all at once")
