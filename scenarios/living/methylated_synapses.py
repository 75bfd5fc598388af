"""Neurons whose plasticity methylation gates: pace, stability, and how long memories last.

Methylation makes a synapse slow, and slow synapses safe: the learning rate at which a neuron loses
its stability rises as they close. A neuron whose synapses are methylated unevenly learns neither at
one pace nor at their mean pace, but with a long tail. Under Oja's rule methylation changes the way
and not the end; under the BCM rule it calms an oscillation. Last, what slow synapses are good for:
memories that last, by unevenly methylated synapses and by Benna and Fusi's chain.

That methylation closes the gate is a hypothesis (see adaptsim.rules.Methylated). The constants of
the chain, and of the BCM neuron, are not read from the papers: the chain's (ratio 2, couplings
2^-(k+2)) are quoted at second hand, the neuron's are our own.

    uv run python scenarios/living/methylated_synapses.py
"""

from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy.optimize import brentq

from adaptsim import (
    BennaFusi,
    Constant,
    GradientDescent,
    InverseTime,
    Methylated,
    Synapse,
    Tracker,
    measures,
    multipliers,
    simulate,
    spectral_radius,
    speed_limit,
    theory,
)
from adaptsim.figures.methylated_synapses import methylated_synapses_figure

RATE, MARKS = 0.1, (0.0, 0.5, 0.9, 0.99)  # of E.1
PACED = 12_000  # steps
CURVED = ((2.0, 0.8), (0.8, 1.0))  # H, second moment of two inputs
CLOSED = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.9, 0.9))

FLOW = {"rate": 0.5, "curvature": 1.0, "start": 0.1, "writing": 0.02, "erasing": 0.03}
UNTIL, FINE = 40.0, (0.004, 0.002)  # [time], and lengths of a step

MIXED, PACE, TINY = 10_000, 0.2, 0.02  # synapses, k, and length of a step
TIMES = (5.0, 50.0, 500.0)
SEEN, WATCHERS = 50, 4000  # steps and individuals of a running mean

TURNED = {"variances": (2.0, 1.0, 0.5), "correlation": 0.5}  # inputs of Oja's neuron
UNEVEN = (0.0, 0.5, 0.9)  # methylation of its synapses
TURNS, SLOW = 4000, 0.02  # steps, and their rate

TAU, SPEED = 1.5, 0.001  # threshold time of BCM [time], and length of a step
PAUSE = 0.02  # between two records [time]
CALM = (0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5)  # methylation
WAVES = 400.0  # [time], of which the last fifth is looked at

COUNTS = (100, 1000, 10_000)  # synapses
CHAIN, IMPULSE = 8, 1_500_000  # variables, and steps after one event
STORED, SETTLED, PATTERNS, SHORT = 1000, 15_000, 4000, 5  # synapses, steps, steps, variables
BLOCKS = 10
AGES = np.array([0, 1, 2, 4, 8, 16, 32, 64, 128])
LENGTHS = {1: 2000, 2: 2000, 4: 20_000, 6: 100_000}  # variables of a chain, and steps
WRITTEN = {
    "no writing": 0.0,
    "weak writing": 0.02,
    "strong writing": 0.2,
}  # writing by activity [1/step]
LOCKED = 400  # steps
COLUMNS = ["", "measured", "theory", "quoted", "standard error"]
NONE = np.nan

AT_REST = jax.jit(multipliers)


def paces():
    """Return the errors of a synapse over time, by methylation, and how long 63 % take."""
    kind = Synapse(synapses=1, start_at=0.0)
    rule = Methylated(learning_rate=RATE, methylation=np.array(MARKS))
    seen = simulate(kind, rule, Constant(value=1.0), size=len(MARKS), steps=PACED).followed
    weights = np.asarray(seen["synapse_0"].output)[:, 0]
    times = [measures.rise_time_63(one, final=1.0, deterministic=True).value for one in weights.T]
    return 1 - weights, times


