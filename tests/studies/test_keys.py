"""Keys and seeds: what a run is decides them, never where it stands."""

import math

import numpy as np
import pytest

from adaptsim.studies.keys import canonical, seed_of, text_of
from adaptsim.studies.plan import Plan


def runs_of(plan):
    told = {}
    for position in range(len(plan)):
        key = (text_of(plan.changes(position)), plan.replicate(position))
        told[key] = (plan.run_id(position), plan.seeds(np.array([position]))[0])
    return told


@pytest.mark.parametrize("seeds", ["common", "independent"])
def test_a_value_inserted_in_front_changes_no_other_run(folder, seeds):
    study = f'replicates = 3\nseeds = "{seeds}"'
    before = runs_of(Plan(folder.load("rate = [0.1, 0.3]", study)))
    after = runs_of(Plan(folder.load("rate = [0.05, 0.1, 0.2, 0.3]", study)))
    assert len(after) == 12
    assert before.items() <= after.items()
    assert len({run for run, _ in after.values()}) == 12


def test_common_seeds_are_those_of_the_replicate_and_independent_ones_of_the_run(folder):
    common = Plan(folder.load("rate = [0.1, 0.3]", "replicates = 3"))
    assert len(set(common.seeds(np.arange(6)).tolist())) == 3
    own = Plan(folder.load("rate = [0.1, 0.3]", 'replicates = 3\nseeds = "independent"'))
    assert len(set(own.seeds(np.arange(6)).tolist())) == 6


def test_runs_of_another_study_seed_are_others(folder):
    one, two = (Plan(folder.load("rate = [0.1]", f"seed = {seed}")) for seed in (1, 2))
    assert one.run_id(0) != two.run_id(0)
    assert one.seeds(np.arange(1)) != two.seeds(np.arange(1))


def test_name_question_and_timeout_change_no_run(folder):
    told = 'name = "other"\nquestion = "why?"\ntimeout = "3 min"'
    assert runs_of(Plan(folder.load("rate = [0.1]", told))) == runs_of(
        Plan(folder.load("rate = [0.1]", ""))
    )


@pytest.mark.parametrize(
    ("one", "other"), [(0.1 + 0.2, 0.3), (-0.0, 0.0), ({"a": 1.0, "b": 2}, {"b": 2, "a": 1.0})]
)
def test_equal_values_have_one_form(one, other):
    assert text_of(canonical(one)) == text_of(canonical(other))


@pytest.mark.parametrize("bad", [math.nan, math.inf, object()])
def test_what_has_no_form_is_refused(bad):
    with pytest.raises(ValueError, match="must be"):
        canonical(bad)


def test_whole_numbers_of_a_float_parameter_are_floats(folder):
    whole = Plan(folder.load("period = [5, 10]", ""))
    broken = Plan(folder.load("period = [5.0, 10.0]", ""))
    assert runs_of(whole) == runs_of(broken)


def test_seeds_fit_63_bits_and_differ_by_stream():
    seeds = [seed_of(1, f"replicate {number}") for number in range(1000)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert len(set(seeds)) == 1000
    assert seed_of(1, "replicate 0", "environment") != seeds[0]


def test_all_cells_come_once_before_any_is_repeated(folder):
    plan = Plan(folder.load("rate = [0.1, 0.2, 0.3]", "replicates = 2"))
    assert [plan.changes(p)["rate"] for p in range(6)] == [0.1, 0.2, 0.3, 0.1, 0.2, 0.3]
