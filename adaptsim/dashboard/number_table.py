"""Number table: named rows of numbers, theory beside each, a column for each run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import solara

from adaptsim.dashboard.comparison import LETTERS
from adaptsim.dashboard.measure_table import number


class Row(NamedTuple):
    """A row: what is told, its unit, and by run what was found and what theory has (or None)."""

    name: str
    label: str
    unit: str
    found: Sequence[float | None]
    theory: Sequence[float | None]


@solara.component
def NumberTable(rows: Sequence[Row], *, runs: int, caption: str) -> None:
    """Show rows of numbers; ``measured-LETTER-NAME`` and ``theory-LETTER-NAME`` for tests."""
    head = [_cell("th", ["Number"], scope="col")]
    head += [_cell("th", [_badge(run)], scope="col") for run in range(runs)]
    body = [
        solara.v.Html(
            tag="tr",
            children=[
                _cell(
                    "th",
                    [row.label, solara.v.Html(tag="small", children=[f" {row.unit}"])],
                    scope="row",
                ),
                *[_numbers(row, run) for run in range(runs)],
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
        attributes={"data-testid": "numbers"},
    )


def _badge(run: int) -> Any:
    return solara.v.Html(
        tag="span",
        class_="ad-badge",
        children=[LETTERS[run]],
        style_=f"border-color:var(--ad-run-{run + 1})",
    )


def _cell(tag: str, children: list[Any], **attributes: Any) -> Any:
    return solara.v.Html(tag=tag, children=children, attributes=attributes)


def _numbers(row: Row, run: int) -> Any:
    letter, found, theory = LETTERS[run], row.found[run], row.theory[run]
    measured = solara.v.Html(
        tag="span",
        class_="ad-value",
        children=["…" if found is None else number(found)],
        attributes={"data-testid": f"measured-{letter}-{row.name}"},
    )
    known = solara.v.Html(
        tag="em",
        children=["–" if theory is None else number(theory)],
        attributes={
            "data-testid": f"theory-{letter}-{row.name}",
            "title": "no closed form is known" if theory is None else "theory",
        },
    )
    return _cell("td", [measured, known])
