"""Load the scripts of scenarios/applications, and run them as a reader would."""

import importlib.util
import runpy
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "scenarios" / "applications"


def load(name):
    """Return a script as a module: its constants and functions, nothing run."""
    told = importlib.util.spec_from_file_location(f"application_{name}", FOLDER / f"{name}.py")
    script = importlib.util.module_from_spec(told)
    told.loader.exec_module(script)
    return script


def smaller(name, **constants):
    """Return a script with some of its constants changed, so that its story is quick."""
    script = load(name)
    for constant, value in constants.items():
        assert hasattr(script, constant), f"{name} has no {constant}"
        setattr(script, constant, value)
    return script


def as_a_reader(name, tmp_path, monkeypatch, capsys):
    """Run a script as a reader would, in an empty folder; return its globals and its print."""
    monkeypatch.chdir(tmp_path)
    left = runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    assert (tmp_path / "outputs" / "applications" / f"{name}.png").stat().st_size > 20_000
    return left, capsys.readouterr().out


def assert_told(figure, path):
    """Assert that a picture draws and that every axis has a unit."""
    figure.savefig(path)
    for axes in figure.get_axes():
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert not label or label.endswith("]"), label
        titles = [axes.get_title(loc=side) for side in ("left", "center")]
        assert axes.get_xlabel() or axes.get_ylabel() or any(titles)
