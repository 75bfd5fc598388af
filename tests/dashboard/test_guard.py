"""The guard: who may talk to the dashboard, asked without a server."""

from __future__ import annotations

import asyncio

import pytest

from adaptsim.dashboard.guard import Guard

HTML = {"accept": "text/html,application/xhtml+xml"}


def ask(kind="http", path="/", method="GET", sessions=0, hosts=("localhost",), **headers):
    """Return what a guarded application answers: its status, or the code of a refused socket."""
    sent = []

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "method": method, "headers": told}
    guard = Guard(application, hosts, sessions=2, count=lambda: sessions)
    asyncio.run(guard(scope, receive, send))
    return sent[0]


def status(**request):
    answer = ask(**request)
    return answer.get("status", answer.get("code"))


OWN = {"host": "localhost:8765", "origin": "http://localhost:8765"}


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({"host": "localhost:8765"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "localhost.evil.example"}, 403),
        ({}, 403),
        ({**OWN, "origin": "http://evil.example"}, 403),
        ({**OWN, "origin": "null"}, 403),
        ({**OWN, "method": "POST"}, 200),
        ({"host": "localhost:8765", "method": "POST"}, 403),
        ({**OWN, "kind": "websocket"}, 200),
        ({**OWN, "kind": "websocket", "origin": "http://localhost:1"}, 1008),
        ({"host": "localhost:8765", "kind": "websocket"}, 1008),
        ({**OWN, "path": "/resourcez"}, 403),
        ({**OWN, **HTML, "sessions": 1}, 200),
        ({**OWN, **HTML, "sessions": 2}, 503),
        ({**OWN, "sessions": 2}, 200),
        ({"host": "anything", "hosts": ("*",)}, 200),
        ({"host": "anything", "origin": "http://other", "hosts": ("*",)}, 403),
    ],
)
def test_lets_in_only_own_pages_under_own_names(request_, wanted):
    assert status(**request_) == wanted


def test_tells_the_browser_to_load_nothing_from_elsewhere():
    headers = dict(ask(host="localhost")["headers"])
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert headers[b"x-content-type-options"] == b"nosniff"
