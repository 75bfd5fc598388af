"""Serve: the dashboard's web server, on the loopback address unless told otherwise."""

from __future__ import annotations

import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from adaptsim.dashboard.guard import Guard
from adaptsim.schema import WrongRequest

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LARGEST_MESSAGE = 2**20
"""Bytes a browser may send at once."""
SETTINGS = {
    "SOLARA_APP": "adaptsim.dashboard.application",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_TITLE": "adaptsim",
    "SOLARA_KERNEL_CULL_TIMEOUT": "5m",
    "SOLARA_SESSION_HTTP_ONLY": "True",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_ASSETS_EXTRA_LOCATIONS": str(Path(__file__).parent / "assets"),
}
"""What Solara is told, by environment variables, before it is imported."""
WARNING = (
    "adaptsim: warning: the dashboard listens on {host}, so everybody who reaches this machine can "
    "use it, without a password and unencrypted. Let only people you trust reach it."
)


ONLINE = (
    "adaptsim: what the browser needs of Solara is fetched from the network when first asked; "
    "to work without network install the extra 'offline' (239 MB)"
)


def serve(
    scenarios: Sequence[str] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    browser: bool = True,
    sessions: int = 50,
) -> None:
    """Serve the dashboard until interrupted.

    Parameters
    ----------
    scenarios
        Scenario files to offer beside those that ship.
    host, port
        Where to listen; another host than the loopback address lets others in and warns of it.
        Port 0 takes any free one.
    browser
        Whether to open a browser.
    sessions
        How many pages may be open at once.

    Raises
    ------
    WrongRequest
        If the port is taken or a scenario cannot be read.
    """
    import uvicorn

    listening = _listen(host, port)
    application = guarded(scenarios, host=host, sessions=sessions)
    port = listening.getsockname()[1]
    shown = "localhost" if host in LOOPBACK else host
    address = f"http://{shown}:{port}/"
    if not _is_installed("solara-assets"):
        print(ONLINE, file=sys.stderr)
    if host not in LOOPBACK:
        print(WARNING.format(host=host), file=sys.stderr)
    print(f"adaptsim: the dashboard is at {address} (Ctrl-C ends it)", file=sys.stderr)
    if browser:
        threading.Timer(1.0, webbrowser.open, [address]).start()
    config = uvicorn.Config(
        application,
        log_level="warning",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # packing numbers costs more than all else, for little
    )
    uvicorn.Server(config).run(sockets=[listening])


def guarded(scenarios: Sequence[str] = (), *, host: str = "127.0.0.1", sessions: int = 50) -> Any:
    """Return the whole dashboard as an ASGI application, guarded."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    from adaptsim.dashboard.offered import offer

    offer(scenarios)
    from solara.server import kernel_context
    from solara.server.starlette import app

    hosts = LOOPBACK if host in LOOPBACK else ("*",) if host in ("0.0.0.0", "::") else (host,)
    return Guard(app, hosts, sessions=sessions, count=lambda: len(kernel_context.contexts))


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        raise WrongRequest(
            f"--host {host} --port {port}: cannot listen there: {error.strerror}; "
            "try another --port, or 0 for any free one"
        ) from None
    return listening
