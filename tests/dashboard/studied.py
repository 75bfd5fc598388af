"""A folder with studies of a function of microseconds, for pages to look at."""

from __future__ import annotations

from adaptsim import studies

MODEL = """
import time


def simulate(parameters, seed):
    time.sleep(parameters["nap"])
    if parameters["rate"] == parameters["bad"]:
        raise ValueError("the trait is <not> a number")
    error = (parameters["rate"] - 0.2) ** 2 + parameters["period"] / 100
    return {"error": error + 1e-4 * (seed % 10), "theory_error": error, "twice": 2 * error}
"""
STUDY = """
[scenario]
function = "model.py:simulate"
measures = ["error", "theory_error", "twice"]
parameters = {{ rate = 0.1, period = 7.0, nap = {nap}, bad = {bad}, rule = "plain" }}
[study]
name = "{name}"
question = "Which <rate> is best?"
replicates = 3
[study.design]
{design}
"""
GRID = "rate = [0.1, 0.2, 0.3, 0.4]\nperiod = [5.0, 10.0, 20.0]"
WORDS = 'rate = [0.1, 0.2, 0.3]\nrule = ["plain", "quick"]'
SAMPLE = (
    'kind = "random"\npoints = 90\nrate = { from = 0.1, to = 0.4 }\nperiod = { from = 1, to = 9 }'
)


def write(folder, name, design=GRID, *, bad=-1.0, nap=0.0):
    """Write a study's file and its model into ``scenarios/studies`` of a folder."""
    place = folder / "scenarios" / "studies"
    place.mkdir(parents=True, exist_ok=True)
    (place / "model.py").write_text(MODEL)
    file = place / f"{name}.toml"
    file.write_text(STUDY.format(name=name, design=design, bad=bad, nap=nap))
    return file


def run(folder, name, *told, **how):
    """Run a study into ``outputs`` of a folder."""
    file = write(folder, name, *told, **how)
    return studies.run_study(studies.load(file), folder / "outputs" / name)
