"""A switch is its first rule, then its second from where the first left off, and says when."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import Constant, Sinusoid, Tracker, WrongField, simulate
from adaptsim.landscapes import Perceptron, Rosenbrock
from adaptsim.rules import (
    LBFGS,
    Adam,
    AfterSteps,
    Criterion,
    GradientDescent,
    Langevin,
    Momentum,
    ReduceOnPlateau,
    SignalToNoise,
    Switch,
)
from adaptsim.schema import Place, build
from adaptsim.walks import walk

VALLEY = Rosenbrock(dimension=10)
QUIET = {"plateau_patience": 10**6, "most_steps": 10**6}


def watched(criterion, gradients, losses=None, batches=None):
    """Return the memory of a criterion after each step, and the reasons, shape ``(steps,)``."""
    steps = jnp.arange(len(gradients))
    losses = -steps if losses is None else losses
    memories, reasons = watch_all(
        criterion, steps, jnp.asarray(gradients), jnp.asarray(losses, float), batches
    )
    return memories, np.asarray(reasons)


@jax.jit
def watch_all(criterion, *told):
    def one(memory, told):
        count, gradient, loss, batch = told
        memory, reason = criterion.watch(memory, gradient, count, value=loss, gradients=batch)
        return memory, (memory, reason)

    return jax.lax.scan(one, criterion.begin(told[1][0]), told)[1]


def fires(reasons):
    """Return the first step with a reason and which, or nothing."""
    where = np.flatnonzero(reasons)
    return (int(where[0]), int(reasons[where[0]])) if where.size else None


@jax.jit
def course_of(rule, start):
    """Return the places that a rule visits in 15 steps, shape ``(16, d)``."""
    learn = optax.with_extra_args_support(rule.transformation())

    def once(carry, _):
        theta, memory = carry
        value, slope = jax.value_and_grad(VALLEY.loss)(theta)
        change, memory = learn.update(slope, memory, theta, value=value)
        return (theta + change, memory), theta

    return jax.lax.scan(once, (start, learn.init(start)), length=16)[1]


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_it_is_one_rule_and_then_the_other(steps):
    first, then = Adam(learning_rate=0.1), Momentum(learning_rate=1e-3)
    rule = Switch(first=first, then=then, criterion=AfterSteps(steps=float(steps)))
    found, before = (course_of(one, VALLEY.start()) for one in (rule, first))
    np.testing.assert_allclose(found[: steps + 1], before[: steps + 1], rtol=1e-12)
    after = course_of(then, found[steps])
    np.testing.assert_allclose(found[steps:], after[: 16 - steps], rtol=1e-12)


def test_adam_then_lbfgs_converges_and_counts_both():
    then = LBFGS()
    rule = Switch(first=Adam(learning_rate=0.02), then=then, criterion=AfterSteps(steps=100.0))
    left = walk(VALLEY, rule, steps=200)["Switch"]
    assert left.slope[0, 0, 0] < 1e-8
    spent = left.evaluations[0, 0, 0]
    np.testing.assert_array_equal(spent[:101], np.arange(101))
    assert spent[101] > 101
    assert (np.diff(spent)[100:] >= 2).all()


def test_individuals_switch_each_in_its_own_step():
    at = np.array([2.0, 5.0, 50.0])
    rule = Switch(
        first=GradientDescent(learning_rate=0.1),
        then=GradientDescent(learning_rate=0.5),
        criterion=AfterSteps(steps=at),
    )
    assert not rule.counts_together
    run = simulate(Tracker(start_at=1.0), rule, Constant(value=0.0), size=3, steps=10)
    trait = run.followed["trait"].output[:, 0]
    steps = np.arange(10)[:, None]
    expected = 0.9 ** np.minimum(steps, at) * 0.5 ** np.maximum(steps - at, 0)
    np.testing.assert_allclose(trait, expected, rtol=1e-12)


def test_when_and_why_are_in_the_memory():
    criterion = SignalToNoise(most_steps=3)
    rule = Switch(first=GradientDescent(), then=Adam(), criterion=criterion)
    theta = jnp.ones(2)
    memory = rule.transformation().init(theta)
    update = jax.jit(rule.transformation().update)
    for step in range(6):
        assert (int(memory.switched_at), rule.why(memory)) == (
            (-1, "") if step <= 3 else (3, "most steps")
        )
        _, memory = update(theta, memory, theta, value=-float(step))
    assert memory.steps == 6
    assert memory.then[0].count == 3


def test_the_ratio_over_time_is_mean_over_deviation_of_weighted_gradients():
    rng, keep = np.random.default_rng(3), 0.9
    gradients = rng.normal(size=(40, 3)) + np.array([1.0, 0.0, -0.5])
    memories, _ = watched(SignalToNoise(smoothing=keep, **QUIET), gradients)
    for count in (1, 5, 39):
        seen, weights = gradients[: count + 1], keep ** np.arange(count, -1, -1)
        mean = np.average(seen, axis=0, weights=weights)
        spread = np.average(((seen - mean) ** 2).sum(axis=1), weights=weights)
        expected = np.linalg.norm(mean) / np.sqrt(spread)
        assert float(memories.ratio[count]) == pytest.approx(expected, rel=1e-9)


def test_the_ratio_over_batches_is_a_running_mean_of_norm_over_norm():
    rng, keep = np.random.default_rng(4), 0.8
    batches = rng.normal(size=(30, 6, 3)) + 0.7
    criterion = SignalToNoise(smoothing=keep, **QUIET)
    memories, _ = watched(criterion, batches.mean(axis=1), batches=jnp.asarray(batches))
    norm = np.linalg.norm
    single = norm(batches.mean(axis=1), axis=1) / norm(batches.std(axis=1), axis=1)
    expected = np.average(single, weights=keep ** np.arange(29, -1, -1))
    assert float(memories.ratio[-1]) == pytest.approx(expected, rel=1e-9)


def test_noise_alone_reads_what_the_docstring_says():
    noise = np.random.default_rng(5).normal(size=(3000, 200))
    for keep in (0.8, 0.99):
        memories, _ = watched(SignalToNoise(smoothing=keep, **QUIET), noise)
        powers = np.asarray(memories.ratio[1000:]) ** 2
        share = (1 - keep) / (1 + keep)  # mean of |mean|^2, the whole power being 1
        late = powers / (1 + powers)
        kept = late.reshape(20, 100).mean(axis=1)
        assert abs(kept.mean() - share) < 4 * kept.std(ddof=1) / np.sqrt(20)


def course(rng, steps, signal):
    """Return gradients of noise 1 per component about a signal, shape ``(steps, 4)``."""
    return rng.normal(size=(steps, 4)) + signal


def test_it_fires_when_gradients_agree_for_long_but_not_for_a_spike():
    rng = np.random.default_rng(6)
    drift, diffusion = course(rng, 200, 10.0), course(rng, 600, 0.0)
    spiky = diffusion.copy()
    spiky[100::97] += 10.0
    spiky[101::97] -= 10.0  # the swing back of an optimizer at its edge of stability
    criterion = SignalToNoise(smoothing=0.9, **QUIET)
    memories, reasons = watched(criterion, np.concatenate([drift, spiky]))
    assert fires(reasons) is None
    assert bool(memories.was_low[-1])
    total = np.concatenate([drift, spiky, course(rng, 200, 10.0)])
    when, why = fires(watched(criterion, total)[1])
    assert 800 + criterion.hold <= when < 850
    assert criterion.reasons[why - 1] == "signal to noise"


def test_a_bare_ratio_above_1_would_have_fired_on_a_spike_of_batches():
    """Single batches' ratios that shoot up to 2.6 for one step are no agreement."""
    rng = np.random.default_rng(7)
    signals = np.full(400, 0.02)
    signals[50::40] = 2.6
    batches = rng.normal(size=(400, 64, 4)) + signals[:, None, None]
    means, told = batches.mean(axis=1), jnp.asarray(batches)
    single = SignalToNoise(smoothing=0.0, hold=1, **QUIET)
    assert fires(watched(single, means, batches=told)[1])[0] == 50
    for steady in ({"smoothing": 0.95, "hold": 10}, {"smoothing": 0.0, "hold": 2}):
        assert fires(watched(SignalToNoise(**steady, **QUIET), means, batches=told)[1]) is None


