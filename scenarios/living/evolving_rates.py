"""Learning rates that evolve: the best one wins, and where learning is dear it is lost.

A learning rate that is inherited, with a little mutation, comes to the rate that tracks best,
shifted by its mutation load and by the luck of short lives. Rare jumps want slow learners, as the
square root of how rare they are. A price on learning takes plasticity away: gradually where the
optimum wanders, by a jump (and with a memory) where it swings. A trait that only evolves follows
its optimum just as a learner does, its genetic variance in the place of a learning rate; where the
optimum moves too fast the population dies out. Last, ways to adapt in one swinging world: learning
at a rate that was best for one period, learning at a rate that evolves, plasticity that is
inherited (an instant response to the cue, whose slope evolves), and evolving without any of them.

    uv run python scenarios/living/evolving_rates.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from adaptsim import (
    AutoRegressive,
    GradientDescent,
    Jumps,
    Ramp,
    Sinusoid,
    Telegraph,
    Tracker,
    field,
    simulate,
    theory,
)
from adaptsim.evolution import Ceiling, Evolution, evolve
from adaptsim.evolution.predicted import Setup, loaded_rate, predicted_rate
from adaptsim.figures.evolving_rates import WAYS, evolving_rates_figure

SIZE, REPLICATES, GENERATIONS, LIFE = 400, 16, 400, 100
CHOSEN = 20.0  # s: log fitness is -(s/2) MSE - c g
SAGES = 400  # steps of a life that is longer
CELLS = ((0.4, 1.0), (0.8, 0.1), (0.8, 0.5), (0.95, 0.1), (0.95, 0.5), (0.99, 1.0))  # phi, R
HAZARDS = np.array([0.003, 0.01, 0.03, 0.1])  # of jumps [1/step], V = R = 1
SCALES = (1e-5, 1e-3), (1e-3, 1e-1)  # hazards between which the law's exponent is fitted
CHANCES, SWAPS = (0.2, 0.8), (35, 120)  # of a reward, and steps until they swap (Behrens et al.)

PRICE = 5.0  # k of a unit of rate [trait^2 step]
REVERSIONS = np.array([0.005, 0.02, 0.05, 0.1, 0.15, 0.25])  # gamma [1/step]
SWINGS = np.array([2, 4, 5, 6, 7, 8])  # cycles in a life of LONG steps
LONG, FEW = 720, 100  # individuals
LEARNER, IDLER, SLIGHT = 0.06, 0.002, 0.03  # two rates to start from, and mutation

WIDTH, MUTATION, GROWTH = 2.0, 0.2, 1.5  # of selection, of mutation, offspring at the optimum
SLOW, FAST = np.array([0.2, 0.4, 0.6, 0.8]), np.array([1.2, 1.5, 2.0, 3.0])  # in k_c
CROWD = 4000  # individuals

PERIODS, TUNED = np.array([20, 80, 320, 1280]), 80  # [steps]
SHORT, MANY, BLUR = 5, 2560, 0.25  # steps of a life, generations, R
GROWN = 160  # steps of a life that judges a learning rate or a slope
LATE = 1024  # generations that are measured
SWERVE = 0.01  # standard deviation of a slope's mutation
MEASURED = ("lag", "gain", "variance", "MSE")
COLUMNS = ["", "measured", "theory", "standard error"]


class ReactionNorm(Tracker):
    """Responds to the cue it sees: at a learning rate of 1 its trait is slope * cue, a step later.

    It keeps nothing of what it saw; learning at a rate of 1 is the slope 1.
    """

    slope: float = field(default=0.0, unit="trait/cue", help="response to the cue")

    def gradient(self, trait, cue, body):
        """Return how far the trait is from the response."""
        return self.curvature * (trait - self.slope * cue)


SEER, AT_ONCE = Tracker(observation_noise=BLUR**0.5), GradientDescent(learning_rate=1.0)


def evolved(kind, world, evolution, *, start=0.1, size=None):
    """Return mean rate of the later generations over replicates: value, error, winner, loaded."""
    rule, size = GradientDescent(learning_rate=start), size or SIZE
    seen = evolve(kind, rule, world, evolution, size=size, replicates=REPLICATES, seed=1)
    each = seen.genotype[int(0.6 * len(seen.genotype)) :].mean(axis=0)
    setup = Setup(kind, rule, world, evolution, size)
    loaded = loaded_rate(setup)
    return mean_of(each), predicted_rate(setup), loaded[0] if loaded else np.nan


def mean_of(each):
    """Return mean and standard error of independent values."""
    return each.mean(), each.std(ddof=1) / len(each) ** 0.5


def best_rates():
    """Return evolved rates over correlation and noise of the world."""
    usual = Evolution(generations=GENERATIONS, life=LIFE, selection=CHOSEN)
    return [
        evolved(Tracker(observation_noise=r**0.5), AutoRegressive(correlation=phi), usual)
        for phi, r in CELLS
    ]


def long_lives():
    """Return the rate that evolves in one of the worlds where lives are longer."""
    phi, r = CELLS[2]
    usual = Evolution(generations=GENERATIONS, life=SAGES, selection=CHOSEN)
    return evolved(Tracker(observation_noise=r**0.5), AutoRegressive(correlation=phi), usual)


def rare_jumps():
    """Return evolved rates over how often the world jumps."""
    usual = Evolution(generations=GENERATIONS, life=LIFE, selection=CHOSEN)
    return [evolved(Tracker(observation_noise=1.0), Jumps(hazard=h), usual) for h in HAZARDS]


def volatility():
    """Return evolved rates where two chances of a reward swap, as people saw them."""
    low, high = CHANCES
    half, blur = (high - low) / 2, (low * (1 - low)) ** 0.5
    strong = Evolution(generations=GENERATIONS, life=LIFE, selection=CHOSEN / half**2)
    kind = Tracker(observation_noise=blur)
    return [evolved(kind, Telegraph(amplitude=half, hazard=1 / n), strong) for n in SWAPS]


def wandering():
    """Return evolved rates at a price over how fast the optimum reverts."""
    dear = Evolution(generations=GENERATIONS, life=LIFE, selection=CHOSEN, cost=CHOSEN * PRICE / 2)
    return [evolved(Tracker(), AutoRegressive(correlation=np.exp(-g)), dear) for g in REVERSIONS]


def swinging():
    """Return frequencies and, from learners and from idlers, the rates that evolve there."""
    dear = Evolution(
        generations=GENERATIONS, life=LONG, selection=CHOSEN, cost=CHOSEN * PRICE / 2,
        mutation=SLIGHT,
    )  # fmt: skip
    rates = [
        [evolved(Tracker(), Sinusoid(period=LONG / m), dear, start=start, size=FEW)[0]
         for m in SWINGS] for start in (LEARNER, IDLER)
    ]  # fmt: skip
    return 2 * np.pi * SWINGS / LONG, np.array(rates)


def learner_of(omega):
    """Return the rate at which a learner is at a local optimum, exactly for its steps, or nan."""
    near = theory.evolution.learner_rate(omega, price=PRICE)

    def dear(g):
        return theory.tracker.tone_mse(g, omega) + PRICE * g

    if np.isnan(near):
        return np.nan
    found = minimize_scalar(dear, bounds=(0.6 * near, 1.6 * near), method="bounded").x

    def log_fitness(gains):
        return -CHOSEN / 2 * dear(gains)

    return theory.evolution.loaded_gain(
        log_fitness, mutation=SLIGHT, lowest=0.6 * found, highest=2 * found
    )[0]


def trait_of(variance, size):
    """Return a kind that does not learn, its inherited traits spread as they are in the long run.

    Its traits start as the quantiles of a normal distribution.
    """
    spread = norm.ppf((np.arange(size) + 0.5) / size) * variance**0.5
    return Tracker(start_at=spread), GradientDescent(learning_rate=0.0)


def ramp(share, size):
    """Return the course behind an optimum at a share of the critical rate, the rate, and G, w."""
    genetics = theory.quantitative_genetics
    chosen = Evolution(
        heritable="agent.start_at", generations=GENERATIONS, life=1, selection=WIDTH**-2,
        mutation=MUTATION, mutates="absolute", inherits="nothing", scheme=Ceiling(growth=GROWTH),
    )  # fmt: skip
    variance = genetics.genetic_variance(mutation_variance=MUTATION**2, width=WIDTH, size=size)
    held = {"genetic_variance": variance, "width": WIDTH}
    rate = share * genetics.critical_rate(growth=GROWTH, **held)
    seen = evolve(*trait_of(variance, size), Ramp(slope=rate), chosen, size=size,
                  replicates=REPLICATES, seed=1)  # fmt: skip
    return seen, rate, held


def lag_behind(share, size=None):
    """Return the lag of the mean trait behind a ramp: measured, theory."""
    seen, rate, held = ramp(share, size or SIZE)
    lag = (seen.cue[..., 0] - seen.genotype)[GENERATIONS // 2 :].mean(axis=0)
    return mean_of(lag), theory.quantitative_genetics.lag(rate, **held)


def lasting(share):
    """Return how many generations pass until nobody is left: measured, theory."""
    seen, rate, held = ramp(share, SIZE)
    known = theory.quantitative_genetics.time_to_extinction(rate, growth=GROWTH, size=SIZE, **held)
    return mean_of(seen.extinct_at()), known


def demodulated(output, drive, period):
    """Return lag [steps] and gain of each column at a period, over the last whole periods."""
    last = len(output) // period * period
    turn = np.exp(-2j * np.pi * np.arange(last) / period)
    ratio = turn @ output[-last:] / (turn @ drive[-last:])
    late = (np.pi / 2 - np.angle(ratio)) % (2 * np.pi) - np.pi / 2
    return late * period / (2 * np.pi), np.abs(ratio)


def followed(kind, rule, period, *, seed, groups):
    """Return lag, gain, variance and MSE of individuals that learn or respond: measured, (4, 2).

    Errors are those of so many groups of neighbours, which are independent.
    """
    size = max(np.size(rule.learning_rate), np.size(getattr(kind, "slope", 0)))
    seen = simulate(kind, rule, Sinusoid(period=float(period)), size=size, steps=MANY * SHORT,
                    seed=seed).followed["trait"]  # fmt: skip
    last = LATE * SHORT
    x, y = np.asarray(seen.output)[-last:, 0], np.asarray(seen.target)[-last:, 0, 0]
    lag, gain = demodulated(x, y, period)
    wobble = (x - x.reshape(-1, period, x.shape[1]).mean(axis=0)[np.arange(len(x)) % period]) ** 2
    wobble = wobble.mean(axis=0) * len(x) / (len(x) - period)
    error = ((x - y[:, None]) ** 2).mean(axis=0)
    each = np.array([lag, gain, wobble, error]).reshape(4, groups, -1).mean(axis=2)
    return [mean_of(one) for one in each]


def learning_theory(g, period):
    """Return what theory says of the same, of rates ``g`` on average."""
    omega, tracker = 2 * np.pi / period, theory.tracker
    noise = tracker.noise_variance(g, observation_variance=BLUR)
    told = (tracker.phase_lag(g, omega), tracker.gain(g, omega), noise,
            tracker.tone_mse(g, omega) + noise)  # fmt: skip
    return [float(np.mean(one)) for one in told]


def evolving_rate(period):
    """Return what evolved at a period: rate, rate with load, rates by theory, and genotypes.

    Theory spreads rates with the mean and variance of the load, lognormal; the genotypes are some
    of those that were born last.
    """
    kind, world = SEER, Sinusoid(period=float(period))
    chosen = Evolution(generations=GENERATIONS, life=GROWN, selection=CHOSEN)
    rule = GradientDescent(learning_rate=0.1)
    seen = evolve(kind, rule, world, chosen, size=SIZE, replicates=REPLICATES, seed=2)
    setup = Setup(kind, rule, world, chosen, SIZE)
    each = seen.genotype[int(0.6 * GENERATIONS) :].mean(axis=0)
    mean, variance = loaded_rate(setup)
    wide = np.log1p(variance / mean**2) ** 0.5
    rates = mean * np.exp(wide * norm.ppf((np.arange(99) + 0.5) / 99) - wide**2 / 2)
    return mean_of(each), mean, rates, seen.genotypes[:, :: SIZE // 16].ravel()


def evolving_slope(period):
    """Return what evolved at a period: slope, slope by theory, and some that were born last."""
    kind = ReactionNorm(observation_noise=BLUR**0.5)
    chosen = Evolution(
        heritable="agent.slope", generations=GENERATIONS, life=GROWN, selection=CHOSEN,
        mutation=SWERVE, mutates="absolute",
    )  # fmt: skip
    seen = evolve(kind, AT_ONCE, Sinusoid(period=float(period)), chosen, size=SIZE,
                  replicates=REPLICATES, seed=6)  # fmt: skip
    each = seen.genotype[int(0.6 * GENERATIONS) :].mean(axis=0)
    known = theory.reaction_norm.best_slope(**swing(period))
    return mean_of(each), known, seen.genotypes[:, :: SIZE // 16].ravel()


def swing(period):
    """Return variance, noise and correlation after a step of a sine that is seen."""
    return {
        "variance": 0.5,
        "observation_variance": BLUR,
        "correlation": np.cos(2 * np.pi / period),
    }


def slope_theory(period):
    """Return what theory says of lag, gain, variance and MSE of slopes that evolved."""
    norm_, world = theory.reaction_norm, swing(period)
    best, seen = norm_.best_slope(**world), world["variance"] + BLUR
    spread = norm_.slope_variance(
        mutation_variance=SWERVE**2, selection=CHOSEN, variance=world["variance"],
        observation_variance=BLUR, size=SIZE,
    )  # fmt: skip
    error = norm_.tracking_mse(best, **world) + spread * seen
    return [1.0, best, (best**2 + spread) * BLUR, error]


def evolving_trait(period):
    """Return lag, gain, variance and MSE of a trait that only evolves: measured, theory."""
    genetics = theory.quantitative_genetics
    variance = genetics.genetic_variance(mutation_variance=MUTATION**2, width=WIDTH, size=SIZE)
    chosen = Evolution(
        heritable="agent.start_at", generations=MANY, life=SHORT, selection=WIDTH**-2,
        mutation=MUTATION, mutates="absolute", inherits="nothing",
    )  # fmt: skip
    seen = evolve(*trait_of(variance, SIZE), Sinusoid(period=float(period)), chosen, size=SIZE,
                  replicates=REPLICATES, seed=3)  # fmt: skip
    x, y = seen.genotype[-LATE:], seen.cue[-LATE:, 0, 0]
    lag, gain = demodulated(x, y, period // SHORT)
    measured = [mean_of(SHORT * lag), mean_of(gain), mean_of(seen.variance[-LATE:].mean(axis=0)),
                mean_of(2 * seen.loss[-LATE:].mean(axis=0))]  # fmt: skip
    return measured, trait_theory(variance, period)


def trait_theory(variance, period):
    """Return what theory says of the same; drift of the mean adds its variance over n."""
    genetics, omega = theory.quantitative_genetics, 2 * np.pi / period
    g = genetics.gain(variance, width=WIDTH)
    drift = variance / SIZE / (g * (2 - g))
    error = genetics.cyclic_error(SHORT, gain=g, omega=omega) + variance + drift
    return [SHORT * theory.tracker.phase_lag(g, SHORT * omega),
            theory.tracker.gain(g, SHORT * omega), variance, error]  # fmt: skip


def tuned_rate():
    """Return the rate that is best at one of the periods."""
    world = Sinusoid(period=float(TUNED))
    return predicted_rate(Setup(SEER, GradientDescent(), world, Evolution(), SIZE))


def ways_to_adapt():
    """Return, by way and period, measured and theoretical lag, gain, variance and MSE.

    And by period what evolved: rates with their load, slopes with the best.
    """
    tuned = tuned_rate()
    found = {way: [] for way in WAYS}
    rates, slopes = [], []
    for period in PERIODS:
        rule = GradientDescent(learning_rate=np.full(96, tuned))
        same = followed(SEER, rule, period, seed=4, groups=16)
        found["learning"].append((same, learning_theory(tuned, period)))
        mean, loaded, spread, born = evolving_rate(period)
        rates.append((mean, loaded))
        rule = GradientDescent(learning_rate=born)
        seen = followed(SEER, rule, period, seed=5, groups=REPLICATES)
        found["evolving rate"].append((seen, learning_theory(spread, period)))
        mean, best, born = evolving_slope(period)
        slopes.append((mean, best))
        kind = ReactionNorm(slope=born, observation_noise=BLUR**0.5)
        seen = followed(kind, AT_ONCE, period, seed=7, groups=REPLICATES)
        found["plasticity"].append((seen, slope_theory(period)))
        found["evolving trait"].append(evolving_trait(period))
    return found, rates, slopes


def story():
    """Return the table and the picture."""
    best, jumps, swaps, wander = best_rates(), rare_jumps(), volatility(), wandering()
    omegas, swings = swinging()
    lags, lasted = [lag_behind(share) for share in SLOW], [lasting(share) for share in FAST]
    crowd = lag_behind(SLOW[-1], CROWD)
    ways, rates, slopes = ways_to_adapt()
    rows = [
        *best_rows(best, long_lives()), *jump_rows(jumps), *swap_rows(swaps),
        *dear_rows(wander, omegas, swings), *moving_rows(lags, crowd, lasted),
        *way_rows(ways, rates, slopes),
    ]  # fmt: skip
    figure = evolving_rates_figure(
        (CELLS, best), (HAZARDS, jumps), (REVERSIONS, wander, PRICE), (omegas, swings, PRICE),
        (SLOW, lags, crowd, FAST, lasted), (PERIODS, ways, curves()),
    )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS), figure


def best_rows(best, longer):
    """Return rows of rates that evolved in worlds of an AR(1)."""
    rows = []
    for (phi, r), ((mean, error), winner, loaded) in zip(CELLS, best, strict=True):
        name = f"rate evolved, phi {phi:g}, R {r:g}"
        rows += [(f"{name}: the winner", mean, winner, error)]
        rows += [(f"{name}: with its load", mean, loaded, error)] if winner else []
    (mean, error), _, loaded = longer
    name = "rate evolved, phi {:g}, R {:g}".format(*CELLS[2])
    return [*rows, (f"{name}, lives of {SAGES}: with its load", mean, loaded, error)]


def jump_rows(jumps):
    """Return rows of rates that evolved behind jumps, and of the square-root law."""
    rows = [
        (f"rate evolved, hazard {h:g}: with its load", mean, loaded, error)
        for h, ((mean, error), _, loaded) in zip(HAZARDS, jumps, strict=True)
    ]
    return rows + exponents(jumps)


def swap_rows(swaps):
    """Return rows of rates that evolved where two chances swap often or seldom."""
    rows = []
    for n, ((mean, error), winner, loaded) in zip(SWAPS, swaps, strict=True):
        rows += [(f"rate evolved, swaps every {n}: the winner", mean, winner, error)]
        rows += [(f"rate evolved, swaps every {n}: with its load", mean, loaded, error)]
    ((fast, a), first, _), ((slow, b), second, _) = swaps
    error = fast / slow * ((a / fast) ** 2 + (b / slow) ** 2) ** 0.5
    return [*rows, ("volatile over stable: ratio of rates", fast / slow, first / second, error)]


def dear_rows(wander, omegas, swings):
    """Return rows of rates that evolved at a price."""
    rows = [
        (f"dear rate, gamma {g:g}: with its load", mean, loaded if winner else winner, error)
        for g, ((mean, error), winner, loaded) in zip(REVERSIONS, wander, strict=True)
    ]
    rows += [
        (f"dear rate from a learner, {m} swings a life", mean, np.nan_to_num(learner_of(w)), error)
        for m, w, (mean, error) in zip(SWINGS, omegas, swings[0], strict=True)
    ]
    edge = theory.evolution.metastable_omega(price=PRICE)
    held = omegas[swings[0, :, 0] > omegas / 2].max()
    return [*rows, ("fastest swing at which learners stay [rad/step]", held, edge, np.nan)]


def moving_rows(lags, crowd, lasted):
    """Return rows of a trait that evolves behind a moving optimum."""
    rows = [
        (f"lag of evolution at {share:g} of the critical rate", mean, known, error)
        for share, ((mean, error), known) in zip(SLOW, lags, strict=True)
    ]
    (mean, error), known = crowd
    rows += [(f"lag in {CROWD} individuals at {SLOW[-1]:g} of it", mean, known, error)]
    return rows + [
        (f"generations to extinction at {share:g} of it", mean, known, error)
        for share, ((mean, error), known) in zip(FAST, lasted, strict=True)
    ]


def way_rows(ways, rates, slopes):
    """Return rows of all ways to adapt at all periods."""
    rows = [
        (f"rate evolved, period {period}: with its load", mean, loaded, error)
        for period, ((mean, error), loaded) in zip(PERIODS, rates, strict=True)
    ]
    rows += [
        (f"slope evolved, period {period}", mean, known, error)
        for period, ((mean, error), known) in zip(PERIODS, slopes, strict=True)
    ]
    for way, told in ways.items():
        for period, (measured, known) in zip(PERIODS, told, strict=True):
            rows += [
                (f"{way}, period {period}: {name}", mean, one, error)
                for name, (mean, error), one in zip(MEASURED, measured, known, strict=True)
            ]
    return rows


def exponents(jumps):
    """Return rows of the square-root law: of what evolved, and of the closed form."""
    rates, errors, known = np.array([(mean, error, loaded) for (mean, error), _, loaded in jumps]).T
    fit = theory.evolution.scaling_exponent
    logs = np.log(HAZARDS) - np.log(HAZARDS).mean()
    error = ((logs * errors / rates) ** 2).sum() ** 0.5 / (logs**2).sum()
    rows = [("exponent of what evolved over the hazard", fit(HAZARDS, rates), fit(HAZARDS, known),
             error)]  # fmt: skip
    for low, high in SCALES:
        h = np.geomspace(low, high, 9)
        gains = theory.jumps.best_gain(hazard=h, variance=1.0, observation_variance=1.0)
        rows += [(f"exponent of the best rate, {low:g} to {high:g}; square root", fit(h, gains),
                  0.5, np.nan)]  # fmt: skip
    return rows


def curves(many=60):
    """Return theory over so many periods, by way, shape (periods, 4), for the picture."""
    periods, tuned = np.geomspace(PERIODS.min(), PERIODS.max(), many), tuned_rate()
    variance = theory.quantitative_genetics.genetic_variance(
        mutation_variance=MUTATION**2, width=WIDTH, size=SIZE
    )
    best = [
        predicted_rate(Setup(SEER, GradientDescent(), Sinusoid(period=p), Evolution(), SIZE))
        for p in periods
    ]
    told = {
        "learning": [learning_theory(tuned, p) for p in periods],
        "evolving rate": [learning_theory(g, p) for g, p in zip(best, periods, strict=True)],
        "plasticity": [slope_theory(p) for p in periods],
        "evolving trait": [trait_theory(variance, p) for p in periods],
    }
    return periods, {way: np.array(one) for way, one in told.items()}


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.4g}".format))
    folder = Path("outputs/living")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "evolving_rates.png", dpi=200)
