"""What every landscape gets for nothing, landscapes of functions, and mistakes."""

import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import (
    Booth,
    Bowl,
    Canyon,
    Himmelblau,
    Landscape,
    LogisticRegression,
    MatrixFactorisation,
    Michalewicz,
    Noisy,
    RobotArm,
    Rosenbrock,
    SixHumpCamel,
    minima_from,
    minimum_near,
)
from adaptsim.landscapes.logistic_regression import flowers
from adaptsim.part import WrongField


@pytest.mark.parametrize(
    ("function", "kind", "limit"),
    [
        (lambda x: x[0] ** 2 + 3 * x[1] ** 2, "minimum", 1 / 3),
        (lambda x: x[0] ** 2 - x[1] ** 2, "saddle", math.nan),
        (lambda x: -(x[0] ** 2) - x[1] ** 2, "maximum", math.nan),
        (lambda x: x[0] ** 2 + x[1] ** 4, "degenerate", 1.0),
        (lambda x: x[0] ** 3 + x[1] ** 4, "degenerate", math.inf),
        (lambda x: x[0] ** 2 + x[1], "slope", 1.0),
        (lambda x: x[0] ** 2 + jnp.abs(x[1]), "not smooth", 1.0),
        (lambda x: x[0] ** 2 + jnp.maximum(x[1], 0), "not smooth", 1.0),
        (lambda x: jnp.sqrt(jnp.sum(x**2)), "not smooth", math.nan),
        (lambda x: jnp.log(x[0] - 1) + x[1], "not smooth", math.nan),
        (lambda x: 0.0, "degenerate", math.inf),
    ],
)
def test_kind_of_point_and_speed_limit(function, kind: str, limit: float) -> None:
    """At the origin of ten functions; kinks are seen, though differentiation does not see them."""
    landscape = Landscape.from_function(function)
    assert landscape.kind_of_point(jnp.zeros(2)) == kind
    assert float(landscape.speed_limit(jnp.zeros(2))) == pytest.approx(limit, nan_ok=True)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_kind_of_point_does_not_depend_on_units_of_the_loss(scale: float) -> None:
    """A loss in other units has the same minima and slopes."""
    landscape = Landscape.from_function(lambda x: scale * Himmelblau().loss(x))
    assert landscape.kind_of_point(jnp.array([3.0, 2.0])) == "minimum"
    assert landscape.kind_of_point(jnp.array([3.0, 2.1])) == "slope"


def test_descent_holds_below_the_speed_limit_and_not_above() -> None:
    """The speed limit is that of descent: 1 % below it returns, 1 % above it leaves."""
    minimum = jnp.array([3.0, 2.0])
    landscape = Himmelblau()
    limit = landscape.speed_limit(minimum)

    def apart(rate: float) -> float:
        theta = minimum + 1e-6
        descend = jax.jit(lambda theta: theta - rate * landscape.gradient(theta))
        for _ in range(300):
            theta = descend(theta)
        return float(jnp.max(jnp.abs(theta - minimum)))

    assert apart(0.99 * limit) < 1e-7
    assert apart(1.01 * limit) > 1e-5


def test_speed_limit_can_be_compiled_and_mapped() -> None:
    """So that a gauge along a whole run is one call."""
    points = jnp.array([[3.0, 2.0], [0.0, 0.0]])
    limits = jax.jit(jax.vmap(Himmelblau().speed_limit))(points)
    assert limits[0] == pytest.approx(0.0243059818, abs=1e-10)
    assert np.isnan(limits[1])


def test_from_function_takes_all_it_is_told() -> None:
    """Start, domain and minima, as one number or one per coordinate; compiled as an argument."""
    landscape = Landscape.from_function(
        lambda x: jnp.sum((x - 1) ** 2), 3, start=[3, 2, 1], low=-5, high=[5, 6, 7], minima=[1.0]
    )
    low, high = landscape.domain()
    assert (low.tolist(), high.tolist()) == ([-5.0] * 3, [5.0, 6.0, 7.0])
    assert landscape.start().tolist() == [3.0, 2.0, 1.0]
    assert landscape.minima()[0].theta.tolist() == [1.0, 1.0, 1.0]
    assert not landscape.contains(jnp.array([0.0, 0.0, 7.5]))
    assert float(jax.jit(lambda one, x: one.loss(x))(landscape, landscape.start())) == 5.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": 3.0}, "FromFunction.function must be callable; got 3.0"),
        ({"dimension": 0}, "FromFunction.dimension must be at least 1 [1]; got 0"),
        ({"start": [1, 2, 3]}, "FromFunction.start_at must have 1 or 2 coordinates; got 3"),
        ({"low": [1, 2, 3]}, "FromFunction.low must have 1 or 2 coordinates; got 3"),
    ],
)
def test_from_function_refuses(arguments: dict, message: str) -> None:
    """A mistake says which field, what was got and what is right."""
    with pytest.raises(WrongField, match=re.escape(message)):
        Landscape.from_function(**{"function": jnp.sum, **arguments})


