"""R12: before a fold memory and spread rise (Dakos et al. 2012).

A pasture that is grazed, ``dx = [x (1 - x/10) - c x^2/(x^2 + 1)] dt + sigma dW``, is descent of a
noisy learner in a landscape that the grazing ``c`` tilts. Near the fold it comes back ever more
slowly: lag-one autocorrelation and variance rise, and Kendall's tau of either in a sliding window
tells so beforehand. Dakos et al. were not read: the family of models is quoted at second hand, and
its parameters could not be had. Noise (0.12), ramp (grazing 1 to 2.5 in 1,000 units of time) and
windows (half the length) are those of the numbers called published here, which an independent
simulation of the same model gave. How it took out trends is not known; ours is a Gaussian filter
of 50 units of time.

    uv run python scenarios/reproductions/early_warnings.py
"""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import brentq
from scipy.stats import kendalltau, mannwhitneyu

from adaptsim import Agent, Constant, GradientDescent, Ramp, measures, simulate
from adaptsim.dynamics import equilibrium

DT = 0.01  # time that passes in a step
UNIT = round(1 / DT)  # steps in a unit of time
AT_REST = {  # grazing: leading eigenvalue, autocorrelation after 1, variance over that of the noise
    1.0: (-0.780594, 0.458134, 0.640538),
    1.8: (-0.547934, 0.578143, 0.912519),
    2.3: (-0.332754, 0.716947, 1.502612),
    2.5: (-0.192335, 0.825031, 2.599636),
}
QUIET, LONG, PASTURES = 0.01, 2000, 40  # noise [1/sqrt(time)], time, and how many
LOUD, RAMP, SEEDS, FILTER = 0.12, 1000, 30, 50


class Pasture(Agent):
    """Grass ``x`` under grazing ``c``, the cue: descends ``-x^2/2 + x^3/30 + c (x - atan x)``."""

    def loss(self, trait, cue):
        """Return the height of the landscape."""
        return jnp.sum(-(trait**2) / 2 + trait**3 / 30 + cue * (trait - jnp.arctan(trait)))

    def optimum(self, cue):
        """Return where much grass rests, by Newton's method from above."""
        slope = jax.grad(self.loss)

        def closer(_, grass):
            bend = jax.jvp(lambda one: slope(one, cue), (grass,), (jnp.ones(1),))[1]
            return grass - slope(grass, cue) / bend

        return jax.lax.fori_loop(0, 30, closer, jnp.full(1, 10.0))

    def start(self, cue):
        """Return where it rests at first."""
        return self.optimum(cue)


def grazing(grass):
    """Return the grazing under which so much grass rests."""
    return (1 - grass / 10) * (grass**2 + 1) / grass


def growth(state, grazed):
    """Return the change of grass per unit of time."""
    return -jax.grad(Pasture().loss)(state, grazed)


def grown(sigma, world, time, size):
    """Return grass at every unit of time, shape ``(time, size)``."""
    kind = Pasture(gradient_noise=sigma / DT**0.5)
    run = simulate(kind, GradientDescent(learning_rate=DT), world, size=size, seed=1,
                   steps=time * UNIT, stride=UNIT)  # fmt: skip
    return np.asarray(run.followed["trait"].output)[:, 0]


def folds():
    """Return rows of the places where two rests meet."""
    told = []
    for name, low, high, known in (
        ("grass dies", 2.0, 8.0, (2.604365, 4.781284)),
        ("grass comes back", 0.5, 2.0, (1.787230, 1.137805)),
    ):
        at = brentq(jax.grad(grazing), low, high, xtol=1e-12)
        told += [(f"grazing at which {name}", known[0], float(grazing(at)), np.nan),
                 (f"grass at which {name}", known[1], at, np.nan)]  # fmt: skip
    return told


def at_rest():
    """Return rows of how slowly, and how far, grass strays under constant grazing."""
    told = []
    for grazed, (leading, memory, spread) in AT_REST.items():
        found = equilibrium(growth, grazed, near=[10.0]).leading
        seen = grown(QUIET, Constant(value=grazed), LONG, PASTURES)
        near = measures.autocorrelation_1(seen, burn_in=100)
        wide = measures.stationary_variance(seen, burn_in=100)
        told += [
            (f"eigenvalue, c = {grazed}", leading, found, np.nan),
            (f"autocorrelation, c = {grazed}", memory, near.value, doubt(near)),
            (f"variance over sigma^2, c = {grazed}", spread, wide.value / QUIET**2,
             doubt(wide) / QUIET**2),
        ]  # fmt: skip
    return told


def doubt(found):
    """Return about one standard error of a measurement over many realisations."""
    return (found.ci_high - found.ci_low) / 4


def taus(grass):
    """Return Kendall's tau of autocorrelation and deviation in windows, shape ``(2, seeds)``."""
    left = pd.DataFrame(grass - gaussian_filter1d(grass, FILTER, axis=0))
    window = left.rolling(len(left) // 2)
    near = left.rolling(len(left) // 2 - 1).corr(left.shift(1), pairwise=False)
    indicators = near, window.std()
    return np.array(
        [[kendalltau(np.arange(len(one.dropna())), one.dropna()[seed]).statistic for seed in one]
         for one in indicators]
    )  # fmt: skip


def warnings():
    """Return rows of what is told beforehand."""
    ramp = Ramp(start_at=1.0, slope=1.5 / (RAMP * UNIT))
    near, wide = taus(grown(LOUD, ramp, RAMP, SEEDS))
    still = taus(grown(LOUD, Constant(value=1.0), RAMP, SEEDS))[0]
    told = mannwhitneyu(near, still).statistic / SEEDS**2
    error = (np.var(near) / SEEDS) ** 0.5, (np.var(wide) / SEEDS) ** 0.5
    low, high = np.quantile(near, [0.1, 0.9])
    return [
        ("tau of autocorrelation, mean", 0.813, near.mean(), error[0]),
        ("tau of autocorrelation, tenth", 0.627, low, np.nan),
        ("tau of autocorrelation, nine tenths", 0.931, high, np.nan),
        ("tau of deviation, mean", 0.861, wide.mean(), error[1]),
        ("area under the curve against no ramp", 0.949, told, np.nan),
    ]


def rows():
    """Return quantity, published and our own number, and its standard error."""
    told = [*folds(), *at_rest(), *warnings()]
    return pd.DataFrame(told, columns=["", "published", "ours", "standard error"])


if __name__ == "__main__":
    table = rows()
    print(table.to_string(index=False, na_rep="", float_format="{:.6f}".format))
