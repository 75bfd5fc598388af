"""Frame table: rows of a DataFrame in a page, the first of them where there are many."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import solara

from adaptsim.documents.numbers import is_numeric, more, shown


@solara.component
def FrameTable(
    frame: pd.DataFrame,
    *,
    caption: str,
    name: str,
    heads: Mapping[str, str] = {},
    most: int = 12,
    where: str = "",
) -> None:
    """Show a table; ``table-NAME`` for tests.

    Parameters
    ----------
    heads
        What a column is called, where that is not its name.
    most
        Rows that are shown.
    where
        Words on where the others are, as `` in the CSV``.
    """
    numeric = {column: is_numeric(frame[column]) for column in frame}
    first = frame.head(most)
    head = [
        _cell("th", heads.get(str(column), str(column)), number=numeric[column], scope="col")
        for column in frame
    ]
    body = [
        solara.v.Html(
            tag="tr",
            children=[
                _cell("td", shown(value), number=numeric[column])
                for column, value in zip(frame, row, strict=True)
            ],
        )
        for row in first.itertuples(index=False, name=None)
    ]
    left_out = more(len(frame) - len(first), "row", where)
    told = f"{caption}. {left_out}" if left_out else caption
    solara.Text(told, classes=["ad-help"])
    with solara.v.Html(
        tag="div",
        class_="ad-wide",
        attributes={"tabindex": "0", "role": "region", "aria-label": caption},
    ):
        solara.v.Html(
            tag="table",
            class_="ad-table",
            children=[
                solara.v.Html(tag="thead", children=[solara.v.Html(tag="tr", children=head)]),
                solara.v.Html(tag="tbody", children=body),
            ],
            attributes={"data-testid": f"table-{name}", "aria-label": caption},
        )


def _cell(tag: str, text: str, *, number: bool, **attributes: str) -> solara.Element:
    return solara.v.Html(
        tag=tag, children=[text], class_="ad-right" if number else "", attributes=attributes
    )
