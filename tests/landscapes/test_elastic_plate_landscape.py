"""The elastic plate: its body force by hand, its exact field, and equilibrium by differences."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import ElasticPlate, Noisy
from adaptsim.part import WrongField

SMALL = {"layers": (2, 4, 3, 2), "points": 4}
PLATES = {plane: ElasticPlate(plane=plane, **SMALL) for plane in ("strain", "stress")}
either = pytest.mark.parametrize("plane", PLATES)
PLACE = np.array([0.3, 0.7])


def theta_of(plate):
    """Return weights and biases at which nothing is zero by chance."""
    return plate.start() + 0.3 * jnp.asarray(np.random.default_rng(2).normal(size=plate.dimension))


@jax.jit
def slope_of_boundary(plate, theta):
    """Return the slope of what all terms share."""
    return jax.grad(plate.common_term)(theta)


class Known(ElasticPlate):
    """A plate whose network is the exact field."""

    abstract = True

    def network(self, theta, place):
        return self.exact_jet(place)


def force_by_hand(x, y, lame, shear, q):
    """Return minus the divergence of the stress of the exact field, differentiated on paper."""
    sin, cos, pi = np.sin, np.cos, np.pi
    u_xx = -4 * pi**2 * cos(2 * pi * x) * sin(pi * y)
    u_yy = -(pi**2) * cos(2 * pi * x) * sin(pi * y)
    u_xy = -2 * pi**2 * sin(2 * pi * x) * cos(pi * y)
    v_xx = -(pi**2) * q / 4 * sin(pi * x) * y**4
    v_yy = 3 * q * sin(pi * x) * y**2
    v_xy = q * pi * cos(pi * x) * y**3
    first = (lame + 2 * shear) * u_xx + shear * u_yy + (lame + shear) * v_xy
    second = (lame + 2 * shear) * v_yy + shear * v_xx + (lame + shear) * u_xy
    return -np.array([first, second])


def test_body_force_of_the_literature():
    """Section 5 of shared/optimization.md: plane strain, with the numbers of Haghighat et al."""
    force = ElasticPlate(plane="strain").load(jnp.asarray(PLACE))
    np.testing.assert_allclose(force, [-24.77317476, -25.10730906], rtol=0, atol=5e-9)


@either
def test_body_force_by_hand(plane):
    told = {"lame": 1.7, "shear_modulus": 0.8, "strength": 3.0}
    lame = 1.7 if plane == "strain" else 2 * 1.7 * 0.8 / (1.7 + 1.6)
    found = ElasticPlate(plane=plane, **told).load(jnp.asarray(PLACE))
    np.testing.assert_allclose(found, force_by_hand(*PLACE, lame, 0.8, 3.0), rtol=1e-12)


@either
def test_the_exact_field_breaks_no_law_and_has_no_error(plane):
    known = Known(plane=plane, **SMALL)
    nothing = jnp.zeros(known.dimension)
    assert float(jax.jit(known.loss)(nothing)) < 1e-24
    assert all(float(one) < 1e-14 for one in jax.jit(known.readings)(nothing).values())


def test_plane_stress_has_no_stress_across_the_plate():
    """Its strain across, ``-l/(l + 2m) tr eps``, makes it so in the law of three dimensions."""
    lame, shear = 1.7, 0.8
    thin = ElasticPlate(plane="stress", lame=lame, shear_modulus=shear)
    jet = thin.exact_jet(jnp.asarray(PLACE))
    strain = np.zeros((3, 3))
    strain[:2, :2] = (jet.slopes + jet.slopes.T) / 2
    strain[2, 2] = -lame / (lame + 2 * shear) * np.trace(strain)
    stress = lame * np.trace(strain) * np.eye(3) + 2 * shear * strain
    assert abs(stress[2, 2]) < 1e-12
    np.testing.assert_allclose(thin.stress(jet), stress[:2, :2], rtol=1e-12)
    thick = thin.replace(plane="strain").stress(jet)
    strain[2, 2] = 0
    stress = lame * np.trace(strain) * np.eye(3) + 2 * shear * strain
    np.testing.assert_allclose(thick, stress[:2, :2], rtol=1e-12)


@either
def test_law_is_the_divergence_of_the_stress(plane):
    """By central differences of the stress of any network."""
    plate = PLATES[plane]
    theta, step = theta_of(plate), 1e-5

    def stress(place):
        return np.asarray(plate.stress(plate.network(theta, jnp.asarray(place))))

    moves = step * np.eye(2)
    by_each = [(stress(PLACE + one) - stress(PLACE - one)) / (2 * step) for one in moves]
    found = plate.law(plate.network(theta, jnp.asarray(PLACE)))
    np.testing.assert_allclose(found, by_each[0][0] + by_each[1][1], rtol=1e-7, atol=1e-8)


@either
def test_forces_on_the_exact_plate_balance(plane):
    """Pull on the boundary and body force sum to nothing, by Gauss quadrature."""
    plate = ElasticPlate(plane=plane)
    nodes, weights = np.polynomial.legendre.leggauss(30)
    nodes, weights = (nodes + 1) / 2, weights / 2
    x, y = (one.ravel() for one in np.meshgrid(nodes, nodes, indexing="ij"))
    load = jax.jit(jax.vmap(plate.load))(jnp.asarray(np.stack([x, y], axis=1)))
    pull = jax.jit(jax.vmap(lambda place: plate.stress(plate.exact_jet(place))))
    total = np.outer(weights, weights).ravel() @ np.asarray(load)
    for axis in (0, 1):
        for end, outward in ((0.0, -1.0), (1.0, 1.0)):
            side = np.insert(nodes[:, None], axis, end, axis=1)
            total += outward * weights @ np.asarray(pull(jnp.asarray(side)))[:, axis]
    np.testing.assert_allclose(total, 0.0, atol=1e-12)


def test_loss_is_the_law_inside_and_a_penalty_on_the_boundary():
    plate = PLATES["stress"].replace(penalty=7.0)
    theta = theta_of(plate)
    inside, edge = np.asarray(plate.places()), np.asarray(plate.boundary())
    assert (inside.shape, edge.shape) == ((16, 2), (16, 2))
    assert ((inside > 0) & (inside < 1)).all()
    assert (((edge == 0) | (edge == 1)).sum(axis=1) == 1).all()
    broken = np.array([plate.residual(theta, jnp.asarray(one)) for one in inside])
    missed = np.asarray(plate.fields(theta, jnp.asarray(edge)) - plate.exact_fields(edge))
    assert float(plate.common_term(theta)) == pytest.approx(7 * np.mean(missed**2), rel=1e-12)
    wanted = np.mean(broken**2) + 7 * np.mean(missed**2)
    assert float(plate.loss(theta)) == pytest.approx(wanted, rel=1e-12)


def test_gradient_is_that_of_differences():
    plate = PLATES["strain"]
    theta = theta_of(plate)
    way = np.random.default_rng(3).normal(size=plate.dimension)
    step = 1e-6 * way / np.linalg.norm(way)
    ahead, behind = (float(plate.loss(theta + sign * step)) for sign in (1, -1))
    told = float(plate.gradient(theta) @ step)
    assert (ahead - behind) / 2 == pytest.approx(told, rel=1e-6)


def test_batches_leave_out_the_boundary_that_they_share():
    plate = PLATES["strain"]
    theta = theta_of(plate)
    batches = plate.batch_gradients(theta, 4)
    shared = slope_of_boundary(plate, theta)
    assert float(jnp.abs(shared).max()) > 1
    whole = batches.mean(axis=0) + shared
    np.testing.assert_allclose(whole, plate.gradient(theta), rtol=1e-9, atol=1e-9)
    unasked = plate.replace(penalty=0.0).batch_gradients(theta, 4)
    np.testing.assert_allclose(batches, unasked, rtol=1e-12)


def test_a_batch_that_is_felt_has_the_boundary_in_it():
    """The slope as felt is on average the whole slope: of each place, and of the boundary once."""
    plate = ElasticPlate(layers=(2, 2, 2), points=2)
    theta = theta_of(plate)
    each = np.asarray(plate.batch_gradients(theta, 4) + slope_of_boundary(plate, theta))
    keys = jax.random.split(jax.random.key(0), 24)
    noisy = Noisy(landscape=plate, batch=1)
    felt = jax.jit(jax.vmap(noisy.perceived_gradient, (None, 0)))(theta, keys)
    apart = np.abs(np.asarray(felt)[:, None] - each).max(axis=2)
    assert apart.min(axis=1).max() < 1e-9
    assert set(apart.argmin(axis=1)) == {0, 1, 2, 3}
    np.testing.assert_allclose(each.mean(axis=0), plate.gradient(theta), rtol=1e-9, atol=1e-9)


def test_readings_are_taken_elsewhere():
    plate = ElasticPlate()
    learnt, checked = np.asarray(plate.places()), np.asarray(plate.checked_at())
    assert (learnt.shape, checked.shape) == ((400, 2), (961, 2))
    assert np.abs(learnt[:, None] - checked).max(axis=2).min() > 1e-3
    assert plate.reading_units == {"error_u": "1", "error_v": "1", "error_stress": "1"}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"layers": (1, 5, 2)}, "ElasticPlate.layers must begin with 2 and end with 2; got (1, 5"),
        ({"plane": "curved"}, "ElasticPlate.plane must be one of 'strain', 'stress'"),
        ({"shear_modulus": 0.0}, "ElasticPlate.shear_modulus must be above 0"),
    ],
)
def test_fields_are_checked(told, message):
    with pytest.raises(WrongField, match=re.escape(message)):
        ElasticPlate(**told)
