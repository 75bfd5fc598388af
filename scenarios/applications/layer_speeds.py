"""Layers that learn at different speeds.

In a deep linear network each mode of a task waits on a plateau and then is learnt at once, the
strongest first; the more layers, the longer the plateau and the lower the speed limit. All of it is
known in closed form, and descent does as told. In deep networks that bend, slopes vanish or explode
from layer to layer by a factor that mean field knows. Rates of their own
for the layers undo both: the slower the other layers of a chain follow the first, the shorter its
plateau, and a sigmoid network whose layers learn at rates that make up for the factor needs a
seventh of the steps.

    uv run python scenarios/applications/layer_speeds.py
"""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from adaptsim import Constant, GradientDescent, LayerRates, Walker, simulate, theory, walk
from adaptsim import speed_limit as found_limit
from adaptsim.figures.layer_speeds import layer_speeds_figure
from adaptsim.landscapes import DeepLinear, DeepNetwork

START = 1e-3  # strength of a mode at first
MODES, MODE_RATE = (5.0, 3.0, 2.0, 1.0), 4e-4
DEPTHS, CHAIN_RATE = (1, 2, 3, 4, 8), 1e-3
STRONG = 4.0  # singular value at which speed limits are sought
LIMIT_DEPTHS = (1, 2, 3, 5)
SLOPES = [("tanh", 1.0, 0.05), ("tanh", None, 0.05), ("tanh", 4.0, 0.05), ("sigmoid", 1.0, 0.0)]
LAYERS, WIDTH, DRAWS = 20, 128, 32  # of the random networks
INNER = slice(10, 19)  # layers deep enough to have settled, all of full width
LED_DEPTHS, FOLLOWERS = (2, 4, 8), np.geomspace(1e-4, 1.0, 9)
PART = 0.02  # of the speed limit
SIGMOID = DeepNetwork(depth=4, width=16, activation="sigmoid", weight_variance=4.0)
SWEEP, TRAINED, STARTS, ENOUGH = np.geomspace(0.05, 20.0, 12), 1500, 4, 1e-3
EXACT, FIELD = theory.deep_linear, theory.signal_propagation


def chain(depth, target=1.0):
    """Return a chain of weights whose product should be a number."""
    return DeepLinear(layers=(1,) * (depth + 1), singular_values=[target], strength=START)


def first_at(level, values):
    """Return when values first reach a level, between two steps [steps]."""
    after = int(np.argmax(values >= level))
    before = values[after - 1 : after + 1]
    return after - 1 + (level - before[0]) / (before[1] - before[0])


def learnt(landscape, rate, steps):
    """Return the strengths of the modes at every step of descent, shape ``(modes, steps)``."""
    rule = GradientDescent(learning_rate=rate)
    read = walk(landscape, rule, steps=steps, stride=1)["GradientDescent"].readings
    return np.array([read[f"mode_{i + 1}"][0, 0, 0] for i in range(landscape.modes)])


def modes():
    """Return the modes of a network of two layers, and when each is half learnt [1/curvature]."""
    wide = len(MODES)
    network = DeepLinear(layers=(wide,) * 3, singular_values=MODES, strength=START)
    known = EXACT.learning_time(np.array(MODES) / 2, target=MODES, initial=START)
    climbed = learnt(network, MODE_RATE, int(1.5 * known[-1] / MODE_RATE))
    halves = [first_at(s / 2, one) * MODE_RATE for s, one in zip(MODES, climbed, strict=True)]
    times = np.arange(climbed.shape[1]) * MODE_RATE
    exact = [EXACT.strength(times, target=s, initial=START) for s in MODES]
    return (times, climbed, np.array(exact)), halves, known


def plateaus():
    """Return when chains of several depths are half learnt, and when they should be."""
    known = EXACT.learning_time(0.5, target=1.0, initial=START, depth=DEPTHS)
    found = [
        first_at(0.5, learnt(chain(depth), CHAIN_RATE, int(1.1 * time / CHAIN_RATE))[0])
        for depth, time in zip(DEPTHS, known, strict=True)
    ]
    return np.array(found) * CHAIN_RATE, known


def limits():
    """Return speed limits of chains, found from the step's own derivative and in closed form."""
    found = [
        found_limit(Walker(landscape=chain(depth, STRONG)), GradientDescent(), jnp.zeros(1))
        for depth in LIMIT_DEPTHS
    ]
    return np.array(found), EXACT.speed_limit(STRONG, depth=LIMIT_DEPTHS)


@jax.jit
def lengths(network, starts):
    """Return the squared lengths of each layer's gradient, shape ``(draws, layers)``."""
    read = jax.vmap(network.readings)(starts)
    return jnp.stack([read[f"gradient_{i + 1}"] ** 2 for i in range(network.depth)], axis=1)


