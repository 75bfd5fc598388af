"""The picture of published minima: how many gradients it takes to find them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import WONG, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def published_minima_figure(table: pd.DataFrame) -> Figure:
    """Return the picture of a table of minima: gradients until each was found, clusters and chains.

    Parameters
    ----------
    table
        Rows by name (column ``""``): ``expected`` gradients until the minimum was reached (nan
        where it was not), ``reached``, ``starts``, and ``gap`` to the published loss.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 3.0), layout="constrained")
        left, right = canvas.subplots(1, 2, width_ratios=(3, 4))
        clusters = table[table[""].str.startswith("Lennard-Jones")]
        atoms = clusters[""].str.extract(r"(\d+)")[0].astype(int)
        part = clusters["reached"].to_numpy(float) / clusters["starts"].to_numpy(float)
        left.scatter(atoms, clusters["expected"], c=WONG[0], s=8 + 24 * part)
        left.set(yscale="log", xlabel="atoms [1]", ylabel="gradients until found [1]")
        left.set_title("clusters; small dots: not from all starts")
        chains = table[table[""].str.startswith("AB protein")]
        names = chains[""].str.replace("AB protein, ", "").str.replace("_", " ")
        rows = np.arange(len(chains))[::-1]
        for row, (_, chain) in zip(rows, chains.iterrows(), strict=True):
            found = chain["reached"] > 0
            told = f"{chain['reached']:.0f} of {chain['starts']:.0f}"
            told = told if found else f"{told}; gap {chain['gap']:.3f}"
            right.text(0.02, row, told, va="center", transform=right.get_yaxis_transform())
            if found:
                right.plot(chain["expected"], row, "o", color=WONG[1], ms=4)
        right.set(xscale="log", yticks=rows, xlabel="gradients until found [1]")
        right.set_ylim(-0.7, len(rows) - 0.3)
        right.set_yticklabels(names)
        if chains["expected"].notna().any():
            known = chains["expected"].dropna()
            right.set_xlim(known.min() / 300, known.max() * 3)
        right.set_title("chains; walks that found the published fold")
    return canvas
