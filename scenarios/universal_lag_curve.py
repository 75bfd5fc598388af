"""One curve for all: predators and thermostats lag by atan(omega / alpha) / omega.

Whoever closes a fixed fraction of the mismatch per unit of time, whatever it is that adapts, has
one lag curve. In units of its own memory 1/alpha it is atan(x) / x, with x = omega / alpha.

    uv run python scenarios/universal_lag_curve.py

A step takes the fraction g = 1 - exp(-alpha) and records traits before it learns; the lag of
continuous time lies half a step below that of the record, up to terms of second order.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import adaptsim
from adaptsim.figures import WONG, house_style
from adaptsim.outputs import written_whole

ALPHAS = np.geomspace(0.01, 0.2, 6)  # 1/step
PERIODS = (100.0, 300.0, 1000.0)  # steps
WORLDS = {
    "Forager": lambda period: {"kind": "PreyCycle", "period": period},
    "Thermostat": lambda period: {"kind": "Sinusoid", "period": period, "mean": 20.0},
}


def lags(kind: str, period: float) -> pd.DataFrame:
    """Return the measured lag of one kind at one period, a row for each alpha."""
    result = adaptsim.run(
        adaptsim.from_table(
            {
                "steps": int(6 * period + 2000),
                "population": {"size": len(ALPHAS)},
                "environment": WORLDS[kind](period),
                "agent": {"kind": kind},
                "rule": {"learning_rate": (1 - np.exp(-ALPHAS)).tolist()},
            }
        )
    )
    primary = next(iter(result.trajectory.followed))
    rows = result.table[result.table["measure"] == "phase_lag"].set_index("variable").loc[primary]
    omega = 2 * np.pi / period
    return pd.DataFrame(
        {
            "kind": kind,
            "period": period,
            "alpha": ALPHAS,
            "omega_over_alpha": omega / ALPHAS,
            "lag_times_alpha": (rows["value"].to_numpy() - 0.5) * ALPHAS,
            "theory": np.arctan(omega / ALPHAS) / omega * ALPHAS,
        }
    )


def draw(table: pd.DataFrame) -> Figure:
    """Return the picture: all points on one curve."""
    with house_style():
        figure = Figure(figsize=(3.5, 2.8), layout="constrained")
        axes = figure.add_subplot()
        x = np.geomspace(table["omega_over_alpha"].min(), table["omega_over_alpha"].max(), 200)
        axes.plot(x, np.arctan(x) / x, color="black", label="atan(x) / x")
        for (kind, rows), colour, mark in zip(table.groupby("kind"), WONG, "os", strict=False):
            axes.plot(rows["omega_over_alpha"], rows["lag_times_alpha"], mark, color=colour,
                      mfc="white", ms=5 if mark == "o" else 3, label=kind)  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel("x = ω / α [rad]")
        axes.set_ylabel("lag × α [1]")
        axes.legend()
    return figure


if __name__ == "__main__":
    table = pd.concat([lags(kind, period) for kind in WORLDS for period in PERIODS])
    worst = (table["lag_times_alpha"] / table["theory"] - 1).abs().max()
    print(table.to_string(index=False, float_format="{:.4f}".format))
    print(f"largest relative distance from the curve: {worst:.1e}")
    with written_whole(Path("outputs/universal_lag_curve")) as folder:
        table.to_csv(folder / "table.csv", index=False)
        draw(table).savefig(folder / "figure.png", dpi=200)
    print("wrote outputs/universal_lag_curve/: table.csv, figure.png")
