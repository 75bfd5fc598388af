"""The document of a study: question, design, findings, theory, failures, provenance."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from adaptsim.documents.document import (
    Document,
    Facts,
    Item,
    Listing,
    Section,
    Table,
    Words,
)
from adaptsim.documents.findings import SENSITIVITY, findings
from adaptsim.documents.numbers import shown
from adaptsim.documents.stored import Stored
from adaptsim.documents.tables import readable
from adaptsim.documents.units import units_of
from adaptsim.figures.study_axes import value_text, words_of
from adaptsim.studies import analysis, results
from adaptsim.studies.analysis.frame import FLAG, PARAMETER, every_parameter

SEEDS = {
    "common": "common: the same replicate of all cells has the same random numbers",
    "independent": "independent: each run has its own random numbers",
}
LISTED_VALUES = 12


def of_study(directory: Path) -> Document:
    """Return the document of a study's folder, finished or not.

    Raises
    ------
    WrongRequest
        If the folder holds no study.
    """
    stored = read_study(directory)
    status = results.status(directory) | _counts(stored)
    found = [*findings(stored), Section("Theory", tuple(_theory(stored)))]
    sections = [
        Section("Design", tuple(_design(stored, status))),
        *found,
        Section("Cells", tuple(_cells(stored))),
        Section("Failures", tuple(_failures(stored, status))),
        Section("Provenance", tuple(_provenance(directory, stored, status))),
    ]
    return Document(
        kind="study",
        name=stored.described["name"],
        question=stored.described["question"],
        lead=_lead(stored, status),
        sections=tuple(section for section in sections if section.items),
        refused=tuple(stored.refused),
    )


def _counts(stored: Stored) -> dict[str, int]:
    """Return how many runs there are and are to do; a design may name the same run twice."""
    asked, done = set(stored.design["run_id"]), set(stored.runs["run_id"])
    failed = set(stored.failed["run_id"]) - done
    counts = {"runs": asked, "done": done, "failed": failed, "missing": asked - done - failed}
    return {name: len(runs) for name, runs in counts.items()}


def read_study(directory: Path) -> Stored:
    """Return what a study's folder holds.

    Raises
    ------
    WrongRequest
        If it holds no study.
    RefusedStore
        If a file of it is damaged.
    """
    from adaptsim.studies.store import Store

    store = Store.existing(directory)
    described = store.described
    runs = analysis.with_own_theory(results.table(directory))
    design = store.design().to_pandas()
    if described["design"]["kind"] not in SENSITIVITY:  # whose cells must be one row each
        groups = analysis.by_group(runs)
        if "p_group" in groups:
            told = groups[["p_group"]].drop_duplicates()
            runs, design = groups, design.merge(told, how="cross")
    names = every_parameter(design)
    scenario = described.get("model", {}).get("scenario")
    units = units_of(names, analysis.measures(runs), scenario) | described.get("units", {})
    return Stored(described, runs, results.failures(directory), design, units)


def _lead(stored: Stored, status: Mapping[str, Any]) -> str:
    cells = stored.design["cell_id"].nunique()
    done, runs = status["done"], status["runs"]
    told = f"{cells} cells x {stored.replicates} replicates: {done} of {runs} runs done"
    if status["failed"]:
        told += f", {status['failed']} failed"
    if status["missing"]:
        told += f", {status['missing']} to do" + (" (at work)" if status["at_work"] else "")
    return told


def _design(stored: Stored, status: Mapping[str, Any]) -> Iterator[Item]:
    told = stored.described["design"]
    skipped = ("kind", "parameters", "columns", "cells", "digest")
    facts = {"kind": stored.kind.replace("_", " ")}
    facts |= {words_of(k): shown(v) for k, v in told.items() if k not in skipped}
    facts |= {"seed": shown(stored.described["seed"]), "seeds": SEEDS[stored.described["seeds"]]}
    if stored.described.get("timeout"):
        facts["timeout"] = f"{stored.described['timeout']:g} s"
    model = stored.described["model"]
    if "scenario" in model:
        facts["model"] = _parts(model["scenario"])
    else:
        facts["model"] = f"function {model.get('function', '')}"
    yield Facts(facts)
    if status["missing"]:
        yield Words("The study is not finished: what follows is of the runs done so far.", True)
    rows = [
        {
            "parameter": name,
            "unit": stored.units.get(name, ""),
            "levels": stored.values(name).size,
            "values": _values(told["parameters"].get(name), stored.values(name)),
        }
        for name in stored.varied
    ]
    if rows:
        yield Table("what is varied", readable(pd.DataFrame(rows)))


def _parts(scenario: Mapping[str, Any]) -> str:
    kinds = [scenario.get(part, {}) for part in ("agent", "rule", "environment", "evolution")]
    names = [str(one["kind"]) for one in kinds if isinstance(one, Mapping) and "kind" in one]
    size = scenario.get("population", {}).get("size")
    return f"{' + '.join(names)}; {size} individuals, {scenario.get('steps')} steps"


def _values(axis: Any, values: pd.Series[Any]) -> str:
    """Return the values of a parameter: all where they are few, else from where to where."""
    if isinstance(axis, Mapping) and "distribution" in axis:
        shape = ", ".join(f"{k} = {shown(v)}" for k, v in axis.items() if k != "distribution")
        return f"drawn from {axis['distribution']}({shape})"
    if isinstance(axis, Mapping):
        return f"{shown(axis['from'])} to {shown(axis['to'])}, {axis['spacing']}"
    if values.size <= LISTED_VALUES:
        return ", ".join(f"({one})" if ", " in one else one for one in map(value_text, values))
    return f"{shown(values.iloc[0])} to {shown(values.iloc[-1])}"


def _theory(stored: Stored) -> Iterator[Item]:
    table = analysis.agreement(stored.runs)
    if table.empty:
        return
    note = "Relative differences of means from theory."
    if table["intervals"].any():
        note += (
            " Covered: share of 95 % intervals that hold the theory; about 0.95 where nothing "
            "but chance is between them, less where theory is of another limit."
        )
    kept = [name for name in table if not table[name].isna().all()]
    yield Table("means against theory", table[kept], note, file="theory")


def _cells(stored: Stored) -> Iterator[Item]:
    """Yield the means of all measures of all cells."""
    names = stored.measures()
    if not names or not stored.varied:
        return
    parts = [
        analysis.averages(stored.runs, one, stored.varied)
        .set_index([PARAMETER + name for name in stored.varied])["value"]
        .rename(one)
        for one in names
    ]
    table = pd.concat(parts, axis=1).reset_index()
    yield Table("means over replicates", readable(table), folded=True, file="means")


def _failures(stored: Stored, status: Mapping[str, Any]) -> Iterator[Item]:
    if status["failures"]:
        rows = pd.DataFrame(status["failures"])[["error", "status", "runs", "example"]]
        yield Table("runs that failed", rows, "Example: a run id; see failures/ for its traceback.")
    else:
        yield Words("No run failed.")
    counts = _flags(stored.runs)
    if not counts.empty:
        yield Table("warnings of runs that went well", counts, file="flags")


def _flags(runs: pd.DataFrame) -> pd.DataFrame:
    """Return how many runs each warning was given to, and of which measures."""
    told = [
        runs.loc[runs[name].fillna("") != "", ["run_id", name]]
        .rename(columns={name: "warning"})
        .assign(measure=name.removeprefix(FLAG))
        for name in map(str, runs.columns)
        if name.startswith(FLAG)
    ]
    long = pd.concat(told) if told else pd.DataFrame(columns=["run_id", "warning", "measure"])
    grouped = long.groupby("warning", sort=False)
    table = grouped.agg(
        runs=("run_id", "nunique"), measures=("measure", lambda one: ", ".join(dict.fromkeys(one)))
    )
    return table.sort_values("runs", ascending=False).reset_index()


def _provenance(directory: Path, stored: Stored, status: Mapping[str, Any]) -> Iterator[Item]:
    yield Facts(
        {
            "study id": stored.described["study_id"],
            "results": f"digest {results.digest(directory)}",
            "computing time": _hours(stored.runs),
        }
    )
    rows = [
        {key: one.get(key, "") for key in ("started", "state", "done", "failed", "workers", "simd")}
        | {name: one.get("versions", {}).get(name, "") for name in ("adaptsim", "jax", "numpy")}
        for one in status["sessions"]
    ]
    if rows:
        yield Table("sessions", readable(pd.DataFrame(rows)))
    text = directory / "study.toml"
    if text.is_file():
        yield Listing("study.toml: the file as written", text.read_text(encoding="utf-8"))
    told = {key: value for key, value in stored.described.items() if key != "columns"}
    yield Listing("study.json: the study as resolved", json.dumps(told, indent=2))


def _hours(runs: pd.DataFrame) -> str:
    if "secs" not in runs or runs.empty:
        return "0 s"
    total = float(runs["secs"].sum())
    each = total / len(runs)
    return f"{total:.3g} s in all, {each * 1e3:.3g} ms a run"
