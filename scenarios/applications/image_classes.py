"""A network learns to read digits, at rates below its edge of stability, at it, and far above.

A small network is trained on real images of handwritten digits with plain descent, all images at
every step. At small rates the loss falls smoothly, and the landscape grows sharper along the way.
At larger ones it sharpens until the rate is just the limit, ``rate * sharpness / 2 = 1``, and stays
there: the loss falls, but not in every step. Higher still the loss thrashes about, and in the end
training is lost. Lyapunov exponents tell how fast two networks that begin alike part: while they
learn, and, with a ridge that ends the slow growth of weights, once they only fluctuate.

    uv run python scenarios/applications/image_classes.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

from adaptsim import GradientDescent, Noisy, System, theory, walk
from adaptsim.curvature import jumps, largest_curvature, train
from adaptsim.dynamics import lyapunov
from adaptsim.figures.image_classes import image_classes_figure
from adaptsim.landscapes import Digits

DIGITS = Digits(layers=(64, 20, 20, 10), error="squared", samples=300, gain=0.5)
RATES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.56, 0.8)  # [1/curvature]
SHOWN = (0.02, 0.1, 0.2, 0.4, 0.5)
STEPS, EVERY = 2000, 50
SETTLE, AVERAGED = 100, 1000  # steps left out of an exponent, and averaged over
RIDGE, RIDGE_RATES = 3e-3, (0.1, 0.2, 0.4, 0.5)
RIDGE_SETTLE, RIDGE_AVERAGED = 3000, 6000
BATCH, BATCH_RATES = 30, (0.1, 0.4)


def story():
    """Return the table and the picture."""
    start = DIGITS.start()
    limit = theory.speed_limits.gradient_descent(float(largest_curvature(DIGITS.loss, start).value))
    courses = {
        rate: train(
            DIGITS.loss, start, GradientDescent(learning_rate=rate), steps=STEPS, every=EVERY
        )
        for rate in RATES
    }
    rises = jumps(np.stack([one.losses for one in courses.values()]))
    grown = lyapunov(
        System.of(DIGITS, GradientDescent()), RATES, n=AVERAGED, settle=SETTLE, start=start
    )
    held = lyapunov(
        System.of(DIGITS.replace(ridge=RIDGE), GradientDescent()),
        RIDGE_RATES,
        n=RIDGE_AVERAGED,
        settle=RIDGE_SETTLE,
        start=start,
    )
    rows = [("least of these rates that raises the loss", min(at_the_edge(courses)), limit)]
    for place, (rate, course) in enumerate(courses.items()):
        if not np.isfinite(course.losses[-1]):
            lost = int(np.argmin(np.isfinite(course.losses)))
            rows += [(f"rate {rate}: training is lost at step", lost, np.nan)]
            continue
        edge = 1.0 if rises.share[place] > 0 else np.nan
        half, read = len(course.gauge) // 2, DIGITS.readings(course.theta)
        rows += [
            (f"rate {rate}: gauge, second half", float(course.gauge[half:].mean()), edge),
            (f"rate {rate}: steps that raise the loss", rises.share[place], np.nan),
            (f"rate {rate}: largest rise, relative", rises.largest[place], np.nan),
            (f"rate {rate}: exponent per step", grown.exponents[place, 0], np.nan),
            (f"rate {rate}: told apart, held out", float(read["held_out_accuracy"]), np.nan),
        ]
    for place, rate in enumerate(RIDGE_RATES):
        name, error = f"with a ridge, rate {rate}", held.standard_error[place, 0]
        rows += [
            (f"{name}: exponent per step", held.exponents[place, 0], np.nan),
            (f"{name}: its standard error", error, np.nan),
        ]
    batches = by_batches(start)
    for place, rate in enumerate(BATCH_RATES):
        share = jumps(batches.loss[place, 0, 0]).share
        apart = batches.readings["held_out_accuracy"][place, 0, 0, -1]
        rows += [
            (f"batches of {BATCH}, rate {rate}: steps that raise the loss", share, np.nan),
            (f"batches of {BATCH}, rate {rate}: told apart, held out", apart, np.nan),
        ]
    figure = image_classes_figure(
        {rate: courses[rate] for rate in SHOWN},
        (np.array(RATES), rises, {"while it learns": grown, "settled, with a ridge": held}, limit),
        mistaken(courses[SHOWN[1]].theta),
    )
    return pd.DataFrame(rows, columns=["", "measured", "theory"]), figure


def at_the_edge(courses):
    """Return the rates whose loss rises at times and that are not lost: there the gauge is 1."""
    found = {rate: jumps(one.losses).share for rate, one in courses.items()}
    return [rate for rate, share in found.items() if share > 0]


def by_batches(start):
    """Return walks that look at a few images at a time."""
    noisy = Noisy(landscape=DIGITS, batch=BATCH)
    found = walk(noisy, GradientDescent(), rates=BATCH_RATES, starts=start, steps=STEPS)
    return found["GradientDescent"]


def mistaken(theta):
    """Return held-out images taken for others: pixels, what was written, what was read."""
    data = DIGITS.images()
    read = np.asarray(DIGITS.told(theta, data.held_out))
    wrong = np.flatnonzero(read != data.held_out_digits)
    return data.held_out[wrong], data.held_out_digits[wrong], read[wrong]


if __name__ == "__main__":
    table, figure = story()
    print(table.to_string(index=False, na_rep="", float_format="{:.4g}".format))
    folder = Path("outputs/applications")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "image_classes.png", dpi=200)
