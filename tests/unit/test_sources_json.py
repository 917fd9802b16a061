"""JSON from outside: strict, bounded, item by item with its exact bytes."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connect.sources.folder import complete
from hub.connect.sources.json_files import texts
from hub.connect.sources.reread import reread
from hub.connect.sources.shapes import Json
from hub.connect.strict_json import DEPTH_MAX, loads
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

leaves = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=9,
)


def settle(path: Path, data: bytes) -> Path:
    """A file that has been lying there for a while."""
    path.write_bytes(data)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


@given(documents)
def test_what_is_json_is_read(document: Any) -> None:
    """Any document within the limits is read as it is."""
    assert loads(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[NaN]", "E-JSON-NUMBER"),
        (b"-Infinity", "E-JSON-NUMBER"),
        (b"[1e400]", "E-JSON-NUMBER"),
        (b"1e99999999999999999999", "E-JSON-NUMBER"),
        (b"1" * 5_000, "E-JSON-NUMBER"),
        (b'{"a":1,"a":1}', "E-JSON-DUPLICATE-KEY"),
        (b'[["\\ud800"]]', "E-JSON-UNICODE"),
        (b'{"\\udfff":1}', "E-JSON-UNICODE"),
        (b"[" * 65 + b"]" * 65, "E-JSON-DEPTH"),
        (b"[" * 100_000, "E-JSON-DEPTH"),
        (b'"\xff"', "E-ENCODING"),
        (b"\xef\xbb\xbf{}", "E-JSON"),
        (b"{} {}", "E-JSON"),
        (b"", "E-JSON"),
    ],
)
def test_what_parsers_let_pass_is_refused(data: bytes, code: str) -> None:
    """Each trick is refused by name, without the value in the message."""
    with pytest.raises(UnreadableRecord) as caught:
        loads(data)
    assert caught.value.code == code


def test_size_is_bounded() -> None:
    """A document larger than allowed is refused before it is parsed."""
    with pytest.raises(UnreadableRecord, match="E-JSON-SIZE"):
        loads(b"[1,2,3]", bytes_max=3)


def test_brackets_in_text_are_no_depth() -> None:
    """Only real nesting counts, also beside texts full of brackets and escaped quotes."""
    text = '"' + "[{" * 200 + '\\"[['
    assert loads(f'["{text[1:]}"]'.encode()) == ["[{" * 200 + '"[[']
    assert loads(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)


def test_fractions_are_decimal() -> None:
    """A fraction is exact."""
    assert loads(b"[0.1, 40000.0]") == [Decimal("0.1"), Decimal("40000.0")]


def test_items_one_by_one_with_their_bytes(tmp_path: Path) -> None:
    """Each item has its exact text; a bad one is told and the next is read."""
    items = [
        b'{ "id" : 1.50 }',
        b'{"id":NaN}',
        b"7",
        b'{"n":' + b"1" * 50 + b"}",
        b'{"d":' + b"[" * 70 + b"]" * 70 + b"}",
        '{"id":"Ü]}"}'.encode(),
    ]
    data = b'\xef\xbb\xbf{"x": {"grants": []}, "grants" : [' + b" ,\n".join(items) + b'], "y": 1}\n'
    told = list(Json("grants").pieces(settle(tmp_path / "a.json", data), "a.json"))
    assert [piece.raw for piece in told] == items
    assert [piece.error.code if piece.error else "" for piece in told] == [
        *("", "E-JSON-NUMBER", "E-JSON", "E-JSON-NUMBER", "E-JSON-DEPTH", ""),
    ]
    assert [piece.context["line"] for piece in told] == [1, 2, 3, 4, 5, 6]
    assert reread(told[0].raw, told[0].context) == told[0].record == {"id": Decimal("1.50")}


@pytest.mark.parametrize(
    "data",
    [
        b'{"grants": [{"id": 1}',
        b'{"grants": [{"id": 1},]}',
        b'{"grants": [{"id": 1} {"id": 2}]}',
        b'{"grants": [{"id": 1}]} x',
        b'{"awards": []}',
        b"[]",
        b"\xff",
        b'{"grants": [' + b"[" * 1_000 + b"]" * 1_000 + b"]}",
    ],
)
def test_a_broken_document_tells_nothing(tmp_path: Path, data: bytes) -> None:
    """A file that is broken somewhere is refused before the first of its records is told."""
    path = settle(tmp_path / "a.json", data)
    with pytest.raises(ContractBreach) as caught:
        next(texts(path, "grants", "a.json"))
    assert caught.value.code == "E-FILE"


@pytest.mark.parametrize(
    ("data", "member"),
    [
        (
            b'{"data": {"n": 2, "items": [{"id": 1}, {"id": 2}], "x": {}}, "next": null}',
            "data.items",
        ),
        (b'{"data": 1, "a": {"b": {"c": [{"id": 1}, {"id": 2}]}}}', "a.b.c"),
        (b'{"items": {}, "items": [{"id": 1}, {"id": 2}]}', "items"),
    ],
)
def test_a_list_may_lie_deeper(tmp_path: Path, data: bytes, member: str) -> None:
    """A dotted path leads to it; what stands beside it on any level does not matter."""
    found = texts(settle(tmp_path / "a.json", data), member, "a.json")
    assert list(found) == ['{"id": 1}', '{"id": 2}']


@pytest.mark.parametrize(
    "data",
    [
        b'{"data": {"items": [{"id": 1}]}',
        b'{"data": {"items": [{"id": 1}]}} x',
        b'{"data": {"items": [{"id": 1}]]}}',
        b'{"data": [{"id": 1}]}',
    ],
)
def test_a_deeper_list_in_a_broken_document(tmp_path: Path, data: bytes) -> None:
    """What does not end as it should is refused before a record of it is told."""
    path = settle(tmp_path / "a.json", data)
    with pytest.raises(ContractBreach):
        next(texts(path, "data.items", "a.json"))


@pytest.mark.parametrize(
    "data",
    [
        b'[{"p": 1, "r": {"items": [{"id": 1}]}}, {"r": {"items": [{"id": 2}], "n": []}, "p": 2}]',
        b'[{"r": {"items": []}},\n{"r": {"items": [{"id": 1}, {"id": 2}]}}]\n',
    ],
)
def test_a_document_may_be_a_list_of_pages(tmp_path: Path, data: bytes) -> None:
    """The records of all pages, in their order, each with its exact text; a page may have none."""
    path = settle(tmp_path / "a.json", data)
    assert list(texts(path, "r.items", "a.json", pages=True)) == ['{"id": 1}', '{"id": 2}']
    told = list(Json("r.items", pages=True).pieces(path, "a.json"))
    assert [(piece.record["id"], piece.context["line"]) for piece in told] == [(1, 1), (2, 2)]
    assert list(texts(settle(path, b"[]"), "r.items", "a.json", pages=True)) == []


@pytest.mark.parametrize(
    "data",
    [
        b'[{"items": [{"id": 1}]}, {}]',
        b'[{"items": [{"id": 1}]}, null]',
        b'[{"items": [{"id": 1}]} {"items": []}]',
        b'[{"items": [{"id": 1}]}',
        b'[{"items": [{"id": 1}]}] x',
        b'{"items": [{"id": 1}]}',
    ],
)
def test_a_page_without_its_list_refuses_the_file(tmp_path: Path, data: bytes) -> None:
    """Otherwise the records of a page that is broken would be missing without a word."""
    path = settle(tmp_path / "a.json", data)
    with pytest.raises(ContractBreach, match="pages") as caught:
        next(texts(path, "items", "a.json", pages=True))
    assert caught.value.code == "E-FILE"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A missing folder is no empty one: the source is not available."""
    with pytest.raises(SourceUnavailable):
        complete(tmp_path / "nowhere", "*.csv")


def test_a_growing_file_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes while we look is not complete; hidden and partial names never are."""
    fresh = tmp_path / "a.csv"
    fresh.write_text("a\n")
    settle(tmp_path / "old.csv", b"a\n")
    settle(tmp_path / ".b.csv", b"a\n")
    settle(tmp_path / "c.csv.tmp", b"a\n")

    def grow(_: float) -> None:
        fresh.write_text("a\n1\n")

    monkeypatch.setattr("hub.clock.sleep_s", grow)
    assert [path.name for path in complete(tmp_path, "*")] == ["old.csv"]
