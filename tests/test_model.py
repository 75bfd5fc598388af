"""The Mesa face: same bits as the compiled run, same answers as Mesa's own agents."""

from __future__ import annotations

import copy
import functools
import pickle
import time
from typing import NamedTuple

import jax
import jax.numpy as jnp
import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import (
    Adam,
    Agent,
    Constant,
    GradientDescent,
    Momentum,
    RMSProp,
    Sinusoid,
    Tracker,
    adaptation,
    noise,
)
from adaptsim.individual import Individual
from adaptsim.individuals import Individuals
from adaptsim.model import AdaptationModel, move
from adaptsim.part import WrongField
from adaptsim.rules import Cosine, WarmUp
from adaptsim.simulation import simulate

NOISY = Tracker(observation_noise=0.3, gradient_noise=0.1, observation_probability=0.7)
CASES = {
    "plain": (Tracker(), GradientDescent(learning_rate=0.3)),
    "each its own rate": (Tracker(), GradientDescent(learning_rate=np.linspace(0, 0.9, 5))),
    "noise, delays": (NOISY.replace(observation_delay=2, feedback_delay=3), Momentum()),
    "adam": (NOISY, Adam(learning_rate=0.2)),
    "rmsprop": (Tracker(observation_noise=1.0), RMSProp()),
    "schedule": (Tracker(), GradientDescent(learning_rate=WarmUp(then=Cosine(), duration=3.0))),
}


class Warmth(NamedTuple):
    """A body with a name."""

    temperature: jax.Array


class Pair(Agent):
    """Two traits, and a body that counts up."""

    def loss(self, trait, cue):
        """Return half the squared distance to the cue and its double."""
        return 0.5 * jnp.sum((trait - self.optimum(cue)) ** 2)

    def optimum(self, cue):
        """Return the cue and its double."""
        return jnp.concatenate([cue, 2 * cue])

    def body(self, cue):
        """Return a temperature of 20."""
        return Warmth(jnp.asarray(20.0))

    def live(self, body, trait, cue):
        """Return one degree more."""
        return Warmth(body.temperature + 1)


class Bird(Individual):
    """An individual with a method and a property of its own."""

    made = 0

    def __init__(self, model, unique_id=None):
        type(self).made += 1
        super().__init__(model, unique_id)

    def nudge(self, by=1.0):
        """Move its trait."""
        self.trait = self.trait + by

    @property
    def double(self):
        """Twice the trait."""
        return 2 * self.trait


class BirdModel(AdaptationModel):
    """A model of birds that collects."""

    individual_type = Bird

    def __init__(self, **settings):
        super().__init__(**settings)
        self.datacollector = mesa.DataCollector(
            model_reporters={"mean_trait": "mean_trait", "cue": "cue", "n": count_agents},
            agent_reporters={
                "trait": "trait",
                "rate": "learning_rate",
                "double": "double",
                "error": error,
            },
        )

    def step(self):
        """Collect, then step."""
        self.datacollector.collect(self)
        super().step()


def error(individual):
    """Return an individual's tracking error."""
    return individual.error


def count_agents(model):
    """Return how many agents a model has."""
    return len(model.agents)


def same_bits(first, second):
    """Whether two moments hold the same bits."""
    pairs = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return all(bool(jnp.array_equal(a, b)) for a, b in pairs)


@pytest.fixture
def model():
    """Return five individuals with traits 3, 1, 2, 1, 0 and rates 0.1 or 0.2."""
    made = AdaptationModel(
        rule=GradientDescent(learning_rate=np.array([0.1, 0.2, 0.1, 0.2, 0.1])),
        environment=Constant(value=8.0),
        size=5,
        rng=1,
    )
    made.agents.set("trait", [3.0, 1.0, 2.0, 1.0, 0.0])
    return made


