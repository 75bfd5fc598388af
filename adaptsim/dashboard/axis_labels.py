"""Axis labels: how the ends of a range that is no round number are told: not at all."""

from __future__ import annotations

from typing import Any

INNER: dict[str, Any] = {
    "axisLabel": {
        "color": "$fg",
        "hideOverlap": True,
        "showMinLabel": False,
        "showMaxLabel": False,
    }
}
"""Of an axis of `chart.option`: labels at round numbers only."""
