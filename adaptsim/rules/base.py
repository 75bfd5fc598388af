"""Rule: from gradient to increment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import optax

from adaptsim.part import Array, Part, field
from adaptsim.rules.schedules import Schedule


class Rule(Part):
    """What turns a gradient into a change of traits. Subclass it and build an optax transformation.

    A rule knows no landscape, no time and no agent. Its mathematics is that of ONE individual; each
    numeric field may be an array with one value per individual.

    ``transformation().update`` is given, beside gradient, memory and traits, what a rule may ask
    for by name: ``value`` (the loss), ``grad`` (the gradient), ``value_fn`` (the loss of any
    traits), ``batch_gradients`` (a function: the gradients of so many batches of what the loss is
    the mean of, shape ``(batches, d)``) and, if it names them in ``randomness``, ``normal``
    (standard normal numbers, one per trait) and ``uniform`` (one number between 0 and 1).

    ``counts_together`` says whether the whole-number memory (how many steps were taken) is the same
    for every individual and may be shared, which saves a power per individual and step in a bias
    correction; a rule whose counts depend on what an individual meets must say ``False``.

    Examples
    --------
    >>> class SignDescent(Rule):
    ...     learning_rate: float = 0.1
    ...     def transformation(self):
    ...         return optax.sign_sgd(self.learning_rate)
    >>> SignDescent(learning_rate=0.5)
    SignDescent(learning_rate=0.5)
    """

    abstract: ClassVar[bool] = True
    reading_units: ClassVar[dict[str, str]] = {}

    @staticmethod
    def from_optax(
        optimizer: optax.GradientTransformation | Callable[..., optax.GradientTransformation],
        *,
        name: str = "",
        **settings: Any,
    ) -> Rule:
        """Return the rule of an optax optimizer, or of a function that makes one.

        Parameters
        ----------
        optimizer
            An optax transformation, ready; or a function that makes one, such as ``optax.adamw``.
            It is given ``value``, ``grad`` and ``value_fn``, as optax's own are.
        name
            What to call it; by default the function's name.
        **settings
            Arguments of the function. Those with a point, ``learning_rate`` in any case, and
            arrays may differ between individuals and be swept; a schedule may stand for the
            learning rate; whole numbers, texts, switches and functions are fixed.

        Raises
        ------
        WrongField
            If it is neither, or settings come with a ready transformation.

        Examples
        --------
        >>> rule = Rule.from_optax(optax.adamw, learning_rate=0.1, weight_decay=1e-3)
        >>> rule.name, rule.learning_rate, rule.numbers
        ('adamw', 0.1, {'weight_decay': 0.001})
        >>> Rule.from_optax(optax.chain(optax.clip(1.0), optax.sgd(0.1)), name="clipped").name
        'clipped'
        """
        from adaptsim.rules.from_optax import FromOptax

        return FromOptax.of(optimizer, name, settings)

    @property
    def randomness(self) -> tuple[str, ...]:
        """Which random numbers it asks for: ``"normal"``, ``"uniform"``; none as a rule."""
        return ()

    @property
    def counts_together(self) -> bool:
        """Whether whole-number memory is one number for a whole population."""
        return True

    def transformation(self) -> optax.GradientTransformation:
        """Return the optax transformation of the gradient of one individual."""
        raise NotImplementedError(f"{type(self).__name__} must define transformation()")

    def evaluations(self, memory: Any) -> Array | int:
        """Return how many gradients the step took that left this memory; one, but for searches."""
        return 1

    def readings(self, memory: Any) -> dict[str, Array]:
        """Return what is worth knowing of a memory, by name, each a scalar; nothing by default."""
        return {}


class Descent(Rule):
    """A rule that is a direction times a learning rate; subclasses say which direction."""

    abstract: ClassVar[bool] = True
    learning_rate: float | Schedule = field(
        default=0.1, unit="1/(curvature step)", help="how far to go per step", at_least=0
    )

    @property
    def counts_together(self) -> bool:
        """Whether the schedule, if there is one, counts the same for everybody."""
        return bool(getattr(self.learning_rate, "counts_together", True))

    def direction(self) -> optax.GradientTransformation:
        """Return the transformation of the gradient into an uphill direction."""
        raise NotImplementedError(f"{type(self).__name__} must define direction()")

    def transformation(self) -> optax.GradientTransformation:
        """Return direction, then learning rate (or schedule), as optax chains them."""
        return optax.chain(self.direction(), step_size(self.learning_rate))


def step_size(learning_rate: Any) -> optax.GradientTransformation:
    """Return the transformation that goes downhill by a learning rate or a schedule of one."""
    if isinstance(learning_rate, Schedule):
        return learning_rate.transformation()
    return optax.scale_by_learning_rate(learning_rate)
