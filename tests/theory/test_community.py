"""Closed forms of the community beside numbers of the literature, of hand and of each other."""

import numpy as np
import pytest

from adaptsim.theory import community, forager
from adaptsim.theory.community import Community

STILL = Community(growth=(1.0, 0.5), conversion=(0.5, 0.25))
CROWDED = STILL._replace(crowding=(1 / 3, 1 / 3))
ENRICHED = Community(
    growth=(1.0, 0.5), crowding=(0.25, 0.25), handling=(0.5, 0.5), conversion=(0.5, 0.35)
)
ALIKE = Community(
    growth=(1.0, 1.0), crowding=(0.25, 0.25), handling=(0.5, 0.5), conversion=(0.5, 0.5),
    mortality=0.25,
)  # fmt: skip


def test_predators_pin_each_prey_at_its_break_even():
    assert STILL.prey == pytest.approx([0.4, 0.8])
    assert (STILL.predators, STILL.preference) == pytest.approx((1.5, 2 / 3))
    assert (CROWDED.predators, CROWDED.preference) == pytest.approx((1.233333, 0.702703), abs=5e-7)
    assert (ENRICHED.predators, ENRICHED.preference) == pytest.approx((1.65375, 0.686275), abs=5e-7)


def test_small_oscillations_are_the_eigenvalues_of_the_whole_jacobian():
    told = {0.1: (0.109076, 0.410003), 1.0: (0.316228, 0.447214), 5.0: (0.381252, 0.829446)}
    for rate, printed in told.items():
        found = community.small_oscillations(
            rate, growth_1=1.0, growth_2=0.5, mortality=0.2, preference=STILL.preference
        )
        values = np.linalg.eigvals(STILL.jacobian(rate))
        assert found == pytest.approx(printed, abs=5e-7)
        assert np.sort(values.imag)[2:] == pytest.approx(found, rel=1e-9)
        assert abs(values.real).max() < 1e-12


def test_the_slow_one_tends_to_that_of_switching_at_once():
    numbers = {"growth_1": 1.0, "growth_2": 0.5, "mortality": 0.2}
    slow = community.small_oscillations(1e8, preference=STILL.preference, **numbers)[0]
    limit = community.switching_frequency(attack_1=1.0, attack_2=1.0, **numbers)
    assert slow == pytest.approx(limit, rel=1e-7)


def test_resilience_saturates_with_crowded_prey():
    told = {0.003: -0.002022, 0.01: -0.006999, 0.03: -0.024273}
    for rate, printed in told.items():
        assert CROWDED.leading_real_part(rate) == pytest.approx(printed, abs=5e-7)
    for rate in (0.1, 1.0, 10.0):
        assert CROWDED.leading_real_part(rate) == pytest.approx(-0.4 / 3 / 2, rel=1e-9)


def test_window_of_stability_and_its_edges():
    assert ENRICHED.hopf_rates() == pytest.approx([0.913582, 2.175682], abs=5e-7)
    for rate in ENRICHED.hopf_rates():
        assert abs(ENRICHED.leading_real_part(rate)) < 1e-12
    assert ENRICHED.leading_real_part(1.364657) == pytest.approx(-0.017640, abs=5e-7)
    rich = ENRICHED._replace(crowding=(1 / 6, 1 / 6))
    rates = np.geomspace(0.01, 100, 200)
    assert min(rich.leading_real_part(rate) for rate in rates) > 0
    poor = ENRICHED._replace(crowding=(1 / 3, 1 / 3))
    assert max(poor.leading_real_part(rate) for rate in rates) < 0


def test_symmetric_prey_swing_above_the_hopf_capacity_at_any_rate():
    capacity = community.hopf_capacity(ALIKE.prey[0], attack=1.0, handling=0.5)
    assert capacity == pytest.approx(10 / 3)
    for beside, printed in ((-0.02, -7.5e-4), (0.02, 7.5e-4)):
        one = ALIKE._replace(crowding=(1 / (capacity + beside),) * 2)
        for rate in (1.0, 10.0):
            assert one.leading_real_part(rate) == pytest.approx(printed, rel=0.02)


def test_preference_mode_is_in_the_whole_jacobian():
    damping, coupling = community.preference_mode(
        ALIKE.prey[0], growth=1.0, capacity=4.0, attack=1.0, handling=0.5, conversion=0.5
    )
    critical = community.critical_rate(damping, coupling)
    assert critical == pytest.approx(0.044444, abs=5e-7)
    for rate in (0.5 * critical, 4 * critical):
        mode = np.roots([1, damping, rate * coupling])
        values = np.linalg.eigvals(ALIKE.jacobian(rate))
        for one in mode:
            assert abs(values - one).min() < 1e-9
    assert np.roots([1, damping, 4 * critical * coupling]).real == pytest.approx(-1 / 12)


def test_late_information_limits_the_rate():
    mode = community.preference_mode(
        2 / 3, growth=1.0, capacity=2.4, attack=1.0, handling=0.5, conversion=0.5
    )
    kappa = np.array([0.2, 1.0, 5.0])
    limits = community.fastest_stable_rate(*mode, perception_rate=kappa)
    assert limits == pytest.approx([0.980057, 2.621083, 10.826211], abs=5e-7)
    for limit, seen in zip(limits, kappa, strict=True):
        damping, coupling = mode
        cubic = [1, damping + seen, damping * seen, limit * coupling * seen]
        ringing = np.roots(cubic)[np.argmax(np.roots(cubic).imag)]
        assert ringing == pytest.approx(1j * np.sqrt(damping * seen), abs=1e-9)


def test_a_fixed_preference_can_exclude_a_prey():
    numbers = {"growth_1": 1.0, "growth_2": 0.5, "crowding_1": 1 / 3, "mortality": 0.2}
    rate = community.invasion_rate(0.5, conversion_1=0.5, **numbers)
    assert rate == pytest.approx(-0.2333, abs=5e-5)


def test_local_rate_of_climbing_with_concave_effort():
    assert forager.target_preference(2.0, 1.0, exponent=2.0) == pytest.approx(0.8)
    assert forager.target_preference(
        1.0, 3.0, exponent=forager.matching_exponent(0.25)
    ) == pytest.approx(0.187732, abs=5e-7)
    found = forager.intake_gradient_rate(0.4, 1.0, 1.0, effort_exponent=0.5)
    assert found == pytest.approx(0.141421, abs=5e-7)


def test_what_does_not_exist_is_nan():
    assert np.isnan(community.break_even(1.0, attack=1.0, conversion=0.5, handling=0.5))
    starved = Community(growth=(1.0, 0.5), crowding=(5.0, 0.0), conversion=(0.5, 0.25))
    assert np.isnan(starved.preference)
    assert np.isnan(
        community.switching_preference(0.1, growth_1=1.0, growth_2=0.5, attack_1=1.0, attack_2=1.0)
    )
