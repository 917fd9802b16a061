"""A list of a REST server walked by cursors or links, in whatever order its records come.

With a `since` filter a walk goes from the first page to the last; the next one asks since the
latest change that is not later than the *beginning* of this one, by the server's clock, less
`overlap_s`: a record that changed when the walk had passed it, or that appears late, is found then.
What the next walk will show again is known by digests in the position.

Without a filter the list only grows, and the walk stays where it ended: the last page is asked for
again, its records known by their keys.

A position lies between two pages. A cursor that has expired meanwhile begins the walk anew: the
same records have the same identifiers.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.connect.contract import Change, Record, Unchanged, Unreadable
from hub.connect.sources.http_client import Answer, AnswerRefused
from hub.connect.sources.rest_endpoint import (
    PAGES_MAX,
    Cursor,
    Endpoint,
    Seen,
    breach,
    digest,
    fetch,
    member,
    seen,
)
from hub.connect.values import instant

EMPTY_PAGES_MAX = 100
KNOWN_MAX = 5_000
"""So many records are known again; more are told again, with the same identifiers."""
EXPIRED = (400, 404, 410, 422)
Item = Change | Unreadable | Unchanged


class _At(NamedTuple):
    """A place between two pages.

    `since` and `known` are what the walk asks and what it was told before; `cursor` is the page to
    ask for, empty for the first. `base` is the latest change not after `began_us`, `fresh` the
    digests of the records from `base` on.
    """

    since: str = ""
    known: tuple[str, ...] = ()
    cursor: str = ""
    began_us: int = 0
    base: str = ""
    fresh: tuple[str, ...] = ()

    def text(self) -> str:
        return json.dumps(self, separators=(",", ":"))


def _at(text: str | None) -> _At:
    if text is None:
        return _At()
    since, known, cursor, began_us, base, fresh = json.loads(text)
    return _At(since, tuple(known), cursor, began_us, base, tuple(fresh))


def changes(endpoint: Endpoint, after: str | None) -> Iterator[Item]:
    """What the list has to tell after a position."""
    at = _at(after)
    last_page: list[Any] | None = None
    empty = 0
    for number in range(PAGES_MAX):
        try:
            found, answer = _fetch(endpoint, at)
        except AnswerRefused as error:
            if number or not at.cursor or error.status not in EXPIRED:
                raise
            at = _At(at.since, at.known if endpoint.since else ())
            found, answer = _fetch(endpoint, at)
        if found and found == last_page:
            raise breach("page repeats the one before", "it does not page; ask its owner")
        last_page = found
        empty = 0 if found else empty + 1
        if empty > EMPTY_PAGES_MAX:
            raise breach("list has nothing but empty pages", "ask its owner")
        if not at.began_us:
            at = at._replace(began_us=answer.given_us - int(endpoint.overlap_s * 1_000_000))
        page = _Page(endpoint, at)
        yield from page.tell(found)
        follow = _next(endpoint, answer, at.cursor)
        ended = not follow or (not endpoint.since and not found)
        at = page.ended() if ended else page.at._replace(cursor=follow)
        yield Unchanged(0, at.text())
        if ended:
            return


def _fetch(endpoint: Endpoint, at: _At) -> tuple[list[Any], Answer]:
    query = {endpoint.since: at.since} if endpoint.since and at.since else {}
    if not isinstance(endpoint.paging, Cursor):
        return fetch(endpoint, query, at.cursor)
    if at.cursor:
        query[endpoint.paging.parameter] = at.cursor
    return fetch(endpoint, query)


def _next(endpoint: Endpoint, answer: Answer, asked: str) -> str:
    """The cursor or link of the next page, empty at the end. Raises ContractBreach for the same."""
    if isinstance(endpoint.paging, Cursor):
        found = member(answer.value, endpoint.paging.member)
        follow = "" if found is None or found is False else str(found)
    else:
        follow = answer.next_link
    if follow and follow == asked:
        raise breach("next page is the same page", "it does not page; ask its owner")
    return follow


class _Page:
    """The records of one page against what is known, and the place after it."""

    def __init__(self, endpoint: Endpoint, at: _At) -> None:
        self.at = at
        self._endpoint = endpoint
        self._known = set(at.known)
        self._since_us = _us(endpoint, at.since)
        self._base_us = _us(endpoint, at.base)
        self._digests: list[str] = []
        self._fresh: dict[str, int] = dict.fromkeys(at.fresh, self._base_us)

    def tell(self, found: list[Any]) -> Iterator[Change | Unreadable]:
        """What is new among the records of a page."""
        for value in found:
            one = seen(self._endpoint, value)
            mark = self._mark(one)
            self._digests.append(mark)
            if isinstance(one, Seen) and self._endpoint.since:
                if one.changed_us < self._since_us:
                    continue
                self._look(one, mark)
            if mark not in self._known:
                yield one.change if isinstance(one, Seen) else one
        if not self._endpoint.since and self._known and self._known.isdisjoint(self._digests):
            raise breach("last page has none of the records it had", "has the list shrunk?")
        if self._endpoint.since:
            self.at = self.at._replace(fresh=self._newest())
        else:
            self.at = self.at._replace(known=())

    def _mark(self, one: Seen | Unreadable) -> str:
        """What a record is known by: its content, or its key where it never changes."""
        if isinstance(one, Unreadable):
            return digest(one.raw)
        return digest(one.change.raw if self._endpoint.since else one.identifier.encode())

    def _look(self, one: Seen, mark: str) -> None:
        """Move the base on, and remember what the next walk will show again."""
        if self._base_us < one.changed_us <= self.at.began_us:
            self._base_us = one.changed_us
            self.at = self.at._replace(base=one.changed)
        self._fresh[mark] = one.changed_us

    def _newest(self) -> tuple[str, ...]:
        fresh = [mark for mark, at_us in self._fresh.items() if at_us >= self._base_us]
        return tuple(fresh[-KNOWN_MAX:])

    def ended(self) -> _At:
        """The place after the last page."""
        at = self.at
        if not self._endpoint.since:
            return at._replace(known=tuple(self._digests), began_us=0)
        return _At(at.base or at.since, at.fresh or at.known)


def _us(endpoint: Endpoint, text: str) -> int:
    moment = instant(Record({endpoint.changed: text}), endpoint.changed) if text else None
    return moment.earliest if moment else 0
