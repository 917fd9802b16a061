"""Files that are not UTF-8: read as they are said to be, else refused, and kept as sent."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import scaffold_samples
from hypothesis import given
from hypothesis import strategies as st
from mappings import HEAD, ISSUED, document, errors
from typer.testing import CliRunner

from hub.cli.app import app
from hub.connect.contract import Change, Operation, Unchanged, Unreadable
from hub.connect.scaffold.plan import plan
from hub.connect.scaffold.readme import warnings
from hub.connect.scaffold.sample import look
from hub.connect.sources import csv_snapshots
from hub.connect.sources.csv_rows import Dialect
from hub.connect.sources.delimited import Delimited
from hub.connect.sources.encodings import ENCODINGS, UTF_8, is_text
from hub.connect.sources.reread import reread
from hub.connect.sources.shapes import Csv, Piece, Shape
from hub.connect.sources.xml_records import Xml
from hub.errors import ContractBreach, UnreadableRecord

OTHERS = ENCODINGS[1:]
run = CliRunner()


def pieces(shape: Shape, path: Path, data: bytes) -> list[Piece]:
    """What a file with these bytes holds."""
    path.write_bytes(data)
    shape.check(path, path.name)
    return list(shape.pieces(path, path.name))


@pytest.mark.parametrize("encoding", OTHERS)
def test_rows_are_read_as_they_are_said_to_be(tmp_path: Path, encoding: str) -> None:
    """Header and cells; the original is what was sent, and is read again the same."""
    data = "Straße;Ort\nGüntherweg 1;Öhringen\n".encode(encoding)
    (piece,) = pieces(Csv(";", encoding), tmp_path / "a.csv", data)
    assert piece.record == {"Straße": "Güntherweg 1", "Ort": "Öhringen"}
    assert piece.raw == "Güntherweg 1;Öhringen\n".encode(encoding)
    assert reread(piece.raw, json.loads(json.dumps(piece.context))) == piece.record


@pytest.mark.parametrize("encoding", OTHERS)
def test_fields_between_header_and_trailer(tmp_path: Path, encoding: str) -> None:
    """Files of fields by position as well."""
    shape = Delimited(("name", "town"), encoding=encoding)
    data = "H|x\nJosé|Málaga\nT|1\n".encode(encoding)
    (piece,) = pieces(shape, tmp_path / "a.txt", data)
    assert piece.record == {"name": "José", "town": "Málaga"}
    assert reread(piece.raw, json.loads(json.dumps(piece.context))) == piece.record


@pytest.mark.parametrize("encoding", OTHERS)
def test_xml_is_read_as_it_says_itself(tmp_path: Path, encoding: str) -> None:
    """A document names its encoding; so does what is kept of a record."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    data = f'{head}<all xmlns="urn:é"><one n="Zoë">Ångström</one></all>'.encode(encoding)
    (piece,) = pieces(Xml("one"), tmp_path / "a.xml", data)
    assert piece.record == {"@n": "Zoë", "#text": "Ångström"}
    assert piece.raw == '<one n="Zoë">Ångström</one>'.encode(encoding)
    assert reread(piece.raw, json.loads(json.dumps(piece.context))) == piece.record


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        (UTF_8, "Gr\xfcn".encode("latin-1")),
        ("windows-1252", b"Gr\x81n"),
        ("iso-8859-1", "“Grün”".encode("windows-1252")),
        ("iso-8859-15", b"Gr\x85n"),
    ],
)
def test_a_row_in_another_encoding_costs_that_row(
    tmp_path: Path, encoding: str, raw: bytes
) -> None:
    """Undefined bytes and control characters are no text; the next row is read."""
    first, second = pieces(Csv(",", encoding), tmp_path / "a.csv", b"id,v\n1," + raw + b"\n2,b\n")
    assert first.error is not None
    assert (first.error.code, first.error.rule) == ("E-ENCODING", encoding)
    assert "encoding:" in (first.error.remedy or "")
    assert first.raw == b"1," + raw + b"\n"
    assert second.record == {"id": "2", "v": "b"}
    with pytest.raises(UnreadableRecord, match=encoding):
        reread(first.raw, first.context)
    line = Delimited(("id", "v"), encoding=encoding)
    (bad,) = pieces(line, tmp_path / "a.txt", b"H|1\n1|" + raw + b"\nT|1\n")
    assert bad.error is not None
    assert bad.error.code == "E-ENCODING"


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        (Csv(), "Größe,v\n1,a\n".encode("latin-1")),
        (Csv(encoding="windows-1252"), b"\xef\xbb\xbfid,v\n1,a\n"),
        (Csv(encoding="windows-1252"), "id,v\n1,a\n".encode("utf-16")),
        (Csv(encoding="iso-8859-1"), b"gr\x81,v\n1,a\n"),
        (Delimited(("a",), encoding="iso-8859-1"), b"\xef\xbb\xbfH|1\nx\nT|1\n"),
        (Xml("one"), b'<?xml version="1.0" encoding="koi8-r"?><a><one>x</one></a>'),
    ],
)
def test_a_file_that_says_otherwise_is_refused(tmp_path: Path, shape: Shape, data: bytes) -> None:
    """By its mark or its header, as a whole, and with what to do."""
    with pytest.raises(ContractBreach) as caught:
        pieces(shape, tmp_path / "a", data)
    assert caught.value.code == "E-FILE"
    assert caught.value.remedy