def test_steady_drift_is_not_what_it_waits_for():
    drift = course(np.random.default_rng(8), 500, 20.0)
    memories, reasons = watched(SignalToNoise(**QUIET), drift)
    assert float(memories.ratio.min()) > 1
    assert fires(reasons) is None


def test_a_plateau_of_the_loss_is_the_fallback():
    losses = np.concatenate([np.linspace(10, 1, 30), np.full(60, 1.0 - 1e-6)])
    criterion = SignalToNoise(plateau_patience=20, most_steps=10**6)
    when, why = fires(watched(criterion, np.ones((90, 2)), losses)[1])
    assert (when, criterion.reasons[why - 1]) == (49, "plateau")


def test_a_loss_below_zero_may_go_on_falling():
    losses = -np.linspace(1, 3, 90)
    criterion = SignalToNoise(plateau_patience=5, most_steps=10**6)
    assert fires(watched(criterion, np.ones((90, 2)), losses)[1]) is None


def test_a_course_of_nan_ends_at_the_most_steps():
    criterion = SignalToNoise(most_steps=30)
    bad = np.full((40, 2), np.nan)
    assert fires(watched(criterion, bad, np.full(40, np.nan))[1]) == (30, 3)


@settings(max_examples=20, deadline=None)
@given(
    scale=st.floats(1e-6, 1e6),
    keep=st.sampled_from([0.5, 0.9]),
    seed=st.integers(0, 1000),
)
def test_the_ratio_has_no_unit(scale, keep, seed):
    gradients = np.random.default_rng(seed).normal(size=(20, 2)) + 0.3
    criterion = SignalToNoise(smoothing=keep, **QUIET)
    one, other = (watched(criterion, size * gradients)[0].ratio for size in (1.0, scale))
    np.testing.assert_allclose(one[1:], other[1:], rtol=1e-6)


