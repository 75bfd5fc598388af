"""The picture of protein folding: energies reached, one walk over its barriers, and folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adaptsim.figures.style import OPTIMUM, WONG, house_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = {
    "constant": WONG[5],
    "falling": WONG[0],
    "triangles": WONG[2],
    "restarts": WONG[1],
    "Langevin": WONG[3],
    "basin": OPTIMUM,
}
LINES = ("-", "--", ":", "-.")


def protein_folding_figure(
    reached: Mapping[str, np.ndarray],
    published: float,
    course: tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray, np.ndarray],
    folds: Mapping[str, tuple[np.ndarray, float]],
    letters: str,
    name: str,
) -> Figure:
    """Return the picture: distributions of energies, one walk, and some folds.

    Parameters
    ----------
    reached
        By rule, the lowest energy that each walk came to, shape ``(walks,)``.
    published
        The lowest energy of the literature.
    course
        Of one walk: clock and energies, ``(k,)`` each; labels of the minima below every so manieth
        record; how manieth; learning rates, ``(k,)``; energies of those minima.
    folds
        By name, where the beads are, shape ``(n, 3)``, and the energy.
    letters
        The sequence, one letter per bead.
    name
        Of the rule that made the course.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        canvas = Canvas(figsize=(7.0, 5.6), layout="constrained")
        grid = canvas.add_gridspec(2, 6, height_ratios=(6, 5))
        draw_reached(canvas.add_subplot(grid[0, :3]), reached, published)
        draw_course(canvas.add_subplot(grid[0, 3:]), course, published, name)
        for place, (title, (beads, energy)) in enumerate(folds.items()):
            axes = canvas.add_subplot(grid[1, 2 * place : 2 * place + 2])
            draw_fold(axes, beads, letters)
            axes.set_title(f"{title}\nenergy {energy:.4f}", loc="center")
        canvas.suptitle("Kicks lift the typical walk; only hops find the fold", x=0.01, ha="left")
    return canvas


def draw_reached(axes: Axes, reached: Mapping[str, np.ndarray], published: float) -> None:
    """Draw the share of walks that came below each energy, one line a rule."""
    seen: dict[str, int] = {}
    for name, energies in reached.items():
        family = name.split()[0]
        line = LINES[seen.setdefault(family, 0) % len(LINES)]
        seen[family] += 1
        known = np.sort(energies[np.isfinite(energies)])
        share = np.arange(1, len(known) + 1) / len(energies)
        axes.step(known, share, where="post", color=SHOWN[family], ls=line, label=name, lw=1.0)
    axes.axvline(published, color="#888888", lw=0.8)
    axes.set(xlabel="lowest energy reached [1]", ylabel="share of walks [1]", ylim=(0, 1))
    axes.set_xlim(published - 0.2, 2.8)  # room for the names
    axes.set_title("how low they come (grey: published)")
    axes.legend(loc="lower right", fontsize=6, labelspacing=0.25)


def draw_course(
    axes: Axes,
    course: tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray, np.ndarray],
    published: float,
    name: str,
) -> None:
    """Draw one walk's energy, that of the minimum below, barriers crossed, and the rate."""
    clock, energy, labels, every, rate, below = course
    times = clock[::every]
    axes.plot(clock, energy, color=WONG[5], lw=0.8, label="walk")
    axes.step(times, below, where="post", color=OPTIMUM, lw=1.0, label="minimum below")
    jumps = np.flatnonzero(np.diff(labels) != 0) + 1
    axes.plot(times[jumps], below[jumps], "|", color=WONG[1], ms=7, label="barrier crossed")
    axes.axhline(published, color="#888888", lw=0.8)
    axes.set(xlabel="gradients [1]", ylabel="energy [1]", ylim=(published - 0.3, 3.0))
    axes.set_title(f"one walk, {name}")
    axes.legend(loc="upper left", ncols=2, columnspacing=1)
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.fill_between(clock, rate, color=WONG[4], alpha=0.25, lw=0)
    right.set(ylim=(0, 6 * rate.max()))
    right.set_ylabel("learning rate [1]", color=WONG[4])


def draw_fold(axes: Axes, beads: np.ndarray, letters: str) -> None:
    """Draw a chain, seen along the direction in which it is thinnest, what is nearer on top."""
    centred = beads - beads.mean(axis=0)
    across, up, depth = (centred @ np.linalg.svd(centred, full_matrices=False)[2].T).T
    for bond in range(len(beads) - 1):
        ends = slice(bond, bond + 2)
        axes.plot(across[ends], up[ends], color="#888888", lw=2.5, zorder=depth[ends].mean())
    for letter, colour in (("A", WONG[1]), ("B", WONG[0])):
        first = True
        for bead in np.flatnonzero([one == letter for one in letters]):
            axes.plot(across[bead], up[bead], "o", color=colour, ms=10 + 1.5 * depth[bead],
                      mec="white", mew=0.8, zorder=depth[bead] + 0.1,
                      label=letter if first else None)  # fmt: skip
            first = False
    axes.set_aspect("equal")
    axes.margins(0.15)
    axes.set_axis_off()
