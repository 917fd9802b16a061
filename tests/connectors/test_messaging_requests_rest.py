"""Service requests from an Open311 server: real HTTP on loopback, well behaved and not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from http_server import Answer, Server

from connectors.messaging.requests_rest import CONNECTOR, Settings, translate
from hub.connect import lint
from hub.connect.contract import Change, Draft, LeftOut, Record, Unreadable
from hub.connect.sources import http_client
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord
from hub.local.departments import population
from hub.local.departments.requests_server import RequestsServer


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own."""
    made = Server()
    try:
        yield made
    finally:
        made.stop()


def serve(server: Server, records: Callable[[], list[dict[str, Any]]]) -> None:
    """Serve these records as an Open311 server should."""

    def answer(query: dict[str, str]) -> Answer:
        since, size = query.get("updated_after", ""), int(query["page_size"])
        found = sorted(records(), key=lambda record: record["updated_datetime"])
        found = [record for record in found if record["updated_datetime"] >= since]
        start = (int(query["page"]) - 1) * size
        return 200, json.dumps(found[start : start + size]).encode(), {}

    server.answer = answer


def request(number: int, minute: int, **changed: Any) -> dict[str, Any]:
    """A request that was changed in a minute of the day."""
    at = f"2025-03-03T{minute // 60:02d}:{minute % 60:02d}:00Z"
    return {
        "service_request_id": f"SR-{number}",
        "status": "open",
        "requested_datetime": "2025-03-03T00:00:00Z",
        "updated_datetime": at,
        **changed,
    }


def read(server: Server, after: str | None = None, page_size: int = 3) -> list[Any]:
    """All that the source tells after a position."""
    assert CONNECTOR.changes is not None
    return list(CONNECTOR.changes(Settings(server.url, page_size), after))


def ids(items: list[Any]) -> list[str]:
    """The numbers of the requests told."""
    return [item.record["service_request_id"] for item in items if isinstance(item, Change)]


def test_samples_mean_what_was_recorded(
    server: Server,
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
    reading: Callable[..., Any],
) -> None:
    """The recorded requests, over HTTP, give exactly the recorded events."""
    folder = samples("messaging")
    records = json.loads((folder / "open311.json").read_text(encoding="utf-8"))
    serve(server, lambda: records[1:])
    found = reading(CONNECTOR, Settings(server.url))
    serve(server, lambda: records[:1])
    (first,) = read(server)
    drafts = [draft for draft in translate(first) if isinstance(draft, Draft)]
    by_key = sorted(drafts + found.drafts, key=lambda draft: draft.record_key)
    assert told(by_key) == expected(folder / "open311.expected.json")
    assert dict(found.left_out) == {"request without a number yet": 1}
    assert dict(found.quarantined) == {"E-TIME": 1}


