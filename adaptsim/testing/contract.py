"""Contract: how checks are carried out and how what they find is told."""

from __future__ import annotations

import functools
import inspect
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.part import Part

Check = Callable[[Any], Iterator[str]]
"""From a thing to what is wrong with it, one sentence each."""

WORDS: tuple[tuple[type[Exception], str], ...] = (
    (
        jax.errors.TracerBoolConversionError,
        "decides in Python (if, and, or, not, min, max, while) by a number that is not known yet "
        "when JAX compiles it; write jnp.where(condition, then, otherwise), jnp.minimum, ...",
    ),
    (
        jax.errors.TracerArrayConversionError,
        "hands a number that JAX compiles to NumPy; write jnp. in place of np.",
    ),
    (
        jax.errors.ConcretizationTypeError,
        "makes a Python number (float(), int(), math.) of one that is not known yet when JAX "
        "compiles it; leave it an array and write jnp. in place of math.",
    ),
    (
        jax.errors.TracerIntegerConversionError,
        "uses a number that is not known yet when JAX compiles it as an index or a length; "
        "write jnp.take(...) or make the field an int",
    ),
)
"""What the errors that JAX raises most often mean."""


class ContractError(AssertionError):
    """Something does not keep its contract; the message lists all that is wrong with it.

    Attributes
    ----------
    problems : tuple[str, ...]
        One sentence each: what is wrong, what was got, what to write instead.

    Examples
    --------
    >>> print(ContractError("Leaf", "an agent kind", ["Leaf.loss is missing"]))
    Leaf does not keep the contract of an agent kind:
      1. Leaf.loss is missing
    """

    def __init__(self, name: str, what: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"  {i}. {problem}" for i, problem in enumerate(problems, 1))
        super().__init__(f"{name} does not keep the contract of {what}:\n{listed}")


class Undocumented(UserWarning):
    """A field has no help: it works, but nobody is told what it means."""


class Failed(Exception):
    """A function of the checked thing raised; the text says so in plain words."""


def undocumented(part: Any) -> list[str]:
    """Return what to write for the fields of a part that have no help.

    Examples
    --------
    >>> class Spring(Part):
    ...     stiffness: float = 2.0
    >>> undocumented(Spring())
    ["Spring.stiffness has no help; write field(2.0, unit='...', help='...')"]
    """
    cls = part if isinstance(part, type) else type(part)
    silent = [f for f in fields(cls) if not (f.metadata.get("help") and f.metadata.get("unit"))]
    return [
        f"{cls.__name__}.{one.name} has no help; write "
        f"field({'' if one.default is MISSING else f'{one.default!r}, '}unit='...', help='...')"
        for one in silent
    ]


def refuse(what: str, thing: Any, problems: list[str]) -> None:
    """Raise the problems of a thing, if any; warn of fields without help."""
    if problems:
        raise ContractError(name_of(thing), what, problems)
    for silent in undocumented(thing):
        warnings.warn(silent, Undocumented, stacklevel=3)


def problems_of(
    thing: Any, base: type[Part], prepare: Callable[[Any], Any], *stages: Sequence[Check]
) -> list[str]:
    """Return the problems of the first stage that has any, each once.

    Parameters
    ----------
    thing
        A part or, if all its fields have defaults, its class.
    base
        What it must be a subclass of.
    prepare
        Makes of the part what the checks want.
    stages
        Checks; those of a stage rely on those of the stage before.
    """
    cls = thing if isinstance(thing, type) else type(thing)
    if not issubclass(cls, base):
        return [
            f"must be a subclass of {base.__name__}; write class {cls.__name__}({base.__name__}):"
        ]
    needed = [f.name for f in fields(cls) if f.default is MISSING]  # type: ignore[arg-type]
    if isinstance(thing, type) and needed:
        arguments = ", ".join(f"{name}=..." for name in needed)
        return [f"needs fields; give an object to check: {cls.__name__}({arguments})"]
    part = thing() if isinstance(thing, type) else thing
    prepared: list[Any] = []

    def ready(part: Any) -> Iterator[str]:
        prepared.append(prepare(part))
        yield from ()

    failed = _tried(ready, part)
    return failed or _first_found(prepared[0], stages)


