"""Evolution: lives, selection and inheritance of a learning rate, or of any other number.

A population lives through the same step as any other; what it inherits is a numeric field of its
rule or kind. ``theory.evolution`` says which learning rate should win, and
``theory.quantitative_genetics`` how a trait that only evolves should follow its optimum.

Examples
--------
>>> from adaptsim.evolution import Evolution, Moran
>>> Evolution(scheme=Moran(events=5), inherits="nothing").heritable
'rule.learning_rate'
"""

from adaptsim.evolution.base import Heirs, Scheme
from adaptsim.evolution.ceiling import Ceiling
from adaptsim.evolution.evolution import Evolution
from adaptsim.evolution.generations import Evolved, evolve
from adaptsim.evolution.heredity import check_heredity, declared_field, heritable_fields
from adaptsim.evolution.moran import Moran
from adaptsim.evolution.wright_fisher import WrightFisher

__all__ = [
    "Ceiling",
    "Evolution",
    "Evolved",
    "Heirs",
    "Moran",
    "Scheme",
    "WrightFisher",
    "check_heredity",
    "declared_field",
    "evolve",
    "heritable_fields",
]
