"""Every number of the landscape table of shared/optimization.md, section 2, to the digits given.

Numbers stand as they are printed, as texts; each must be right to half a unit of its last place.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import (
    Ackley,
    Beale,
    Booth,
    Bowl,
    Branin,
    Canyon,
    CubicWell,
    DoubleWell,
    Easom,
    GoldsteinPrice,
    Griewank,
    HeavyRobotArm,
    Himmelblau,
    Landscape,
    Levy,
    Matyas,
    Michalewicz,
    MonkeySaddle,
    MuellerBrown,
    Rastrigin,
    RobotArm,
    Rosenbrock,
    ScalarFactorisation,
    Schwefel,
    SixHumpCamel,
    StrictSaddle,
    StyblinskiTang,
    ThreeHumpCamel,
    stationary_point,
)

from .printed import printed


def place(text: str) -> jax.Array:
    return jnp.array([float(one) for one in text.split()])


Row = tuple[Landscape, str, str, str, str]

ROWS: list[Row] = [
    # landscape, minimum, loss, least and largest curvature, speed limit; "" where none is printed
    (Bowl(curvature=jnp.array([3.0, 7.0])), "0 0", "0", "3 7", "0.2857142857"),
    (Canyon(), "0 0", "0", "1 100", ".02"),
    (Canyon(rotated=True), "0 0", "0", "1 100", ".02"),
    (Rosenbrock(), "1 1", "0", ".3993607675 1001.600639", ".00199680384"),
    (
        Rosenbrock(dimension=10),
        " ".join(["1"] * 10),
        "0",
        ".498752 1762.840881",
        ".00113453235",
    ),
    (Beale(), "3 .5", "0", ".30146365 48.97978635", ".0408331712"),
    (Himmelblau(), "3 2", "0", "25.71572875 82.28427125", ".0243059818"),
    (Himmelblau(), "-2.805118 3.131313", "0", "64.840373 80.550072", ".0248292764"),
    (Himmelblau(), "-3.779310 -3.283186", "0", "70.714355 133.785615", ".0149492903"),
    (Himmelblau(), "3.584428 -1.848127", "0", "28.690677 105.418908", ".0189719286"),
    (Booth(), "1 3", "0", "2 18", "0.1111111111"),
    (Matyas(), "0 0", "0", ".04 1", "2"),
    (StrictSaddle(), "0 1", "-.25", "1 2", "1"),
    (StrictSaddle(), "0 -1", "-.25", "1 2", "1"),
    (DoubleWell(), "1", "0", "2 2", "1"),
    (DoubleWell(), "-1", "0", "2 2", "1"),
    (CubicWell(), "0", "0", "1 1", "2"),
    (Rastrigin(), "0 0", "0", "396.784176 396.784176", ".00504052359"),
    (StyblinskiTang(dimension=1), "-2.90353403", "-39.16616570", "34.5830591 34.5830591", ""),
    (StyblinskiTang(), "-2.90353403 -2.90353403", "", "34.5830591 34.5830591", ".0578317839"),
    (StyblinskiTang(dimension=1), "2.74680277", "", "29.2695528 29.2695528", ""),
    (Griewank(), "0 0", "0", ".5005 1.0005", "1.9990005"),
    (Griewank(dimension=10), " ".join(["0"] * 10), "0", ".1005 1.0005", ""),
    (Levy(), "1 1", "0", ".125 2.243792323", ".891348089"),
    (Schwefel(), "420.96874636 420.96874636", "0", ".2523670622 .2523670622", "7.92496447"),
    (SixHumpCamel(), ".08984201 -.7126564", "-1.031628453", "7.682251 16.493195", ".121262131"),
    (SixHumpCamel(), "-.08984201 .7126564", "-1.031628453", "7.682251 16.493195", ".121262131"),
    (ThreeHumpCamel(), "0 0", "0", "1.585786438 4.414213562", ".453081839"),
    (GoldsteinPrice(), "0 -1", "3", "402.831 965.169", ".00207217599"),
    (Branin(), "-3.141592654 12.275", ".3978873577", ".8615 22.2917", ".0897193349"),
    (Branin(), "3.141592654 2.275", ".3978873577", "", ".180404285"),
    (Branin(), "9.424777961 2.475", ".3978873577", "", ".176519215"),
    (MuellerBrown(), "-.55822363 1.44172584", "-146.69951721", "410.53 4068.20", "4.91618e-4"),
    (MuellerBrown(), ".6234994 .02803776", "-108.16672412", "543.84 3005.40", "6.65470e-4"),
    (MuellerBrown(), "-.05001082 .4666941", "-80.76781813", "221.04 1479.20", "1.35208e-3"),
    (RobotArm(), "-.15976334 1.49704378", ".01160236661", ".35996 2.75574", ".725759142"),
    (RobotArm(), "1.32398804 -1.48442757", ".02032689732", "", ".723994195"),
    (HeavyRobotArm(), "-1.51614779 .9973369", "-11.78438949", "1.727333 17.860016", ".111981981"),
    (Easom(), "3.141592654 3.141592654", "-1", "3 3", "0.6666666667"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{type(row[0]).__name__} {row[1][:20]}")
def test_minimum_of_the_table(row: Row) -> None:
    """Position, loss, curvatures and speed limit of a minimum are those printed."""
    landscape, where, loss, curvatures, limit = row
    apart = [float(jnp.max(jnp.abs(one.theta - place(where)))) for one in landscape.minima()]
    assert min(apart) < 1e-5, "the landscape does not list it"
    found = landscape.minima()[int(np.argmin(apart))]
    assert landscape.kind_of_point(found.theta) == "minimum"
    for coordinate, text in zip(found.theta, where.split(), strict=True):
        assert printed(coordinate, text)
    assert not loss or printed(found.loss, loss)
    if loss == "0":
        assert abs(found.loss) < 1e-12
    have = landscape.curvatures(found.theta)
    for curvature, text in zip((have[0], have[-1]), curvatures.split() or (), strict=False):
        assert printed(curvature, text) or abs(float(curvature) - float(text)) < 1e-11
    assert not limit or printed(landscape.speed_limit(found.theta), limit)


@pytest.mark.parametrize(
    ("landscape", "where", "loss"),
    [
        (Himmelblau(), "3.385154 .073852", "13.311926"),
        (Himmelblau(), ".086678 2.884255", "67.719150"),
        (Himmelblau(), "-3.073026 -.081353", "104.015163"),
        (Himmelblau(), "-.127961 -1.953715", "178.337239"),
        (MuellerBrown(), "-.82200156 .6243128", "-40.66484351"),
        (MuellerBrown(), ".21248658 .29298833", "-72.24894011"),
    ],
)
def test_saddle_of_the_table(landscape: Landscape, where: str, loss: str) -> None:
    """Position and loss of a saddle are those printed; no rate holds it."""
    found = stationary_point(landscape, place(where))
    assert all(printed(x, text) for x, text in zip(found.theta, where.split(), strict=True))
    assert printed(found.loss, loss)
    assert landscape.kind_of_point(found.theta) == "saddle"
    assert np.isnan(landscape.speed_limit(found.theta))
    assert any(np.allclose(found.theta, one.theta, atol=1e-12) for one in landscape.saddles())


def test_maxima_of_the_table() -> None:
    """Himmelblau's hill and the hump of the double well."""
    hill = stationary_point(Himmelblau(), place("-.270845 -.923039"))
    assert printed(hill.loss, "181.616522")
    assert printed(hill.theta[0], "-.270845")
    assert printed(hill.theta[1], "-.923039")
    assert Himmelblau().kind_of_point(hill.theta) == "maximum"
    assert DoubleWell().curvatures(jnp.zeros(1)).tolist() == [-1.0]
    assert DoubleWell().kind_of_point(jnp.zeros(1)) == "maximum"
    assert np.isnan(DoubleWell().speed_limit(jnp.zeros(1)))


