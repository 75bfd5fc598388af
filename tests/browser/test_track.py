"""The page Track in a browser that reaches nothing but the dashboard."""

from __future__ import annotations

import http.client
import os
import re
import signal
import time
import tomllib
from urllib.parse import urlsplit

import pytest

from adaptsim import scenarios

from .conftest import ARGUMENTS, CHROMIUM, WAIT, expect, frame_of, serious, shown, wait_for_frame

ONE = "/?scenario=tracker_tone&runs=1&size=1&a.rule.learning_rate=0.5"
HEAVY = "/?scenario=tracker_noise&runs=4&size=20000&speed=1000&a.rule.learning_rate=0.2"


def step(page):
    return int(re.sub(r"\D", "", page.get_by_test_id("step").inner_text()))


def wait_for_step(page, above):
    script = r"""above => +document.querySelector('[data-testid=step]').innerText.replace(/\D/g, '')
        > above"""
    page.wait_for_function(script, arg=above, timeout=WAIT)


def test_opens_with_a_course_to_see_and_nothing_serious_for_axe(tabs):
    page = tabs("/")
    expect(page.get_by_test_id("word-a")).to_have_text("tracking", timeout=WAIT)
    assert not serious(page)


def test_play_moves_the_chart_pause_stops_it_keys_do_too(tabs):
    page = tabs(ONE)
    wait_for_step(page, 99)
    page.get_by_test_id("button-play").click()
    wait_for_frame(page, above=frame_of(page) + 10)
    wait_for_step(page, 110)
    page.get_by_test_id("button-play").click()
    expect(page.get_by_test_id("button-play")).to_contain_text("Play")
    page.wait_for_timeout(700)
    stopped = frame_of(page)
    page.wait_for_timeout(700)
    assert frame_of(page) == stopped
    before = step(page)
    page.keyboard.press(".")
    wait_for_step(page, before)
    assert step(page) == before + 1
    page.keyboard.press(" ")
    expect(page.get_by_test_id("button-play")).to_contain_text("Pause")
    page.keyboard.press(" ")
    expect(page.get_by_test_id("button-play")).to_contain_text("Play")


def test_theory_and_measure_agree_and_follow_the_slider(tabs):
    page = tabs(ONE)
    wait_for_step(page, 99)
    for name in ("phase_lag", "gain", "tracking_mse", "gain_margin"):
        measured, theory = shown(page, f"measured-a-{name}"), shown(page, f"theory-a-{name}")
        assert measured == pytest.approx(theory, rel=2e-3)
    before = shown(page, "theory-a-gain_margin")
    slider = page.get_by_role("slider", name="Learning rate").first
    slider.focus()
    slider.press("End")
    expect(page.get_by_test_id("word-a")).to_have_text("unstable", timeout=WAIT)
    expect(page.get_by_test_id("number-rate-a")).to_have_value("2.5", timeout=WAIT)
    page.wait_for_function("() => location.search.includes('a.rule.learning_rate=2.5')")
    expect(page.get_by_test_id("theory-a-gain_margin")).not_to_have_text(f"{before:g}")
    assert shown(page, "theory-a-gain_margin") == pytest.approx(2 / 2.5)


