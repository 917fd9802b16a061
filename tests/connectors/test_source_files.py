"""Files of every shape in a folder: taken once, when complete; bad rows cost only rows."""

import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hub.connect.contract import Change, Unchanged, Unreadable
from hub.connect.sources import files, xml_records, zipped
from hub.connect.sources.delimited import Delimited
from hub.connect.sources.folder import HEAD_BYTES
from hub.connect.sources.places import Folder
from hub.connect.sources.reread import reread
from hub.connect.sources.shapes import Csv, Json, JsonLines, Shape
from hub.connect.sources.xml_records import Xml
from hub.connect.sources.zipped import Zipped
from hub.errors import ContractBreach, SourceUnavailable

PIPE = Delimited(("id", "amount"), total_at=2, total_of="amount")
LONG_AGO_S = 1_700_000_000


def drop(folder: Path, name: str, content: bytes | str, at_s: int = LONG_AGO_S) -> Path:
    """A file that has been there for a while."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (at_s, at_s))
    return path


def read(
    folder: Path, shape: Shape, after: str | None = None, pattern: str = "*", **place: Any
) -> tuple[list[Any], str | None]:
    """All that is told after a position, and the position then."""
    items = list(files.changes(Folder(folder, pattern, **place), shape, after))
    return items, next((item.position for item in reversed(items) if item.position), after)


def ids(items: list[Any]) -> list[str]:
    """The records told."""
    return [item.record["id"] for item in items if isinstance(item, Change)]


def codes(items: list[Any]) -> list[str]:
    """What was refused."""
    return [item.error.code for item in items if isinstance(item, Unreadable)]


def lines_of(*numbers: int) -> str:
    """JSON lines."""
    return "".join(f'{{"id": "{number}"}}\n' for number in numbers)


CONTENTS: list[tuple[Shape, bytes]] = [
    (Csv(), b'id,note\r\n1,"a ""b"", c"\r\n2\r\n3,"two\r\nlines"\r\n4,\xff\r\n5,x\r\n'),
    (Csv(";"), b"id;note\n1;a,b\n2\n3;c\n4;\xff\n5;x\n"),
    (
        Delimited(("id", "note")),
        b'H|20250303\n1|a "b\n2\n3|c\n4|\xff\n5|x\nT|5\n',
    ),
    (
        Delimited(("id", "note"), header="BOF", trailer="EOF", count_at=-1),
        b"BOF PUBLIC V2 20250303\n1|a\n2|b|c\n3|c\n4|\xff\n5|x\nEOF PUBLIC V2 20250303 0005\n",
    ),
    (JsonLines(), b'\xef\xbb\xbf{"id": "1"}\n{"id": \n\n{"id": "3"}\n"\xff"\n{"id": "5"}'),
    (Json("rows"), b'{"n": 1, "rows": [{"id": "1"}, 2, {"id": "3"}, [], {"id": "5"}], "m": {}}'),
    (Json(), b'[{"id": "1"}, 2, {"id": "3"}, null, {"id": "5"}]'),
]


@pytest.mark.parametrize(("shape", "content"), CONTENTS)
def test_bad_records_cost_themselves_only(tmp_path: Path, shape: Shape, content: bytes) -> None:
    """The good ones around them are told, and each good one reads back from its bytes."""
    drop(tmp_path, "a", content)
    items, position = read(tmp_path, shape)
    assert ids(items) == ["1", "3", "5"]
    assert len(codes(items)) == 2
    for item in items:
        if isinstance(item, Change):
            assert item.raw in content
            assert reread(item.raw, json.loads(json.dumps(item.context))) == item.record
    assert read(tmp_path, shape, position)[0] == []


@pytest.mark.parametrize(("shape", "content"), CONTENTS)
def test_a_file_is_gone_on_with_at_any_record(
    tmp_path: Path, shape: Shape, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash at any position the rest is told, no more and no less."""
    monkeypatch.setattr(files, "RECORDS_BETWEEN_POSITIONS", 1)
    drop(tmp_path, "a", content)
    drop(tmp_path, "b", content + b" ")
    items, _ = read(tmp_path, shape)
    for place, item in enumerate(items):
        if item.position is not None:
            again, _ = read(tmp_path, shape, item.position)
            assert _told(again) == _told(items[place + 1 :])


def _told(items: list[Any]) -> list[Any]:
    return [(item.raw, item.context) for item in items if not isinstance(item, Unchanged)]


