"""Timing: interleaved minima of wall and CPU time, and the tables every benchmark prints."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Cost(NamedTuple):
    """Seconds of one call: what the clock saw and what the processors did."""

    wall: float
    cpu: float

    def per(self, units: float) -> Cost:
        """Return nanoseconds per unit of work."""
        return Cost(self.wall / units * 1e9, self.cpu / units * 1e9)


def interleaved(work: dict[str, Callable[[], Any]], rounds: int = 5) -> dict[str, Cost]:
    """Return the least cost of each piece of work, run in turn so that load hits all alike.

    Everything runs once before, uncounted: compilation and caches are not what is asked for.
    """
    for run in work.values():
        run()
    least = dict.fromkeys(work, Cost(float("inf"), float("inf")))
    for _ in range(rounds):
        for name, run in work.items():
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            took = Cost(time.perf_counter() - wall, time.process_time() - cpu)
            least[name] = Cost(*map(min, least[name], took))
    return least


def arguments(description: str | None, **more: dict[str, Any]) -> argparse.Namespace:
    """Return the parsed command line: ``--json FILE`` and what else a benchmark takes."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the table as JSON")
    for name, options in more.items():
        parser.add_argument(f"--{name.replace('_', '-')}", **options)
    return parser.parse_args()


def report(title: str, rows: list[dict[str, Any]], file: Path | None = None) -> None:
    """Print rows as a table and, if asked, write them as JSON."""
    table = Table(title=title)
    for column in rows[0]:
        side = "left" if isinstance(rows[0][column], str) else "right"
        table.add_column(escape(column), justify=side)
    for row in rows:
        table.add_row(*map(_shown, row.values()))
    Console(width=None if sys.stdout.isatty() else 110).print(table)
    if file:
        file.write_text(json.dumps({"title": title, "rows": rows}, indent=1) + "\n")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else escape(str(value))
