"""Quasi-Newton: the curvature is learnt from how the gradient changed along the way."""

from __future__ import annotations

from typing import Any

import optax

from adaptsim.part import Array, field
from adaptsim.rules.base import Descent, step_size
from adaptsim.rules.schedules import Schedule


class LBFGS(Descent):
    """Newton's step with an inverse Hessian made of the last few changes of trait and gradient.

    How far to go along it is found by a line search on the loss, which may look at many places:

    * ``"zoom"``: the strong Wolfe conditions, as optax.lbfgs has by default;
    * ``"backtracking"``: shorter until the loss falls enough, no more (Armijo's condition);
    * ``"none"``: the learning rate, as optax.lbfgs has without a line search.

    With a line search the learning rate only scales what it starts from: leave it 1. The search
    asks for the loss of places that are not visited, so the loss must be a function of the traits
    alone: chance in the gradient misleads it.

    Examples
    --------
    >>> LBFGS(memory_size=5)
    LBFGS(learning_rate=1.0, memory_size=5, line_search='zoom', max_line_search_steps=20)

    References
    ----------
    Liu & Nocedal (1989), Mathematical Programming 45:503; Nocedal & Wright (2006), Numerical
    Optimization, algorithms 3.5, 3.6 and 7.4; optax.lbfgs.
    """

    learning_rate: float | Schedule = field(
        default=1.0, unit="newton step", help="length that the line search scales", at_least=0
    )
    memory_size: int = field(default=10, unit="steps", help="changes remembered", at_least=1)
    line_search: str = field(
        default="zoom",
        help="how the length of a step is found",
        choices=("zoom", "backtracking", "none"),
    )
    max_line_search_steps: int = field(
        default=20, help="places looked at in one step at most", at_least=1
    )

    @property
    def counts_together(self) -> bool:
        """Whether there is no line search: each counts its own."""
        return self.line_search == "none" and super().counts_together

    def direction(self) -> optax.GradientTransformation:
        """Return the gradient times the inverse Hessian as far as it is known."""
        return optax.scale_by_lbfgs(memory_size=self.memory_size)

    def transformation(self) -> optax.GradientTransformation:
        """Return direction, learning rate and line search, as optax.lbfgs chains them."""
        whole = optax.chain(self.direction(), step_size(self.learning_rate), self._search())

        def update(
            gradient: Array, memory: Any, trait: Any = None, *,
            value: Any = None, grad: Any = None, value_fn: Any = None, **_: Any,
        ) -> tuple[Array, Any]:  # fmt: skip
            told = {"value": value, "grad": gradient if grad is None else grad}
            return whole.update(gradient, memory, trait, value_fn=value_fn, **told)

        return optax.GradientTransformationExtraArgs(whole.init, update)

    def _search(self) -> optax.GradientTransformation:
        if self.line_search == "zoom":
            return optax.scale_by_zoom_linesearch(
                max_linesearch_steps=self.max_line_search_steps, initial_guess_strategy="one"
            )
        if self.line_search == "backtracking":
            return optax.scale_by_backtracking_linesearch(self.max_line_search_steps)
        return optax.identity()

    def evaluations(self, memory: Any) -> Array | int:
        """Return how many places the last step looked at: where it began, and those searched.

        Each costs a loss and, but for backtracking's, a gradient. On a loss that stands still the
        first is the last of the step before, so a program made for such a loss alone, like SciPy's,
        takes one less a step.
        """
        if self.line_search == "none":
            return 1
        searched: Array = memory[-1].info.num_linesearch_steps
        return 1 + searched
