"""adaptsim: a simulator of adaptation."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "adaptsim.part": ["Part", "WrongField", "field"],
    "adaptsim.agents": ["Agent", "Tracker", "Tracking"],
    "adaptsim.environments": ["Constant", "Environment", "Sinusoid"],
    "adaptsim.rules": ["AdaGrad", "Adam", "GradientDescent", "Momentum", "RMSProp", "Rule"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'adaptsim' has no attribute {name!r}")
