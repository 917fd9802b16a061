"""Asking an HTTP server of a department: bounded in time and size, with its token.

Every failure is one of two: SourceUnavailable where asking again later may help (nobody there, too
slow, 429, 5xx), with the wait the server asked for; AnswerRefused where it would not.
"""

import base64
import datetime as dt
import email.utils
import http.client
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from typing import Any, NamedTuple, TypeAlias

from hub import clock
from hub.connect.strict_json import loads
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

TIMEOUT_S = 20.0
ANSWER_S_MAX = 60.0
BLOCK_BYTES = 65_536
ANSWER_BYTES_MAX = 20_000_000
TOKEN_BYTES_MAX = 100_000
TOKEN_SHARE = 0.8
"""A token is used for this share of its life, so that none expires on its way."""
TOKEN_S_DEFAULT = 300.0
_UNAUTHORISED, _TOO_MANY, _SERVER_FAULT = 401, 429, 500
Headers: TypeAlias = "Message[str, str]"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class ClientCredentials(NamedTuple):
    """OAuth 2.0 client credentials (RFC 6749 section 4.4), the client by HTTP Basic."""

    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""


class Access(NamedTuple):
    """How a server knows the hub: a fixed bearer token, or one that is fetched; or not at all."""

    token: str = ""
    client: ClientCredentials | None = None


class Answer(NamedTuple):
    """A JSON document, the link to the next page, and when it was given by the server's clock."""

    value: Any
    next_link: str
    given_us: int


class AnswerRefused(ContractBreach):
    """The server answers with a status that asking again would not change."""

    def __init__(self, status: int, remedy: str = "check address and token") -> None:
        """Keep the status."""
        super().__init__(f"the server answers {status}", code="E-CONTRACT", remedy=remedy)
        self.status = status


_tokens: dict[ClientCredentials, tuple[str, float]] = {}
"""The tokens fetched by this process, each with the moment of the clock until which it is used."""


def get_json(url: str, access: Access) -> Answer:
    """The JSON document at an address.

    Raises SourceUnavailable, with `wait_s` where the server said Retry-After; AnswerRefused;
    ContractBreach E-CONTRACT where the answer is no JSON or larger than ANSWER_BYTES_MAX.
    """
    try:
        data, headers = _ask(_request(url, _token(access)), ANSWER_BYTES_MAX)
    except AnswerRefused as error:
        if access.client is None or error.status != _UNAUTHORISED:
            raise
        _tokens.pop(access.client, None)  # it may have been revoked before its time
        data, headers = _ask(_request(url, _token(access)), ANSWER_BYTES_MAX)
    return Answer(_json(data, ANSWER_BYTES_MAX), _next_link(url, headers), _given_us(headers))


def _request(url: str, token: str) -> urllib.request.Request:
    if not url.startswith(("http://", "https://")):
        raise ContractBreach("the address is not http", code="E-CONTRACT", remedy="mend the url")
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - checked above
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    return request


def _token(access: Access) -> str:
    if access.client is None:
        return access.token
    token, until_s = _tokens.get(access.client, ("", 0.0))
    if clock.monotonic_s() >= until_s:
        token, life_s = _fetch_token(access.client)
        _tokens[access.client] = (token, clock.monotonic_s() + life_s * TOKEN_SHARE)
    return token


def _fetch_token(client: ClientCredentials) -> tuple[str, float]:
    """A new token and its life in seconds. Raises ContractBreach E-ACCESS where none is given."""
    form = {"grant_type": "client_credentials"} | ({"scope": client.scope} if client.scope else {})
    pair = ":".join(
        urllib.parse.quote(part, "") for part in (client.client_id, client.client_secret)
    )
    request = _request(client.token_url, "")
    request.data = urllib.parse.urlencode(form).encode()
    request.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    remedy = "check token_url, client_id, client_secret and scope"
    try:
        found = _json(_ask(request, TOKEN_BYTES_MAX)[0], TOKEN_BYTES_MAX)
        (token,) = str(found["access_token"]).split()
        return token, float(found.get("expires_in", TOKEN_S_DEFAULT))
    except (AnswerRefused, KeyError, TypeError, ValueError, AttributeError):
        raise ContractBreach("the server gives no token", code="E-ACCESS", remedy=remedy) from None


def _ask(request: urllib.request.Request, bytes_max: int) -> tuple[bytes, Headers]:
    """The body, at most one byte more than `bytes_max`, and the headers."""
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return _body(answer, bytes_max), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error.code, error.headers) from None
    except (OSError, http.client.HTTPException) as error:
        raise SourceUnavailable(
            f"the server does not answer ({type(error).__name__})",
            remedy="check the address and that the server runs",
        ) from error


def _body(answer: Any, bytes_max: int) -> bytes:
    """The answer; a server that drips is away after ANSWER_S_MAX."""
    deadline_s = clock.monotonic_s() + ANSWER_S_MAX
    data = bytearray()
    while len(data) <= bytes_max and (part := answer.read1(BLOCK_BYTES)):
        data += part
        if clock.monotonic_s() > deadline_s:
            raise TimeoutError
    if len(data) <= bytes_max and answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return bytes(data)


def _json(data: bytes, bytes_max: int) -> Any:
    try:
        return loads(data, bytes_max)
    except UnreadableRecord as error:
        raise ContractBreach(
            f"the answer is {error.message}", code="E-CONTRACT", remedy="is the address right?"
        ) from error


def _refusal(status: int, headers: Headers) -> SourceUnavailable | AnswerRefused:
    if status == _TOO_MANY or status >= _SERVER_FAULT:
        return SourceUnavailable(
            f"the server answers {status}",
            remedy="it is asked again later",
            wait_s=retry_after_s(headers.get("Retry-After", ""), clock.now_us()),
        )
    return AnswerRefused(status)


def retry_after_s(text: str, now_us: int) -> float:
    """Seconds in a Retry-After header (RFC 9110 section 10.2.3); 0 where it says nothing."""
    text = text.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    at_us = _date_us(text)
    return 0.0 if at_us is None else max(0.0, (at_us - now_us) / 1_000_000)


def _date_us(text: str) -> int | None:
    """The instant of an HTTP date in microseconds since 1970 UTC."""
    try:
        at = email.utils.parsedate_to_datetime(text)
        return (at.replace(tzinfo=at.tzinfo or dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
    except (ValueError, TypeError, OverflowError):
        return None


def _given_us(headers: Headers) -> int:
    return _date_us(headers.get("Date", "")) or clock.now_us()


def _next_link(url: str, headers: Headers) -> str:
    """Path and query of the link with rel="next" (RFC 8288); empty where there is none.

    Raises ContractBreach for a link to another server, which would be given the token.
    """
    for link in urllib.request.parse_http_list(headers.get("Link", "")):
        target, *parameters = link.split(";")
        if any(one.strip().lower() in ('rel="next"', "rel=next") for one in parameters):
            there = urllib.parse.urljoin(url, target.strip().strip("<>"))
            if origin(there) != origin(url):
                raise ContractBreach(
                    "the next page is on another server",
                    code="E-CONTRACT",
                    remedy="ask the server's owner for links to itself",
                )
            parts = urllib.parse.urlsplit(there)
            return urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
    return ""


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Another address would be given the token; a redirect is an answer like any other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(_NoRedirect)
