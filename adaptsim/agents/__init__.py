"""Agent kinds: landscapes whose optimum follows a cue."""

from adaptsim.agents.base import Agent, Tracking
from adaptsim.agents.tracker import Tracker

__all__ = ["Agent", "Tracker", "Tracking"]