@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 100])
def test_all_is_told_once_whatever_the_page_size(server: Server, page_size: int) -> None:
    """Many requests with the same time, over page ends: each once, and again only when changed."""
    records = [request(number, number // 5) for number in range(23)]
    serve(server, lambda: records)
    items = read(server, page_size=page_size)
    assert sorted(ids(items)) == sorted(record["service_request_id"] for record in records)
    for place, item in enumerate(items):
        rest_ = read(server, item.position, page_size)
        assert ids(rest_) == ids(items[place + 1 :])
    records.append(request(99, 4))
    records[0] = request(0, 7)
    assert ids(read(server, items[-1].position, page_size)) == ["SR-99", "SR-0"]


def test_a_request_that_changes_while_pages_are_read_hides_no_other(server: Server) -> None:
    """It moves to the end of the list; those after it move up, and are not skipped."""
    records = [request(number, number) for number in range(9)]
    serve(server, lambda: records)
    seen: list[str] = []
    assert CONNECTOR.changes is not None
    for item in CONNECTOR.changes(Settings(server.url, 3), None):
        assert isinstance(item, Change)
        seen.append(item.record["service_request_id"])
        if len(seen) == 3:
            records[0], records[1] = request(0, 60), request(1, 61)
    assert set(seen) == {f"SR-{number}" for number in range(9)}
    assert seen[-2:] == ["SR-0", "SR-1"]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again_later(server: Server, status: int) -> None:
    """Nothing is lost: the position stays, and the next reading is whole."""
    server.answer = lambda _: (status, b"", {"Retry-After": "1"})
    with pytest.raises(SourceUnavailable):
        read(server)
    serve(server, lambda: [request(1, 1)])
    assert ids(read(server)) == ["SR-1"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>maintenance</html>"),
        (200, b'{"error": "no"}'),
        (200, b""),
        (200, b"\xff\xfe"),
        (401, b"[]"),
        (404, b"[]"),
    ],
)
def test_an_answer_that_is_no_list_is_a_breach(server: Server, status: int, body: bytes) -> None:
    """A page of HTML with status 200 is not an empty list (F17)."""
    server.answer = lambda _: (status, body, {})
    with pytest.raises(ContractBreach) as caught:
        read(server)
    assert caught.value.code == "E-CONTRACT"


def test_a_server_that_does_not_page_is_a_breach(server: Server) -> None:
    """The same page for ever is not read for ever."""
    same = json.dumps([request(number, 1) for number in range(3)]).encode()
    server.answer = lambda _: (200, same, {})
    with pytest.raises(ContractBreach, match="repeats"):
        read(server)
    assert len(server.queries) <= 3


def test_changes_out_of_order_are_a_breach(server: Server) -> None:
    """With the newest first a crash would lose what is older, so it is refused at once."""
    wrong = json.dumps([request(1, 9), request(2, 3)]).encode()
    server.answer = lambda _: (200, wrong, {})
    with pytest.raises(ContractBreach, match="oldest first"):
        read(server)


def test_what_was_told_before_is_not_told_again(server: Server) -> None:
    """A server that lists somewhat more than it was asked for does no harm."""
    server.answer = lambda _: (200, json.dumps([request(1, 1), request(2, 2)]).encode(), {})
    position = read(server)[-1].position
    later = [request(1, 1), request(2, 2), request(3, 3)]
    server.answer = lambda _: (200, json.dumps(later).encode(), {})
    assert ids(read(server, position, 100)) == ["SR-3"]


def test_the_token_is_not_taken_elsewhere(server: Server) -> None:
    """A redirect is refused: the other address would be given the token."""
    other = Server()
    try:
        server.answer = lambda _: (302, b"", {"Location": f"{other.url}/requests.json"})
        assert CONNECTOR.changes is not None
        with pytest.raises(ContractBreach, match="302"):
            list(CONNECTOR.changes(Settings(server.url, token="hush"), None))
        assert other.queries == []
        assert server.headers[0]["Authorization"] == "Bearer hush"
    finally:
        other.stop()


def test_a_huge_answer_is_not_read_to_its_end(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page may hold is a breach."""
    monkeypatch.setattr(http_client, "ANSWER_BYTES_MAX", 1_000)
    server.answer = lambda _: (200, b"[" + b" " * 100_000 + b"]", {})
    with pytest.raises(ContractBreach):
        read(server)


def test_a_cut_answer_is_an_outage(server: Server) -> None:
    """A connection that ends early is asked again, not taken for the end of the list."""
    server.answer = lambda _: (200, b"[]", {"Content-Length": "500"})
    with pytest.raises(SourceUnavailable):
        read(server)


def test_a_dripping_server_is_an_outage(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has a time limit as a whole."""
    monkeypatch.setattr(http_client, "ANSWER_S_MAX", -1.0)
    with pytest.raises(SourceUnavailable):
        read(server)


def test_nobody_there_is_an_outage() -> None:
    """Connection refused: asked again later."""
    gone = Server()
    gone.stop()
    with pytest.raises(SourceUnavailable):
        read(gone)


def test_a_record_that_is_no_request_is_quarantined(server: Server) -> None:
    """Among good ones; the good ones are told."""
    body = json.dumps([7, request(1, 1), {"service_request_id": "SR-2"}]).encode()
    server.answer = lambda _: (200, body, {})
    items = read(server, page_size=100)
    assert ids(items) == ["SR-1"]
    assert [type(item) for item in items] == [Unreadable, Change, Unreadable]


def test_requests_without_a_number_are_left_out_by_name(server: Server) -> None:
    """A token comes first, the number later; two at one time are two records."""
    body = [request(1, 1, token=token) for token in "ab"]
    for record in body:
        del record["service_request_id"]
    server.answer = lambda _: (200, json.dumps(body).encode(), {})
    items = read(server, page_size=100)
    assert [list(translate(item)) for item in items] == [
        [LeftOut("request without a number yet")]
    ] * 2


def test_the_stand_in_moves_on_and_is_read_to_the_end() -> None:
    """Each stage tells what changed in it, and the last state of every request is known."""
    with RequestsServer(population.make(people=150, businesses=0)) as stand_in:
        assert CONNECTOR.changes is not None
        position, states = None, {}
        while True:
            for item in CONNECTOR.changes(Settings(stand_in.base_url, 50), position):
                if isinstance(item, Change) and "service_request_id" in item.record:
                    states[item.record["service_request_id"]] = dict(item.record)
                position = item.position or position
            if not stand_in.advance():
                break
        shown = {record.get("service_request_id"): record for record in stand_in.page("", 1, 1_000)}
    shown.pop(None, None)
    assert len(states) == len(shown) > 140
    assert {key: state["status"] for key, state in states.items()} == {
        key: record["status"] for key, record in shown.items()
    }


def test_a_time_without_offset_is_refused() -> None:
    """Open311 times have offsets; a guess could be hours off."""
    record = request(1, 1, requested_datetime="2025-03-03T00:00:00")
    with pytest.raises(UnreadableRecord) as caught:
        list(translate(Change(Record(record), b"")))
    assert caught.value.field == "requested_datetime"


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
