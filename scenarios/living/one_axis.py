"""One axis for all: thermostats, predators, recommenders, neurons and evolving populations.

Whoever makes good a fixed share g of its mismatch in a step adapts at the rate alpha = -ln(1 - g).
In units of its own memory 1/alpha everything is then a matter of x = omega / alpha, the pace of the
world over its own: it lags by atan(x) / x and follows with the gain 1 / sqrt(1 + x^2). Five
families are run here over rates and periods, and adaptation rate, lag, gain, variance, stability
margin and recovery time are measured of each. A step of a population is a generation: there nobody
learns, the mean of an inherited trait follows, and its learning rate is genetic variance.

The adaptation rate is read off how noise is forgotten at rest, the recovery time is that in which
63 % of a step are made good: 1/alpha. The stability margin is how many times faster one could
learn before stability is lost.

In a second table each family has a member that is *not* of first order, or whose learning rate is
not its pace, with the reason, beside a closed form of its own.

The record of a step precedes learning, so lags lie half a step above those of continuous time;
that half is taken off in the picture, not in the tables.

    uv run python scenarios/living/one_axis.py
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

import adaptsim
from adaptsim import GradientDescent, Sinusoid, Tracker, measures, theory
from adaptsim.environments import Constant
from adaptsim.evolution import Evolution, evolve
from adaptsim.figures.one_axis import one_axis_figure
from adaptsim.outputs import written_whole

GAINS = (0.03, 0.1, 0.3)  # share of the mismatch made good in a step
PERIODS = (20.0, 60.0, 200.0, 600.0)  # steps
STEPS = 4000
EACH = 200  # individuals per rate, where chance plays
NOISE = 0.5  # standard deviation of what is seen
FEATURES = 4  # of a taste
METHYLATION = 0.5
SIZE, REPLICATES, GENERATIONS = 400, 8, 2400
SWING, START = 0.5, 1.0  # of the populations' optimum [width of the fitness function]
LIFE = 20  # steps of a long life
ODD_GAIN = 0.1
ROOM = {"memory": np.exp(-1 / 20), "loop_gain": 4.0}
UNEVEN, SPREAD = 8, 0.45  # synapses, and how far their methylation is from 1/2
SELDOM = 0.25  # chance of a rating in a step
COLUMNS = [
    "family", "g", "rate", "period", "x", "measure", "unit", "measured", "low", "high", "theory",
    "first_order", "reason",
]  # fmt: skip
SHOWN = (("adaptation rate", np.nan), ("recovery time", np.nan), ("variance", np.nan),
         ("stability margin", np.nan), ("lag", 60.0), ("gain", 60.0))  # fmt: skip
REASONS = {
    "thermostat": "learns from its room, which is slow itself: a second order that rings",
    "predator": "climbs its intake: the slope, not the learning rate, sets its pace",
    "recommender": "a rating every fourth step: its pace is that of ratings, not of the clock",
    "neuron": "unevenly methylated synapses: a mixture of paces",
    "population": "lives of 20 steps: selection sees the mean over a life only",
}
PART_SEEN = "an item shows part of the error, each time another: noise grows with the error"
SKEW = "clones inherit the skew of their population, so that chance is not white"
NEVER = "genetic variance is part of all variance: g stays below 1 however much there is"
VARIANCE = "stationary_variance"
KNOWN = theory.tracker
Rows = Iterator[tuple[Any, ...]]


class Family(NamedTuple):
    """One family as a scenario sees it.

    ``per_gain`` is the learning rate for a gain of 1, ``seen`` the variance that noise gives to the
    optimum that is seen, ``wave`` a world that swings, ``rest`` one that stands still away from
    where the agent starts, and ``noise`` the fields that make it noisy.
    """

    variable: str
    agent: dict[str, Any]
    wave: Callable[[float], dict[str, Any]]
    rest: dict[str, Any]
    noise: dict[str, float]
    seen: float
    per_gain: float = 1.0
    rule: dict[str, Any] = {}  # noqa: RUF012
    chancy: bool = False


def several(first: dict[str, Any], others: float, count: int) -> dict[str, Any]:
    """Return a world whose first component is one world, while the others stand still."""
    still = [{"kind": "Constant", "value": others}] * (count - 1)
    return {"kind": "Stack", "parts": [first, *still]}


def wave(period: float, **more: float) -> dict[str, Any]:
    """Return a sine of amplitude 1."""
    return {"kind": "Sinusoid", "period": period, **more}


FAMILIES = {
    "thermostat": Family(
        "setpoint", {"kind": "Thermostat"}, lambda period: wave(period, mean=20.0),
        {"kind": "Constant", "value": 20.0}, {"observation_noise": NOISE}, NOISE**2,
    ),
    "predator": Family(
        "logit", {"kind": "Forager"}, lambda period: {"kind": "PreyCycle", "period": period},
        several({"kind": "Constant", "value": 3.0}, 1.0, 2), {"observation_noise": NOISE},
        2 * NOISE**2,
    ),
    "recommender": Family(
        "taste_0", {"kind": "Recommender"}, lambda period: several(wave(period), 0.0, FEATURES),
        several({"kind": "Constant", "value": 1.0}, 0.0, FEATURES), {"rating_noise": NOISE},
        FEATURES * NOISE**2, per_gain=FEATURES, chancy=True,
    ),
    "neuron": Family(
        "synapse_0", {"kind": "Synapse", "synapses": 1, "start_at": 0.0}, wave,
        {"kind": "Constant", "value": 1.0}, {"observation_noise": NOISE}, NOISE**2,
        per_gain=1 / (1 - METHYLATION), rule={"kind": "Methylated", "methylation": METHYLATION},
    ),
}  # fmt: skip


def told(
    family: Family, world: dict[str, Any], gains: Any = None, *, each: int = 1, **fields: Any
) -> pd.DataFrame:
    """Return the table of a run of one family, its measures as index, a row for each gain."""
    rates = family.per_gain * np.asarray(GAINS if gains is None else gains)
    result = adaptsim.run(
        adaptsim.from_table(
            {
                "steps": STEPS,
                "seed": 1,
                "population": {"size": each * len(rates)},
                "environment": world,
                "agent": family.agent | fields,
                "rule": {"kind": "GradientDescent", **family.rule, "learning_rate": rates.tolist()},
            }
        )
    )
    table = result.table
    return table[table["variable"].isin([family.variable, next(iter(result.trajectory.followed))])]


def pick(table: pd.DataFrame, measure: str, variable: str | None = None) -> np.ndarray:
    """Return value and interval of one measure, shape (gains, 3)."""
    rows = table[table["measure"] == measure]
    if variable is not None:
        rows = rows[rows["variable"] == variable]
    return rows[["value", "ci_low", "ci_high"]].to_numpy(float)


def row(
    family: str, gain: float, measure: str, unit: str, found: Any, known: float,
    *, period: float = np.nan, tick: float = 1.0, usual: float | None = None, reason: str = "",
) -> tuple[Any, ...]:  # fmt: skip
    """Return one row of the table.

    ``found`` is a value, low and high; ``known`` what theory has of this very system, ``usual``
    what it has of a tracker of first order, the same if not said; ``tick`` the steps in which the
    share ``gain`` is made good.
    """
    rate = float(KNOWN.return_rate(gain)) / tick
    x = 2 * np.pi / period / rate
    usual = known if usual is None else usual
    return family, gain, rate, period, x, measure, unit, *found, known, usual, reason


def measured(name: str, family: Family) -> Rows:
    """Yield all rows of a family that is run as a scenario."""
    each = EACH if family.chancy else 1
    for period in PERIODS:
        table = told(family, family.wave(period), each=each)
        omega = 2 * np.pi / period
        lags, gains = (pick(table, one, family.variable) for one in ("phase_lag", "gain"))
        for gain, lag, size in zip(GAINS, lags, gains, strict=True):
            yield row(name, gain, "lag", "steps", lag, KNOWN.phase_lag(gain, omega), period=period)
            yield row(name, gain, "gain", "1", size, KNOWN.gain(gain, omega), period=period)
    table = told(family, family.rest, each=each)
    recovery, margin = pick(table, "rise_time_63", family.variable), pick(table, "gain_margin")
    for gain, time, more in zip(GAINS, recovery, margin, strict=True):
        yield row(name, gain, "recovery time", "steps", time, KNOWN.rise_time_63(gain))
        yield row(name, gain, "stability margin", "1", more, 2 / gain)
    table = told(family, family.rest, each=EACH, **family.noise)
    pace, spread = (pick(table, one, family.variable) for one in ("return_rate", VARIANCE))
    for gain, fast, wide in zip(GAINS, pace, spread, strict=True):
        yield row(name, gain, "adaptation rate", "1/step", fast, KNOWN.return_rate(gain))
        usual = float(KNOWN.noise_variance(gain, observation_variance=family.seen))
        known = usual if not family.chancy else chancy_variance(gain)
        reason = PART_SEEN if family.chancy else ""
        yield row(name, gain, "variance", "trait^2", wide, known, usual=usual, reason=reason)


def chancy_variance(gain: float) -> float:
    """Return the variance of one feature of a taste that stands still."""
    spread = theory.recommender.deviation(
        gain * FEATURES, dimension=FEATURES, drift=0.0, rating_variance=NOISE**2
    )
    return float(spread) / FEATURES


def mutation(gain: float) -> tuple[float, float]:
    """Return the standard deviation of mutations that makes a gain, and the genetic variance.

    The width of the fitness function is 1, so that the gain is G / (1 + G); selection leaves G / (1
    + G) of G, drift the share 1 - 1/n of that, and mutation makes up for both.
    """
    variance = gain / (1 - gain)
    return (variance - (1 - 1 / SIZE) * gain) ** 0.5, variance


def evolved(gain: float, world: Any, *, life: int = 1, start: float = 0.0) -> Any:
    """Return what becomes of a trait that only evolves."""
    evolution = Evolution(
        heritable="agent.start_at", mutates="absolute", mutation=mutation(gain)[0],
        selection=1.0, life=life, inherits="nothing", generations=GENERATIONS,
    )  # fmt: skip
    return evolve(
        Tracker(start_at=start), GradientDescent(learning_rate=0.0), world, evolution,
        size=SIZE, replicates=REPLICATES, seed=1,
    )  # fmt: skip


def numbers(found: Any) -> tuple[float, float, float]:
    """Return value and interval of a measurement."""
    return found.value, found.ci_low, found.ci_high


def population() -> Rows:
    """Yield all rows of populations whose trait only evolves."""
    name = "population"
    for gain in GAINS:
        early = min(round(20 / gain), GENERATIONS // 2)
        for period in PERIODS:
            seen = evolved(gain, Sinusoid(period=period, amplitude=SWING))
            pair = seen.genotype, seen.cue[..., 0], period
            omega = 2 * np.pi / period
            lag = numbers(measures.phase_lag(*pair, burn_in=early))
            size = numbers(measures.gain(*pair, burn_in=early))
            yield row(name, gain, "lag", "steps", lag, KNOWN.phase_lag(gain, omega), period=period)
            yield row(name, gain, "gain", "1", size, KNOWN.gain(gain, omega), period=period)
        rest = evolved(gain, Constant(value=0.0)).genotype
        yield from at_rest(name, gain, rest[early:], reason=SKEW)
        yield from at_rest(f"{name}, normal again", gain, normal_again(gain)[early:])
        yield row(name, gain, "recovery time", "steps", recovery(gain), KNOWN.rise_time_63(gain))
        yield row(name, gain, "stability margin", "1", (np.nan,) * 3, np.inf, reason=NEVER)


def at_rest(name: str, gain: float, mean: Any, *, reason: str = "") -> Rows:
    """Yield adaptation rate and variance of a mean trait ``(T, r)`` that only chance moves.

    Theory is silent where there is a reason why chance is not white.
    """
    pace = float(KNOWN.return_rate(gain))
    spread = float(KNOWN.noise_variance(gain, observation_variance=drift(gain) / gain**2))
    for measure, unit, found, usual in (
        ("adaptation rate", "1/step", measures.return_rate(mean), pace),
        ("variance", "trait^2", measures.stationary_variance(mean), spread),
    ):
        known = np.nan if reason else usual
        yield row(name, gain, measure, unit, numbers(found), known, usual=usual, reason=reason)


def drift(gain: float) -> float:
    """Return the variance that chance adds to a mean trait in a generation at rest, to first order.

    Who is born is drawn, and mutates: G / n together where selection and mutation are in balance.
    And what selection does hangs on who happened to live: the variance of a mean weighted by
    fitness, less what the plain mean of the same individuals explains of it.
    """
    variance = mutation(gain)[1]
    weighted = variance * (1 + variance) / (1 + 2 * variance) ** 1.5
    return (variance + weighted - (1 - gain) ** 2 * variance) / SIZE


def normal_again(gain: float) -> np.ndarray:
    """Return mean traits ``(T, r)`` of populations that are made normal anew after selection.

    In all else they are those of `evolved` at rest: what is left out is what shapes inherit.
    """
    spread, variance = mutation(gain)
    rng = np.random.default_rng(1)
    traits = variance**0.5 * rng.standard_normal((REPLICATES, SIZE))
    means = np.empty((GENERATIONS, REPLICATES))
    for generation in range(GENERATIONS):
        means[generation] = traits.mean(axis=1)
        fitness = np.exp(-(traits**2) / 2)
        fitness /= fitness.sum(axis=1, keepdims=True)
        middle = (fitness * traits).sum(axis=1, keepdims=True)
        left = (fitness * (traits - middle) ** 2).sum(axis=1, keepdims=True)
        drawn = rng.standard_normal(traits.shape)
        traits = middle + np.sqrt(left + spread**2) * drawn
    return means


def recovery(gain: float) -> tuple[float, float, float]:
    """Return how long a mean trait takes to make good 63 % of a step of the optimum."""
    early = round(20 / gain)
    stepped = adaptsim.Step(before=0.0, after=START, at=early)
    after = evolved(gain, stepped).genotype[early:]
    return numbers(measures.rise_time_63(after, 0, target=np.full_like(after, START)))


def odd_thermostat(period: float) -> tuple[Any, Any]:
    """Return lag and gain of a setpoint that is learnt from the room."""
    fields = {"learns_from": "room", "room": True, "start_at": 23.75, "room_start": 20.0}
    return lag_and_gain(FAMILIES["thermostat"], wave(period, mean=20.0), **fields)


def odd_predator(period: float) -> tuple[Any, Any]:
    """Return lag and gain of a preference that climbs its intake."""
    world = {"kind": "PreyCycle", "period": period, "amplitude": 0.1}
    return lag_and_gain(FAMILIES["predator"], world, mode="intake", matching=2.0)


def odd_recommender(period: float) -> tuple[Any, Any]:
    """Return lag and gain behind a user who rates seldom."""
    world = several(wave(period), 0.0, FEATURES)
    return lag_and_gain(FAMILIES["recommender"], world, observation_probability=SELDOM)


def lag_and_gain(family: Family, world: dict[str, Any], **fields: Any) -> tuple[Any, Any]:
    """Return lag and gain, value and interval each, of one odd member of a family."""
    each = EACH if family.chancy else 1
    table = told(family, world, [ODD_GAIN], each=each, **fields)
    return tuple(pick(table, one, family.variable)[0] for one in ("phase_lag", "gain"))  # type: ignore[return-value]


def odd_neuron(period: float) -> tuple[Any, Any]:
    """Return lag and gain of the mean weight of unevenly methylated synapses."""
    rule = uneven().replace(learning_rate=ODD_GAIN * FAMILIES["neuron"].per_gain)
    kind = adaptsim.Synapse(synapses=UNEVEN, start_at=0.0)
    world = Sinusoid(period=period)
    seen = list(adaptsim.simulate(kind, rule, world, steps=STEPS).followed.values())
    mean = np.mean([one.output[:, 0] for one in seen], axis=0)
    options = {"burn_in": STEPS // 2, "deterministic": True}
    pair = mean, np.asarray(seen[0].drive)[:, 0], period
    return numbers(measures.phase_lag(*pair, **options)), numbers(measures.gain(*pair, **options))


def uneven() -> adaptsim.Methylated:
    """Return the rule of synapses whose methylation rises along the dendrite."""
    return adaptsim.Methylated(pattern="gradient", methylation=METHYLATION, spread=SPREAD)


def odd_population(period: float) -> tuple[Any, Any]:
    """Return lag and gain of the mean trait of populations that live for several steps."""
    early = round(20 / ODD_GAIN)
    seen = evolved(ODD_GAIN, Sinusoid(period=period, amplitude=SWING), life=LIFE)
    trait = np.repeat(seen.genotype[early:], LIFE, axis=0)
    steps = np.arange(early, GENERATIONS).repeat(LIFE) * LIFE + np.tile(
        np.arange(LIFE), GENERATIONS - early
    )
    drive = np.sin(2 * np.pi * steps / period)[:, None] * np.ones(REPLICATES) * SWING
    pair = trait, drive, period
    return numbers(measures.phase_lag(*pair)), numbers(measures.gain(*pair))


ODD = {
    "thermostat": odd_thermostat,
    "predator": odd_predator,
    "recommender": odd_recommender,
    "neuron": odd_neuron,
    "population": odd_population,
}


def response(name: str, omega: Any) -> Any:
    """Return what theory has of an odd member, output over optimum, at angular frequencies."""
    if name == "thermostat":
        return theory.thermostat.learned_transfer(omega, rate=ODD_GAIN, **ROOM)
    if name == "predator":
        pace = theory.forager.intake_gradient_rate(ODD_GAIN, 1.0, 1.0, effort_exponent=0.5)
        return KNOWN.transfer(pace, omega)
    if name == "recommender":
        return KNOWN.transfer(ODD_GAIN * SELDOM, omega)
    if name == "neuron":
        rule = uneven()
        gates = np.asarray(rule.gate(rule.begun(UNEVEN)))
        gains = ODD_GAIN * FAMILIES["neuron"].per_gain * gates
        return np.mean([KNOWN.transfer(gain, omega) for gain in gains], axis=0)
    omega = np.asarray(omega)
    seen = np.sin(omega * LIFE / 2) / (LIFE * np.sin(omega / 2))
    return KNOWN.transfer(ODD_GAIN, omega * LIFE) * seen**2


def late(response: Any, omega: Any) -> Any:
    """Return the lag of a response, from 0 to a whole turn [steps]."""
    return -np.angle(response) % (2 * np.pi) / omega


def odd() -> Rows:
    """Yield lag and gain of the odd member of each family."""
    for name, member in ODD.items():
        tick = LIFE if name == "population" else 1
        for period in PERIODS:
            omega = 2 * np.pi / period
            if tick > 1 and period <= 2 * tick:
                continue  # selection does not see so fast a wave
            lag, size = member(period)
            known, usual = response(name, omega), KNOWN.transfer(ODD_GAIN, omega * tick)
            told = {"period": period, "tick": tick, "reason": REASONS[name]}
            yield row(name, ODD_GAIN, "lag", "steps", lag, late(known, omega),
                      usual=late(usual, omega), **told)  # fmt: skip
            yield row(name, ODD_GAIN, "gain", "1", size, abs(known), usual=abs(usual), **told)


def story() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table of what is of first order, and of what is not."""
    rows = [one for name, family in FAMILIES.items() for one in measured(name, family)]
    tables = [pd.DataFrame(one, columns=COLUMNS) for one in ([*rows, *population()], [*odd()])]
    return tables[0], tables[1]