# --- the same numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_steps_advance_and_the_compiled_run_give_the_same_bits(case):
    kind, rule = CASES[case]
    stepped, advanced = (
        AdaptationModel(kind=kind, rule=rule, environment=Sinusoid(), size=5, rng=7)
        for _ in range(2)
    )
    for _ in range(6):
        stepped.step()
    stepped.run_for(2)
    advanced.advance(8)
    setting = adaptation.Setting(kind, rule, Sinusoid())
    moment = adaptation.start(setting, adaptation.replicate_key(7, 0), size=5)
    wanted = adaptation.needs(kind, rule)
    moment, _ = adaptation.advance(setting, moment, steps=8, wanted=wanted)
    assert same_bits(stepped.moment, advanced.moment)
    assert same_bits(stepped.moment, moment)
    assert stepped.time == advanced.time == 8


def test_collected_before_each_step_equals_a_simulation():
    rule = Momentum(learning_rate=0.2)
    run = simulate(NOISY, rule, Sinusoid(period=9.0), size=3, steps=6, seed=5)
    model = AdaptationModel(kind=NOISY, rule=rule, environment=Sinusoid(period=9.0), size=3, rng=5)
    seen = []
    for _ in range(6):
        seen.append(model.agents.get("trait"))
        model.step()
    assert np.array_equal(seen, run.followed["trait"].output.reshape(6, 3))


class SlowAgent(mesa.Agent):
    """A tracker as an ordinary Mesa agent."""

    def __init__(self, model, rate):
        super().__init__(model)
        self.rate, self.x = rate, 0.0

    def follow(self, cue, xi):
        """Close part of the mismatch as it is seen."""
        self.x += self.rate * (cue + 0.3 * xi - self.x)


def test_equals_ordinary_mesa_agents():
    rates = np.linspace(0.05, 1.2, 20)
    slow = mesa.Model(rng=3)
    SlowAgent.create_agents(slow, 20, rates)
    fast = AdaptationModel(
        kind=Tracker(observation_noise=0.3),
        rule=GradientDescent(learning_rate=rates),
        environment=Sinusoid(amplitude=2.0, period=20.0, mean=1.0),
        size=20,
        rng=3,
    )
    perception = adaptation.stream(adaptation.replicate_key(3, 0), "perception")
    for t in range(50):
        key = adaptation.stream(jax.random.fold_in(perception, t), "cue")
        xi = np.asarray(noise.normal(key, (20, 1)))[:, 0]
        cue = 1 + 2 * np.sin(2 * np.pi * t / 20)
        for agent, one in zip(slow.agents, xi, strict=True):
            agent.follow(cue, one)
        fast.step()
        np.testing.assert_allclose(fast.agents.get("trait"), slow.agents.get("x"), atol=1e-12)


def test_seed_decides_everything():
    def traits(rng):
        made = AdaptationModel(kind=NOISY, size=4, rng=rng)
        made.advance(3)
        return made.agents.get("trait").tolist(), made.seed

    assert traits(1) == traits(np.int64(1)) != traits(2)
    assert traits([1, 2]) == traits(np.random.SeedSequence([1, 2]))
    values, seed = traits(None)
    assert traits(seed)[0] == values
    assert traits(np.random.default_rng(4)) == traits(np.random.default_rng(4))


def test_two_models_do_not_disturb_each_other(model):
    other = AdaptationModel(kind=NOISY, size=2, rng=1)
    before = model.agents.get("trait").tolist()
    other.agents.set("trait", 99.0).set("learning_rate", 0.5)
    other.advance(2)
    assert model.agents.get("trait").tolist() == before
    assert model.individual(1).learning_rate == 0.1
    assert model.individual(1) != other.individual(1)


# --- time ------------------------------------------------------------------------------------


def test_mesa_time_and_events_are_the_same_however_steps_are_made():
    class Eventful(AdaptationModel):
        def __init__(self):
            super().__init__(kind=NOISY, size=2, rng=1)
            self.seen = []
            self.schedule_recurring(self.look, mesa.time.Schedule(interval=2.5))
            self.schedule_event(self.shock, at=4)

        def look(self):
            self.seen.append((self.time, self.mean_trait))

        def shock(self):
            self.agents.set("learning_rate", 0.9)

    one, two, three = Eventful(), Eventful(), Eventful()
    for _ in range(9):
        one.step()
    two.run_for(8.5)
    two.run_until(9)
    three.advance(9)
    three.advance(0)
    assert one.seen == two.seen == three.seen
    assert len(one.seen) == 3
    assert one.time == two.time == three.time == 9
    assert same_bits(one.moment, three.moment)


