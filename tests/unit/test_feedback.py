"""What a sender is told of refused records: as report files, at an endpoint, page by page."""

import csv
import dataclasses
import io
import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_batches import filed, listed
from test_connect_runtime import PARKED, Bus, connector, links, once

from hub.cli import roles
from hub.connect import feedback, reports
from hub.connect.batches import Batch
from hub.connect.books import Books
from hub.connect.contract import Change, Unreadable
from hub.connect.feedback import COLUMNS, HINT_OF_FILE, HINT_OF_OURS, Ledger, csv_line
from hub.connect.feedback_server import Feedback, served
from hub.connect.quarantine import State, entries
from hub.connect.replay import _mark
from hub.connect.reports import Reporter, report_name
from hub.connect.runtime import run
from hub.connect.sources import csv_snapshots
from hub.errors import SettingsError, Unavailable, UnreadableRecord
from hub.settings import HubSettings

SECRET_NAME = "Ada Lovelace"
TOKEN = "0123456789abcdef-token"


def bad(number: int, file: str = "rows.csv") -> Change:
    """A row that breaks a rule; what it holds is nobody's business."""
    error = UnreadableRecord(
        "no date", code="E-DATE", field="issued", rule="a date", remedy="write it as 2024-01-31"
    )
    return filed(number, file, fail=error)._replace(raw=SECRET_NAME.encode())


def whole(file: str = "broken.csv") -> Unreadable:
    """A file that is broken as a whole."""
    told = UnreadableRecord("UTF-16", code="E-FILE", rule="a file that is whole")
    return Unreadable(SECRET_NAME.encode(), told, "0", {"file": file, "format": "file"})


def messages(bus: Bus) -> list[Any]:
    """The quarantine topic as it is read."""
    return [
        SimpleNamespace(**{**vars(one), "offset": number})
        for number, one in enumerate(bus.of(PARKED))
    ]


def ledger_of(found: list[Any]) -> Ledger:
    """A ledger that has read the topic."""
    made = Ledger()
    for one in found:
        made.take(one)
    return made


def test_a_finding_names_file_row_field_rule_and_hint_and_no_value() -> None:
    """A row is named by its place, a file that is refused as a whole is one finding."""
    bus = Bus()
    once(bus, [filed(1, "rows.csv"), bad(2), whole(), filed(4, "rows.csv", fail=KeyError("x"))])
    row, file, ours = ledger_of(messages(bus)).page().findings
    assert row[:7] == (
        *("rows.csv", "2", "issued", "E-DATE", "a date", "write it as 2024-01-31"),
        "refused",
    )
    assert file[:6] == ("broken.csv", "", "", "E-FILE", "a file that is whole", HINT_OF_FILE)
    assert (ours.code, ours.hint) == ("E-TRANSLATE", HINT_OF_OURS)
    assert row.batch in {one.batch_id for one in listed(bus)}
    assert SECRET_NAME not in json.dumps(ledger_of(messages(bus)).page().as_record())


def test_bad_rows_do_not_hold_up_the_good_ones(tmp_path: Path) -> None:
    """One row in a hundred is refused: the others are published, and the report has just those."""
    bus = Bus()
    rows = [bad(n) if n % 100 == 0 else filed(n, "rows.csv") for n in range(1, 501)]
    bound = links(bus, batch_done=reporter(tmp_path, bus))
    books = run(connector(rows), None, bound, stop=threading.Event(), once=True)
    assert (books.published, books.quarantined) == (495, 5)
    (batch,) = listed(bus)
    text = (tmp_path / f"{report_name(batch)}.feedback.csv").read_text()
    table = list(csv.DictReader(io.StringIO(text)))
    assert [one["row"] for one in table] == ["100", "200", "300", "400", "500"]
    lines = (tmp_path / f"{report_name(batch)}.feedback.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == table
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".jsonl"}
    assert all(SECRET_NAME not in path.read_text() for path in tmp_path.iterdir())