def test_what_it_asks_for_follows_from_its_parts():
    hot = Langevin(adjusted=True)
    rule = Switch(first=Langevin(), then=hot, criterion=AfterSteps(steps=3.0))
    assert rule.randomness == ("normal", "uniform")
    assert not rule.counts_together
    plain = Switch(first=Adam(), then=GradientDescent(), criterion=AfterSteps(steps=3.0))
    assert plain.randomness == ()
    assert plain.counts_together
    assert not plain.replace(then=LBFGS()).counts_together
    assert not plain.replace(criterion=SignalToNoise()).counts_together
    falling = GradientDescent(learning_rate=ReduceOnPlateau())
    assert not plain.replace(first=falling).counts_together
    alike = simulate(Tracker(), plain, Sinusoid(period=17.0), size=2, steps=9)
    apart = plain.replace(criterion=AfterSteps(steps=np.array([3.0, 3.0])))
    other = simulate(Tracker(), apart, Sinusoid(period=17.0), size=2, steps=9)
    outputs = [run.followed["trait"].output[:, 0, 0] for run in (alike, other)]
    np.testing.assert_allclose(*outputs, rtol=1e-12)


def test_a_switch_within_a_switch():
    inner = Switch(
        first=GradientDescent(learning_rate=0.1),
        then=GradientDescent(learning_rate=0.2),
        criterion=AfterSteps(steps=2.0),
    )
    outer = Switch(
        first=inner, then=GradientDescent(learning_rate=0.5), criterion=AfterSteps(steps=4.0)
    )
    run = simulate(Tracker(start_at=1.0), outer, Constant(value=0.0), steps=7)
    trait = run.followed["trait"].output[:, 0, 0]
    np.testing.assert_allclose(1 - trait[1:] / trait[:-1], [0.1, 0.1, 0.2, 0.2, 0.5, 0.5])


