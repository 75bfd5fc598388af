"""Figures: tables and trajectories to pictures; a figure never simulates."""

from adaptsim.figures.overview import draw_course, draw_error, draw_measure, overview
from adaptsim.figures.style import WONG, house_style, shades

__all__ = [
    "WONG", "draw_course", "draw_error", "draw_measure", "house_style", "overview", "shades"
]  # fmt: skip
