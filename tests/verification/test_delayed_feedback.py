"""Science C, check 3: what a late mismatch does to the speed limit."""

import numpy as np
import pytest

from adaptsim import theory

from .claims import exactly, printed, ran, row, value

LIMITS = {
    0: "2",
    1: "1",
    2: "0.618034",
    3: "0.445042",
    5: "0.284630",
    10: "0.149460",
    24: "0.064103",
}
CALM = {0: "1", 1: ".25", 2: ".148148", 3: ".105469", 5: ".066980", 10: ".035049", 24: ".015017"}


@pytest.fixture(scope="module", params=LIMITS)
def delayed(request):
    """Return delay, rates and a run with a rate calm, a little ringing, below and above limit."""
    delay = request.param
    calm = theory.delay.non_oscillatory_limit(delay)
    limit = theory.delay.speed_limit(delay)
    rates = [calm, min(1.3 * calm, 0.5 * (calm + limit)), 0.97 * limit, 1.03 * limit]
    rates = [float(f"{rate:.6g}") for rate in rates]  # as the table shows them
    rates[0] = calm
    agent = {"kind": "Tracker", "feedback_delay": delay}
    result = ran({"kind": "Constant", "value": 1.0}, agent, rates, steps=2400)
    return delay, rates, result


def test_the_speed_limit_is_found_by_itself(delayed):
    delay, rates, result = delayed
    limit = row(result, "speed_limit", rates[0])
    assert limit["value"] == printed(LIMITS[delay])
    assert limit["value"] == exactly(2 * np.sin(np.pi / (2 * (2 * delay + 1))))
    assert limit["value"] == exactly(limit["theory"])


def test_below_it_settles_and_above_it_does_not(delayed):
    delay, rates, result = delayed
    error = np.abs(result.trajectory.followed["trait"].output[:, 0] - 1)
    window = 4 * (2 * delay + 1)
    for group, grows in ((2, False), (3, True)):
        flag = row(result, "spectral_radius", rates[group])["flag"]
        assert flag == ("unstable" if grows else "")
        early = error[10 * window : 11 * window, group].max()
        late = error[11 * window : 12 * window, group].max()
        assert bool(late > early) is grows


def test_it_rings_only_above_the_calm_rate(delayed):
    delay, rates, result = delayed
    trait = result.trajectory.followed["trait"].output[:, 0]
    assert delay**delay / (delay + 1) ** (delay + 1) == exactly(rates[0])
    assert rates[0] == printed(CALM[delay])
    assert (trait[:, 0] <= 1 + 1e-12).all()
    assert trait[:, 1].max() > 1 + 1e-9


def test_the_slowest_root_at_the_calm_rate(delayed):
    delay, rates, result = delayed
    found = value(result, "spectral_radius", rates[0])
    # A double root moves by the square root of the rounding.
    assert found == pytest.approx(delay / (delay + 1), rel=1e-6, abs=1e-6)


def test_the_period_at_the_limit():
    delay = 3
    limit = theory.delay.speed_limit(delay)
    agent = {"kind": "Tracker", "feedback_delay": delay}
    result = ran({"kind": "Constant", "value": 1.0}, agent, limit, steps=900)
    error = result.trajectory.followed["trait"].output[600:, 0, 0] - 1
    period = 2 * (2 * delay + 1)
    assert theory.delay.boundary_period(delay) == period == 14
    assert error[period:] == pytest.approx(error[:-period], rel=1e-6)
    shorter = error[period - 1 :] - error[: 1 - period]
    assert np.abs(shorter).max() > 0.1 * np.abs(error).max()
