"""The noisy tracker ``x += g_i (sin(w t) + 0.1 xi - x)``, one rate per agent, written many ways.

Every function returns a callable that runs some steps and records the mean at each of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import mesa
import numpy as np

from adaptsim import GradientDescent, Sinusoid, Tracker
from adaptsim.adaptation import Moment, Setting, advance, needs, replicate_key, start
from adaptsim.simulation import simulate

PERIOD, NOISE = 60.0, 0.1
RATES = np.linspace(0.05, 0.5, 10)

Work = Callable[[], Any]


def cue(step: int) -> float:
    """Return the cue of a step."""
    return math.sin(2 * math.pi * step / PERIOD)


def rates(size: int) -> np.ndarray:
    """Return a learning rate for each agent: ten different ones, a block of agents each."""
    return RATES[np.arange(size) * len(RATES) // size]


class OwnDraw(mesa.Agent):
    """A plain Mesa agent that draws its own noise, as a newcomer writes it."""

    def __init__(self, model: mesa.Model, g: float) -> None:
        super().__init__(model)
        self.x, self.g = 0.0, g

    def step(self) -> None:
        """Follow what is seen."""
        seen = self.model.cue + NOISE * self.model.rng.standard_normal()
        self.x += self.g * (seen - self.x)


class GivenDraw(OwnDraw):
    """A plain Mesa agent that takes noise drawn for all at once: the fastest fair object."""

    def step(self) -> None:
        """Follow what is seen."""
        self.x += self.g * (self.model.cue + NOISE * next(self.model.draws) - self.x)


class PlainModel(mesa.Model):
    """Plain Mesa agents that follow the cue; the mean is collected at each step."""

    def __init__(self, size: int, agent: type[OwnDraw], rng: int = 1) -> None:
        super().__init__(rng=rng)
        agent.create_agents(self, size, g=rates(size).tolist())
        self.cue, self.clock, self.draws = 0.0, 0, iter(())
        self.reports = mesa.DataCollector(
            model_reporters={"mean": lambda model: model.agents.agg("x", np.mean)}
        )

    def step(self) -> None:
        """Collect, then let everybody move."""
        self.reports.collect(self)
        self.cue = cue(self.clock)
        self.draws: Iterator[float] = iter(self.rng.standard_normal(len(self.agents)).tolist())
        self.agents.do("step")
        self.clock += 1


def mesa_objects(size: int, steps: int, agent: type[OwnDraw] = GivenDraw) -> Work:
    """Return plain Mesa: ``model.agents.do("step")``."""
    model = PlainModel(size, agent)

    def run() -> None:
        for _ in range(steps):
            model.step()

    return run


def agentpy_objects(size: int, steps: int) -> Work:
    """Return agentpy: objects too, stepped by their list."""
    import agentpy

    class Follower(agentpy.Agent):
        def setup(self) -> None:
            self.x, self.g = 0.0, float(RATES[self.id % 10])

        def move(self) -> None:
            self.x += self.g * (self.model.cue + NOISE * next(self.model.draws) - self.x)

    class Model(agentpy.Model):
        def setup(self) -> None:
            self.agents = agentpy.AgentList(self, size, Follower)

        def step(self) -> None:
            self.record("mean", np.mean(list(self.agents.x)))
            self.cue = cue(self.t)
            self.draws = iter(self.nprandom.standard_normal(size).tolist())
            self.agents.move()

    model = Model({"seed": 1})
    model.sim_setup()

    def run() -> None:
        for _ in range(steps):
            model.sim_step()

    return run


def numpy_by_hand(
    size: int, steps: int, bits: type[np.random.BitGenerator] = np.random.PCG64
) -> Work:
    """Return arrays as a good NumPy programmer writes them: nothing allocated in the loop."""
    rng = np.random.Generator(bits(1))
    x, seen, g = np.zeros(size), np.empty(size), rates(size)

    def run() -> np.ndarray:
        mean = np.empty(steps)
        for step in range(steps):
            mean[step] = x.mean()
            rng.standard_normal(out=seen)
            np.multiply(seen, NOISE, out=seen)
            np.add(seen, cue(step), out=seen)
            np.subtract(seen, x, out=seen)
            np.multiply(seen, g, out=seen)
            np.add(x, seen, out=x)
        return mean

    return run


def parts(size: int, learning_rate: Any = None) -> Setting:
    """Return the tracker as adaptsim has it."""
    rate = rates(size) if learning_rate is None else learning_rate
    return Setting(
        Tracker(observation_noise=NOISE),
        GradientDescent(learning_rate=rate),
        Sinusoid(amplitude=1.0, period=PERIOD),
    )


def mean_trait(setting: Setting, moment: Moment, using: Any) -> Any:
    """Record the mean trait, as the rivals do."""
    return moment.state.trait.mean()


def adaptsim_advance(size: int, steps: int) -> Work:
    """Return adaptsim's compiled run, recording what the rivals record: the mean."""
    setting = Setting(*jax.tree.map(lambda x: jnp.asarray(x, dtype=float), parts(size)))
    moment, wanted = start(setting, replicate_key(1), size=size), needs(setting.kind, setting.rule)
    return lambda: jax.block_until_ready(
        advance(setting, moment, steps=steps, wanted=wanted, record=mean_trait)
    )


def adaptsim_simulate(size: int, steps: int, learning_rate: Any = None) -> Work:
    """Return ``simulate``: mean, spread, errors and excess loss of each of the groups."""
    kind, rule, environment = parts(size, learning_rate)
    return lambda: simulate(
        kind, rule, environment, size=size, steps=steps, record="statistics", seed=1
    )
