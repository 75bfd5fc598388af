"""The community as a flow: what the equations do beside what closed forms say they must."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from adaptsim import Predator, TwoPrey, WrongField, theory
from adaptsim.community import Community
from adaptsim.dynamics import hopf_points, most_resilient

STILL = Community(
    Predator(conversion_1=0.5, conversion_2=0.25), TwoPrey(crowding_1=0.0, crowding_2=0.0), 1.0
)
CROWDED = STILL._replace(world=TwoPrey(crowding_1=1 / 3, crowding_2=1 / 3))
HANDLING = {"handling_1": 0.5, "handling_2": 0.5}
ENRICHED = Community(Predator(conversion_1=0.5, conversion_2=0.35, **HANDLING), TwoPrey(), 1.0)
ALIKE = Community(
    Predator(conversion_1=0.5, conversion_2=0.5, **HANDLING),
    TwoPrey(growth_1=1.0, growth_2=1.0, crowding_1=1 / 2.4, crowding_2=1 / 2.4, mortality=0.25),
    1.0,
)
AWAY = [0.6, 0.5, 1.0], 1 / (1 + np.exp(-0.3))


@cache
def window():
    near = ENRICHED.near_rest()
    points = hopf_points(ENRICHED.by_rate(), 0.03, 30.0, near=near, values=100)
    return points, most_resilient(ENRICHED.by_rate(), 0.03, 30.0, near=near, values=100)


def test_rests_where_closed_forms_say_with_the_eigenvalues_of_the_jacobian_by_hand():
    for community in (STILL, CROWDED, ENRICHED):
        rest, known = community.rest(community.near_rest() + 0.05), community.theory()
        assert rest.found
        at = [*known.prey, known.predators, known.preference]
        assert [*np.exp(rest.place[:3]), 1 / (1 + np.exp(-rest.place[3]))] == pytest.approx(at)
        by_hand = np.linalg.eigvals(known.jacobian(1.0))
        for one in rest.eigenvalues:
            assert abs(by_hand - one).min() < 1e-8


def test_hopf_points_by_automatic_differentiation_are_those_of_hurwitz():
    (low, high), (best, leading) = window()
    assert [low.value, high.value] == pytest.approx(ENRICHED.theory().hopf_rates(), rel=1e-9)
    assert (low.gains, high.gains) == (True, False)
    assert best == pytest.approx(1.364657, abs=5e-7)
    assert leading == pytest.approx(-0.017640, abs=5e-7)


def test_the_field_is_the_one_of_scipy_written_out():
    hunter = ENRICHED.predator

    def field(_, y):
        r1, r2, c, u = y
        d = 1 + 0.5 * (u * r1 + (1 - u) * r2)
        slope = (0.5 * r1 - 0.35 * r2 + r1 * r2 * (0.5 - 0.35) * 0.5) / d**2
        return [
            r1 * (1 - r1 / 4) - u * r1 * c / d,
            0.5 * r2 * (1 - r2 / 4) - (1 - u) * r2 * c / d,
            c * ((0.5 * u * r1 + 0.35 * (1 - u) * r2) / d - 0.2),
            u * (1 - u) * slope,
        ]

    begin = [*AWAY[0], AWAY[1]]
    exact = solve_ivp(field, (0, 20), begin, method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    course = ENRICHED.run(20.0, dt=0.02, every=1000, start=ENRICHED.start(*AWAY))
    assert [*course.densities[-1], course.preferences[-1, 0]] == pytest.approx(exact, rel=1e-7)
    assert hunter.mode == "intake"


@pytest.mark.parametrize(
    ("method", "dt", "low", "high"),
    [("runge_kutta", 0.1, 0, 5e-7), ("runge_kutta", 0.05, 0, 2.5e-8), ("euler", 0.01, 0.12, 0.13)],
)
def test_what_is_conserved_drifts_by_the_method_alone(method, dt, low, high):
    course = STILL.run(300.0, dt=dt, start=STILL.start(*AWAY), method=method, every=10)
    value = STILL.theory().conserved(*course.densities.T, course.preferences[:, 0], rate=1.0)
    first = STILL.theory().conserved(*AWAY[0], AWAY[1], rate=1.0)
    assert first == pytest.approx(2.647327, abs=5e-7)
    assert low <= abs(value[-1] - first) < high


def test_with_crowding_it_falls_as_lyapunov_says():
    state = CROWDED.start(*AWAY)

    def value(state):
        return CROWDED.theory().conserved(*np.exp(state[:3]), 1 / (1 + np.exp(-state[3])), rate=1.0)

    step = 1e-6 * np.asarray(jax.jit(CROWDED.change)(state))
    slope = (value(np.asarray(state) + step) - value(np.asarray(state) - step)) / 2e-6
    known = theory.community.lyapunov_decline(
        np.array(AWAY[0][:2]), CROWDED.theory().prey, growth=np.array([1.0, 0.5]),
        crowding=1 / 3, conversion=np.array([0.5, 0.25]),
    )  # fmt: skip
    assert slope == pytest.approx(known.sum(), rel=1e-6)


def test_a_fixed_preference_drives_a_prey_out_and_that_is_told_and_counted():
    still = CROWDED._replace(rate=0.0)
    course = still.run(300.0, dt=0.1, every=100, start=still.start(AWAY[0], 0.5))
    assert course.extinct == ("prey 2",)
    assert course.floored[1] > 100
    assert not course.diverged
    assert course.least(200)[1] == pytest.approx(1e-9)
    learning = CROWDED.run(300.0, dt=0.1, every=100, start=CROWDED.start(AWAY[0], 0.5))
    assert learning.extinct == ()


def test_late_information_makes_fast_learners_swing():
    seen = ALIKE._replace(perception_rate=1.0)
    near = seen.near_rest()
    (point,) = hopf_points(seen.by_rate(), 0.5, 10.0, near=near, values=50)
    assert point.value == pytest.approx(2.621083, abs=5e-7)
    assert point.frequency == pytest.approx(np.sqrt(2 / 3 / 2.4), rel=1e-9)
    swings = {}
    for ratio in (0.9, 1.1):
        fast = seen._replace(rate=ratio * point.value)
        begun = near.at[0].add(0.05).at[1].add(-0.05)
        swings[ratio] = fast.run(3000.0, dt=0.05, every=10, start=begun).variability(2000)[0]
    assert swings[0.9] < 1e-3
    assert swings[1.1] == pytest.approx(0.285, abs=5e-4)


def test_mixed_learners_act_near_rest_as_one_with_their_mean_rate():
    rates = np.array([0.2, 0.8, 2.0])
    mixed = ENRICHED._replace(rate=jnp.asarray(rates))
    rest = mixed.rest(mixed.near_rest())
    one = np.linalg.eigvals(ENRICHED.theory().jacobian(theory.community.mixed_rate(rates)))
    for value in one:
        assert abs(rest.eigenvalues - value).min() < 1e-8
    assert np.sum(abs(rest.eigenvalues) < 1e-9) == 2


def test_equal_predators_are_one():
    many = ENRICHED._replace(rate=jnp.ones(5))
    one, five = (c.run(5.0, start=c.start(*AWAY)) for c in (ENRICHED, many))
    np.testing.assert_allclose(five.densities, one.densities, rtol=1e-12)


@pytest.mark.parametrize("mode", ["logit", "preference"])
def test_other_modes_run_and_have_no_closed_form(mode):
    other = STILL._replace(predator=STILL.predator.replace(mode=mode, matching=0.5))
    course = other.run(20.0)
    assert np.isfinite(course.densities).all()
    assert ((course.preferences > 0) & (course.preferences < 1)).all()
    with pytest.raises(ValueError, match="mode 'intake'; got"):
        other.theory()


def test_euler_of_a_wild_step_diverges_and_says_so():
    assert STILL._replace(rate=1e9).run(2e3, dt=20.0, method="euler").diverged


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: ENRICHED.start([1, 0, 1]), "densities must be positive"),
        (lambda: ENRICHED.start([1, 1]), "densities must be positive"),
        (lambda: ENRICHED.start(preference=1.0), "preference must lie between 0 and 1"),
        (lambda: ENRICHED.run(-1.0), "time, dt must be above 0"),
        (lambda: ENRICHED.run(1.0, method="heun"), "method must be one of runge_kutta, euler"),
        (
            lambda: ENRICHED._replace(world=TwoPrey(crowding_1=9.0)).near_rest(),
            "no place where all live",
        ),
    ],
)
def test_refuses_what_cannot_be(call, told):
    with pytest.raises(ValueError, match=told):
        call()


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [(TwoPrey, "prey_1", -1.0), (TwoPrey, "mortality", 0.0), (Predator, "handling_1", -0.1),
     (Predator, "attack_2", 0.0), (TwoPrey, "floor", 0.0)],
)  # fmt: skip
def test_impossible_parameters_are_refused_by_name(part, name, value):
    with pytest.raises(WrongField, match=f"{part.__name__}.{name} must be"):
        part(**{name: value})


def test_the_gradient_of_the_field_is_finite_at_the_edges():
    state = ENRICHED.start([1e-8, 1e-8, 1e-8], 1 - 1e-9)
    assert jnp.isfinite(jax.jit(jax.jacfwd(ENRICHED.change))(state)).all()
