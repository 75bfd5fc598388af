"""Fits agree with answers found without the package, and say what data cannot tell."""

import jax
import numpy as np
import pytest
from scipy import optimize, stats

from adaptsim.fitting import fit
from adaptsim.fitting.fit import each_alone
from adaptsim.fitting.group import estimates_and_profiles
from adaptsim.fitting.hypotheses import HYPOTHESES
from adaptsim.fitting.observations import read_observations
from adaptsim.fitting.request import Request, pose
from fitting.worlds import bandit, followed, watched

FIXED = (HYPOTHESES["fixed"],)
ROWS = 60


def quickly(frame, environment, *, observed=(), choice=None, **options):
    """Return estimate and profile of one fixed rate alone."""
    seen = read_observations(frame, environment=environment, observed=observed, choice=choice)
    problem = pose(Request(**options), seen)
    found, profile, _ = estimates_and_profiles(problem, each_alone(problem), FIXED, 0.95)
    return jax.tree.map(lambda a: np.asarray(a)[0, 0], (found, profile))


@pytest.fixture(scope="module")
def frame():
    return watched(3, ROWS)


@pytest.fixture(scope="module")
def found(frame):
    return fit(frame, environment="world", observed="trait", time="t")


def least_squares(frame, rate):
    """Return the sum of squares at a rate: the course is linear in its start."""
    world, seen = frame["world"].to_numpy(), frame["trait"].to_numpy()
    course = followed(world, rate)
    faded = (1 - rate) ** np.arange(len(world))
    start = (seen - course) @ faded / (faded @ faded)
    return np.sum((seen - course - start * faded) ** 2), start


def test_rate_and_start_are_those_of_least_squares(frame, found):
    best = optimize.minimize_scalar(
        lambda rate: least_squares(frame, rate)[0], bounds=(0.02, 0.9), method="bounded",
        options={"xatol": 1e-11},
    )  # fmt: skip
    told = found.table.set_index(["model", "measure"])["value"]
    assert told["fixed", "learning_rate"] == pytest.approx(best.x, abs=1e-6)
    assert told["fixed", "start"] == pytest.approx(least_squares(frame, best.x)[1], abs=1e-6)
    variance = best.fun / ROWS
    likely = -ROWS / 2 * (1 + np.log(2 * np.pi * variance))
    assert told["fixed", "log_likelihood"] == pytest.approx(likely, abs=1e-8)
    assert told["fixed", "aic"] == pytest.approx(6 - 2 * likely, abs=1e-7)
    assert told["fixed", "bic"] == pytest.approx(3 * np.log(ROWS) - 2 * likely, abs=1e-7)
    assert told["fixed", "noise_sd"] == pytest.approx(np.sqrt(best.fun / (ROWS - 2)), abs=1e-6)


def test_interval_ends_where_the_sum_of_squares_is_what_it_may_be(frame, found):
    row = found.table.query("measure == 'learning_rate'").iloc[0]
    least = least_squares(frame, row["value"])[0]
    allowed = 1 + stats.f.ppf(0.95, 1, ROWS - 2) / (ROWS - 2)
    for end in (row["ci_low"], row["ci_high"]):
        assert least_squares(frame, end)[0] / least == pytest.approx(allowed, rel=1e-7)


def test_profile_tells_what_holding_the_rate_costs(frame, found):
    place = found.groups[0].pairs.index((found.groups[0].place("fixed"), 0, "learning_rate"))
    profile = found.groups[0].profile
    values, deviance = profile.values[place], profile.deviance[place]
    least = least_squares(frame, float(profile.top[place]))[0]
    lost = [ROWS * np.log(least_squares(frame, rate)[0] / least) for rate in values]
    assert len(values) > 50
    assert deviance == pytest.approx(np.array(lost), abs=1e-6)


def test_without_learning_the_course_is_the_mean(frame, found):
    told = found.table.set_index(["model", "measure"])["value"]
    assert told["none", "start"] == pytest.approx(frame["trait"].mean(), abs=1e-9)


def test_two_rates_are_as_scipy_finds_them(frame, found):
    world, seen = frame["world"].to_numpy(), frame["trait"].to_numpy()
    best = min(
        (
            optimize.minimize(
                lambda p: np.sum((seen - followed(world, *p)) ** 2), start, method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
            )
            for start in ([0.2, 0.2, 0.0], [0.4, 0.1, 0.0])
        ),
        key=lambda one: one.fun,
    )  # fmt: skip
    told = found.table.set_index(["model", "measure"])["value"]
    rates = told["two_rates", "rate_of_rises"], told["two_rates", "rate_of_falls"]
    assert rates == pytest.approx(best.x[:2], abs=1e-4)
    likely = -ROWS / 2 * (1 + np.log(2 * np.pi * best.fun / ROWS))
    assert told["two_rates", "log_likelihood"] >= likely - 1e-6


def test_tests_of_nested_models_have_the_reference_they_say(found):
    group = found.groups[0]
    test = group.test(group.place("two_rates"))
    ratio = np.expm1(test.statistic / ROWS) * (ROWS - 3)
    assert test.p_value == pytest.approx(stats.f.sf(ratio, 1, ROWS - 3), rel=1e-9, abs=0)
    test = group.test(group.place("fixed"))
    ratio = np.expm1(test.statistic / ROWS) * (ROWS - 2)
    assert test.p_value == pytest.approx(stats.f.sf(ratio, 1, ROWS - 2) / 2, rel=1e-9, abs=0)
    assert "bound" in test.reference


