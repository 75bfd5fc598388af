"""Overview: the picture of one run, what happened and how it compares with theory."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptsim.figures.style import OPTIMUM, THEORY, WONG, house_style, shades
from adaptsim.report import SHOWN_FIRST

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from adaptsim.runs import Run

SHOWN_GROUPS = 4
SHOWN_PERIODS = 3
FIRST_ROWS = 100
SHOWN_ROWS, MOST_ROWS = 250, 1000
MARKED_GROUPS = 40
TITLE_WIDTH = 85
PANELS = {
    "tone": ("phase_lag", "gain"),
    "step": ("rise_time_63", "overshoot"),
    "ramp": ("mean_lag", "steady_state_error"),
    "rest": ("rise_time_63", "overshoot", "stationary_variance", "tracking_mse"),
    "fluctuation": ("mean_lag", "tracking_mse"),
}
NAMES = {
    "phase_lag": "phase lag",
    "gain": "gain",
    "rise_time_63": "63 % time",
    "mean_lag": "mean lag",
    "steady_state_error": "steady error",
    "stationary_variance": "variance at rest",
    "tracking_mse": "mean square error",
    "overshoot": "overshoot",
    "cross_correlation_lag": "cross-correlation lag",
}


def overview(result: Run) -> Figure:
    """Return the figure of a run.

    On top the course of a few groups with the moving optimum (over the cue, where there is more
    than one); below, measures against what tells groups apart, points measured and lines from
    theory. With a single group the tracking error takes their place.
    """
    from matplotlib.figure import Figure as Canvas

    with house_style():
        cues = _has_several_cues(result)
        ratios = [1.0, 1.6, 1.6] if cues else [1.7, 1.6]
        canvas = Canvas(figsize=(7.0, 1.5 * sum(ratios) + 0.6), layout="constrained")
        grid = canvas.add_gridspec(len(ratios), 2, height_ratios=ratios)
        course = canvas.add_subplot(grid[-2, :])
        if cues:
            _draw_cues(canvas.add_subplot(grid[0, :], sharex=course), result)
        draw_course(course, result)
        measured = _panels(result)
        if len(result.trajectory.groups) > 1 and measured:
            for column, measure in enumerate(measured[:2]):
                draw_measure(canvas.add_subplot(grid[-1, column]), result, measure)
        else:
            draw_error(canvas.add_subplot(grid[-1, :]), result)
        canvas.suptitle(_title(result), x=0.01, ha="left")
    return canvas


def _title(result: Run) -> str:
    """Return the question, in lines that are no longer than the figure is wide."""
    return textwrap.fill(result.scenario.question or result.scenario.name, TITLE_WIDTH)


def _variable(result: Run) -> str:
    """Return the variable that people would rather see: a preference before its logit."""
    return result.scenario.agent.shown() or list(result.trajectory.followed)[-1]


def _has_several_cues(result: Run) -> bool:
    return bool(result.trajectory.cue.shape[-1] > 1)


def _time(result: Run) -> tuple[np.ndarray, str]:
    """Return the clock at the recorded rows and the label of its axis."""
    steps, scenario = result.trajectory.steps, result.scenario
    if scenario.step_length is None:
        return steps.astype(float), "time [steps]"
    number, unit = scenario.step_length
    return scenario.time_origin + steps * number, f"time [{unit}]"


def _window(result: Run) -> slice:
    """Return the rows that are drawn: the first for a step or rest, else the last periods."""
    scenario, rows = result.scenario, len(result.trajectory.steps)
    if scenario.environment.probe in ("rest", "step", "ramp"):
        return slice(0, _until_settled(result))
    worlds = [scenario.environment, *getattr(scenario.environment, "parts", ())]
    periods = [float(world.period) for world in worlds if hasattr(world, "period")]
    if periods:
        shown = round(SHOWN_PERIODS * periods[0] / scenario.stride)
    else:
        shown = rows if rows <= MOST_ROWS else SHOWN_ROWS
    return slice(max(0, rows - shown), rows)


def _until_settled(result: Run) -> int:
    """Return how many rows to draw until the slowest drawn group is close to its end."""
    rows = len(result.trajectory.steps)
    table = result.table
    times = table[table["measure"] == "settling_time"]["value"].dropna()
    if times.empty:
        return min(rows, FIRST_ROWS)
    target = np.asarray(next(iter(result.trajectory.followed.values())).target)[:, 0, 0]
    moved = np.flatnonzero(np.diff(target))
    at = int(moved[0]) if moved.size else 0
    return int(min(rows, at + 10 + 1.5 * times.median() / result.scenario.stride))


def _shown_groups(result: Run) -> list[int]:
    count = len(result.trajectory.groups)
    shown = min(count, SHOWN_GROUPS)
    return [round(i * (count - 1) / max(shown - 1, 1)) for i in range(shown)]


def _label(name: str) -> str:
    return name.replace("_", " ")


def draw_course(axes: Axes, result: Run, variable: str | None = None) -> None:
    """Draw a few groups and the optimum they follow, over time."""
    variable = variable or _variable(result)
    clock, unit = _time(result)
    window, groups = _window(result), result.trajectory.groups
    chosen = _shown_groups(result)
    target = np.asarray(result.trajectory.of(variable, chosen[0]).target)[window, 0, 0]
    axes.plot(clock[window], target, color=OPTIMUM, lw=1.6, label="optimum", zorder=2.6)
    seen = [target]
    for rank, (group, colour) in enumerate(zip(chosen, shades(len(chosen)), strict=True)):
        output = np.asarray(result.trajectory.of(variable, group).output)[window, 0]
        with np.errstate(all="ignore"):
            middle = output.mean(axis=1)
        named = f"{_label(groups.name)} " if rank == 0 else ""  # once, or the legend is too wide
        label = named + _short(groups.labels[group]) if groups.name else _individual(result)
        axes.plot(clock[window], middle, color=colour, label=label, zorder=2.5 - 0.1 * rank)
        if 1 < output.shape[1]:
            low, high = np.percentile(output, [10, 90], axis=1)
            axes.fill_between(clock[window], low, high, color=colour, alpha=0.18, lw=0)
        seen.append(middle)
    if (result.table["measure"] == "diverged_at").any():
        _limit(axes, target, seen)
    axes.set_xlabel(unit)
    axes.set_ylabel(f"{_label(variable)}{_unit_of(result, variable)}")
    axes.legend(
        ncols=5, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2,
        columnspacing=1.0, handlelength=1.4,
    )  # fmt: skip


def _individual(result: Run) -> str:
    return type(result.scenario.agent).__name__.lower()


def _short(label: str) -> str:
    return ", ".join(f"{float(part):.3g}" for part in label.split(", "))


def _limit(axes: Axes, target: np.ndarray, seen: list[np.ndarray]) -> None:
    """Keep the optimum visible where something diverges."""
    starts = [abs(float(one[0] - target[0])) for one in seen if np.isfinite(one[0])]
    reach = 4 * max(float(np.ptp(target)), *starts, 1e-9)
    centre = float(target.mean())
    if any(np.nanmax(np.abs(one - centre), initial=0.0) > reach for one in seen):
        axes.set_ylim(centre - reach, centre + reach)
        axes.text(0.99, 0.03, "beyond the axis: diverging", color=WONG[1], ha="right",
                  transform=axes.transAxes, backgroundcolor="white")  # fmt: skip


def _unit_of(result: Run, variable: str) -> str:
    unit = getattr(result.scenario.agent, "units", {}).get(variable, "")
    return f" [{unit}]" if unit else ""


def _unit_of_field(result: Run, name: str) -> str:
    """Return the unit of a field of the rule or the kind, as an axis shows it."""
    parts = (result.scenario.rule, result.scenario.agent)
    fields: list[Any] = [one for part in parts for one in dataclasses.fields(part)]
    unit = next((one.metadata.get("unit", "") for one in fields if one.name == name), "")
    return f" [{_pretty(unit)}]" if unit else ""


def _draw_cues(axes: Axes, result: Run) -> None:
    environment = result.scenario.environment
    names = tuple(getattr(environment, "columns", ())) or _cue_names(result)
    clock, _ = _time(result)
    window = _window(result)
    cue = result.trajectory.cue[window, 0]
    for column, (name, dash) in enumerate(zip(names, ("-", "--", ":", "-."), strict=False)):
        shade = WONG[(column + 4) % len(WONG)]
        axes.plot(clock[window], cue[:, column], dash, color=shade, lw=1, label=_label(name))
    axes.set_ylabel(getattr(result.scenario.agent, "cue_label", "cue"))
    axes.tick_params(labelbottom=False)
    axes.legend(ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2)


def _cue_names(result: Run) -> tuple[str, ...]:
    count = result.trajectory.cue.shape[-1]
    names = tuple(getattr(result.scenario.agent, "cue_names", ()))
    return names[:count] if len(names) >= count else tuple(f"cue {i + 1}" for i in range(count))


def _panels(result: Run) -> list[str]:
    """Return which measures are drawn: those that fit the environment and were obtained."""
    table = result.table
    known = set(table[table["value"].notna()]["measure"])
    probe = result.scenario.environment.probe
    wanted = [m for m in PANELS[probe] if m in known]
    if result.scenario.lag_period is not None:
        wanted = [m for m in PANELS["tone"] if m in known]
    if probe == "rest" and "stationary_variance" in known:
        wanted = [m for m in ("stationary_variance", "rise_time_63", "tracking_mse") if m in known]
    return wanted or [m for m in SHOWN_FIRST if m in known][:2]


def draw_measure(axes: Axes, result: Run, measure: str) -> None:
    """Draw a measure against what tells groups apart: points measured, line theory."""
    table, groups = result.table, result.trajectory.groups
    rows = _rows_to_draw(
        table[table["measure"] == measure],
        _variable(result),
        insisted=result.scenario.agent.shown() is not None,
    )
    index = [groups.labels.index(label) for label in rows["group"]]
    x = groups.values[index, 0]
    value, theory = rows["value"].to_numpy(), rows["theory"].to_numpy()
    thin = np.unique(np.linspace(0, len(x) - 1, min(len(x), MARKED_GROUPS)).round().astype(int))
    error = np.abs(np.stack([value - rows["ci_low"], rows["ci_high"] - value]))
    error = np.nan_to_num(error[:, thin])
    axes.errorbar(
        x[thin], value[thin], error, fmt="o", ms=4, lw=1, color=WONG[0], mfc="white",
        label="measured, 95 % interval" if error.any() else "measured",
    )  # fmt: skip
    if np.isfinite(theory).any():
        axes.plot(x, theory, color=WONG[1], lw=1, zorder=3, label="theory")
    _scale(axes, x, value)
    axes.set_xlabel(f"{_label(groups.name)}{_unit_of_field(result, groups.name)}")
    unit = str(rows["unit"].iloc[0])
    axes.set_ylabel(f"{NAMES.get(measure, _label(measure))} [{_pretty(unit)}]")
    axes.legend(loc="best")
    if unit == "steps" and result.scenario.step_length:
        _second_clock(axes, *result.scenario.step_length)


def _second_clock(axes: Axes, number: float, unit: str) -> None:
    """Show times on the right in the unit of the step's length too."""
    right = axes.secondary_yaxis(
        "right",
        functions=(lambda steps: np.multiply(steps, number), lambda time: np.divide(time, number)),
    )
    right.set_ylabel(f"[{unit}]")
    if axes.get_yscale() == "log":
        _plain_numbers(right.yaxis)


