"""Best rates of a study: beside closed forms, and on one curve where one number should count."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from adaptsim.documents.document import Item, Picture, Table
from adaptsim.documents.numbers import shown
from adaptsim.documents.stored import Stored
from adaptsim.documents.tables import means_table, readable
from adaptsim.figures.study_axes import label, words_of, wrapped
from adaptsim.studies import analysis
from adaptsim.studies.analysis.frame import PARAMETER

JUDGED_BY = ("tracking_mse", "regret")


def best_rates(stored: Stored) -> Iterator[Item]:
    """Yield the best learning rate in each environment; nothing where a design cannot tell."""
    from adaptsim.figures.study_best_rates import Exact, best_rates_figure

    rate = next((n for n in stored.numeric() if n.endswith("learning_rate")), None)
    measure = next((one for one in JUDGED_BY if one in stored.measures()), None)
    if not stored.full or stored.kind == "zip" or rate is None or measure is None:
        return
    if len(stored.values(rate)) < 3 or stored.values(rate).min() <= 0:
        return
    by = [name for name in stored.varied if name != rate]
    table = analysis.best_rates(stored.runs, measure, rate, by)
    numeric_first = sorted(by, key=lambda name: (name not in stored.numeric(),
                                                 -len(stored.values(name))))  # fmt: skip
    rest = [name for name in table if not str(name).startswith(PARAMETER)]
    table = table[[PARAMETER + name for name in numeric_first] + rest]
    form = analysis.closed_form_of(stored.scenario, stored.varied)
    exact = None
    if form is not None and stored.scenario is not None and measure == "tracking_mse":
        told = analysis.exact_rates(form, stored.scenario, table)
        table.insert(list(table).index("theory") + 1, "exact", told)
        lines = analysis.exact_lines(form, stored.scenario, table)
        exact = Exact(lines, form.name, form.edge[1] if form.edge else "")
    if 1 <= len(by) <= 2 and table["best"].notna().any():
        title = (
            f"Rate of least {words_of(measure)}: vertex of a parabola in log rate through the "
            "least mean and those about it; bars: 95 % interval over replicates drawn again."
        )
        known = table.dropna(subset=["best"])
        alt = f"Best rates from {shown(known['best'].min())} to {shown(known['best'].max())}."
        yield Picture(title, alt, best_rates_figure(table, rate, None, stored.units, exact))
    if exact is not None and form is not None and form.alone is not None and len(by) == 2:
        yield from _collapse(stored, table, form, rate)
    title = f"best {label(rate, stored.units)} by {words_of(measure)}"
    yield Table(title, readable(table), file="best_rates")


def _collapse(
    stored: Stored, table: pd.DataFrame, form: analysis.ClosedForm, rate: str
) -> Iterator[Item]:
    """Yield best rates over the one number on which they should depend, and how well they do."""
    from adaptsim.figures.study_collapse import collapse_figure

    assert form.alone is not None
    assert stored.scenario is not None
    words, number, curve = form.alone
    sets = [name for name in table if str(name).startswith(PARAMETER)][1]
    setting = analysis.settings(stored.scenario, table)
    tails = stats.norm.isf(0.025) * 2
    points = pd.DataFrame(
        {
            "set": table[sets],
            "x": np.log10(number(setting)).round(9),
            "y": table["best"],
            "error": (table["best_high"] - table["best_low"]) / tails,
        }
    )
    found = analysis.collapse(points)
    if not found.compared:
        return
    name = words_of(str(sets).removeprefix(PARAMETER))
    title = (
        f"Do best rates fall on one curve over {words.partition(' [')[0]}? Marks: {name}. S: mean "
        f"squared distance from the curve of the other sets, over its variance "
        f"({found.compared} points)."
    )
    alt = f"S = {shown(found.quality)}, apart by {shown(found.distance)} of the value."
    x, y = f"log$_{{10}}$ of {words}", wrapped("best " + label(rate, stored.units))
    curvature = setting("agent.curvature")
    figure = collapse_figure(found, x, y, lambda log: curve(10**log) / curvature)
    yield Picture(title, alt, figure)
    yield means_table(found.points, "points of the collapse", "collapse")
