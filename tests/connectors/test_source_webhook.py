"""Who may call: bearer tokens and signatures over the raw body, with a replay window."""

import base64
import hmac
from typing import Any

import pytest

from hub.connect.contract import Change, Refused, Request, Unreadable
from hub.connect.sources import webhook
from hub.connect.sources.webhook import Signed
from hub.errors import SettingsError

NOW_S = 1_740_000_000
NOW_US = NOW_S * 1_000_000
SECRET = "a secret of some length"
BODY = b'{"id": "1"}'


def signed(
    secret: bytes = SECRET.encode(), body: bytes = BODY, at_s: Any = NOW_S, **more: str
) -> Request:
    """A call as Standard Webhooks signs it."""
    content = f"msg_1.{at_s}.".encode() + body
    mark = base64.b64encode(hmac.digest(secret, content, "sha256")).decode()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{mark}",
        **{name.replace("_", "-"): text for name, text in more.items()},
    }
    return Request("letters", headers, body)


def accepted(request: Request, how: Signed | None = None, now_us: int = NOW_US) -> bool:
    """Whether a call is taken; every refusal is a 401 that tells neither secret nor body."""
    try:
        webhook.check_signature(request, how or Signed(SECRET), now_us)
    except Refused as error:
        assert error.status == 401
        assert SECRET not in error.reason
        return False
    return True


def test_a_signed_call_is_taken() -> None:
    """Also where several signatures stand in the header, one of them right."""
    assert accepted(signed())
    right = signed().headers["webhook-signature"]
    assert accepted(signed(webhook_signature=f"v1,AAAA v2,zz {right}"))
    assert not accepted(signed(webhook_signature=" ".join(["v1,AAAA"] * 10 + [right])))


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b'{"id": "2"}'},
        {"headers": {}},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(NOW_S + 1)},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,\u00e9"},
        {"webhook-signature": "v1,not base64!"},
    ],
)
def test_a_call_that_was_changed_is_refused(changed: dict[str, Any]) -> None:
    """Body, id, time and signature belong together."""
    request = signed()
    if "body" in changed or "headers" in changed:
        request = request._replace(**changed)
    else:
        request = request._replace(headers={**request.headers, **changed})
    assert not accepted(request)


@pytest.mark.parametrize(
    ("at_s", "taken"),
    [
        (NOW_S - 300, True),
        (NOW_S + 300, True),
        (NOW_S - 301, False),
        (NOW_S + 301, False),
        (0, False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        ("9" * 5_000, False),
        ("١٧٤٠٠٠٠٠٠٠", False),
    ],
)
def test_the_replay_window(at_s: Any, *, taken: bool) -> None:
    """A call of another time is refused, however well it is signed."""
    assert accepted(signed(at_s=at_s)) is taken


def test_two_secrets_while_one_is_replaced() -> None:
    """Both are taken, also written as base64; another one is not."""
    old, new = SECRET.encode(), b"\x00another secret\xff"
    both = Signed(f"{SECRET}\nwhsec_{base64.b64encode(new).decode()}\n")
    assert accepted(signed(old), both)
    assert accepted(signed(new), both)
    assert not accepted(signed(b"some other secret"), both)


def test_hexadecimal_over_time_and_body_alone() -> None:
    """A sender without ids that writes sha256=..., in headers of its own."""
    how = Signed(SECRET, "x-signature", "x-timestamp", id_header="")
    mark = hmac.new(SECRET.encode(), f"{NOW_S}.".encode() + BODY, "sha256").hexdigest()
    for text in (mark, f"sha256={mark}", mark.upper()):
        headers = {"x-timestamp": str(NOW_S), "x-signature": text}
        assert accepted(Request("", headers, BODY), how)


@pytest.mark.parametrize("secret", ["", "\n \n", "short", "whsec_!!!!!!!!!!!!!!!!!!!!"])
def test_a_secret_that_is_none_takes_nothing(secret: str) -> None:
    """An empty secret would let everybody in."""
    with pytest.raises(SettingsError):
        webhook.check_signature(signed(secret.encode()), Signed(secret), NOW_US)


def test_bearer_tokens() -> None:
    """One of those set; no token set takes nothing."""
    call = Request("", {"authorization": "Bearer two"}, BODY)
    webhook.check_bearer(call, "one\ntwo\n")
    for given in ({}, {"authorization": "Bearer "}, {"authorization": "bearer two"}):
        with pytest.raises(Refused):
            webhook.check_bearer(call._replace(headers=given), "one\ntwo")
    with pytest.raises(SettingsError):
        webhook.check_bearer(call._replace(headers={"authorization": "Bearer "}), "")


def test_a_body_that_is_no_object_goes_to_quarantine() -> None:
    """As it came; an object is a change."""
    assert isinstance(webhook.json_body(Request("x", {}, BODY), 100), Change)
    for body in (b"", b"[]", b"\xff", b'{"a": 1, "a": 2}', b'{"a": "' + b"x" * 100 + b'"}'):
        told = webhook.json_body(Request("x", {}, body), 100)
        assert isinstance(told, Unreadable)
        assert told.raw == body
