"""One HTTP port for each process: /metrics, /healthz and /readyz."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from hub import clock
from hub.errors import SettingsError

STALLED_AFTER_S = 60.0
"""A loop that has not turned for so long is taken for hung, and the process is restarted."""

StartResponse = Callable[..., Any]


class Health:
    """What a process knows of its own health; the loop tells, the endpoint answers.

    Not ready says why, for example that Kafka is away. Alive means that the loop has turned within
    STALLED_AFTER_S; a loop which waits for Kafka still turns.
    """

    def __init__(self) -> None:
        """Alive, and not ready until somebody says so."""
        self._turned_s = clock.monotonic_s()
        self._ready, self._told = False, "starting"

    def turn(self, reason_not_ready: str = "") -> None:
        """The loop has turned; an empty reason means ready."""
        self._turned_s = clock.monotonic_s()
        self._ready, self._told = not reason_not_ready, reason_not_ready or "ready"

    def stand_by(self, active: str) -> None:
        """The loop has turned; `active` does the work, and this process is ready to go on with it.

        Ready, because whoever replaces processes one by one waits for that.
        """
        self.turn()
        self._told = f"standing by: {active} is active"

    def alive(self) -> tuple[bool, str]:
        """Whether the loop turns, and since when it does not."""
        silent_s = clock.monotonic_s() - self._turned_s
        return silent_s < STALLED_AFTER_S, f"last turn {silent_s:.0f} s ago"

    def ready(self) -> tuple[bool, str]:
        """Whether work can be taken, now or once the active process is gone; or why not."""
        return self._ready, self._told


class _Quiet(WSGIRequestHandler):
    timeout = 5  # a client that says nothing is hung up on

    def log_message(self, *_: object) -> None:
        """Scrapes are not news."""


def serve_metrics(host: str, port: int, health: Health) -> tuple[int, Callable[[], None]]:
    """Serve the endpoint in a thread; give the port and the function that stops it.

    Port 0 takes any free one. Raises SettingsError when the port is taken.
    """
    try:
        server = make_server(host, port, _application(health), WSGIServer, _Quiet)
    except OSError as error:
        raise SettingsError(
            f"metrics port {host}:{port} cannot be opened ({error.strerror})",
            remedy="set metrics_port to a free one, or 0 for any",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

    return server.server_port, stop


def _application(health: Health) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    metrics = make_wsgi_app()
    checks = {"/healthz": health.alive, "/readyz": health.ready}

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start_response)
            return answer
        if path in checks:
            good, text = checks[path]()
            status = "200 OK" if good else "503 Service Unavailable"
        else:
            status, text = "404 Not Found", "there are /metrics, /healthz and /readyz"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{text}\n".encode()]

    return application
