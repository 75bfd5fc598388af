"""What every measure promises: shapes, faults, no exception on a run that went wrong."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import adaptsim.measures as measures
from adaptsim.measures import Measurement, align

from .trackers import auto_regressive, track

PAIRED = {
    "phase_lag": lambda x, y, **o: measures.phase_lag(x, y, 20.0, **o),
    "gain": lambda x, y, **o: measures.gain(x, y, 20.0, **o),
    "mean_lag": measures.mean_lag,
    "ramp_lag": measures.ramp_lag,
    "cross_correlation_lag": measures.cross_correlation_lag,
    "broadband_lag": lambda x, y, **o: measures.broadband_lag(x, y, 16.0, **o),
    "broadband_gain": lambda x, y, **o: measures.broadband_gain(x, y, 16.0, **o),
    "tracking_mse": measures.tracking_mse,
    "bias": lambda x, y, **o: measures.mse_decomposition(x, y, **o).bias,
    "lag_error": lambda x, y, **o: measures.mse_decomposition(x, y, **o).lag,
    "noise_error": lambda x, y, **o: measures.mse_decomposition(x, y, **o).noise,
    "static_regret": measures.static_regret,
    "dynamic_regret": measures.dynamic_regret,
}
SINGLE = {
    "stationary_variance": measures.stationary_variance,
    "autocorrelation_1": measures.autocorrelation_1,
    "return_rate": measures.return_rate,
    "integrated_autocorrelation_time": measures.integrated_autocorrelation_time,
    "effective_sample_size": measures.effective_sample_size,
}
ALL = PAIRED | {name: (lambda x, _, m=m, **o: m(x, **o)) for name, m in SINGLE.items()}
STEPPED = {
    "rise_time_63": measures.rise_time_63,
    "rise_time_10_90": measures.rise_time_10_90,
    "settling_time": measures.settling_time,
    "overshoot": measures.overshoot,
}
every = pytest.mark.parametrize("measure", ALL.values(), ids=ALL.keys())
every_stepped = pytest.mark.parametrize("measure", STEPPED.values(), ids=STEPPED.keys())


def run(shape=(600,), seed=0):
    """Return output and target; members share the target of their realisation."""
    rng = np.random.default_rng(seed)
    target = auto_regressive(rng, shape[:2], 0.9)
    if len(shape) == 3:
        target = target[:, :, None]
    return track(target + 0.3 * rng.normal(size=shape), 0.3), target


@every
@pytest.mark.parametrize("shape", [(600,), (600, 4), (600, 4, 3), (600, 1, 5)])
def test_every_shape_gives_a_finite_value_in_its_interval(measure, shape):
    output, target = run(shape)
    result = measure(output, target)
    assert isinstance(result, Measurement)
    assert type(result.value) is float
    assert np.isfinite(result.value)
    assert result.name
    assert result.unit
    assert result.n <= 600 * (shape[1] if len(shape) > 1 else 1)
    assert result.ci_low <= result.value <= result.ci_high


@every
def test_equal_realisations_and_members_change_nothing(measure):
    output, target = run()
    alone = measure(output, target, deterministic=True).value
    repeated = np.repeat(np.repeat(output[:, None, None], 3, axis=1), 2, axis=2)
    together = measure(repeated, target)
    factor = 3 if together.name == "effective_sample_size" else 1
    assert together.value == pytest.approx(factor * alone, rel=1e-9)
    assert together.ci_high == pytest.approx(factor * alone, rel=1e-6)


@every
def test_order_of_realisations_and_members_does_not_matter(measure):
    output, target = run((600, 4, 3))
    here = measure(output, target)
    there = measure(output[:, ::-1, ::-1], target[:, ::-1])
    assert there.value == pytest.approx(here.value, rel=1e-9)
    assert there.ci_low == pytest.approx(here.ci_low, rel=1e-9)


@every
def test_burn_in_drops_the_start(measure):
    output, target = run()
    spoilt = output.copy()
    spoilt[:100] = np.nan
    kept = measure(spoilt, target, burn_in=100)
    assert kept.value == pytest.approx(measure(output[100:], target[100:]).value)


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200])
def test_divergence_is_a_result(measure, bad):
    output, target = run((600, 2))
    output = output.copy()
    output[-1, 1] = bad
    result = measure(output, target)
    assert np.isnan(result.value)
    assert np.isnan(result.ci_low)
    assert "diverged" in result.flag


@every
def test_exponential_divergence_raises_nothing(measure):
    output = 3.0 ** np.arange(640)
    assert np.isnan(measure(output, np.ones(640)).value)


@every
def test_growth_short_of_overflow_raises_nothing(measure):
    output = 1.5 ** np.arange(800)
    assert isinstance(measure(output, run((800,))[1]).value, float)


@every
@pytest.mark.parametrize("n_steps", [0, 1, 2, 3, 9])
def test_short_series_raise_nothing(measure, n_steps):
    output, target = run()
    result = measure(output[:n_steps], target[:n_steps])
    assert np.isfinite(result.value) or "too short" in result.flag
    if n_steps == 0:
        assert result.flag == "too short"


@every
def test_burn_in_beyond_the_end_is_too_short(measure):
    output, target = run()
    assert measure(output, target, burn_in=600).flag == "too short"


@pytest.mark.parametrize("measure", PAIRED.values(), ids=PAIRED.keys())
def test_target_that_is_not_finite_is_named(measure):
    output, target = run()
    target = target.copy()
    target[5] = np.nan
    result = measure(output, target)
    assert np.isnan(result.value)
    assert result.flag == "target not finite"


@every
def test_constant_series_raise_nothing(measure):
    output, target = run()
    for x, y in ((np.ones(600), target), (output, np.ones(600)), (np.ones(600), np.zeros(600))):
        result = measure(x, y)
        assert np.isfinite(result.value) or result.flag


@pytest.mark.parametrize(
    "name", ["phase_lag", "mean_lag", "cross_correlation_lag", "broadband_lag", "autocorrelation_1"]
)
def test_constant_output_has_no_lag_and_no_memory(name):
    _, target = run()
    result = ALL[name](np.full(600, 0.1), target)
    assert np.isnan(result.value)
    assert result.flag == "output constant"


@pytest.mark.parametrize("name", ["phase_lag", "gain", "mean_lag", "cross_correlation_lag"])
def test_constant_target_has_no_lag(name):
    output, _ = run()
    result = ALL[name](output, np.full(600, 0.1))
    assert np.isnan(result.value)
    assert result.flag == "target constant"


def test_constant_output_has_no_gain_and_no_variance():
    drive = np.sin(2 * np.pi * np.arange(600) / 20)
    for result in (measures.gain(np.ones(600), drive, 20), measures.stationary_variance(drive * 0)):
        assert result.value == 0.0
        assert result.flag == "output constant"


def test_drive_without_the_tone_is_named():
    drive = np.sin(2 * np.pi * np.arange(600) / 20)
    assert "no power" in measures.gain(drive, drive, 30).flag
    assert measures.gain(drive, drive, 2).flag == "period must exceed 2 steps"
    assert measures.phase_lag(drive, drive, 700).flag == "too short"
    assert measures.phase_lag(drive[:50], drive[:50], 50.3).flag == "too short"


@every
def test_unknown_keywords_and_values_are_refused(measure):
    output, target = run()
    with pytest.raises(TypeError, match="burnin"):
        measure(output, target, burnin=3)
    with pytest.raises(ValueError, match="convention must be one of"):
        measure(output, target, convention="late")
    with pytest.raises(ValueError, match="burn_in must be >= 0"):
        measure(output, target, burn_in=-1)
    with pytest.raises(ValueError, match="level must lie"):
        measure(output, target, level=95)


@every
def test_inputs_are_left_alone_and_may_be_read_only(measure):
    output, target = run()
    before = output.copy(), target.copy()
    output.flags.writeable = target.flags.writeable = False
    measure(output, target)
    assert np.array_equal(output, before[0])
    assert np.array_equal(target, before[1])


@every
def test_integers_and_lists_are_series_too(measure):
    output, target = run()
    output, target = np.round(10 * output).astype(int), np.round(10 * target).astype(int)
    listed = measure(output.tolist(), target.tolist())
    assert listed == measure(output.astype(float), target.astype(float))


def test_shapes_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="must have shape"):
        align(np.zeros((2, 2, 2, 2)))
    with pytest.raises(ValueError, match="must have shape"):
        align(3.0)
    with pytest.raises(ValueError, match="as many steps"):
        align(np.zeros(5), np.zeros(6))


@every_stepped
def test_step_measures_accept_every_shape(measure):
    alone = 1.0 - 0.9 ** np.arange(200)
    expected = measure(alone, final=1.0, deterministic=True)
    assert expected.flag == ""
    for shape in ((200, 3), (200, 3, 2)):
        repeated = np.broadcast_to(alone.reshape(200, *[1] * (len(shape) - 1)), shape)
        result = measure(repeated, final=1.0)
        assert result.value == pytest.approx(expected.value)
        assert result.ci_high == pytest.approx(expected.value)


@every_stepped
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_step_measures_report_divergence(measure, bad):
    output = 1.0 - 0.9 ** np.arange(200)
    output[150] = bad
    result = measure(output, final=1.0)
    assert np.isnan(result.value)
    assert result.flag == "diverged"


@every_stepped
def test_step_measures_survive_short_and_growing_series(measure):
    assert measure([0.0, 1.0]).flag == "too short"
    assert measure([]).flag == "too short"
    growing = measure(1.0 - (-1.2) ** np.arange(200), final=1.0)
    assert isinstance(growing.value, float)


def test_measurement_is_frozen():
    result = Measurement("gain", 1.0, "1")
    with pytest.raises(FrozenInstanceError):
        result.value = 2.0


def test_every_public_name_is_documented_and_there():
    for name in measures.__all__:
        thing = getattr(measures, name)
        assert thing.__doc__, name
    assert sorted(measures.__all__) == list(measures.__all__)