def test_noise_in_the_process_gives_students_interval_of_a_regression():
    rng = np.random.default_rng(8)
    frame = watched(8, 40)
    frame["trait"] = followed(frame["world"].to_numpy(), 0.25, moved=0.2, rng=rng)
    found, profile = quickly(frame, ("world",), observed=("trait",), noise="process")
    trait, world = frame["trait"].to_numpy(), frame["world"].to_numpy()
    x, y = world[:-1] - trait[:-1], np.diff(trait)
    slope = x @ y / (x @ x)
    error = np.sqrt(np.sum((y - slope * x) ** 2) / (len(x) - 1) / (x @ x))
    half = stats.t.ppf(0.975, len(x) - 1) * error
    assert float(found.shared[0]) == pytest.approx(slope, abs=1e-9)
    assert float(profile.low) == pytest.approx(slope - half, abs=1e-8)
    assert float(profile.high) == pytest.approx(slope + half, abs=1e-8)


def unlikely(frame, rate, temperature):
    """Return minus the log likelihood of a bandit's choices."""
    pays, arms = frame[["A", "B"]].to_numpy(), (frame["choice"] == "B").to_numpy().astype(int)
    worth, lost = np.zeros(2), 0.0
    for t, arm in enumerate(arms):
        lost += np.logaddexp(0.0, -temperature * (worth[arm] - worth[1 - arm]))
        worth[arm] += rate * (pays[t, arm] - worth[arm])
    return lost


def test_choices_are_fitted_as_scipy_fits_them():
    frame = bandit(4, 120, rate=0.3, temperature=4.0)
    found, _ = quickly(frame, ("A", "B"), choice="choice", feedback="chosen")
    best = optimize.minimize(
        lambda p: unlikely(frame, *p), [0.3, 3.0], method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12},
    )  # fmt: skip
    assert float(found.log_likelihood) == pytest.approx(-best.fun, abs=1e-8)
    assert float(found.shared[0]) == pytest.approx(best.x[0], abs=1e-5)
    assert float(found.own[0, 0]) == pytest.approx(best.x[1], abs=1e-4)


@pytest.mark.parametrize(("seed", "end"), [(25, "low"), (25, "high"), (37, "high")])
def test_intervals_from_few_choices_end_where_the_likelihood_has_lost_what_it_may(seed, end):
    """The most likely individual chooses all but surely here, the one at the end does not."""
    frame = bandit(seed, 40, rate=0.3, temperature=4.0)
    found, profile = quickly(frame, ("A", "B"), choice="choice", feedback="chosen")
    assert found.own[0, 0] > 1000
    rate = float(getattr(profile, end))
    cold = optimize.minimize_scalar(
        lambda temperature: unlikely(frame, rate, temperature), bounds=(0, 100), method="bounded"
    )
    lost = 2 * (cold.fun + float(profile.log_likelihood))
    assert lost == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-3)


def says(found):
    return " | ".join(found.words[""])


def flag_of(found, name):
    return found.table[found.table["measure"] == name]["flag"].iloc[0]


def test_a_good_series_is_fitted_without_a_warning(found):
    assert len(found.words[""]) == 3
    assert flag_of(found, "learning_rate") == ""


def test_a_world_that_stands_still_tells_nothing_of_the_rate():
    frame = watched(5, ROWS)
    frame["trait"] = 1.0 + 0.1 * np.random.default_rng(5).normal(size=ROWS)
    frame["world"] = 1.0
    found = fit(frame, environment="world", observed="trait")
    assert "cannot identify the learning rate" in says(found)
    assert flag_of(found, "learning_rate").startswith("not identified: the profile is flat")
    low, high = found.groups[0].interval(0)
    assert (low, high) == (found.problem.low, found.problem.high)


def test_a_rate_that_never_acts_is_told():
    frame = watched(6, ROWS)
    world = np.linspace(1.0, 30.0, ROWS)
    luck = 0.3 * np.random.default_rng(6).normal(size=ROWS)
    frame["world"], frame["trait"] = world, followed(world, 0.2) + luck
    found = fit(frame, environment="world", observed="trait")
    assert "does not matter to these data" in flag_of(found, "rate_of_falls")
    group = found.groups[0]
    two, one = group.place("two_rates"), group.place("fixed")
    assert group.parameters[two] == group.parameters[one]
    assert np.isnan(group.test(two).p_value)


def test_noise_of_the_individual_is_noticed():
    frame = watched(7, ROWS)
    rng = np.random.default_rng(7)
    frame["trait"] = followed(frame["world"].to_numpy(), 0.1, moved=0.4, rng=rng)
    found = fit(frame, environment="world", observed="trait")
    assert "--noise process" in says(found)


def test_a_course_without_noise_is_found_exactly():
    frame = watched(9, ROWS, noise=0.0)
    found = fit(frame, environment="world", observed="trait")
    assert found.table.query("measure == 'learning_rate'")["value"].iloc[0] == pytest.approx(0.2)
    assert "exactly" in says(found)
