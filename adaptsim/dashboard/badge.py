"""Badge: the letter of a run in the run's own colour."""

from __future__ import annotations

from typing import Any

import solara

LETTERS = "abcd"
"""Of runs."""


def run_colour(run: int) -> str:
    """Return the style that draws a border in the colour of a run.

    Examples
    --------
    >>> run_colour(0)
    'border-color:var(--ad-run-1)'
    """
    return f"border-color:var(--ad-run-{run + 1})"


def badge(run: int) -> Any:
    """Show the letter of a run."""
    return solara.v.Html(
        tag="span", class_="ad-badge", children=[LETTERS[run]], style_=run_colour(run)
    )