def test_advance_is_one_compiled_call(monkeypatch, model):
    calls = []

    def counted(setting, moment, steps, **how):
        calls.append(steps)
        return move(setting, moment, steps, **how)

    monkeypatch.setattr("adaptsim.model.move", counted)
    model.advance(5)
    assert calls == [5]


@pytest.mark.parametrize("n", [-1, 2.5])
def test_advance_refuses_part_steps(model, n):
    with pytest.raises(ValueError, match="whole number of steps"):
        model.advance(n)


def test_an_individuals_method_can_be_an_event():
    model = BirdModel(environment=Constant(), size=3, rng=1)
    for one in model.agents:
        model.schedule_event(one.nudge, at=2)
        model.schedule_event(one.nudge, at=2)
    model.individual(3).remove()
    model = copy.deepcopy(model)
    model.run_for(2)
    assert model.agents.get("trait").tolist() == [2.0, 2.0]


# --- individuals -----------------------------------------------------------------------------


def test_an_individual_shows_its_row(model):
    one = model.individual(2)
    assert (one.trait, one.cue, one.optimum, one.error) == (1.0, 8.0, 8.0, -7.0)
    assert one.mismatch == 24.5
    assert (one.learning_rate, one.curvature, one.observation_delay) == (0.2, 1.0, 0)
    assert all(type(v) is float for v in (one.trait, one.mismatch, one.learning_rate, one.cue))
    assert float(one.rule.learning_rate) == 0.2
    assert isinstance(one.kind, Tracker)
    model.step()
    assert one.trait == pytest.approx(1 + 0.2 * 7)
    assert repr(one) == f"Individual(unique_id=2, trait={one.trait})"


def test_several_traits_bodies_and_memory_can_be_read():
    model = AdaptationModel(
        kind=Pair(), rule=Momentum(), environment=Constant(value=3.0), size=3, rng=1
    )
    model.advance(2)
    one = model.individual(3)
    assert one.trait.shape == one.error.shape == model.mean_trait.shape == (2,)
    assert one.optimum.tolist() == [3.0, 6.0]
    assert one.temperature == one.body.temperature == 22.0
    assert model.agents.get("trait").shape == (3, 2)
    assert model.agents.get("temperature").tolist() == [22.0] * 3
    assert any(np.shape(leaf) == (2,) for leaf in jax.tree.leaves(one.memory))
    one.trait = [7.0, 8.0]
    assert model.agents.get("trait")[2].tolist() == [7.0, 8.0]
    assert one.trait_1 == 8.0


def test_a_schedule_is_read_but_not_set():
    model = AdaptationModel(rule=GradientDescent(learning_rate=Cosine(initial=0.2)), size=2)
    assert float(model.individual(1).learning_rate.initial) == 0.2
    assert len(model.agents.get("learning_rate")) == 2
    with pytest.raises(AttributeError, match="build a new model"):
        model.agents.set("learning_rate", 0.5)


def test_views_are_equal_not_kept(model):
    first, again = model.individual(2), model.agents.to_list()[1]
    assert first == again
    assert len({first, again, copy.copy(first), model.individual(3)}) == 2
    assert first.unique_id == again.unique_id == 2
    assert first != object()


def test_a_million_views_are_made_lazily():
    def touched():
        start = time.perf_counter()
        population = AdaptationModel.agents.fget(model)
        some = [one.trait for one, _ in zip(population, range(3), strict=False)]
        return time.perf_counter() - start, len(population), some

    class Birds(AdaptationModel):
        individual_type = Bird

    Bird.made = 0
    model = Birds(size=1_000_000, rng=1)
    assert Bird.made == 0
    assert min(touched() for _ in range(5))[0] < 0.05
    assert touched()[1:] == (1_000_000, [0.0] * 3)
    assert Bird.made < 30


