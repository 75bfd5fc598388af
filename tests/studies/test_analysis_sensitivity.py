"""Sensitivity indices against closed forms; blocks with failures are dropped, or all refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adaptsim.schema import FailedRun, WrongRequest
from adaptsim.studies import analysis
from adaptsim.studies.analysis.completeness import answers

pytest.importorskip("SALib", reason="needs the extra 'study'")
NAMES = ["a", "b", "c"]
PROBLEM = {"num_vars": 3, "names": NAMES, "bounds": [[0.0, 1.0]] * 3}


def ishigami(unit, a=7.0, b=0.1):
    x = np.pi * (2 * unit - 1)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices(a=7.0, b=0.1):
    """Return S1, ST and S2 (of a and c), from the integrals (Ishigami & Homma 1990)."""
    alone = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    second, together = a**2 / 8, b**2 * np.pi**8 * 8 / 225
    total = alone + second + together
    first = np.array([alone, second, 0]) / total
    return first, np.array([alone + together, second, together]) / total, together / total


def stored(unit, values, names=NAMES, replicates=1, noise=0.0, seed=0):
    """Return a sample and a frame with so many runs of each cell, the frame shuffled."""
    cells = [f"cell{i}" for i in range(len(unit))]
    sample = pd.DataFrame(unit, columns=[f"p_{name}" for name in names]).assign(cell_id=cells)
    rng = np.random.default_rng(seed)
    runs = [
        sample.assign(replicate=r, m_y=values + noise * rng.normal(size=len(values)))
        for r in range(replicates)
    ]
    return sample, pd.concat(runs).sample(frac=1.0, random_state=1).reset_index(drop=True)


def saltelli(points, second_order=True, seed=1):
    from SALib.sample import sobol

    return sobol.sample(PROBLEM, points, calc_second_order=second_order, seed=seed)


def of(table, index):
    rows = table[table["index"] == index]
    return rows["value"].to_numpy(), (rows["ci_high"] - rows["ci_low"]).to_numpy() / 2 / 1.96


@pytest.mark.parametrize("second_order", [True, False])
def test_sobol_indices_of_ishigamis_function(second_order):
    unit = saltelli(1024, second_order)
    sample, frame = stored(unit, ishigami(unit))
    table = analysis.sobol_indices(frame, sample, "y", NAMES, second_order=second_order)
    first, total, together = ishigami_indices()
    for index, known in (("S1", first), ("ST", total)):
        value, error = of(table, index)
        assert (abs(value - known) < 4 * error).all()
        assert (error < 0.05).all()
    assert ("S2" in set(table["index"])) == second_order
    if second_order:
        pair = table[(table["parameter"] == "a") & (table["other"] == "c")].iloc[0]
        assert abs(pair["value"] - together) < 4 * (pair["ci_high"] - pair["ci_low"]) / 2 / 1.96


def test_intervals_are_those_of_salib_for_each_index():
    from SALib.analyze import sobol

    unit = saltelli(64)
    values = ishigami(unit)
    table = analysis.sobol_indices(*reversed(stored(unit, values)), "y", NAMES, seed=3)
    told = sobol.analyze(PROBLEM, values, num_resamples=200, conf_level=0.95, seed=3)
    for index in ("S1", "ST"):
        rows = table[table["index"] == index]
        half = ((rows["ci_high"] - rows["ci_low"]) / 2).to_numpy()
        assert rows["value"].to_numpy() == pytest.approx(told[index])
        assert half == pytest.approx(told[f"{index}_conf"])
    assert not np.allclose(told["S1_conf"], told["ST_conf"], rtol=0.05)


def test_order_of_runs_does_not_matter():
    unit = saltelli(32)
    sample, frame = stored(unit, ishigami(unit))
    tables = [
        analysis.sobol_indices(one, sample, "y", NAMES)
        for one in (frame, frame.iloc[::-1], frame.sample(frac=1.0, random_state=7))
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])


def test_one_missing_run_drops_its_whole_block_and_says_so():
    unit = saltelli(64)
    sample, frame = stored(unit, ishigami(unit))
    whole = analysis.sobol_indices(frame, sample, "y", NAMES)
    for broken in (
        frame[frame["cell_id"] != "cell17"],
        frame.assign(m_y=frame["m_y"].where(frame["cell_id"] != "cell17")),
        frame.assign(m_y=frame["m_y"].where(frame["cell_id"] != "cell17", np.inf)),
    ):
        found = analysis.sobol_indices(broken, sample, "y", NAMES)
        assert set(found["flag"]) == {"1 block of 8 dropped (of 64)"}
        without = np.delete(ishigami(unit).reshape(64, 8), 2, axis=0)
        rest = analysis.sobol_indices(*_of_blocks(unit, without), "y", NAMES)
        assert found["value"].tolist() == rest["value"].tolist()
        assert (abs(found["value"] - whole["value"]) < 0.1).all()
        assert of(found, "S1")[0][1] > 0.3  # not silently zero


def _of_blocks(unit, values):
    kept = np.delete(unit.reshape(64, 8, 3), 2, axis=0).reshape(-1, 3)
    sample, frame = stored(kept, values.ravel())
    return frame, sample


def test_too_many_failures_are_refused():
    unit = saltelli(64)
    sample, frame = stored(unit, ishigami(unit))
    lost = [f"cell{8 * block}" for block in range(4)]  # 4 of 64 blocks: 6.25 %
    with pytest.raises(FailedRun, match=r"4 of 64 blocks .* more than 5%"):
        analysis.sobol_indices(frame[~frame["cell_id"].isin(lost)], sample, "y", NAMES)
    kept = frame[~frame["cell_id"].isin(lost[:3])]  # 4.7 %
    assert "3 blocks" in analysis.sobol_indices(kept, sample, "y", NAMES)["flag"].iloc[0]


def test_a_missing_replicate_fails_its_cell():
    unit = saltelli(64)
    sample, frame = stored(unit, ishigami(unit), replicates=3, noise=0.1)
    lost = (frame["cell_id"] == "cell0") & (frame["replicate"] == 2)
    found = analysis.sobol_indices(frame[~lost], sample, "y", NAMES, replicates=3)
    assert "1 block" in found["flag"].iloc[0]


def test_noise_of_replicates_is_told_and_belongs_to_nobody():
    unit = saltelli(512)
    values = unit @ np.array([1.0, 2.0, 0.0])
    sample, frame = stored(unit, values, replicates=4, noise=1.0)
    table = analysis.sobol_indices(frame, sample, "y", NAMES, replicates=4)
    signal, luck = 5 / 12, 1 / 4
    share = luck / (signal + luck)
    assert table["noise"].iloc[0] == pytest.approx(share, rel=0.05)
    first, error = of(table, "S1")
    known = np.array([1, 4, 0]) / 5 * (1 - share)
    assert (abs(first - known) < 4 * error).all()
    total, error = of(table, "ST")
    assert (abs(total - known - share) < 4 * error).all()


def test_constant_answers_have_no_indices():
    unit = saltelli(8)
    sample, frame = stored(unit, np.full(len(unit), 0.1))
    with pytest.raises(FailedRun, match="y: the measure is the same everywhere"):
        analysis.sobol_indices(frame, sample, "y", NAMES)


def test_sample_without_whole_blocks_is_refused():
    unit = saltelli(8)
    sample, frame = stored(unit, ishigami(unit))
    with pytest.raises(WrongRequest, match="63 rows are no whole number of blocks of 8"):
        answers(frame, sample.iloc[:-1], "y", 8)


def trajectories(count, levels=4, seed=1):
    from SALib.sample import morris

    return morris.sample(PROBLEM, count, num_levels=levels, seed=seed)


@pytest.mark.parametrize("levels", [4, 8])
def test_effects_of_a_linear_function_are_its_slopes(levels):
    unit = trajectories(10, levels)
    sample, frame = stored(unit, unit @ np.array([3.0, -2.0, 0.0]) + 5)
    table = analysis.elementary_effects(frame, sample, "y", NAMES, levels=levels)
    assert of(table, "mu")[0] == pytest.approx([3, -2, 0], abs=1e-12)
    assert of(table, "mu_star")[0] == pytest.approx([3, 2, 0], abs=1e-12)
    assert of(table, "sigma")[0] == pytest.approx([0, 0, 0], abs=1e-12)


def test_effects_of_a_product_spread():
    unit = trajectories(400)
    sample, frame = stored(unit, unit[:, 0] * unit[:, 1])
    table = analysis.elementary_effects(frame, sample, "y", NAMES)
    mean, error = of(table, "mu_star")
    assert (abs(mean[:2] - 0.5) < 4 * error[:2]).all()  # the other's mean
    assert of(table, "sigma")[0][2] == 0
    assert (of(table, "sigma")[0][:2] > 0.2).all()


def test_trajectories_that_failed_are_dropped_and_points_may_repeat():
    unit = trajectories(40)
    values = unit @ np.array([3.0, -2.0, 1.0])
    _, places = np.unique(unit.round(9), axis=0, return_inverse=True)
    assert len(np.unique(places)) < len(unit)
    names = [f"cell{place}" for place in places.ravel()]
    sample = stored(unit, values)[0].assign(cell_id=names)
    frame = sample.assign(replicate=0, m_y=values).drop_duplicates("cell_id")
    whole = analysis.elementary_effects(frame, sample, "y", NAMES)
    assert of(whole, "mu")[0] == pytest.approx([3, -2, 1])
    rarest = sample["cell_id"].value_counts().index[-1]
    hit = int((sample["cell_id"] == rarest).sum())
    found = analysis.elementary_effects(frame[frame["cell_id"] != rarest], sample, "y", NAMES)
    assert set(found["flag"]) == {f"{hit} block{'s' * (hit > 1)} of 4 dropped (of 40)"}
    assert of(found, "mu")[0] == pytest.approx([3, -2, 1])


def fourier(points, seed=1):
    from SALib.sample import fast_sampler

    return fast_sampler.sample(PROBLEM, points, seed=seed)


def test_fourier_indices_of_a_linear_function():
    """Four harmonics of a triangular wave hold (1 + 1/81) / (pi^4 / 96) of its variance."""
    unit = fourier(1025)
    sample, frame = stored(unit, unit @ np.array([1.0, 2.0, 0.0]))
    table = analysis.fourier_indices(frame, sample, "y", NAMES)
    held = (1 + 1 / 81) / (np.pi**4 / 96)
    assert of(table, "S1")[0] == pytest.approx(np.array([0.2, 0.8, 0.0]) * held, abs=2e-3)
    assert table["flag"].str.startswith("no interval: an index is read off a search curve").all()
    assert table["ci_low"].isna().all()


def test_fourier_indices_of_replicates_have_an_interval_of_their_noise():
    unit = fourier(257)
    sample, frame = stored(unit, ishigami(unit), replicates=5, noise=0.3)
    table = analysis.fourier_indices(frame, sample, "y", NAMES, replicates=5)
    assert (table["ci_high"] > table["ci_low"]).all()
    first, _ = of(table, "S1")
    assert first == pytest.approx(ishigami_indices()[0], abs=0.03)  # FAST's bias is 0.02 here


def test_one_failure_refuses_a_fourier_analysis():
    unit = fourier(257)
    sample, frame = stored(unit, ishigami(unit))
    with pytest.raises(FailedRun, match="1 of 1 blocks"):
        analysis.fourier_indices(frame.iloc[1:], sample, "y", NAMES)
    with pytest.raises(WrongRequest, match="more than 64 for each of 3"):
        analysis.fourier_indices(frame, sample.iloc[:192], "y", NAMES)


@pytest.mark.slow
def test_intervals_of_sobol_indices_cover():
    first, total, _ = ishigami_indices()
    hits = []
    for seed in range(1, 201):
        unit = saltelli(128, second_order=False, seed=seed)
        table = analysis.sobol_indices(
            *reversed(stored(unit, ishigami(unit))), "y", NAMES, second_order=False, seed=seed
        )
        for index, known in (("S1", first), ("ST", total)):
            value, error = of(table, index)
            hits.append(abs(value - known) <= 1.96 * error)
    share = np.mean(hits)
    assert share > 0.95 - 4 * np.sqrt(0.95 * 0.05 / len(hits))
