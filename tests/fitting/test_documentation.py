"""The example of docs/fitting.md makes its file, and its rate is found again."""

import re
from pathlib import Path

import pandas as pd
import pytest

from adaptsim.fitting import fit

DOCUMENT = Path(__file__).parents[2] / "docs" / "fitting.md"


@pytest.fixture
def example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)[1]
    exec(compile(code, str(DOCUMENT), "exec"), {"__name__": "documentation"})
    return tmp_path / "forager.csv"


def test_the_example_makes_its_file(example):
    assert list(pd.read_csv(example)) == ["grey", "other", "preference", "logit"]


@pytest.mark.slow
def test_the_rate_of_the_example_is_found_again(example):
    found = fit(example, environment=("grey", "other"), observed="logit", kind="Forager",
                variables=("logit",), models=("fixed",))  # fmt: skip
    low, high = found.groups[0].interval(0)
    assert low < 0.15 < high
    assert found.groups[0].profile.top[0] == pytest.approx(0.1447, abs=5e-5)  # as the text says
