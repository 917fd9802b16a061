"""Lists walked by cursor and link, tokens, and servers that ask for a rest: real HTTP."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from http_server import Answer, Server

from hub.connect.contract import Change, Unreadable
from hub.connect.sources import http_client, rest, rest_walk
from hub.connect.sources.http_client import ClientCredentials, retry_after_s
from hub.connect.sources.rest import Cursor, Endpoint, LinkHeader
from hub.errors import ContractBreach, SourceUnavailable

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own."""
    made = Server()
    try:
        yield made
    finally:
        made.stop()


def record(number: int, minute: int, **more: Any) -> dict[str, Any]:
    """A record that changed so many minutes after nine."""
    return {"id": str(number), "at": f"2025-03-03T09:{minute:02d}:00Z", **more}


def by_cursor(server: Server, **changed: Any) -> Endpoint:
    """A list in pages of three, with its cursor in the answer."""
    made = Endpoint(f"{server.url}/list", "since", "at", "id", 3, "hush")
    return made._replace(paging=Cursor("cursor", "meta.next"), items="data")._replace(**changed)


def by_link(server: Server, **changed: Any) -> Endpoint:
    """The same list, with links."""
    return by_cursor(server, paging=LinkHeader(), items="", **changed)


def serve(
    server: Server, records: list[dict[str, Any]], *, links: bool = False, given: datetime = NOON
) -> None:
    """Serve records in the order they have, by cursor or by links."""

    def answer(query: dict[str, str]) -> Answer:
        found = [one for one in records if one["at"] >= query.get("since", "")]
        start = int(query.get("cursor", "0"))
        more = start + 3 < len(found)
        head = {"Date": format_datetime(given, usegmt=True)}
        page = found[start : start + 3]
        if not links:
            meta = {"next": str(start + 3) if more else None}
            return 200, json.dumps({"data": page, "meta": meta}).encode(), head
        if more:
            since = f"&since={query['since']}" if "since" in query else ""
            other = f'<{server.url}/list?cursor=0>; rel="first"'
            head["Link"] = f'{other}, </list?cursor={start + 3}{since}>; rel="next"'
        return 200, json.dumps(page).encode(), head

    server.answer = answer


def read(endpoint: Endpoint, after: str | None = None) -> tuple[list[str], str | None]:
    """The keys told after a position, and the position then."""
    items = list(rest.changes(endpoint, after))
    keys = [item.record["id"] for item in items if isinstance(item, Change)]
    return keys, next((item.position for item in reversed(items) if item.position), after)


@pytest.mark.parametrize("links", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 9, 10])
def test_a_walk_tells_each_record_once_in_any_order(
    server: Server, count: int, *, links: bool
) -> None:
    """Over page ends, then only what is new or changed; the server sorts as it likes."""
    records = [record(number, (number * 7) % 10) for number in range(count)]
    serve(server, records, links=links)
    endpoint = by_link(server) if links else by_cursor(server)
    keys, position = read(endpoint)
    assert keys == [str(number) for number in range(count)]
    assert read(endpoint, position)[0] == []
    records.insert(0, record(99, 30))
    if count:
        records[-1] = record(count - 1, 31)
    keys, position = read(endpoint, position)
    assert sorted(keys) == sorted(["99", *([str(count - 1)] if count else [])])
    assert read(endpoint, position)[0] == []


@pytest.mark.parametrize("links", [False, True])
def test_a_walk_goes_on_between_any_two_pages(server: Server, *, links: bool) -> None:
    """After a crash at any position nothing is left out, and only a page comes again."""
    records = [record(number, number) for number in range(10)]
    serve(server, records, links=links)
    endpoint = by_link(server) if links else by_cursor(server)
    items = list(rest.changes(endpoint, None))
    told = 0
    for item in items:
        told += isinstance(item, Change)
        if item.position is not None:
            assert read(endpoint, item.position)[0] == [str(n) for n in range(told, 10)]


def test_a_record_that_changes_behind_the_walk_is_found_by_the_next(server: Server) -> None:
    """It changed after its page was read, before the latest change the walk has seen."""
    records = [record(number, number) for number in range(6)]
    began = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
    serve(server, records, given=began)
    found = rest.changes(by_cursor(server), None)
    for _ in range(4):
        next(found)
    records[0], records[5] = record(0, 31, new=1), record(5, 35)
    position = [item.position for item in found if item.position][-1]
    keys, position = read(by_cursor(server), position)
    assert keys == ["0"]
    assert read(by_cursor(server), position)[0] == []


