"""The Mesa face: a model whose individuals are rows of arrays.

Nothing is computed here that ``adaptation`` does not compute: a step of the model is its step, and
``adaptation``'s module docstring lists, in order, what happens in one.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from types import MethodType
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import mesa
import numpy as np

from adaptsim import adaptation
from adaptsim.adaptation import Moment, Setting, move, replicate_key
from adaptsim.agents import Agent, Tracker
from adaptsim.columns import check_lengths, read_column, shown_cue, write_field, write_traits
from adaptsim.environments import Environment, Sinusoid
from adaptsim.individual import Individual
from adaptsim.individuals import Individuals
from adaptsim.rules import GradientDescent, Rule


class AdaptationModel(mesa.Model):  # type: ignore[misc]
    """A population that adapts to its environment, as a Mesa model.

    One step moves everybody on by one compiled call of ``adaptation.step``: cue, perception,
    gradient, rule, body, environment, in the order given there. Between two steps the model shows
    the cue that the next step will show and traits that have seen the cues before it (the
    *pre-update* convention), so a ``DataCollector`` that collects first and steps then records what
    a compiled run records.

    Parameters
    ----------
    kind, rule, environment
        What individuals are, how they learn, where they live. Numeric fields of kind and rule may
        be arrays of length ``size``.
    size
        How many individuals.
    rng
        Root seed. The same whole number gives the same numbers, those of replicate 0 of a compiled
        run; what else Mesa takes is turned into one, kept in ``seed``.

    Attributes
    ----------
    individual_type : type[Individual]
        What the agents are; set it to a subclass of ``Individual`` to give them methods.
    seed : int
        The root seed: ``rng=model.seed`` gives this model again.
    size : int
        Rows of the arrays. ``len(model.agents)`` counts those that were not removed.

    Notes
    -----
    Removed individuals keep their row, so that nobody else's random numbers change, and go on in it
    unseen: no agent set, statistic or data collection has them, and a world that responds does not
    feel them.

    Copies (``copy.deepcopy``, ``pickle``) are independent and go on with the same bits. Mesa itself
    cannot pickle a model that has a ``DataCollector`` with agent reporters given by name, or with
    lambdas (``deepcopy`` can), nor one that somebody ``observe``s.

    Not supported: making or reviving individuals during a run, Mesa's spaces (individuals have
    no place) and scenarios, ``mesa.agentset.AgentSet(model.agents)`` (its references are weak and
    views live as long as you hold them; use ``select``). Other Mesa agents may live in the model;
    they are in ``agents_by_type``, not in ``agents``.

    Examples
    --------
    >>> from adaptsim import Constant
    >>> model = AdaptationModel(
    ...     rule=GradientDescent(learning_rate=0.5), environment=Constant(value=8.0), size=2, rng=1
    ... )
    >>> model.step()
    >>> model.agents.get("trait")
    array([4., 4.])
    >>> model.agents.select(lambda one: one.unique_id == 2).set("learning_rate", 0.25)
    Individuals(1)
    >>> model.advance(2)
    >>> [(one.unique_id, one.trait) for one in model.agents], model.time
    ([(1, 7.0), (2, 5.75)], 3.0)
    """

    individual_type: ClassVar[type[Individual]] = Individual

    def __init__(
        self,
        *,
        kind: Agent = Tracker(),  # noqa: B008
        rule: Rule = GradientDescent(),  # noqa: B008
        environment: Environment = Sinusoid(),  # noqa: B008
        size: int = 100,
        rng: Any = None,
    ) -> None:
        seed = _as_seed(rng)
        super().__init__(rng=seed)
        self.seed, self.size = seed, _checked_size(size)
        self.present = np.ones(size, dtype=bool)
        self.agent_id_counter = size + 1
        self._agents_on_call: dict[int, Individual] = {}
        self._everybody = Individuals(self)
        self._columns: dict[str, np.ndarray] = {}
        self._steps_due, self._waiting = 0, False
        self._settle(Setting(kind, rule, environment))
        self._moment = adaptation.start(self._setting, replicate_key(seed, 0), size=size)

    def step(self) -> None:
        """Move everybody on by one step (``adaptation`` lists what happens in it, in order)."""
        self._columns.clear()
        self._steps_due += 1
        if not self._waiting:
            self._catch_up()

    def advance(self, n: int) -> None:
        """Move on by ``n`` steps: ``run_for(n)`` to the last bit, but in one compiled call.

        Mesa's clock ticks, and events happen when they are due; the arrays catch up when somebody
        looks (an event, a data collection), else at the end.
        """
        if n != int(n) or n < 0:
            raise ValueError(f"advance needs a whole number of steps, at least 0; got {n!r}")
        self._waiting = True
        try:
            if n:
                self.run_for(int(n))
        finally:
            self._waiting = False
            self._catch_up()

    def _catch_up(self) -> None:
        steps, self._steps_due = self._steps_due, 0
        if steps:
            moment = self._moment
            if self._setting.environment.responds and not self.present.all():
                moment = moment._replace(present=jnp.asarray(self.present))
            self._moment = move(self._setting, moment, steps, wanted=self._wanted)

    def _settle(self, setting: Setting) -> None:
        """Take a setting: checked, on the device, and with what it needs worked out once."""
        check_lengths(setting, self.size)
        self._wanted = adaptation.needs(setting.kind, setting.rule)
        self._setting = Setting(*jax.tree.map(lambda x: jnp.asarray(x, dtype=float), setting))
        self._columns.clear()

    @property
    def setting(self) -> Setting:
        """Kind, rule and environment, as they are now."""
        return self._setting

    @property
    def moment(self) -> Moment:
        """The simulation between two steps: arrays of everybody, removed ones too."""
        self._catch_up()
        moment: Moment = self._moment
        return moment

    @property
    def cue(self) -> Any:
        """What the environment shows now: a float, or an array of ``c`` components."""
        return _number_or_row(np.asarray(shown_cue(self._setting, self.moment)))

    @property
    def mean_trait(self) -> Any:
        """Mean trait: a float, or an array of ``d`` traits; ``nan`` of nobody."""
        return self._mean("trait")

    @property
    def mean_optimum(self) -> Any:
        """Mean optimum, as ``mean_trait``."""
        return self._mean("optimum")

    @property
    def mean_error(self) -> Any:
        """Mean tracking error (trait minus optimum), as ``mean_trait``."""
        return self._mean("error")

    @property
    def mean_mismatch(self) -> Any:
        """Mean loss: a float; ``nan`` of nobody."""
        return self._mean("mismatch")

    def _mean(self, name: str) -> Any:
        values = self.column(name)
        if not self.present.all():
            values = values[self.present]
        if not len(values):
            values = np.full((1, *values.shape[1:]), np.nan)
        return _number_or_row(values.mean(axis=0))

    def column(self, name: str) -> np.ndarray:
        """Return an attribute of every row, removed individuals too, read-only.

        Shape ``(size,)``, or ``(size, d)`` for several traits.
        """
        if name not in self._columns:
            column = read_column(name, self._setting, self.moment).view()
            column.flags.writeable = False
            self._columns[name] = column
        return self._columns[name]

    def write(self, name: str, rows: np.ndarray, value: Any) -> None:
        """Set traits, or a numeric field of rule or kind, in some rows.

        A field that gets one value for every row stays one number.
        """
        if name == "trait":
            self._moment = write_traits(self.moment, rows, value)
            self._columns.clear()
            return
        changed = write_field(self._setting, name, rows, value, self.size)
        self._catch_up()
        self._settle(changed)

    @property
    def agents(self) -> Individuals:
        """The set of all individuals, in order; removing from it removes from the model."""
        return self._everybody

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("model.agents cannot be set; use its methods, or model.remove_rows")

    @property
    def agent_types(self) -> list[type]:
        """Types of agents in the model."""
        return list(self.agents_by_type)

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """Sets of agents by their type: individuals, and what other agents were added."""
        return {self.individual_type: self.agents, **super().agents_by_type}

    def individual(self, unique_id: int) -> Individual:
        """Return the individual with an id, 1 to ``size``.

        Examples
        --------
        >>> AdaptationModel(size=3).individual(3)
        Individual(unique_id=3, trait=0.0)
        """
        if not 1 <= unique_id <= self.size:
            raise KeyError(f"unique_id must be from 1 to {self.size}; got {unique_id}")
        return self.individual_type(self, int(unique_id))

    def deregister_agent(self, agent: Any) -> None:
        """Take an agent out of the model; Mesa's ``agent.remove()`` calls this."""
        if isinstance(agent, Individual):
            self.remove_rows(np.array([agent.unique_id - 1]))
        else:
            super().deregister_agent(agent)

    def remove_rows(self, rows: np.ndarray) -> None:
        """Take the individuals of some rows out of the model; their rows stay, unseen."""
        if self._setting.environment.responds:
            self._catch_up()
        self.present[rows] = False
        for row in rows.tolist():
            self._agents_on_call.pop(row + 1, None)

    def remove_all_agents(self) -> None:
        """Take everybody out of the model."""
        self.agents.clear()
        super().remove_all_agents()

    def schedule_event(self, function: Callable[..., Any], **when: Any) -> Any:
        """Schedule an event as Mesa does, one of an individual's methods too."""
        return super().schedule_event(self._on_call(function), **when)

    def schedule_recurring(self, function: Callable[..., Any], *when: Any, **more: Any) -> Any:
        """Schedule recurring events as Mesa does, one of an individual's methods too."""
        return super().schedule_recurring(self._on_call(function), *when, **more)

    def _on_call(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Keep the individual of a method alive: Mesa's events hold weak references to it."""
        owner = getattr(function, "__self__", None)
        if not isinstance(owner, Individual):
            return function
        kept = self._agents_on_call.setdefault(owner.unique_id, owner)
        return MethodType(function.__func__, kept)  # type: ignore[attr-defined]

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs."""
        self._catch_up()
        return {**self.__dict__, "_columns": {}}


def _number_or_row(values: np.ndarray) -> Any:
    return values.item() if values.size == 1 else values


def _checked_size(size: int) -> int:
    if not isinstance(size, numbers.Integral) or size < 1:
        raise ValueError(f"size must be a whole number of individuals, at least 1; got {size!r}")
    return int(size)


def _as_seed(rng: Any) -> int:
    """Return a whole number for whatever Mesa takes as ``rng``; fresh for ``None``."""
    if isinstance(rng, numbers.Integral):
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**32))
