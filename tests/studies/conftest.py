"""A model of a few microseconds whose faults can be asked for, and studies of it."""

from pathlib import Path

import pytest

MODEL = '''
"""A tracker that can fail in every way; it signs each of its runs in a file."""

import math
import os
import signal
import time


def sign(parameters, seed):
    path = os.environ.get("WITNESS")
    if path:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{parameters['rate']} {seed}\\n".encode())
        os.close(file)


def simulate(parameters, seed):
    fault = parameters["fault"] if os.environ.get("FAULTS", "on") == "on" else "none"
    if fault == "raise" or parameters["rate"] == parameters["bad_rate"]:
        raise ValueError("the trait is not a number")
    if fault == "hang":
        time.sleep(3600)
    if fault == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "interrupt":
        raise KeyboardInterrupt
    time.sleep(parameters["nap"])
    trait = 0.0
    for step in range(20):
        trait += parameters["rate"] * (math.sin(step / parameters["period"]) - trait)
    sign(parameters, seed)
    return {"final": trait + seed % 1000 * 1e-6}
'''
STUDY = """
[scenario]
function = "model.py:simulate"
measures = ["final"]
parameters = {{ rate = 0.1, period = 7.0, fault = "none", nap = 0.0, bad_rate = -1.0 }}
[study]
{study}
[study.design]
{design}
"""
GRID = 'rate = [0.1, 0.2, 0.3]\nperiod = { from = 5.0, to = 50.0, spacing = "log", levels = 4 }'


class Folder:
    """A folder with the model, in which studies are written and run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "model.py").write_text(MODEL)

    def write(self, design: str = GRID, study: str = "replicates = 2", name: str = "s") -> Path:
        file = self.path / f"{name}.toml"
        file.write_text(STUDY.format(design=design, study=study))
        return file

    def load(self, *told, **named):
        from adaptsim import studies

        return studies.load(self.write(*told, **named))

    def run(self, *told, out: str = "out", how=None, **named):
        from adaptsim import studies

        return studies.run_study(self.load(*told, **named), self.path / out, **(how or {}))

    def witnessed(self) -> list[str]:
        path = self.path / "witness"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WITNESS", str(tmp_path / "witness"))
    return Folder(tmp_path)