def limits():
    """Return speed limits of two synapses by the step's own Jacobian."""
    (power, shared), (_, other) = CURVED
    kind = Synapse(variances=(power, other), correlation=shared / (power * other) ** 0.5)

    def limit(pair):
        return speed_limit(kind, Methylated(each=pair), jnp.ones(2))

    return limit, [limit(pair) for pair in CLOSED]


def kinetics(step):
    """Return methylation and the logarithm of the error at the end, in steps of one length."""
    kind = Synapse(synapses=1, start_at=1.0)
    rule = Methylated(
        learning_rate=FLOW["rate"] * step, turnover=True, methylation=FLOW["start"],
        writing=FLOW["writing"] * step, erasing=FLOW["erasing"] * step,
    )  # fmt: skip
    left = simulate(kind, rule, Constant(value=0.0), size=1, steps=round(UNTIL / step)).final
    methylation, error = left.state.memory.methylation, left.state.trait
    return float(methylation.ravel()[0]), float(np.log(error.ravel()[0]))


def evenly_spread(synapses, rate):
    """Return a rule whose synapses are methylated evenly between 0 and 1, at middles of cells."""
    inner = 0.5 * (1 - 1 / synapses)
    return Methylated(learning_rate=rate, pattern="gradient", methylation=0.5, spread=inner)


def mixture():
    """Return times and the mean error, by then, of synapses of evenly spread methylation."""
    kind, rule = Synapse(synapses=MIXED, start_at=0.0), evenly_spread(MIXED, PACE * TINY)
    asked = np.concatenate([np.geomspace(0.5, TIMES[-1], 25), TIMES])
    steps = np.unique(np.round(asked / TINY).astype(int))
    return steps * TINY, np.asarray(_errors(kind, rule, jnp.asarray(steps)))


@jax.jit
def _errors(kind, rule, steps):
    """Return the mean error of all synapses after so many steps each."""
    cue, learn = jnp.ones(1), rule.transformation()

    def one(_, state):
        weights, memory = state
        change, memory = learn.update(kind.gradient(weights, cue, ()), memory, weights)
        return weights + change, memory

    def until(state, span):
        state = jax.lax.fori_loop(0, span, one, state)
        return state, jnp.mean(1 - state[0])

    spans = jnp.diff(steps, prepend=0)
    weights = kind.start(cue)
    return jax.lax.scan(until, (weights, learn.init(weights)), spans)[1]


def running_mean():
    """Return the variance of trackers whose gate closes as 1/(1 + t), and its standard error."""
    rule = GradientDescent(learning_rate=InverseTime(initial=1.0, half_time=1.0))
    kind = Tracker(observation_noise=1.0)
    left = simulate(kind, rule, Constant(value=0.0), size=WATCHERS, steps=SEEN, seed=1).final
    variance = float(np.mean(np.asarray(left.state.trait) ** 2))
    return variance, variance * (2 / WATCHERS) ** 0.5


def turning():
    """Return paths of Oja's neuron, open and uneven, its end, its rates and its speed limits."""
    kind = Synapse(learning="oja", synapses=3, start_at=0.1, **TURNED)
    rules = {
        "open": Methylated(learning_rate=SLOW, each=(0.0, 0.0, 0.0)),
        "uneven": Methylated(learning_rate=SLOW, each=UNEVEN),
        "uneven, other way": Methylated(learning_rate=SLOW, each=UNEVEN[::-1]),
    }
    still, told = jnp.zeros(1), {}
    for name, rule in rules.items():
        weights, _ = course(kind, rule, still, steps=TURNS)
        slow = rule.replace(learning_rate=1e-3)
        rates = np.sort((1 - np.asarray(AT_REST(kind, slow, still)).real) / 1e-3)[:3]
        told[name] = (np.asarray(weights), rates, speed_limit(kind, rule, still))
    return np.asarray(kind.moment(jnp.zeros(3))), np.asarray(kind.optimum(still)), told


