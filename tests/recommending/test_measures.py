"""Measures of recommendations, against scipy, scikit-learn and counting by hand."""

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from adaptsim.recommending import (
    coverage,
    exposure_entropy,
    exposure_gini,
    intra_list_diversity,
    mean_jaccard,
    ndcg,
    utility_regret,
)

RNG = np.random.default_rng(7)
COUNTS = RNG.poisson(3.0, 40)


def test_ndcg_is_that_of_scikit_learn():
    theirs = pytest.importorskip("sklearn.metrics").ndcg_score
    relevance, scores = RNG.integers(0, 5, (20, 30)), RNG.standard_normal((20, 30))
    for k in (1, 5, 30, 100):
        assert ndcg(relevance, scores, k) == pytest.approx(
            theirs(relevance, scores, k=k), rel=1e-12
        )


def test_ties_are_broken_by_the_seed_and_average_to_what_scikit_learn_says():
    theirs = pytest.importorskip("sklearn.metrics").ndcg_score
    relevance, scores = np.array([[3, 0, 2, 1]]), np.array([[1.0, 1.0, 1.0, 0.5]])
    each = np.array([ndcg(relevance, scores, 2, seed=seed) for seed in range(4000)])
    assert ndcg(relevance, scores, 2, seed=5) == each[5]
    doubt = each.std(ddof=1) / len(each) ** 0.5
    assert abs(each.mean() - theirs(relevance, scores, k=2)) < 4 * doubt


def test_ndcg_leaves_out_lists_without_relevance():
    assert np.isnan(ndcg([0, 0], [1, 2]))
    assert ndcg([[0, 0], [1, 0]], [[1, 2], [2, 1]]) == 1.0


def test_entropy_and_gini():
    share = COUNTS[COUNTS > 0] / COUNTS.sum()
    assert exposure_entropy(COUNTS) == pytest.approx(-(share * np.log2(share)).sum(), rel=1e-12)
    assert exposure_entropy(np.ones(32)) == pytest.approx(5.0, rel=1e-12)
    differences = np.abs(COUNTS[:, None] - COUNTS).mean()
    assert exposure_gini(COUNTS) == pytest.approx(differences / (2 * COUNTS.mean()), rel=1e-12)
    assert exposure_gini(np.ones(9)) == pytest.approx(0.0, abs=1e-12)
    assert exposure_gini(stats.expon.ppf((np.arange(10_000) + 0.5) / 10_000)) == pytest.approx(
        0.5, abs=1e-3
    )  # of an exponential law


def test_jaccard_is_that_of_scipy():
    sets = RNG.random((12, 30)) < 0.3
    assert mean_jaccard(sets) == pytest.approx(np.mean(1 - pdist(sets, "jaccard")), rel=1e-12)
    assert mean_jaccard([[0, 0], [0, 0], [1, 1]]) == 0.0
    assert np.isnan(mean_jaccard([[0, 0], [0, 0]]))


def test_diversity_is_the_mean_cosine_distance_of_scipy():
    items, lists = (
        RNG.standard_normal((20, 4)),
        RNG.permuted(np.tile(np.arange(20), (6, 1)), axis=1),
    )
    lists = lists[:, :5]
    theirs = np.mean([pdist(items[one], "cosine").mean() for one in lists])
    assert intra_list_diversity(lists, items) == pytest.approx(theirs, rel=1e-12)


def test_coverage_and_regret():
    assert coverage([0, 2, 0, 1, 1]) == 0.6
    assert utility_regret([[1.0, 2.0]], [[0.5, 2.0]]) == 0.5


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: coverage([]), "counts must be"),
        (lambda: exposure_gini([0, 0]), "not all 0"),
        (lambda: exposure_entropy([1, -1]), "at least 0"),
        (lambda: mean_jaccard([1, 0]), "shape"),
        (lambda: intra_list_diversity([[0]], [[1.0]]), "k of 2 or more"),
        (lambda: ndcg([1.0], [1.0, 2.0]), "one shape"),
        (lambda: ndcg([-1.0], [1.0]), "least relevance -1"),
        (lambda: utility_regret([1.0], [1.0, 2.0]), "one shape"),
    ],
)
def test_what_is_wrong_is_said(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def test_overlap_by_hand():
    sets = [{0, 1, 2}, {2, 3}, {0, 2, 3, 4}]
    table = np.array([[i in one for i in range(5)] for one in sets])
    pairs = [len(a & b) / len(a | b) for a, b in itertools.combinations(sets, 2)]
    assert mean_jaccard(table) == pytest.approx(np.mean(pairs), rel=1e-12)
