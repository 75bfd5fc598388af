"""Directories to report on: a run's, made by hand, and studies of a function of microseconds."""

from __future__ import annotations

import functools
import json

import pytest
from PIL import Image

from adaptsim import studies
from adaptsim.documents import of_directory

MODEL = """
import math


def ishigami(parameters, seed):
    a, b, c = (math.pi * (2 * parameters[name] - 1) for name in "abc")
    if parameters["a"] > parameters["poison"]:
        raise ValueError("a is <too large> & wild")
    told = math.sin(a) + 7 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a)
    return {"height": told + 1e-3 * (seed % 100), "twice": 2 * told}
"""
STUDY = """
[scenario]
function = "model.py:ishigami"
measures = ["height", "twice"]
parameters = {{ a = 0.5, b = 0.5, c = 0.5, poison = {poison} }}
[study]
name = "{kind}"
question = "Which of a, b & c <matters>?"
replicates = {replicates}
[study.design]
{design}
"""
THREE = "\n".join(f"{name} = {{ from = 0.0, to = 1.0 }}" for name in "abc")
DESIGNS = {
    "grid": "a = [0.1, 0.3, 0.5, 0.7]\nb = [0.2, 0.4, 0.6]",
    "line": "a = { from = 0.1, to = 0.9, levels = 5 }",
    "single": "a = [0.5]",
    "zip": 'kind = "zip"\na = [0.1, 0.2, 0.3]\nb = [0.3, 0.2, 0.1]',
    "latin_hypercube": f'kind = "latin_hypercube"\npoints = 40\n{THREE}',
    "saltelli": f'kind = "saltelli"\npoints = 32\n{THREE}',
    "morris": f'kind = "morris"\ntrajectories = 12\n{THREE}',
    "fast": f'kind = "fast"\npoints = 65\n{THREE}',
    "refine": (
        'kind = "refine"\noutcome = "height"\nthreshold = 3.0\ngenerations = 2\npoints = 6\n'
        "a = { from = 0.0, to = 1.0, levels = 4 }\nb = { from = 0.0, to = 1.0, levels = 4 }"
    ),
}


@pytest.fixture(scope="session")
def reported(studied):
    """Return a function that gives the document of a kind of study, made once."""
    return functools.cache(lambda kind, **how: of_directory(studied(kind, **how)))


@pytest.fixture(scope="session")
def studied(tmp_path_factory):
    """Return a function that runs a study of a kind of design, once, and gives its folder."""
    folder = tmp_path_factory.mktemp("studies")
    (folder / "model.py").write_text(MODEL)
    known = {}

    def run(kind, *, replicates=1, poison=2.0):
        key = f"{kind}-{replicates}-{poison}"
        if key not in known:
            file = folder / f"{key}.toml"
            design = DESIGNS[kind]
            text = STUDY.format(kind=kind, design=design, replicates=replicates, poison=poison)
            file.write_text(text)
            studies.run_study(studies.load(file), folder / key)
            known[key] = folder / key
        return known[key]

    return run


HEAD = (
    "scenario,kind,group,variable,measure,value,unit,ci_low,ci_high,theory,method,convention,flag"
)
MEASURES = f"""{HEAD}
<tone>,Tracker,0.1,trait,mean_lag,10.02,steps,9.9,10.14,10.0,seen,pre-update,
<tone>,Tracker,0.2,trait,mean_lag,4.98,steps,4.9,5.06,5.0,seen,pre-update,
<tone>,Tracker,0.1,trait,gain,0.5,1,,,,seen,pre-update,odd & <b>bold</b>
<tone>,Tracker,0.2,trait,gain,0.8,1,0.2,0.9,,seen,pre-update,
"""


def write_run(place, asked, measures=MEASURES, **told):
    """Write what a command leaves: run.json, measures.csv, figure.png."""
    place.mkdir(parents=True)
    (place / "measures.csv").write_text(measures)
    versions = {"adaptsim": "0.1.0", "jax": "0.9"}
    whole = asked | {"seed": 3, "versions": versions, "wall_time_s": 1.25} | told
    (place / "run.json").write_text(json.dumps(whole))
    Image.new("RGB", (40, 20), "white").save(place / "figure.png")
    return place


@pytest.fixture
def a_run(tmp_path):
    scenario = {
        "name": "<tone>",
        "question": "How far behind & why?",
        "steps": 100,
        "agent": {"kind": "Tracker"},
        "rule": {"kind": "GradientDescent"},
        "population": {"size": 2},
    }
    return write_run(tmp_path / "run", {"scenario": scenario})
