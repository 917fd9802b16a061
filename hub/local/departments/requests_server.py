"""The stand-in Open311 server: real HTTP on loopback, with pages and "changed since"."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from hub.local.departments.messaging_rows import STAGES, requests
from hub.local.departments.population import Population

PAGE_SIZE_MAX = 1_000
IDLE_S = 30.0
POLL_S = 0.1
STOP_WAIT_S = 5.0
NOT_FOUND, BAD_REQUEST, OK = 404, 400, 200


class RequestsServer:
    """GET /requests.json?updated_after=&page=&page_size=, oldest change first.

    `advance` lets the requests move on, at most STAGES - 1 times.
    """

    def __init__(self, population: Population, port: int = 0) -> None:
        """Nothing is served yet; port 0 takes a free one."""
        self._requests = requests(population)
        self._stage = 0
        self._listed = _listed(self._requests, 0)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_S,), name="open311"
        )
        self.served = 0

    @property
    def base_url(self) -> str:
        """The root address for the connector's settings."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def advance(self) -> bool:
        """Show the next stage; False where there is none."""
        if self._stage + 1 >= STAGES:
            return False
        self._stage += 1
        self._listed = _listed(self._requests, self._stage)
        return True

    def page(self, since: str, number: int, size: int) -> list[Any]:
        """One page of what changed at or after a time; blank for everything."""
        found = [request for changed, request in self._listed if changed >= since]
        self.served += 1
        return found[(number - 1) * size : number * size]

    def start(self) -> str:
        """Serve; the base address."""
        self._thread.start()
        return self.base_url

    def stop(self) -> None:
        """Stop serving and give the port free."""
        self._server.shutdown()
        self._thread.join(STOP_WAIT_S)
        self._server.server_close()

    def __enter__(self) -> Self:
        """Serve."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop whatever happened."""
        self.stop()


def _listed(states: list[tuple[Any, ...]], stage: int) -> list[tuple[str, Any]]:
    """What is there in a stage, by the time of its last change."""
    there = [request[stage] for request in states if request[stage] is not None]
    return sorted(
        ((str(request["updated_datetime"]), request) for request in there), key=lambda pair: pair[0]
    )


def _handler(server: RequestsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers one connection."""

        protocol_version = "HTTP/1.1"
        timeout = IDLE_S

        def do_GET(self) -> None:
            """A page of requests."""
            url = urllib.parse.urlsplit(self.path)
            query = dict(urllib.parse.parse_qsl(url.query))
            if url.path != "/requests.json":
                self._answer(NOT_FOUND, {"error": "requests.json is all there is"})
                return
            try:
                number, size = int(query.get("page", "1")), int(query.get("page_size", "100"))
            except ValueError:
                number = size = 0
            if number < 1 or not 1 <= size <= PAGE_SIZE_MAX:
                self._answer(BAD_REQUEST, {"error": "page and page_size are numbers from 1"})
                return
            self._answer(OK, server.page(query.get("updated_after", ""), number, size))

        def _answer(self, status: int, value: Any) -> None:
            body = json.dumps(value, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the stand-in keeps no log."""

    return Handler