def test_from_function_refuses_many_numbers() -> None:
    """A function of one point has one value."""
    landscape = Landscape.from_function(lambda x: x)
    with pytest.raises(WrongField, match=r"must return one number; got an array of shape \(2,\)"):
        landscape.loss(jnp.zeros(2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rosenbrock(dimension=1), "Rosenbrock.dimension must be at least 2 [1]; got 1"),
        (lambda: Canyon(condition_number=0.5), "Canyon.condition_number must be at least 1"),
        (lambda: Bowl(curvature=-1.0), "Bowl.curvature must be above 0"),
        (lambda: Bowl(curvature=jnp.ones(3)), "Bowl.curvature must be one number or 2"),
        (lambda: Bowl(curvature=[1.0, 2.0, 3.0]), "Bowl.curvature must be one number or 2"),
        (lambda: Bowl(curvature=[1.0, -2.0]), "Bowl.curvature must be above 0"),
        (lambda: Bowl(curvature=["a", "b"]), "Bowl.curvature must be one number, or one per"),
        (lambda: MatrixFactorisation(rank=4), "must be from 1 to 3, the lesser of rows and"),
        (lambda: LogisticRegression(ridge=0.0), "LogisticRegression.ridge must be above 0"),
    ],
)
def test_fields_are_checked(make, message: str) -> None:
    """Wrong numbers are refused when a landscape is made."""
    with pytest.raises(WrongField, match=re.escape(message)):
        make()


def test_a_landscape_without_loss_or_dimension_says_so() -> None:
    """A subclass that lacks one is told what to write."""

    class Empty(Landscape):
        pass

    with pytest.raises(NotImplementedError, match="Empty must define dimension"):
        _ = Empty().dimension
    with pytest.raises(NotImplementedError, match=r"Empty must define loss\(theta\)"):
        Empty().loss(jnp.zeros(2))


@pytest.mark.parametrize(
    "ask", ["gradient", "hessian", "curvatures", "largest_curvature", "speed_limit", "point"]
)
@pytest.mark.parametrize("theta", [[1.0], [1.0, 2.0, 3.0], 1.0, [[1.0, 2.0]]], ids=str)
def test_a_point_of_another_dimension_is_refused(ask: str, theta: list) -> None:
    """One error says what was got and what is wanted, before JAX is asked."""
    shape = re.escape(str(np.shape(theta)))
    told = rf"Booth\.\w+: theta must be one point of 2 coordinates, shape \(2,\); got shape {shape}"
    with pytest.raises(ValueError, match=told):
        getattr(Booth(), ask)(theta)


def test_a_point_of_another_dimension_is_refused_by_all_else() -> None:
    """By what is perceived, and by Newton's method; what is wrapped answers for itself."""
    with pytest.raises(
        ValueError, match=r"Noisy\.perceived_gradient: theta must be one point of 2"
    ):
        Noisy(landscape=Booth()).perceived_gradient(jnp.ones(3), jax.random.key(0))
    with pytest.raises(ValueError, match=r"Booth\.hessian: theta must be one point of 2"):
        Noisy(landscape=Booth()).hessian(jnp.ones(3))
    for asked in (Booth().contains, Booth().kind_of_point):
        with pytest.raises(ValueError, match="theta must be one point of 2 coordinates"):
            asked(jnp.ones(3))
    with pytest.raises(ValueError, match=r"Booth\.gradient: theta must be one point of 2"):
        minimum_near(Booth(), jnp.ones(3))


@pytest.mark.parametrize("curvature", [[1.0, 4.0], (1.0, 4.0), np.array([1, 4]), (jnp.ones(()), 4)])
def test_a_bowl_takes_any_list_of_curvatures(curvature) -> None:
    """List, tuple or array; together they are one leaf, so that it can be compiled as it is."""
    bowl = Bowl(curvature=curvature)
    assert len(jax.tree.leaves(bowl)) == 1
    assert bowl.gradient(jnp.ones(2)).tolist() == [1.0, 4.0]


