"""Environments: from time to cue."""

from adaptsim.environments.base import Environment
from adaptsim.environments.deterministic import Constant, Sinusoid

__all__ = ["Constant", "Environment", "Sinusoid"]
