"""Why large steps overshoot: what a step of descent bets on.

It bets that the landscape goes on as it begins: flat and tilted. By how much the bet is wrong is
known, ``rate^2 g'Hg / 2``: twice the rate, four times the error. The same holds for the place: a
step misses the smooth way downhill by ``rate^2 |H g| / 2``. Seen on Rosenbrock's valley, from its
customary start.

    uv run python scenarios/chapter/2_flatness.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim.figures.flatness import flatness_figure
from adaptsim.flow import bet_on_flatness, local_truncation_error, truncation_error
from adaptsim.landscapes import Rosenbrock

VALLEY = Rosenbrock()
START = VALLEY.start()
RATES = np.geomspace(1e-8, 1e-2, 37)  # [1/curvature]
LANDINGS = np.array([0.5, 1.0, 2.0, 2.9])  # in units of the best rate along the slope


def story():
    """Return the table and the picture."""
    best = bet_on_flatness(VALLEY.loss, START, 1.0).best_rate
    bet = bet_on_flatness(VALLEY.loss, START, LANDINGS * best)
    loss = truncation_error(VALLEY.loss, START, RATES)
    place = local_truncation_error(VALLEY.loss, START, RATES)
    first = int(np.argmax(loss.asymptotic))
    twice = truncation_error(VALLEY.loss, START, RATES[first] * np.array([1.0, 2.0])).errors
    rows = [
        ("order of the loss's error", loss.order.order, 2.0),
        ("order of the place's error", place.order.order, 2.0),
        ("error at twice the rate", twice[1] / twice[0], 4.0),
        ("loss's error / rate^2", *(one[first] / RATES[first] ** 2 for one in loss[1:3])),
        ("place's error / rate^2", *(one[first] / RATES[first] ** 2 for one in place[1:3])),
    ]
    figure = flatness_figure(bet, {"loss": loss, "place": place})
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.7g}".format))
    folder = Path("outputs/chapter")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "2_flatness.png", dpi=200)