def curves(table: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return x, lag times rate and gain that theory has of the odd members, by family."""
    told = {}
    for name, rows in table.groupby("family", sort=False):
        rate, tick = rows["rate"].iloc[0], LIFE if name == "population" else 1
        omega = np.geomspace(2 * np.pi / PERIODS[-1], 2 * np.pi / rows["period"].min(), 200)
        known = response(str(name), omega)
        lag = late(known, omega) - tick / 2
        told[str(name)] = omega / rate, lag * rate, np.abs(known)
    return told


def cell(found: pd.DataFrame) -> str:
    """Return what was measured and, below it, what theory has."""
    if found.empty:
        return ""
    one = found.iloc[0]
    doubt = (one["high"] - one["low"]) / 2
    upper = "" if np.isnan(one["measured"]) else f"{one['measured']:.4g}"
    upper += f" ±{doubt:.1g}" if doubt > 0 else ""
    known = one["first_order"] if np.isnan(one["theory"]) else one["theory"]
    mark = "" if one["theory"] == one["first_order"] else " *"
    return f"{upper}{mark}\n[dim]{known:.4g}[/dim]"


def show(console: Console, table: pd.DataFrame) -> None:
    """Print families over rates: measured, with half its 95 % interval, above theory."""
    names = [one if np.isnan(at) else f"{one}, period {at:g}" for one, at in SHOWN]
    shown = Table(
        "family", "g", *names, title="measured, and below it theory", title_justify="left"
    )
    for (name, gain), rows in table.groupby(["family", "g"], sort=False):
        cells = [
            cell(rows[(rows["measure"] == one) & (rows["period"].eq(at) | np.isnan(at))])
            for one, at in SHOWN
        ]
        shown.add_row(str(name), f"{gain:g}", *cells)
    console.print(shown)
    console.print(
        "* theory is not that of first order or, where there is none, first order is shown:"
    )
    for reason in dict.fromkeys(table["reason"][table["reason"] != ""]):
        console.print(f"  {reason}")


def show_odd(console: Console, table: pd.DataFrame) -> None:
    """Print what is not of first order."""
    names = ("measured", "theory", "first order")
    shown = Table("family", "period", *(f"lag: {one}" for one in names),
                  *(f"gain: {one}" for one in names), title="not of first order",
                  title_justify="left")  # fmt: skip
    for (name, period), rows in table.groupby(["family", "period"], sort=False):
        numbers = rows[["measured", "theory", "first_order"]].to_numpy().ravel()
        shown.add_row(str(name), f"{period:g}", *(f"{one:.4g}" for one in numbers))
    console.print(shown)
    for name, reason in REASONS.items():
        console.print(f"{name}: {reason}")


def distances(table: pd.DataFrame) -> tuple[float, float]:
    """Return the largest distances from theory: relative without chance, else in errors."""
    known = table[np.isfinite(table["theory"]) & table["measured"].notna()]
    apart = (known["measured"] - known["theory"]).abs()
    error = (known["high"] - known["low"]) / 4
    exact = error.isna() | (error == 0)
    return float((apart / known["theory"])[exact].max()), float((apart / error)[~exact].max())


if __name__ == "__main__":
    console = Console(highlight=False, width=130)
    table, others = story()
    show(console, table)
    show_odd(console, others)
    exact, errors = distances(pd.concat([table, others]))
    console.print(f"largest distance from theory: {exact:.1e} where nothing is drawn, else "
                  f"{errors:.1f} standard errors")  # fmt: skip
    with written_whole(Path("outputs/living/one_axis")) as folder:
        table.to_csv(folder / "first_order.csv", index=False)
        others.to_csv(folder / "not_first_order.csv", index=False)
        one_axis_figure(table, others, curves(others)).savefig(folder / "figure.png")
    console.print(
        "wrote outputs/living/one_axis/: first_order.csv, not_first_order.csv, figure.png"
    )
