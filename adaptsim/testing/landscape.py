"""The contract of a landscape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes import Landscape, Point
from adaptsim.part import Array
from adaptsim.testing.contract import (
    alike,
    both,
    call,
    is_finite,
    is_real,
    name_of,
    problems_of,
    refuse,
    shows,
)

POINTS = 64
"""How many random points of the domain are tried, and points around each known place."""

STEP, NEAR, FAR = 1e-6, 1e-3, 1e-2
"""Lengths, in units of 1 + abs(theta): of differences, and of looking around a known place."""

REACH = 5.0
"""How far from the start is tried where the domain has no bounds."""


def check_landscape(landscape: Any) -> None:
    """Raise `ContractError` unless a landscape is right.

    Checked: ``dimension`` is a whole number, with which ``starts_at``, ``box``, ``minima_at`` and
    ``saddles_at`` agree; ``loss`` is one number, finite at the start and at random points of the
    domain, the same each time, and can be compiled with the fields not yet known; ``gradient`` is
    its slope; the start lies in the domain; known minima lie in it, lowest first, each once,
    without slope (but at an edge of the domain or a kink), none above its surroundings; known
    saddles have no slope; where there is a ``term``, the loss is the mean of all; and
    ``perceived_gradient`` is the same for the same key.

    Examples
    --------
    >>> class Bath(Landscape):
    ...     dimension = 2
    ...     minima_at = (0.0,)
    ...     def loss(self, theta):
    ...         return theta**2 + theta**4
    >>> check_landscape(Bath)
    Traceback (most recent call last):
        ...
    adaptsim.testing.contract.ContractError: Bath does not keep the contract of a landscape:
      1. Bath.loss must return one number, shape (); got shape (2,); write jnp.sum(...) around it
    """
    refuse("a landscape", landscape, problems_of_landscape(landscape))


def problems_of_landscape(landscape: Any) -> list[str]:
    """Return what is wrong with a landscape, one sentence each; see `check_landscape`.

    Examples
    --------
    >>> from adaptsim.landscapes import Booth
    >>> problems_of_landscape(Booth)
    []
    """
    return problems_of(
        landscape,
        Landscape,
        lambda one: one,
        [_dimension],
        [_places],
        [_start, _domain],
        [_within, _loss],
        [_same_again, _gradient, _felt, _terms],
        [_finite],
        [_slope, _minima, _saddles],
    )


def _dimension(landscape: Landscape) -> Iterator[str]:
    got = call(landscape, "dimension", lambda: landscape.dimension)
    if not isinstance(got, int) or isinstance(got, bool) or got < 1:
        hint = "write dimension = 2, or a property that returns an int"
        yield f"{name_of(landscape)}.dimension must be a whole number from 1; got {got!r}; {hint}"


def _places(landscape: Landscape) -> Iterator[str]:
    """Look at the class attributes, which say where things are."""
    name, d = name_of(landscape), landscape.dimension
    box = landscape.box
    if not isinstance(box, tuple) or len(box) != 2:
        yield f"{name}.box must be a pair (low, high); got {box!r}; write box = (-5.0, 5.0)"
        return
    told = {"starts_at": [landscape.starts_at], "box": [*box]}
    for kind in ("minima_at", "saddles_at"):
        places = getattr(landscape, kind)
        if isinstance(places, tuple):
            told[kind] = [*places]
        else:
            yield f"{name}.{kind} must be a tuple of places; got {places!r}; write ({places!r},)"
    for kind, places in told.items():
        wrong = [one for one in places if np.shape(one) not in ((), (d,))]
        if wrong:
            problem = f"must have places of one number or {d}, the dimension; got {wrong[0]!r}"
            yield f"{name}.{kind} {problem}"


def _start(landscape: Landscape) -> Iterator[str]:
    name, start = f"{name_of(landscape)}.start", both(landscape, "start")
    if jnp.shape(start) != (landscape.dimension,):
        problem = f"must have the shape ({landscape.dimension},), the dimension"
        yield f"{name} {problem}; got {jnp.shape(start)}; write jnp.array([...])"
    elif not is_real(start):
        problem = f"must hold real numbers; got {jnp.result_type(start)}"
        yield f"{name} {problem}; write 1.0 in place of 1"
    elif not is_finite(start):
        yield f"{name} must be finite; got {shows(start)}; write starts_at = ..., or start"


def _domain(landscape: Landscape) -> Iterator[str]:
    name, domain = f"{name_of(landscape)}.domain", both(landscape, "domain")
    shapes = [jnp.shape(one) for one in domain]
    if shapes != [(landscape.dimension,)] * 2:
        problem = f"must return two arrays of shape ({landscape.dimension},), the dimension"
        yield f"{name} {problem}; got {', '.join(map(str, shapes))}"
        return
    low, high = map(np.asarray, domain)
    if not (low < high).all():
        problem = f"must have its low below its high; got {shows(low)} and {shows(high)}"
        yield f"{name} {problem}; write box = (low, high)"


def _within(landscape: Landscape) -> Iterator[str]:
    start, (low, high) = np.asarray(landscape.start()), landscape.domain()
    if not _inside(landscape, start):
        problem = f"lies outside the domain: {shows(start)}, not from {shows(low)} to {shows(high)}"
        yield f"{name_of(landscape)}.start {problem}; write starts_at = ..., or a wider box"


def _inside(landscape: Landscape, theta: Any) -> bool:
    low, high = map(np.asarray, landscape.domain())
    return bool(np.all((theta >= low) & (theta <= high)))


def _loss(landscape: Landscape) -> Iterator[str]:
    loss = both(landscape, "loss", jnp.asarray(landscape.start()))
    name = f"{name_of(landscape)}.loss"
    if jnp.shape(loss) != ():
        problem = f"must return one number, shape (); got shape {jnp.shape(loss)}"
        yield f"{name} {problem}; write jnp.sum(...) around it"
    elif not is_real(loss):
        problem = f"must return a real number; got {jnp.result_type(loss)}"
        yield f"{name} {problem}; compute it from the coordinates, which are float64"
    elif not is_finite(loss):
        problem = f"must be finite at the start; got {loss} at {shows(landscape.start())}"
        yield f"{name} {problem}; start elsewhere, or look for / 0 and jnp.log of 0"


def _same_again(landscape: Landscape) -> Iterator[str]:
    start = jnp.asarray(landscape.start())
    for what, of in {"loss": lambda: landscape.loss(start), "start": landscape.start}.items():
        first, second = of(), of()
        if not alike(first, second):
            problem = f"called twice with the same gives {shows(first)}, then {shows(second)}"
            hint = "draw from a seed that is a field; noise belongs to Noisy"
            yield f"{name_of(landscape)}.{what} {problem}; {hint}"


def _gradient(landscape: Landscape) -> Iterator[str]:
    slope = both(landscape, "gradient", jnp.asarray(landscape.start()))
    if jnp.shape(slope) != (landscape.dimension,):
        problem = f"must have the shape ({landscape.dimension},); got {jnp.shape(slope)}"
        yield f"{name_of(landscape)}.gradient {problem}; return one slope per coordinate"


def _felt(landscape: Landscape) -> Iterator[str]:
    if type(landscape).perceived_gradient is Landscape.perceived_gradient:
        return
    name, start = f"{name_of(landscape)}.perceived_gradient", jnp.asarray(landscape.start())
    felt, again = (both(landscape, "perceived_gradient", start, jax.random.key(1)) for _ in "ab")
    if jnp.shape(felt) != start.shape:
        yield f"{name} must have the shape {start.shape}; got {jnp.shape(felt)}"
    elif not alike(felt, again):
        problem = f"gives {shows(felt)}, then {shows(again)}, for the same key"
        yield f"{name} {problem}; draw with jax.random from the key"


def _terms(landscape: Any) -> Iterator[str]:
    if not hasattr(landscape, "term"):
        return
    name, start = name_of(landscape), jnp.asarray(landscape.start())
    if not isinstance(getattr(landscape, "n_terms", None), int):
        yield f"{name} has a term(theta, index), but no n_terms; write n_terms, how many there are"
        return
    both(landscape, "term", start, jnp.asarray(0))
    terms = jax.jit(jax.vmap(landscape.term, (None, 0)))(start, jnp.arange(landscape.n_terms))
    mean, loss = jnp.mean(terms) + landscape.common_term(start), landscape.loss(start)
    if jnp.ndim(terms) != 1 or not np.allclose(mean, loss, rtol=1e-7, atol=1e-12):
        problem = f"the mean of its {landscape.n_terms} terms is {mean}, but the loss is {loss}"
        yield f"{name}.term: {problem}, at {shows(start)}; the loss must be the mean of all"


class _Sight(NamedTuple):
    """What is seen at points: loss and slope, and the loss a small step ahead and behind."""

    loss: np.ndarray
    slope: np.ndarray
    ahead: np.ndarray
    behind: np.ndarray


@jax.jit
def _seen(landscape: Landscape, points: Array, asides: Array) -> tuple[Array, ...]:
    places = jnp.concatenate([points, points + asides, points - asides])
    losses = jnp.split(jax.vmap(landscape.loss)(places), 3)
    return losses[0], jax.vmap(landscape.gradient)(points), *losses[1:]


def _look(landscape: Landscape, points: np.ndarray) -> _Sight:
    arguments = landscape, jnp.asarray(points), jnp.asarray(_asides(points))
    return _Sight(*map(np.asarray, call(landscape, "gradient", _seen, *arguments)))


def _asides(points: np.ndarray) -> np.ndarray:
    """Return a small step from each point, in a direction of its own."""
    directions = np.random.default_rng(2).standard_normal(points.shape)
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    step: np.ndarray = STEP * (1 + np.abs(points)) * directions / lengths
    return step


def _all_over(landscape: Landscape) -> np.ndarray:
    """Return the start and random points of the domain, shape ``(1 + POINTS, d)``."""
    low, high, start = map(np.asarray, (*landscape.domain(), landscape.start()))
    low = np.where(np.isfinite(low), low, start - REACH)
    high = np.where(np.isfinite(high), high, start + REACH)
    drawn = np.random.default_rng(1).uniform(size=(POINTS, start.size))
    return np.concatenate([start[None], low + drawn * (high - low)])


def _around(landscape: Landscape, theta: np.ndarray) -> np.ndarray:
    """Return a place and points of the domain on all sides, shape ``(1 + POINTS, d)``.

    The first half of them is near, the second not so near.
    """
    drawn = np.random.default_rng(3).standard_normal((POINTS // 4, theta.size))
    sides = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    steps = np.concatenate([size * sign * sides for size in (NEAR, FAR) for sign in (1, -1)])
    low, high = map(np.asarray, landscape.domain())
    return np.concatenate([theta[None], np.clip(theta + (1 + np.abs(theta)) * steps, low, high)])


def _finite(landscape: Landscape) -> Iterator[str]:
    points = _all_over(landscape)
    losses = _look(landscape, points).loss
    if not np.isfinite(losses).all():
        first = int(np.flatnonzero(~np.isfinite(losses))[0])
        problem = f"must be finite in the domain; got {losses[first]} at {shows(points[first])}"
        yield f"{name_of(landscape)}.loss {problem}; write a narrower box, or look for / 0"


def _slope(landscape: Landscape) -> Iterator[str]:
    """Compare what is taken for the slope of the loss with its differences."""
    points = _all_over(landscape)
    sight, steps = _look(landscape, points), _asides(points)
    lengths = 2 * np.linalg.norm(steps, axis=1)
    measured = (sight.ahead - sight.behind) / lengths
    told = 2 * np.sum(sight.slope * steps, axis=1) / lengths
    size = np.maximum(np.linalg.norm(sight.slope, axis=1), np.abs(measured))
    rounding = 1e-13 * (1 + np.abs(sight.loss)) / lengths
    wrong = ~(np.abs(measured - told) <= 1e-4 * size + rounding)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        problem = f"changes by {measured[first]:.6g} per unit along a line, but its gradient says"
        hint = "does it round, jump or stop_gradient? Make it smooth, or write gradient yourself"
        where = f"{told[first]:.6g}, at {shows(points[first])}"
        yield f"{name_of(landscape)}.loss {problem} {where}; {hint}"


def _minima(landscape: Landscape) -> Iterator[str]:
    name, minima = name_of(landscape), call(landscape, "minima", landscape.minima)
    if problem := _no_points(landscape, minima):
        yield f"{name}.minima {problem}"
        return
    losses = np.array([one.loss for one in minima])
    if (np.diff(losses) < -1e-9 * (1 + np.abs(losses[1:]))).any():
        yield f"{name}.minima must come lowest first; got {shows(losses)}"
    places = {tuple(np.asarray(one.theta).tolist()) for one in minima}
    if len(places) < len(minima):
        hint = "one place of several coordinates is a tuple in the tuple: minima_at = ((1.0, 2.0),)"
        yield f"{name}.minima has a place more than once; {hint}"
    for one in minima:
        yield from _no_minimum(landscape, one)


def _no_points(landscape: Landscape, points: Any) -> str:
    """Return what is wrong with a tuple of known places as such, nothing if nothing is."""
    if not (isinstance(points, tuple) and all(isinstance(one, Point) for one in points)):
        return f"must return a tuple of points; got {points!r}; write (self.point(theta),)"
    for theta, loss in points:
        if jnp.shape(theta) != (landscape.dimension,):
            wanted = f"places of shape ({landscape.dimension},), the dimension"
            return f"must have {wanted}; got {jnp.shape(theta)}"
        if not alike(loss, there := float(landscape.loss(theta))):
            return f"has the loss {loss} where it is {there}, at {shows(theta)}; write self.point"
        if not _inside(landscape, np.asarray(theta)):
            return f"lies outside the domain: {shows(theta)}; write a wider box, or leave it out"
    return ""


def _no_minimum(landscape: Landscape, one: Point) -> Iterator[str]:
    name, around = f"{name_of(landscape)}.minima", _around(landscape, np.asarray(one.theta))
    sight = _look(landscape, around)
    lowest = int(np.nanargmin(sight.loss))
    if sight.loss[lowest] < one.loss - 1e-9 * (1 + abs(one.loss)):
        beside = f"it is {sight.loss[lowest]:.9g} at {shows(around[lowest])}"
        problem = f"has {shows(one.theta)}, which is none: the loss is {one.loss:.9g}, but {beside}"
        yield f"{name} {problem}; polish it with minimum_near(landscape, theta), or leave it out"
    elif _slopes(landscape, one.theta, sight.slope):
        problem = f"has {shows(one.theta)}, where the slope is not 0 but {shows(sight.slope[0])}"
        yield f"{name} {problem}; give it to the last digit, by stationary_point(landscape, theta)"


def _saddles(landscape: Landscape) -> Iterator[str]:
    name, saddles = f"{name_of(landscape)}.saddles", call(landscape, "saddles", landscape.saddles)
    if problem := _no_points(landscape, saddles):
        yield f"{name} {problem}"
        return
    for theta, _ in saddles:
        slopes = _look(landscape, _around(landscape, np.asarray(theta))).slope
        if _slopes(landscape, theta, slopes):
            problem = f"has {shows(theta)}, where the slope is not 0 but {shows(slopes[0])}"
            yield f"{name} {problem}; find it by stationary_point(landscape, theta)"


def _slopes(landscape: Landscape, theta: Array, slopes: np.ndarray) -> bool:
    """Whether the slope at a place, the first of those around, is more than rounding.

    It is compared with those near by, of which it may be a thousandth. Edges hold a walk, and kinks
    have no slope.
    """
    low, high = landscape.domain()
    held = ((theta == low) & (slopes[0] > 0)) | ((theta == high) & (slopes[0] < 0))
    left = np.abs(np.where(held, 0.0, slopes[0])).max()
    if np.isnan(left) or left <= NEAR * np.nanmax(np.abs(slopes[1 : 1 + POINTS // 2])):
        return False
    return landscape.kind_of_point(theta) != "not smooth"