def test_saddles_at_the_origin() -> None:
    """The strict saddle has curvatures -1 and 1; the monkey saddle none at all."""
    assert StrictSaddle().curvatures(jnp.zeros(2)).tolist() == [-1.0, 1.0]
    assert StrictSaddle().kind_of_point(jnp.zeros(2)) == "saddle"
    assert MonkeySaddle().curvatures(jnp.zeros(2)).tolist() == [0.0, 0.0]
    assert MonkeySaddle().kind_of_point(jnp.zeros(2)) == "degenerate"
    assert MonkeySaddle().minima() == ()


@pytest.mark.parametrize(
    ("dimension", "loss"), [(2, "-1.8013034101"), (5, "-4.6876581791"), (10, "-9.6601517156")]
)
def test_michalewicz_of_the_table(dimension: int, loss: str) -> None:
    """Its lowest value in three dimensions, and its curvatures in two."""
    landscape = Michalewicz(dimension=dimension)
    (lowest,) = landscape.minima()
    assert printed(lowest.loss, loss)
    if dimension == 2:
        low, high = landscape.curvatures(lowest.theta)
        assert printed(low, "32.50564409")
        assert abs(high - 81) < 1e-9
        assert abs(landscape.speed_limit(lowest.theta) - 2 / 81) < 1e-12


def test_ackley_has_a_cusp() -> None:
    """Its slope at the minimum is 4/sqrt(d) in every direction; it has no Hessian there."""
    for dimension in (2, 5):
        landscape = Ackley(dimension=dimension)
        direction = jnp.ones(dimension).at[0].set(2.0)
        direction = direction / jnp.linalg.norm(direction)
        slope = float(landscape.loss(1e-7 * direction)) / 1e-7
        assert slope == pytest.approx(4 / math.sqrt(dimension), rel=1e-5)
        assert dimension != 2 or printed(round(slope, 4), "2.8284")
        assert landscape.kind_of_point(jnp.zeros(dimension)) == "not smooth"
        assert np.isnan(landscape.speed_limit(jnp.zeros(dimension)))


