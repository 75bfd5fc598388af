"""Number table: named rows of numbers, theory beside each, a column for each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import solara

from adaptsim.dashboard.badge import LETTERS, badge


class Cell(NamedTuple):
    """What was found and what theory has, nan where nothing; a flag that says what to beware of.

    ``None`` in place of a number: it is still being found.
    """

    found: float | None
    theory: float | None
    flag: str = ""


class Row(NamedTuple):
    """A row: the name that tests find it by, what is told, its unit, and a cell for each run.

    ``None`` in place of a cell: the run has no such number.
    """

    name: str
    label: str
    unit: str
    cells: Sequence[Cell | None]


@solara.component
def NumberTable(rows: Sequence[Row], *, runs: int, caption: str, name: str = "numbers") -> None:
    """Show rows of numbers; ``measured-LETTER-NAME`` and ``theory-LETTER-NAME`` for tests."""
    head = [_cell("th", ["Number"], scope="col")]
    heads = [badge(run) for run in range(runs)] if runs > 1 else ["Found"]
    head += [_cell("th", [one], scope="col") for one in heads]
    body = [
        solara.v.Html(
            tag="tr",
            children=[
                _cell(
                    "th",
                    [
                        row.label,
                        solara.v.Html(
                            tag="small", children=["" if row.unit == "1" else f" {row.unit}"]
                        ),
                    ],
                    scope="row",
                ),
                *[_numbers(row.name, LETTERS[run], row.cells[run]) for run in range(runs)],
            ],
        )
        for row in rows
    ]
    solara.v.Html(
        tag="table",
        class_="ad-table",
        children=[
            solara.v.Html(tag="caption", children=[caption]),
            solara.v.Html(tag="thead", children=[solara.v.Html(tag="tr", children=head)]),
            solara.v.Html(tag="tbody", children=body),
        ],
        attributes={"data-testid": name},
    )


def _cell(tag: str, children: list[Any], **attributes: Any) -> Any:
    return solara.v.Html(tag=tag, children=children, attributes=attributes)


def _numbers(name: str, letter: str, cell: Cell | None) -> Any:
    if cell is None:
        return _cell("td", ["–"])
    known = cell.theory is not None and math.isfinite(cell.theory)
    measured = solara.v.Html(
        tag="span",
        class_="ad-value",
        children=["…" if cell.found is None else number(cell.found)],
        attributes={"data-testid": f"measured-{letter}-{name}"},
    )
    theory = solara.v.Html(
        tag="em",
        children=["–" if cell.theory is None else number(cell.theory)],
        attributes={
            "data-testid": f"theory-{letter}-{name}",
            "title": "theory" if known else "no closed form is known",
        },
    )
    return _cell("td", [measured, theory], **({"title": cell.flag} if cell.flag else {}))


def number(value: float) -> str:
    """Return a number as the page shows it.

    Examples
    --------
    >>> number(7.456342), number(123456.0), number(float("nan"))
    ('7.456', '1.235e+05', '–')
    """
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.4g}"
