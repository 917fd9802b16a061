"""Sources that a mapping names: options in the document, deployment in the settings."""

import dataclasses
import hmac
import json
import os
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from mappings import ISSUED, document, errors

from hub import clock
from hub.connect import lint, mapping
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    Operation,
    Refused,
    Request,
    Unreadable,
)
from hub.connect.mapping.file_sources import SHAPES
from hub.connect.mapping.sources import SOURCES
from hub.connect.sources import amqp, postgres_log

VERSION = "record_version: {latest: {date: issued, format: '%d.%m.%Y'}}\n"


def connector(source: str, more: str = "") -> Connector:
    """A connector with this source."""
    return mapping.connector_of(document(more, ISSUED, f"source: {source}\n"), "mapping.yaml")


def told(found: Connector, settings: Any, after: str | None = None) -> list[Any]:
    """All that its source tells."""
    assert found.changes is not None
    return list(found.changes(settings, after))


def keys(found: Connector, items: list[Any]) -> list[str]:
    """The records of the events told."""
    return [
        said.record_key
        for item in items
        if isinstance(item, Change) and item.operation is not Operation.DELETED
        for said in found.translate(item)
        if isinstance(said, Draft)
    ]


def drop(folder: Path, name: str, data: str | bytes) -> None:
    """A file that has been lying there for a while."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    os.utime(path, (1_700_000_000, 1_700_000_000))


FILES = {
    "csv": ("csv: {delimiter: ';'}", "no;issued\n1;01.02.2025\n2;02.02.2025\n"),
    "delimited": (
        "delimited: {columns: [no, issued], header: BOF, trailer: EOF}",
        "BOF\n1|01.02.2025\n2|02.02.2025\nEOF|2\n",
    ),
    "json": (
        "json: {member: rows}",
        '{"rows": [{"no": 1, "issued": "01.02.2025"}, {"no": "2", "issued": "02.02.2025"}]}',
    ),
    "json_lines": (
        "json_lines",
        '{"no": 1, "issued": "01.02.2025"}\n{"no": "2", "issued": "02.02.2025"}\n',
    ),
    "xml": (
        "xml: {record: row}",
        "<all><row><no>1</no><issued>01.02.2025</issued></row>\n"  # noqa: ISC004 - one document
        "<row><no>2</no><issued>02.02.2025</issued></row></all>",
    ),
}


@pytest.mark.parametrize("shape", sorted(FILES))
@pytest.mark.parametrize("zipped", [False, True])
def test_files_of_every_shape(shape: str, zipped: bool, tmp_path: Path) -> None:
    """A document names the shape, the settings the folder; archives hold files of that shape."""
    holds, data = FILES[shape]
    found = connector(
        f"{{files: {{holds: {holds if shape == 'json_lines' else '{' + holds + '}'},"
        f" zipped: {'yes' if zipped else 'no'}, pattern: '*.in'}}}}"
    )
    drop(tmp_path, "other.txt", "nothing of this")
    if zipped:
        with zipfile.ZipFile(tmp_path / "a.in", "w") as archive:
            archive.writestr("inner", data)
        os.utime(tmp_path / "a.in", (1_700_000_000, 1_700_000_000))
    else:
        drop(tmp_path, "a.in", data)
    items = told(found, found.settings(tmp_path))
    assert keys(found, items) == ["1", "2"]
    assert not [item for item in items if isinstance(item, Unreadable)]
    last = items[-1].position
    assert keys(found, told(found, found.settings(tmp_path), last)) == []


def test_pages_need_the_name_of_their_list(tmp_path: Path) -> None:
    """Each page is an object, and only a member of it can be the list."""
    (problem,) = errors(document(source="source: {files: {holds: {json: {pages: yes}}}}\n"))
    assert problem.what == "a page has its records in a list"
    found = connector("{files: {holds: {json: {member: rows, pages: yes}}}}")
    one, two = (f'{{"rows": [{{"no": {n}, "issued": "01.02.2025"}}]}}' for n in (1, 2))
    drop(tmp_path, "a.json", f"[{one}, {two}]")
    assert keys(found, told(found, found.settings(tmp_path))) == ["1", "2"]


def test_every_shape_is_tried() -> None:
    """The table above knows all of them."""
    assert set(FILES) == set(SHAPES)


def test_snapshots_of_two_kinds(tmp_path: Path) -> None:
    """A column tells the kind, each with a key of its own; the settings' pattern counts first."""
    found = connector("{csv_snapshots: {keys: {no: [no], other: [other, issued]}, pattern: '*.x'}}")
    drop(tmp_path, "a.x", "no,issued\n1,01.02.2025\n")
    drop(tmp_path, "b.csv", "no,issued\n2,01.02.2025\n")
    assert keys(found, told(found, found.settings(tmp_path))) == ["1"]
    assert keys(found, told(found, found.settings(tmp_path, "*.csv"))) == ["2"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A database with two permits."""
    path = tmp_path / "permits.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE permit (no INTEGER NOT NULL, issued TEXT NOT NULL)")
        connection.execute("INSERT INTO permit VALUES (1, '01.02.2025'), (2, '02.02.2025')")
    connection.close()
    return path


def test_a_table_is_polled(table: Path) -> None:
    """The document names table and columns, the settings the address."""
    found = connector("{sql_polling: {table: permit, changed: no, key: no, settle_s: 0}}")
    settings = found.settings(f"sqlite:///{table}")
    items = told(found, settings)
    assert keys(found, items) == ["1", "2"]
    assert keys(found, told(found, settings, items[-1].position)) == []


def test_an_outbox_is_taken_out(table: Path) -> None:
    """Rows are gone once they are acknowledged."""
    found = connector("{sql_outbox: {table: permit, key: no}}")
    settings = found.settings(f"sqlite:///{table}")
    items = told(found, settings)
    assert keys(found, items) == ["1", "2"]
    assert found.acknowledge is not None
    found.acknowledge(settings, items[-1].position)
    assert keys(found, told(found, settings)) == []


def test_a_log_and_a_queue_are_asked_as_the_document_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables from the document, slot where the settings do not say it, addresses from these."""
    asked: list[Any] = []
    for module in (postgres_log, amqp):
        monkeypatch.setattr(module, "changes", lambda what, _: iter(asked.append(what) or ()))
        monkeypatch.setattr(module, "acknowledge", lambda what, _: asked.append(what))
    log = connector("{postgres_log: {tables: {permit: no}}}")
    queue = connector("amqp", VERSION)
    for found, settings in (
        (log, log.settings("dsn")),
        (log, log.settings("dsn", "own")),
        (queue, queue.settings("amqp://x", "permits", 5)),
    ):
        told(found, settings)
        assert found.acknowledge is not None
        found.acknowledge(settings, "1")
    tables = (("permit", "no"),)
    expected = [
        postgres_log.Log("dsn", "civic_hub_permits", "civic_hub", tables),
        postgres_log.Log("dsn", "own", "civic_hub", tables),
        amqp.Queue("amqp://x", "permits", 5),
    ]
    assert asked == [one for one in expected for _ in range(2)]


def request(body: dict[str, Any], path: str = "new", secret: str = "s" * 16) -> Request:
    """A signed call."""
    raw, stamp = json.dumps(body).encode(), str(clock.now_us() // 1_000_000)
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, "sha256").hexdigest()
    return Request(path, {"x-sig": signature, "x-time": stamp}, raw)


def test_a_signed_webhook_is_taken() -> None:
    """Headers from the document, the secret from the settings; wrong ones and paths are refused."""
    found = connector(
        "{webhook: {caller: signature, paths: [new], path_field: via, signature_header: X-Sig,"
        " timestamp_header: x-time, id_header: '-'}}",
        f"{VERSION}left_out: [{{rule: r, when: {{equals: via, to: other}}}}]\n",
    )
    settings = found.settings("s" * 16)
    assert found.receive is not None
    items = list(found.receive(settings, request({"no": "1", "issued": "01.02.2025"})))
    assert keys(found, items) == ["1"]
    for call, status in ((request({}, secret="t" * 16), 401), (request({}, "old"), 404)):
        with pytest.raises(Refused) as caught:
            list(found.receive(settings, call))
        assert caught.value.status == status


@pytest.mark.parametrize(
    ("source", "place", "what"),
    [
        ("{csv_snapshots: {}}", (7, 25), "has one key"),
        ("{csv_snapshots: {keys: [a]}}", (7, 32), "keys is no table"),
        ("{files: {holds: csv, zipped: maybe}}", (7, 38), "yes or no"),
        ("{files: {holds: excel}}", (7, 25), "is no shape of files"),
        ("{files: {holds: {csv: {delimiter: ab}}}}", (7, 43), "one character"),
        ("{files: {holds: {delimited: {columns: [a, a]}}}}", (7, 47), "there twice"),
        ("{files: {holds: {xml: {}}}}", (7, 31), "has no record"),
        ("{rest: {path: /a, identifier: id}}", (7, 16), "need the order"),
        ("{rest: {path: /a, identifier: id, paging: pages}}", (7, 51), "is no kind of paging"),
        ("{sql_polling: {table: t, changed: c, key: k, settle_s: -1}}", (7, 64), "a whole number"),
        ("{postgres_log: {tables: {}}}", (7, 33), "tables is empty"),
        ("{webhook: {caller: password}}", (7, 28), "is no way to know a sender"),
        ("{own: {records: rows}}", (7, 15), "is no kind of records"),
    ],
)
def test_wrong_options_are_told(source: str, place: tuple[int, int], what: str) -> None:
    """Each at its place."""
    found = errors(document(VERSION, source=f"source: {source}\n"))
    assert any(what in one.what and (one.line, one.column) == place for one in found), found


@pytest.mark.parametrize("kind", sorted(set(SOURCES) - {"own"}))
def test_each_kind_keeps_the_contract(kind: str) -> None:
    """The example of the reference is a connector, whose settings all say what they are for."""
    example = SOURCES[kind].example
    shown = f"{{{example}}}" if ":" in example else example
    reads = "optional: ['*']\n" if kind != "files" else ""
    found = connector(shown, f"{VERSION}{reads}")
    assert lint.problems(found) == []
    assert all(field.metadata["doc"] for field in dataclasses.fields(found.settings))
