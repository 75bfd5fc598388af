"""Report: what the command line prints, for people on standard error, for programs on output."""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from adaptsim.comparison.ranking import AHEAD, BEST, TIED, WORSE
from adaptsim.schema import BASES, WrongRequest, catalogue, suggest

if TYPE_CHECKING:
    import pandas as pd

    from adaptsim.examination import Examination
    from adaptsim.fitting import Fit
    from adaptsim.optimization import Optimization
    from adaptsim.runs import Run
    from adaptsim.scenarios import Scenario

MOST_GROUPS, CELL_WIDTH, NAMES_WIDTH = 7, 16, 31
SHOWN_FIRST = (
    "diverged_at",
    "phase_lag",
    "mean_lag",
    "cross_correlation_lag",
    "gain",
    "rise_time_63",
    "settling_time",
    "overshoot",
    "steady_state_error",
    "tracking_mse",
    "stationary_variance",
    "autocorrelation_1",
    "spectral_radius",
    "speed_limit",
    "gain_margin",
)
EVOLVED = ("evolved", "evolutionary", "extinct")
LIVING = ("mean_density", "variability", "least_", "persistence", "leading_", "hopf_", "conserved_")
LISTED = {
    "agents": "agent",
    "environments": "environment",
    "rules": "rule",
    "schedules": "schedule",
    "landscapes": "landscape",
    "criteria": "criterion",
    "gates": "gate",
    "schemes": "scheme",
    "measures": None,
    "theory": None,
    "scenarios": None,
    "contests": None,
}


