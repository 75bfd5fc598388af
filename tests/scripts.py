"""Load the scripts of scenarios/, whole or on a smaller scale, and run them as a reader would."""

import importlib.util
import runpy
from pathlib import Path

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def load(name, **constants):
    """Return a script, as ``"living/one_axis"``, as a module of which nothing has been run.

    Constants given are changed, so that its story is quick.
    """
    module = name.replace("/", "_")
    told = importlib.util.spec_from_file_location(module, SCENARIOS / f"{name}.py")
    script = importlib.util.module_from_spec(told)
    told.loader.exec_module(script)
    for constant, value in constants.items():
        assert hasattr(script, constant), f"{name} has no {constant}"
        setattr(script, constant, value)
    return script


def run(name):
    """Run a script as a program; return its globals."""
    return runpy.run_path(str(SCENARIOS / f"{name}.py"), run_name="__main__")


def as_a_reader(name, tmp_path, monkeypatch, capsys):
    """Run a script as a reader would, in an empty folder; return its globals and its print."""
    monkeypatch.chdir(tmp_path)
    left = run(name)
    assert (tmp_path / "outputs" / f"{name}.png").stat().st_size > 20_000
    return left, capsys.readouterr().out


def assert_told(figure, path):
    """Assert that a picture draws and that every axis has a unit."""
    figure.savefig(path)
    for axes in figure.get_axes():
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert not label or label.endswith("]"), label
        titles = [axes.get_title(loc=side) for side in ("left", "center")]
        assert axes.get_xlabel() or axes.get_ylabel() or any(titles)
