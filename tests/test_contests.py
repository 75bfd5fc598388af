"""Contests: read from names, tables and files, and refused with one message."""

import numpy as np
import pytest

from adaptsim import WrongRequest
from adaptsim.contests import from_table, load, shipped, starts_on
from adaptsim.landscapes import Bowl, Canyon, Himmelblau, Rosenbrock
from adaptsim.rules import Adam, GradientDescent

PLAIN = {"landscape": {"kind": "Canyon"}, "rules": {"plain": {"kind": "GradientDescent"}}}


def test_a_name_is_a_contest_of_common_rules():
    contest = load("Rosenbrock", {"landscape.dimension": 4, "rules.Adam.kind": "Adam"})
    assert repr(contest.landscapes) == repr({"Rosenbrock": Rosenbrock(dimension=4)})
    assert list(contest.rules) == ["Adam"]
    assert contest.name == "optimize_Rosenbrock"


def test_several_names_and_a_suite():
    assert list(load(["Booth", "Beale"], rules=["Adam"]).landscapes) == ["Booth", "Beale"]
    classic = load("classic", rules=["Adam"])
    assert {"Rosenbrock", "Himmelblau", "Schwefel"} <= classic.landscapes.keys()
    assert not {"Bowl", "StrictSaddle", "Noisy", "Bbob"} & classic.landscapes.keys()
    for name, landscape in classic.landscapes.items():
        assert landscape.minima()
        assert all(landscape.contains(start) for start in classic.starts[name])


def test_what_is_resolved_is_read_again():
    contest = load(["Booth", "Beale"], {"starts": 3, "seeds": 2, "seed": 4}, rules=["Adam"])
    again = from_table(contest.resolved)
    assert again.resolved == contest.resolved
    for name in contest.starts:
        np.testing.assert_array_equal(again.starts[name], contest.starts[name])


def test_a_file_and_its_changes(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'question = "Which?"\nrates = [0.1, 0.2]\n'
        '[landscape]\nkind = "Bowl"\ncurvature = [1.0, 9.0]\n'
        '[rules.slow]\nkind = "Adam"\nfirst_decay = 0.99\n'
    )
    contest = load(str(file), {"steps": 7})
    assert contest.steps == 7
    assert contest.name == "mine"
    assert repr(contest.rules["slow"]) == repr(Adam(first_decay=0.99))
    assert isinstance(contest.landscapes["Bowl"], Bowl)
    np.testing.assert_array_equal(contest.rates, [0.1, 0.2])


def test_an_own_function_and_an_own_class(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import jax.numpy as jnp\nfrom adaptsim.landscapes import Landscape\n"
        "def quartic(theta):\n    return jnp.sum(theta**4)\n"
        "class Bath(Landscape):\n    dimension = 2\n    minima_at = (0.0,)\n"
        "    def loss(self, theta):\n        return jnp.sum(theta**2)\n"
    )
    contest = load("mine.py:quartic", {"landscape.dimension": 3}, rules=["GradientDescent"])
    assert contest.landscapes["quartic"].dimension == 3
    assert load("mine.py:Bath", rules=["Adam"]).landscapes["Bath"].minima()[0].loss == 0


def test_starts_are_the_same_for_the_same_seed_and_begin_with_the_customary_one():
    landscape = Himmelblau()
    first, again, other = (starts_on(landscape, 5, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[0], landscape.start())
    assert not np.array_equal(first, other)
    assert starts_on(Canyon(), 4, 0).shape == (4, 2)


@pytest.mark.parametrize(
    ("targets", "changes", "words"),
    [
        (["Rosenbrok"], {}, ["Rosenbrok: no such landscape", "did you mean 'Rosenbrock'?"]),
        (["Booth"], {"landscape.dimensoin": 3}, ["landscape.dimensoin does not exist"]),
        (["Booth"], {"rules.Adma.kind": "Adma"}, ["rules.Adma.kind", "did you mean 'Adam'?"]),
        (["Booth"], {"rates": [0.1, -1.0]}, ["rates must be a number above 0; got -1.0"]),
        (["Booth"], {"rates": [float("inf")]}, ["rates must be a number above 0; got inf"]),
        (["Booth"], {"rates.from": 0}, ["rates.from must be a number above 0; got 0"]),
        (["Booth"], {"rates.form": 1}, ["rates.form does not exist", "'from'"]),
        (["Booth"], {"stepps": 3}, ["stepps does not exist", "did you mean 'steps'?"]),
        (["Booth"], {"steps": 0}, ["steps must be a whole number of at least 1; got 0"]),
        (["Booth"], {"precision": 0}, ["precision must be a number above 0; got 0"]),
        (["Booth"], {"starts": [[1.0], [2.0, 3.0]]}, ["starts must be a number or a list"]),
        (["none.py:f"], {}, ["none.py"]),
    ],
)
def test_a_wrong_request_is_one_clear_message(targets, changes, words):
    with pytest.raises(WrongRequest) as error:
        load(targets, changes)
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


def test_landscape_is_asked_for_once():
    for table in ({"rules": {}}, PLAIN | {"landscapes": {"b": {"kind": "Booth"}}}):
        with pytest.raises(WrongRequest, match="landscape must be given once"):
            from_table(table)


def test_rules_of_the_table():
    assert repr(from_table(PLAIN).rules["plain"]) == repr(GradientDescent())


@pytest.mark.parametrize("name", shipped())
def test_every_contest_that_ships_asks_a_question_and_can_be_read(name):
    if name == "digits":
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    contest = load(name)
    assert contest.question.endswith("?")
    assert from_table(contest.resolved).resolved == contest.resolved
    assert len(contest.rules) >= 3
