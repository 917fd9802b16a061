"""Calls of a system that pushes: who calls is known by a bearer token or by a signature.

The signature is HMAC-SHA-256 over the raw body as it came, with the time it was made, as Standard
Webhooks has it: the content signed is the message's id (where there is one), the timestamp in
seconds since 1970 UTC, and the body, joined by full stops. It stands in a header, in hexadecimal or
base64, one or several after another, each with or without `v1,` or `sha256=` before it.

A call older than the replay window is refused. Within it a call may come again: senders repeat what
was answered with 5xx, word for word. That does no harm, because the same call is the same event.
"""

import binascii
import hmac
from base64 import b64decode
from typing import NamedTuple

from hub.connect.contract import Change, Record, Refused, Request, Unreadable
from hub.connect.sources.context import context_of
from hub.connect.strict_json import loads, refused
from hub.errors import SettingsError, UnreadableRecord

REPLAY_WINDOW_S = 300
SIGNATURES_MAX = 10
SECRET_CHARACTERS_MIN = 16
SECONDS_DIGITS_MAX = 11
UNAUTHORISED = 401
_PREFIXES = ("v1,", "v1=", "sha256=")


class Signed(NamedTuple):
    """How calls are signed: the secret, and the header names in lower case.

    `secret` may hold several, one a line, while one is replaced by another; one that begins with
    `whsec_` is base64. `id_header` is empty where ids are not signed.
    """

    secret: str
    signature_header: str = "webhook-signature"
    timestamp_header: str = "webhook-timestamp"
    id_header: str = "webhook-id"
    replay_window_s: int = REPLAY_WINDOW_S


def check_bearer(request: Request, tokens: str) -> None:
    """Refuse a call without the token, of which there may be several, one a line.

    Raises Refused 401; SettingsError where no token is set.
    """
    given = request.headers.get("authorization", "").encode()
    right = [hmac.compare_digest(given, f"Bearer {token}".encode()) for token in _lines(tokens)]
    if not any(right):
        raise Refused(UNAUTHORISED, "wrong or missing bearer token")


def check_signature(request: Request, signed: Signed, now_us: int) -> None:
    """Refuse a call that is not signed with a secret, or outside the replay window.

    Raises Refused 401; SettingsError where a secret is too short to be one.
    """
    secrets = [_key(line) for line in _lines(signed.secret)]
    stamp = request.headers.get(signed.timestamp_header, "")
    parts = [stamp.encode(), request.body]
    if signed.id_header:
        parts.insert(0, request.headers.get(signed.id_header, "").encode())
    content = b".".join(parts)
    given = request.headers.get(signed.signature_header, "").split()[:SIGNATURES_MAX]
    right = [
        hmac.compare_digest(hmac.digest(secret, content, "sha256"), _decoded(signature))
        for secret in secrets
        for signature in given
    ]
    if not any(right):
        raise Refused(UNAUTHORISED, "wrong or missing signature")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= SECONDS_DIGITS_MAX):
        raise Refused(UNAUTHORISED, "the timestamp is not in seconds since 1970")
    if abs(now_us / 1_000_000 - int(stamp)) > signed.replay_window_s:
        raise Refused(UNAUTHORISED, f"not signed within {signed.replay_window_s} s")


def _decoded(signature: str) -> bytes:
    """The bytes of a signature; empty for text that is none."""
    for prefix in _PREFIXES:
        signature = signature.removeprefix(prefix)
    try:
        return bytes.fromhex(signature)
    except ValueError:
        pass
    try:
        return b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _key(line: str) -> bytes:
    if len(line) < SECRET_CHARACTERS_MIN:
        raise SettingsError(
            f"a webhook's secret has less than {SECRET_CHARACTERS_MIN} characters",
            remedy="agree on a longer one with the sender",
        )
    if not line.startswith("whsec_"):
        return line.encode()
    try:
        return b64decode(line.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise SettingsError("a webhook's secret is not base64", remedy="copy it anew") from None


def _lines(text: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise SettingsError("no token or secret is set", remedy="put it into its file")
    return found


def json_body(request: Request, bytes_max: int) -> Change | Unreadable:
    """The JSON object in a call's body as a change; what cannot be read goes to quarantine."""
    context = context_of(request.path, "json")
    try:
        value = loads(request.body, bytes_max)
        if not isinstance(value, dict):
            raise refused("E-JSON", "a JSON object")
    except UnreadableRecord as error:
        return Unreadable(request.body, error, None, context)
    return Change(Record(value), request.body, context=context)
