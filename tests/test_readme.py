"""The README's examples run, and say what comes of them."""

import re
import tomllib
from pathlib import Path

import pytest

from adaptsim import from_table, run

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


@pytest.mark.parametrize("code", blocks("python"))
def test_every_python_example_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})


def test_the_limits_it_tells_are_the_limits_that_are_found():
    code = next(code for code in blocks("python") if "speed_limit" in code)
    told = re.findall(r"(adaptsim\.speed_limit\(.*?\))\s+# ([0-9.]+)", code)
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert [float(number) for _, number in told] == [
        pytest.approx(eval(call, names), rel=1e-6) for call, _ in told
    ]
    assert len(told) == 2


def test_the_scenario_it_shows_runs():
    table = tomllib.loads(blocks("toml")[0]) | {"population": {"size": 3}, "steps": 200}
    assert set(run(from_table(table)).table["measure"]) >= {"phase_lag", "gain", "speed_limit"}
