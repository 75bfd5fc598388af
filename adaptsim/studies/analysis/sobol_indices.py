"""Sobol indices from a Saltelli sample: which share of the variance is due to which parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from adaptsim.schema import FailedRun
from adaptsim.studies.analysis.completeness import MOST_DROPPED, Answers, answers
from adaptsim.studies.analysis.frame import columns_of

COLUMNS = "measure parameter other index value ci_low ci_high noise flag".split()
CONSTANT = "the measure is the same everywhere: no variance to share out"


def sobol_indices(
    frame: pd.DataFrame,
    sample: pd.DataFrame,
    measure: str,
    parameters: Sequence[str],
    *,
    second_order: bool = True,
    replicates: int = 1,
    most_dropped: float = MOST_DROPPED,
    level: float = 0.95,
    resamples: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    r"""Return first-order, total and second-order Sobol indices with intervals.

    ``S1`` is the share of the variance that vanishes when one parameter is fixed, ``ST`` the share
    that is left when all others are, ``S2`` what two do together beyond what each does alone;
    :math:`\sum S1 \le 1 \le \sum ST`. Replicates are averaged first. Their noise (``noise``: its
    share of the variance between averages) belongs to no parameter: it lowers the sum of ``S1``
    and, unless random numbers are common, raises every ``ST``.

    Parameters
    ----------
    frame : DataFrame
        One row per run that went well.
    sample : DataFrame
        The Saltelli sample in SALib's order, with ``cell_id``.
    measure : str
        Which measure.
    parameters : sequence of str
        The parameters that the sample varies, in its order.
    second_order : bool
        Whether blocks have 2D + 2 rows, or D + 2.
    replicates, most_dropped
        As for `answers`: blocks with a failure are dropped whole.
    level : float
        Coverage of the intervals.
    resamples, seed : int
        Resamples of the bootstrap over blocks; and its seed, above 0.

    Returns
    -------
    DataFrame
        Columns ``measure, parameter, other, index, value, ci_low, ci_high, noise, flag``; ``other``
        is the second parameter of ``S2`` and empty else.

    Raises
    ------
    FailedRun
        If too many blocks have a failure.
    WrongRequest
        For names or a sample that do not fit.

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181:259; Saltelli (2002), ibid. 145:280;
    computed by SALib.
    """
    columns_of(sample, parameters)
    count = len(parameters)
    size = 2 * count + 2 if second_order else count + 2
    found = answers(
        frame, sample, measure, size, replicates=replicates, most_dropped=most_dropped
    )  # fmt: skip
    return _table(found, measure, parameters, second_order, level, resamples, seed)


def _table(
    found: Answers,
    measure: str,
    names: Sequence[str],
    second_order: bool,
    level: float,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    from SALib.analyze import sobol

    if np.ptp(found.values) <= 1e-12 * np.abs(found.values).max(initial=0):
        raise FailedRun(f"{measure}: {CONSTANT}")
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    told = sobol.analyze(
        problem,
        found.values,
        calc_second_order=second_order,
        num_resamples=resamples,
        conf_level=level,
        seed=seed,
    )
    rows = [
        (name, "", index, told[index][i], told[f"{index}_conf"][i])
        for index in ("S1", "ST")
        for i, name in enumerate(names)
    ]
    if second_order:
        rows += [
            (names[i], names[j], "S2", told["S2"][i, j], told["S2_conf"][i, j])
            for i in range(len(names))
            for j in range(i + 1, len(names))
        ]
    table = pd.DataFrame(rows, columns=["parameter", "other", "index", "value", "half"])
    return table.assign(
        measure=measure,
        ci_low=table["value"] - table["half"],
        ci_high=table["value"] + table["half"],
        noise=found.noise,
        flag=found.flag,
    )[COLUMNS]
