"""The page Studies in a browser that reaches nothing but the dashboard."""

from __future__ import annotations

import re

import pytest
from dashboard.studied import GRID, run, write

from .conftest import WAIT, Served, frame_of, wait_for_frame


def expect(locator):
    from playwright.sync_api import expect

    return expect(locator)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """Return a folder with two studies done, one with failures, and one to start."""
    folder = tmp_path_factory.mktemp("workplace")
    run(folder, "rates", GRID)
    run(folder, "failing", GRID, bad=0.3)
    write(folder, "slow", GRID, nap=0.15)
    return folder


@pytest.fixture(scope="module")
def served(workplace):
    """Return a dashboard with an ``outputs/`` of its own."""
    dashboard = Served(workplace, cwd=workplace)
    yield dashboard
    dashboard.end()


def word(page, name):
    return page.get_by_test_id(name)


def test_a_study_is_found_opened_filtered_and_brought_back_by_its_link(tabs):
    from axe_playwright_python.sync_playwright import Axe

    page = tabs("/studies", chart=None)
    expect(word(page, "study-rates")).to_contain_text("36 of 36 runs done", timeout=WAIT)
    expect(word(page, "start-runs")).to_be_visible(timeout=WAIT)
    assert not serious(Axe().run(page))
    word(page, "button-open-rates").click()
    wait_for_frame(page, "study")
    expect(word(page, "choice-study")).to_have_value("rates")
    expect(page.get_by_text("12 cells: mean error")).to_be_visible(timeout=WAIT)
    before = frame_of(page, "study")
    word(page, "choice-from.rate").select_option("0.3")
    expect(page.get_by_text("6 cells: mean error")).to_be_visible(timeout=WAIT)
    wait_for_frame(page, "study", above=before)
    word(page, "choice-measure").select_option("twice")
    expect(page.get_by_text("6 cells: mean twice")).to_be_visible(timeout=WAIT)
    word(page, "choice-shape").select_option("map")
    expect(page.get_by_role("img", name="Mean twice over rate and period")).to_be_visible()
    assert not serious(Axe().run(page))
    address = page.url
    page.reload()
    wait_for_frame(page, "study")
    expect(page.get_by_text("6 cells: mean twice")).to_be_visible(timeout=WAIT)
    expect(word(page, "choice-from.rate")).to_have_value("0.3")
    expect(word(page, "choice-shape")).to_have_value("map")
    assert page.url == address


def test_failures_are_told_and_a_second_study_laid_over(tabs):
    page = tabs("/studies?study=failing&over=rates", chart="study", width=390, height=844)
    expect(word(page, "progress")).to_have_text("27 of 36 runs done, 9 failed", timeout=WAIT)
    expect(word(page, "table-failures")).to_contain_text("the trait is <not> a number")
    expect(page.get_by_role("img", name="B: rates")).to_be_visible(timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 391


def test_report_and_cells_are_downloaded_and_need_no_network(tabs, tmp_path):
    page = tabs("/studies?study=rates", chart="study")
    word(page, "button-report").click()
    expect(word(page, "download-report")).to_be_visible(timeout=WAIT)

    def taken(name):
        with page.expect_download() as waiting:
            word(page, name).click()
        waiting.value.save_as(tmp_path / name)
        return (tmp_path / name).read_text()

    report = taken("download-report")
    assert "Which &lt;rate&gt; is best?" in report
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)""", report)
    assert not re.search(
        r"<(script|link|iframe)[^>]+(src|href)|@import|url\((?!['\"]?data:)", report
    )
    cells = taken("download-csv").splitlines()
    assert len(cells) == 1 + 12


def test_a_study_is_started_watched_and_ends_with_its_tab(tabs, workplace):
    page = tabs("/studies", chart=None)
    word(page, "choice-start-file").select_option("slow")
    expect(word(page, "start-runs")).to_have_text(re.compile("= 24 runs"), timeout=WAIT)
    box = word(page, "number-replicates")
    box.fill("1")
    box.press("Enter")
    expect(word(page, "start-runs")).to_have_text(re.compile("= 12 runs"), timeout=WAIT)
    word(page, "button-start").click()
    expect(word(page, "state-slow_4x3x1")).to_have_text("at work", timeout=WAIT)
    wait_for_frame(page, "study")
    drawn = frame_of(page, "study")
    wait_for_frame(page, "study", above=drawn)  # it fills as rows arrive
    expect(word(page, "progress")).to_have_text("12 of 12 runs done", timeout=WAIT)
    expect(word(page, "state-slow_4x3x1")).to_have_text("finished", timeout=WAIT)
    assert "study=slow_4x3x1" in page.url
    word(page, "button-all").click()
    word(page, "choice-start-file").select_option("slow")
    expect(word(page, "start-runs")).to_have_text(re.compile("= 24 runs"), timeout=WAIT)
    box = word(page, "number-replicates")
    box.fill("20")
    box.press("Enter")
    expect(word(page, "start-runs")).to_have_text(re.compile("= 240 runs"), timeout=WAIT)
    word(page, "button-start").click()
    expect(word(page, "progress")).to_have_text(re.compile("of 240 runs done"), timeout=WAIT)
    page.close(run_before_unload=True)
    watcher = tabs("/studies?study=slow_4x3x20", chart=None)
    expect(word(watcher, "state-slow_4x3x20")).to_have_text("unfinished", timeout=WAIT)
    expect(watcher.get_by_text("It stopped before its end.")).to_be_visible()


def test_a_study_that_is_cancelled_keeps_its_runs(tabs):
    page = tabs("/studies", chart=None)
    word(page, "choice-start-file").select_option("slow")
    expect(word(page, "start-runs")).to_have_text(re.compile("= 24 runs"), timeout=WAIT)
    word(page, "button-start").click()
    expect(word(page, "progress")).to_have_text(re.compile("[1-9].* of 24 runs"), timeout=WAIT)
    word(page, "button-cancel").click()
    expect(word(page, "state-slow_4x3x2")).to_have_text(re.compile("finished"), timeout=WAIT)
    expect(word(page, "progress")).to_have_text(re.compile("[1-9].* of 24 runs done"))


def serious(found):
    return [
        f"{one['id']}: {one['nodes'][0]['target']}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