@pytest.mark.parametrize(
    ("shape", "content", "reason"),
    [
        (Csv(), b"", "header"),
        (Csv(), "id,note\n1,x\n".encode("utf-16"), "UTF-16"),
        (JsonLines(), '{"id": "1"}'.encode("utf-16"), "UTF-16"),
        (Json("rows"), b'{"rows": [{"id": "1"}', "no JSON document"),
        (Json("rows"), b'[{"id": "1"}]', "no JSON document"),
        (Json(), b'[{"id": "1"}] x', "no JSON document"),
        (Json("rows"), b'{"rows": [{"id": "\xff"}]}', "UTF-8"),
        (Json("rows"), b"[" * 100_000, "nesting"),
        (PIPE, b"1|2.50\nT|1|2.50\n", "begin with H"),
        (PIPE, b"H|x\n1|2.50\n", "end with T"),
        (PIPE, b"H|x\n1|2.50\nT|2|2.50\n", "has 1 records"),
        (PIPE, b"H|x\n1|2.50\nT|x|2.50\n", "has 1 records"),
        (PIPE, b"H|x\n1|2.50\n2|0.10\nT|2|2.61\n", "total of amount"),
        (PIPE, b"H|x\n1|2.50\nT|1|2.50\n2|1\n", "goes on after"),
        (PIPE, "H|x\nT|0|0\n".encode("utf-16"), "UTF-16"),
        (Xml("row"), b"<rows><row><id>1</id></row>", "well-formed"),
        (Xml("row"), b"", "well-formed"),
        (Xml("row"), "<rows/>".encode("utf-16"), "in none of utf-8"),
        (Xml("row"), b'<?xml version="1.0" encoding="koi8-r"?><rows/>', "in none of utf-8"),
        (Xml("row"), b"<!DOCTYPE rows []><rows/>", "document type"),
        (
            Xml("row"),
            b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>',
            "document type",
        ),
        (Xml("row"), b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "document type"),
        (Xml("row"), b"<a>" * 100 + b"</a>" * 100, "nested"),
        (Xml("row"), b"<a " + b"b" * 5_000_000, "tag of more"),
        (Zipped(Csv()), b"PK\x03\x04 no archive", "no ZIP"),
    ],
)
def test_a_file_broken_as_a_whole_is_one_entry_with_one_reason(
    tmp_path: Path, shape: Shape, content: bytes, reason: str
) -> None:
    """None of it is told; it is kept, and the file after it is read."""
    drop(tmp_path, "a", content)
    drop(tmp_path, "b", b"")
    drop(tmp_path, "c", content)
    items, position = read(tmp_path, shape)
    assert ids(items) == []
    first = items[0]
    assert isinstance(first, Unreadable)
    assert (first.error.code, first.context["bytes"]) == ("E-FILE", len(content))
    assert reason in first.error.message
    assert first.raw == content[:HEAD_BYTES]
    assert len(codes(items)) == (1 if content == b"" else 2) or isinstance(shape, JsonLines)
    assert sum(item.count for item in items if isinstance(item, Unchanged)) >= 1  # c is a again
    assert read(tmp_path, shape, position)[0] == []


def test_totals_are_exact(tmp_path: Path) -> None:
    """As decimals: 0.1 ten times is 1.0, and a cent less is refused."""
    rows = "".join(f"{number}|0.1\n" for number in range(10))
    drop(tmp_path, "a", f"H|x\n{rows}T|10|1.0\n")
    drop(tmp_path, "b", f"H|x\n{rows}T|10|0.9999999999999999\n")
    items, _ = read(tmp_path, PIPE)
    assert len(ids(items)) == 10
    assert codes(items) == ["E-FILE"]


def test_a_file_that_comes_late_is_taken(tmp_path: Path) -> None:
    """Its name is before one that was taken; its version is of its own day."""
    drop(tmp_path, "x-2025-03-02.jsonl", lines_of(2))
    first, position = read(tmp_path, JsonLines())
    drop(tmp_path, "x-2025-03-01.jsonl", lines_of(1))
    late, position = read(tmp_path, JsonLines(), position)
    assert ids(late) == ["1"]
    assert late[0].version < first[0].version
    assert read(tmp_path, JsonLines(), position)[0] == []


def test_a_file_is_taken_once_by_content(tmp_path: Path) -> None:
    """Sent again under another name, or touched, it is counted as unchanged; changed, it is new."""
    drop(tmp_path, "a", lines_of(1, 2))
    _, position = read(tmp_path, JsonLines())
    drop(tmp_path, "b", lines_of(1, 2))
    drop(tmp_path, "a", lines_of(1, 2), LONG_AGO_S + 5)
    items, position = read(tmp_path, JsonLines(), position)
    assert ids(items) == []
    assert sum(item.count for item in items) == 2
    drop(tmp_path, "a", lines_of(3), LONG_AGO_S + 9)
    items, position = read(tmp_path, JsonLines(), position)
    assert ids(items) == ["3"]
    (tmp_path / "a").unlink()
    _, position = read(tmp_path, JsonLines(), position)
    drop(tmp_path, "c", lines_of(3), LONG_AGO_S + 99)
    assert ids(read(tmp_path, JsonLines(), position)[0]) == []


