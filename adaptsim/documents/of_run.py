"""The document of one run, comparison of optimizers, examination of stability, or fit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adaptsim.documents.document import (
    Document,
    Facts,
    Item,
    Listing,
    Picture,
    Section,
    Table,
    Words,
)
from adaptsim.documents.numbers import shown
from adaptsim.schema import WrongRequest

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"scenario": "run", "optimize": "optimize", "stability": "stability", "fit": "fit"}
"""By the table of ``run.json`` that says what was asked, what it is a report of."""

TITLES = {
    "fits": "Hypotheses compared",
    "profile": "Profile of the likelihood",
    "recovered": "Rates recovered from simulations",
}
MOST_OPEN, MOST_PARTS = 30, 8
"""Tables of more rows, and more tables of measures than that, are folded."""

SINGLE = {"fit": "estimates"}
APART = {"optimize": ("kind", "rule"), "fit": ("group", "model")}
"""By kind of report, what rows of one table have in common; else the variable."""

MOST_GROUPS = 7
USUAL, EXACT = 4, 9
"""Digits of a number: as many as one reads, or as thresholds are known to."""

BESIDE = ("method", "convention")
CONTRACT = {"measure", "value", "unit", "ci_low", "ci_high", "theory", "flag"}
"""Columns of a table of measures; one that lacks any is shown as it is."""


def of_run(directory: Path) -> Document:
    """Return the document of what one command wrote: ``run.json``, tables and a picture.

    Raises
    ------
    WrongRequest
        If the files cannot be read.
    """
    told = _read(directory / "run.json")
    asked = next((key for key in KINDS if isinstance(told.get(key), Mapping)), "")
    asked_table: Mapping[str, Any] = told.get(asked, {})
    tables = {path.stem: _table(path) for path in sorted(directory.glob("*.csv"))}
    frame = tables.pop("measures", None)
    sections = [
        _results(directory, frame, KINDS.get(asked, "run")),
        *(Section(*_further(name, rest)) for name, rest in tables.items()),
        Section("Provenance", tuple(_provenance(told))),
    ]
    name = asked_table.get("name") or _first(frame, "scenario") or directory.name
    return Document(
        kind=KINDS.get(asked, "run"),
        name=str(name),
        question=str(asked_table.get("question", "")),
        lead=_lead(asked_table, told),
        sections=tuple(section for section in sections if section.items),
    )


def _further(name: str, frame: pd.DataFrame) -> tuple[str, tuple[Item, ...]]:
    """Return heading and table of another file."""
    title = TITLES.get(name, name.replace("_", " ").capitalize())
    return title, (Table(f"{name}.csv", frame, folded=len(frame) > MOST_OPEN),)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WrongRequest(f"{path}: cannot be read: {error}") from None
    if not isinstance(told, dict):
        raise WrongRequest(f"{path}: must be a table of names; got {type(told).__name__}")
    return told


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path, dtype={"group": str}, keep_default_na=True)
    except (OSError, ValueError) as error:
        raise WrongRequest(f"{path}: cannot be read: {error}") from None


def _first(frame: pd.DataFrame | None, column: str) -> str:
    return (
        str(frame[column].iloc[0]) if frame is not None and column in frame and len(frame) else ""
    )


def _lead(asked: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    kinds = [asked.get(part, {}) for part in ("agent", "landscape", "rule", "environment")]
    names = [one["kind"] for one in kinds if isinstance(one, Mapping) and "kind" in one]
    size = asked.get("population", {}).get("size") if "population" in asked else None
    parts = [" + ".join(names)]
    parts += [f"{size} individuals"] if size else []
    parts += [f"{asked[key]} {key}" for key in ("steps", "replicates") if asked.get(key)]
    parts += [f"seed {told['seed']}"] if "seed" in told else []
    if isinstance(told.get("wall_time_s"), int | float):
        parts.append(f"computed in {told['wall_time_s']:.1f} s")
    return ", ".join(filter(None, parts))


def _results(directory: Path, frame: pd.DataFrame | None, kind: str) -> Section:
    items: list[Item] = []
    told = _read(directory / "run.json")
    items += [Words(one) for one in _sayings(told)]
    if (directory / "figure.png").is_file():
        items.append(Picture(_caption(kind), _alt(kind, frame), directory / "figure.png"))
    if frame is not None and set(frame) >= CONTRACT:
        items += _measures(frame, kind)
    elif frame is not None:
        items.append(Table("measures", frame))
    return Section("Results", tuple(items))


def _sayings(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a command said in words of its own, of each group where there are several."""
    verdict, words = told.get("verdict"), told.get("words")
    if isinstance(verdict, str):
        yield verdict
    if isinstance(words, Mapping):
        for name, lines in words.items():
            for line in [lines] if isinstance(lines, str) else lines:
                yield f"{name}: {line}" if name else str(line)


def _caption(kind: str) -> str:
    captions = {
        "run": "What happened, and measures (points) beside theory (lines).",
        "optimize": "The rules side by side, each at its best learning rate.",
        "stability": "Where it stays as the parameter is turned, and the Lyapunov exponent below.",
        "fit": "Observed series, what was fitted, and how well the data tell the rate.",
    }
    return captions[kind]


def _alt(kind: str, frame: pd.DataFrame | None) -> str:
    count = 0 if frame is None else len(frame)
    return f"Figure of this {kind}; its numbers stand in the table of {count} measures below."


