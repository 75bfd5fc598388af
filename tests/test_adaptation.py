"""The heart: the same bits however a run is cut, batched, recorded or spread over devices."""

import functools
import subprocess
import sys
import textwrap
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim import simulate
from adaptsim.adaptation import (
    Setting,
    Wanted,
    advance,
    move,
    needs,
    replicate_key,
    row,
    start,
    step,
    stream,
)
from adaptsim.agents import Forager, Thermostat, Tracker, Walker
from adaptsim.environments import AutoRegressive, Constant, PreyCycle, Sinusoid, Stack
from adaptsim.landscapes import Canyon, Noisy
from adaptsim.rules import (
    AdaGrad,
    Adam,
    Cosine,
    Cyclical,
    Exponential,
    GradientDescent,
    InverseTime,
    Momentum,
    ReduceOnPlateau,
    RMSProp,
    Rule,
    WarmUp,
)


class Diffusion(Rule):
    """Follows no slope: each trait moves by chance, in half of the steps."""

    randomness: ClassVar[tuple[str, ...]] = ("normal", "uniform")

    def transformation(self):
        def update(gradient, memory, traits=None, *, normal, uniform, **_):
            return jnp.where(uniform < 0.5, normal, 0.0), memory

        return optax.GradientTransformationExtraArgs(lambda _: (), update)


SIZE = 5
RATES = np.linspace(0.05, 0.9, SIZE)
NOISY = Tracker(
    observation_noise=0.3,
    gradient_noise=0.2,
    observation_probability=0.7,
    observation_delay=2,
    feedback_delay=1,
    curvature=np.linspace(0.5, 1.5, SIZE),
)
WEATHER = AutoRegressive(correlation=0.9)
HEAVY_TAILED = Noisy(landscape=Canyon(rotated=True), level=0.1, tail="student")
ROOM = Thermostat(
    room=True, learns_from="room", sensor_delay=2, observation_noise=0.1, order="sequential"
)
SCHEDULES = {
    "inverse time": InverseTime(initial=0.5, half_time=7.0),
    "cyclical": Cyclical(lowest=0.1, highest=0.6, period=7.0),
    "warm-up, then cosine": WarmUp(then=Cosine(initial=0.5, final=0.1, duration=6.0), duration=5.0),
    "plateau": ReduceOnPlateau(initial=0.5, patience=2),
}
SYSTEMS = {
    "descent": (NOISY, GradientDescent(learning_rate=RATES), WEATHER),
    "momentum": (NOISY, Momentum(learning_rate=RATES, momentum=0.5), WEATHER),
    "nesterov": (NOISY, Momentum(momentum=0.5, nesterov=True), WEATHER),
    "rmsprop": (NOISY, RMSProp(learning_rate=RATES), WEATHER),
    "adam": (NOISY, Adam(learning_rate=0.1, first_decay=np.linspace(0, 0.9, SIZE)), WEATHER),
    "adagrad": (NOISY, AdaGrad(learning_rate=RATES), WEATHER),
    "room": (ROOM, Momentum(learning_rate=0.05, momentum=0.2), Constant(value=20.0)),
    "forager": (Forager(observation_noise=0.4), Adam(), PreyCycle()),
    "diffusion": (NOISY, Diffusion(), WEATHER),
    "walker": (Walker(landscape=HEAVY_TAILED), GradientDescent(learning_rate=RATES), WEATHER),
} | {
    name: (NOISY, GradientDescent(learning_rate=rate), WEATHER) for name, rate in SCHEDULES.items()
}
STEPS = 13


def setting_of(kind, rule, environment):
    """Return a setting whose every leaf is an array, as a run has it."""
    return Setting(
        *jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=float), (kind, rule, environment))
    )


def numbers(tree):
    """Return the leaves as plain arrays, keys as their words."""
    leaves = jax.tree.leaves(tree)
    keys = [jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) for leaf in leaves]
    return [
        np.asarray(jax.random.key_data(leaf) if is_key else leaf)
        for leaf, is_key in zip(leaves, keys, strict=True)
    ]


def assert_same_bits(one, other):
    pairs = list(zip(numbers(one), numbers(other), strict=True))
    assert pairs
    for first, second in pairs:
        np.testing.assert_array_equal(first, second)


