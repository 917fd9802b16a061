"""Sources of mappings that push: queues and webhooks."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from hub import clock
from hub.connect.contract import Change, Item, Refused, Request, Unreadable, setting
from hub.connect.mapping.document import Table
from hub.connect.mapping.keys import Key, text_at, texts_of, whole_of
from hub.connect.mapping.problem import Report
from hub.connect.mapping.source import Source, SourceKind
from hub.connect.sources import amqp, webhook

BODY_BYTES_MAX = 100_000
NOT_FOUND = 404
BEARER, SIGNATURE = "bearer", "signature"


@dataclasses.dataclass(frozen=True)
class Queue:
    """How a queue is reached."""

    url: str = setting("Address amqp(s)://user:password@host:port/vhost.", secret=True)
    queue: str = setting("Name of the queue.")
    prefetch: int = setting("Messages taken and not acknowledged, at most.", default=amqp.PREFETCH)

    def asked(self) -> amqp.Queue:
        """What the source reads."""
        return amqp.Queue(self.url, self.queue, self.prefetch)


@dataclasses.dataclass(frozen=True)
class Bearer:
    """What a caller must present."""

    token: str = setting("Bearer token the sender presents; several, one a line.", secret=True)


@dataclasses.dataclass(frozen=True)
class Signature:
    """What a caller must sign with."""

    secret: str = setting("Secret the sender signs with; several, one a line.", secret=True)


def queue(_options: Table, _report: Report, _name: str) -> Source:
    """A queue; messages come again, so that only they can tell their version."""

    def changes(settings: Queue, after: str | None) -> Iterator[Item]:
        return amqp.changes(settings.asked(), after)

    def acknowledge(settings: Queue, position: str) -> None:
        amqp.acknowledge(settings.asked(), position)

    return Source(Queue, changes, acknowledge=acknowledge, flat=False, versioned=False)


WEBHOOK_OPTIONS: Mapping[str, Key] = {
    "caller": Key("How the sender is known: bearer or signature.", required=True),
    "paths": Key("Paths below the connector that are taken; its own alone."),
    "path_field": Key("Field that is added to the record with the path it came by; none."),
    "body_bytes_max": Key(f"Size of a call in bytes, at most; {BODY_BYTES_MAX}."),
    "signature_header": Key("With signature: the header that has it; webhook-signature."),
    "timestamp_header": Key("The header with the time of signing; webhook-timestamp."),
    "id_header": Key("The header with the message's id, '-' where ids are not signed; webhook-id."),
}
Check = Callable[[Any, Request], None]


def calls(options: Table, report: Report, _name: str) -> Source:
    """Calls of a system that pushes JSON objects."""
    check, settings_class = _caller(options, report)
    node, limit = options.get("paths"), options.get("body_bytes_max")
    paths = texts_of(node, "paths", report) if node is not None else ("",)
    bytes_max = BODY_BYTES_MAX if limit is None else whole_of(limit, "body_bytes_max", report, 1)

    def receive(settings: Any, request: Request) -> Iterable[Change | Unreadable]:
        check(settings, request)
        if request.path not in paths:
            raise Refused(NOT_FOUND, "no such path below the connector")
        yield webhook.json_body(request, bytes_max)

    field = text_at(options, "path_field", report)
    return Source(settings_class, None, receive, flat=False, versioned=False, place_field=field)


def _caller(options: Table, report: Report) -> tuple[Check, type]:
    caller = text_at(options, "caller", report)
    if caller == BEARER:
        return _check_bearer, Bearer
    if caller != SIGNATURE and (node := options.get("caller")) is not None:
        report.unknown(node.at, caller, "way to know a sender", (BEARER, SIGNATURE))
    given: dict[str, Any] = {
        key: text_at(options, key, report).lower()
        for key in ("signature_header", "timestamp_header", "id_header")
        if options.get(key) is not None
    }
    if given.get("id_header") == "-":
        given["id_header"] = ""

    def check(settings: Signature, request: Request) -> None:
        signed = webhook.Signed(settings.secret, **given)
        webhook.check_signature(request, signed, clock.now_us())

    return check, Signature


def _check_bearer(settings: Bearer, request: Request) -> None:
    webhook.check_bearer(request, settings.token)


KINDS: Mapping[str, SourceKind] = {
    "amqp": SourceKind(
        "A queue of AMQP 0.9.1 with a JSON object in each message.",
        {},
        Queue,
        "amqp",
        queue,
    ),
    "webhook": SourceKind(
        "Calls of a system that pushes, with a JSON object in each.",
        WEBHOOK_OPTIONS,
        Bearer,
        "webhook: {caller: signature, paths: [changed]}",
        calls,
    ),
}
