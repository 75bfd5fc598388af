"""Morris's elementary effects: which parameters matter at all, at the price of a few runs each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from adaptsim.schema import FailedRun
from adaptsim.studies.analysis.completeness import MOST_DROPPED, answers
from adaptsim.studies.analysis.frame import columns_of
from adaptsim.studies.analysis.sobol_indices import COLUMNS


def elementary_effects(
    frame: pd.DataFrame,
    sample: pd.DataFrame,
    measure: str,
    parameters: Sequence[str],
    *,
    levels: int = 4,
    replicates: int = 1,
    most_dropped: float = MOST_DROPPED,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    r"""Return mean, absolute mean and spread of elementary effects.

    An elementary effect is the change of the measure per full range of one parameter, the others
    held. ``mu_star``, the mean of their absolute values, ranks parameters; ``mu`` says in which
    direction; ``sigma`` is large where the effect depends on where one stands, by a bend or by
    interaction. All are in the measure's unit.

    Parameters
    ----------
    frame : DataFrame
        One row per run that went well.
    sample : DataFrame
        The trajectories in SALib's order, D + 1 rows each, with ``cell_id``.
    measure : str
        Which measure.
    parameters : sequence of str
        The parameters that the sample varies, in its order.
    levels : int
        Levels of the sample's grid.
    replicates, most_dropped
        As for `answers`: trajectories with a failure are dropped whole.
    level : float
        Coverage of the interval, which only ``mu_star`` has.
    resamples, seed : int
        Resamples of the bootstrap over trajectories; and its seed.

    Returns
    -------
    DataFrame
        As `sobol_indices` returns it, ``index`` being ``mu_star``, ``mu`` or ``sigma``.

    Raises
    ------
    FailedRun
        If too many trajectories have a failure, or fewer than two are left.
    WrongRequest
        For names or a sample that do not fit.

    References
    ----------
    Morris (1991), Technometrics 33:161; Campolongo, Cariboni & Saltelli (2007), Environmental
    Modelling & Software 22:1509; computed by SALib.
    """
    from SALib.analyze import morris

    columns = columns_of(sample, parameters)
    found = answers(
        frame,
        sample,
        measure,
        len(parameters) + 1,
        replicates=replicates,
        most_dropped=most_dropped,
    )
    if found.blocks - found.dropped < 2:
        raise FailedRun(f"{measure}: two trajectories are the least, to tell their spread")
    names = list(parameters)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    places = found.rows[columns].to_numpy(float)
    told = morris.analyze(
        problem,
        places,
        found.values,
        num_resamples=resamples,
        conf_level=level,
        num_levels=levels,
        seed=seed,
    )
    halves = {"mu_star": np.asarray(told["mu_star_conf"], float)}
    none = np.full(len(names), np.nan)
    parts = [
        pd.DataFrame({"parameter": names, "index": index, "value": np.asarray(told[index], float)})
        .assign(half=halves.get(index, none))
        for index in ("mu_star", "mu", "sigma")
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    return table.assign(
        measure=measure,
        other="",
        ci_low=table["value"] - table["half"],
        ci_high=table["value"] + table["half"],
        noise=found.noise,
        flag=found.flag,
    )[COLUMNS]
