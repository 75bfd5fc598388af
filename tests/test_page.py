"""The plain Mesa page, rendered without a browser."""

from __future__ import annotations

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

    _, context = solara.render(application(), handle_error=False)
    yield context
    context.close()


def texts(context):
    """Return all plain texts of a rendered page."""
    import ipyvue

    return [child for html in context.find(ipyvue.Html).widgets for child in html.children or []]


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
    monkeypatch.setattr(
        PageModel, "__init__", lambda self, **given: made.append(given) or start(self, **given)
    )
    buttons = {b.children[0]: b for b in rendered.find(ipyvuetify.Btn).widgets}
    assert "Time: 0.0" in texts(rendered)
    buttons["Step"].click()
    assert "Time: 1.0" in texts(rendered)
    sliders = {slider.label: slider for slider in rendered.find(ipyvuetify.Slider).widgets}
    sliders["population [individuals]"].v_model = 7
    buttons["Reset"].click()
    assert made == [{"learning_rate": 0.5, "period": 8.0, "size": 7, "rng": 3}]
    assert "Time: 0.0" in texts(rendered)


def test_page_model_collects_every_step():
    model = PageModel(learning_rate=0.5, period=8.0, size=4)
    model.run_for(3)
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == ["mean trait", "optimum"]
    assert len(frame) == 4
    assert frame["mean trait"].iloc[-1] == model.mean_trait


def test_importing_the_page_does_not_import_solara():
    code = "import adaptsim.page, sys; print('solara' in sys.modules, 'matplotlib' in sys.modules)"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False"]