@contextmanager
def progress_bar(name: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], Any] | None]:
    """Show a bar of what is done, out of ``total``, while it is; only on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(name, total=total)
        yield lambda done: bar.advance(task, done)


def print_json(table: pd.DataFrame) -> None:
    """Print a table as JSON records on standard output, and nothing else."""
    records = table.to_dict(orient="records")
    print(json.dumps([{k: _plain(v) for k, v in record.items()} for record in records]))


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_run(result: Run, place: Path, *, quiet: bool) -> None:
    """Print what a run found: measured beside predicted, and where everything lies."""
    if quiet:
        print(place)
        return
    console = Console(stderr=True, highlight=False)
    scenario = result.scenario
    console.print(f"[bold]{scenario.name}[/bold]  {scenario.question}")
    console.print(_setting_line(result), style="dim")
    for line in _data_lines(scenario):
        console.print(line, style="dim")
    out = Console(highlight=False)
    for table in comparison(result, out.width):
        out.print(table)
    console.print(f"{len(result.table)} measures in all; look at {place / 'figure.png'}")
    console.print(f"wrote {place}/: measures.csv, trajectory.parquet, figure.png, run.json")


def _setting_line(result: Run) -> str:
    scenario = result.scenario
    parts = (scenario.agent, scenario.rule, scenario.environment)
    names = " + ".join(type(part).__name__ for part in parts)
    many = f"{scenario.size} individuals, {scenario.steps} steps"
    if scenario.replicates > 1:
        many += f", {scenario.replicates} replicates"
    return f"{names}; {many}, seed {scenario.seed}; simulated in {result.wall_time:.1f} s"


def _data_lines(scenario: Scenario) -> list[str]:
    report = getattr(scenario.environment, "report", None)
    if report is None:
        return []
    told = report()
    columns = ", ".join(told["columns"])
    lines = [
        f"data: {Path(told['file']).name}, {told['rows']} rows of {columns}; "
        f"{told['steps_per_row']} steps from row to row"
    ]
    for name, ways in told["gaps_filled"].items():
        lines += [f"data: {name}: {count} gaps filled ({how})" for how, count in ways.items()]
    for name, count in told["raised_to_floor"].items():
        lines += [f"data: {name}: {count} values raised to the floor"] if count else []
    return lines


def comparison(result: Run, width: int = 100) -> list[Table]:
    """Return one table per variable: measures down, groups across, measured over predicted."""
    frame = result.table
    groups = result.trajectory.groups
    shown = [*SHOWN_FIRST, *_own_measures(result)]
    counted = frame["method"].str.startswith("counted")
    evolved = frame["measure"].str.startswith((*EVOLVED, *LIVING))
    frame = frame[frame["measure"].isin(shown) | counted | evolved]
    labels = list(dict.fromkeys(frame["group"]))
    count = min(len(labels), MOST_GROUPS, max(1, (width - NAMES_WIDTH) // CELL_WIDTH))
    chosen = [labels[round(i * (len(labels) - 1) / max(count - 1, 1))] for i in range(count)]
    return [
        _comparison_of(frame[frame["variable"] == variable], variable, groups.name, chosen)
        for variable in dict.fromkeys(frame["variable"])
    ]


def _own_measures(result: Run) -> list[str]:
    return [one.name for one in result.scenario.measures]


def _comparison_of(frame: pd.DataFrame, variable: str, name: str, chosen: list[str]) -> Table:
    by = f", by {name}" if name else ""
    title = f"{variable}{by}: measured, and below it [cyan]what theory predicts[/cyan]"
    table = Table(
        title=title, title_justify="left", title_style="bold", caption_justify="left", box=SIMPLE
    )
    table.add_column("measure", no_wrap=True)
    for label in chosen:
        table.add_column(_short(label) or "value", justify="right", no_wrap=True)
    order = {measure: i for i, measure in enumerate(SHOWN_FIRST)}
    names = sorted(dict.fromkeys(frame["measure"]), key=lambda m: (order.get(m, len(order)), m))
    flags: list[str] = []
    for measure in names:
        rows = frame[frame["measure"] == measure].drop_duplicates("group").set_index("group")
        cells = [_cell(rows.loc[label], flags) if label in rows.index else "" for label in chosen]
        table.add_row(f"{measure} [dim]\\[{rows['unit'].iloc[0]}][/dim]", *cells)
    if flags:
        table.caption = "\n".join(f"{_note(i + 1)} {flag}" for i, flag in enumerate(flags))
    return table


def _cell(row: pd.Series, flags: list[str]) -> str:
    note = ""
    if row["flag"]:
        if row["flag"] not in flags:
            flags.append(row["flag"])
        note = _note(flags.index(row["flag"]) + 1)
    half = (row["ci_high"] - row["ci_low"]) / 2
    value = _number(row["value"])
    if math.isfinite(half) and half > abs(row["value"]) * 1e-6:
        decimals = max(0, -math.floor(math.log10(half)))
        spread = f"{half:.{decimals}f}" if decimals < 4 else f"{half:.0e}".replace("e-0", "e-")
        value = f"{row['value']:.{decimals}f}±{spread}"
    theory = f"\n[cyan]{_number(row['theory'])}[/cyan]" if math.isfinite(row["theory"]) else ""
    return f"{value}{note}{theory}"


def _note(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4g}"


def _short(label: str) -> str:
    return ", ".join(f"{float(part):.3g}" for part in label.split(", ")) if label else ""


def print_catalogue(what: str | None, *, as_json: bool) -> None:
    """Print what exists of one kind of thing, or of all."""
    if what is not None and what not in LISTED and f"{what}s" in LISTED:
        what = f"{what}s"
    if what is not None and what not in LISTED:
        raise WrongRequest(f"list {what}: no such thing to list; {suggest(what, LISTED)}")
    found = {name: entries(name) for name in ([what] if what else LISTED)}
    if as_json:
        print(json.dumps(found))
        return
    console = Console(highlight=False)
    for title, listed in found.items():
        table = Table(
            title=title, title_justify="left", title_style="bold", show_header=False, box=None
        )
        for name, line in listed.items():
            table.add_row(name, line)
        console.print(table)


def entries(what: str) -> dict[str, str]:
    """Return the names of things that exist of one kind, with the first line about each."""
    family = LISTED[what]
    if family is not None:
        return {name: _first_line(part) for name, part in sorted(catalogue(family).items())}
    if what in ("scenarios", "contests"):
        return {name: _question(path) for name, path in sorted(_stories(what).items())}
    return {name: _first_line(thing) for name, thing in sorted(_functions(what).items())}


def _stories(what: str) -> dict[str, Path]:
    """Return the files that ship, scenarios or contests, by name."""
    from adaptsim import contests, scenarios

    return contests.shipped() if what == "contests" else scenarios.shipped()


def _question(path: Path) -> str:
    import tomllib

    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("question", ""))
    except (tomllib.TOMLDecodeError, OSError):
        return "(cannot be read)"


def _functions(what: str) -> dict[str, Any]:
    import importlib

    package = importlib.import_module(f"adaptsim.{what}")
    public = {name: getattr(package, name) for name in package.__all__}
    if what == "measures":
        from adaptsim.measures import stability

        public |= {"spectral_radius": stability.spectral_radius}
        public |= {"speed_limit": stability.speed_limit}
        return {name: thing for name, thing in public.items() if callable(thing)}
    return {
        f"{module_name}.{name}": thing
        for module_name, module in public.items()
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and thing.__module__ == module.__name__ and name[0] != "_"
    }


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def print_check(name: str) -> None:
    """Print what is wrong with a user's own part, or that nothing is."""
    from adaptsim.schema import Place, load_part
    from adaptsim.testing import problems_of

    part = load_part(name, Place("check", "", Path.cwd()))
    problems = problems_of(part)
    if problems:
        raise WrongRequest(f"{name}: " + "\n  ".join(["", *problems]).lstrip())
    print(f"{name}: nothing wrong with it")


