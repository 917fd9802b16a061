"""Messaging: the callbacks of a notification service in the shape of GOV.UK Notify.

The service repeats a callback only after a 5xx or no answer, so nothing that is the hub's fault,
and no body that cannot be read, is ever answered with a 4xx: only a wrong token or path is.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from hub.canon.model import (
    Claims,
    FreeText,
    LetterReturned,
    MessageChannel,
    MessageStatus,
    MessageStatusReported,
    Person,
    TextReceived,
)
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    LeftOut,
    Record,
    Refused,
    Request,
    Unreadable,
    setting,
)
from hub.connect.drift import extra
from hub.connect.sources import webhook
from hub.connect.values import instant, raise_unreadable, required, symbol, text, whole

BODY_BYTES_MAX = 100_000
NOT_FOUND = 404
PATHS = ("delivery-receipt", "received-text", "returned-letter")
STATUSES: Mapping[str, MessageStatus] = {
    "sending": MessageStatus.SENDING,
    "delivered": MessageStatus.DELIVERED,
    "permanent-failure": MessageStatus.PERMANENT_FAILURE,
    "temporary-failure": MessageStatus.TEMPORARY_FAILURE,
    "technical-failure": MessageStatus.TECHNICAL_FAILURE,
}
FINAL = ("delivered", "permanent-failure", "technical-failure")
CHANNELS: Mapping[str, MessageChannel] = {
    "email": MessageChannel.EMAIL,
    "sms": MessageChannel.SMS,
    "letter": MessageChannel.LETTER,
}
FIELDS = frozenset(
    [
        *("id", "reference", "to", "status", "created_at", "completed_at", "sent_at"),
        *("notification_type", "template_id", "template_version", "source_number"),
        *("destination_number", "message", "date_received", "notification_id", "date_sent"),
        *("sent_by", "template_name", "spreadsheet_file_name", "spreadsheet_row_number"),
        *("upload_letter_file_name", "callback"),
    ]
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the service must present."""

    token: str = setting("Bearer token the service sends.", secret=True)


def receive(settings: Settings, request: Request) -> Iterable[Change | Unreadable]:
    """The change in one callback. Raises Refused 401 for a wrong token, 404 for an unknown path."""
    webhook.check_bearer(request, settings.token)
    if request.path not in PATHS:
        raise Refused(NOT_FOUND, f"callbacks are {', '.join(PATHS)}")
    told = webhook.json_body(request, BODY_BYTES_MAX)
    if isinstance(told, Change):
        told.record["callback"] = request.path
    yield told


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """What one callback means; which it is stands in the path, or in its fields."""
    row = change.record
    callback = row.get("callback") or _guess(row)
    if callback == "delivery-receipt":
        yield _receipt(row)
    elif callback == "received-text":
        yield _received(row)
    else:
        yield _returned(row)


def _guess(row: Record) -> str:
    if "date_received" in row:
        return "received-text"
    return "delivery-receipt" if "status" in row else "returned-letter"


def _receipt(row: Record) -> Draft:
    status, channel = text(row, "status"), text(row, "notification_type")
    created, sent = instant(row, "created_at"), instant(row, "sent_at")
    occurred = instant(row, "completed_at") or sent or created
    if occurred is None:
        raise_unreadable("created_at", "E-FIELD-MISSING", "a time")
    body = MessageStatusReported(
        message_id=required(row, "id"),
        reference=text(row, "reference"),
        channel=symbol(channel, CHANNELS, MessageChannel.UNKNOWN),
        channel_text=channel,
        status=symbol(status, STATUSES, MessageStatus.UNKNOWN),
        status_text=status,
        template_id=text(row, "template_id"),
        template_version=whole(row, "template_version"),
        sent_at=sent,
    )
    # receipts come in any order: a final status is later than one that is not, at equal times
    version = occurred.earliest * 2 + (status in FINAL)
    claims = Claims(persons=(_reached(text(row, "to"), "recipient"),), extra=extra(row, FIELDS))
    return Draft(body, f"message/{body.message_id}", version, occurred, claims)


def _reached(address: str | None, ref: str) -> Person:
    if address is None:
        return Person(ref)
    if "@" in address:
        return Person(ref, emails=(address,))
    return Person(ref, phones=(address,))


def _received(row: Record) -> Draft:
    received = instant(row, "date_received")
    if received is None:
        raise_unreadable("date_received", "E-FIELD-MISSING", "a time")
    body = TextReceived(required(row, "id"), text(row, "destination_number"))
    said = text(row, "message")
    claims = Claims(
        persons=(_reached(text(row, "source_number"), "sender"),),
        texts=(FreeText("message", said),) if said else (),
        extra=extra(row, FIELDS),
    )
    return Draft(body, f"text/{body.message_id}", received.earliest, received, claims)


def _returned(row: Record) -> Draft:
    sent = instant(row, "date_sent")
    if sent is None:
        raise_unreadable("date_sent", "E-FIELD-MISSING", "a time")
    number = required(row, "notification_id")
    body = LetterReturned(number, text(row, "reference"), text(row, "template_id"), sent)
    words = ("sent_by", "template_name", "spreadsheet_file_name", "upload_letter_file_name")
    texts = tuple(FreeText(name, said) for name in words if (said := text(row, name)))
    claims = Claims(texts=texts, extra=extra(row, FIELDS))
    return Draft(body, f"letter/{number}", sent.earliest, sent, claims)


CONNECTOR = Connector(
    name="messaging_notifications",
    owner="Contact Centre",
    system="notification-service",
    purpose="service-messages",
    domain="messaging",
    settings=Settings,
    receive=receive,
    translate=translate,
    emits=(MessageStatusReported, TextReceived, LetterReturned),
    known_fields=FIELDS,
    doc="Delivery receipts, inbound texts and returned letters, by webhook.",
)
