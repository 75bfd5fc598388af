"""One population over several devices: the same courses to the bit."""

import subprocess
import sys
import textwrap

import pytest

from adaptsim import Constant, GradientDescent, Tracker
from adaptsim.simulation import simulate

FOUR = """
    import jax, numpy as np
    from adaptsim import AutoRegressive, GradientDescent, Tracker
    from adaptsim.simulation import simulate

    assert len(jax.devices()) == 4
    kind = Tracker(observation_noise=0.3, observation_probability=0.7, feedback_delay=1)
    weather = AutoRegressive(correlation=0.9)
    rule = GradientDescent(learning_rate=np.repeat([0.1, 0.9], 32))
    told = dict(size=64, steps=20, seed=3, replicates=2)
    one = simulate(kind, rule, weather, **told)
    four = simulate(kind, rule, weather, devices=4, **told)
    assert len(four.final.state.trait.sharding.device_set) == 4
    for a, b in zip(jax.tree.leaves((one.followed, one.excess, one.final.state)),
                    jax.tree.leaves((four.followed, four.excess, four.final.state)), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    groups = simulate(kind, rule, weather, devices=4, record="statistics", **told)
    np.testing.assert_array_equal(one.final.state.trait, groups.final.state.trait)
    means = one.followed["trait"].output.reshape(20, 2, 2, 32).mean(axis=3)
    np.testing.assert_allclose(groups.followed["trait"].output, means, rtol=1e-12, atol=1e-13)
    try:
        simulate(Tracker(), GradientDescent(), weather, size=6, steps=2, devices=4)
    except ValueError as error:
        assert "must divide the population of 6" in str(error)
    else:
        raise AssertionError("not refused")
    print("same bits")
"""


def test_four_devices_give_the_same_bits():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FOUR)],
        env={"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "same bits", done.stderr[-2000:]


@pytest.mark.parametrize(
    ("devices", "told"), [(1000, "as many as JAX sees"), (0, "as many as JAX sees")]
)
def test_devices_that_are_not_there_are_refused(devices, told):
    with pytest.raises(ValueError, match=told):
        simulate(Tracker(), GradientDescent(), Constant(), size=3000, steps=2, devices=devices)