def trait_of(setting, moment, using):
    return moment.state.trait


@pytest.mark.parametrize("name", SYSTEMS)
def test_one_by_one_and_all_at_once_and_recorded_are_the_same_bits(name):
    setting, wanted = setting_of(*SYSTEMS[name]), needs(*SYSTEMS[name][:2])
    begun = start(setting, jax.random.key(3), size=SIZE)
    single, course = begun, []
    for _ in range(STEPS):
        course.append(np.asarray(single.state.trait))
        single = move(setting, single, 1, wanted=wanted)
    assert_same_bits(move(setting, begun, STEPS, wanted=wanted), single)
    recorded, kept = advance(setting, begun, steps=STEPS, stride=4, wanted=wanted, record=trait_of)
    assert_same_bits(recorded, single)
    np.testing.assert_array_equal(np.asarray(kept), np.stack(course[0:12:4]))
    assert np.ptp(np.stack(course), axis=0).min() > 0


def alone_and_among(kind):
    told = {"size": SIZE, "steps": STEPS, "seed": 7}
    return (
        simulate(kind, GradientDescent(learning_rate=0.3), WEATHER, **told, replicates=count)
        for count in (1, 3)
    )


def test_a_replicate_alone_has_the_bits_it_has_among_others():
    alone, among = alone_and_among(NOISY.replace(gradient_noise=0.0))
    np.testing.assert_array_equal(among.cue[:, :1], alone.cue)
    one, other = alone.followed["trait"].output, among.followed["trait"].output
    np.testing.assert_array_equal(other[:, 0], one[:, 0])
    assert not np.array_equal(other[:, 1], one[:, 0])


def test_where_products_are_contracted_a_replicate_differs_in_the_last_bits_only():
    """XLA contracts a product and a sum for some widths and not for others (docs/design.md)."""
    alone, among = alone_and_among(Tracker(gradient_noise=0.2))
    one, other = alone.followed["trait"].output, among.followed["trait"].output
    np.testing.assert_allclose(other[:, 0], one[:, 0], rtol=0, atol=1e-14)


def test_the_first_replicate_is_the_simulation_of_its_key():
    kind, rule, environment = SYSTEMS["descent"]
    told = {"size": SIZE, "steps": STEPS, "seed": 7}
    setting = setting_of(kind, rule, environment)
    begun = start(setting, replicate_key(7, 0), size=SIZE)
    moved = move(setting, begun, STEPS, wanted=needs(kind, rule))
    final = simulate(kind, rule, environment, **told).final
    assert_same_bits(jax.tree.map(lambda leaf: leaf[0], final.state), moved.state)


def test_stride_leaves_out_and_changes_nothing():
    kind, rule, environment = SYSTEMS["momentum"]
    told = {"size": SIZE, "steps": 30, "seed": 1, "replicates": 2}
    every = simulate(kind, rule, environment, **told)
    third = simulate(kind, rule, environment, **told, stride=3)
    np.testing.assert_array_equal(third.steps, np.arange(0, 30, 3))
    np.testing.assert_array_equal(
        third.followed["trait"].output, every.followed["trait"].output[::3]
    )
    assert_same_bits(third.final, every.final)


def test_statistics_are_those_of_the_individuals():
    kind = Tracker(observation_noise=0.5)
    rule = GradientDescent(learning_rate=np.repeat([0.1, 0.6], 4))
    told = {"size": 8, "steps": 30, "seed": 1, "replicates": 2}
    each = simulate(kind, rule, WEATHER, **told, record="individuals").followed["trait"]
    groups = simulate(kind, rule, WEATHER, **told, record="statistics").followed["trait"]
    for group, rows in enumerate((slice(0, 4), slice(4, 8))):
        output, target = each.output[..., rows], each.target[..., rows]
        np.testing.assert_allclose(groups.output[..., group], output.mean(-1), rtol=1e-12)
        np.testing.assert_allclose(groups.spread[..., group], output.var(-1), rtol=1e-9, atol=1e-15)
        error = ((output - target) ** 2).mean(-1)
        np.testing.assert_allclose(groups.squared_error[..., group], error, rtol=1e-9)


