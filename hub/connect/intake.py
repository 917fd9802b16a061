"""Where systems that push deliver their changes: HTTP in, answered once Kafka has confirmed.

POST /CONNECTOR/PATH. 200 means: on Kafka for good. 503 with Retry-After means: not taken for sure,
send it again, which is harmless. 4xx means that the caller is at fault. A body that cannot be read
is kept in quarantine and answered with 200, because senders do not repeat what was refused.
"""

import asyncio
import dataclasses
import math
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub import clock
from hub.connect.contract import Change, Connector, Refused, Request, Unreadable
from hub.connect.control.control import Control
from hub.connect.runtime import RETRY_FIRST_S, Links, Run
from hub.errors import Fenced, HubError, SettingsError, UnreadableRecord
from hub.telemetry.signals_connect import (
    ConnectorStopped,
    IntakeAnswered,
    LeaseHeld,
    PublishingHeld,
)

BODY_BYTES_MAX = 1_000_000
ANSWER_WAIT_S = 4.0
RETRY_AFTER_S = 5
BATCH_REQUESTS_MAX = 500
WAITING_REQUESTS_MAX = 1_000
WAITING_BYTES_MAX = 32_000_000
IDLE_S = 0.5
STOP_WAIT_S = 8.0

Items = list[Change | Unreadable]
Attend = Callable[[Links], AbstractContextManager[Control]]


class _Waiting(NamedTuple):
    """One taken request whose caller waits for the answer."""

    items: Items
    size: int
    confirmed: "Future[None]"


class Desk:
    """Takes one connector's pushed changes: many callers in, one batch to Kafka at a time."""

    def __init__(
        self,
        connector: Connector,
        settings: Any,
        open_links: Callable[[], Links],
        stop: threading.Event,
        attend: Attend | None = None,
    ) -> None:
        """`open_links` is called in the desk's own thread, again after a lease was lost.

        `attend` lets it be controlled while the lease is held; without it nobody can.
        """
        self.connector = connector
        self.settings = settings
        self._open_links = open_links
        self._stop = stop
        self._attend = attend or self._nobody
        self._control: Control | None = None
        self._queue: queue.Queue[_Waiting] = queue.Queue(WAITING_REQUESTS_MAX)
        self._bytes = 0
        self._lock = threading.Lock()
        self._reason = "starting"
        self._thread = threading.Thread(target=self._work, name=f"intake-{connector.name}")

    def start(self) -> None:
        """Begin to publish; a second call changes nothing."""
        if self._thread.ident is None:
            self._thread.start()

    def join(self) -> None:
        """Wait until the desk has stopped; `stop` was set before."""
        if self._thread.ident is not None:
            self._thread.join(STOP_WAIT_S)

    def health(self) -> str:
        """Why nothing can be taken now; empty where all is well."""
        if not self._thread.is_alive():
            return "stopped"
        control = self._control
        return self._reason or ("" if control is None else control.unready())

    def refusal(self, count: int) -> tuple[str, float]:
        """Why `count` records are not taken now, and when to come again; empty where they are."""
        control = self._control
        return ("", 0.0) if control is None else control.refusal(count)

    def put(self, items: Items, size: int) -> "Future[None] | None":
        """Hand over what one request holds; None where there is no room for more."""
        with self._lock:
            if self._bytes + size > WAITING_BYTES_MAX:
                return None
            self._bytes += size
        waiting = _Waiting(items, size, Future())
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            self._release([waiting])
            return None
        return waiting.confirmed

    def _release(self, batch: Iterable[_Waiting]) -> None:
        with self._lock:
            self._bytes -= sum(waiting.size for waiting in batch)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._hold()
            except HubError as error:
                self._reason = error.message
                PublishingHeld(self.connector.name, error.message, RETRY_FIRST_S).emit()
                self._stop.wait(clock.jitter(RETRY_FIRST_S))
            except Exception as error:
                self._reason = f"failed with {type(error).__name__}"
                ConnectorStopped(self.connector.name, self._reason).emit()
                raise

    def _hold(self) -> None:
        """Hold the lease and publish batch after batch; raises Fenced where it is lost."""
        links = self._open_links()
        try:
            if links.lease is not None and not links.lease.acquire(
                self._stop, waiting=lambda: links.health.turn("another worker holds the lease")
            ):
                return
            LeaseHeld(self.connector.name).emit()
            with self._attend(links) as control:
                self._control = control
                control.supervise(lambda: self._publish(links, control), lambda: None)
        finally:
            self._control = None
            self._reason = self._reason or "does not hold the lease"
            if links.lease is not None:
                links.lease.release()

    def _publish(self, links: Links, control: Control) -> None:
        """Batch after batch until the control halts it."""
        links = dataclasses.replace(links, progress=control.progress)
        run = Run(self.connector, links, self._stop)
        self._reason = ""
        while not control.halt.is_set() and not self._stop.is_set():
            self._turn(run, links)

    def _nobody(self, links: Links) -> AbstractContextManager[Control]:
        control = Control(self.connector.name, self._stop, links.health, links.lease)
        return nullcontext(control)

    def _turn(self, run: Run, links: Links) -> None:
        batch = self._next_batch()
        if not batch:
            if links.lease is not None:
                links.lease.check()
            if self._reason:
                run.remember_again()  # nobody may call while we are not healthy, so ask Kafka
                self._reason = ""
            links.health.turn()
            links.progress.caught_up()
            return
        try:
            run.push(item for waiting in batch for item in waiting.items)
        except HubError as error:
            self._reason = error.message
            links.health.turn(error.message)
            for waiting in batch:
                waiting.confirmed.set_exception(error)
            if isinstance(error, Fenced):
                raise
        else:
            self._reason = ""
            for waiting in batch:
                waiting.confirmed.set_result(None)
        finally:
            self._release(batch)

    def _next_batch(self) -> list[_Waiting]:
        """What waits now, without those whose callers have given up."""
        batch: list[_Waiting] = []
        try:
            found = self._queue.get(timeout=IDLE_S)
            while True:
                if found.confirmed.set_running_or_notify_cancel():
                    batch.append(found)
                else:
                    self._release([found])
                if len(batch) >= BATCH_REQUESTS_MAX:
                    return batch
                found = self._queue.get_nowait()
        except queue.Empty:
            return batch