def test_a_list_that_only_grows_is_gone_on_with_at_its_last_page(server: Server) -> None:
    """Without a filter the last page is asked for again, and its records are known."""
    records = [record(number, 1) for number in range(5)]
    serve(server, records)
    endpoint = by_cursor(server, since="")
    keys, position = read(endpoint)
    assert keys == list("01234")
    records += [record(number, 1) for number in range(5, 9)]
    asked = len(server.queries)
    keys, position = read(endpoint, position)
    assert keys == list("5678")
    assert "cursor" in server.queries[asked]
    del records[3:]
    with pytest.raises(ContractBreach, match="shrunk"):
        read(endpoint, position)


def test_an_empty_answer_makes_nothing_forgotten(server: Server) -> None:
    """A server that shows no record at the time asked for, and later does."""
    serve(server, [record(1, 1), record(2, 1)])
    _, position = read(by_cursor(server))
    whole = server.answer
    server.answer = lambda _: (200, b'{"data": [], "meta": {}}', {})
    _, position = read(by_cursor(server), position)
    server.answer = whole
    assert read(by_cursor(server), position)[0] == []


def test_an_expired_cursor_begins_the_walk_anew(server: Server) -> None:
    """F16: the same records under the same identifiers; a first page refused is a breach."""
    records = [record(number, number) for number in range(7)]
    serve(server, records)
    items = list(rest.changes(by_cursor(server), None))
    position = next(item.position for item in items if item.position)
    whole = server.answer
    server.answer = lambda query: (410, b"", {}) if "cursor" in query else whole(query)
    with pytest.raises(ContractBreach):  # the second page is refused, too: no end of it
        read(by_cursor(server), position)
    refused = iter([(410, b"", {})])
    server.answer = lambda query: next(refused, None) or whole(query)
    assert read(by_cursor(server), position)[0] == [str(number) for number in range(7)]


@pytest.mark.parametrize("links", [False, True])
def test_pages_without_an_end_are_a_breach(
    server: Server, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """F17: the same page, the same cursor, or empty pages for ever."""
    monkeypatch.setattr(rest_walk, "EMPTY_PAGES_MAX", 5)
    endpoint = by_link(server) if links else by_cursor(server)
    page: list[Any] = [record(1, 1)]
    turn = iter(range(1_000))

    def answer(_: dict[str, str], follow: str = "7") -> Answer:
        link = {"Link": f'</list?cursor={follow}>; rel="next"'} if links else {}
        body = page if links else {"data": page, "meta": {"next": follow}}
        return 200, json.dumps(body).encode(), link

    def moving(query: dict[str, str]) -> Answer:
        page[:] = [record(next(turn), 1)]
        return answer(query)

    server.answer = moving
    with pytest.raises(ContractBreach, match="same page"):
        read(endpoint)
    server.answer = answer
    with pytest.raises(ContractBreach, match="repeats"):
        read(endpoint)
    server.answer = lambda query: answer(query, str(next(turn)))
    with pytest.raises(ContractBreach, match="repeats"):
        read(endpoint)
    page.clear()
    with pytest.raises(ContractBreach, match="empty"):
        read(endpoint)
    assert len(server.queries) < 20


def test_a_link_to_another_server_is_not_followed(server: Server) -> None:
    """It would be given the token."""
    for there in ("http://127.0.0.1:9/list", "//127.0.0.1:9/x", "https://127.0.0.1/list"):
        link = {"Link": f'<{there}>; rel="next"'}
        server.answer = lambda _, link=link: (200, b"[]", link)
        with pytest.raises(ContractBreach, match="another server"):
            read(by_link(server))


def test_bad_records_of_a_walk_are_told_once(server: Server) -> None:
    """They go to quarantine among good ones, and not again with each walk."""
    records: list[Any] = [record(1, 1), {"id": "2", "at": "yesterday"}, record(3, 2)]
    body = json.dumps({"data": [7, *records], "meta": {}}).encode()
    server.answer = lambda _: (200, body, {"Date": format_datetime(NOON, usegmt=True)})
    items = list(rest.changes(by_cursor(server), None))
    bad = [item.error.code for item in items if isinstance(item, Unreadable)]
    assert bad == ["E-JSON", "E-TIME"]


def grant(token: str, **more: Any) -> Answer:
    """A token as RFC 6749 section 5.1 shapes it."""
    body = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, **more}
    return 200, json.dumps(body).encode(), {}


