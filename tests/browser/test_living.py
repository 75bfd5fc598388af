"""The page Living systems in a browser that reaches nothing but the dashboard."""

from __future__ import annotations

import pytest

from .conftest import WAIT, expect, frame_of, serious, shown, wait_for_frame


@pytest.mark.parametrize("name", ["community", "patches", "bubble", "synapses", "evolution"])
def test_every_system_opens_plays_and_has_nothing_serious_for_axe(tabs, name):
    page = tabs(f"/living-systems?system={name}", chart="course")
    expect(page.get_by_test_id("word")).not_to_be_empty(timeout=WAIT)
    before = frame_of(page, "course")
    page.get_by_test_id("button-play").click()
    wait_for_frame(page, "course", above=before + 3)
    wait_for_frame(page, "beside", above=1)
    assert not serious(page)


def test_a_slider_takes_the_community_into_its_window_and_the_link_brings_it_back(tabs):
    page = tabs("/living-systems?system=community&learning_rate=1.4", chart="course")
    expect(page.get_by_test_id("word")).to_have_text("at rest", timeout=WAIT)
    for name in ("growth", "from", "to"):
        measured, theory = shown(page, f"measured-a-{name}"), shown(page, f"theory-a-{name}")
        assert measured == pytest.approx(theory, rel=1e-3)
    slider = page.get_by_role("slider", name="Learning rate").first
    slider.focus()
    slider.press("End")
    expect(page.get_by_test_id("word")).to_have_text("learning cycles", timeout=WAIT)
    page.wait_for_function("() => location.search.includes('learning_rate=6')")
    page.get_by_test_id("button-system-bubble").click()
    expect(page.get_by_test_id("word")).to_have_text("in a bubble", timeout=WAIT)
    page.reload()
    wait_for_frame(page, "course")
    expect(page.get_by_test_id("word")).to_have_text("in a bubble", timeout=WAIT)
    with page.expect_download() as download:
        page.get_by_test_id("download-csv").click()
    assert download.value.suggested_filename == "bubble.csv"


def test_window_and_ideal_free_distribution_are_drawn_and_both_bubbles_told(tabs):
    page = tabs("/living-systems?system=community&learning_rate=1.4", chart="below")
    expect(page.get_by_test_id("mark-learning_rate")).to_contain_text("0.914 to 2.18", timeout=WAIT)
    page.get_by_test_id("button-system-patches").click()
    expect(page.get_by_test_id("word")).to_have_text("tracking", timeout=WAIT)
    wait_for_frame(page, "below")
    page.get_by_test_id("button-system-bubble").click()
    for letter in "ab":
        measured = shown(page, f"measured-{letter}-size")
        assert measured == pytest.approx(shown(page, f"theory-{letter}-size"), abs=0.05)
    assert shown(page, "measured-a-flips") < shown(page, "measured-b-flips")