def test_setting_through_an_individual(model):
    one = model.individual(2)
    one.trait, one.learning_rate, one.observation_noise = 5.0, 0.7, 0.0
    assert model.agents.get("trait").tolist() == [3.0, 5.0, 2.0, 1.0, 0.0]
    assert model.agents.get("learning_rate").tolist() == [0.1, 0.7, 0.1, 0.2, 0.1]
    model.step()
    assert one.trait == pytest.approx(5 + 0.7 * 3)


@pytest.mark.parametrize(
    ("attribute", "value", "error", "message"),
    [
        ("colour", "red", AttributeError, "cannot set 'colour'"),
        ("observation_delay", 3, AttributeError, "build a new model"),
        ("trait", [1.0, 2.0], ValueError, "needs one value"),
        ("trait", np.nan, ValueError, "must be finite"),
        ("learning_rate", -1.0, WrongField, "at least 0"),
    ],
)
def test_what_cannot_be_set(model, attribute, value, error, message):
    with pytest.raises(error, match=message):
        setattr(model.individual(1), attribute, value)


def test_unknown_attributes_say_what_there_is(model):
    with pytest.raises(AttributeError, match=r"no 'hunger'; it has trait, .*learning_rate"):
        _ = model.individual(1).hunger
    assert model.agents.get("hunger", handle_missing="default", default_value=3) == [3] * 5
    with pytest.raises(AttributeError):
        model.agents.get("hunger")
    with pytest.raises(ValueError, match="handle_missing"):
        model.agents.get("trait", handle_missing="maybe")


def test_individuals_are_not_born_and_do_not_step_alone(model):
    for make in (Individual, functools.partial(Individual.create_agents, n=2)):
        with pytest.raises(TypeError, match="made by their model"):
            make(model)
    with pytest.raises(NotImplementedError, match=r"model\.step"):
        model.agents.do("step")
    with pytest.raises(KeyError, match="1 to 5"):
        model.individual(6)


# --- sets of individuals ---------------------------------------------------------------------


@pytest.fixture
def plain():
    """Return ordinary Mesa agents with the traits and rates of the model above."""
    made = mesa.Model(rng=1)

    class Plain(mesa.Agent):
        def __init__(self, model, trait, learning_rate):
            super().__init__(model)
            self.trait, self.learning_rate = trait, learning_rate

    Plain.create_agents(made, 5, [3.0, 1.0, 2.0, 1.0, 0.0], [0.1, 0.2, 0.1, 0.2, 0.1])
    return made


def ids(agents):
    """Return the ids of agents in order."""
    return [agent.unique_id for agent in agents]


@pytest.mark.parametrize(
    "ask",
    [
        lambda agents: ids(agents),
        lambda agents: list(agents.get("trait")),
        lambda agents: [list(row) for row in agents.get(["trait", "learning_rate"])],
        lambda agents: agents.agg("trait", sum),
        lambda agents: agents.agg("trait", [min, max, np.mean]),
        lambda agents: ids(agents.select(lambda a: a.trait >= 1)),
        lambda agents: ids(agents.select(lambda a: a.trait >= 1, at_most=2)),
        lambda agents: ids(agents.select(at_most=0.5)),
        lambda agents: ids(agents.select(at_most=1)),
        lambda agents: ids(agents.select(agent_type=mesa.Agent)),
        lambda agents: ids(agents.select(agent_type=SlowAgent)),
        lambda agents: ids(agents.sort("trait")),
        lambda agents: ids(agents.sort("trait", ascending=True)),
        lambda agents: ids(agents.sort(lambda a: -a.trait)),
        lambda agents: {k: ids(v) for k, v in agents.groupby("learning_rate")},
        lambda agents: {k: ids(v) for k, v in agents.groupby("trait", result_type="list")},
        lambda agents: agents.groupby(lambda a: a.trait > 1).agg("trait", np.mean),
        lambda agents: agents.groupby("learning_rate").map(len),
        lambda agents: agents.map(lambda a, by: a.trait * by, by=2),
        lambda agents: ids(agents.set("trait", 4.0).select(lambda a: a.trait == 4)),
        lambda agents: sorted(ids(agents.shuffle())),
        lambda agents: len(agents.copy()),
        lambda agents: ids(agents.select(lambda a: a.trait > 1) & agents),
    ],
)
def test_sets_answer_as_mesas_own(model, plain, ask):
    assert ask(model.agents) == ask(plain.agents)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=5, max_size=5), st.booleans())
