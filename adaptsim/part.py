"""Part: what rules, schedules, environments and agent kinds have in common.

A part is a frozen dataclass of named, documented, checked fields that is also a JAX pytree. Its
fields are at once the provenance of a run, the schema of a scenario file and the leaves that may
differ from one individual to the next.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, ClassVar, Self, dataclass_transform

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

Array = jax.Array
"""An array of numbers, shape and unit as the docstring that uses it says."""

STRUCTURE = ("int", "str", "bool", "tuple[str", "tuple[int")
"""Annotations of fields that shape the computation; every other field holds numbers or parts."""


class WrongField(ValueError):
    """A field of a part has a value that is not allowed: says which, what was got, what is right.

    Attributes
    ----------
    field : str
        Name of the field, so that a reader of files can say where it stands.
    """

    def __init__(self, part: str, field: str, problem: str) -> None:
        super().__init__(f"{part}.{field} {problem}")
        self.part, self.field, self.problem = part, field, problem


def field(
    default: Any = dataclasses.MISSING,
    *,
    unit: str = "1",
    help: str = "",
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] | None = None,
) -> Any:
    """Declare a field of a part with its unit, its meaning and the values it may take.

    Parameters
    ----------
    default
        Value where none is given; a field without one is required.
    unit
        Unit of the value, ``"1"`` where it has none.
    help
        What it means, one line.
    above, at_least, at_most, below
        Limits of a number: strictly above, at least, at most, strictly below.
    choices
        The words a text field may hold.

    Examples
    --------
    >>> class Spring(Part):
    ...     stiffness: float = field(1.0, unit="N/m", help="restoring force", above=0)
    >>> Spring(stiffness=-1)
    Traceback (most recent call last):
        ...
    adaptsim.part.WrongField: Spring.stiffness must be above 0 [N/m]; got -1
    """
    notes = {"unit": unit, "help": help, "choices": choices}
    limits = {"above": above, "at_least": at_least, "at_most": at_most, "below": below}
    return dataclasses.field(default=default, metadata={**notes, **limits})


def is_structure(declared: dataclasses.Field[Any]) -> bool:
    """Whether a field shapes the computation (text, whole numbers, switches): never traced."""
    text = declared.type if isinstance(declared.type, str) else _name_of(declared.type)
    return text.startswith(STRUCTURE)


def is_shared(value: Any) -> bool:
    """Whether something is a part whose arrays belong to all individuals together."""
    return isinstance(value, Part) and value.shared


def _name_of(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Part:
    """A named piece of a scenario; subclass it and annotate fields, the rest comes by itself.

    Fields annotated ``int``, ``str`` or ``bool`` are structure: fixed while a run is compiled.
    All others are leaves of the pytree. In a rule or an agent kind a leaf is a scalar for one
    individual; an array of length ``n`` gives each of ``n`` individuals its own value. The arrays
    of a part that is ``shared`` are its own, the same for all individuals.

    Examples
    --------
    >>> class Spring(Part):
    ...     stiffness: float = 2.0
    >>> Spring(stiffness=3.0)
    Spring(stiffness=3.0)
    >>> jax.tree.leaves(Spring())
    [2.0]
    """

    abstract: ClassVar[bool] = True
    shared: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.abstract = cls.__dict__.get("abstract", False)
        dataclasses.dataclass(frozen=True, kw_only=True, eq=False)(cls)
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]
        meta = [f.name for f in fields if is_structure(f)]
        data = [f.name for f in fields if not is_structure(f)]
        _register(cls, tuple(data), tuple(meta))

    def __post_init__(self) -> None:
        for declared in dataclasses.fields(self):  # type: ignore[arg-type]
            _check(type(self).__name__, declared, getattr(self, declared.name))

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed.

        Examples
        --------
        >>> class Spring(Part):
        ...     stiffness: float = 2.0
        >>> Spring().replace(stiffness=5.0)
        Spring(stiffness=5.0)
        """
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]


def _register(cls: type, data: tuple[str, ...], meta: tuple[str, ...]) -> None:
    """Register a part as a pytree; what JAX rebuilds is not checked again, it may hold anything."""

    def flatten_with_keys(part: Any) -> tuple[Any, tuple[Any, ...]]:
        children = [(jax.tree_util.GetAttrKey(name), getattr(part, name)) for name in data]
        return children, tuple(getattr(part, name) for name in meta)

    def flatten(part: Any) -> tuple[Any, tuple[Any, ...]]:
        return [getattr(part, name) for name in data], tuple(getattr(part, n) for n in meta)

    def rebuild(structure: tuple[Any, ...], children: Any) -> Any:
        part: Any = object.__new__(cls)
        for name, value in zip((*data, *meta), (*children, *structure), strict=True):
            object.__setattr__(part, name, value)
        return part

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, rebuild, flatten)


def _check(part: str, declared: dataclasses.Field[Any], value: Any) -> None:
    if isinstance(value, str) and not is_structure(declared):
        raise WrongField(part, declared.name, f"must be a number; got {value!r}")
    if is_structure(declared):
        _check_structure(part, declared, value)
    if isinstance(value, jax.core.Tracer):
        return
    if isinstance(value, numbers.Real | np.ndarray | jax.Array) and not isinstance(value, bool):
        _check_numbers(part, declared, value)


def _check_structure(part: str, declared: dataclasses.Field[Any], value: Any) -> None:
    text = declared.type if isinstance(declared.type, str) else _name_of(declared.type)
    wanted: dict[str, Any] = {"int": numbers.Integral, "str": str, "bool": bool}
    choices = declared.metadata.get("choices")
    if text in wanted and (
        not isinstance(value, wanted[text]) or (text == "int" and isinstance(value, bool))
    ):
        words = {"int": "a whole number", "str": "a text", "bool": "true or false"}[text]
        raise WrongField(part, declared.name, f"must be {words}; got {value!r}")
    if choices and value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise WrongField(part, declared.name, f"must be one of {allowed}; got {value!r}")


def _check_numbers(part: str, declared: dataclasses.Field[Any], value: Any) -> None:
    numbers_ = np.asarray(value, dtype=float)
    unit, limits = declared.metadata.get("unit", "1"), declared.metadata
    tests = {
        "above": lambda limit: numbers_ > limit,
        "at_least": lambda limit: numbers_ >= limit,
        "at_most": lambda limit: numbers_ <= limit,
        "below": lambda limit: numbers_ < limit,
    }
    if numbers_.size and not np.isfinite(numbers_).all():
        wrong = numbers_[~np.isfinite(numbers_)].flat[0]
        raise WrongField(part, declared.name, f"must be finite; got {_short(wrong)}")
    for name, test in tests.items():
        limit = limits.get(name)
        if limit is None or test(limit).all():
            continue
        wrong = numbers_[~test(limit)].flat[0]
        rule = f"must be {name.replace('_', ' ')} {limit:g} [{unit}]"
        raise WrongField(part, declared.name, f"{rule}; got {_short(wrong)}")


def _short(number: float) -> str:
    return f"{number:g}" if math.isfinite(number) else str(float(number))