def test_a_snapshot_that_is_refused_as_a_whole_is_told_to_its_sender(tmp_path: Path) -> None:
    """Half a file, one without a column, and one that is no table: one row each in a report."""
    folder, reported = tmp_path / "in", tmp_path / "reports"
    folder.mkdir()
    rows = "".join(f"{number},a\n" for number in range(100))
    for name, content in (
        ("a.csv", f"id,service\n{rows}"),
        ("b.csv", "id,service\n1,a\n"),
        ("c.csv", f"id\n{rows}"),
        ("d.csv", f"number,service\n{rows}"),
        ("e.csv", f"id,service\n{rows}".replace("7,a", "7,b")),
    ):
        (folder / name).write_text(content)
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))

    def changes(_: Any, after: str | None) -> Iterator[csv_snapshots.Item]:
        return csv_snapshots.changes(folder, "*.csv", {"id": ("id",)}, after)

    bus = Bus()
    own = dataclasses.replace(connector([]), changes=changes)
    bound = links(bus, batch_done=reporter(reported, bus))
    books = run(own, None, bound, stop=threading.Event(), once=True)
    assert (books.published, books.quarantined, books.duplicate) == (110, 3, 90)
    tables = [
        csv.DictReader(io.StringIO(path.read_text()))
        for path in sorted(reported.glob("*.feedback.csv"))
    ]
    found = [
        (one["file"], one["row"], one["code"], one["hint"]) for table in tables for one in table
    ]
    assert [one[:3] for one in found] == [
        ("b.csv", "", "E-SHRUNK"), ("c.csv", "", "E-SCHEMA"), ("d.csv", "", "E-FILE"),
    ]  # fmt: skip
    assert "send the whole file under a later name" in found[0][3]


def reporter(folder: Path, bus: Bus) -> Reporter:
    """The reporter over a bus in memory."""
    return Reporter(folder, lambda _: iter(messages(bus)))


def test_a_report_is_written_again_after_a_start_and_only_where_something_was_refused(
    tmp_path: Path,
) -> None:
    """A crash before the report loses nothing; a good file gets none; each file has its own."""
    bus = Bus()
    source = [filed(1, "good.csv"), bad(2, "monday.csv"), bad(3, "tuesday.csv")]
    for _ in range(2):
        bound = links(bus, batch_done=reporter(tmp_path, bus))
        run(connector(source), None, bound, stop=threading.Event(), once=True)
        names = sorted(path.name[:7] for path in tmp_path.glob("*.csv"))
        assert names == ["monday.", "tuesday"]
        for path in tmp_path.glob("tuesday*"):
            path.unlink()
    bound = links(bus, batch_done=reporter(tmp_path, bus))
    run(connector(source), None, bound, stop=threading.Event(), once=True)
    assert len(list(tmp_path.glob("tuesday*"))) == 2


@pytest.mark.parametrize(
    "file", ["../../etc/passwd", "/abs", "..", "a\nb", "=cmd.csv", "x" * 400, "Ünï cödé.csv", ""]
)
def test_no_file_name_leads_out_of_the_folder(tmp_path: Path, file: str) -> None:
    """Names come from outside: the report stays in its folder, under a plain name."""
    folder = tmp_path / "reports"
    batch = Batch("texts-20250101T000000.000000Z", "texts", 1, file, books=Books(1, quarantined=1))
    assert reports.write(folder, batch, []) == 0
    assert len(list(folder.iterdir())) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"reports"}
    assert all(path.name.isascii() and len(path.name) < 150 for path in folder.iterdir())


def test_a_report_that_cannot_be_written_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk, or Kafka away: the log says so, the connector goes on."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    batch = Batch("b", "texts", 1, books=Books(1, quarantined=1))
    Reporter(blocked, lambda _: iter(()))(batch)

    def away(_: int) -> Iterator[Any]:
        raise Unavailable("Kafka is away")

    Reporter(tmp_path / "reports", away)(batch)
    told = capsys.readouterr().out
    assert told.count("feedback_failed") == 2