def test_what_is_known_of_files_that_are_gone_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The position does not grow for ever."""
    monkeypatch.setattr(files, "GONE_MAX", 3)
    position = None
    for number in range(10):
        path = drop(tmp_path, f"f{number}", lines_of(number))
        _, position = read(tmp_path, JsonLines(), position)
        path.unlink()
    assert position is not None
    assert len(json.loads(position)[0]) <= 4
    monkeypatch.setattr(files, "FILES_MAX", 2)
    for number in range(3):
        drop(tmp_path, f"f{number}", lines_of(number))
    with pytest.raises(ContractBreach, match="more than 2"):
        read(tmp_path, JsonLines(), position)


@pytest.mark.parametrize("how", ["taken away", "written over"])
def test_a_file_that_vanishes_half_told_is_told(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never silently: one entry says how many records had been told."""
    monkeypatch.setattr(files, "RECORDS_BETWEEN_POSITIONS", 1)
    path = drop(tmp_path, "a", lines_of(1, 2, 3))
    position = next(files.changes(Folder(tmp_path, "*"), JsonLines(), None)).position
    if how == "taken away":
        path.unlink()
    else:
        drop(tmp_path, "a", lines_of(7))
    items, position = read(tmp_path, JsonLines(), position)
    assert codes(items) == ["E-GAP"]
    assert ids(items) == ([] if how == "taken away" else ["7"])
    assert read(tmp_path, JsonLines(), position)[0] == []


def test_a_file_is_taken_when_complete(tmp_path: Path) -> None:
    """Not while its name is a transfer's, nor before its marker."""
    drop(tmp_path, "a.jsonl.part", lines_of(1))
    drop(tmp_path, ".b.jsonl", lines_of(2))
    drop(tmp_path, "c.jsonl", lines_of(3))
    assert ids(read(tmp_path, JsonLines())[0]) == ["3"]
    assert ids(read(tmp_path, JsonLines(), marker=".done")[0]) == []
    drop(tmp_path, "c.jsonl.done", "")
    assert ids(read(tmp_path, JsonLines(), marker=".done")[0]) == ["3"]


def test_a_folder_or_file_that_cannot_be_read_is_an_outage(tmp_path: Path) -> None:
    """Asked again later; nothing is taken for told."""
    with pytest.raises(SourceUnavailable):
        read(tmp_path / "nowhere", JsonLines())
    drop(tmp_path, "a", lines_of(1))
    opened = Folder(tmp_path, "*")
    (listed,) = opened.listing()

    def read_what_vanishes() -> None:
        with opened.fetch(listed) as path:
            assert path is not None
            path.unlink()
            path.read_bytes()

    with pytest.raises(SourceUnavailable, match="cannot be read"):
        read_what_vanishes()


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is read."""
    monkeypatch.setattr(files, "FILE_BYTES_MAX", 10)
    drop(tmp_path, "a", lines_of(1, 2))
    items, position = read(tmp_path, JsonLines())
    assert codes(items) == ["E-FILE"]
    assert read(tmp_path, JsonLines(), position)[0] == []


XML = """<?xml version="1.0" encoding="UTF-8"?>
<r:register xmlns:r="urn:register" xmlns="urn:things" xmlns:x="urn:x">
  <made>2025</made>
  <row no="1" x:kind="a&gt;b"><id>1</id><name>Zo\u00eb &amp; Ko</name><tag>a</tag><tag>b</tag></row>
  <group><row><id>3</id><place><city>Here</city> beside <r:zip>0123</r:zip></place></row></group>
  <row id="5" note="a>b"/>
  <row><id>6</id><!-- > --><![CDATA[<not a tag>]]></row>
  <row>7</row><row/><row></row>