def _rows_to_draw(rows: pd.DataFrame, shown: str, *, insisted: bool) -> pd.DataFrame:
    """Return the rows of the variable that is shown, if its kind insists, or has a theory."""
    known = rows[rows["value"].notna()]
    if insisted:
        return rows[rows["variable"] == shown]
    predicted = known[known["theory"].notna()]["variable"]
    names = [*predicted, *(name for name in known["variable"] if name == shown), *rows["variable"]]
    return rows[rows["variable"] == names[0]]


def _pretty(unit: str) -> str:
    return _label(unit).replace("^2", "²")


def _scale(axes: Any, x: np.ndarray, value: np.ndarray) -> None:
    """Use logarithmic axes where numbers span more than a decade."""
    known = value[np.isfinite(value)]
    if x.min() > 0 and x.max() / x.min() > 8:
        axes.set_xscale("log")
        _plain_numbers(axes.xaxis)
    if known.size and known.min() > 0 and known.max() / known.min() > 30:
        axes.set_yscale("log")
        _plain_numbers(axes.yaxis)


def _plain_numbers(axis: Any) -> None:
    """Write 0.03, 0.1, 0.3 along a logarithmic axis rather than powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
    axis.set_minor_formatter(NullFormatter())


def draw_error(axes: Axes, result: Run) -> None:
    """Draw the tracking error of the shown groups over time."""
    variable, (clock, unit) = _variable(result), _time(result)
    window = _window(result)
    chosen = _shown_groups(result)
    for group, colour in zip(chosen, shades(len(chosen)), strict=True):
        one = result.trajectory.of(variable, group)
        error = np.asarray(one.output)[window, 0] - np.asarray(one.target)[window, 0]
        axes.plot(clock[window], error.mean(axis=1), color=colour)
    axes.axhline(0, color=THEORY, lw=0.6)
    axes.set_xlabel(unit)
    axes.set_ylabel(f"tracking error{_unit_of(result, variable)}")
