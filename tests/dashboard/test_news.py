"""Bulletins and jobs: threads that tell a page."""

from __future__ import annotations

import threading
import time

import pytest

from adaptsim.dashboard.bulletin import REST, Bulletin
from adaptsim.dashboard.job import Job
from adaptsim.schema import WrongRequest


def test_bulletin_waits_until_its_news_were_seen():
    heard, told = [], threading.Semaphore(0)

    def tell(news):
        heard.append(news)
        told.release()

    bulletin = Bulletin(tell, pause=0.0)
    bulletin.post(1)
    assert told.acquire(timeout=20)
    for news in (2, 3, 4):
        bulletin.post(news)
    assert not told.acquire(timeout=0.1)
    bulletin.seen()
    assert told.acquire(timeout=20)
    assert heard == [1, 4]
    bulletin.close()


def test_bulletin_rests_longer_after_news_that_were_slow_to_be_shown():
    told, times = threading.Semaphore(0), []

    def tell(news):
        times.append(time.monotonic())
        told.release()

    bulletin = Bulletin(tell, pause=0.0)
    bulletin.post(1)
    assert told.acquire(timeout=20)
    time.sleep(0.1)
    shown = time.monotonic()
    bulletin.seen()
    bulletin.post(2)
    assert told.acquire(timeout=20)
    assert times[1] - shown >= REST * 0.1
    bulletin.close()


def finished(job, changed):
    while job.state == "running":
        assert changed.acquire(timeout=20)


@pytest.fixture
def job():
    changed = threading.Semaphore(0)
    job = Job(changed.release)
    job.wait = lambda: finished(job, changed)
    return job


def test_job_reports_and_returns(job):
    def work(report):
        report(0.5)
        assert job.fraction == 0.5
        return 42

    job.start(work)
    job.wait()
    assert (job.state, job.result, job.fraction) == ("done", 42, 1.0)


def test_job_ends_when_nobody_wants_it(job):
    going, ended = threading.Event(), threading.Event()

    def work(report):
        going.set()
        try:
            while True:
                report(0.1)
        finally:
            ended.set()

    for end in (job.cancel, job.close):
        going.clear(), ended.clear()
        job.start(work)
        assert going.wait(20)
        end()
        assert ended.wait(20)


@pytest.mark.parametrize(
    ("error", "told"), [(WrongRequest("no such rule"), "no such rule"), (OSError("x"), "OSError")]
)
def test_job_says_why_it_failed(job, error, told, capsys):
    def work(report):
        raise error

    job.start(work)
    job.wait()
    assert job.state == "failed"
    assert told in job.error
