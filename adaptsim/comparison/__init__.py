"""Comparison: optimizers side by side, from arrays of loss along their walks; nothing is simulated.

``targets``        evaluations until a walk is within a precision of the minimum
``expected_time``  what success costs when failed walks are started again (COCO's aRT, once ERT)
``ecdf``           runtime distributions over problems and targets, and their area
``profiles``       performance profiles (Dolan & More) and data profiles (More & Wild)
``ranking``        rules in order, with what is known of the order
``pairwise``       who beats whom on common starts and seeds
``best_rate``      the best learning rate of a sweep, how sure, and how much it matters
``outcome``        how walks end: at rest, in a cycle, in chaos, under way or gone
``curves``         median and quantiles of loss at common numbers of evaluations
``order``          scores some of which failed
``resampling``     whole starts and whole seeds drawn again

A walk that diverged is a result: its loss is last in every order and poisons none.

Examples
--------
>>> hits = evaluations_to(0.1, [[4.0, 1.0, 0.05], [4.0, 2.0, 1.0]], [0, 10, 20])
>>> hits.tolist(), float(expected_time(hits, 20))
([20.0, inf], 40.0)
"""

from adaptsim.comparison.best_rate import BestRate, best_rate
from adaptsim.comparison.curves import Curves, common_evaluations, loss_curves
from adaptsim.comparison.ecdf import Steps, area, restarted, runtime_distribution
from adaptsim.comparison.expected_time import (
    ExpectedTime,
    SuccessRate,
    expected_time,
    expected_time_interval,
    simulated_restarts,
    success_rate,
)
from adaptsim.comparison.outcome import Outcome, Outcomes, classify
from adaptsim.comparison.pairwise import Pairs, pairwise
from adaptsim.comparison.profiles import (
    Profile,
    data_profiles,
    performance_profile,
    performance_ratios,
)
from adaptsim.comparison.ranking import Friedman, Ranking, friedman, rank
from adaptsim.comparison.targets import (
    best_so_far,
    budget,
    evaluations_to,
    falls_below,
    precisions,
    share_of_descent,
)

__all__ = [
    "BestRate",
    "Curves",
    "ExpectedTime",
    "Friedman",
    "Outcome",
    "Outcomes",
    "Pairs",
    "Profile",
    "Ranking",
    "Steps",
    "SuccessRate",
    "area",
    "best_rate",
    "best_so_far",
    "budget",
    "classify",
    "common_evaluations",
    "data_profiles",
    "evaluations_to",
    "expected_time",
    "expected_time_interval",
    "falls_below",
    "friedman",
    "loss_curves",
    "pairwise",
    "performance_profile",
    "performance_ratios",
    "precisions",
    "rank",
    "restarted",
    "runtime_distribution",
    "share_of_descent",
    "simulated_restarts",
    "success_rate",
]
