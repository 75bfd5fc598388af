"""Provenance: everything that is needed to run something again and get the same bits."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

LIBRARIES = (
    "adaptsim",
    "jax",
    "jaxlib",
    "optax",
    "diffrax",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "mesa",
)


def provenance(asked: Mapping[str, Any], seed: int, wall_time: float) -> dict[str, Any]:
    """Return what was asked, seed, versions of all that took part, when and how long.

    Examples
    --------
    >>> sorted(provenance({"scenario": {}}, seed=1, wall_time=0.5))
    ['finished', 'machine', 'python', 'scenario', 'seed', 'versions', 'wall_time_s']
    """
    return dict(asked) | {
        "seed": seed,
        "versions": {name: _version(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "wall_time_s": round(wall_time, 3),
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
