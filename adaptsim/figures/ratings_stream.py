"""The picture of a recommender that learns from a stream of ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from adaptsim.recommending import Progress


def ratings_stream_figure(found: Mapping[str, Progress], name: str) -> Figure:
    """Return progressive errors over the learning rate, and over the stream at the best one.

    Parameters
    ----------
    found
        Errors at several rates, by what was learnt.
    name
        Whose ratings these are.
    """
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import FuncFormatter

    with house_style():
        canvas = Canvas(figsize=(7.0, 3.0), layout="constrained")
        left, right = canvas.subplots(1, 2)
        for (what, one), colour, style in zip(found.items(), WONG, ("-", "--"), strict=False):
            best, error = one.best()
            left.plot(
                one.rates, one.rmse, "o", ls=style, color=colour, ms=3.5, mfc="white", label=what
            )
            width = [[best.value - best.low], [best.high - best.value]]
            height = [[error.value - error.low], [error.high - error.value]]
            left.errorbar(best.value, error.value, height, width, fmt="o", color=colour, ms=5)
            course = one.course[int(np.nanargmin(one.rmse))]
            right.plot(np.cumsum(one.block_counts), course, color=colour, ls=style)
        low = min(float(np.nanmin(one.rmse)) for one in found.values())
        high = max(float(np.nanmax(one.rmse[one.rmse < 2 * low])) for one in found.values())
        left.set(xscale="log", xlabel="learning rate [1]", ylabel="progressive RMSE [rating]")
        left.set_ylim(0.9 * low, min(1.05 * high, 1.5 * low))
        right.set(xlabel="ratings so far [1]", ylabel="RMSE of a block [rating]")
        right.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
        left.set_title("best rate (filled; bars: 95 %, resampled users)")
        right.set_title("at the best rate, along the stream")
        left.legend()
        canvas.suptitle(f"Learning from ratings as they came: {name}", x=0.01, ha="left")
    return canvas
