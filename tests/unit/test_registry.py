"""The registry's answers: what is an outage, what is refused, what is not there, in time."""

import contextlib
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from hub.canon import registry
from hub.canon.codec import wire_names
from hub.errors import SettingsError, Unavailable

Answer = tuple[int, str]


class Played(http.server.ThreadingHTTPServer):
    """A registry which gives one answer to everything, on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Answer = (200, "{}")
        self.asked: list[str] = []
        self.hang = threading.Event()
        self.hang.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    """One answer."""

    server: Played

    def do_GET(self) -> None:
        """Answer as told."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.hang.wait(20)
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # whoever asked has left
            self.wfile.write(body.encode())

    do_POST = do_PUT = do_GET  # noqa: N815 - the names http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def played() -> Iterator[Played]:
    """A played registry."""
    with Played() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.hang.set()
        server.shutdown()
        thread.join()


def told(code: int) -> str:
    """An error as registries word it."""
    return json.dumps({"error_code": code, "message": "told"})


CALLS: dict[str, Callable[[str], object]] = {
    "register": registry.register_all,
    "ids": registry.known_ids,
    "check": registry.check_all,
    "fetch": lambda url: registry.fetcher(url)(7),
}


@pytest.mark.parametrize(
    ("call", "status"),
    [(CALLS["fetch"], status) for status in (401, 403, 408, 429, 500, 502, 503)]
    + [(call, 401) for call in CALLS.values()],
)
def test_a_registry_that_does_not_serve_us_is_unavailable(
    played: Played, call: Callable[[str], object], status: int
) -> None:
    """Overload, a proxy's error or a revoked password say nothing about a schema: wait (F21)."""
    played.answer = (status, told(status * 100))
    with pytest.raises(Unavailable) as caught:
        call(played.url)
    assert str(status) in caught.value.message


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("body", ["<html>log in</html>", "", "[]", "null", "{}"])
def test_an_answer_that_is_none_is_unavailable(
    played: Played, call: Callable[[str], object], body: str
) -> None:
    """A page, nothing, or JSON of another shape with status 200 is an outage, not a crash (F17)."""
    played.answer = (200, body)
    with pytest.raises(Unavailable):
        call(played.url)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_nobody_there_is_unavailable(call: Callable[[str], object]) -> None:
    """A refused connection is an outage."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        call(f"http://127.0.0.1:{port}")
    assert caught.value.remedy


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_registry_that_hangs_is_unavailable_in_time(
    played: Played, call: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server which takes the connection and says nothing is left after the time limit."""
    monkeypatch.setattr(registry, "TIMEOUT_S", 0.3)
    played.hang.clear()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        call(played.url)
    assert time.monotonic() - began < 5


def test_a_conflict_names_the_schema_and_what_to_do(played: Played) -> None:
    """An incompatible schema is refused: E-SCHEMA, the operator is sent to `hub schemas check`."""
    played.answer = (409, told(409))
    with pytest.raises(SettingsError) as caught:
        registry.register_all(played.url)
    assert caught.value.code == "E-SCHEMA"
    assert wire_names()[0] in caught.value.message
    assert "hub schemas check" in caught.value.remedy


def test_an_invalid_schema_is_told(played: Played) -> None:
    """A schema the registry cannot parse is refused: E-SCHEMA."""
    played.answer = (422, told(42201))
    with pytest.raises(SettingsError) as caught:
        registry.register_all(played.url)
    assert caught.value.code == "E-SCHEMA"


def test_what_is_not_there_is_a_lookup_error(played: Played) -> None:
    """An id or schema nobody registered is LookupError, so that the codec can tell E-SCHEMA-ID."""
    played.answer = (404, told(40403))
    with pytest.raises(LookupError):
        registry.fetcher(played.url)(7)
    with pytest.raises(LookupError):
        registry.known_ids(played.url)
    assert registry.check_all(played.url) == []


def test_a_page_not_found_is_no_unknown_schema(played: Played) -> None:
    """A 404 that no registry wrote, as from a wrong address, must not blame the bytes."""
    played.answer = (404, "<html>not found</html>")
    with pytest.raises(Unavailable):
        registry.fetcher(played.url)(7)
