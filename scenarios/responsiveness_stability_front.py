"""The price of being quick: lag times variance is R / (2 - g) for the linear tracker.

A tracker that closes the fraction g of its mismatch per step is 1/g steps late and jiggles with
variance g R / (2 - g) when what it sees has the noise variance R: this front is exact for trackers
of first order, and no g gives less than R/2 of lag times variance. It is no law for all: a rule
that remembers differently has a front of its own, and momentum's lies lower at short lags.

    uv run python scenarios/responsiveness_stability_front.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adaptsim
from adaptsim import theory
from adaptsim.figures import WONG, house_style
from adaptsim.outputs import written_whole

RATES = np.geomspace(0.05, 1.6, 9)
NOISE_VARIANCE = 1.0
EACH = 200  # individuals per rate
RULES = {
    "gradient descent": {"kind": "GradientDescent"},
    "momentum 0.5": {"kind": "Momentum", "momentum": 0.5},
}


def measured(rule: dict, environment: dict, noise: float, measure: str) -> np.ndarray:
    """Return one measure for every rate."""
    each = EACH if noise else 1
    table = {
        "steps": 2000,
        "seed": 1,
        "population": {"size": each * len(RATES)},
        "environment": environment,
        "agent": {"kind": "Tracker", "observation_noise": noise},
        "rule": rule | {"learning_rate": RATES.tolist()},
    }
    rows = adaptsim.run(adaptsim.from_table(table)).table
    return rows[rows["measure"] == measure]["value"].to_numpy()


def front() -> pd.DataFrame:
    """Return lag, variance and their product for every rule and rate."""
    ramp, rest = {"kind": "Ramp", "slope": 0.01}, {"kind": "Constant"}
    parts = []
    for name, rule in RULES.items():
        lag = measured(rule, ramp, 0.0, "mean_lag")
        variance = measured(rule, rest, NOISE_VARIANCE**0.5, "stationary_variance")
        parts.append(pd.DataFrame({"rule": name, "g": RATES, "lag": lag, "variance": variance}))
    table = pd.concat(parts, ignore_index=True)
    table["product"] = table["lag"] * table["variance"]
    exact = theory.tracker.responsiveness_stability(
        table["g"].to_numpy(), observation_variance=NOISE_VARIANCE
    )
    table["theory"] = np.where(table["rule"] == "gradient descent", exact, np.nan)
    return table


def draw(table: pd.DataFrame) -> Figure:
    """Return the picture: the front in the plane of lag and variance."""
    with house_style():
        figure = Figure(figsize=(3.5, 2.8), layout="constrained")
        axes = figure.add_subplot()
        g = np.geomspace(0.04, 1.7, 200)
        variance = theory.tracker.noise_variance(g, observation_variance=NOISE_VARIANCE)
        axes.plot(1 / g, variance, color="black", label="theory: lag 1/g, variance gR/(2-g)")
        axes.plot(1 / g, NOISE_VARIANCE / 2 * g, ":", color="black", label="R / (2 lag)")
        for (name, rows), colour, mark in zip(table.groupby("rule"), WONG, "os", strict=False):
            axes.plot(rows["lag"], rows["variance"], mark, color=colour, mfc="white", ms=4,
                      label=name)  # fmt: skip
        axes.set(xscale="log", yscale="log")
        axes.set_xlabel("lag behind a trend [steps]")
        axes.set_ylabel("variance at rest [trait²]")
        axes.legend()
    return figure


if __name__ == "__main__":
    table = front()
    print(table.to_string(index=False, float_format="{:.4f}".format))
    with written_whole(Path("outputs/responsiveness_stability_front")) as folder:
        table.to_csv(folder / "table.csv", index=False)
        draw(table).savefig(folder / "figure.png", dpi=200)
    print("wrote outputs/responsiveness_stability_front/: table.csv, figure.png")