@partial(jax.jit, static_argnames=("steps",))
def course(kind, rule, cue, *, steps):
    """Return weights ``(steps, d)`` and mean methylation ``(steps,)`` of one neuron."""
    learn = rule.transformation()

    def one(state, _):
        weights, memory = state
        change, memory = learn.update(kind.gradient(weights, cue, ()), memory, weights)
        return (weights + change, memory), (weights, rule.readings(memory)["methylation"])

    start = kind.start(cue)
    return jax.lax.scan(one, (start, learn.init(start)), None, length=steps)[1]


def neuron(speed):
    """Return a BCM neuron and its rule, in steps of a length [time]."""
    kind = Synapse(learning="bcm", synapses=1, start_at=1.2, threshold_time=TAU / speed)
    return kind, Methylated(learning_rate=speed, methylation=np.array(CALM))


def responses(speed):
    """Return responses over time by methylation, and their least and largest at the end."""
    kind, rule = neuron(speed)
    seen = simulate(kind, rule, Constant(value=1.0), size=len(CALM), steps=round(WAVES / speed),
                    stride=round(PAUSE / speed)).followed  # fmt: skip
    response = np.asarray(seen["response"].output)[:, 0]
    last = response[-len(response) // 5 :]
    return response, np.array([last.min(axis=0), last.max(axis=0)])


def sliding():
    """Return responses over time, their extent as steps grow small, and where they oscillate.

    The last is the methylation at which the spectral radius of the neuron's own step is 1, and the
    frequency its multipliers have there [rad/step]. What a step of finite length adds to the extent
    is taken away by comparing with steps twice as long.
    """
    (response, fine), (_, coarse) = responses(SPEED), responses(2 * SPEED)
    kind, rule = neuron(SPEED)

    def beyond(m):
        return float(spectral_radius(kind, rule.replace(methylation=m), jnp.ones(1))) - 1

    onset = brentq(beyond, 0.05, 0.9, xtol=1e-12)
    critical = AT_REST(kind, rule.replace(methylation=onset), jnp.ones(1))
    frequency = float(np.abs(np.angle(critical)).max())
    return response, 2 * fine - coarse, onset, frequency


@partial(jax.jit, static_argnames=("steps",))
def _impulse(rule, steps):
    """Return what is left of one event of size 1 in so many steps."""
    learn, start = rule.transformation(), jnp.zeros(1)

    def one(state, _):
        weight, memory = state
        change, memory = learn.update(jnp.zeros(1), memory, weight)
        return (weight + change, memory), weight[0]

    change, memory = learn.update(-jnp.ones(1), learn.init(start), start)
    return jax.lax.scan(one, (start + change, memory), None, length=steps)[1]


def forgetting(variables, steps):
    """Return what is left over time of an event, and lifetimes by the number of synapses."""
    left = np.asarray(_impulse(BennaFusi(variables=variables, learning_rate=1.0), steps))
    noise = np.sum(left**2)
    ages = np.unique(np.round(np.geomspace(1, len(left) - 1, 4000)).astype(int))
    ages = np.concatenate([[0], ages])
    lives = [measures.memory_lifetime(left[ages] * (n / noise) ** 0.5, ages).value for n in COUNTS]
    return left, lives


@partial(jax.jit, static_argnames=("settle", "keep", "synapses"))
def _palimpsest(rule, pull, key, *, settle, keep, synapses):
    """Return weights and patterns, shape ``(keep, synapses)``, one pattern stored a step."""
    learn = rule.transformation()

    def one(state, step):
        weights, memory = state
        drawn = jax.random.rademacher(jax.random.fold_in(key, step), (synapses,), float)
        change, memory = learn.update(pull * weights - drawn, memory, weights)
        return (weights + change, memory), (weights + change, drawn)

    def unseen(step, state):
        return one(state, step)[0]

    start = jnp.zeros(synapses)
    begun = jax.lax.fori_loop(0, settle, unseen, (start, learn.init(start)))
    return jax.lax.scan(one, begun, settle + jnp.arange(keep))[1]


def storing():
    """Return, by kind of synapse, the observed ratio of signal to noise by age, and its error.

    Errors are those of blocks of synapses, which are independent.
    """
    rules = {
        "one variable": (BennaFusi(variables=1, learning_rate=1.0), 0.0),
        f"chain of {SHORT}": (BennaFusi(variables=SHORT, learning_rate=1.0), 0.0),
        "uneven methylation": (evenly_spread(STORED, 1.0), 1.0),
    }
    found = {}
    for name, (rule, pull) in rules.items():
        held, drawn = _palimpsest(
            rule, pull, jax.random.key(7), settle=SETTLED, keep=PATTERNS, synapses=STORED
        )
        blocks = [
            BLOCKS**0.5 * measures.ideal_observer(held[:, i::BLOCKS], drawn[:, i::BLOCKS], AGES)
            for i in range(BLOCKS)
        ]
        found[name] = np.mean(blocks, axis=0), np.std(blocks, axis=0, ddof=1) / BLOCKS**0.5
    return found


def stored_theory(ages):
    """Return what theory says of the same."""
    chain, gated = theory.benna_fusi.signal_to_noise, theory.methylation
    told = {"synapses": STORED, "in_steps": True}
    uneven = gated.stored_signal(ages, gain=1.0) * (STORED / gated.stored_noise(1.0)) ** 0.5
    return {
        "one variable": chain(ages, variables=1, **told),
        f"chain of {SHORT}": chain(ages, variables=SHORT, **told),
        "uneven methylation": uneven,
    }


def locking():
    """Return error and mean methylation over time, by how strongly activity methylates."""
    kind, told = Synapse(synapses=2, start_at=0.0), {}
    for name, writing in WRITTEN.items():
        rule = Methylated(
            learning_rate=0.05, methylation=0.0, turnover=True, writing_by_activity=writing,
            erasing=0.005, half_activity=0.2,
        )  # fmt: skip
        weights, methylation = course(kind, rule, jnp.ones(1), steps=LOCKED)
        told[name] = (1 - np.asarray(weights)[:, 0], np.asarray(methylation))
    return told


def trade_off():
    """Return initial ratio and lifetime of chains by length (found, known), and two curves.

    The curves are those of one variable over its time constant, and of unevenly methylated
    synapses over their gain.
    """
    chain = theory.benna_fusi
    found, known = [], []
    for variables, steps in LENGTHS.items():
        left = np.asarray(_impulse(BennaFusi(variables=variables, learning_rate=1.0), steps))
        told = measures.retention(left * (STORED / np.sum(left**2)) ** 0.5)
        found.append((told.initial.value, told.lifetime.value))
        asked = {"synapses": STORED, "variables": variables, "in_steps": True}
        known.append((chain.signal_to_noise([0.0], **asked)[0], chain.lifetime(**asked)))
    single = [
        (chain.signal_to_noise([0.0], **asked)[0], chain.lifetime(**asked))
        for coupling in np.geomspace(1e-3, 1.0, 60)
        for asked in [{"synapses": STORED, "variables": 1, "coupling": coupling, "in_steps": True}]
    ]
    return list(LENGTHS), np.array(found), np.array(known), np.array(single), uneven_curve()


def uneven_curve():
    """Return initial ratio and lifetime of unevenly methylated synapses over their gain."""
    ages, told = np.arange(400.0), []
    for gain in np.geomspace(0.02, 1.0, 40):
        signal = theory.methylation.stored_signal(ages, gain=gain)
        ratio = signal * (STORED / theory.methylation.stored_noise(gain)) ** 0.5
        found = measures.retention(ratio, ages)
        told.append((found.initial.value, found.lifetime.value))
    return np.array(told)


def pace_rows(times, bounds):
    """Return rows of E.1: times of synapses, and limits of two together."""
    quoted = (9.491222, 19.495726, 99.499162, 999.499917)
    gated = theory.methylation
    rows = [
        (f"63 % time, m = {m:g} [steps]", time,
         gated.rise_time_63(RATE, gate=1 - m, curvature=1.0), told, NONE)
        for m, time, told in zip(MARKS, times, quoted, strict=True)
    ]  # fmt: skip
    limits_told = (0.818532, 1.277396, 0.913486, 8.185322)
    return rows + [
        (f"speed limit, m = ({m:g}, {n:g}) [1/curvature]", bound,
         gated.speed_limit(CURVED, [1 - m, 1 - n]), told, NONE)
        for (m, n), bound, told in zip(CLOSED, bounds, limits_told, strict=True)
    ]  # fmt: skip


def flow_rows():
    """Return rows of E.2; two lengths of a step tell what an endless fineness would."""
    (coarse, fine), gated = (kinetics(step) for step in FINE), theory.methylation
    moved = {name: FLOW[name] for name in ("start", "writing", "erasing")}
    left = float(np.exp(2 * fine[1] - coarse[1]))
    return [
        ("methylation at t = 40 [1]", fine[0], gated.course(UNTIL, **moved), 0.359399, NONE),
        ("error at t = 40, extrapolated [1]", left, gated.error(UNTIL, **FLOW), 4.591017e-7, NONE),
    ]


def mixed_rows(spans, mixed):
    """Return rows of E.3: the tail of a mixture in steps and as a flow, and a running mean."""
    gated, rows = theory.methylation, []
    for time, told in zip(TIMES, (0.632121, 0.099995, 0.010000), strict=True):
        known = gated.mixed_error_in_steps(time / TINY, gain=PACE * TINY)
        error = mixed[np.isclose(spans, time)][0]
        rows += [(f"mean error of evenly spread m, t = {time:g} [1]", error, known, told, NONE)]
    variance, doubt = running_mean()
    known = gated.running_mean_variance(SEEN, variance=1.0)
    return [*rows, (f"variance at a gate 1/(1 + t), t = {SEEN}", variance, known, NONE, doubt)]


def oja_rows(moment, best, paths):
    """Return rows of E.4: where neurons end, how fast, and how fast they may learn."""
    rows = []
    for name, (weights, rates, bound) in paths.items():
        gates = {"open": (1.0, 1.0, 1.0), "uneven": 1 - np.array(UNEVEN),
                 "uneven, other way": 1 - np.array(UNEVEN[::-1])}[name]  # fmt: skip
        end = weights[-1]
        aligned = abs(end @ best) / np.linalg.norm(end)
        quoted = 1 - 1e-11 if name == "uneven" else NONE
        rows += [(f"Oja, {name}: alignment at the end [1]", aligned, 1.0, quoted, NONE)]
        known = theory.oja.rates(moment, gates)
        rows += [(f"Oja, {name}: slowest rate [curvature]", rates[0], known[0], NONE, NONE)]
        known = theory.oja.speed_limit(moment, gates)
        rows += [(f"Oja, {name}: speed limit [1/curvature]", bound, known, NONE, NONE)]
    return rows


def bcm_rows(low, high, onset, frequency):
    """Return rows of E.5 (R11): where oscillation begins, how fast and how far it goes."""
    bcm, slow = theory.bcm, TAU / SPEED
    known = 1 - bcm.step_hopf_gain(slow) / SPEED
    rows = [
        ("BCM: oscillates below m [1]", onset, known, 1 / 3, NONE),
        ("BCM: frequency there [rad/time]", frequency / SPEED,
         bcm.step_hopf_frequency(slow) / SPEED, 1 / TAU, NONE),
    ]  # fmt: skip
    for m, ends in ((0.2, (0.232, 1.808)), (0.3, (0.571, 1.431)), (0.5, (1.0, 1.0))):
        place = CALM.index(m)
        rows += [
            (f"BCM, m = {m:g}: {word} response [1]", found, 1.0 if m == 0.5 else NONE, told, NONE)
            for word, found, told in zip(
                ("least", "largest"), (low[place], high[place]), ends, strict=True
            )
        ]
    return rows


def memory_rows(left, lives, short_lives, observed, expected):
    """Return rows of E.7 (R10): how memories fade, how long they last, what an observer sees."""
    chain, ages = theory.benna_fusi, np.array([10, 100, 1000])
    known = chain.retention(ages, variables=CHAIN)
    quoted = (0.420216, 0.133431, 0.042498)
    rows = [
        (f"chain of {CHAIN}: left after {age} [1]", left[age], one, told, NONE)
        for age, one, told in zip(ages, known, quoted, strict=True)
    ]
    times, known = np.log(np.geomspace(10, 1000, 201)), chain.power(variables=CHAIN)
    between = np.interp(times, np.log(np.arange(1, 2000)), np.log(left[1:2000]))
    slope = np.polyfit(times, between, 1)[0]
    rows += [(f"chain of {CHAIN}: exponent over 10 to 1000 [1]", slope, known, -0.4964, NONE)]
    told = {CHAIN: (lives, (7.7, 76.9, 782.5)), 1: (short_lives, (12.9, 22.1, 31.3))}
    for variables, (found, quoted) in told.items():
        for n, life, one in zip(COUNTS, found, quoted, strict=True):
            asked = {"synapses": n, "variables": variables}
            name = f"lifetime, {variables} variable{'s' * (variables > 1)}, N = {n}"
            rows += [(f"{name}, events each step [steps]", life,
                      chain.lifetime(**asked, in_steps=True), NONE, NONE)]  # fmt: skip
            rows += [(f"{name}, events all the time", NONE, chain.lifetime(**asked), one, NONE)]
    for name, (ratio, doubt) in observed.items():
        for place in (0, 4, 6):
            rows += [(f"{name}, N = {STORED}: SNR at age {AGES[place]} [1]", ratio[place],
                      expected[name][place], NONE, doubt[place])]  # fmt: skip
    return rows


def limit_curves(limit):
    """Return speed limits found at some methylations and known at many, by which synapse has it."""
    some, many = np.linspace(0, 0.9, 7), np.linspace(0, 0.93, 80)
    ways = {"the first": (1, 0), "the second": (0, 1), "both": (1, 1)}
    bound, told = theory.methylation.speed_limit, {}
    for name, (a, b) in ways.items():
        known = [bound(CURVED, [1 - a * m, 1 - b * m]) for m in many]
        told[name] = (np.array([limit((a * m, b * m)) for m in some]), np.array(known))
    return some, many, told


def life_curves():
    """Return numbers of synapses and lifetimes of a chain, of one variable and of the best one."""
    many, chain = np.geomspace(30, 30_000, 60), theory.benna_fusi
    told = {
        f"chain of {CHAIN}": [
            chain.lifetime(synapses=n, variables=CHAIN, in_steps=True) for n in many
        ],
        "one variable": [chain.lifetime(synapses=n, variables=1, in_steps=True) for n in many],
        "one, tuned to N": chain.single_best_lifetime(many),
    }
    return many, {name: np.asarray(one) for name, one in told.items()}


def story():
    """Return the table and the picture."""
    errors, times = paces()
    limit, bounds = limits()
    spans, mixed = mixture()
    moment, best, paths = turning()
    response, (low, high), onset, frequency = sliding()
    left, lives = forgetting(CHAIN, IMPULSE)
    _, short_lives = forgetting(1, 2000)
    observed, expected = storing(), stored_theory(AGES)
    rows = [*pace_rows(times, bounds), *flow_rows(), *mixed_rows(spans, mixed)]
    rows += [*oja_rows(moment, best, paths), *bcm_rows(low, high, onset, frequency)]
    rows += memory_rows(left, lives, short_lives, observed, expected)
    between = np.geomspace(1, AGES[-1], 80)
    figure = methylated_synapses_figure(
        pace=(RATE, MARKS, errors, spans * PACE / RATE, mixed),
        limits=limit_curves(limit),
        locking=locking(),
        turning=({name: path[:, [0, 2]] for name, (path, *_) in paths.items()}, best[[0, 2]]),
        sliding=(CALM, low, high, onset, PAUSE, response[:, [2, 4, 5]], (0.2, 0.3, 0.4)),
        storing=(AGES, observed, between, stored_theory(between)),
        lives=(COUNTS, {f"chain of {CHAIN}": lives, "one variable": short_lives}, *life_curves()),
        trade=trade_off(),
    )
    return pd.DataFrame(rows, columns=COLUMNS), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.7g}".format))
    folder = Path("outputs/living")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "methylated_synapses.png", dpi=200)