def test_counts_are_kept_once_for_all():
    setting = setting_of(*SYSTEMS["adam"])
    memory = start(setting, jax.random.key(0), size=SIZE).state.memory
    counts = [leaf for leaf in jax.tree.leaves(memory) if jnp.issubdtype(leaf.dtype, jnp.integer)]
    means = [leaf for leaf in jax.tree.leaves(memory) if jnp.issubdtype(leaf.dtype, jnp.floating)]
    assert [leaf.shape for leaf in counts] == [()]
    assert [leaf.shape for leaf in means] == [(SIZE, 1), (SIZE, 1)]


@pytest.mark.parametrize(
    "rule",
    [
        Momentum(learning_rate=RATES, momentum=np.linspace(0, 0.8, SIZE)),
        Adam(learning_rate=RATES, second_decay=np.linspace(0.9, 0.99, SIZE)),
        GradientDescent(
            learning_rate=WarmUp(
                then=Exponential(initial=RATES, time_constant=9.0), duration=np.arange(1.0, 6.0)
            )
        ),
    ],
    ids=["momentum", "adam", "schedule"],
)
def test_an_individual_with_own_fields_lives_as_if_alone(rule):
    kind = Tracker(curvature=np.linspace(0.5, 1.5, SIZE), start_at=np.arange(5.0), feedback_delay=1)
    together = simulate(kind, rule, Sinusoid(), size=SIZE, steps=40).followed["trait"].output
    single = {"size": 1, "steps": 40}
    for index in (0, SIZE - 1):
        alone = simulate(row(kind, index), row(rule, index), Sinusoid(), **single)
        np.testing.assert_allclose(
            together[:, 0, index], alone.followed["trait"].output[:, 0, 0], rtol=1e-13, atol=1e-15
        )


@functools.cache
def weathered(size, **fields):
    """Return a short run of trackers that are equal but for their luck."""
    rule = GradientDescent(learning_rate=0.2)
    return simulate(Tracker(**fields), rule, WEATHER, size=size, steps=40, seed=5)


def test_a_population_of_one_is_a_row_of_a_population_of_equals():
    one, many = (weathered(size).followed["trait"].output for size in (1, 4))
    for individual in range(4):
        np.testing.assert_array_equal(many[:, 0, individual], one[:, 0, 0])


def test_luck_does_not_change_the_weather():
    calm, noisy = weathered(4), weathered(4, observation_noise=0.5)
    np.testing.assert_array_equal(calm.cue, noisy.cue)
    assert np.ptp(calm.cue) > 0
    one, other = (run.followed["trait"].output for run in (calm, noisy))
    assert not np.isclose(one[1:], other[1:], rtol=0, atol=1e-9).any()


def test_more_individuals_do_not_change_the_luck_of_the_first():
    few, many = (weathered(size, observation_noise=0.5).followed["trait"].output for size in (4, 8))
    np.testing.assert_array_equal(many[..., :4], few)
    assert len(np.unique(many[-1, 0])) == 8


def test_same_seed_same_run_other_seed_other_run():
    kind, rule, environment = SYSTEMS["descent"]
    runs = [
        simulate(kind, rule, environment, size=SIZE, steps=30, seed=seed, replicates=2)
        for seed in (1, 1, 2)
    ]
    outputs = [run.followed["trait"].output for run in runs]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])
    assert not np.array_equal(outputs[0][:, 0], outputs[0][:, 1])


def test_streams_have_keys_of_their_own():
    key = jax.random.key(1)
    names = ["weather", "environment", "perception", "cue", "gradient", "attention"]
    words = {tuple(np.asarray(jax.random.key_data(stream(key, name)))) for name in names}
    assert len(words) == len(names)


def test_the_cue_is_seen_late_and_the_mismatch_felt_late():
    def course(**late):
        kind = Tracker(start_at=1.0, **late)
        ramp = Sinusoid(amplitude=1.0, period=40.0)
        run = simulate(kind, GradientDescent(learning_rate=0.5), ramp, steps=20)
        return run.followed["trait"].output[:, 0, 0], run.cue[:, 0, 0]

    seen, cue = course(observation_delay=3)
    old = np.concatenate([np.full(3, cue[0]), cue[:-3]])
    expected = [1.0]
    for t in range(19):
        expected.append(expected[-1] + 0.5 * (old[t] - expected[-1]))
    np.testing.assert_allclose(seen, expected, rtol=1e-13)

    felt, cue = course(feedback_delay=2)
    expected = [1.0]
    for t in range(19):
        mismatch = cue[t - 2] - expected[t - 2] if t >= 2 else 0.0
        expected.append(expected[-1] + 0.5 * mismatch)
    np.testing.assert_allclose(felt, expected, rtol=1e-12, atol=1e-15)