def application(desks: Mapping[str, Desk]) -> Starlette:
    """The web application over these desks, by connector name."""

    async def take(request: HttpRequest) -> Response:
        desk = desks.get(request.path_params["connector"])
        if desk is None:
            return _told(404, "no such connector")
        try:
            async with asyncio.timeout(ANSWER_WAIT_S):
                response = await _take(desk, request)
        except TimeoutError:
            response = _told(503, "not confirmed in time; send it again")
        except ClientDisconnect:
            response = _told(400, "the body broke off")
        IntakeAnswered(desk.connector.name, response.status_code).emit()
        return response

    async def health(_: HttpRequest) -> Response:
        reasons = {name: desk.health() for name, desk in desks.items()}
        status = 503 if any(reasons.values()) else 200
        return JSONResponse({name: why or "ready" for name, why in reasons.items()}, status)

    return Starlette(
        routes=[
            Route("/healthz", health),
            Route("/{connector}", take, methods=["POST"]),
            Route("/{connector}/{path:path}", take, methods=["POST"]),
        ]
    )


async def _take(desk: Desk, http: HttpRequest) -> Response:
    body = await _body(http)
    if body is None:
        return _told(413, f"at most {BODY_BYTES_MAX} bytes")
    headers = {name.lower(): value for name, value in http.headers.items()}
    request = Request(http.path_params.get("path", ""), headers, body)
    try:
        items = await asyncio.to_thread(received, desk.connector, desk.settings, request)
    except Refused as refused:
        status = refused.status if 400 <= refused.status < 500 else 400  # noqa: PLR2004 - 4xx
        return _told(status, refused.reason)
    except HubError as error:
        return _told(503, error.message)
    reason, wait_s = desk.refusal(len(items))
    confirmed = None if reason else desk.put(items, len(body))
    if confirmed is None:
        return _told(503, reason or "too much is waiting; send it again", wait_s)
    try:
        await asyncio.wrap_future(confirmed)
    except HubError as error:
        return _told(503, error.message)
    return _told(200, "taken")


def received(connector: Connector, settings: Any, request: Request) -> Items:
    """What a request says; a body the connector cannot read becomes one `Unreadable`.

    Raises Refused, and errors of the hub other than UnreadableRecord.
    """
    if connector.receive is None:
        raise TypeError(f"{connector.name} is not pushed to")
    context = {"format": "request"}
    try:
        items = list(connector.receive(settings, request))
    except (Refused, UnreadableRecord, HubError) as error:
        if isinstance(error, UnreadableRecord):
            return [Unreadable(request.body, error, context=context)]
        raise
    except Exception as error:  # noqa: BLE001 - a fault of the connector's code costs one request
        told = UnreadableRecord(
            f"the connector failed with {type(error).__name__}",
            code="E-RECEIVE",
            rule="receive understands or refuses by name",
            remedy="mend the connector, then: hub quarantine replay",
        )
        return [Unreadable(request.body, told, context=context)]
    return items


async def _body(http: HttpRequest) -> bytes | None:
    """The body; None where it is larger than BODY_BYTES_MAX, which is found out while reading."""
    length = http.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in http.stream():
        size += len(part)
        if size > BODY_BYTES_MAX:
            return None
        parts.append(part)
    return b"".join(parts)


def _told(status: int, text: str, wait_s: float = 0.0) -> Response:
    after_s = max(RETRY_AFTER_S, math.ceil(wait_s))
    headers = {"retry-after": str(after_s)} if status == 503 else None  # noqa: PLR2004 - HTTP
    return JSONResponse({"status": status, "message": text}, status, headers)


def serve(
    desks: Mapping[str, Desk],
    stop: threading.Event,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until `stop` is set; `ready` is told the port. Raises SettingsError for a taken port.

    Called in a program's main thread, SIGTERM and SIGINT stop it too.
    """
    try:
        listener = socket.create_server((host, port), backlog=WAITING_REQUESTS_MAX)
    except OSError as error:
        raise SettingsError(f"{host}:{port} is taken", remedy="choose another port") from error
    server = uvicorn.Server(
        uvicorn.Config(
            application(desks),
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=2 * WAITING_REQUESTS_MAX,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=int(ANSWER_WAIT_S) + 1,
        )
    )

    def watch() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=watch, name="intake-stop", daemon=True).start()
    for desk in desks.values():
        desk.start()
    try:
        ready(listener.getsockname()[1])
        server.run(sockets=[listener])
    finally:
        stop.set()
        for desk in desks.values():
            desk.join()
        listener.close()
