"""The command line. Heavy imports happen inside commands, so that help feels instant."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

app = typer.Typer(
    help="Simulate how systems adapt: every measured number stands beside its theory.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

WRONG, FAILED, INTERRUPTED = 2, 1, 130
SOME_FAILED, REFUSED = 3, 4

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Change a value of the scenario."),
]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="NAME", help="A rule to use; repeat it for several."),
]
Seed = Annotated[int | None, typer.Option(help="Root seed in place of the scenario's.")]
Out = Annotated[Path | None, typer.Option(help="Directory to write to, itself.")]
Json = Annotated[bool, typer.Option("--json", help="Print the table as JSON, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result.")]


@app.command()
def run(
    scenario: Annotated[
        str | None, typer.Argument(help="A file, or the name of a shipped scenario.")
    ] = None,
    changes: Set = None,
    seed: Seed = None,
    out: Out = None,
    from_study: Annotated[
        str | None, typer.Option(metavar="STUDY", help="A study's file or folder: one run of it.")
    ] = None,
    run_id: Annotated[str | None, typer.Option(metavar="ID", help="Which run of it.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario; write its measures, trajectory, figure and provenance."""
    from adaptsim import scenarios
    from adaptsim.outputs import check_writable
    from adaptsim.report import print_json, print_run, progress_bar
    from adaptsim.runs import run as carry_out

    wanted = dict(scenarios.read_setting(text) for text in changes or [])
    if seed is not None:
        wanted["seed"] = seed
    if out:
        check_writable(out)
    story: scenarios.Scenario | None
    if scenario and not from_study and not run_id:
        story = scenarios.load(scenario, wanted)
    else:
        from adaptsim.studies.command import one_run

        story = one_run(scenario, from_study, run_id, changes or [], seed)
    if story is None:
        return
    with progress_bar(story.name, story.steps, quiet=quiet or as_json) as progress:
        result = carry_out(story, progress=progress)
    place = result.write(out)
    if as_json:
        print_json(result.table)
    else:
        print_run(result, place, quiet=quiet)


@app.command()
def study(
    study: Annotated[str, typer.Argument(help="A file, a shipped study, or a study's folder.")],
    workers: Annotated[int, typer.Option(min=0, help="Processes here; 0: this one.")] = 0,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS|FILE", help="A Dask scheduler, or a cluster.")
    ] = None,
    shard: Annotated[str | None, typer.Option(metavar="I/N", help="One of N parts.")] = None,
    chunk: Annotated[int | None, typer.Option(min=1, help="Runs in a batch.")] = None,
    timeout: Annotated[str | None, typer.Option(help="Longest time of a run, as '10 min'.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Also failed runs.")] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first run that fails.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Only tell how far it is.")] = False,
    digest: Annotated[bool, typer.Option("--digest", help="Only print a hash of results.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Only print results, as CSV.")] = False,
    changes: Set = None,
    seed: Seed = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run many cells of a scenario, or what is missing of them; resumes where it stopped."""
    from adaptsim.studies import command

    wanted = command.settings(changes or [], seed)
    if status or digest or table:
        view = "status" if status else "digest" if digest else "table"
        command.show(view, study, wanted, out, as_json=as_json)
        return
    code = command.carry_out(
        study, wanted, out, workers=workers, scheduler=scheduler, shard=shard, chunk=chunk,
        timeout=timeout, retry_failed=retry_failed, fail_fast=fail_fast,
        as_json=as_json, quiet=quiet,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command()
def optimize(
    landscapes: Annotated[
        list[str],
        typer.Argument(help="Landscapes, a suite (classic, bbob), FILE.py:NAME or a contest file."),
    ],
    rules: Rules = None,
    changes: Set = None,
    seed: Seed = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare rules on a landscape or a suite, each at its best learning rate."""
    from adaptsim import contests, scenarios
    from adaptsim.optimization import optimize as carry_out
    from adaptsim.outputs import check_writable
    from adaptsim.report import print_json, print_optimization, progress_bar

    wanted = dict(scenarios.read_setting(text) for text in changes or [])
    if seed is not None:
        wanted["seed"] = seed
    if out:
        check_writable(out)
    contest = contests.load(landscapes, wanted, rules=rules or [])
    many = len(contest.landscapes)
    with progress_bar(contest.name, many, quiet=quiet or as_json) as progress:
        found = carry_out(contest, progress=progress)
    place = found.write(out)
    if as_json:
        print_json(found.table)
    else:
        print_optimization(found, place, quiet=quiet)


@app.command()
def stability(
    target: Annotated[
        str,
        typer.Argument(help="A landscape, an agent kind, a scenario, or FILE.py:NAME."),
    ],
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="How it learns.")] = None,
    parameter: Annotated[str, typer.Option(help="What to turn.")] = "learning_rate",
    low: Annotated[float | None, typer.Option("--from", help="From this value")] = None,
    high: Annotated[float | None, typer.Option("--to", help="to this,")] = None,
    values: Annotated[int, typer.Option(help="in so many steps.")] = 1200,
    at: Annotated[
        str | None, typer.Option(metavar="X,Y,...", help="Which traits to examine.")
    ] = None,
    changes: Set = None,
    seed: Seed = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell how fast one may learn, what happens just above that, and where chaos begins."""
    from adaptsim import scenarios
    from adaptsim.examination import examine
    from adaptsim.outputs import check_writable
    from adaptsim.report import print_examination, print_json, read_place

    wanted = dict(scenarios.read_setting(text) for text in changes or [])
    if out:
        check_writable(out)
    found = examine(
        target, rule, parameter=parameter, low=low, high=high, values=values,
        at=read_place(at), changes=wanted,
    )  # fmt: skip
    place = found.write(out)
    if as_json:
        print_json(found.table)
    else:
        print_examination(found, place, quiet=quiet)


@app.command()
def report(
    directory: Annotated[
        Path, typer.Argument(help="What a study, run, optimize, stability or fit wrote.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Directory, or FILE.html, to write to instead.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write one self-contained page of what a directory holds: report.html."""
    from adaptsim.documents.command import carry_out

    return carry_out(directory, out, as_json=as_json, quiet=quiet)


