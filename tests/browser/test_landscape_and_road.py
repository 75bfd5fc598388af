"""The pages Landscape and Road to chaos in a browser that reaches nothing but the dashboard."""

from __future__ import annotations

from .conftest import WAIT, expect, frame_of, wait_for_frame


def test_landscape_slider_changes_the_verdict_and_a_click_moves_the_start(tabs):
    page = tabs("/landscape?landscape=Bowl&rules=1&steps=100&a.rule.learning_rate=0.5", chart="map")
    expect(page.get_by_test_id("word-a")).to_have_text("converged", timeout=WAIT)
    slider = page.get_by_role("slider", name="Learning rate").first
    slider.focus()
    slider.press("End")
    expect(page.get_by_test_id("word-a")).to_have_text("diverged", timeout=WAIT)
    page.wait_for_function("() => location.search.includes('a.rule.learning_rate=2.5')")
    before = page.get_by_test_id("number-start-1").input_value()
    page.get_by_test_id("chart-map").click(position={"x": 200, "y": 150})
    page.wait_for_function(
        "was => document.querySelector('[data-testid=number-start-1]').value !== was", arg=before
    )
    page.wait_for_function("() => location.search.includes('x=')")


def test_landscape_walks_follow_a_start_that_is_dragged(tabs):
    page = tabs("/landscape?landscape=Bowl&rules=1&steps=100", chart="map")
    expect(page.get_by_test_id("word-a")).to_have_text("converged", timeout=WAIT)
    begun = page.url
    box = page.get_by_test_id("chart-map").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    for one in range(4):
        before = frame_of(page, "map")
        page.mouse.move(box["x"] + 220 + 20 * one, box["y"] + 160)
        wait_for_frame(page, "map", above=before)
    assert page.url == begun
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('x=')")


def test_road_rate_slider_changes_the_verdict_and_the_doubling_is_that_of_theory(tabs):
    page = tabs("/road-to-chaos?landscape=CubicWell&low=1.5&high=2.6&rate=2.2", chart="portrait")
    wait_for_frame(page, "orbits", above=8)
    expect(page.get_by_test_id("word")).to_have_text("cycling", timeout=WAIT)
    expect(page.get_by_test_id("measured-doubling")).to_have_text("2", timeout=WAIT)
    expect(page.get_by_test_id("theory-doubling")).to_have_text("theory 2")
    slider = page.get_by_role("slider", name="Looked at")
    slider.focus()
    slider.press("Home")
    expect(page.get_by_test_id("word")).to_have_text("converged", timeout=WAIT)
