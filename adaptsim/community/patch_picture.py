"""The picture of predators among patches, drawn by Mesa's own renderer of spaces."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from mesa.visualization import SpaceRenderer
from mesa.visualization.components import AgentPortrayalStyle

from adaptsim.community.patch_model import PatchModel, Searcher
from adaptsim.community.patches import Swarm

PIXELS = 420
SMALL, LARGE = 18.0, 26.0
"""Area of a lone predator's marker, and what each more in its patch adds [points^2]."""
HUES = LinearSegmentedColormap.from_list("prey", ["#0072B2", "#B8BEC6", "#D55E00"])
"""Of predators that look for prey 2, for both, for prey 1: seen on light and dark ground."""


class PatchPicture:
    """Draws the predators of a model again and again, on one canvas.

    A dot is a patch with predators in it, larger for more; its colour says which prey they look
    for. Ground that gives more is darker.

    Parameters
    ----------
    model
        What is drawn; it is left at the swarm drawn last.
    ground
        Colours of the patches, by their quality.
    richest
        Quality that has the last of the colours.

    Examples
    --------
    >>> model = PatchModel(size=20, rng=1)
    >>> PatchPicture(model).png(model.swarm)[1:4]
    b'PNG'
    """

    def __init__(self, model: PatchModel, *, ground: Any = "Greys", richest: float = 10.0) -> None:
        self.model = model
        self._ground = {"cmap": ground, "vmin": 1.0, "vmax": richest}
        self._figure = Figure(figsize=(PIXELS / 100, PIXELS / 100), dpi=100)
        self.axes = self._figure.add_axes((0, 0, 1, 1))
        self._renderer = SpaceRenderer(model, backend="matplotlib").setup_agents(self._look)
        self._renderer.backend_renderer.initialize_canvas(self.axes)
        self._quality = np.asarray(model.patches.quality()).T  # Mesa's first coordinate goes right
        self._many, self._share = np.zeros(0), np.zeros(0)

    def png(self, swarm: Swarm) -> bytes:
        """Return the picture of a swarm, transparent where ground is poor."""
        self.model.swarm = swarm
        places = np.asarray(swarm.places)
        self._many = self.model.predators[places[:, 0], places[:, 1]]
        self._share = 1 / (1 + np.exp(-np.asarray(swarm.logits)))
        self.axes.clear()
        self.axes.imshow(self._quality, origin="lower", **self._ground)
        self._renderer.draw_agents()
        self.axes.set_axis_off()
        ends = -0.5, self.model.patches.side - 0.5
        self.axes.set(xlim=ends, ylim=ends)
        held = io.BytesIO()
        self._figure.savefig(held, format="png", transparent=True)
        return held.getvalue()

    def _look(self, agent: Searcher) -> AgentPortrayalStyle:
        return AgentPortrayalStyle(
            color=HUES(float(self._share[agent.row])),
            size=SMALL + LARGE * (float(self._many[agent.row]) - 1),
            alpha=1.0,
        )
