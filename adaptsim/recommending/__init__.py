"""Recommenders and their users: factors learnt from ratings, and what recommending does.

A recommender of one user is an agent kind, `adaptsim.agents.Recommender`; here are many at once.

``factors``      users and items as vectors, and what one rating does to them
``ratings``      reading ratings from files
``synthetic``    ratings of users whose tastes drift
``progressive``  every rating predicted before it is learnt from, at many rates at once
``loop``         users who take what is recommended, and a recommender that learns from it
``bubble``       a score gap that feeds on what was taken
``popularity``   what was chosen often is chosen more often
``exposure``     how evenly items are seen: coverage, entropy, Gini
``similarity``   how alike users' choices are, how unlike the items of a list
``ranking``      gain at the top of a list; regret
"""

from adaptsim.recommending.bubble import Gaps, gap_courses, score_gaps
from adaptsim.recommending.exposure import coverage, exposure_entropy, exposure_gini
from adaptsim.recommending.factors import Factors, Learning, learn, predicted, random_factors
from adaptsim.recommending.loop import POLICIES, Consumption, Loop, consume
from adaptsim.recommending.popularity import popularity_shares
from adaptsim.recommending.progressive import Interval, Progress, progress
from adaptsim.recommending.ranking import ndcg, utility_regret
from adaptsim.recommending.ratings import Ratings, WrongRatings, ratings_of, read_ratings
from adaptsim.recommending.similarity import intra_list_diversity, mean_jaccard
from adaptsim.recommending.synthetic import Synthetic, synthetic_ratings

__all__ = [
    "POLICIES",
    "Consumption",
    "Factors",
    "Gaps",
    "Interval",
    "Learning",
    "Loop",
    "Progress",
    "Ratings",
    "Synthetic",
    "WrongRatings",
    "consume",
    "coverage",
    "exposure_entropy",
    "exposure_gini",
    "gap_courses",
    "intra_list_diversity",
    "learn",
    "mean_jaccard",
    "ndcg",
    "popularity_shares",
    "predicted",
    "progress",
    "random_factors",
    "ratings_of",
    "read_ratings",
    "score_gaps",
    "synthetic_ratings",
    "utility_regret",
]
