"""Thermostat: learns the temperature its user wants, and may heat a room."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp

from adaptsim.agents.base import Agent, Tracking
from adaptsim.part import Array, field

HERE = ("synchronous", "sequential")


class Room(NamedTuple):
    """The body of a thermostat: room temperature, readings on their way, what was counted.

    Attributes
    ----------
    temperature : Array
        Of the room [degC].
    readings : Array
        Readings on their way to the controller [degC], oldest first, shape ``(sensor_delay,)``.
    limited : Array
        Steps in which the heater was at 0 or at full power.
    """

    temperature: Array
    readings: Array
    limited: Array


class Thermostat(Agent):
    """A setpoint that follows the user's preference, with or without a room.

    The cue is ``[preference]`` or ``[preference, outdoor temperature]`` in degC. The trait is the
    setpoint ``s``. Without a room: ``s' = s + learning_rate * (preference - s)``.

    With a room (RC model, exact over a step): ``T' = a T + (1 - a)(T_out + G u)``, where
    ``a = exp(-1/time_constant)``, ``G = heater_gain`` is how far full power would lift the room,
    and the proportional controller sets ``u = proportional_gain * (s - reading)`` in [0, 1]; steps
    at either limit are counted. ``sensor_delay`` is the age of the reading the controller acts on;
    ``feedback_delay``, as in every kind, the age of the mismatch that is learnt from.

    ``learns_from = "preference"`` (the user tells) or ``"room"``: the setpoint is raised while the
    room is too cold, ``s' = s + learning_rate * (preference - T)``. The order matters for the
    latter: ``"synchronous"`` learns from the old room temperature, ``"sequential"`` lets the room
    move first and learns from the new one.

    Intermittent user overrides are ``observation_probability``, noisy ones ``observation_noise``.

    Examples
    --------
    >>> wall = Thermostat()
    >>> wall.start(jnp.array([10.0])).tolist()
    [5.0]

    References
    ----------
    Bacher & Madsen (2011) for grey-box RC rooms (existence only, parameters not taken from it).
    """

    cue_names: ClassVar[tuple[str, ...]] = ("preferred", "outdoors")
    cue_label: ClassVar[str] = "temperature [°C]"
    units: ClassVar[dict[str, str]] = {"setpoint": "°C", "room": "°C"}

    order: str = field(default="synchronous", help="who moves first, room or learner", choices=HERE)
    learns_from: str = field(
        default="preference",
        help="what the setpoint is learnt from",
        choices=("preference", "room"),
    )
    room: bool = field(default=False, help="whether there is a room with a heater")
    start_at: float = field(default=5.0, unit="degC", help="setpoint before the first step")
    room_start: float = field(
        default=15.0, unit="degC", help="room temperature before the first step"
    )
    outdoor: float = field(default=5.0, unit="degC", help="outside, where the cue does not tell")
    time_constant: float = field(default=20.0, unit="steps", help="of the room, R C", above=0)
    heater_gain: float = field(
        default=40.0, unit="degC", help="lift at full power, R Pmax", above=0
    )
    proportional_gain: float = field(
        default=0.1, unit="1/degC", help="power per degree", at_least=0
    )
    sensor_delay: int = field(
        default=0, unit="steps", help="age of the controller's reading", at_least=0
    )

    def retention(self) -> Array:
        """Return ``a``, the part of its temperature difference a room keeps over a step."""
        return jnp.exp(-1 / self.time_constant)

    def start(self, cue: Array) -> Array:
        """Return the setpoint ``start_at``, shape ``(1,)``."""
        return jnp.asarray([self.start_at], dtype=float)

    def optimum(self, cue: Array) -> Array:
        """Return the setpoint that is right, shape ``(1,)``.

        That is the preference ``p``; where the room is what counts it is higher by the offset of
        the controller, ``(p - T_out) / (G K)``, so that the room rests at the preference.
        """
        if not (self.room and self.learns_from == "room"):
            return cue[:1]
        loop_gain = self.heater_gain * self.proportional_gain
        return cue[:1] + (cue[:1] - self.outside(cue)) / loop_gain

    def outside(self, cue: Array) -> Array:
        """Return the outdoor temperature [degC]: the second cue, or the field ``outdoor``."""
        return cue[1] if cue.size > 1 else jnp.asarray(self.outdoor, dtype=float)

    def loss(self, trait: Array, cue: Array) -> Array:
        """Return half the squared distance of the setpoint from the right one [degC^2]."""
        return 0.5 * jnp.sum((trait - self.optimum(cue)) ** 2)

    def gradient(self, trait: Array, cue: Array, body: Any) -> Array:
        """Return how far setpoint, or room, is above the preference [degC], shape ``(1,)``."""
        if self.room and self.learns_from == "room":
            return body.temperature - cue[:1]
        return trait - cue[:1]

    def body(self, cue: Array) -> Any:
        """Return the room before the first step; ``()`` without one."""
        if not self.room:
            return ()
        temperature = jnp.asarray(self.room_start, dtype=float)
        return Room(temperature, jnp.full(self.sensor_delay, temperature), jnp.asarray(0))

    def live(self, body: Any, trait: Array, cue: Array) -> Any:
        """Return the room after one step of heating and leaking."""
        if not self.room:
            return body
        waiting = jnp.concatenate([body.readings, body.temperature[None]])
        wanted = self.proportional_gain * (trait[0] - waiting[0])
        power = jnp.clip(wanted, 0.0, 1.0)
        lifted = self.outside(cue) + self.heater_gain * power
        keep = self.retention()
        warmer = keep * body.temperature + (1 - keep) * lifted
        return Room(warmer, waiting[1:], body.limited + (power != wanted))

    def tracking(self, trait: Array, body: Any, cue: Array) -> dict[str, Tracking]:
        """Return the setpoint behind the right one, and the room behind what moves it.

        The room's error is against the preference; its lag and gain are against the outdoor
        temperature where the cue has one.
        """
        right = self.optimum(cue)[0]
        followed = {"setpoint": Tracking(trait[0], right, right)}
        if not self.room:
            return followed
        drive = cue[1] if cue.size > 1 else cue[0]
        return followed | {"room": Tracking(body.temperature, cue[0], drive)}

    def shown(self) -> str:
        """Return the room, where there is one."""
        return "room" if self.room else "setpoint"

    def tallies(self, body: Any) -> dict[str, tuple[Array, str]]:
        """Return in how many steps the heater was at a limit."""
        return {"heater_limited": (body.limited, "steps")} if self.room else {}
