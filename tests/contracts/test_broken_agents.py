"""Each rule of the contract of an agent kind, broken once: the check must say so."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.agents import Agent, Tracking
from adaptsim.environments import Sinusoid
from adaptsim.part import Part, field
from adaptsim.testing import ContractError, Undocumented, check_agent, problems_of_agent

COUNT = itertools.count()


class Right(Agent):
    def loss(self, trait, cue):
        return 0.5 * jnp.sum((trait - cue) ** 2)

    def optimum(self, cue):
        return cue


class NoLoss(Agent):
    def optimum(self, cue):
        return cue


class LossOfManyNumbers(Right):
    def loss(self, trait, cue):
        return (trait - cue) ** 2


class WholeLoss(Right):
    def loss(self, trait, cue):
        return jnp.sum(trait > cue)


class LossWithIf(Right):
    def loss(self, trait, cue):
        return 0.5 * jnp.sum(trait - cue) ** 2 if trait[0] > cue[0] else 0.0 * trait[0]


class FieldWithIf(Right):
    greed: float = field(1.0, help="how much it wants")

    def loss(self, trait, cue):
        return (2.0 if self.greed > 1 else 1.0) * super().loss(trait, cue)


class LossWithFloat(Right):
    def loss(self, trait, cue):
        return 0.5 * float(jnp.sum((trait - cue) ** 2))


class LossWithNumPy(Right):
    def loss(self, trait, cue):
        return np.sum(np.asarray(trait - cue) ** 2)


class NumberForOptimum(Right):
    def optimum(self, cue):
        return cue[0]


class OptimumElsewhere(Right):
    def optimum(self, cue):
        return cue + 0.05


class StartOfOtherShape(Right):
    def start(self, cue):
        return jnp.zeros(2)


class GradientOfOtherShape(Right):
    def gradient(self, trait, cue, body):
        return jnp.sum(trait - cue)


class RestlessGradient(Right):
    def gradient(self, trait, cue, body):
        return trait - 0.5 * cue


class RestlessBody(Right):
    """Its gradient vanishes in no state."""

    def body(self, cue):
        return jnp.asarray(0.0)

    def gradient(self, trait, cue, body):
        return 1.0 + (trait - cue) ** 2


class FlatForJax(Right):
    def loss(self, trait, cue):
        return super().loss(jax.lax.stop_gradient(trait), cue)


class InfiniteLoss(Right):
    def loss(self, trait, cue):
        return super().loss(trait, cue) - jnp.log(jnp.sum(trait - cue))


class RandomLoss(Right):
    def loss(self, trait, cue):
        return super().loss(trait, cue) + np.random.default_rng().random()


class GrowingBody(Right):
    def body(self, cue):
        return jnp.zeros(2)

    def live(self, body, trait, cue):
        return jnp.concatenate([body, trait])


class BodyOfOtherType(Right):
    def body(self, cue):
        return jnp.asarray(0)

    def live(self, body, trait, cue):
        return body + 0.5


class BodyThatLosesAPart(Right):
    def body(self, cue):
        return {"energy": jnp.asarray(0.0), "age": jnp.asarray(0.0)}

    def live(self, body, trait, cue):
        return {"energy": body["energy"]}


class ShortSight(Right):
    def perceive(self, cue, noise):
        return cue[0]


class UntidyTracking(Right):
    def tracking(self, trait, body, cue):
        return {"trait": (trait[0], cue[0], cue[0])}


class TrackingOfArrays(Right):
    def tracking(self, trait, body, cue):
        return {"trait": Tracking(trait, cue, cue)}


class TrackingOfNothing(Right):
    def tracking(self, trait, body, cue):
        return {}


class TrackingUnderNewNames(Right):
    def tracking(self, trait, body, cue):
        return {f"trait {next(COUNT)}": Tracking(trait[0], cue[0], cue[0])}


class TallyWithoutUnit(Right):
    def tallies(self, body):
        return {"age": 3}


class BodyWithoutDerivative(Right):
    def body(self, cue):
        return jnp.asarray(0.0)

    def live(self, body, trait, cue):
        shape = jax.ShapeDtypeStruct((), float)
        return jax.pure_callback(np.sin, shape, body + trait[0], vmap_method="broadcast_all")


BROKEN = {
    NoLoss: "NoLoss.loss is missing",
    LossOfManyNumbers: r"loss must return one number, shape \(\); got shape \(1,\)",
    WholeLoss: "loss must return a real number; got int64",
    LossWithIf: "loss decides in Python .* write jnp.where",
    FieldWithIf: "loss decides in Python .* write jnp.where",
    LossWithFloat: r"loss makes a Python number \(float\(\)",
    LossWithNumPy: r"loss hands a number that JAX compiles to NumPy; write jnp\.",
    NumberForOptimum: r"optimum must return one number per trait, shape \(d,\); got shape \(\)",
    OptimumElsewhere: r"optimum is not where the loss is least: .* at \[1.05\], but it is .* at",
    StartOfOtherShape: r"start must have the shape of optimum, \(1,\); got \(2,\)",
    GradientOfOtherShape: r"gradient must have the shape of the traits, \(1,\); got \(\)",
    RestlessGradient: r"gradient must be 0 at the optimum; got \[0.5\] at the traits \[1.\]",
    RestlessBody: "gradient must be 0 at rest",
    FlatForJax: r"loss changes by .* per trait, but its derivative is \[0.\]",
    InfiniteLoss: "loss must be finite; got inf at the traits",
    RandomLoss: "loss called twice with the same gives",
    GrowingBody: r"live must keep the form of the body: .*\(2,\) and became .*\(3,\)",
    BodyOfOtherType: "live must keep the form of the body: .*int64 .* became float64",
    BodyThatLosesAPart: "live must keep the form of the body: it was built as {'age'",
    ShortSight: r"perceive must have the shape of the cue, \(1,\); got \(\)",
    UntidyTracking: r"tracking\['trait'\] must be Tracking\(output, target, drive\); got tuple",
    TrackingOfArrays: r"tracking\['trait'\] must hold three numbers, shape \(\)",
    TrackingOfNothing: "tracking must return {'name': Tracking",
    TrackingUnderNewNames: "tracking must always return the same names",
    TallyWithoutUnit: r"tallies\['age'\] must be a pair \(number, unit\); got 3",
    BodyWithoutDerivative: "step, differentiated, raises ValueError",
}


@pytest.mark.parametrize(
    ("kind", "words"), BROKEN.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_says_what_is_wrong(kind, words):
    with pytest.raises(ContractError, match=words) as caught:
        check_agent(kind)
    assert len(caught.value.problems) == 1, "one mistake must be told once"


class WrongInTwoWays(LossOfManyNumbers, ShortSight):
    pass


def test_tells_all_that_is_wrong_at_once():
    assert [problem.split()[0] for problem in problems_of_agent(WrongInTwoWays)] == [
        "WrongInTwoWays.loss",
        "WrongInTwoWays.perceive",
    ]


def test_says_in_which_line_of_a_file_it_went_wrong():
    (problem,) = problems_of_agent(LossWithIf)
    assert "test_broken_agents.py)" in problem


def test_kind_that_is_right_passes_with_a_cue_or_an_environment():
    check_agent(Right, cue=[1.0, 2.0])
    check_agent(Right, environment=Sinusoid(mean=2.0))


class Silent(Right):
    greed: float = 1.0


def test_field_without_help_is_a_warning():
    with pytest.warns(Undocumented, match=r"Silent.greed has no help; write field\(1.0, unit="):
        check_agent(Silent)


class Needy(Right):
    greed: float = field(help="how much it wants")


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (Needy, r"needs fields; give an object to check: Needy\(greed=...\)"),
        (Part, r"must be a subclass of Agent; write class Part\(Agent\):"),
        (7, "must be a subclass of Agent"),
        (Sinusoid, "must be a subclass of Agent"),
    ],
)
def test_refuses_what_is_no_kind(thing, words):
    with pytest.raises(ContractError, match=words):
        check_agent(thing)


def test_object_with_required_fields_is_checked():
    check_agent(Needy(greed=1.0))
