"""Pages as trees of widgets, without a browser."""

from __future__ import annotations

import time

import ipyvuetify
import pytest
import solara

from adaptsim.dashboard.application import routes
from adaptsim.dashboard.chart import Chart
from adaptsim.dashboard.controls import Choice, Slider
from adaptsim.dashboard.pages import found_pages
from adaptsim.dashboard.shell import Boundary
from adaptsim.schema import WrongRequest


def named(context, kind, name):
    """Return the widget with a name for tests."""
    widgets = context.find(kind).widgets
    return next(one for one in widgets if (one.attributes or {}).get("data-testid") == name)


def shows(context, name, text, seconds=60.0):
    """Wait until a number box shows a text: another thread may be rendering the page."""
    end = time.monotonic() + seconds
    while (seen := named(context, ipyvuetify.TextField, name).v_model) != text:
        assert time.monotonic() < end, f"{name} shows {seen}, not {text}"
        time.sleep(0.02)


def rendered(element):
    return solara.render(element, handle_error=False)[1]


def opened(path):
    return rendered(
        solara.RoutingProvider(children=[solara.RenderPage()], routes=routes, pathname=path)
    )


def test_pages_are_found_by_their_files():
    assert found_pages()[0][:2] == ("/", "Track")
    assert [one.label for one in routes] == [one.label for one in found_pages()]


def test_track_steps_and_obeys_its_slider_but_not_a_tampered_one():
    context = opened("/?scenario=tracker_tone&runs=1&size=1&a.rule.learning_rate=0.4")
    slider = named(context, ipyvuetify.Slider, "slider-rate-a")
    assert slider.v_model == 0.4
    slider.v_model = 0.7
    shows(context, "number-rate-a", "0.7")
    for tampered in (1e300, "os.system", float("nan"), {"a": 1}):
        slider = named(context, ipyvuetify.Slider, "slider-rate-a")
        slider.v_model = tampered
        shown = float(named(context, ipyvuetify.TextField, "number-rate-a").v_model)
        assert 0 <= shown <= 2.5
    charts = context.find(Chart).widgets
    assert {one.name for one in charts} == {"track", "loop"}
    context.close()


def test_slider_ignores_what_is_no_number_and_clamps_the_rest():
    heard = []
    context = rendered(Slider("rate", 0.5, heard.append, low=0.0, high=2.0, step=0.1, name="rate"))
    slider = named(context, ipyvuetify.Slider, "slider-rate")
    for value in ("x", None, float("inf"), 99.0, -1.0):
        slider.v_model = value
    assert heard == [2.0, 0.0]
    context.close()


@pytest.mark.parametrize("value", [1.0, 20_000.0, 137.0])
def test_a_logarithmic_slider_stands_on_its_grid(value):
    context = rendered(
        Slider("size", value, print, low=1, high=20_000, step=0.02, log=True, whole=True)
    )
    slider = named(context, ipyvuetify.Slider, "slider-size")
    assert slider.min <= slider.v_model <= slider.max
    assert abs(slider.v_model / 0.02 - round(slider.v_model / 0.02)) < 1e-6
    context.close()


def test_choice_takes_only_what_it_offers():
    heard = []
    context = rendered(Choice("rule", "a", ["a", "b"], heard.append))
    select = next(one for one in context.find(ipyvuetify.VuetifyTemplate).widgets)
    for word in ("b", "os:system", 3, None):
        select.vue_chosen(word)
    assert heard == ["b"]
    context.close()


def test_chart_hears_only_finite_numbers():
    heard = []
    chart = Chart(on_click=None)
    chart.on_click = lambda x, y: heard.append((x, y))
    for data in ({"x": 1, "y": 2.5}, {"x": "1", "y": 2}, {"x": float("nan"), "y": 1}, None, [1, 2]):
        chart.vue_clicked(data)
    assert heard == [(1.0, 2.5)]


@pytest.mark.parametrize(
    ("error", "told"), [(WrongRequest("no such rule"), True), (ValueError("/secret/path"), False)]
)
def test_a_page_that_fails_says_so_and_tells_no_secrets(error, told, capsys):
    @solara.component
    def Broken():
        raise error

    @solara.component
    def Whole():
        Boundary(children=[Broken()])

    context = rendered(Whole())
    texts = " ".join(
        str(child) for one in context.find(ipyvuetify.Html).widgets for child in one.children
    )
    buttons = [one for one in context.find(ipyvuetify.Btn).widgets]
    assert len(buttons) == 1
    assert (str(error) in texts) or not told
    assert "/secret" not in texts
    context.close()
