"""Guard: who may talk to the dashboard, and what a browser is told about its pages.

Solara checks neither where a request comes from (``Origin``) nor under which name it came
(``Host``), so any page that the user has open elsewhere could steer the dashboard. The guard stands
in front of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

INTERNAL = ("/resourcez", "/_solara/api/state")
"""Addresses that tell about the server, not about adaptation."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'self'"
    ),
}
"""Solara compiles its templates in the page, which needs eval; nothing comes from elsewhere."""

FULL = (
    "<!doctype html><html lang='en'><title>adaptsim: full</title>"
    "<body style='font-family:sans-serif;max-width:40em;margin:4em auto'>"
    "<h1>The dashboard is full</h1><p>{most} pages are open, as many as this server was told to "
    "carry. Close one and reload this page, or start the server with more "
    "<code>--sessions</code>.</p></body></html>"
)


class Guard:
    """An ASGI application in front of another one.

    Parameters
    ----------
    application
        What to guard.
    hosts
        Names under which the server may be called; ``"*"`` for any.
    sessions
        How many pages may be open at once.
    count
        Tells how many are.
    """

    def __init__(
        self,
        application: Any,
        hosts: Collection[str],
        *,
        sessions: int,
        count: Callable[[], int],
    ) -> None:
        self.application, self.hosts = application, frozenset(hosts)
        self.sessions, self.count = sessions, count

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or answer 403 (503 where too many pages are open)."""
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
        elif not self.allows(scope):
            await _refuse(scope, receive, send, 403, b"forbidden", b"text/plain")
        elif _opens_page(scope) and self.count() >= self.sessions:
            page = FULL.format(most=self.sessions).encode()
            await _refuse(scope, receive, send, 503, page, b"text/html; charset=utf-8")
        else:
            await self.application(scope, receive, _with_headers(send))

    def allows(self, scope: Any) -> bool:
        """Return whether a request is from this dashboard's own pages and for no internals."""
        headers = {
            key.decode("latin1").lower(): value.decode("latin1") for key, value in scope["headers"]
        }
        host, origin = headers.get("host", ""), headers.get("origin")
        if "*" not in self.hosts and urlsplit(f"//{host}").hostname not in self.hosts:
            return False
        if any(scope.get("path", "").startswith(place) for place in INTERNAL):
            return False
        changes = scope["type"] == "websocket" or scope.get("method") not in ("GET", "HEAD")
        if origin is None:
            return not changes
        return urlsplit(origin).netloc == host


def _opens_page(scope: Any) -> bool:
    accepts = dict(scope["headers"]).get(b"accept", b"")
    return scope["type"] == "http" and b"text/html" in accepts


def _with_headers(send: Any) -> Any:
    told = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *told]}
        await send(message)

    return sending


async def _refuse(
    scope: Any, receive: Any, send: Any, status: int, body: bytes, kind: bytes
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
