"""Tables of findings: columns named in words, means folded away."""

from __future__ import annotations

import pandas as pd

from adaptsim.documents.document import Table
from adaptsim.figures.study_axes import is_number, value_text, words_of
from adaptsim.studies.analysis.frame import PARAMETER


def means_table(table: pd.DataFrame, title: str, file: str) -> Table:
    """Return a table of means, folded."""
    told = table if "failed" not in table or table["failed"].any() else table.drop(columns="failed")
    return Table(title, readable(told), folded=True, file=file_name(file))


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its columns named in words, those that hold nothing left out.

    Examples
    --------
    >>> readable(pd.DataFrame({"p_rule.learning_rate": [0.1], "ci_low": [None]})).columns.tolist()
    ['learning rate']
    >>> readable(pd.DataFrame({"p_agent.noise": [1], "p_environment.noise": [2]})).columns.tolist()
    ['agent.noise', 'environment.noise']
    """
    kept = [name for name in table if (table[name].notna() & (table[name] != "")).any()]
    words = [
        name for name in kept if str(name).startswith(PARAMETER) and not is_number(table[name])
    ]
    told = table[kept].assign(**{str(name): table[name].map(value_text) for name in words})
    names = [str(name).removeprefix(PARAMETER) for name in kept]
    short = [words_of(name) for name in names]
    told.columns = pd.Index(
        [
            words if short.count(words) == 1 else name
            for words, name in zip(short, names, strict=True)
        ]
    )
    return told


def file_name(name: str) -> str:
    """Return a name without signs that file systems mind."""
    return "".join(one if one.isalnum() or one in "_.-" else "_" for one in name).strip("_")
