"""Terminal: a document as text, tables as rich draws them, pictures by their captions."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table as Drawn
from rich.text import Text

from adaptsim.documents.document import Document, Facts, Item, Picture, Table, Words
from adaptsim.documents.numbers import is_numeric, more, shown

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 20
"""Up to so many rows of a table are shown on a terminal."""

WIDEST = (34, 24, 16)
"""Longer texts in a cell are folded; the narrowest comes before columns are left out."""


def text(document: Document, width: int = 100) -> str:
    """Return a document as plain text.

    Examples
    --------
    >>> print(text(Document("run", "tone", "How far behind?", "", ())).strip())
    tone
    How far behind?
    """
    console = Console(width=width, no_color=True, highlight=False, record=True, file=io.StringIO())
    console.print(lines(document))
    return console.export_text()


def lines(document: Document) -> RenderableType:
    """Return a document as something that rich prints; no text in it is taken for markup."""
    return Group(*_lines(document))


def _lines(document: Document) -> Iterator[RenderableType]:
    yield Text(document.name, style="bold")
    for told in filter(None, (document.question, document.lead)):
        yield Text(told)
    for reason in document.refused:
        yield Text(f"Not analysed: {reason}", style="yellow")
    for section in document.sections:
        shown_items = [one for item in section.items if (one := _shown(item)) is not None]
        if shown_items:
            yield Text(f"\n{section.title}", style="bold underline")
            yield from shown_items


def _shown(item: Item) -> RenderableType | None:
    """Return an item, or None where it is shown only when asked for."""
    match item:
        case Words(told, warning):
            return Text(told, style="yellow" if warning else "")
        case Facts(items):
            drawn = Drawn(box=None, show_header=False, padding=(0, 2, 0, 0))
            for name, value in items.items():
                drawn.add_row(Text(name, style="dim"), Text(value))
            return drawn
        case Table(folded=False):
            return _Fitting(item)
        case Picture(title, _, _):
            return Text(f"picture: {title}", style="dim")
    return None


class _Fitting:
    """A table with as many columns as fit the terminal: the first, and others evenly chosen."""

    def __init__(self, item: Table) -> None:
        self.item = item

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        frame = self.item.frame.head(MOST_ROWS).map(self._shown)
        room = options.max_width - 2  # the edges
        for widest in WIDEST:
            limits = [WIDEST[0], *[widest] * (frame.shape[1] - 1)]
            columns = zip(frame.columns, limits, strict=True)
            widths = [_width(str(name), frame[name], limit) for name, limit in columns]
            if sum(widths) <= room:
                break
        kept = list(range(1, len(widths)))
        while kept and widths[0] + sum(widths[place] for place in kept) > room:
            kept = self._fewer(kept)
        yield self._drawn(frame.iloc[:, [0, *dict.fromkeys(kept)]])

    def _fewer(self, kept: list[int]) -> list[int]:
        """Return all places but one."""
        last = len(kept) - 1
        spread = [kept[round(i * last / max(last - 1, 1))] for i in range(last)]
        return spread if self.item.spread else kept[:-1]

    def _shown(self, value: Any) -> str:
        return shown(value, self.item.digits)

    def _drawn(self, frame: pd.DataFrame) -> Drawn:
        item, whole = self.item, self.item.frame
        table = Drawn(title=Text(item.title), title_justify="left", title_style="bold",
                      box=SIMPLE, caption_justify="left", padding=(0, 2, 0, 0))  # fmt: skip
        for name in frame.columns:
            right = is_numeric(whole[name])
            told = Text(str(name).replace("_", " "))
            first = name == frame.columns[0]
            table.add_column(
                told, justify="right" if right else "left", overflow="fold",
                min_width=min(_width(str(name), frame[name], WIDEST[0]) - 2, 34) if first else None,
            )  # fmt: skip
        for row in frame.itertuples(index=False, name=None):
            table.add_row(*map(_cell, row))
        rows, columns = len(whole) - len(frame), whole.shape[1] - frame.shape[1]
        notes = [
            item.note,
            more(rows, "row"),
            more(columns, "column"),
        ]
        table.caption = Text(" ".join(filter(None, notes)))
        return table


def _cell(told: str) -> Text:
    """Return a cell, what stands below its first line in the colour of theory."""
    first, _, below = told.partition("\n")
    return Text.assemble(first, (f"\n{below}", "cyan")) if below else Text(first)


def _width(name: str, cells: pd.Series[str], widest: int) -> int:
    """Return how many letters wide a column wants to be; long texts may be folded."""
    lines = [line for cell in cells for line in cell.split("\n")]
    return min(max(len(name), *map(len, lines), 0), widest) + 2


def records(document: Document) -> list[dict[str, Any]]:
    """Return the rows of all tables as JSON has them, each with the title of its table.

    Examples
    --------
    >>> import pandas as pd
    >>> from adaptsim.documents.document import Section
    >>> table = Table("measures", pd.DataFrame({"lag": [1.5]}))
    >>> records(Document("run", "", "", "", (Section("Results", (table,)),)))
    [{'table': 'measures', 'lag': 1.5}]
    """
    return [
        {"table": table.title} | {str(key): _plain(value) for key, value in row.items()}
        for table in document.tables()
        for row in table.frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
