"""A real HTTP server on loopback whose answers a test decides."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, bytes, dict[str, str]]


class Server:
    """Answers each request as `answer` says; remembers the queries."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, str]], Answer] = lambda _: (200, b"[]", {})
        self.queries: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.grant: Callable[[dict[str, str]], Answer] = lambda _: (404, b"", {})
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One answer."""

            def do_GET(self) -> None:
                """What the test wants."""
                query = {
                    key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()
                }
                outer.queries.append(query)
                outer.headers.append(dict(self.headers))
                outer.paths.append(urlsplit(self.path).path)
                self._say(*outer.answer(query))

            def do_POST(self) -> None:
                """A token, or what else the test wants."""
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: value[0] for key, value in parse_qs(sent).items()}
                outer.forms.append({**form, "authorization": self.headers["Authorization"]})
                self._say(*outer.grant(form))

            def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response_only(status)
                told = {"Date": self.date_time_string(), "Content-Length": str(len(body))}
                for name, value in {**told, **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Stop and give the port free."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