def print_documentation(name: str) -> None:
    """Print all there is to know about a thing with a name."""
    shipped = _stories("scenarios") | _stories("contests")
    if name in shipped:
        print(f"# {shipped[name]}\n{shipped[name].read_text(encoding='utf-8')}")
        return
    for family in BASES:
        if name in catalogue(family):
            _print_part(name, catalogue(family)[name])
            return
    functions = _functions("measures") | _functions("theory")
    if name in functions:
        print(f"{name}{inspect.signature(functions[name])}\n\n{inspect.getdoc(functions[name])}")
        return
    known = [*functions, *shipped, *(n for family in BASES for n in catalogue(family))]
    near = suggest(name, known).partition("Allowed:")[0]
    raise WrongRequest(f"show {name}: no such thing; {near}see `adaptsim list`")


def _print_part(name: str, part: Any) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{name}[/bold]\n\n{inspect.getdoc(part)}\n", markup=True)
    table = Table("field", "default", "unit", "allowed", "meaning", box=None, title_justify="left")
    for declared in dataclasses.fields(part):
        notes = declared.metadata
        if notes.get("unit") == "internal":
            continue
        missing = declared.default is dataclasses.MISSING
        default = "required" if missing else repr(declared.default)
        table.add_row(
            declared.name, default, notes.get("unit", "1"), _allowed(notes), notes.get("help", "")
        )
    console.print(table)


def _allowed(notes: Any) -> str:
    if notes.get("choices"):
        return " | ".join(notes["choices"])
    limits = {"above": "> ", "at_least": ">= ", "at_most": "<= ", "below": "< "}
    given = [f"{sign}{notes[n]:g}" for n, sign in limits.items() if notes.get(n) is not None]
    return ", ".join(given)


def print_optimization(found: Optimization, place: Path, *, quiet: bool) -> None:
    """Print who came out where on each landscape, with what is known of the order."""
    if quiet:
        print(place)
        return
    console, out = Console(stderr=True, highlight=False), Console(highlight=False)
    contest = found.contest
    console.print(f"[bold]{contest.name}[/bold]  {contest.question}")
    many = next(iter(contest.starts.values())).shape[0]
    console.print(
        f"{len(contest.rates)} learning rates x {many} starts x {contest.seeds} seeds, "
        f"{contest.steps} steps, seed {contest.seed}; walked in {found.wall_time:.1f} s",
        style="dim",
    )
    for landscape in found.entries:
        out.print(_standings(found, landscape))
    console.print(f"{len(found.table)} measures in all; look at {place / 'figure.png'}")
    console.print(
        f"wrote {place}/: measures.csv, ranking.csv, trajectory.parquet, figure.png, run.json"
    )


VERDICTS = {BEST: "best", AHEAD: "ahead", TIED: "tied", WORSE: "worse"}
UNRESOLVED = "tied: not distinguishable from the rule ahead"


def _standings(found: Optimization, landscape: str) -> Table:
    """Return the rules of one landscape, the one ahead first."""
    frame = found.table[found.table["kind"] == landscape]
    order = found.ranking(landscape).table()
    title = f"{landscape}: rules at their best rates; rank: mean, and places not ruled out"
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE,
                  padding=0, pad_edge=False, caption_justify="left")  # fmt: skip
    for name in ("rule", "best rate", "final loss", "gradients", "solved", "rank", "verdict"):
        left = name in ("rule", "verdict")
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for _, ranked in order.iterrows():
        rows = frame[frame["rule"] == ranked["rule"]].set_index("measure")
        shown = ("best_learning_rate", "final_loss", "expected_evaluations", "success_rate")
        cells = [_brief(rows["value"].get(name, math.nan)) for name in shown]
        places = f"{ranked['mean_rank']:.3g} ({ranked['rank_low']:.0f}-{ranked['rank_high']:.0f})"
        verdict = VERDICTS[ranked["verdict"]]
        table.add_row(ranked["rule"], *cells, places, verdict)
    if TIED in set(order["verdict"]):
        table.caption = UNRESOLVED
    return table


