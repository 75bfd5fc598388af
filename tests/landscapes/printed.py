"""Numbers as a table prints them: right to half a unit of the last place."""

from typing import Any


def printed(value: Any, text: str) -> bool:
    """Whether a number is the printed one to half a unit of the last place."""
    digits, _, power = text.partition("e")
    unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    return bool(abs(float(value) - float(text)) <= 0.5000001 * unit + 1e-12 * abs(float(text)))
