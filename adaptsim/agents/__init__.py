"""Agent kinds: landscapes whose optimum follows a cue."""

from adaptsim.agents.base import Agent, Tracking
from adaptsim.agents.forager import Forager
from adaptsim.agents.predator import Predator
from adaptsim.agents.recommender import Recommender
from adaptsim.agents.synapse import Synapse
from adaptsim.agents.thermostat import Thermostat
from adaptsim.agents.tracker import Tracker
from adaptsim.agents.walker import Walker

__all__ = [
    "Agent",
    "Forager",
    "Predator",
    "Recommender",
    "Synapse",
    "Thermostat",
    "Tracker",
    "Tracking",
    "Walker",
]
