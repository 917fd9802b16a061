"""A REST endpoint that lists records and can be asked for what changed since a time.

Lists come by page number, by a cursor in the answer, or by a link to the next page. Where pages are
numbered, the position is the time of the last change told, with the identifiers told at exactly
that time, so that records which share a time are neither lost nor told again. Cursors and links are
followed as `rest_walk` says.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.connect.contract import Change, Record, Unchanged, Unreadable
from hub.connect.sources import rest_walk
from hub.connect.sources.rest_endpoint import (
    PAGES_MAX,
    Cursor,
    Endpoint,
    LinkHeader,
    PageNumber,
    breach,
    fetch,
    seen,
)
from hub.connect.values import instant

__all__ = ["Cursor", "Endpoint", "LinkHeader", "PageNumber", "changes"]
KNOWN_MAX = 5_000
"""So many records may share one time; the position names them all."""


class _Told(NamedTuple):
    """How far the list was told: the last time as written, the ids told at it, its instant."""

    since: str | None
    known: frozenset[str]
    since_us: int


def changes(endpoint: Endpoint, after: str | None) -> Iterator[Change | Unreadable | Unchanged]:
    """What changed after a position, page by page.

    Raises SourceUnavailable where the server is away, slow or asks to wait (429, 5xx);
    ContractBreach E-CONTRACT where its answer is no list, a page repeats, or changes are not in
    order, E-ACCESS where it gives no token.
    """
    if isinstance(endpoint.paging, PageNumber):
        return _by_number(endpoint, endpoint.paging, after)
    return rest_walk.changes(endpoint, after)


def _by_number(
    endpoint: Endpoint, paging: PageNumber, after: str | None
) -> Iterator[Change | Unreadable]:
    """What changed, oldest change first.

    Each next page is asked for by the time of the last change, so that a record which changes
    meanwhile and moves to the end does not push another one out of sight; page numbers are used
    only within one time.
    """
    told = _told(endpoint, after)
    asked, page = told, 1
    last_page: list[Any] | None = None
    for _ in range(PAGES_MAX):
        since = {} if asked.since is None else {endpoint.since: asked.since}
        found, _answer = fetch(endpoint, {paging.parameter: str(page), **since})
        if found and found == last_page:
            raise breach(f"page {page} repeats the one before", "it does not page; ask its owner")
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
    found = seen(endpoint, value)
    if isinstance(found, Unreadable):
        return found, told
    change, identifier, changed, changed_us = found
    if changed_us < asked.since_us or (changed == told.since and identifier in told.known):
        return None, told
    if changed_us < told.since_us:
        raise breach("changes do not come oldest first", f"ask for the order {endpoint.changed}")
    known = told.known | {identifier} if changed == told.since else frozenset({identifier})
    if len(known) > KNOWN_MAX:
        raise breach(f"records share one time, more than {KNOWN_MAX}", "ask for a cursor")
    position = json.dumps([changed, sorted(known)], separators=(",", ":"))
    return change._replace(position=position), _Told(changed, known, changed_us)