def test_its_rules_may_be_written_as_tables(tmp_path):
    table = {
        "kind": "Switch",
        "first": {"kind": "Adam", "learning_rate": 0.3},
        "then": {"kind": "LBFGS", "memory_size": 4},
    }
    rule = build("rule", table, Place("example.toml", "rule", tmp_path))
    assert rule.first.learning_rate == 0.3
    assert rule.then.memory_size == 4


def test_a_criterion_without_watch_says_so():
    class Mute(Criterion):
        pass

    with pytest.raises(NotImplementedError, match=r"Mute must define watch\(\)"):
        Mute().watch((), jnp.zeros(1), 0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AfterSteps(steps=-1.0), "steps must be at least 0"),
        (lambda: SignalToNoise(smoothing=1.0), "smoothing must be below 1"),
        (lambda: SignalToNoise(low=-0.1), "low must be at least 0"),
        (lambda: SignalToNoise(hold=0), "hold must be at least 1"),
        (lambda: SignalToNoise(most_steps=1.5), "most_steps must be a whole number"),
    ],
)
def test_a_wrong_number_is_refused_by_name(make, words):
    with pytest.raises(WrongField, match=words):
        make()


NETWORK = Perceptron(layers=(1, 3, 1), samples=6)


def test_batches_of_a_landscape_are_seen_on_a_walk_and_charged_for():
    """Every third step is looked at, until the switch; a look costs one gradient more."""
    keep = 0.5
    criterion = SignalToNoise(batches=3, every=3, smoothing=keep, **QUIET).replace(most_steps=7)
    first = GradientDescent(learning_rate=0.1)
    rule = Switch(first=first, then=GradientDescent(learning_rate=0.2), criterion=criterion)
    found = walk(NETWORK, rule, steps=10, stride=1, places=True)["Switch"]
    looks = []
    for place in (0, 3, 6):
        slopes = np.asarray(NETWORK.batch_gradients(found.places[0, 0, 0, place], 3))
        looks.append(np.linalg.norm(slopes.mean(axis=0)) / np.linalg.norm(slopes.std(axis=0)))
    ratio = found.readings["signal_to_noise"][0, 0, 0]
    for count, record in ((1, 1), (2, 4), (3, 7)):
        wanted = np.average(looks[:count], weights=keep ** np.arange(count - 1, -1, -1))
        assert ratio[record] == pytest.approx(wanted, rel=1e-9)
    assert (ratio[1:4] == ratio[1]).all()
    assert (ratio[7:] == ratio[7]).all()
    np.testing.assert_array_equal(found.evaluations[0, 0, 0], [0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 13])
    np.testing.assert_array_equal(found.readings["switched_at"][0, 0, 0, 7:], [np.nan, 7, 7, 7])
    reasons = found.readings["switch_reason"][0, 0, 0]
    np.testing.assert_array_equal(reasons, [0] * 8 + [3] * 3)
    assert criterion.reasons[int(reasons[-1]) - 1] == "most steps"


def test_a_look_at_the_step_of_the_switch_is_charged():
    criterion = SignalToNoise(batches=3, every=2, **QUIET).replace(most_steps=2)
    plain = GradientDescent()
    rule = Switch(first=plain, then=plain, criterion=criterion)
    spent = walk(NETWORK, rule, steps=4, stride=1)["Switch"].evaluations[0, 0, 0]
    np.testing.assert_array_equal(spent, [0, 2, 3, 5, 6])


def test_one_who_does_not_ask_gets_no_batches():
    """On a landscape without terms the criterion over time works as it did."""
    rule = Switch(first=GradientDescent(learning_rate=1e-3))
    found = walk(VALLEY, rule, steps=3)["Switch"]
    assert np.isfinite(found.loss).all()
    assert found.evaluations[0, 0, 0, -1] == 3


@pytest.mark.parametrize("batches", [1, 2])
def test_batches_are_refused_where_there_are_none(batches):
    criterion = SignalToNoise(batches=batches)
    with pytest.raises(ValueError, match=f"SignalToNoise.batches must be 0, .*; got {batches}"):
        criterion.watch(criterion.begin(jnp.zeros(2)), jnp.ones(2), 0, value=1.0)
