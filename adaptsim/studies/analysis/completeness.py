"""Completeness: which rows of a sample have an answer, and which blocks must therefore be dropped.

A sensitivity index needs whole blocks: 2D + 2 or D + 2 rows of a Saltelli sample, D + 1 of a Morris
trajectory. One answer that is nan turns all of SALib's indices into zeros or nan without an error
(SALib issue 273), so it must never see one. A block in which anything failed is dropped whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from adaptsim.measures.measurement import Array
from adaptsim.schema import FailedRun, WrongRequest
from adaptsim.studies.analysis.averages import averages, replicate_noise
from adaptsim.studies.analysis.frame import MEASURE, known

MOST_DROPPED = 0.05
"""Share of blocks that may be dropped: above it what is left is no fair sample any more."""


class Answers(NamedTuple):
    """What a sample answered, in whole blocks."""

    rows: pd.DataFrame
    """Rows of the sample that are left, in order."""
    values: Array
    """One answer for each, averaged over replicates."""
    blocks: int
    """Blocks there were."""
    dropped: int
    """Blocks that were dropped."""
    noise: float
    """Share of the answers' variance that is noise of the replicates; nan for one replicate."""

    @property
    def flag(self) -> str:
        """What a reader must know: how many blocks were dropped, or nothing."""
        size = len(self.rows) // max(self.blocks - self.dropped, 1)
        plural = "block" if self.dropped == 1 else "blocks"
        told = f"{self.dropped} {plural} of {size} dropped (of {self.blocks})"
        return told if self.dropped else ""


def answers(
    frame: pd.DataFrame,
    sample: pd.DataFrame,
    measure: str,
    size: int,
    *,
    replicates: int = 1,
    most_dropped: float = MOST_DROPPED,
) -> Answers:
    """Return the answers of a sample in blocks, those with a failure left out.

    Parameters
    ----------
    frame : DataFrame
        One row per run that went well.
    sample : DataFrame
        The sample, one row per point in the sampler's own order, with the column ``cell_id`` that
        says which runs answer it. The same cell may answer several points.
    measure : str
        Which measure.
    size : int
        Rows of a block.
    replicates : int
        How many runs each cell must have: with fewer it counts as failed, as it does when any of
        them is not finite.
    most_dropped : float
        Share of blocks that may be dropped.

    Returns
    -------
    Answers

    Raises
    ------
    WrongRequest
        For a sample that has no whole number of blocks, or a measure that does not exist.
    FailedRun
        If more blocks than allowed would be dropped.

    Examples
    --------
    >>> runs = pd.DataFrame({"cell_id": ["a", "b", "c", "d"], "m_y": [1.0, 2.0, 3.0, float("nan")]})
    >>> sample = pd.DataFrame({"cell_id": ["a", "b", "c", "d"]})
    >>> found = answers(runs, sample, "y", 2, most_dropped=0.5)
    >>> found.values.tolist(), found.flag
    ([1.0, 2.0], '1 block of 2 dropped (of 2)')
    """
    known(frame, measure)
    if size < 1 or len(sample) % size or not len(sample):
        raise WrongRequest(f"sample: {len(sample)} rows are no whole number of blocks of {size}")
    cells = averages(frame.rename(columns={"cell_id": "p_cell_id"}), measure, ["cell_id"])
    whole = (cells["failed"] == 0) & (cells["n"] >= replicates)
    by_cell = cells["value"].where(whole).set_axis(cells["p_cell_id"])
    values = sample["cell_id"].map(by_cell).to_numpy(float)
    blocks = len(sample) // size
    kept = np.isfinite(values).reshape(blocks, size).all(axis=1)
    dropped = int(blocks - kept.sum())
    if dropped > most_dropped * blocks:
        raise FailedRun(
            f"{MEASURE}{measure}: {dropped} of {blocks} blocks have a run that is missing, failed "
            f"or not finite, more than {most_dropped:.0%}: what is left is no fair sample"
        )
    rows = np.repeat(kept, size)
    noise = replicate_noise(cells[whole])
    return Answers(sample[rows].reset_index(drop=True), values[rows], blocks, dropped, noise)