def test_attention_is_paid_with_its_chance():
    kind = Tracker(observation_probability=0.3)
    run = simulate(
        kind, GradientDescent(learning_rate=1.0), Constant(value=1.0), size=4000, steps=2
    )
    learnt = run.followed["trait"].output[1, 0]
    assert set(learnt.tolist()) == {0.0, 1.0}
    assert abs(learnt.mean() - 0.3) <= 4 * np.sqrt(0.3 * 0.7 / 4000)


def test_nothing_is_drawn_where_nothing_is_needed():
    rule = GradientDescent()
    assert needs(Tracker(), rule) == Wanted()
    assert needs(NOISY, rule) == Wanted(cue=True, gradient=True, attention=True)
    noisy = Tracker(gradient_noise=np.array([0.0, 0.1]))
    assert needs(noisy, rule) == Wanted(gradient=True)
    assert needs(Tracker(), Diffusion()) == Wanted(normal=True, uniform=True)
    setting = setting_of(Tracker(), GradientDescent(), Constant())
    text = str(jax.make_jaxpr(lambda moment: step(setting, moment, needs(Tracker(), rule)).state)(
        start(setting, jax.random.key(0), size=2)
    ))  # fmt: skip
    assert "erf_inv" not in text


def test_the_room_moves_before_the_learner_only_where_it_is_told_to():
    told = {"room": True, "learns_from": "room", "start_at": 20.0, "room_start": 10.0}
    environment = Stack(parts=(Constant(value=20.0), Constant(value=0.0)))
    rule, courses = GradientDescent(learning_rate=0.5), {}
    for order in ("synchronous", "sequential"):
        run = simulate(Thermostat(order=order, **told), rule, environment, steps=3)
        courses[order] = [run.followed[name].output[:, 0, 0] for name in ("setpoint", "room")]
    for order, sees in (("synchronous", 0), ("sequential", 1)):
        setpoint, room = courses[order]
        assert setpoint[1] - setpoint[0] == pytest.approx(0.5 * (20 - room[sees]), rel=1e-12)
    assert courses["synchronous"][1][1] == courses["sequential"][1][1]


SHARDED = """
    import jax, jax.numpy as jnp, numpy as np
    from jax.sharding import Mesh, NamedSharding, PartitionSpec
    from adaptsim.adaptation import Setting, move, needs, start
    from adaptsim.agents import Tracker
    from adaptsim.environments import AutoRegressive
    from adaptsim.rules import Adam, GradientDescent

    assert len(jax.devices()) == 2
    mesh = Mesh(np.array(jax.devices()), ("n",))
    kind = Tracker(observation_noise=0.3, observation_probability=0.7, feedback_delay=1)
    for rule in (GradientDescent(learning_rate=np.linspace(0.1, 0.9, 64)), Adam()):
        leaves = jax.tree.map(
            lambda leaf: jnp.asarray(leaf, dtype=float), (kind, rule, AutoRegressive())
        )
        setting, wanted = Setting(*leaves), needs(kind, rule)
        moment = start(setting, jax.random.key(1), size=64)
        rows = NamedSharding(mesh, PartitionSpec("n"))
        spread = moment._replace(state=jax.tree.map(
            lambda leaf: jax.device_put(leaf, rows) if leaf.ndim else leaf, moment.state
        ))
        assert len(spread.state.trait.sharding.device_set) == 2
        one = move(setting, moment, 20, wanted=wanted)
        two = move(setting, spread, 20, wanted=wanted)
        for a, b in zip(jax.tree.leaves(one.state), jax.tree.leaves(two.state), strict=True):
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    print("same bits")
"""


def test_two_devices_give_the_same_bits():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SHARDED)],
        env={"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "same bits", done.stderr[-2000:]
