"""The best learning rate against the memory of the world and against its drift, beside theory.

Behind a random walk the best rate is the steady-state Kalman gain. Behind a world that forgets it
has a closed form too, and is 0 below a memory phi_c = (V + R) / (3 V + R): there it pays not to
learn. Both studies are run first, or gone on with, in outputs/.

    uv run python scenarios/studies/best_rates.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adaptsim import theory
from adaptsim.figures.study_best_rates import draw_best_rates
from adaptsim.figures.style import THEORY, house_style, shades
from adaptsim.outputs import written_whole
from adaptsim.studies import analysis
from adaptsim.studies.running import run_study
from adaptsim.studies.study import load

RATE, NOISE = "rule.learning_rate", "agent.observation_noise"
MEMORY, DRIFT = "environment.correlation", "environment.drift_variance"
UNITS = {RATE: "1/(curvature step)", MEMORY: "1", DRIFT: "cue$^2$/step"}


def best(name: str, by: list[str]) -> pd.DataFrame:
    """Return the best rates of a shipped study, run as far as it is not."""
    place = Path("outputs") / name
    run_study(load(Path(__file__).with_name(f"{name}.toml")), place)
    return analysis.best_rates(pd.read_parquet(place / "runs"), "tracking_mse", RATE, by)


def kalman_gain(drift):
    """Return the Kalman gain at a drift, noise variance 1."""
    return theory.random_walk.kalman_gain(drift_variance=drift, observation_variance=1.0)


def exact(by_memory: pd.DataFrame, by_drift: pd.DataFrame) -> pd.DataFrame:
    """Return best rates beside closed forms, one row an environment."""
    noise, memory = by_memory[f"p_{NOISE}"] ** 2, by_memory[f"p_{MEMORY}"]
    told = theory.autoregressive.best_gain(
        correlation=memory, variance=1.0, observation_variance=noise
    )
    gain = kalman_gain(by_drift[f"p_{DRIFT}"])
    rows = [
        by_memory.assign(environment="memory", closed_form=told),
        by_drift.assign(environment="drift", closed_form=gain),
    ]
    return pd.concat(rows, ignore_index=True)


def draw(by_memory: pd.DataFrame, by_drift: pd.DataFrame) -> Figure:
    """Return the picture: best rates of both studies under their closed forms."""
    with house_style():
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        noises = sorted(by_memory[f"p_{NOISE}"].unique())
        draw_best_rates(left, by_memory.assign(theory=np.nan), RATE, units=UNITS)
        along = np.linspace(0.2, 0.995, 400)
        for noise, colour in zip(noises, shades(len(noises)), strict=True):
            told = theory.autoregressive.best_gain(
                correlation=along, variance=1.0, observation_variance=noise**2
            )
            left.plot(along, np.where(told > 0, told, np.nan), color=colour, lw=1, zorder=1)
            edge = theory.autoregressive.critical_correlation(
                variance=1.0, observation_variance=noise**2
            )
            left.axvline(edge, color=colour, lw=0.8, ls=":")
        left.plot([], [], color=THEORY, lw=1, label="closed form")
        left.plot([], [], color=THEORY, lw=0.8, ls=":", label="phi_c: below it, do not learn")
        left.set(ylim=(0.02, 1.6), xlim=(0.25, 1.0))
        left.legend(title="observation noise [cue]", title_fontsize=6, fontsize=6)
        lines = {"Kalman gain": kalman_gain}
        draw_best_rates(right, by_drift.assign(theory=np.nan), RATE, lines, UNITS)
        decades = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
        right.set_xticks(decades, [f"{one:g}" for one in decades])
        left.set_title("a world that forgets")
        right.set_title("a world that drifts")
    return figure


def main() -> None:
    """Run, compare, draw."""
    tables = best("best_rate_by_memory", [MEMORY, NOISE]), best("best_rate_by_drift", [DRIFT])
    table = exact(*tables)
    shown = [f"p_{MEMORY}", f"p_{NOISE}", f"p_{DRIFT}", "best", "best_low", "best_high"]
    print(table[[*shown, "theory", "closed_form"]].round(4).to_string(index=False))
    with written_whole(Path("outputs") / "best_rates") as draft:
        table.to_csv(draft / "best_rates.csv", index=False)
        draw(*tables).savefig(draft / "figure.png", dpi=200)


if __name__ == "__main__":
    main()
