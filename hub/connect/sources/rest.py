"""A REST endpoint that lists records by pages and can be asked for what changed since a time.

The position is the time of the last change told, with the identifiers told at exactly that time, so
that records which share a time are neither lost nor told again.
"""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from hub import clock
from hub.connect.contract import Change, Record, Unreadable
from hub.connect.sources.reread import context_of
from hub.connect.strict_json import loads, refused
from hub.connect.values import instant
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

TIMEOUT_S = 20.0
PAGE_S_MAX = 60.0
BLOCK_BYTES = 65_536
PAGE_BYTES_MAX = 20_000_000
PAGES_MAX = 100_000
_TOO_MANY = 429
_SERVER_FAULT = 500


class Endpoint(NamedTuple):
    """One list: its address, the query parameter for "since", and which fields tell time and id."""

    url: str
    since: str
    changed: str
    identifier: str
    page_size: int
    token: str


class _Told(NamedTuple):
    """How far the list was told: the last time as written, the ids told at it, its instant."""

    since: str | None
    known: frozenset[str]
    since_us: int


def changes(endpoint: Endpoint, after: str | None) -> Iterator[Change | Unreadable]:
    """What changed after a position, page by page, oldest change first.

    Each next page is asked for by the time of the last change, so that a record which changes
    meanwhile and moves to the end does not push another one out of sight; page numbers are used
    only within one time.
    Raises SourceUnavailable where the server is away, slow or asks to wait (429, 5xx);
    ContractBreach E-CONTRACT where its answer is no list, a page repeats, or changes are not in
    order.
    """
    told = _told(endpoint, after)
    asked, page = told, 1
    last_page: list[Any] | None = None
    for _ in range(PAGES_MAX):
        found = _page(endpoint, asked.since, page)
        if found and found == last_page:
            raise _refuse(f"page {page} repeats the one before", "it does not page; ask its owner")
        last_page = found
        for value in found:
            item, told = _item(endpoint, value, asked, told)
            if item is not None:
                yield item
        if len(found) < endpoint.page_size:
            return
        if told.since != asked.since:
            asked, page, last_page = told, 1, None
        else:
            page += 1


def _told(endpoint: Endpoint, after: str | None) -> _Told:
    if after is None:
        return _Told(None, frozenset(), 0)
    since, known = json.loads(after)
    moment = instant(Record({endpoint.changed: since}), endpoint.changed)
    return _Told(since, frozenset(known), moment.earliest if moment else 0)


def _item(
    endpoint: Endpoint, value: Any, asked: _Told, told: _Told
) -> tuple[Change | Unreadable | None, _Told]:
    """The change in one record of a page, None where it was told, and how far that is."""
    raw = json.dumps(value, ensure_ascii=False, default=str).encode()
    context = context_of(urllib.parse.urlsplit(endpoint.url).path, "json")
    if not isinstance(value, dict):
        return Unreadable(raw, refused("E-JSON", "an object"), None, context), told
    record = Record(value)
    changed = str(record.get(endpoint.changed))
    identifier = str(record.get(endpoint.identifier) or blake2b(raw, digest_size=8).hexdigest())
    try:
        moment = instant(record, endpoint.changed)
        if moment is None:
            raise refused("E-FIELD-MISSING", f"a record with {endpoint.changed}")
    except UnreadableRecord as error:
        return Unreadable(raw, error, None, context), told
    if moment.earliest < asked.since_us or (changed == told.since and identifier in told.known):
        return None, told
    if moment.earliest < told.since_us:
        raise _refuse("changes do not come oldest first", f"ask for the order {endpoint.changed}")
    known = told.known | {identifier} if changed == told.since else frozenset({identifier})
    position = json.dumps([changed, sorted(known)], separators=(",", ":"))
    item = Change(record, raw, position, moment.earliest, context=context)
    return item, _Told(changed, known, moment.earliest)


def _refuse(what: str, remedy: str) -> ContractBreach:
    return ContractBreach(f"the server's {what}", code="E-CONTRACT", remedy=remedy)


def _page(endpoint: Endpoint, since: str | None, page: int) -> list[Any]:
    query = {"page": str(page), "page_size": str(endpoint.page_size)}
    if since is not None:
        query[endpoint.since] = since
    if not endpoint.url.startswith(("http://", "https://")):
        raise ContractBreach("the address is not http", code="E-CONTRACT", remedy="mend base_url")
    request = urllib.request.Request(f"{endpoint.url}?{urllib.parse.urlencode(query)}")  # noqa: S310 - checked above
    if endpoint.token:
        request.add_header("Authorization", f"Bearer {endpoint.token}")
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            data = _body(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise _status(error.code) from None
    except (OSError, http.client.HTTPException) as error:
        raise SourceUnavailable(
            f"the server does not answer ({type(error).__name__})",
            remedy="check base_url and that it runs",
        ) from error
    try:
        found = loads(data, PAGE_BYTES_MAX)
    except UnreadableRecord as error:
        raise ContractBreach(
            f"the answer is {error.message}", code="E-CONTRACT", remedy="is base_url right?"
        ) from error
    if not isinstance(found, list):
        raise ContractBreach(
            "the answer is no list", code="E-CONTRACT", remedy="is base_url right?"
        )
    return found


def _body(answer: Any) -> bytes:
    """The answer up to PAGE_BYTES_MAX and a byte; a server that drips is away after PAGE_S_MAX."""
    deadline_s = clock.monotonic_s() + PAGE_S_MAX
    data = bytearray()
    while len(data) <= PAGE_BYTES_MAX and (part := answer.read1(BLOCK_BYTES)):
        data += part
        if clock.monotonic_s() > deadline_s:
            raise TimeoutError
    if len(data) <= PAGE_BYTES_MAX and answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return bytes(data)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Another address would be given the token; a redirect is an answer like any other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def _status(status: int) -> SourceUnavailable | ContractBreach:
    if status == _TOO_MANY or status >= _SERVER_FAULT:
        return SourceUnavailable(f"the server answers {status}", remedy="it is asked again later")
    return ContractBreach(
        f"the server answers {status}", code="E-CONTRACT", remedy="check address and token"
    )
