"""Document: what a report says, before anyone decides how it looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Words:
    """A paragraph; ``warning`` where it says what is wrong or missing."""

    text: str
    warning: bool = False


@dataclass(frozen=True)
class Facts:
    """Names and what they are, in order."""

    items: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    title, note : str
        Above and below it.
    frame : DataFrame
        Its rows; the first column names them.
    folded : bool
        Whether it is shown only when asked for.
    file : str
        Name of the file, without suffix, that holds it whole; empty where none is written.
    digits : int
        Significant digits of its numbers.
    spread : bool
        Whether its columns are values of one thing, so that some of them, evenly chosen, tell of
        all; of another table the first are kept where not all fit.
    """

    title: str
    frame: pd.DataFrame
    note: str = ""
    folded: bool = False
    file: str = ""
    digits: int = 4
    spread: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes
    ----------
    title : str
        Its caption.
    alt : str
        What it shows, for people who cannot see it.
    image : Figure or Path
        A figure, or a PNG file.
    """

    title: str
    alt: str
    image: Figure | Path


@dataclass(frozen=True)
class Listing:
    """Text as it stands in a file, shown only when asked for."""

    title: str
    text: str


Item = Words | Facts | Table | Picture | Listing


@dataclass(frozen=True)
class Section:
    """A part of a document with a heading."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes
    ----------
    kind : str
        What it is a report of: ``"study"``, ``"run"``, ``"optimize"``, ``"stability"``, ``"fit"``.
    name, question : str
        What that is called, and what it asks.
    lead : str
        One line on what was done.
    sections : tuple[Section, ...]
        The parts, in order.
    refused : tuple[str, ...]
        Analyses that could not be made, and why.
    """

    kind: str
    name: str
    question: str
    lead: str
    sections: tuple[Section, ...]
    refused: tuple[str, ...] = field(default=())

    def tables(self) -> Iterator[Table]:
        """Yield all tables in order."""
        for section in self.sections:
            yield from (item for item in section.items if isinstance(item, Table))
