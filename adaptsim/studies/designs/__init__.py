"""Designs: which cells a study has.

Each kind is a file of its own with one function of axes, options, seed and place, and is listed in
``KINDS`` with the options it takes. All names of a design that are no option are parameters.
"""

from adaptsim.studies.designs.base import Cells, Design
from adaptsim.studies.designs.kinds import KINDS, read_design

__all__ = ["KINDS", "Cells", "Design", "read_design"]
