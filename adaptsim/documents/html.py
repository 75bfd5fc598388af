"""HTML: a document as one file that needs no network, in light and dark, on paper too."""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from adaptsim.documents.document import (
    Document,
    Facts,
    Item,
    Listing,
    Picture,
    Table,
    Words,
)
from adaptsim.documents.numbers import is_numeric, more, shown

MOST_ROWS = 200
"""Up to so many rows of a table are shown."""

PIXELS_PER_INCH = 130
"""How large figures appear on a screen."""

SVG: dict[str, Any] = {"svg.fonttype": "path", "svg.hashsalt": "adaptsim"}
HEAVY = 400_000
"""A drawing of more bytes is embedded as pixels."""

TEMPLATE = Path(__file__).with_name("page.html.jinja")


def html(document: Document) -> str:
    """Return a document as one HTML page; every text in it is escaped.

    Examples
    --------
    >>> page = html(Document("run", "<tone>", "Why?", "", ()))
    >>> "<h1>&lt;tone&gt;</h1>" in page
    True
    """
    from jinja2 import Environment, StrictUndefined

    world = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = world.from_string(TEMPLATE.read_text(encoding="utf-8"))
    sections = [
        {"title": one.title, "parts": [_seen(item) for item in one.items]}
        for one in document.sections
    ]
    told = {"kind": document.kind, "name": document.name, "question": document.question,
            "lead": document.lead, "refused": document.refused, "sections": sections}  # fmt: skip
    return page.render(
        document=told,
        version=metadata.version("adaptsim"),
        written=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _seen(item: Item) -> Mapping[str, Any]:
    """Return what the template needs to know of an item."""
    match item:
        case Words(text, warning):
            return {"form": "words", "text": text, "warning": warning}
        case Facts(items):
            return {"form": "facts", "facts": items}
        case Table():
            return _table(item)
        case Picture(title, alt, image):
            return {"form": "picture", "title": title, "alt": alt, **_image(image)}
        case Listing(title, text):
            return {"form": "listing", "title": title, "text": text}


def _table(item: Table) -> dict[str, Any]:
    frame = item.frame.head(MOST_ROWS)
    columns = [
        {"name": str(name).replace("_", " "), "numeric": is_numeric(frame[name])}
        for name in frame.columns
    ]
    rows = [
        [shown(cell, item.digits).split("\n") for cell in row]
        for row in frame.itertuples(index=False, name=None)
    ]
    left_out = len(item.frame) - len(frame)
    where = f" in analysis/{item.file}.csv" if item.file else ""
    note = " ".join(filter(None, [item.note, more(left_out, "row", where)]))
    return {"form": "table", "title": item.title, "columns": columns, "rows": rows, "note": note,
            "folded": item.folded}  # fmt: skip


def _image(image: Any) -> dict[str, Any]:
    if isinstance(image, Path):
        return {"source": _uri(image.read_bytes(), "image/png"), "width": None}
    import matplotlib as mpl

    width = round(image.get_figwidth() * PIXELS_PER_INCH)
    with mpl.rc_context(SVG), io.BytesIO() as file:  # type: ignore[arg-type]
        image.savefig(file, format="svg", metadata={"Date": None}, dpi=200)
        drawn = file.getvalue()
    if len(drawn) <= HEAVY:
        return {"source": _uri(drawn, "image/svg+xml"), "width": width}
    with io.BytesIO() as file:
        image.savefig(file, format="png", dpi=200)
        return {"source": _uri(file.getvalue(), "image/png"), "width": width}


def _uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