def test_sort_is_stable_as_pythons(traits, ascending):
    model = AdaptationModel(size=5, rng=1)
    model.agents.set("trait", traits)
    expected = sorted(range(1, 6), key=lambda i: traits[i - 1], reverse=not ascending)
    assert ids(model.agents.sort("trait", ascending=ascending)) == expected


def test_select_by_mask(model):
    some = model.agents.select(model.agents.get("trait") > 1)
    assert isinstance(some, Individuals)
    assert ids(some) == [1, 3]
    with pytest.raises(ValueError, match="5 booleans"):
        model.agents.select(np.array([True]))


def test_set_one_value_each_value_or_a_few(model):
    model.agents.set("learning_rate", 0.3)
    assert model.setting.rule.learning_rate.ndim == 0
    model.agents.select(at_most=2).set("learning_rate", [0.4, 0.5])
    assert model.agents.get("learning_rate").tolist() == [0.4, 0.5, 0.3, 0.3, 0.3]
    model.step()
    assert model.agents.get("trait").tolist() == pytest.approx([5.0, 4.5, 3.8, 3.1, 2.4])
    with pytest.raises(ValueError, match="read-only"):
        model.agents.get("trait")[0] = 1.0


def test_noise_can_be_turned_on_during_a_run(model):
    model.agents.set("observation_noise", 1.0)
    model.step()
    assert len(set(model.agents.get("trait").tolist())) == 5


def test_do_and_shuffle(model):
    order = []
    model.agents.shuffle_do(lambda one: order.append(one.unique_id))
    assert sorted(order) == ids(model.agents)
    shuffled = model.agents.shuffle(inplace=True)
    assert shuffled is model.agents
    assert sorted(ids(model.agents)) == [1, 2, 3, 4, 5]
    model.agents.sort("unique_id", ascending=True, inplace=True)
    assert ids(model.agents) == [1, 2, 3, 4, 5]
    model.agents.do(lambda one: one.remove() if one.unique_id < 3 else None)
    assert ids(model.agents) == [3, 4, 5]


def test_a_choice_can_grow_and_shrink_and_leaves_the_model_alone(model):
    some = model.agents.select(at_most=2)
    some.add(model.individual(5))
    some.add(model.individual(5))
    some.remove(model.individual(1))
    some.discard(model.individual(1))
    assert ids(some) == [2, 5]
    assert len(model.agents) == 5
    with pytest.raises(KeyError):
        some.remove(model.individual(1))
    with pytest.raises(ValueError, match="does not live in this model"):
        some.add(AdaptationModel(size=5).individual(1))
    some.clear()
    assert len(some) == 0


# --- removal ---------------------------------------------------------------------------------


def test_removed_individuals_are_nowhere_and_change_nobody():
    whole, less = (AdaptationModel(kind=NOISY, size=4, rng=1) for _ in range(2))
    gone, some = less.individual(2), less.agents.select(at_most=3)
    gone.remove()
    gone.remove()
    less.agents.remove(less.individual(4))
    whole.advance(5)
    less.advance(5)
    assert less.agents.get("trait").tolist() == whole.agents.get("trait")[[0, 2]].tolist()
    assert less.mean_trait == np.mean(whole.agents.get("trait")[[0, 2]])
    assert ids(less.agents) == ids(some) == [1, 3]
    assert (gone in less.agents, gone in some, len(less.agents)) == (False, False, 2)
    for read in (lambda: gone.trait, lambda: gone.learning_rate, lambda: gone.body):
        with pytest.raises(RuntimeError, match="individual 2 was removed"):
            read()
    with pytest.raises(RuntimeError, match="removed"):
        gone.trait = 1.0
    assert repr(gone) == "Individual(unique_id=2, removed)"
    with pytest.raises(ValueError, match="cannot be added"):
        less.agents.add(gone)
    with pytest.raises(KeyError):
        less.agents.remove(gone)


