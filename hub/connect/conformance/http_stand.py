"""A REST list on loopback that serves recorded records, and can be away."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from hub.connect.contract import Change
from hub.connect.sources.rest_endpoint import field

STOP_S = 5.0
SPOILT = "no object"


class Lists(NamedTuple):
    """How the server lists: the parameters it heeds, and the field with the last change.

    `items` is where the list is in the answer, a dotted path; empty where the answer is the list.
    """

    since: str = ""
    changed: str = ""
    page: str = "page"
    page_size: str = "page_size"
    items: str = ""


class Server:
    """Records by page, oldest change first."""

    def __init__(self, records: list[Any], lists: Lists, url: str) -> None:
        """Serves a copy of the list."""
        self.url = url
        self._records = list(records)
        self._lists = lists
        self._away = False

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body for a request."""
        if self._away:
            return 503, b""
        lists = self._lists
        query = {key: value[0] for key, value in parse_qs(urlsplit(path).query).items()}
        found = sorted(self._records, key=self._changed)
        if since := query.get(lists.since, ""):
            found = [one for one in found if self._changed(one) >= since]
        size = int(query.get(lists.page_size, len(found) or 1))
        start = (int(query.get(lists.page, 1)) - 1) * size
        page = found[start : start + size]
        answer: Any = page
        for name in reversed(lists.items.split(".") if lists.items else ()):
            answer = {name: answer}
        return 200, json.dumps(answer).encode()

    def _changed(self, record: Any) -> str:
        if not isinstance(record, dict):
            return ""
        return str(field(record, self._lists.changed) or "")

    @contextmanager
    def away(self) -> Iterator[None]:
        """It answers 503."""
        self._away = True
        try:
            yield
        finally:
            self._away = False

    def spoil(self, change: Change, way: int) -> bytes | None:
        """Put something that is no object in the place of a record."""
        if way or change.record not in self._records:
            return None
        self._records[self._records.index(change.record)] = SPOILT
        return json.dumps(SPOILT).encode()


@contextmanager
def serving(records: list[Any], lists: Lists) -> Iterator[Server]:
    """A server on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        """One answer."""

        def do_GET(self) -> None:
            """The page asked for."""
            status, body = server.answer(self.path)
            self.send_response_only(status)
            self.send_header("Date", self.date_time_string())
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(records, lists, f"http://127.0.0.1:{listening.server_address[1]}")
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join(STOP_S)
        listening.server_close()
