"""Groups: individuals with equal fields are one group."""

import numpy as np

from adaptsim import Cosine, GradientDescent, Tracker
from adaptsim.groups import group_individuals


def test_a_uniform_population_is_one_group():
    groups = group_individuals(Tracker(), GradientDescent(), 4)
    assert (groups.name, groups.labels, groups.members.tolist()) == ("", ("",), [0] * 4)


def test_groups_follow_the_fields_that_vary_in_kind_and_rule():
    kind = Tracker(curvature=np.array([1.0, 2.0, 2.0]))
    rule = GradientDescent(learning_rate=np.array([0.1, 0.1, 0.3]))
    groups = group_individuals(kind, rule, 3)
    assert groups.name == "learning_rate, curvature"
    assert groups.labels == ("0.1, 1", "0.1, 2", "0.3, 2")


def test_fields_of_a_schedule_count_too():
    rule = GradientDescent(learning_rate=Cosine(initial=np.array([0.2, 0.1])))
    groups = group_individuals(Tracker(), rule, 2)
    assert groups.name == "learning_rate.initial"
    assert groups.members.tolist() == [1, 0]
    assert groups.first(0) == 1
    assert groups.rows(1).tolist() == [0]
