"""A REST endpoint that lists records by pages and can be asked for what changed since a time.

The position is the time of the last change told, with the identifiers told at exactly that time, so
that records which share a time are neither lost nor told again.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.connect.contract import Change, Record, Unreadable
from hub.connect.sources.reread import context_of
from hub.connect.strict_json import loads, refused
from hub.connect.values import instant
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

TIMEOUT_S = 20.0
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


def changes(endpoint: Endpoint, after: str | None) -> Iterator[Change | Unreadable]:
    """What changed after a position, page by page, oldest change first.

    Raises SourceUnavailable where the server is away, slow or asks to wait (429, 5xx);
    ContractBreach E-CONTRACT where its answer is no list, or a page repeats.
    """
    asked, told = json.loads(after) if after else (None, [])
    since, known = asked, set(told)
    last_page: list[Any] = []
    for page in range(1, PAGES_MAX):
        found = _page(endpoint, asked, page)
        if found and found == last_page:
            raise ContractBreach(
                f"page {page} repeats the one before",
                code="E-CONTRACT",
                remedy="the server does not page; ask its owner",
            )
        last_page = found
        for value in found:
            item, since, known = _item(endpoint, value, since, known)
            if item is not None:
                yield item
        if len(found) < endpoint.page_size:
            return


def _item(
    endpoint: Endpoint, value: Any, since: str | None, known: set[str]
) -> tuple[Change | Unreadable | None, str | None, set[str]]:
    raw = json.dumps(value, ensure_ascii=False, default=str).encode()
    context = context_of(urllib.parse.urlsplit(endpoint.url).path, "json")
    if not isinstance(value, dict):
        return Unreadable(raw, refused("E-JSON", "an object"), None, context), since, known
    record = Record(value)
    identifier = str(record.get(endpoint.identifier))
    changed = str(record.get(endpoint.changed))
    try:
        moment = instant(record, endpoint.changed)
        if moment is None:
            raise refused("E-FIELD-MISSING", f"a record with {endpoint.changed}")
    except UnreadableRecord as error:
        return Unreadable(raw, error, None, context), since, known
    if changed == since and identifier in known:
        return None, since, known
    known = {*known, identifier} if changed == since else {identifier}
    position = json.dumps([changed, sorted(known)], separators=(",", ":"))
    item = Change(record, raw, position, moment.earliest, context=context)
    return item, changed, known


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
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked above
            data = answer.read(PAGE_BYTES_MAX + 1)
    except urllib.error.HTTPError as error:
        raise _status(error.code) from error
    except (urllib.error.URLError, OSError) as error:
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


def _status(status: int) -> SourceUnavailable | ContractBreach:
    if status == _TOO_MANY or status >= _SERVER_FAULT:
        return SourceUnavailable(f"the server answers {status}", remedy="it is asked again later")
    return ContractBreach(
        f"the server answers {status}", code="E-CONTRACT", remedy="check address and token"
    )
