"""Road stories: guided presets of the page Road to chaos; each opens like a link."""

from __future__ import annotations

from adaptsim.dashboard.stories import Move, Story


def _rate(value: float) -> tuple[tuple[int | None, str, float], ...]:
    return ((None, "rate", value),)


ROAD_STORIES = (
    Story(
        "doubling",
        "Period doubling",
        "At the speed limit rest turns into jumping between two places, then four, then eight: "
        "each doubling comes sooner by a factor that tends to 4.669.",
        "landscape=CubicWell&low=1.8&high=2.6&rate=2.2",
        (
            Move("α = 1.9: rests", _rate(1.9)),
            Move("α = 2.2: two places", _rate(2.2)),
            Move("α = 2.5: four places", _rate(2.5)),
        ),
    ),
    Story(
        "chaos",
        "Chaos",
        "Past the last doubling no place is ever visited twice. Two learners that start a hair "
        "apart soon have nothing in common: the Lyapunov exponent is above 0.",
        "landscape=CubicWell&low=2.4&high=3&rate=2.95",
        (
            Move("α = 2.95: chaos", _rate(2.95)),
            Move("α = 2.84: a window of order", _rate(2.84)),
        ),
    ),
    Story(
        "window",
        "A window of order",
        "In the middle of chaos a cycle of three appears from nothing, and doubles in its turn.",
        "landscape=CubicWell&low=2.82&high=2.86&rate=2.835",
        (),
    ),
    Story(
        "wells",
        "Two wells become one",
        "A learner in one of two wells. Past 1.598 its jumps carry it over the hump, and it no "
        "longer knows which well it began in.",
        "landscape=DoubleWell&low=0.9&high=2&rate=1.75",
        (
            Move("α = 1.1: two places", _rate(1.1)),
            Move("α = 1.5: chaos in one well", _rate(1.5)),
            Move("α = 1.75: chaos in both", _rate(1.75)),
        ),
    ),
    Story(
        "memory",
        "Momentum moves the road",
        "The heavy ball stands nearly twice the rate, and its motion has two numbers: where it is "
        "and how fast it goes.",
        "landscape=Cosine&rule=Momentum&rule.momentum=0.5&low=2&high=5&rate=3.3",
        (),
    ),
)
