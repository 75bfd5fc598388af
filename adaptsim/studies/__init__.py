"""Studies: many cells of one scenario, stored as they finish, resumed where they stopped.

>>> from adaptsim import studies
>>> study = studies.load("learning_rate_by_period")
>>> len(study.design), study.replicates
(117, 8)

`run_study` computes what is missing of a study, `table` reads what is there; `analysis` makes
tables and figures of it.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "adaptsim.studies.results": ["digest", "failures", "status", "table", "trace"],
    "adaptsim.studies.running": ["Outcome", "run_study"],
    "adaptsim.studies.study": ["Study", "from_table", "load", "shipped"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'adaptsim.studies' has no attribute {name!r}")
