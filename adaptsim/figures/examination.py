"""The picture of an examination: the orbit diagram, and the Lyapunov exponent under it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from adaptsim.figures.orbits import draw_exponents, draw_orbits
from adaptsim.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from adaptsim.examination import Examination

WIDE = 108


def examination_figure(found: Examination) -> Figure:
    """Return the picture of an examination: orbits over the parameter, exponents under them.

    Dashed lines are values at which a cycle loses its stability, located by its multiplier. Of
    several traits the first is shown.
    """
    from matplotlib.figure import Figure as Canvas

    turned = found.parameter.rpartition(".")[2].replace("_", " ")
    unit = " [1/curvature]" if turned == "learning rate" else ""
    with house_style():
        canvas = Canvas(figsize=(7.0, 5.4), layout="constrained")
        top, bottom = canvas.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
        kept = found.orbits.positions[:, 0, :, 0]
        trait = "trait after settling" if found.place.size == 1 else "first trait after settling"
        draw_orbits(top, found.orbits.values, kept, found.marks, ("", trait))
        draw_exponents(
            bottom, found.exponents.values, found.exponents.exponents[:, 0], found.marks,
            f"{turned}{unit}",
        )  # fmt: skip
        rule = type(found.subject.rule).__name__
        told = textwrap.fill(f"{found.subject.name}, {rule}. {found.words}", WIDE)
        canvas.suptitle(told, x=0.01, ha="left", fontsize=8)
    return canvas