def test_removing_all_leaves_nan(model):
    model.agents.select(lambda one: one.trait > 1, inplace=True)
    assert ids(model.agents) == [1, 3]
    model.remove_all_agents()
    model.step()
    assert len(model.agents) == 0
    assert np.isnan(model.mean_trait)


def test_other_agents_may_live_beside(model):
    hawk = SlowAgent(model, 0.1)
    assert hawk.unique_id == 6
    assert model.agent_types == [Individual, SlowAgent]
    assert ids(model.agents_by_type[SlowAgent]) == [6]
    hawk.remove()
    assert len(model.agents_by_type[Individual]) == 5
    with pytest.raises(AttributeError, match="cannot be set"):
        model.agents = []


# --- data collection and copies --------------------------------------------------------------


def test_data_collector_equals_the_arrays():
    model = BirdModel(kind=NOISY, rule=GradientDescent(learning_rate=0.3), size=1000, rng=2)
    expected = []
    start = time.perf_counter()
    for t in range(4):
        expected.append(model.agents.get(["trait", "learning_rate", "double", "error"]))
        model.step()
        if t == 1:
            model.agents.select(at_most=10).do("remove")
    assert time.perf_counter() - start < 5
    frame = model.datacollector.get_agent_vars_dataframe()
    assert frame.index.names == ["Step", "AgentID"]
    assert np.array_equal(frame.to_numpy(), np.concatenate(expected))
    table = model.datacollector.get_model_vars_dataframe()
    assert table["n"].tolist() == [1000, 1000, 990, 990]
    assert table["mean_trait"].tolist() == [rows[:, 0].mean() for rows in expected]
    assert table["cue"].tolist() == pytest.approx(np.sin(2 * np.pi * np.arange(4) / 50).tolist())


def test_means_are_means_of_the_arrays(model):
    assert model.mean_trait == np.mean([3.0, 1.0, 2.0, 1.0, 0.0])
    assert (model.mean_optimum, model.cue) == (8.0, 8.0)
    assert model.mean_error == model.mean_trait - 8
    assert model.mean_mismatch == np.mean(model.agents.get("mismatch"))


@pytest.mark.parametrize("through", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_go_on_with_the_same_bits_and_alone(through):
    model = AdaptationModel(kind=NOISY, rule=Adam(), size=4, rng=1)
    model.advance(3)
    model.individual(2).remove()
    twin = through(model)
    before = model.moment
    twin.run_for(2)
    twin.agents.set("learning_rate", 0.9)
    twin.individual(1).remove()
    assert same_bits(model.moment, before)
    assert (ids(model.agents), ids(twin.agents)) == ([1, 3, 4], [3, 4])
    assert (model.time, twin.time) == (3, 5)
    model.step()
    model.step()
    assert same_bits(model.moment, twin.moment)
    assert model.individual(1).learning_rate == 0.1


def test_deepcopy_with_a_data_collector():
    model = BirdModel(kind=NOISY, size=3, rng=1)
    model.step()
    twin = copy.deepcopy(model)
    model.step()
    twin.step()
    frames = [each.datacollector.get_agent_vars_dataframe() for each in (model, twin)]
    assert frames[0].equals(frames[1])


# --- wrong requests --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, -3, 2.5])
def test_size_is_checked(size):
    with pytest.raises(ValueError, match="at least 1"):
        AdaptationModel(size=size)


def test_lengths_of_fields_are_checked():
    with pytest.raises(WrongField, match=r"GradientDescent.learning_rate must be one number, or 4"):
        AdaptationModel(rule=GradientDescent(learning_rate=np.ones(3)), size=4)
