"""The plain Mesa page, rendered without a browser."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys

import pytest

from adaptsim.page import PageModel, page

solara = pytest.importorskip("solara")


@pytest.fixture
def rendered():
    """Return the page inside an application, with its tools to find widgets."""

    @solara.component
    def application():
        with solara.AppLayout():
            page(learning_rate=0.5, period=8.0, size=10, seed=3)

    box, context = solara.render(application(), handle_error=False)
    context.box = box
    yield context
    context.close()


def texts(widget):
    """Return all plain texts in a widget."""
    if isinstance(widget, str):
        return [widget]
    return [text for child in getattr(widget, "children", None) or [] for text in texts(child)]


def test_page_has_sliders_with_units(rendered):
    import ipyvuetify

    sliders = {slider.label: slider.v_model for slider in rendered.find(ipyvuetify.Slider).widgets}
    wanted = {
        "learning rate [1/(curvature step)]": 0.5,
        "period [steps]": 8.0,
        "population [individuals]": 10,
        "seed": 3,
    }
    assert wanted.items() <= sliders.items()


def test_step_and_reset(rendered, monkeypatch):
    import ipyvuetify

    made = []
    start = PageModel.__init__

    @functools.wraps(start)
    def noted(self, **given):
        made.append(given)
        start(self, **given)

    monkeypatch.setattr(PageModel, "__init__", noted)
    buttons = {b.children[0]: b for b in rendered.find(ipyvuetify.Btn).widgets}
    assert "Time: 0.0" in texts(rendered.box)
    buttons["Step"].click()
    assert "Time: 1.0" in texts(rendered.box)
    sliders = {slider.label: slider for slider in rendered.find(ipyvuetify.Slider).widgets}
    sliders["population [individuals]"].v_model = 7
    buttons["Reset"].click()
    assert made == [{"learning_rate": 0.5, "period": 8.0, "size": 7, "rng": 3}]
    assert "Time: 0.0" in texts(rendered.box)


def test_page_model_collects_every_step():
    model = PageModel(learning_rate=0.5, period=8.0, size=4)
    model.run_for(3)
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == ["mean trait", "optimum"]
    assert len(frame) == 4
    assert frame["mean trait"].iloc[-1] == model.mean_trait


def test_a_pickled_page_model_goes_on_in_another_process_without_solara(tmp_path):
    model = PageModel(learning_rate=0.5, period=8.0, size=4)
    model.run_for(2)
    (tmp_path / "model").write_bytes(pickle.dumps(model))
    code = "import pickle, sys; m = pickle.load(open(sys.argv[1], 'rb')); m.advance(2)"
    tell = f"{code}; print('solara' in sys.modules, m.time, m.datacollector.model_vars)"
    command = [sys.executable, "-c", tell, str(tmp_path / "model")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    model.advance(2)
    assert said.strip() == f"False {model.time} {model.datacollector.model_vars}"