def _first_found(thing: Any, stages: Sequence[Sequence[Check]]) -> list[str]:
    for stage in stages:
        found = [problem for one in stage for problem in _tried(one, thing)]
        if found:
            return list(dict.fromkeys(found))
    return []


def _tried(one: Check, thing: Any) -> list[str]:
    found: list[str] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found.extend(one(thing))
        except Failed as failed:
            found.append(str(failed))
        except Exception as error:
            found.append(f"{_in_words(error)}, in the check {one.__name__.strip('_')!r}")
    return found


def call(part: Any, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of a part returns; a failure is told in plain words."""
    try:
        return function(*arguments)
    except Exception as error:
        raise Failed(f"{name_of(part)}.{name} {_in_words(error)}{_line(part, error)}") from error


def compiled(part: Any, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the shapes of what a function returns, all arguments being numbers not yet known."""
    return call(part, name, functools.partial(jax.eval_shape, function), *arguments)


def both(part: Any, name: str, *arguments: Any) -> Any:
    """Return what a method returns; it is called as it is, and as when JAX compiles it."""
    result = call(part, name, getattr(part, name), *arguments)
    compiled(part, name, lambda part, *given: getattr(part, name)(*given), part, *arguments)
    return result


def _in_words(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        return f"is missing: {error}"
    for kind, words in WORDS:
        if isinstance(error, kind):
            return words
    told = str(error).strip().splitlines()
    return f"raises {type(error).__name__}: {told[0] if told else 'without a word'}"


def _line(part: Any, error: Exception) -> str:
    """Return where in the file of the part's class it went wrong, if there is a file."""
    try:
        file = inspect.getsourcefile(type(part))
    except TypeError:
        return ""
    passed = traceback.extract_tb(error.__traceback__)
    lines = [place.lineno for place in passed if place.filename == file]
    return f" (line {lines[-1]} of {file})" if lines else ""


def name_of(thing: Any) -> str:
    """Return the name of a class, or of the class of an object."""
    return thing.__name__ if isinstance(thing, type) else type(thing).__name__


def form(value: Any) -> tuple[Any, list[tuple[tuple[int, ...], Any]]]:
    """Return structure, shapes and types of a pytree: what may not change from step to step."""
    leaves, tree = jax.tree.flatten(value)
    return tree, [(jnp.shape(leaf), jnp.result_type(leaf)) for leaf in leaves]


def other_form(before: Any, after: Any) -> str:
    """Return how one pytree differs in form from another, in words; empty if it does not.

    Examples
    --------
    >>> other_form((jnp.zeros(2), 1), (jnp.zeros(3), 1))
    'part 0 of 2 was float64 of shape (2,) and became float64 of shape (3,)'
    """
    (tree, old), (other, new) = form(before), form(after)
    if tree != other:
        return f"it was built as {_short(tree)} and became {_short(other)}"
    for place, (was, became) in enumerate(zip(old, new, strict=True)):
        if was != became:
            words = [f"{kind} of shape {shape}" for shape, kind in (was, became)]
            return f"part {place} of {len(old)} was {words[0]} and became {words[1]}"
    return ""


def _short(tree: Any) -> str:
    return str(tree).removeprefix("PyTreeDef(").removesuffix(")")


def shows(values: Any) -> str:
    """Return numbers as a message shows them.

    Examples
    --------
    >>> shows(jnp.array([1.0, 2.5]))
    '[1.  2.5]'
    """
    return np.array2string(np.asarray(values), precision=6, threshold=6)


def is_real(value: Any) -> bool:
    """Whether numbers are of a floating type, neither whole nor complex."""
    return bool(jnp.issubdtype(jnp.result_type(value), jnp.floating))


def is_finite(values: Any) -> bool:
    """Whether no number is nan or infinite."""
    return bool(np.isfinite(np.asarray(values, dtype=float)).all())


def alike(first: Any, second: Any) -> bool:
    """Whether numbers are equal up to rounding, nan being equal to nan."""
    return bool(np.allclose(first, second, rtol=1e-9, atol=1e-12, equal_nan=True))
