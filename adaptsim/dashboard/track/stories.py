"""Stories of the page Track: guided presets; each opens like a link and offers moves."""

from __future__ import annotations

from typing import Any

from adaptsim.dashboard.stories import Move, Story


def _rate(value: float) -> tuple[tuple[int | None, str, Any], ...]:
    return ((0, "rule.learning_rate", value),)


TRACK_STORIES = (
    Story(
        "raise",
        "Raise α past 2",
        "The learning rate α is the part of its error that each individual corrects in a step. "
        "Past 1 it overshoots; past 2 each correction is larger than the error.",
        "scenario=tracker_noise&runs=1&size=1000&a.rule.learning_rate=0.2"
        "&a.agent.observation_noise=0.3&a.agent.start_at=3",
        (
            Move("α = 0.2: tracking", _rate(0.2)),
            Move("α = 1.8: ringing", _rate(1.8)),
            Move("α = 2.05: past the limit", _rate(2.05)),
        ),
    ),
    Story(
        "slow",
        "Slow the world",
        "Three learning rates follow one sine. In a fast world all lag by a good part of a "
        "cycle; in a slow one even the cautious keep up. The lag in steps hardly changes.",
        "scenario=tracker_tone&runs=3&size=1&a.rule.learning_rate=0.05&b.rule.learning_rate=0.2"
        "&c.rule.learning_rate=0.8&environment.period=20&window=200",
        (
            Move("Period 20: fast", ((None, "environment.period", 20.0),)),
            Move("Period 60", ((None, "environment.period", 60.0),)),
            Move("Period 200: slow", ((None, "environment.period", 200.0),)),
        ),
    ),
    Story(
        "noise",
        "Fast followers jitter",
        "What is seen is blurred. A fast learner has a short lag and carries the blur along; a "
        "slow one is calm and late. Lag times variance falls on one curve.",
        "scenario=tracker_tone&runs=2&size=2000&a.rule.learning_rate=0.05"
        "&b.rule.learning_rate=0.9&window=200&a.agent.observation_noise=0.5"
        "&b.agent.observation_noise=0.5",
        (
            Move("No blur", ((None, "agent.observation_noise", 0.0),)),
            Move("Blur 0.5", ((None, "agent.observation_noise", 0.5),)),
            Move("Blur 1.5", ((None, "agent.observation_noise", 1.5),)),
        ),
    ),
    Story(
        "late",
        "Feel it late",
        "The same learner, but what it feels is old. Each step of delay takes away from the "
        "speed limit: 2 without delay, 1 with one step, 0.35 with four.",
        "scenario=tracker_noise&runs=2&size=200&a.rule.learning_rate=0.3&b.rule.learning_rate=0.3"
        "&a.agent.start_at=3&b.agent.start_at=3&a.agent.observation_noise=0.05"
        "&b.agent.observation_noise=0.05",
        (
            Move("b: no delay", ((1, "agent.feedback_delay", 0),)),
            Move("b: 3 steps", ((1, "agent.feedback_delay", 3),)),
            Move("b: 6 steps", ((1, "agent.feedback_delay", 6),)),
        ),
    ),
    Story(
        "methylate",
        "Methylate half the synapses",
        "A neuron under the BCM rule whose threshold slides too slowly: response and threshold "
        "chase each other. A methyl group on a synapse takes it out of learning.",
        "scenario=synapse_bcm&runs=2&a.rule.methylation=0&b.rule.methylation=0&speed=500"
        "&window=2000",
        (
            Move("b: none", ((1, "rule.methylation", 0.0),)),
            Move("b: half", ((1, "rule.methylation", 0.5),)),
            Move("b: 90 %", ((1, "rule.methylation", 0.9),)),
        ),
    ),
    Story(
        "predator",
        "A predator and two prey",
        "Two prey fluctuate out of phase. A forager that learns its preference slowly hunts "
        "what was plentiful a while ago.",
        "scenario=predator_two_prey&runs=3&size=200&a.rule.learning_rate=0.02"
        "&b.rule.learning_rate=0.1&c.rule.learning_rate=0.5",
        (
            Move("Fast prey", ((None, "environment.period", 20.0),)),
            Move("Slow prey", ((None, "environment.period", 200.0),)),
        ),
    ),
    Story(
        "thermostat",
        "A thermostat and its user",
        "The user wants 10 °C, the thermostat believes in 5. Four characters: cautious, good, "
        "nervous, unstable.",
        "scenario=thermostat_rates&runs=4&a.rule.learning_rate=0.1&b.rule.learning_rate=0.5"
        "&c.rule.learning_rate=1.6&d.rule.learning_rate=2.1&speed=5&window=50",
        (),
    ),
)
