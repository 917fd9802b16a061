"""Callbacks of the notification service: taken, refused, quarantined, and what they mean."""

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from connectors.messaging.notifications import CONNECTOR, Settings, receive, translate
from hub.canon.model import MessageStatus, MessageStatusReported
from hub.connect import lint
from hub.connect.contract import Change, Draft, Record, Refused, Request, Unreadable
from hub.connect.sources.reread import reread
from hub.errors import UnreadableRecord

SETTINGS = Settings("right-token")
GOOD = {"authorization": "Bearer right-token"}


def call(path: str, body: bytes, headers: dict[str, str] | None = None) -> list[Any]:
    """One callback."""
    return list(receive(SETTINGS, Request(path, GOOD if headers is None else headers, body)))


def receipt(**changed: Any) -> dict[str, Any]:
    """A delivery receipt."""
    return {
        "id": "m1",
        "reference": None,
        "to": "ada@example.org",
        "status": "delivered",
        "created_at": "2025-03-03T12:00:00.000000Z",
        "completed_at": "2025-03-03T12:01:00.000000Z",
        "sent_at": "2025-03-03T12:00:30.000000Z",
        "notification_type": "email",
        "template_id": "t",
        "template_version": 1,
        **changed,
    }


def said(record: dict[str, Any], path: str = "delivery-receipt") -> Draft:
    """The one draft of a callback."""
    (change,) = call(path, json.dumps(record).encode())
    assert isinstance(change, Change)
    (draft,) = translate(change)
    assert isinstance(draft, Draft)
    return draft


def test_samples_mean_what_was_recorded(
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
) -> None:
    """The recorded callbacks give exactly the recorded events."""
    folder = samples("messaging")
    posts = json.loads((folder / "callbacks.json").read_text(encoding="utf-8"))
    drafts = [said(post["body"], post["path"]) for post in posts]
    assert told(drafts) == expected(folder / "callbacks.expected.json")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "right-token"},
        {"authorization": "Bearer right-toke"},
        {"authorization": "Bearer right-token "},
        {"authorization": "Bearer wröng"},
        {"authorization": "Basic right-token"},
    ],
)
def test_without_the_token_nothing_is_taken(headers: dict[str, str]) -> None:
    """401, and the reason does not show the token."""
    with pytest.raises(Refused) as caught:
        call("delivery-receipt", b"{}", headers)
    assert caught.value.status == 401
    assert "right-token" not in caught.value.reason


@pytest.mark.parametrize("path", ["", "delivery", "../delivery-receipt", "delivery-receipt/"])
def test_other_paths_are_refused(path: str) -> None:
    """404 for a caller who knows the token but not the place."""
    with pytest.raises(Refused) as caught:
        call(path, b"{}")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "E-JSON"),
        (b"not json", "E-JSON"),
        (b"[]", "E-JSON"),
        (b'{"a": 1, "a": 2}', "E-JSON-DUPLICATE-KEY"),
        (b'{"a": NaN}', "E-JSON-NUMBER"),
        (b"\xff{}", "E-ENCODING"),
        (b"[" * 1_000, "E-JSON-DEPTH"),
        (b'{"a": "' + b"x" * 200_000 + b'"}', "E-JSON-SIZE"),
    ],
)
def test_a_body_nobody_can_read_is_kept_not_refused(body: bytes, code: str) -> None:
    """A 4xx would lose it for good, so it goes to quarantine byte for byte."""
    (item,) = call("delivery-receipt", body)
    assert isinstance(item, Unreadable)
    assert (item.raw, item.error.code) == (body, code)


@pytest.mark.parametrize(
    ("record", "path", "field"),
    [
        (receipt(id=None), "delivery-receipt", "id"),
        (receipt(completed_at="yesterday"), "delivery-receipt", "completed_at"),
        (receipt(completed_at="2025-03-03T12:00:00"), "delivery-receipt", "completed_at"),
        (receipt(template_version="one"), "delivery-receipt", "template_version"),
        ({"id": "t1"}, "received-text", "date_received"),
        ({"date_received": "2025-03-03T12:00:00Z"}, "received-text", "id"),
        ({"notification_id": "n"}, "returned-letter", "date_sent"),
        ({}, "delivery-receipt", "created_at"),
    ],
)
def test_a_broken_callback_names_its_field(record: dict[str, Any], path: str, field: str) -> None:
    """What cannot be understood is refused by the field's name, and the original is kept."""
    (change,) = call(path, json.dumps(record).encode())
    assert change.raw == json.dumps(record).encode()
    with pytest.raises(UnreadableRecord) as caught:
        list(translate(change))
    assert caught.value.field == field


def test_the_last_state_wins_in_any_order_of_arrival() -> None:
    """Receipts come in any order: versions put them in the order of what happened."""
    states = [
        receipt(status="sending", completed_at=None),
        receipt(status="temporary-failure", completed_at="2025-03-03T12:01:00.000000Z"),
        receipt(status="delivered", completed_at="2025-03-03T12:01:00.000000Z"),
    ]
    for order in permutations(states):
        last = max((said(state) for state in order), key=lambda draft: draft.record_version)
        assert isinstance(last.body, MessageStatusReported)
        assert last.body.status is MessageStatus.DELIVERED


def test_the_same_receipt_again_is_the_same_event() -> None:
    """The service repeats itself; version and content are equal."""
    assert said(receipt()) == said(receipt())


@pytest.mark.parametrize("status", ["validation-failed", "pending-virus-check", ""])
def test_an_unknown_status_keeps_its_words(status: str) -> None:
    """A status nobody mapped is unknown, not an error."""
    body = said(receipt(status=status)).body
    assert isinstance(body, MessageStatusReported)
    assert (body.status, body.status_text) == (MessageStatus.UNKNOWN, status or None)


@pytest.mark.parametrize(
    ("to", "emails", "phones"),
    [("a@example.org", ("a@example.org",), ()), ("07700 900123", (), ("07700 900123",))],
)
def test_the_recipient_is_an_address_or_a_number(
    to: str, emails: tuple[str, ...], phones: tuple[str, ...]
) -> None:
    """There is no name, only where the message went."""
    claims = said(receipt(to=to)).claims
    assert claims is not None
    (person,) = claims.persons
    assert (person.emails, person.phones, person.names) == (emails, phones, ())


@pytest.mark.parametrize("index", range(4))
def test_a_quarantined_callback_can_be_read_again(
    index: int, samples: Callable[[str], Path]
) -> None:
    """From its bytes alone, without the path, each kind is recognised."""
    posts = json.loads((samples("messaging") / "callbacks.json").read_text(encoding="utf-8"))
    (change,) = call(posts[index]["path"], json.dumps(posts[index]["body"]).encode())
    again = change._replace(record=Record(reread(change.raw, change.context)))
    assert list(translate(again)) == list(translate(change))


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
