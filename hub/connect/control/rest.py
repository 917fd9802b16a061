"""Kafka Connect's paths over HTTP: who calls, how much, how long; the rest is service.py.

The token stands in a file. It is taken as `Authorization: Bearer TOKEN`, or as the password of
Basic authentication, because that is all that many of Connect's clients can send.
"""

import asyncio
import base64
import binascii
import hmac
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.connect import strict_json
from hub.connect.contract import Refused
from hub.connect.control.service import Answer, Call, Service
from hub.errors import HubError, SettingsError, UnreadableRecord
from hub.settings import read_secret
from hub.telemetry.signals_control import ControlAnswered

BODY_BYTES_MAX = 100_000
REQUEST_WAIT_S = 15.0
CALLS_AT_ONCE_MAX = 64
TOKEN_LENGTH_MIN = 16

Operation = Callable[[Call], Answer]


def operations(service: Service) -> dict[str, dict[str, Operation]]:
    """The operation for each path and method."""
    one = "/connectors/{name}"
    plugin = "/connector-plugins/{name}"
    return {
        "/": {"GET": service.root},
        "/health": {"GET": service.health},
        "/connectors": {"GET": service.listed, "POST": service.create},
        one: {"GET": service.info, "DELETE": service.delete},
        f"{one}/config": {
            "GET": service.config,
            "PUT": service.put_config,
            "PATCH": service.patch_config,
        },
        f"{one}/status": {"GET": service.status},
        f"{one}/pause": {"PUT": service.pause},
        f"{one}/resume": {"PUT": service.resume},
        f"{one}/stop": {"PUT": service.stop},
        f"{one}/restart": {"POST": service.restart},
        f"{one}/tasks": {"GET": service.tasks},
        f"{one}/tasks/{{task}}/status": {"GET": service.task_status},
        f"{one}/tasks/{{task}}/restart": {"POST": service.restart_task},
        f"{one}/topics": {"GET": service.topics},
        f"{one}/offsets": {
            "GET": service.offsets,
            "DELETE": service.reset_offsets,
            "PATCH": service.alter_offsets,
        },
        "/connector-plugins": {"GET": service.plugins},
        f"{plugin}/config": {"GET": service.definitions},
        f"{plugin}/config/validate": {"PUT": service.validate},
    }


def application(service: Service, token_file: Path) -> Starlette:
    """The web application; every path asks for the token."""
    check_token(token_file)

    def endpoint(by_method: dict[str, Operation]) -> Callable[[HttpRequest], object]:
        async def answer(http: HttpRequest) -> Response:
            try:
                async with asyncio.timeout(REQUEST_WAIT_S):
                    operation = by_method["GET" if http.method == "HEAD" else http.method]
                    response = await _answer(http, operation, token_file)
            except TimeoutError:
                response = _refused(500, "Request timed out")
            except ClientDisconnect:
                response = _refused(400, "the body broke off")
            except Exception as error:  # noqa: BLE001 - a text may say what a setting holds
                response = _refused(500, f"failed with {type(error).__name__}")
            ControlAnswered(http.method, response.status_code).emit()
            return response

        return answer

    async def otherwise(_: HttpRequest, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _refused(status, f"HTTP {status} {HTTPStatus(status).phrase}")

    routes = [
        Route(form, endpoint(by_method), methods=list(by_method))
        for path, by_method in operations(service).items()
        for form in ((path, f"{path}/") if path != "/" else (path,))
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: otherwise})


async def _answer(http: HttpRequest, operation: Operation, token_file: Path) -> Response:
    try:
        if not _may(http.headers.get("authorization", ""), token_file):
            return _refused(401, "the token is missing or wrong")
        call = Call(
            str(http.path_params.get("name", "")),
            str(http.path_params.get("task", "")),
            {key: http.query_params.getlist(key) for key in http.query_params},
            await _body(http),
        )
        answer = await asyncio.to_thread(operation, call)
    except Refused as refused:
        return _refused(refused.status, refused.reason)
    except UnreadableRecord as error:
        return _refused(400, error.message)
    except HubError as error:
        return _refused(503, error.message)
    headers = {"location": answer.location} if answer.location else None
    if answer.body is None:
        return Response(None, answer.status, headers)
    return JSONResponse(answer.body, answer.status, headers)


def check_token(file: Path) -> bytes:
    """The token in a file. Raises SettingsError where it is missing or short enough to be tried."""
    token = read_secret(file)
    if len(token) < TOKEN_LENGTH_MIN:
        raise SettingsError(
            f"{file} holds fewer than {TOKEN_LENGTH_MIN} bytes",
            remedy="make one with: head -c 32 /dev/urandom | base64 > FILE",
        )
    return token


def _may(header: str, token_file: Path) -> bool:
    """Whether a call carries the token; the file is read each time, so that it can be rotated."""
    scheme, _, given = header.partition(" ")
    sent = given.strip().encode()
    if scheme.lower() == "basic":
        try:
            sent = base64.b64decode(sent, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(sent, check_token(token_file))


async def _body(http: HttpRequest) -> object:
    """The JSON value of the body, None where there is none."""
    parts: list[bytes] = []
    size = 0
    async for part in http.stream():
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise Refused(413, f"at most {BODY_BYTES_MAX} bytes")
        parts.append(part)
    data = b"".join(parts)
    return strict_json.loads(data, BODY_BYTES_MAX) if data.strip() else None


def _refused(status: int, message: str) -> Response:
    """Connect's form of an error."""
    headers = {"www-authenticate": 'Basic realm="hub"'} if status == 401 else None  # noqa: PLR2004 - HTTP
    return JSONResponse({"error_code": status, "message": message}, status, headers)


def serve(
    app: Starlette,
    stop: threading.Event,
    host: str,
    port: int,
    ready: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until `stop` is set; `ready` is told the port. SettingsError for a taken port."""
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise SettingsError(f"{host}:{port} is taken", remedy="choose another port") from error
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=CALLS_AT_ONCE_MAX,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
        )
    )

    def watch() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=watch, name="control-stop", daemon=True).start()
    try:
        ready(listener.getsockname()[1])
        server.run(sockets=[listener])
    finally:
        stop.set()
        listener.close()
