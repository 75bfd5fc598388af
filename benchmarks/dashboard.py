"""The dashboard in a browser: frames a second, what they cost, memory of a session, many at once.

Needs Chromium, playwright and solara-assets (dev group). CPU counts what matters on a busy machine;
frames a second are what this machine could do beside whatever else it did, so its load is told.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from timing import arguments, report

LINK = "/?scenario=tracker_tone&runs={runs}&size={size}&a.rule.learning_rate=0.3&speed=25"
TICKS = os.sysconf("SC_CLK_TCK")


def stat(process: int) -> tuple[int, float, float]:
    """Return the parent of a process, its CPU seconds and its resident memory [MB]."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    memory = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS, memory


def family_cpu(process: int) -> float:
    """Return the CPU seconds of a process and all its descendants."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = stat(int(place.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    total, waiting = 0.0, [process]
    while waiting:
        one = waiting.pop()
        total += parents[one][1]
        waiting += [child for child, (parent, *_) in parents.items() if parent == one]
    return total


def serve(log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a dashboard; return its process and address."""
    command = [sys.executable, "-m", "adaptsim", "dashboard", "--port", "0", "--no-browser"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stderr=file)
    while not (found := re.search(r"http://localhost:\d+", log.read_text())):
        time.sleep(0.2)
    return process, found[0]


def drawn(page: Page) -> int:
    """Return how many frames a page has drawn."""
    return int(page.get_by_test_id("chart-track").get_attribute("data-sequence") or 0)


def wait(page: Page, above: int = 0) -> None:
    """Wait until a page has drawn more frames than that."""
    script = """above => +(document.querySelector('[data-testid=chart-track]') || {dataset: {}})
        .dataset.sequence > above"""
    page.wait_for_function(script, arg=above, timeout=300_000)


def play(page: Page, seconds: float, server: int, browser: int) -> dict[str, Any]:
    """Return frames a second and milliseconds of CPU a frame, of server and browser."""
    page.get_by_test_id("button-play").click()
    wait(page, drawn(page) + 40)
    frames, began = drawn(page), time.perf_counter()
    before = stat(server)[1], family_cpu(browser)
    time.sleep(seconds)
    made, took = drawn(page) - frames, time.perf_counter() - began
    spent = stat(server)[1] - before[0], family_cpu(browser) - before[1]
    page.get_by_test_id("button-play").click()
    return {
        "frames/s": made / took,
        "server CPU [ms/frame]": 1000 * spent[0] / made,
        "browser CPU [ms/frame]": 1000 * spent[1] / made,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and report."""
    asked = arguments(__doc__, sessions={"type": int, "default": 20})
    chromium = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process, address = serve(Path(folder) / "log")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        session = browser.new_browser_cdp_session()
        told = session.send("SystemInfo.getProcessInfo")["processInfo"]
        own = next(one["id"] for one in told if one["type"] == "browser")
        rows = []
        for runs, size in ((1, 1), (1, 5_000), (4, 5_000)):
            page = browser.new_page()
            page.goto(address + LINK.format(runs=runs, size=size), timeout=300_000)
            wait(page)
            rows.append({"runs": runs, "individuals": size} | play(page, 15, process.pid, own))
            page.close(run_before_unload=True)
        report("One page playing at 25 frames/s at most", rows, asked.json)
        time.sleep(3)
        empty = stat(process.pid)[2]
        pages = []
        for _ in range(asked.sessions):
            page = browser.new_page()
            page.goto(address + LINK.format(runs=1, size=100), timeout=300_000)
            wait(page)
            pages.append(page)
        idle = stat(process.pid)[2]
        for page in pages:
            page.get_by_test_id("button-play").click()
        frames, began, cpu = (
            [drawn(page) for page in pages],
            time.perf_counter(),
            stat(process.pid)[1],
        )
        time.sleep(15)
        made = [drawn(page) - before for page, before in zip(pages, frames, strict=True)]
        took = time.perf_counter() - began
        many = {
            "sessions": asked.sessions,
            "memory [MB/session]": (idle - empty) / asked.sessions,
            "server memory [MB]": stat(process.pid)[2],
            "frames/s each": sum(made) / took / asked.sessions,
            "fewest frames/s": min(made) / took,
            "server cores": (stat(process.pid)[1] - cpu) / took,
            "load": os.getloadavg()[0],
        }
        report(f"{asked.sessions} pages playing at once, in one browser", [many])
        browser.close()
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