@app.command()
def fit(
    data: Annotated[str, typer.Argument(help="CSV or Parquet file, one row a step.")],
    environment: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="What drove them; repeat it.")
    ] = None,
    observed: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Numbers observed; repeat it.")
    ] = None,
    choice: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Choices, in place of numbers.")
    ] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="When; even steps.")] = None,
    individual: Annotated[str | None, typer.Option(metavar="COLUMN", help="Who.")] = None,
    kind: Annotated[str, typer.Option(help="Kind of agent, or FILE.py:Class.")] = "Tracker",
    variable: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What of the kind was observed.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="none, fixed, two_rates, decaying; all if not given."),
    ] = None,
    noise: Annotated[str, typer.Option(help="Of the observation, or process.")] = "observation",
    convention: Annotated[str, typer.Option(help="pre-update or post-update.")] = "pre-update",
    start: Annotated[str | None, typer.Option(help="fit the first traits, or given.")] = None,
    feedback: Annotated[str, typer.Option(help="Pay seen of all options, or chosen.")] = "all",
    gaps: Annotated[str, typer.Option(help="refuse or skip empty cells.")] = "refuse",
    interval: Annotated[str, typer.Option(help="profile or bootstrap.")] = "profile",
    draws: Annotated[int, typer.Option(help="Drawings of a bootstrap.")] = 200,
    recover: Annotated[int, typer.Option(metavar="N", help="Recover it from N simulations.")] = 0,
    rates: Annotated[
        str | None, typer.Option(metavar="LOW,HIGH", help="Rates to try; 0 to the speed limit.")
    ] = None,
    changes: Set = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Infer learning rates from observed series, and say what the data cannot tell."""
    from adaptsim import scenarios
    from adaptsim.fitting import fit as carry_out
    from adaptsim.fitting.request import read_rates
    from adaptsim.outputs import check_writable
    from adaptsim.report import print_fit, print_json, progress_bar

    if out:
        check_writable(out)
    with progress_bar("fit", 2, quiet=quiet or as_json) as progress:
        found = carry_out(
            data, environment=tuple(environment or ()), observed=tuple(observed or ()),
            choice=choice, time=time, individual=individual, progress=progress, kind=kind,
            variables=tuple(variable or ()), models=tuple(model or ()), noise=noise,
            convention=convention, start=start, feedback=feedback, gaps=gaps, interval=interval,
            draws=draws, recover=recover, rates=read_rates(rates), seed=seed or 0,
            changes=dict(scenarios.read_setting(text) for text in changes or []),
        )  # fmt: skip
    place = found.write(out)
    if as_json:
        print_json(found.table)
    else:
        print_fit(found, place, quiet=quiet)


@app.command()
def check(
    part: Annotated[str, typer.Argument(help="Your own part, as FILE.py:Class.")],
) -> None:
    """Check an own agent, environment, rule, schedule or measure: say what is wrong with it."""
    from adaptsim.report import print_check

    print_check(part)


@app.command()
def dashboard(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Scenario files to offer beside those that ship.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where to listen; 0 for any free port.")] = 8765,
    host: Annotated[str, typer.Option(help="Loopback; another lets others in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    sessions: Annotated[int, typer.Option(help="Pages that may be open at once.", min=1)] = 50,
) -> None:
    """Open the dashboard: see adaptation happen, in a browser."""
    from adaptsim.dashboard.serve import serve

    serve(scenarios or [], host=host, port=port, browser=browser, sessions=sessions)


@app.command("list")
def list_(
    what: Annotated[str | None, typer.Argument(help="agents, rules, measures, ...")] = None,
    as_json: Json = False,
) -> None:
    """List what exists: agents, rules, schedules, landscapes, environments, measures, ..."""
    from adaptsim.report import print_catalogue

    print_catalogue(what, as_json=as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A kind, rule, environment, measure or scenario.")],
) -> None:
    """Show the documentation of a thing: what it is, its fields, units and limits."""
    from adaptsim.report import print_documentation

    print_documentation(name)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every wrong request is one message and an exit code, no traceback."""
    sys.exit(_guarded(arguments))


def _guarded(arguments: list[str] | None) -> int:
    try:
        result: Any = app(arguments, standalone_mode=False)
        if result == INTERRUPTED:  # typer's way of telling
            raise KeyboardInterrupt
        return result if isinstance(result, int) else 0
    except KeyboardInterrupt:
        return _say("interrupted: nothing was written", INTERRUPTED)
    except BrokenPipeError:
        return 0
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> int:
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, typer.Abort):
        return _say("interrupted: nothing was written", INTERRUPTED)
    if isinstance(error, TyperException):
        return _say(f"{error.format_message()} (see adaptsim --help)", WRONG)
    if type(error).__name__ == "WrongRequest":
        return _say(str(error), WRONG)
    if type(error).__name__ == "FailedRun":
        return _say(f"{error}; nothing was written", FAILED)
    if type(error).__name__ == "RefusedStore":
        return _say(str(error), REFUSED)
    if isinstance(error, OSError):
        return _say(f"cannot write: {error}", FAILED)
    import traceback

    traceback.print_exc()
    return _say("the run failed; please report the lines above", FAILED)


def _say(message: str, code: int) -> int:
    print(f"adaptsim: {message}", file=sys.stderr)
    return code
