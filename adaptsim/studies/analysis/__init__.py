"""Analysis of studies: functions of a frame of runs, each of which returns a table.

``frame``               parameters, measures, groups, results in long form
``agreement``           means beside theory
``averages``            means over replicates with intervals, noise of the replicates
``responses``           response curves, main effects
``heat_map``            a measure over two parameters
``phases``              which behaviour there is over two parameters, and where it changes
``differences``         paired differences with common random numbers
``best_rates``          the best learning rate in each environment
``closed_forms``        what the best learning rate is exactly, where that is known
``front``               Pareto front of responsiveness against stability
``collapse``            do curves fall on one when scaled?
``sobol_indices``       variance shares from a Saltelli sample
``elementary_effects``  Morris's screening
``fourier_indices``     variance shares from a FAST sample
``completeness``        blocks with failures, dropped whole

Nothing here simulates or draws; `adaptsim.figures` has one file ``study_*`` for each picture.

Examples
--------
>>> import pandas as pd
>>> runs = pd.DataFrame({"p_rate": [0.1, 0.2], "m_lag": [10.0, 5.0]})
>>> response_curves(runs, "lag", "rate")["value"].tolist()
[10.0, 5.0]
"""

from adaptsim.studies.analysis.agreement import agreement
from adaptsim.studies.analysis.averages import averages, replicate_noise
from adaptsim.studies.analysis.best_rates import best_rates
from adaptsim.studies.analysis.closed_forms import (
    ClosedForm,
    closed_form_of,
    exact_lines,
    exact_rates,
    settings,
)
from adaptsim.studies.analysis.collapse import Collapse, collapse
from adaptsim.studies.analysis.differences import paired_differences
from adaptsim.studies.analysis.elementary_effects import elementary_effects
from adaptsim.studies.analysis.fourier_indices import fourier_indices
from adaptsim.studies.analysis.frame import by_group, measures, parameters, tidy, with_own_theory
from adaptsim.studies.analysis.front import pareto_front
from adaptsim.studies.analysis.heat_map import heat_map
from adaptsim.studies.analysis.phases import edges, phases
from adaptsim.studies.analysis.responses import main_effects, response_curves
from adaptsim.studies.analysis.sobol_indices import sobol_indices

__all__ = [
    "ClosedForm",
    "Collapse",
    "agreement",
    "averages",
    "best_rates",
    "by_group",
    "closed_form_of",
    "collapse",
    "edges",
    "elementary_effects",
    "exact_lines",
    "exact_rates",
    "fourier_indices",
    "heat_map",
    "main_effects",
    "measures",
    "paired_differences",
    "parameters",
    "pareto_front",
    "phases",
    "replicate_noise",
    "response_curves",
    "settings",
    "sobol_indices",
    "tidy",
    "with_own_theory",
]