def test_rastrigin_and_three_humps_exactly() -> None:
    """Curvatures that have a closed form."""
    assert Rastrigin(dimension=4).curvatures(jnp.zeros(4)).tolist() == pytest.approx(
        [2 + 40 * math.pi**2] * 4, rel=1e-12
    )
    humps = ThreeHumpCamel().curvatures(jnp.zeros(2)).tolist()
    assert humps == pytest.approx([3 - math.sqrt(2), 3 + math.sqrt(2)], rel=1e-12)


def test_canyon_at_its_best_rate() -> None:
    """Best rate 2/101 = .0198020: 99/101 of the distance is left, and 691 steps make 1e-6."""
    canyon = Canyon(rotated=True, seed=4)
    low, high = canyon.curvatures(canyon.start())
    rate = 2 / (low + high)
    assert printed(rate, ".0198020")
    first = np.linalg.norm(canyon.start())
    theta, apart = canyon.start(), [float(first)]
    descend = jax.jit(lambda theta: theta - rate * canyon.gradient(theta))
    for _ in range(700):
        theta = descend(theta)
        apart.append(float(np.linalg.norm(theta)))
    left = np.array(apart) / first
    assert left[1] == pytest.approx(99 / 101, rel=1e-12)
    assert np.flatnonzero(left <= 1e-6)[0] == 691


def test_escape_from_the_strict_saddle() -> None:
    """From ``delta`` it takes ``ln(R/delta) / ln(1+eta)`` steps to be ``R`` away."""
    rate, delta, away = 0.1, 1e-9, 1e-3
    theta, steps = jnp.array([1.0, delta]), 0
    descend = jax.jit(lambda theta: theta - rate * StrictSaddle().gradient(theta))
    while abs(theta[1]) < away:
        theta, steps = descend(theta), steps + 1
    assert steps == math.ceil(math.log(away / delta) / math.log(1 + rate))


def test_easom_is_flat_elsewhere() -> None:
    """Far from its hole nothing tells where to go."""
    assert Easom().gradient(jnp.array([-50.0, 60.0])).tolist() == [0.0, 0.0]


def test_scalar_factorisation() -> None:
    """On the hyperbola curvatures 0 and u^2+v^2; never a speed limit above 1."""
    landscape = ScalarFactorisation()
    for u in (0.5, 1.0, -1.0, 3.0):
        minimum = jnp.array([u, 1 / u])
        size = u**2 + 1 / u**2
        assert landscape.curvatures(minimum).tolist() == pytest.approx([0, size], abs=1e-12)
        assert landscape.kind_of_point(minimum) == "degenerate"
        assert float(landscape.speed_limit(minimum)) == pytest.approx(2 / size, rel=1e-12)
        assert float(landscape.speed_limit(minimum)) <= 1 + 1e-12


def test_scalar_factorisation_keeps_its_invariant() -> None:
    """``Q = u^2 - v^2`` obeys ``Q' = Q (1 - eta^2 r^2)``; on ``u = v`` it is the double well."""
    landscape, rate = ScalarFactorisation(), 0.37
    theta = landscape.start()
    for _ in range(5):
        (u, v), (u_next, v_next) = theta, theta - rate * landscape.gradient(theta)
        shrunk = (u**2 - v**2) * (1 - rate**2 * (u * v - 1) ** 2)
        assert float(u_next**2 - v_next**2) == pytest.approx(float(shrunk), abs=1e-13)
        theta = jnp.array([u_next, v_next])
    for x in (0.3, 1.4):
        both = landscape.gradient(jnp.array([x, x])).tolist()
        assert both == pytest.approx(DoubleWell().gradient(jnp.array([x])).tolist() * 2, abs=1e-15)


def test_descent_in_wells_is_the_map_it_is_said_to_be() -> None:
    """The cubic well makes the logistic map with r = 1 + eta, the double well an odd cubic map."""
    for rate, x in ((0.7, 0.4), (2.5, -0.2)):
        after = x - rate * float(CubicWell().gradient(jnp.array([x]))[0])
        z, z_after = (rate * (1 - one) / (1 + rate) for one in (x, after))
        assert z_after == pytest.approx((1 + rate) * z * (1 - z), abs=1e-14)
        moved = x - rate * float(DoubleWell().gradient(jnp.array([x]))[0])
        assert moved == pytest.approx((1 + rate) * x - rate * x**3, abs=1e-14)


def test_rosenbrock_at_its_start() -> None:
    """Slope and curvature along it, as section 3.5 prints them for the truncation error."""
    valley = Rosenbrock()
    slope = valley.gradient(valley.start())
    assert slope.tolist() == pytest.approx([-215.6, -88.0], rel=1e-13)
    assert printed(slope @ valley.hessian(valley.start()) @ slope / 2, "40792778.4")