def test_a_report_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is refused, a report has an end."""
    monkeypatch.setattr(reports, "ROWS_MAX", 3)
    bus = Bus()
    once(bus, [bad(number) for number in range(9)])
    (batch,) = listed(bus)
    assert (
        reports.write(tmp_path, batch, reports.refused(batch, lambda _: iter(messages(bus)))) == 3
    )


CELLS = st.builds("{}{}".format, st.sampled_from(["", "=", "+", "-", "@", "\t", "\n"]), st.text())


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_no_cell_is_taken_for_a_formula(cells: list[str]) -> None:
    """Whatever a file or field is called, no cell begins like a formula, and nothing is lost."""
    (row,) = csv.reader(io.StringIO(csv_line(tuple(cells)), newline=""))
    for cell, given_ in zip(row, cells, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell in (given_, f"'{given_}")


def test_a_report_has_each_record_of_its_batch_once() -> None:
    """What was refused twice by a crash, and what other batches were refused, is not in it."""
    bus = Bus()
    once(bus, [bad(1, "monday.csv"), bad(2, "tuesday.csv"), bad(3, "tuesday.csv")])
    _, tuesday = listed(bus)
    twice = [*messages(bus), *messages(bus)]
    assert [one.row for one in reports.refused(tuesday, lambda _: iter(twice))] == ["2", "3"]


# the ledger


def test_a_replayed_record_shows_as_resolved_and_comes_again() -> None:
    """Who reads on from a cursor hears of it; who reads from the start sees it once."""
    bus = Bus()
    once(bus, [bad(1), bad(2), bad(3)])
    before = ledger_of(messages(bus)).page()
    entry = entries(messages(bus))[0]
    _mark(entry, State.REPLAYED, bus)
    _mark(entries(messages(bus))[1], State.DISCARDED, bus)
    bus.deliver()
    found = ledger_of(messages(bus))
    assert [(one.row, one.state) for one in found.page(before.next).findings] == [
        ("1", "resolved"),
        ("2", "discarded"),
    ]
    assert [(one.row, one.state) for one in found.page().findings] == [
        ("3", "refused"),
        ("1", "resolved"),
        ("2", "discarded"),
    ]


def test_a_record_refused_again_says_nothing_new() -> None:
    """Read once more after a crash, it is the same finding, and one that is done stays done."""
    bus = Bus()
    once(bus, [bad(1)])
    _mark(entries(messages(bus))[0], State.REPLAYED, bus)
    bus.deliver()
    again = [*messages(bus), messages(bus)[0]]
    (only,) = ledger_of([SimpleNamespace(**{**vars(one), "offset": place})
                         for place, one in enumerate(again)]).page().findings  # fmt: skip
    assert only.state == "resolved"


@given(st.integers(1, 7))
def test_pages_give_everything_once(limit: int) -> None:
    """Cursor by cursor all findings come, in order, none twice."""
    bus = Bus()
    once(bus, [bad(number) for number in range(1, 21)])
    found, since, rows = ledger_of(messages(bus)), 0, []
    for _ in range(30):
        page = found.page(since, limit)
        assert len(page.findings) <= limit
        rows += [int(one.row) for one in page.findings]
        since = page.next
        if not page.more:
            break
    assert rows == list(range(1, 21))
    assert found.page(since).findings == []


def test_a_ledger_is_bounded_and_says_what_it_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept, and an answer says from which cursor on."""
    monkeypatch.setattr(feedback, "FINDINGS_MAX", 5)
    bus = Bus()
    once(bus, [bad(number) for number in range(20)])
    page = ledger_of(messages(bus)).page()
    assert [one.row for one in page.findings] == ["15", "16", "17", "18", "19"]
    assert page.kept_from == 15


def test_what_is_no_quarantine_record_is_left() -> None:
    """Another's message in the topic stops nobody."""
    strange = SimpleNamespace(key=b"k", value=b"v", headers=(("hub.state", b"\xff"),), offset=3)
    assert ledger_of([strange]).page() == ([], 4, False, 0)


# the endpoint


class Topic:
    """A quarantine topic that is followed: what is there, then what comes."""

    def __init__(self, bus: Bus) -> None:
        """At the beginning."""
        self._bus, self._read = bus, 0
        self.caught_up = False

    def read(self, wait_s: float) -> list[Any]:
        """What has come."""
        found = messages(self._bus)[self._read :]
        self._read += len(found)
        self.caught_up = True
        threading.Event().wait(min(wait_s, 0.02))
        return found

    def close(self) -> None:
        """Nothing is held."""


def get(port: int, query: str = "", token: str | None = TOKEN, method: str = "GET") -> Any:
    """Status and JSON of an answer."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/feedback{query}", headers=headers, method=method
    )
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - loopback
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """The sender's secret."""
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    return path


