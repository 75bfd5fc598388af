"""A dashboard of its own, and a browser without network, for tests that look at the page.

They skip where there is no Chromium, playwright or offline copy of Solara's browser files; CI
installs all three (``.ci/run``).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", ALONE]
WAIT = 60_000
"""Milliseconds that a busy machine may take for anything."""


def missing() -> str:
    """Return why there can be no browser, empty if there can."""
    if CHROMIUM is None:
        return "no Chromium here: apt-get install chromium"
    for package, name in (("playwright", "playwright"), ("solara_assets", "solara-assets")):
        if importlib.util.find_spec(package) is None and not _installed(name):
            return f"{name} is not installed"
    return ""


def _installed(distribution: str) -> bool:
    from importlib import metadata

    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


class Served:
    """A dashboard in a process of its own, in a folder of its own (``cwd``) where one is given."""

    def __init__(self, folder, cwd=None) -> None:
        if missing():
            pytest.skip(missing())
        self.log = folder / "server.log"
        command = [sys.executable, "-m", "adaptsim", "dashboard", "--port", "0", "--no-browser"]
        settings = {"SOLARA_ASSETS_CDN": "http://localhost:9/", "SOLARA_KERNEL_CULL_TIMEOUT": "10s"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stderr=log, env=os.environ | settings, cwd=cwd)
        self.address = self._wait()

    def _wait(self) -> str:
        for _ in range(600):
            found = re.search(r"http://localhost:\d+", self.log.read_text())
            if found:
                return found[0]
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def cpu(self) -> float:
        """Return the seconds of CPU that the server has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def busy(self, seconds: float) -> float:
        """Return the part of a core that the server uses over some seconds."""
        before, began = self.cpu(), time.perf_counter()
        time.sleep(seconds)
        return (self.cpu() - before) / (time.perf_counter() - began)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    dashboard = Served(tmp_path_factory.mktemp("dashboard"))
    yield dashboard
    dashboard.end()


@pytest.fixture(scope="session")
def playing():
    """Return playwright."""
    if missing():
        pytest.skip(missing())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playing):
    browser = playing.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def tabs(chromium, served):
    """Return a function that opens a tab; no tab may have had a problem in the end."""
    opened = []

    def tab(path="/", *, chart="track", width=1280, height=800, **more):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=served.address, **more
        )
        context.set_default_timeout(WAIT)
        page = context.new_page()
        problems = _listen(page, served.address)
        opened.append((context, problems))
        page.goto(path)
        if chart:
            wait_for_frame(page, chart)
        return page

    yield tab
    found = [one for _, problems in opened for one in problems]
    for context, _ in opened:
        context.close()
    assert not found


def _listen(page, address):
    """Return a list that fills with what goes wrong in a page, and with foreign addresses."""
    problems = []
    page.on("pageerror", lambda error: problems.append(f"error {error}"))
    page.on(
        "requestfailed",
        lambda one: (  # a page that is left breaks off what it still loads: not a failure
            problems.append(f"failed {one.url} {one.failure}")
            if one.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    page.on("console", lambda one: problems.append(one.text) if one.type == "error" else None)
    page.on(
        "response",
        lambda one: problems.append(f"{one.status} {one.url}") if one.status > 399 else None,
    )
    page.on(
        "request",
        lambda one: (
            problems.append(f"foreign {one.url}")
            if one.url.startswith("http") and not one.url.startswith(address)
            else None
        ),
    )
    return problems


def wait_for_frame(page, chart="track", above=0):
    """Wait until a chart has drawn a frame beyond a number."""
    script = """([name, above]) =>
        +(document.querySelector(name) || {dataset: {}}).dataset.sequence > above"""
    page.wait_for_function(script, arg=[f"[data-testid=chart-{chart}]", above], timeout=WAIT)


def frame_of(page, chart="track"):
    """Return the number of the last frame that a chart has drawn."""
    return int(page.get_by_test_id(f"chart-{chart}").get_attribute("data-sequence"))


def expect(locator):
    """Return playwright's expectation of a place."""
    from playwright.sync_api import expect

    return expect(locator)


def shown(page, name):
    """Return a number that the page shows, once it shows one."""
    place = page.get_by_test_id(name)
    expect(place).to_have_text(re.compile(r"\d"), timeout=WAIT)
    return float(place.inner_text())


def serious(page):
    """Return what axe finds serious or critical on a page."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{one['id']}: {one['nodes'][0]['target']}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
