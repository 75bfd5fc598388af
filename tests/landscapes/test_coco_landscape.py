"""BBOB functions through the adapter; skipped where coco-experiment is not installed."""

import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import Bbob
from adaptsim.part import WrongField


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error says which to install."""
    monkeypatch.setitem(sys.modules, "cocoex", None)
    with pytest.raises(ImportError, match="pip install coco-experiment"):
        Bbob()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"function": 25}, "Bbob.function must be at most 24 [1]; got 25"),
        ({"dimension": 1}, "Bbob.dimension must be at least 2 [1]; got 1"),
        ({"instance": 0}, "Bbob.instance must be at least 1 [1]; got 0"),
    ],
)
def test_fields_are_checked(told: dict, message: str) -> None:
    """Before the package is asked."""
    with pytest.raises(WrongField, match=re.escape(message)):
        Bbob(**told)


class TestWhereInstalled:
    """All that needs the package."""

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("cocoex", reason="coco-experiment is not installed")

    @pytest.mark.parametrize("function", range(1, 25))
    def test_values_are_those_of_the_package(self, function: int) -> None:
        """Loss at random points, compiled and mapped, and at the minimum the package names."""
        import cocoex

        landscape = Bbob(function=function, dimension=3, instance=2)
        problem = cocoex.BareProblem("bbob", function, 3, 2)
        points = np.random.default_rng(0).uniform(-5, 5, (7, 3))
        losses = jax.jit(jax.vmap(landscape.loss))(jnp.asarray(points))
        np.testing.assert_array_equal(losses, [problem(one) for one in points])
        (lowest,) = landscape.minima()
        assert float(landscape.loss(lowest.theta)) == pytest.approx(lowest.loss, abs=1e-9)
        assert (losses >= lowest.loss).all()
        assert landscape.contains(lowest.theta)

    def test_sphere_is_a_sphere(self) -> None:
        """Function 1 is ``|x - x*|^2``: its slope and Hessian are known."""
        landscape = Bbob(function=1, dimension=5)
        (lowest,) = landscape.minima()
        theta = lowest.theta + jnp.arange(5.0)
        slope = jax.jit(landscape.gradient)(theta)
        np.testing.assert_allclose(slope, 2 * np.arange(5.0), atol=1e-7)
        np.testing.assert_allclose(landscape.hessian(theta), 2 * np.eye(5), atol=1e-5)
        assert landscape.kind_of_point(lowest.theta) == "minimum"
        assert float(landscape.speed_limit(lowest.theta)) == pytest.approx(1, abs=1e-5)

    def test_rosenbrock_rests_at_its_minimum(self) -> None:
        """Function 8, Rosenbrock's: no slope there, and curved upwards."""
        landscape = Bbob(function=8, dimension=2)
        (lowest,) = landscape.minima()
        assert np.abs(landscape.gradient(lowest.theta)).max() < 1e-4
        assert landscape.curvatures(lowest.theta)[0] > 0

    def test_descent_goes_down(self) -> None:
        """A compiled descent on the black box finds the minimum of the sphere."""
        landscape = Bbob(function=1)

        def step(_: int, theta: jax.Array) -> jax.Array:
            return theta - 0.2 * landscape.gradient(theta)

        end = jax.jit(lambda theta: jax.lax.fori_loop(0, 40, step, theta))(landscape.start())
        np.testing.assert_allclose(end, landscape.minima()[0].theta, atol=1e-6)