def test_snapshots_are_compared_in_their_encoding(tmp_path: Path) -> None:
    """What a row was before, and what is gone, is read as the file was."""
    dialect = Dialect(",", "windows-1252")
    for name, text in (("a", "id,v\n1,Zoë\n2,Åsa\n3,x\n"), ("b", "id,v\n1,Zoé\n3,x\n")):
        path = tmp_path / f"{name}.csv"
        path.write_bytes(text.encode("windows-1252"))
        os.utime(path, (1_700_000_000, 1_700_000_000))

    def tell(after: str | None) -> list[Change | Unreadable | Unchanged]:
        return list(csv_snapshots.changes(tmp_path, "*.csv", {"id": ("id",)}, after, 1.0, dialect))

    told = [one for one in tell(None) if isinstance(one, Change)]
    changed, gone = told[3:]
    assert (changed.record["v"], (changed.before or {})["v"]) == ("Zoé", "Zoë")
    assert gone.operation is Operation.DELETED
    assert gone.before == {"id": "2", "v": "Åsa"}
    for one in told:
        record = reread(one.raw, json.loads(json.dumps(one.context)))
        assert record == (one.before if one.operation is Operation.DELETED else one.record)


@given(st.binary(max_size=40), st.sampled_from(ENCODINGS))
def test_no_byte_is_taken_for_another(data: bytes, encoding: str) -> None:
    """Law: whatever counts as text is the same bytes again."""
    if is_text(data, encoding):
        assert data.decode(encoding).encode(encoding) == data


def test_a_mapping_names_the_encoding() -> None:
    """One of a few; another is told with its line and the nearest."""
    source = "source: {csv_snapshots: {key: no, encoding: windows-1252}}\n"
    assert errors(document(source=source)) == []
    (problem,) = errors(document(source=source.replace("windows-1252", "windows-1251")))
    assert (problem.line, "windows-1252" in problem.remedy) == (7, True)
    for holds in ("csv: {encoding: iso-8859-1}", "delimited: {columns: [a], encoding: iso-8859-1}"):
        text = f"{HEAD}source: {{files: {{holds: {{{holds}}}}}}}\n{ISSUED}"
        assert not [one for one in errors(text) if "encoding" in one.what]


def test_a_sample_in_another_encoding_is_written_as_one(tmp_path: Path) -> None:
    """The scaffold says what it took the sample for; what it writes passes the suite unedited."""
    sample = scaffold_samples.dogs(tmp_path / "dogs.csv")
    text = sample.read_bytes().decode("utf-8-sig")
    sample.write_bytes(text.encode("windows-1252", "replace"))
    found = warnings(plan("dogs", look(sample)), keep_values=False)
    assert any("taken for windows-1252" in one for one in found)
    command = ["connector", "new", "dogs", "--from", str(sample), "--into", str(tmp_path / "out")]
    done = run.invoke(app, [*command, "-o", "json"])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    assert {one["outcome"] for one in told["checks"]} == {"passed", "skipped"}
    (mapping,) = (path for path in told["files"] if path.endswith("mapping.yaml"))
    assert "encoding: windows-1252" in Path(mapping).read_text(encoding="utf-8")
