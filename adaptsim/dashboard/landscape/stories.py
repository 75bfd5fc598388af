"""Landscape stories: guided presets of the page Landscape; each opens like a link."""

from __future__ import annotations

from adaptsim.dashboard.stories import Move, Story


def _rate(value: float) -> tuple[tuple[int | None, str, float], ...]:
    return ((0, "rule.learning_rate", value),)


LANDSCAPE_STORIES = (
    Story(
        "limit",
        "Past the speed limit",
        "A canyon is 100 times steeper across than along. Across it sets the limit, 2 over its "
        "curvature: below it each overshoot is smaller than the last, above it larger.",
        "landscape=Canyon&rules=1&a.rule.learning_rate=0.01&steps=100&speed=10",
        (
            Move("α = 0.01: straight down", _rate(0.01)),
            Move("α = 0.0195: zigzag", _rate(0.0195)),
            Move("α = 0.0202: past the limit", _rate(0.0202)),
        ),
    ),
    Story(
        "hop",
        "Too fast to rest, too bounded to leave",
        "Himmelblau's hill has four hollows, each with a limit of its own. A rate between the "
        "limits holds in one hollow and jumps for ever in another.",
        "landscape=Himmelblau&rules=1&a.rule.learning_rate=0.02&x=-1&y=-1",
        (
            Move("α = 0.01: rests", _rate(0.01)),
            Move("α = 0.02: hops", _rate(0.02)),
            Move("α = 0.028: further", _rate(0.028)),
        ),
    ),
    Story(
        "valley",
        "A bent valley, four rules",
        "Rosenbrock's floor is nearly flat, its walls are steep. Plain descent creeps, momentum "
        "rolls, adaptive rules measure their steps by the slopes they have seen.",
        "landscape=Rosenbrock&rules=4&steps=3000&speed=250&b.rule.kind=Momentum"
        "&c.rule.kind=RMSProp&d.rule.kind=Adam&c.rule.learning_rate=0.01"
        "&d.rule.learning_rate=0.05",
        (),
    ),
    Story(
        "luck",
        "Where you start decides",
        "Many hollows: descent finds the nearest, momentum may roll through. Click the map to "
        "start elsewhere.",
        "landscape=Rastrigin&rules=2&b.rule.kind=Momentum",
        (
            Move("Start at (1.2, 0.6)", ((None, "start", (1.2, 0.6)),)),
            Move("Start at (0.4, 0.3)", ((None, "start", (0.4, 0.3)),)),
        ),
    ),
)
