"""The application that Solara's server serves.

pandas is imported here, before any page begins a thread: Solara looks for it at every change of
state, and finds half of it while another thread imports it.
"""

from __future__ import annotations

import pandas  # noqa: F401

from adaptsim.dashboard.shell import Layout
from adaptsim.dashboard.shell import routes as made_routes

routes = made_routes()
__all__ = ["Layout", "routes"]
