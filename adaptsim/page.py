"""Page: a plain Mesa page (``SolaraViz``) of a population that follows a sinusoid."""

from __future__ import annotations

import dataclasses
from typing import Any

import mesa

from adaptsim.environments import Sinusoid
from adaptsim.model import AdaptationModel
from adaptsim.part import Part
from adaptsim.rules import GradientDescent


class PageModel(AdaptationModel):
    """The model of the page: its parameters are the numbers of the sliders.

    Each step moves everybody on (see ``AdaptationModel``), then collects the mean trait and the
    mean optimum; row ``t`` of the data is time ``t``.

    Examples
    --------
    >>> model = PageModel(learning_rate=0.5, period=8.0, size=10)
    >>> model.run_for(2)
    >>> model.datacollector.get_model_vars_dataframe().round(3).to_dict("list")
    {'mean trait': [0.0, 0.0, 0.354], 'optimum': [0.0, 0.707, 1.0]}
    """

    def __init__(
        self,
        *,
        learning_rate: float = 0.1,
        period: float = 50.0,
        size: int = 100,
        rng: int = 1,
    ) -> None:
        rule = GradientDescent(learning_rate=learning_rate)
        super().__init__(rule=rule, environment=Sinusoid(period=period), size=size, rng=rng)
        reporters = {"mean trait": "mean_trait", "optimum": "mean_optimum"}
        self.datacollector = mesa.DataCollector(model_reporters=reporters)
        self.datacollector.collect(self)

    def step(self) -> None:
        """Move everybody on by one step and collect."""
        super().step()
        self.datacollector.collect(self)


def page(
    *, learning_rate: float = 0.1, period: float = 50.0, size: int = 100, seed: int = 1
) -> Any:
    """Return the page as a Solara element; the sliders start at the values given.

    A file with ``from adaptsim.page import page`` and ``page = page()`` is an application for
    ``solara run``; in a notebook the element shows itself.
    """
    from mesa.visualization import (
        Slider,
        SolaraViz,
        make_plot_component,
    )

    rate, cycle = _unit(GradientDescent, "learning_rate"), _unit(Sinusoid, "period")
    sliders = {
        "learning_rate": Slider(f"learning rate [{rate}]", learning_rate, 0.0, 2.0, 0.01),
        "period": Slider(f"period [{cycle}]", period, 2.0, 500.0, 1.0),
        "size": Slider("population [individuals]", size, 1, 10_000, 1),
        "rng": Slider("seed", seed, 0, 1000, 1),
    }
    model = PageModel(learning_rate=learning_rate, period=period, size=size, rng=seed)
    plot = make_plot_component(["mean trait", "optimum"], post_process=_label)
    return SolaraViz(model, components=[plot], model_params=sliders, name="Adaptation")


def _unit(part: type[Part], name: str) -> str:
    fields = {declared.name: declared for declared in dataclasses.fields(part)}  # type: ignore[arg-type]
    return str(fields[name].metadata["unit"])


def _label(axes: Any) -> None:
    axes.set_ylabel(f"mean trait, optimum [{_unit(Sinusoid, 'mean')}]")