def test_a_flat_point_of_one_coordinate_is_no_minimum() -> None:
    """Where a slope passes through 0 without changing sign, rounding must not make a minimum."""
    shelf = Landscape.from_function(lambda x: x[0] ** 3, 1)
    for theta in (0.0, 1e-16, -1e-13):
        assert shelf.kind_of_point(jnp.array([theta])) == "degenerate"
    quartic = Landscape.from_function(lambda x: x[0] ** 4, 1)
    assert quartic.kind_of_point(jnp.array([1e-13])) == "degenerate"


@pytest.mark.parametrize("rotated", [False, True])
def test_canyon_has_the_condition_number_it_is_given(rotated: bool) -> None:
    """In any dimension, turned or not, curvatures go from 1 to it in equal ratios."""
    canyon = Canyon(dimension=5, condition_number=1e4, rotated=rotated, seed=2)
    wanted = np.geomspace(1, 1e4, 5)
    np.testing.assert_allclose(canyon.curvatures(canyon.start()), wanted, rtol=1e-11)
    assert rotated == (np.abs(np.triu(canyon.hessian(canyon.start()), 1)).max() > 1)


def test_balanced_factorisation_is_the_flattest() -> None:
    """Largest curvature 2 at the balanced minimum, more where one factor is larger."""
    landscape = MatrixFactorisation()
    (balanced,) = landscape.minima()
    assert balanced.loss < 1e-28
    assert float(landscape.largest_curvature(balanced.theta)) == pytest.approx(2, rel=1e-12)
    left = landscape.rows * landscape.rank
    unbalanced = balanced.theta.at[:left].multiply(2.0).at[left:].divide(2.0)
    assert landscape.loss(unbalanced) < 1e-28
    assert landscape.largest_curvature(unbalanced) > 2.1
    assert np.linalg.matrix_rank(landscape.target()) == landscape.rank


@pytest.mark.parametrize("landscape", [MatrixFactorisation(), LogisticRegression(ridge=0.1)])
def test_sums_are_the_mean_of_their_terms(landscape) -> None:
    """So that a minibatch perceives the slope without bias."""
    theta = landscape.start() + 0.3
    terms = jax.vmap(landscape.term, (None, 0))(theta, jnp.arange(landscape.n_terms))
    assert float(terms.mean()) == pytest.approx(float(landscape.loss(theta)), rel=1e-12)


def test_logistic_regression_against_scipy() -> None:
    """The computed minimum is that of an independent minimiser; it does its task."""
    from scipy.optimize import minimize

    inputs, signs = flowers()

    def loss(weights: np.ndarray) -> float:
        misfit = np.logaddexp(0, -signs * (inputs @ weights)).mean()
        return float(misfit + 0.01 * (weights @ weights) / 2)

    (computed,) = LogisticRegression(ridge=0.01).minima()
    found = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-7})
    np.testing.assert_allclose(computed.theta, found.x, atol=1e-5)
    assert computed.loss == pytest.approx(found.fun, abs=1e-10)
    assert (np.sign(inputs @ np.asarray(computed.theta)) == signs).mean() > 0.95


def test_newton_finds_all_camel_minima() -> None:
    """From a grid of starts all six, each once, are found again."""
    x, y = jnp.meshgrid(jnp.linspace(-2, 2, 9), jnp.linspace(-1, 1, 5))
    found = minima_from(SixHumpCamel(), jnp.stack([x.ravel(), y.ravel()], axis=1))
    known = SixHumpCamel().minima()
    assert len(found) == len(known) == 6
    np.testing.assert_allclose(
        sorted(np.asarray(one.theta).tolist() for one in found),
        sorted(np.asarray(one.theta).tolist() for one in known),
        atol=1e-13,
    )


def test_newton_goes_down_from_a_hill() -> None:
    """A minimum is found even from where the curvatures are negative."""
    assert minimum_near(Himmelblau(), jnp.array([-0.3, -0.9])).loss < 1e-25


def test_arm_reaches_with_either_elbow() -> None:
    """Two minima for any target within reach; without effort the hand is there."""
    arm = RobotArm(target_x=0.3, target_y=-0.9, link=0.7, effort=1e-6)
    minima = arm.minima()
    assert len(minima) == 2
    assert minima[0].theta[1] * minima[1].theta[1] < 0
    assert all(one.loss < 1e-5 for one in minima)


def test_michalewicz_in_other_steepness() -> None:
    """The grid finds the lowest of a brute-force search too."""
    landscape = Michalewicz(dimension=1, steepness=3)
    grid = jnp.linspace(0, math.pi, 100_001)[:, None]
    losses = jax.vmap(landscape.loss)(grid)
    assert landscape.minima()[0].loss <= float(losses.min())
    assert landscape.minima()[0].loss == pytest.approx(float(losses.min()), abs=1e-8)
