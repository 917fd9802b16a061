"""The endpoint of one agency: what was refused of its own records, and nothing of anybody else's.

GET /feedback?since=CURSOR&limit=N, with `Authorization: Bearer TOKEN`. The answer's `next` is the
cursor for the next call; a record that was resolved since comes again with its new state.
"""

import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub import clock
from hub.bus.reader import Message
from hub.connect.control.rest import check_token, serve
from hub.connect.feedback import PAGE_MAX, Ledger
from hub.errors import HubError, SettingsError, Unavailable
from hub.telemetry.signals_connect import FeedbackAnswered, FeedbackFailed

CURSOR_DIGITS_MAX = 18
READ_WAIT_S = 0.5
AWAY_S = 1.0
START_WAIT_S = 10.0
RETRY_AFTER_S = 2


class Following(Protocol):
    """The part of hub.bus.follow.Follower that is needed here."""

    @property
    def caught_up(self) -> bool:
        """Whether the end was seen once."""

    def read(self, wait_s: float) -> list[Message]:
        """What has come."""

    def close(self) -> None:
        """Leave."""


class Feedback:
    """The findings of one connector, followed in a thread of their own."""

    def __init__(self, connector: str, open_topic: Callable[[], Following]) -> None:
        """`open_topic` is called in the thread that follows, again after Kafka was away."""
        self.connector = connector
        self.ledger = Ledger()
        self.complete = False
        self._open = open_topic

    def follow(self, stop: threading.Event) -> None:
        """Take what comes until `stop` is set."""
        while not stop.is_set():
            try:
                self._follow(stop)
            except Unavailable as error:
                FeedbackFailed(self.connector, error.message).emit()
                stop.wait(clock.jitter(AWAY_S))

    def _follow(self, stop: threading.Event) -> None:
        topic = self._open()
        try:
            while not stop.is_set():
                for message in topic.read(READ_WAIT_S):
                    self.ledger.take(message)
                self.complete = self.complete or topic.caught_up
        finally:
            topic.close()


def application(feedback: Feedback, token_file: Path) -> Starlette:
    """The web application. Raises SettingsError where the token is missing or short."""
    check_token(token_file)

    def answer(request: Request) -> Response:
        try:
            response = _answer(feedback, token_file, request)
        except HubError as error:
            response = _told(503, error.message)
        FeedbackAnswered(feedback.connector, response.status_code).emit()
        response.headers["cache-control"] = "no-store"
        return response

    return Starlette(routes=[Route("/feedback", answer, methods=["GET"])])


def _answer(feedback: Feedback, token_file: Path, request: Request) -> Response:
    # the file is read each time, so that the token can be replaced
    wanted = b"Bearer " + check_token(token_file)
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted):
        return _told(401, "wrong or missing bearer token")
    since, limit = (_number(request, *told) for told in (("since", 0), ("limit", PAGE_MAX)))
    if since is None or limit is None or not 0 < limit <= PAGE_MAX:
        return _told(400, f"since is a cursor of an answer, limit 1 to {PAGE_MAX}")
    if not feedback.complete:
        return _told(503, "the findings are still being read")
    page = feedback.ledger.page(since, limit)
    return JSONResponse({"connector": feedback.connector, **page.as_record()})


def _number(request: Request, name: str, default: int) -> int | None:
    """A whole number of the query; None where it is none."""
    text = request.query_params.get(name, str(default))
    good = text.isascii() and text.isdecimal() and len(text) <= CURSOR_DIGITS_MAX
    return int(text) if good else None


def _told(status: int, text: str) -> Response:
    headers = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": str(RETRY_AFTER_S)}}
    return JSONResponse({"status": status, "message": text}, status, headers.get(status))


@contextmanager
def served(feedback: Feedback, token_file: Path, host: str, port: int) -> Iterator[int]:
    """Serve in threads of their own as long as the context lasts; gives the port.

    Raises SettingsError for a token that is missing or short, or a port that is taken.
    """
    app, stop, listening = application(feedback, token_file), threading.Event(), threading.Event()
    ports: list[int] = []
    faults: list[SettingsError] = []

    def ready(found: int) -> None:
        ports.append(found)
        listening.set()

    def answer() -> None:
        try:
            serve(app, stop, host, port, ready)
        except SettingsError as error:
            faults.append(error)
            listening.set()

    threads = [
        threading.Thread(target=answer, name="feedback", daemon=True),
        threading.Thread(target=feedback.follow, args=(stop,), name="feedback-topic", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        if not listening.wait(START_WAIT_S) or faults:
            raise faults[0] if faults else SettingsError("feedback is not served in time")
        yield ports[0]
    finally:
        stop.set()
        for thread in threads:
            thread.join(START_WAIT_S)
