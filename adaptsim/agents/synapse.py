"""Synapse: a neuron that learns its weights, by a teacher, by correlation or by a threshold."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim import noise
from adaptsim.agents.base import Agent, Tracking
from adaptsim.part import Array, WrongField, field

DELTA, OJA, BCM = "delta", "oja", "bcm"
AVERAGED, DRAWN = "averaged", "drawn"
MOST_TRACKED = 8
"""So many synapses at most have rows of their own in tables."""


class Synapse(Agent):
    """A neuron with ``d`` synapses: the traits are their weights ``w``, the response ``y = w . x``.

    In a step, in order: the inputs ``x`` are presented; the neuron responds with the weights it has
    had; the gradient is formed from inputs, response and, in mode ``"bcm"``, the threshold as it
    was; the rule changes the weights; last the threshold moves, by that same response. Three ways
    of learning:

    ``"delta"``
        a teacher whose weights are the cue, ``w*``: ``dw = eta (w* . x - y) x``. Loss: half the
        mean squared error, ``(w - w*)' C (w - w*) / 2``.
    ``"oja"``
        ``dw = eta y (x - y w)``, which turns the weights to the principal component of the inputs
        and makes them 1 long. The cue is the mean of the inputs. Loss: half the mean squared error
        of reconstruction, ``abs(x - y w)^2 / 2``. The optimum is told with components that add up
        to no less than 0; its negative is as good. Steps are only like the flow while ``eta``
        times the largest variance is small, about 0.1.
    ``"bcm"``
        ``dw = eta y (y - theta) x`` and ``theta' = theta + (1 - exp(-1/threshold_time)) (y^2 -
        theta)``. The cue is the input itself. It rests at ``y = theta = 1``; the optimum told is
        the shortest such ``w``. Loss: ``1/12 + y^4/4 - y^3/3``, what is descended were the
        threshold at once at ``y^2``.

    A cue of one component stands for all synapses. In modes delta and oja inputs fluctuate with
    ``variances`` (1 if not given), all with one ``correlation``, as if they shared a source:
    ``x_i = sd_i (sqrt(rho) z_0 + sqrt(1 - rho) z_i)``. They are either ``"averaged"`` over (``C``
    is their second moment, and a step is the mean step) or ``"drawn"`` anew, and independently for
    each neuron, in each step. Speed limits are those of the mean step: with drawn inputs the mean
    *square* grows before (`adaptsim.theory.recommender.mean_square_limit`).

    Put a rule such as `Methylated` or `BennaFusi` under it for synapses whose plasticity changes.

    Examples
    --------
    >>> neuron = Synapse(variances=(2.0, 1.0), correlation=0.8 / 2**0.5)
    >>> print(neuron.moment(jnp.zeros(2)).round(6))
    [[2.  0.8]
     [0.8 1. ]]
    >>> print(neuron.gradient(jnp.zeros(2), jnp.ones(2), ()).round(6))
    [-2.8 -1.8]
    >>> Synapse(learning="bcm").optimum(jnp.array([1.0, 2.0])).tolist()
    [0.2, 0.4]

    References
    ----------
    Widrow & Hoff (1960); Oja (1982), J Math Biol 15:267; Bienenstock, Cooper & Munro (1982), J
    Neurosci 2:32; Udeigwe, Munro & Ermentrout (2017) for the threshold's time. Named from general
    knowledge, not re-read for this.
    """

    units: ClassVar[dict[str, str]] = {}

    learning: str = field(default=DELTA, help="how weights are learnt", choices=(DELTA, OJA, BCM))
    inputs: str = field(
        default=AVERAGED, help="whether a step is the mean over inputs", choices=(AVERAGED, DRAWN)
    )
    synapses: int = field(default=2, help="d, number of synapses", at_least=1)
    variances: tuple[float, ...] = field(default=(), help="of each input; 1 if not given")
    correlation: float = field(default=0.0, help="of any two inputs", at_least=0, at_most=1)
    start_at: float = field(default=0.5, unit="weight", help="every weight before the first step")
    threshold_time: float = field(
        default=10.0, unit="steps", help="tau, in which the threshold of bcm follows", above=0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.variances, tuple) or len(self.variances) not in (0, self.synapses):
            got = f"got {self.variances!r}"
            problem = f"must be {self.synapses} numbers, one per synapse as in synapses; {got}"
            raise WrongField("Synapse", "variances", problem)
        for one in self.variances:
            if not isinstance(one, jax.core.Tracer) and not np.all(np.asarray(one, float) >= 0):
                raise WrongField("Synapse", "variances", f"must be at least 0; got {one!r}")

    def deviations(self) -> Array:
        """Return the standard deviation of each input, shape ``(d,)``."""
        if not self.variances:
            return jnp.ones(self.synapses)
        return jnp.sqrt(jnp.stack([jnp.asarray(one, float) for one in self.variances]))

    def shown(self) -> str | None:
        """Return what a figure shows: the response, the alignment, or the last synapse."""
        return {DELTA: None, OJA: "alignment", BCM: "response"}[self.learning]

    def moment(self, mean: Array) -> Array:
        """Return the second moment ``C`` of inputs with a mean ``(d,)``, shape ``(d, d)``."""
        shared = jnp.outer(self.deviations(), self.deviations())
        own = jnp.eye(self.synapses) * shared
        both = self.correlation * shared + (1 - self.correlation) * own
        return both + jnp.outer(mean, mean)

    def start(self, cue: Array) -> Array:
        """Return ``start_at`` for every weight, shape ``(d,)``."""
        return jnp.full(self.synapses, self.start_at, dtype=float)

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return the mode's loss, a scalar; see above."""
        if self.learning == BCM:
            y = trait @ self._spread(cue)
            return 1 / 12 + y**4 / 4 - y**3 / 3
        if self.learning == DELTA:
            error = trait - self._spread(cue)
            return error @ self._spanned(error, jnp.zeros(self.synapses)) / 2
        mean = self._spread(cue)
        power = jnp.sum(self.deviations() ** 2) + mean @ mean
        return (power - (2 - trait @ trait) * (trait @ self._spanned(trait, mean))) / 2

    def optimum(self, cue: Array) -> Array:
        """Return the teacher's weights, the principal component, or the shortest right answer."""
        seen = self._spread(cue)
        if self.learning == DELTA:
            return seen
        if self.learning == BCM:
            return seen / (seen @ seen)
        first = jnp.linalg.eigh(self.moment(seen))[1][:, -1]
        return first * jnp.where(jnp.sum(first) < 0, -1.0, 1.0)

    def gradient(self, trait: Array, cue: Array, body: Any) -> Array:
        """Return minus the mean change per learning rate, shape ``(d,)``."""
        seen = self._spread(cue)
        if self.learning == DELTA:
            return self._spanned(trait - seen, jnp.zeros(self.synapses))
        if self.learning == BCM:
            response = trait @ seen
            return -response * (response - body) * seen
        spanned = self._spanned(trait, seen)
        return (trait @ spanned) * trait - spanned

    @property
    def chancy(self) -> bool:
        """Whether inputs are drawn; the one input of mode bcm is the cue."""
        return self.inputs == DRAWN and self.learning != BCM

    def perceived_gradient(self, trait: Array, cue: Array, body: Any, key: Array) -> Array:
        """Return minus the change per learning rate under inputs that are drawn, ``(d,)``."""
        if not self.chancy:
            return self.gradient(trait, cue, body)
        drawn = noise.normal(key, (self.synapses + 1,))
        shared, own = jnp.sqrt(self.correlation), jnp.sqrt(1 - self.correlation)
        inputs = self.deviations() * (shared * drawn[0] + own * drawn[1:])
        if self.learning == DELTA:
            return ((trait - self._spread(cue)) @ inputs) * inputs
        inputs = inputs + self._spread(cue)
        response = trait @ inputs
        return response * (response * trait - inputs)

    def body(self, cue: Array) -> Any:
        """Return the threshold, a scalar, at the square of the first response; ``()`` without."""
        return (self.start(cue) @ self._spread(cue)) ** 2 if self.learning == BCM else ()

    def live(self, body: Any, trait: Array, cue: Array) -> Any:
        """Return the threshold after one step."""
        if self.learning != BCM:
            return body
        return body - jnp.expm1(-1 / self.threshold_time) * (
            (trait @ self._spread(cue)) ** 2 - body
        )

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return what follows what.

        Each of the first eight weights behind the teacher's; or alignment (the cosine to the
        principal component, sign left aside) and norm; or response and threshold: these behind 1.
        """
        one = jnp.asarray(1.0)
        if self.learning == BCM:
            response = trait @ self._spread(cue)
            return {"response": Tracking(response, one, one), "threshold": Tracking(body, one, one)}
        best = self.optimum(cue)
        if self.learning == OJA:
            norm = jnp.sqrt(trait @ trait)
            aligned = jnp.abs(trait @ best) / norm
            return {"alignment": Tracking(aligned, one, one), "norm": Tracking(norm, one, one)}
        count = min(self.synapses, MOST_TRACKED)
        return {f"synapse_{i}": Tracking(trait[i], best[i], best[i]) for i in range(count)}

    def _spread(self, cue: Array) -> Array:
        """Return the cue for every synapse, shape ``(d,)``."""
        if cue.shape[-1] not in (1, self.synapses):
            allowed = f"a cue of 1 or {self.synapses} numbers"
            raise ValueError(
                f"a Synapse with {self.synapses} synapses sees {allowed}; got {cue.size}"
            )
        return jnp.broadcast_to(cue, (self.synapses,))

    def _spanned(self, weights: Array, mean: Array) -> Array:
        """Return ``C w`` without making ``C``, shape ``(d,)``."""
        spread = self.deviations()
        own = (1 - self.correlation) * spread**2 * weights
        return own + self.correlation * spread * (spread @ weights) + mean * (mean @ weights)
