"""The Mesa face of predators among patches: a grid to look at, agents as rows of arrays."""

from __future__ import annotations

from typing import Any

import jax
import mesa
import numpy as np
from mesa.discrete_space import OrthogonalMooreGrid

from adaptsim.community.patches import (
    Patches,
    Searchers,
    Swarm,
    begin,
    counts,
    input_matching,
    inputs,
    step,
)


class Searcher(mesa.Agent):  # type: ignore[misc]
    """One predator, as Mesa sees it: a row of the model's arrays."""

    @property
    def row(self) -> int:
        """Its row."""
        return int(self.unique_id) - 1

    @property
    def cell(self) -> Any:
        """The cell of the grid it is in."""
        return self.model.grid[tuple(int(one) for one in self.model.places[self.row])]

    @property
    def preference(self) -> float:
        """Its share of effort on prey 1."""
        return float(1 / (1 + np.exp(-self.model.logits[self.row])))


class PatchGrid(OrthogonalMooreGrid):  # type: ignore[misc]
    """The grid of a patch model: everybody is in it, as Mesa's renderers ask."""

    def __init__(self, model: PatchModel) -> None:
        side = model.patches.side
        super().__init__((side, side), torus=True, random=model.random)
        self.model = model

    @property
    def agents(self) -> Any:
        """All predators, an agent set."""
        return self.model.agents


class PatchModel(mesa.Model):  # type: ignore[misc]
    """Predators that move among patches and learn what to look for, as a Mesa model.

    A step is one compiled call for all; agents are views on rows, so ``model.agents.select``,
    ``agg``, ``groupby`` and data collection work. What is in the patches is in plain arrays,
    ``prey``, ``predators`` and ``expected`` (Mesa's property layers go with Mesa 4), of the shape
    of ``grid``, and ``mesa.visualization.SpaceRenderer`` draws the agents on it.

    Parameters
    ----------
    patches, searchers
        The world, and how predators look for prey.
    size
        Predators.
    rng
        Seed, a whole number; drawn if not given.

    Examples
    --------
    >>> model = PatchModel(patches=Patches(side=5), size=30, rng=1)
    >>> model.run_for(10)
    >>> int(model.predators.sum()), len(model.agents), model.time
    (30, 30, 10.0)
    >>> first = next(iter(model.agents))
    >>> first.cell.coordinate == tuple(model.places[0].tolist())
    True
    """

    def __init__(
        self,
        *,
        patches: Patches = Patches(),  # noqa: B008
        searchers: Searchers = Searchers(),  # noqa: B008
        size: int = 200,
        rng: int | None = None,
    ) -> None:
        seed = int(np.random.default_rng(rng).integers(2**32)) if rng is None else int(rng)
        super().__init__(rng=seed)
        self.patches, self.searchers = patches, searchers
        self.swarm: Swarm = begin(patches, size, seed)
        self.grid = PatchGrid(self)
        self._key = jax.random.key(seed)
        Searcher.create_agents(self, size)

    def step(self) -> None:
        """Move everybody on by one step."""
        self.swarm = step(self.patches, self.searchers, self.swarm, self._key)

    @property
    def places(self) -> np.ndarray:
        """Where predators are, shape ``(n, 2)``."""
        return np.asarray(self.swarm.places)

    @property
    def logits(self) -> np.ndarray:
        """Logits of their preferences, shape ``(n,)``."""
        return np.asarray(self.swarm.logits)

    @property
    def prey(self) -> np.ndarray:
        """What comes in of both prey, shape ``(side, side, 2)`` [1/step]."""
        return np.asarray(inputs(self.patches, self.swarm.step))

    @property
    def predators(self) -> np.ndarray:
        """How many predators are in each patch, shape ``(side, side)``."""
        return np.asarray(counts(self.patches, self.swarm))

    @property
    def expected(self) -> np.ndarray:
        """How many there would be by input matching, shape ``(side, side)``."""
        shares = np.asarray(input_matching(self.patches, self.searchers, self.swarm.step))
        return shares * len(self.logits)