def _measures(frame: pd.DataFrame, kind: str) -> Iterator[Item]:
    """Yield the measures beside their theory, then all there is to know of them."""
    parts = list(_parts(frame, kind))
    folded = len(parts) > MOST_PARTS
    for name, rows in parts:
        if kind == "run" and rows["group"].nunique() > 1:
            note = "± half the 95 % interval, where there is one."
            title = f"{name}: measured, and below it what theory predicts"
            yield Table(title, _wide(rows), note, folded, spread=True)
        else:
            digits = EXACT if kind == "stability" else USUAL
            told = _long(rows, digits)
            what = "measured beside theory" if "theory" in told else SINGLE.get(kind, "measured")
            yield Table(f"{name}: {what}", told, folded=folded, digits=digits)
    title = "all measures, with intervals, methods and flags"
    yield Table(title, _whole(frame), "They stand in measures.csv.", folded=True)


def _parts(frame: pd.DataFrame, kind: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of each variable, of each rule on each landscape, or of each hypothesis."""
    by = [name for name in APART.get(kind, ("variable",)) if name in frame]
    if not by:
        yield "measures", frame
        return
    for name, rows in frame.groupby(by, sort=False, dropna=False):
        told = [str(one) for one in reversed(name) if isinstance(one, str)]
        yield ", ".join(told) or "in all", rows


def _long(rows: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Return one row a measure: value, theory, interval and flag, those that say anything."""
    told = rows.assign(
        measure=[f"{row.measure} [{row.unit}]" for row in rows.itertuples()],
        interval=[
            _interval(low, high, digits)
            for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
        ],
    )
    names = ["measure", "group", "value", "theory", "interval", "flag"]
    found = told[[name for name in names if name in told and _says(told[name])]]
    return found.drop(columns="group") if _alike(found, "group") else found


def _interval(low: float, high: float, digits: int) -> str:
    """Return an interval in words, or nothing where there is none or it has no width."""
    wide = high - low > 1e-9 * abs(high)
    return f"{shown(low, digits)} to {shown(high, digits)}" if wide else ""


def _says(column: pd.Series[Any]) -> bool:
    return bool((column.notna() & (column != "")).any())


def _alike(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and frame[column].nunique() < 2


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return measures down and groups across; up to `MOST_GROUPS` groups."""
    import pandas as pd

    several = rows["kind"].nunique() > 1 if "kind" in rows else False
    names = [f"{row.measure} [{row.unit}]" for row in rows.itertuples()]
    if several:
        names = [f"{row.kind}: {name}" for row, name in zip(rows.itertuples(), names, strict=True)]
    group = rows["group"].fillna("") if "group" in rows else pd.Series("", rows.index)
    labels = list(dict.fromkeys(group))
    count = min(len(labels), MOST_GROUPS)
    chosen = [labels[round(i * (len(labels) - 1) / max(count - 1, 1))] for i in range(count)]
    cells = [_cell(row) for _, row in rows.iterrows()]
    long = pd.DataFrame({"measure": names, "group": group.to_numpy(), "cell": cells})
    long = long.drop_duplicates(["measure", "group"])
    wide = long.pivot(index="measure", columns="group", values="cell").reindex(
        index=list(dict.fromkeys(names)), columns=chosen
    )
    wide.columns = pd.Index([_short(label) or "value" for label in chosen])
    return wide.fillna("").reset_index()


def _short(label: str) -> str:
    try:
        return ", ".join(f"{float(part):.3g}" for part in label.split(", ")) if label else ""
    except ValueError:
        return label


def _cell(row: pd.Series[Any]) -> str:
    """Return a value to the digits that its interval allows, theory below it, then its flag."""
    value, theory = row["value"], row.get("theory", math.nan)
    low, high = row.get("ci_low", math.nan), row.get("ci_high", math.nan)
    half, off = (high - low) / 2, (high + low) / 2 - value
    told = shown(value)
    if abs(off) > half / 5:
        told += f" ({shown(low)} to {shown(high)})"
    elif math.isfinite(half) and half > abs(value) * 1e-6:
        told = f"{value:.{_decimals(half)}f}±{half:.{_decimals(half)}f}"
        told = told if _decimals(half) < 5 else f"{shown(value)}±{half:.0e}"
    known = isinstance(theory, float) and math.isfinite(theory)
    flag = row.get("flag")
    lines = [told, shown(theory) if known else "", flag if isinstance(flag, str) else ""]
    return "\n".join(filter(None, lines))


def _decimals(half: float) -> int:
    """Return after how many decimals the first digit of half an interval stands."""
    return max(0, -math.floor(math.log10(half)))


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table without columns that say nothing, or the same in every row."""
    said = [name for name in frame if name == "measure" or frame[name].nunique(dropna=False) > 1]
    ordered = ["measure", *(name for name in said if name not in ("measure", *BESIDE))]
    return frame[ordered + [name for name in BESIDE if name in said]]


def _provenance(told: Mapping[str, Any]) -> Iterator[Item]:
    versions = told.get("versions", {})
    facts = {
        key: str(told[key]) for key in ("seed", "finished", "machine", "python") if key in told
    }
    if isinstance(versions, Mapping):
        facts |= {str(name): str(version) for name, version in versions.items() if version}
    yield Facts(facts)
    yield Listing("run.json: everything needed to run it again", json.dumps(told, indent=2))
