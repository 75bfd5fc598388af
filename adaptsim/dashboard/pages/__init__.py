"""Pages, one a file ``NN-name.py``, each with a Solara component ``Page``; found by their names."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any, NamedTuple


class FoundPage(NamedTuple):
    """A page: its place in the address, what the menu calls it, and its component."""

    path: str
    label: str
    component: Any


def found_pages() -> list[FoundPage]:
    """Return all pages in the order of their numbers; the first is at ``/``."""
    files = sorted(Path(__file__).parent.glob("[0-9][0-9]-*.py"))
    return [_page(file.stem, first=index == 0) for index, file in enumerate(files)]


def _page(stem: str, *, first: bool) -> FoundPage:
    name = re.sub(r"^\d+-", "", stem)
    module = importlib.import_module(f"{__name__}.{stem}")
    return FoundPage("/" if first else name, name.replace("-", " ").capitalize(), module.Page)
