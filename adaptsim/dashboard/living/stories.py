"""Stories of living systems: guided presets of their page; each opens like a link."""

from __future__ import annotations

from typing import Any

from adaptsim.dashboard.stories import Move, Story


def _turn(name: str, value: Any) -> tuple[tuple[int | None, str, Any], ...]:
    return ((None, name, value),)


LIVING_STORIES = {
    "community": (
        Story(
            "window",
            "A window of learning rates",
            "Prey grow faster than slow learners can switch to them, so all cycle. Faster learning "
            "calms the community; too fast, and the learning itself drives cycles.",
            "system=community&learning_rate=0.1",
            (
                Move("α = 0.1: prey cycle", _turn("learning_rate", 0.1)),
                Move("α = 1.4: at rest", _turn("learning_rate", 1.4)),
                Move("α = 5: learning cycles", _turn("learning_rate", 5.0)),
            ),
        ),
        Story(
            "enrichment",
            "The paradox of enrichment",
            "More to eat for the prey makes the community less steady, not more: at a capacity of "
            "2.5 any learner calms it, at 5 none that is slow.",
            "system=community&learning_rate=0.5&capacity=2.5",
            (
                Move("Poor: capacity 2.5", _turn("capacity", 2.5)),
                Move("Capacity 4", _turn("capacity", 4.0)),
                Move("Rich: capacity 5", _turn("capacity", 5.0)),
            ),
        ),
    ),
    "patches": (
        Story(
            "trail",
            "Prey that swap",
            "The two prey take turns. Slow learners still look for yesterday's prey; quick ones "
            "switch in time. How they share out the patches hardly depends on it.",
            "system=patches&learning_rate=0.03",
            (
                Move("α = 0.03: late", _turn("learning_rate", 0.03)),
                Move("α = 0.3: tracking", _turn("learning_rate", 0.3)),
                Move("α = 1.7: ringing", _turn("learning_rate", 1.7)),
            ),
        ),
        Story(
            "ideal",
            "The ideal free distribution",
            "Where the best patches give ten times as much, predators gather there in proportion: "
            "none could do better elsewhere.",
            "system=patches&amplitude=0&contrast=10",
            (
                Move("All patches alike", _turn("contrast", 1.0)),
                Move("Contrast 5", _turn("contrast", 5.0)),
                Move("Contrast 10", _turn("contrast", 10.0)),
            ),
        ),
    ),
    "bubble": (
        Story(
            "split",
            "Into the bubble",
            "Up to a sharpness of 2 users keep seeing both items. Beyond it every user falls to "
            "one side, by chance, and stays.",
            "system=bubble&sharpness=1.5",
            (
                Move("k = 1: open", _turn("sharpness", 1.0)),
                Move("k = 1.9: swaying", _turn("sharpness", 1.9)),
                Move("k = 4: in a bubble", _turn("sharpness", 4.0)),
            ),
        ),
        Story(
            "haste",
            "Hasty scores",
            "Two learning rates, one sharpness. A score that learns fast is thrown about by each "
            "choice and may leave its bubble again; a slow one never does.",
            "system=bubble&sharpness=2.6&rate_a=0.02&rate_b=0.5",
            (
                Move("Both slow: 0.02", _turn("rate_b", 0.02)),
                Move("b = 0.1", _turn("rate_b", 0.1)),
                Move("b = 0.5: hasty", _turn("rate_b", 0.5)),
            ),
        ),
    ),
    "synapses": (
        Story(
            "calm",
            "Methylate the synapses",
            "The threshold of this neuron slides too slowly, so response and threshold chase each "
            "other. Methyl groups slow the synapses down until the threshold keeps up.",
            "system=synapses&methylation=0",
            (
                Move("None methylated", _turn("methylation", 0.0)),
                Move("A third", _turn("methylation", 1 / 3)),
                Move("Half", _turn("methylation", 0.5)),
            ),
        ),
    ),
    "evolution": (
        Story(
            "winner",
            "The rate that wins",
            "Selection climbs to the learning rate with the least error, which theory knows. The "
            "steadier the world, the slower the winner.",
            "system=evolution&correlation=0.9",
            (
                Move("A restless world", _turn("correlation", 0.9)),
                Move("A steadier one", _turn("correlation", 0.98)),
                Move("Blurred eyes", _turn("observation_noise", 1.8)),
            ),
        ),
    ),
}
"""By system."""