</r:register>"""


@pytest.mark.parametrize("block_bytes", [1, 7, 64, 100_000])
def test_xml_records_with_their_exact_bytes(
    tmp_path: Path, block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever blocks end; each reads back alone, in the name spaces of its document."""
    monkeypatch.setattr(xml_records, "BLOCK_BYTES", block_bytes)
    drop(tmp_path, "a.xml", XML)
    items, _ = read(tmp_path, Xml("row"))
    changes = [item for item in items if isinstance(item, Change)]
    assert [dict(change.record) for change in changes] == [
        {"@no": "1", "@kind": "a>b", "id": "1", "name": "Zo\u00eb & Ko", "tag": ["a", "b"]},
        {"id": "3", "place": {"city": "Here", "zip": "0123", "#text": " beside "}},
        {"@id": "5", "@note": "a>b"},
        {"id": "6", "#text": "<not a tag>"},
        {"#text": "7"},
        {"#text": ""},
        {"#text": ""},
    ]
    assert [change.raw for change in changes[-2:]] == [b"<row/>", b"<row></row>"]
    for change in changes:
        assert change.raw.decode() in XML
        assert change.raw.startswith(b"<row")
        assert reread(change.raw, json.loads(json.dumps(change.context))) == change.record


def test_xml_records_beyond_a_limit_cost_themselves_only(tmp_path: Path) -> None:
    """Too large or too deep: kept, at least from its beginning, and the next one is read."""
    deep = "<a>" * 100 + "</a>" * 100
    large = f"<b>{'x' * 1_000_000}</b>" * 5
    one = "<row><id>{}</id>{}</row>"
    rows = one.format(1, "") + one.format(2, deep) + one.format(3, large) + one.format(4, "")
    drop(tmp_path, "a.xml", f"<rows>{rows}</rows>")
    items, _ = read(tmp_path, Xml("row"))
    assert ids(items) == ["1", "4"]
    assert codes(items) == ["E-XML-DEPTH", "E-ROW-SIZE"]
    parked = [item.raw for item in items if isinstance(item, Unreadable)]
    assert parked[0].decode() == one.format(2, deep)
    assert one.format(3, large).encode().startswith(parked[1][:800_000])


def archive(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A ZIP archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content, zipfile.ZIP_DEFLATED)
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return path


def test_members_of_an_archive_are_read_as_files(tmp_path: Path) -> None:
    """In their order, each named in the context; a bad one refuses the archive."""
    rows = [lines_of(1, 2).encode(), lines_of(3).encode()]
    archive(tmp_path / "a.zip", ("x/one", rows[0]), ("two", rows[1]))
    items, _ = read(tmp_path, Zipped(JsonLines()))
    assert ids(items) == ["1", "2", "3"]
    assert [item.context["file"] for item in items if isinstance(item, Change)] == [
        "a.zip/x/one",
        "a.zip/x/one",
        "a.zip/two",
    ]
    archive(tmp_path / "b.zip", ("one", b"id\n1\n"), ("two", b""))
    items, _ = read(tmp_path, Zipped(Csv()), pattern="b*")
    assert (ids(items), codes(items)) == ([], ["E-FILE"])
    assert "b.zip/two" in items[0].error.message


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([], "holds no file"),
        ([("../x", b"x")], "leads out"),
        ([("a/../../x", b"x")], "leads out"),
        ([("/etc/x", b"x")], "leads out"),
        ([("..\\x", b"x")], "leads out"),
        ([("C:/x", b"x")], "leads out"),
        ([(_link(), b"/etc/passwd")], "a link"),
        ([("x.zip", b"x")], "archive inside"),
        ([("x", b"PK\x03\x04")], "archive inside"),
        ([(f"f{number}", b"x") for number in range(1_001)], "members"),
        ([("x", b"id\n" + b"\n" * 50_000_000)], "unpacks to more"),
        ([(f"f{number}", os.urandom(400_000)) for number in range(4)], "unpacks to more"),
    ],
)
def test_archives_that_do_harm_are_refused(
    tmp_path: Path, members: list[Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is told, and nothing is written outside."""
    if len(members) == 4:
        monkeypatch.setattr(zipped, "TOTAL_BYTES_MAX", 1_000_000)
    archive(tmp_path / "a.zip", *members)
    items, _ = read(tmp_path, Zipped(JsonLines()))
    assert (ids(items), codes(items)) == ([], ["E-FILE"])
    assert reason in items[0].error.message
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_an_archive_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    """A member that says it is small, one whose content is broken, one that is encrypted."""
    path = archive(tmp_path / "a.zip", ("x", lines_of(*range(2_000)).encode()))
    good = path.read_bytes()
    place = good.rfind(b"PK\x01\x02")
    for at, changed in ((place + 24, b"\x05\0\0\0"), (60, b"\xff" * 40), (place + 8, b"\x01")):
        drop(tmp_path, "a.zip", good[:at] + changed + good[at + len(changed) :])
        items, _ = read(tmp_path, Zipped(JsonLines()))
        assert (ids(items), codes(items)) == ([], ["E-FILE"])
