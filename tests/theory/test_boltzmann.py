"""The Boltzmann density of one coordinate, against normal laws and adaptive quadrature."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import expon, norm

from adaptsim.theory.boltzmann import Boltzmann, support

from .checks import printed


def wells(x: np.ndarray) -> np.ndarray:
    return (x**2 - 1) ** 2 / 4


def test_double_well_of_the_table() -> None:
    density = Boltzmann(wells, 0.1)
    assert density.mean(lambda x: x**2) == printed("0.87136291")
    assert density.mean(wells) == printed("0.05715927")
    assert density.probability(-0.5, 0.5) == printed("0.10272274")


@pytest.mark.parametrize("temperature", [1e-3, 0.1, 10.0])
def test_double_well_by_adaptive_quadrature(temperature: float) -> None:
    """scipy's quad on the half line, told where the well is."""

    def weight(x: float, power: int) -> float:
        return x**power * math.exp(-((x**2 - 1) ** 2) / (4 * temperature))

    total, second = (
        quad(weight, 0, 20, args=(power,), points=[0.5, 1, 1.5, 3], epsabs=0, epsrel=1e-12)[0]
        for power in (0, 2)
    )
    found = Boltzmann(wells, temperature).mean(lambda x: x**2)
    assert found == pytest.approx(second / total, rel=1e-10)


@given(
    temperature=st.floats(1e-2, 1e2),
    curvature=st.floats(0.1, 10),
    centre=st.floats(-5, 5),
    at=st.floats(-3, 3),
)
def test_quadratic_is_normal(
    temperature: float, curvature: float, centre: float, at: float
) -> None:
    density = Boltzmann(lambda x: curvature * (x - centre) ** 2 / 2, temperature)
    normal = norm(centre, math.sqrt(temperature / curvature))
    place = centre + at * normal.std()
    assert float(density.cdf(place)) == pytest.approx(normal.cdf(place), abs=1e-10)
    assert float(density.density(place)) == pytest.approx(normal.pdf(place), rel=1e-9)
    assert density.mean(lambda x: (x - centre) ** 2) == pytest.approx(normal.var(), rel=1e-9)


def test_a_wall_makes_a_tilt_exponential() -> None:
    density = Boltzmann(lambda x: 2.0 * x, 0.5, low=0.0)
    x = np.array([-1.0, 0.1, 0.5, 2.0])
    np.testing.assert_allclose(density.cdf(x), expon(scale=0.25).cdf(x), atol=1e-12)
    np.testing.assert_allclose(density.density(x), expon(scale=0.25).pdf(x), rtol=1e-9)


def test_distribution_function_runs_from_0_to_1() -> None:
    cdf = Boltzmann(wells, 0.05).cdf(np.linspace(-9, 9, 2001))
    assert cdf[0] == 0
    assert cdf[-1] == pytest.approx(1, abs=1e-13)
    assert (np.diff(cdf) >= 0).all()


def test_more_panels_change_nothing() -> None:
    coarse, fine = (
        Boltzmann(wells, 1e-3, panels=panels).mean(lambda x: x**2) for panels in (400, 1600)
    )
    assert coarse == pytest.approx(fine, rel=1e-13)


def test_what_does_not_confine_is_refused() -> None:
    for potential, side in ((lambda x: x, "left"), (lambda x: -x, "right")):
        with pytest.raises(ValueError, match=f"does not confine to the {side}"):
            support(potential, 1.0)


def test_impossible_densities_are_refused() -> None:
    with pytest.raises(ValueError, match=r"temperature must be above 0 and finite; got 0"):
        Boltzmann(wells, 0)
    with pytest.raises(ValueError, match=r"low must lie below high; got 2 and 1"):
        Boltzmann(wells, 1.0, low=2.0, high=1.0)