def _brief(value: float) -> str:
    """Return a number in few letters: nothing where there is none, never where it is infinite."""
    if math.isnan(value):
        return ""
    return "never" if math.isinf(value) else f"{value:.3g}"


def read_place(text: str | None) -> list[float] | None:
    """Return the numbers of a place as written on the command line.

    Examples
    --------
    >>> read_place("1.0, -2")
    [1.0, -2.0]
    """
    if text is None:
        return None
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise WrongRequest(f"--at {text}: must be numbers with commas, as 1.0,-2") from None


def print_examination(found: Examination, place: Path, *, quiet: bool) -> None:
    """Print what is known of a place, and what happens as the parameter is turned."""
    if quiet:
        print(place)
        return
    console, out = Console(stderr=True, highlight=False), Console(highlight=False)
    rule, turned = type(found.subject.rule).__name__, found.parameter.rpartition(".")[2]
    values = found.orbits.values
    console.print(f"[bold]{found.subject.name}[/bold], {rule}")
    console.print(
        f"{len(values)} values of {turned} from {values[0]:.4g} to {values[-1]:.4g}; "
        f"found in {found.wall_time:.1f} s",
        style="dim",
    )
    out.print(found.words, soft_wrap=True, markup=False)
    table = Table("measure", box=SIMPLE)
    for name in ("measured", "theory"):
        table.add_column(name, justify="right")
    table.add_column("")
    for _, row in found.table.iterrows():
        theory = f"[cyan]{row['theory']:.9g}[/cyan]" if math.isfinite(row["theory"]) else ""
        name = f"{row['measure']} [dim]\\[{row['unit'].strip('[]')}][/dim]"
        table.add_row(name, f"{row['value']:.9g}", theory, row["flag"])
    out.print(table)
    console.print(f"look at {place / 'figure.png'}")
    console.print(f"wrote {place}/: measures.csv, trajectory.parquet, figure.png, run.json")


def print_fit(found: Fit, place: Path, *, quiet: bool) -> None:
    """Print the rates of each group, how hypotheses compare, and what the data can tell."""
    if quiet:
        print(place)
        return
    console, out = Console(stderr=True, highlight=False), Console(highlight=False)
    seen, learner = found.observations, found.problem.learner
    rows = sum(len(one) for one in seen.times)
    what = f"choices among {', '.join(seen.options)}" if seen.options else ", ".join(seen.observed)
    who = f"{type(learner.kind).__name__} + {type(learner.rule).__name__}"
    console.print(
        f"[bold]{found.name}[/bold]  {who}; "
        f"{what} behind {', '.join(seen.environment)}, {rows} rows; {found.wall_time:.1f} s"
    )
    table = Table(box=SIMPLE, padding=0)
    for name in ("group", "model"):
        table.add_column(name, no_wrap=True)
    for name in ("rises", "falls", "decay", "AIC behind", "BIC behind", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    for _, row in found.comparison.iterrows():
        names = ("rate_of_rises", "rate_of_falls", "decay", "delta_aic", "delta_bic", "p_value")
        *cells, chance = (_brief(row[name]) for name in names)
        table.add_row(row["group"], row["model"], *cells, chance and f"{float(chance):.1g}")
    out.print(table)
    for group, words in found.words.items():
        for line in words:
            out.print(f"{group}: {line}" if group else line, soft_wrap=True, markup=False)
    for _, row in found.table[found.table["measure"] == "recovery_coverage"].iterrows():
        ends = f"{row['ci_low']:.3f} to {row['ci_high']:.3f}"
        out.print(
            f"recovered: {row['value']:.3f} of intervals hold the rate ({ends}), {row['method']}"
        )
    console.print(f"look at {place / 'figure.png'}")
    more = ", recovered.csv" if found.recovery else ""
    console.print(
        f"wrote {place}/: measures.csv, fits.csv, profile.csv, trajectory.parquet{more}, "
        "figure.png, run.json"
    )