def test_a_story_is_told_and_the_link_brings_it_back(tabs):
    page = tabs("/?scenario=thermostat_story", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 391
    page.get_by_test_id("button-story-late").click()
    page.get_by_test_id("button-move-2").click()
    expect(page.get_by_test_id("word-b")).to_have_text("unstable", timeout=WAIT)
    expect(page.get_by_test_id("word-a")).to_have_text("tracking")
    page.get_by_test_id("theme").click()
    address = page.url
    assert "b.agent.feedback_delay=6" in address
    page.reload()
    wait_for_frame(page)
    expect(page.get_by_test_id("word-b")).to_have_text("unstable", timeout=WAIT)
    assert page.url == address
    assert page.evaluate("document.querySelector('#app').classList.contains('theme--dark')")


def test_two_tabs_do_not_disturb_each_other(tabs):
    one, other = tabs(ONE), tabs(ONE + "&environment.period=30")
    for page in (one, other):
        wait_for_step(page, 99)
    one.get_by_test_id("button-step").click()
    wait_for_step(one, 100)
    assert step(other) == 100
    assert other.get_by_test_id("number-environment.period").input_value() == "30"
    assert one.get_by_test_id("number-environment.period").input_value() == "50"


def test_downloads_deliver(tabs, tmp_path):
    page = tabs("/?scenario=tracker_tone&runs=2&size=3")
    wait_for_step(page, 99)
    expect(page.get_by_test_id("measures")).to_be_visible(timeout=WAIT)

    def taken(name):
        with page.expect_download() as waiting:
            page.get_by_test_id(name).click()
        waiting.value.save_as(tmp_path / name)
        return (tmp_path / name).read_bytes()

    course = taken("download-csv").decode().splitlines()
    assert course[0].startswith("step,trait,trait_target")
    assert len(course) == 1 + 2 * step(page)
    assert b"phase_lag" in taken("download-measures")
    told = tomllib.loads(taken("download-toml").decode())
    assert scenarios.from_table(told).size == 6
    assert told["rule"]["learning_rate"] == pytest.approx([0.05, 0.159947], rel=0.02)
    assert taken("png-track").startswith(b"\x89PNG")
    assert b"<svg" in taken("svg-track")


def test_tampered_values_do_no_harm(tabs):
    hostile = "&b.rule.learning_rate=1e300&seed=import os&zz.kind=os:system&shown=<script>"
    page = tabs("/?scenario=tracker_tone&runs=2&size=1e99&environment.kind=os:system" + hostile)
    assert page.get_by_test_id("number-size").input_value() == "20000"
    assert "does not exist" in page.locator(".ad-warning").first.inner_text()
    emit = """([name, value]) => { document.querySelector(`[data-testid=${name}]`)
        .closest('.v-input').__vue__.$emit('input', value); }"""
    for value in (1e300, -5, "__import__('os')", None, {"a": 1}):
        page.evaluate(emit, ["slider-rate-a", value])
    choose = """([name, value]) => { document.querySelector(`[data-testid=${name}]`)
        .closest('.ad-choice').__vue__.chosen(value); }"""
    page.evaluate(choose, ["choice-rule-a", "os:system"])
    box = page.get_by_test_id("number-environment.period")
    box.fill("nan")
    box.press("Enter")
    page.get_by_test_id("button-step").click()
    wait_for_frame(page, above=frame_of(page))
    assert 0 <= float(page.get_by_test_id("number-rate-a").input_value()) <= 2.5
    assert "environment.period" not in page.url


def ask(address, **headers):
    """Return the status that the server answers a request with such headers with."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    path = headers.pop("path", "/")
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def test_foreign_pages_names_and_internals_are_refused(served):
    own = served.address
    status, headers = ask(own)
    assert status == 200
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert ask(own, Origin="http://evil.example")[0] == 403
    assert ask(own, Host="evil.example")[0] == 403
    assert ask(own, path="/resourcez")[0] == 403
    upgrade = {
        "path": "/_solara/api/watch/", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    for path in ("/jupyter/api/kernels/x/channels", "/_solara/api/watch/"):
        for origin in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            assert ask(own, **upgrade | {"path": path} | origin)[0] == 403


def test_neither_a_closed_tab_nor_a_killed_browser_leaves_work_behind(tabs, served, playing):
    page = tabs(HEAVY)
    page.get_by_test_id("button-play").click()
    wait_for_frame(page, above=20)
    busy = served.busy(2)
    page.close(run_before_unload=True)
    time.sleep(1)
    assert served.busy(2) < busy / 4
    browser = playing.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    page = browser.new_page()
    page.goto(served.address + HEAVY)
    wait_for_frame(page)
    page.get_by_test_id("button-play").click()
    wait_for_frame(page, above=20)
    busy = served.busy(2)
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    browser_process = next(one["id"] for one in processes if one["type"] == "browser")
    os.kill(browser_process, signal.SIGKILL)
    time.sleep(11)
    assert served.busy(2) < busy / 4