def slopes():
    """Return, by kind of network, squared slopes by layer, their factor, its error, and chi."""
    told = {}
    for activation, weights, biases in SLOPES:
        critical = weights is None
        if critical:
            weights = FIELD.critical_weight_variance(bias_variance=biases, activation=activation)
        made = {"weight_variance": float(weights), "bias_variance": biases}
        chi = FIELD.gradient_ratio(**made, activation=activation)
        network = DeepNetwork(depth=LAYERS, width=WIDTH, activation=activation, samples=1, **made)
        starts = jnp.stack([network.random_start(seed) for seed in range(DRAWS)])
        squares = np.asarray(lengths(network, starts))
        inner = squares[:, INNER]
        factor = (inner[:, :-1] / inner[:, 1:]).mean(axis=1)
        name = f"{activation}, {'critical' if critical else f'variance {weights:g}'}"
        error = factor.std(ddof=1) / np.sqrt(DRAWS)
        told[name] = squares, factor.mean(), error, chi
    return told


def led():
    """Return, by depth, steps times the part of the limit until half is learnt, and theory."""
    told = {}
    for depth in LED_DEPTHS:
        weights, known, paces = np.full(depth, START ** (1 / depth)), [], []
        for follower in FOLLOWERS:
            rates = np.array([1.0] + [follower] * (depth - 1))
            time = EXACT.chain_time(0.5, target=1.0, weights=weights, rates=rates)
            paces.append(EXACT.chain_speed_limit(1.0, weights=weights, rates=rates))
            known.append(time / paces[-1])
        rule = LayerRates(
            rule=GradientDescent(learning_rate=1.0),
            sizes=chain(depth).layer_sizes,
            rates=(1.0, *[FOLLOWERS] * (depth - 1)),
            learning_rate=PART * np.array(paces),
        )
        size, steps = len(FOLLOWERS), int(1.1 * max(known) / PART)
        run = simulate(Walker(landscape=chain(depth)), rule, Constant(), size=size, steps=steps)
        climbed = np.asarray(run.followed["mode_1"].output)[:, 0]
        told[depth] = np.array([first_at(0.5, one) * PART for one in climbed.T]), np.array(known)
    return told


def trained():
    """Return, by rule, the median loss at the best rate, and steps until it is small enough."""
    made = {"weight_variance": float(SIGMOID.weight_variance), "bias_variance": 0.0}
    chi = FIELD.gradient_ratio(**made, activation=SIGMOID.activation)
    plain = GradientDescent(learning_rate=1.0)
    own = tuple(float(chi**layer) for layer in range(SIGMOID.depth))
    rules = {
        "one rate": plain,
        "a rate per layer": LayerRates(rule=plain, sizes=SIGMOID.layer_sizes, rates=own),
    }
    starts = jnp.stack([SIGMOID.random_start(seed) for seed in range(STARTS)])
    walked = walk(SIGMOID, rules, rates=SWEEP, starts=starts, steps=TRAINED, stride=5)
    told = {}
    for name, one in walked.items():
        typical = np.median(one.best[:, :, 0], axis=1)
        reached = [int(np.argmax(row <= ENOUGH)) or len(row) - 1 for row in typical]
        best = int(np.argmin(reached))
        told[name] = one.clock, typical[best], one.clock[reached[best]], one.rates[best]
    return told


def story():
    """Return the table and the picture."""
    curves, halves, half_times = modes()
    waited, waits = plateaus()
    found, known = limits()
    random, leading, courses = slopes(), led(), trained()
    rows = [
        (f"mode {s:g} half learnt", a, b) for s, a, b in zip(MODES, halves, half_times, strict=True)
    ]
    rows += [
        (f"half learnt, depth {n}", a, b) for n, a, b in zip(DEPTHS, waited, waits, strict=True)
    ]
    rows += [
        (f"speed limit, depth {n}", a, b)
        for n, a, b in zip(LIMIT_DEPTHS, found, known, strict=True)
    ]
    rows += [(f"slope² per layer, {name}", one[1], one[3]) for name, one in random.items()]
    for depth, (measured, told) in leading.items():
        rows += [(f"waited by {depth} layers alike", measured[-1], told[-1])]
        rows += [(f"waited where one of {depth} leads", measured[0], told[0])]
    rows += [(f"steps to loss {ENOUGH:g}, {name}", one[2], np.nan) for name, one in courses.items()]
    depths = np.linspace(1, max(DEPTHS), 57)
    plateau = EXACT.learning_time(0.5, target=1.0, initial=START, depth=depths)
    slowest = EXACT.speed_limit(STRONG, depth=depths)
    figure = layer_speeds_figure(
        (MODES, *curves), (DEPTHS, waited, depths, plateau), (LIMIT_DEPTHS, found, depths, slowest),
        random, (FOLLOWERS, leading), courses,
    )  # fmt: skip
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.6g}".format))
    folder = Path("outputs/applications")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "layer_speeds.png", dpi=200)