def client(server: Server, name: str) -> ClientCredentials:
    """Who asks for tokens, another one in each test."""
    return ClientCredentials(f"{server.url}/token", name, "s3:cr t", "records.read")


def test_a_token_is_fetched_once_and_again_when_refused(server: Server) -> None:
    """By client credentials; kept while it lives; a revoked one is replaced at once."""
    tokens = iter(["first", "second"])
    server.grant = lambda _: grant(next(tokens))
    serve(server, [record(1, 1)])
    endpoint = by_cursor(server, client=client(server, "twice"))
    _, position = read(endpoint)
    read(endpoint, position)
    assert [form["grant_type"] for form in server.forms] == ["client_credentials"]
    assert server.forms[0]["scope"] == "records.read"
    pair = base64.b64decode(server.forms[0]["authorization"].removeprefix("Basic ")).decode()
    assert pair == "twice:s3%3Acr%20t"
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer first"}
    whole = server.answer

    def revoked(query: dict[str, str]) -> Answer:
        first = server.headers[-1]["Authorization"] == "Bearer first"
        return (401, b"", {}) if first else whole(query)

    server.answer = revoked
    assert read(endpoint)[0] == ["1"]
    assert server.headers[-1]["Authorization"] == "Bearer second"
    server.answer = lambda _: (401, b"", {})
    server.grant = lambda _: grant("third")
    with pytest.raises(ContractBreach):
        read(endpoint)
    assert len(server.forms) == 3


def test_a_token_is_replaced_before_it_expires(server: Server) -> None:
    """None expires on its way."""
    server.grant = lambda _: grant("short", expires_in=0)
    serve(server, [record(1, 1)])
    endpoint = by_cursor(server, client=client(server, "short"))
    read(endpoint)
    read(endpoint)
    assert len(server.forms) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, b'{"error": "invalid_client"}', {}), ContractBreach),
        ((401, b"", {}), ContractBreach),
        ((200, b"[]", {}), ContractBreach),
        ((200, b'{"access_token": "two words"}', {}), ContractBreach),
        ((200, b"<html>", {}), ContractBreach),
        ((200, b'{"access_token": "' + b"x" * 200_000 + b'"}', {}), ContractBreach),
        ((503, b"", {"Retry-After": "7"}), SourceUnavailable),
    ],
)
def test_a_server_that_gives_no_token(server: Server, answer: Answer, error: type) -> None:
    """Refused is a breach without the secret in it, in trouble is an outage; no list is asked."""
    server.grant = lambda _: answer
    with pytest.raises(error) as caught:
        read(by_cursor(server, client=client(server, "nobody")))
    assert "s3" not in str(caught.value)
    assert server.queries == []
    assert getattr(caught.value, "wait_s", 7.0) == 7.0


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_a_server_asks_for_is_kept(server: Server, status: int) -> None:
    """Retry-After in seconds or as a date reaches the runtime."""
    server.answer = lambda _: (status, b"", {"Retry-After": "42"})
    with pytest.raises(SourceUnavailable) as caught:
        read(by_cursor(server))
    assert caught.value.wait_s == 42.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Mon, 03 Mar 2025 12:01:30 GMT", 90.0),
        ("Mon, 03 Mar 2025 11:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("٣", 0.0),
        ("9" * 400, 999_999_999.0),
        ("Mon, 99 Mar 99999 12:01:30 GMT", 0.0),
    ],
)
def test_retry_after_in_all_its_shapes(text: str, seconds: float) -> None:
    """RFC 9110 section 10.2.3; what cannot be read asks for nothing."""
    assert retry_after_s(text, int(NOON.timestamp() * 1_000_000)) == seconds


def test_a_silent_server_is_an_outage(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket on which nothing comes is given up after a time."""
    monkeypatch.setattr(http_client, "TIMEOUT_S", 0.2)
    held = threading.Event()
    server.answer = lambda _: (200, b"[]" * (not held.wait(2)), {})
    with pytest.raises(SourceUnavailable):
        read(by_cursor(server))
    held.set()
