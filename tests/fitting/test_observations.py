"""What is read of a file: individuals, times, choices by name, place or word."""

import numpy as np
import pandas as pd
import pytest

from adaptsim.fitting import Request, read_observations
from adaptsim.fitting.request import pose
from adaptsim.schema import WrongRequest

ARMS = ("left", "right")


def arms(choice):
    return pd.DataFrame({"left": np.ones(6), "right": np.zeros(6), "choice": choice})


@pytest.mark.parametrize("choice", [list("011010"), [0, 1, 1, 0, 1, 0], [0.0, 1, 1, 0, 1, 0]])
def test_choices_may_be_places(choice):
    seen = read_observations(arms(choice), environment=ARMS, choice="choice")
    assert seen.options == ARMS
    assert seen.seen[0][:, 1].tolist() == [0, 1, 1, 0, 1, 0]


def test_choices_may_be_names_in_any_order():
    named = ["right", "left", "left", "right", "right", "left"]
    seen = read_observations(arms(named), environment=ARMS, choice="choice")
    assert seen.seen[0][:, 0].tolist() == [0, 1, 1, 0, 0, 1]


def test_with_one_column_of_pay_any_words_are_options():
    frame = pd.DataFrame({"pay": np.arange(6.0), "choice": list("zyzyxy")})
    seen = read_observations(frame, environment=("pay",), choice="choice")
    assert (seen.options, seen.pay_of_chosen) == (("x", "y", "z"), True)
    problem = pose(Request(), seen)
    assert problem.design.chosen_only
    assert problem.records.cue.shape == (1, 6, 3)


def test_individuals_of_different_length_are_told_apart_in_any_order():
    frame = pd.DataFrame({
        "who": [1, 2] * 5 + [2], "t": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5],
        "world": np.arange(11.0), "trait": np.arange(11.0),
    })  # fmt: skip
    seen = read_observations(
        frame, environment=("world",), observed=("trait",), individual="who", time="t"
    )
    assert seen.names == ("1", "2")
    assert [len(one) for one in seen.times] == [5, 6]
    assert seen.seen[1][:, 0].tolist() == [1, 3, 5, 7, 9, 10]
    records = pose(Request(), seen).records
    assert records.weight.sum(axis=(1, 2)).tolist() == [5, 6]


def test_dates_of_months_are_even_and_a_missing_month_is_not():
    months = pd.date_range("2020-01-01", periods=8, freq="MS").strftime("%Y-%m-%d")
    frame = pd.DataFrame({"day": months, "world": np.arange(8.0), "trait": np.arange(8.0)})
    ask = {"environment": ("world",), "observed": ("trait",), "time": "day"}
    assert read_observations(frame, **ask).times[0][1] == 31
    with pytest.raises(WrongRequest, match="evenly spaced"):
        read_observations(frame.drop(index=3), **ask)


def test_gaps_are_skipped_when_asked_but_not_in_the_first_row_of_the_environment():
    frame = pd.DataFrame({"world": np.arange(8.0), "trait": np.arange(8.0)})
    frame.loc[3, "world"] = frame.loc[5, "trait"] = np.nan
    ask = {"environment": ("world",), "observed": ("trait",), "gaps": "skip"}
    problem = pose(Request(gaps="skip"), read_observations(frame, **ask))
    assert problem.records.weight[0, :, 0].tolist() == [1, 1, 1, 1, 1, 0, 1, 1]
    frame.loc[0, "world"] = np.nan
    with pytest.raises(WrongRequest, match="known in the first row"):
        read_observations(frame, **ask)


def test_a_forager_cannot_see_nothing():
    frame = pd.DataFrame({"a": np.ones(6), "b": np.ones(6), "choice": list("ababab")})
    seen = read_observations(frame, environment=("a", "b"), choice="choice")
    with pytest.raises(WrongRequest, match="whose optimum is the cue"):
        pose(Request(kind="Forager", feedback="chosen"), seen)


def test_noise_in_the_process_needs_the_trait_itself():
    frame = pd.DataFrame({"a": np.ones(6), "b": np.ones(6), "u": np.full(6, 0.5)})
    seen = read_observations(frame, environment=("a", "b"), observed=("u",))
    with pytest.raises(WrongRequest, match="must be the traits themselves"):
        pose(Request(kind="Forager", noise="process"), seen)
    assert pose(Request(kind="Forager", noise="process", variables=("logit",)), seen)
