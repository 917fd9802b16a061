"""One list of a REST server: how it is asked, and what its records say of themselves."""

import json
import urllib.parse
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from hub.connect.contract import Change, Record, Unreadable
from hub.connect.sources.context import context_of
from hub.connect.sources.http_client import (
    Access,
    Answer,
    ClientCredentials,
    get_json,
    origin,
)
from hub.connect.strict_json import refused
from hub.connect.values import instant
from hub.errors import ContractBreach, UnreadableRecord

PAGES_MAX = 100_000


class PageNumber(NamedTuple):
    """Pages are asked for by number, from 1; changes come oldest first."""

    parameter: str = "page"


class Cursor(NamedTuple):
    """The answer's `member` (a dotted path) is what the next page's `parameter` must be."""

    parameter: str
    member: str


class LinkHeader(NamedTuple):
    """The answer's header Link has the address of the next page (RFC 8288)."""


class Endpoint(NamedTuple):
    """One list: its address, how it is asked, and which fields tell of a record.

    `since` is the query parameter for "changed at or after", empty where there is none; `changed`
    is the field with the time of the last change, `identifier` the one with the key; both may be
    dotted paths. `items` is that of the list in the answer, empty where the answer is the list.
    `token` is a fixed bearer token; with `client` one is fetched. `overlap_s` is how late records
    may appear (walks).
    """

    url: str
    since: str
    changed: str
    identifier: str
    page_size: int
    token: str = ""
    paging: PageNumber | Cursor | LinkHeader = PageNumber()
    items: str = ""
    client: ClientCredentials | None = None
    page_size_parameter: str = "page_size"
    overlap_s: float = 0.0


class Seen(NamedTuple):
    """A record of a page: its key, the time of its last change as written and in microseconds."""

    change: Change
    identifier: str
    changed: str
    changed_us: int


def fetch(endpoint: Endpoint, query: Mapping[str, str], link: str = "") -> tuple[list[Any], Answer]:
    """The records of a page, asked for by a query or by path and query of a link."""
    asked = {**query, endpoint.page_size_parameter: str(endpoint.page_size)}
    url = f"{endpoint.url}?{urllib.parse.urlencode(asked)}"
    if link:
        url = origin(endpoint.url) + link
    answer = get_json(url, Access(endpoint.token, endpoint.client))
    found = member(answer.value, endpoint.items) if endpoint.items else answer.value
    if not isinstance(found, list):
        raise ContractBreach(
            "the answer is no list", code="E-CONTRACT", remedy="is the address right?"
        )
    return found, answer


def member(value: Any, path: str) -> Any:
    """What stands at a dotted path in a document; None where there is nothing."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def field(record: Mapping[str, Any], path: str) -> Any:
    """A field by its name, which may hold dots, or by a dotted path."""
    return record[path] if path in record else member(record, path)


def seen(endpoint: Endpoint, value: Any) -> Seen | Unreadable:
    """What a record says of itself; a list without `changed` has records without a time."""
    raw = json.dumps(value, ensure_ascii=False, default=str).encode()
    context = context_of(urllib.parse.urlsplit(endpoint.url).path, "json")
    if not isinstance(value, dict):
        return Unreadable(raw, refused("E-JSON", "an object"), None, context)
    record = Record(value)
    identifier = str(field(value, endpoint.identifier) or digest(raw))
    if not endpoint.changed:
        return Seen(Change(record, raw, context=context), identifier, "", 0)
    try:
        told = field(value, endpoint.changed)
        moment = instant(Record({endpoint.changed: told}), endpoint.changed)
        if moment is None:
            raise refused("E-FIELD-MISSING", f"a record with {endpoint.changed}")
    except UnreadableRecord as error:
        return Unreadable(raw, error, None, context)
    change = Change(record, raw, None, moment.earliest, context=context)
    return Seen(change, identifier, str(told), moment.earliest)


def digest(raw: bytes) -> str:
    """What stands for a record in a position."""
    return blake2b(raw, digest_size=8).hexdigest()


def breach(what: str, remedy: str) -> ContractBreach:
    """The error for a server that does not keep to what its interface says."""
    return ContractBreach(f"the server's {what}", code="E-CONTRACT", remedy=remedy)