def test_a_sender_asks_page_by_page_and_hears_what_is_new(token_file: Path) -> None:
    """With its token, from a cursor on; bounded, and only what was refused."""
    bus = Bus()
    once(bus, [bad(number) for number in range(1, 6)])
    made = Feedback("texts", lambda: Topic(bus))
    with served(made, token_file, "127.0.0.1", 0) as port:
        _until(lambda: made.complete)
        status, first = get(port, "?limit=3")
        assert (status, first["connector"], first["more"]) == (200, "texts", True)
        assert [one["row"] for one in first["findings"]] == ["1", "2", "3"]
        assert set(first["findings"][0]) == set(COLUMNS)
        _, rest = get(port, f"?since={first['next']}")
        assert [one["row"] for one in rest["findings"]] == ["4", "5"]
        once(bus, [*[bad(number) for number in range(1, 6)], bad(6)])
        _until(lambda: get(port, f"?since={rest['next']}")[1]["findings"] != [])
        assert get(port, "/../metrics")[0] == 404


def _until(holds: Any) -> None:
    for _ in range(500):
        if holds():
            return
        threading.Event().wait(0.02)
    raise AssertionError("not within 10 s")


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x", "é"])
def test_nothing_is_told_without_the_token(token_file: Path, token: str | None) -> None:
    """Missing or wrong: 401, whatever is asked."""
    with served(Feedback("texts", lambda: Topic(Bus())), token_file, "127.0.0.1", 0) as port:
        assert get(port, "?limit=x", token and token.encode().decode("latin-1"))[0] == 401


def test_a_token_is_replaced_without_a_restart(token_file: Path) -> None:
    """The file is read at each call; while it is missing nobody is let in."""
    made = Feedback("texts", lambda: Topic(Bus()))
    with served(made, token_file, "127.0.0.1", 0) as port:
        _until(lambda: made.complete)
        assert get(port)[0] == 200
        token_file.write_text("another-token-of-some-length")
        assert get(port)[0] == 401
        assert get(port, token="another-token-of-some-length")[0] == 200
        token_file.unlink()
        assert get(port, token="")[0] == 503


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=1001", "?since=-1", "?since=1e3", "?since=" + "9" * 30, "?limit="]
)
def test_a_question_out_of_bounds_is_refused(token_file: Path, query: str) -> None:
    """Cursors and limits are whole numbers of bounded size."""
    with served(Feedback("texts", lambda: Topic(Bus())), token_file, "127.0.0.1", 0) as port:
        assert get(port, query)[0] == 400


def test_only_reading_is_possible(token_file: Path) -> None:
    """No other method does anything."""
    with served(Feedback("texts", lambda: Topic(Bus())), token_file, "127.0.0.1", 0) as port:
        assert get(port, method="POST")[0] == 405
        assert get(port, method="DELETE")[0] == 405


def test_half_a_list_is_not_told(token_file: Path) -> None:
    """Until the topic was read to its end once, and while it cannot be read: try again later."""

    def away() -> Topic:
        raise Unavailable("Kafka is away")

    with served(Feedback("texts", away), token_file, "127.0.0.1", 0) as port:
        assert get(port)[0] == 503


def test_a_taken_port_and_a_short_token_are_said_at_the_start(token_file: Path) -> None:
    """Nothing is started that nobody can reach, or anybody can guess."""
    made = Feedback("texts", lambda: Topic(Bus()))
    with (
        served(made, token_file, "127.0.0.1", 0) as port,
        pytest.raises(SettingsError, match="taken"),
        served(made, token_file, "127.0.0.1", port),
    ):
        pass
    token_file.write_text("short")
    with pytest.raises(SettingsError, match="fewer than"), served(made, token_file, "127.0.0.1", 0):
        pass


def test_reports_are_not_written_among_the_source_s_own_files(tmp_path: Path) -> None:
    """They would be read as files of the source."""
    tables = {"licensing": {"folder": "drop", "feedback_folder": "drop"}}
    hub = HubSettings("b", "r", tmp_path / "d", tmp_path / "k", connectors=tables)
    with pytest.raises(SettingsError, match="feedback_folder"):
        roles.connector_of(hub, "licensing", tmp_path)
    tables["licensing"]["feedback_folder"] = "drop/feedback"
    roles.connector_of(hub, "licensing", tmp_path)
