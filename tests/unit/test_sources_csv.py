"""CSV from outside: every row with its exact bytes, and nothing a file holds stops the reading."""

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connect.sources import csv_rows
from hub.connect.sources.context import context_of
from hub.connect.sources.csv_rows import Row, columns_of, parse_row, rows
from hub.connect.sources.reread import reread
from hub.errors import ContractBreach, UnreadableRecord

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def write(folder: Path, data: bytes) -> Path:
    """A file with this content."""
    path = folder / "a.csv"
    path.write_bytes(data)
    return path


def codes(found: list[Row]) -> list[str]:
    """The code of each row, empty where it could be read."""
    return [row.error.code if row.error else "" for row in found]


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=8), st.booleans(), st.booleans())
def test_raw_pieces_make_the_file(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], bom: bool, crlf: bool
) -> None:
    """Whatever the cells hold, rows are what was written and their bytes make up the file."""
    written = io.StringIO()
    end = "\r\n" if crlf else "\n"
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows([["a", "b"], *table])
    data = (b"\xef\xbb\xbf" if bom else b"") + written.getvalue().encode()
    path = write(tmp_path_factory.mktemp("csv"), data)
    found = list(rows(path))
    header = len(data) - sum(len(row.raw) for row in found)
    assert data[:header] + b"".join(row.raw for row in found) == data
    assert [list(row.record.values()) for row in found] == table
    assert columns_of(path) == ("a", "b")
    for row in found:
        assert row.offset == data.index(row.raw, row.offset)
        assert reread(row.raw, context_of("a.csv", "csv", ("a", "b"))) == row.record


def test_multi_line_cells_and_line_numbers(tmp_path: Path) -> None:
    """A row says on which line it begins, also behind cells with line ends and blank lines."""
    found = list(rows(write(tmp_path, b'a,b\n1,"x\ny"\n\n2,z')))
    assert [(row.record["a"], row.line, row.raw) for row in found] == [
        ("1", 2, b'1,"x\ny"\n'),
        ("2", 5, b"2,z"),
    ]


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        (b"\xff\xfe,2\n", "E-ENCODING"),
        (b"1,\x002\n", "E-NUL"),
        (b"\x00\n", "E-NUL"),
        (b"1\n", "E-COLUMNS"),
        (b"1,2,3\n", "E-COLUMNS"),
        (b"1," + b"x" * 950_000 + b"\n", "E-ROW-SIZE"),
    ],
)
def test_a_broken_row_costs_only_itself(tmp_path: Path, piece: bytes, code: str) -> None:
    """A row that cannot be read is told with its bytes and its rule; the next one is read."""
    found = list(rows(write(tmp_path, b"a,b\n0,0\n" + piece + b"9,9\n")))
    assert codes(found) == ["", code, ""]
    assert found[1].raw == piece[: csv_rows.ROW_BYTES_MAX]
    assert found[2].record == {"a": "9", "b": "9"}
    with pytest.raises(UnreadableRecord) as caught:
        parse_row(piece, ("a", "b"))
    assert caught.value.code == code


def test_an_open_quote_is_not_a_row(tmp_path: Path) -> None:
    """A file cut off inside a quoted cell gives no half cell as a whole one."""
    assert codes(list(rows(write(tmp_path, b'a,b\n1,2\n3,"four')))) == ["", "E-QUOTE"]


def test_a_line_without_end_does_not_fill_memory(tmp_path: Path) -> None:
    """A line longer than a row may be is read over, not held."""
    path = write(tmp_path, b"a,b\n" + b"y" * 30_000_000 + b"\n1,2\n")
    tracemalloc.start()
    found = list(rows(path))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 12 * csv_rows.ROW_BYTES_MAX
    assert codes(found) == ["E-ROW-SIZE", ""]
    assert len(found[0].raw) == csv_rows.ROW_BYTES_MAX
    assert path.read_bytes()[found[1].offset :] == b"1,2\n"


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\n", b"\xff\xfea\0,\0b\0\n\0", b"a,a\n1,2\n", b"\xe9,b\n", b"a\rb\r1\r2\r"),
        ",".join(f"c{number}" for number in range(501)).encode() + b"\n",
    ],
)
def test_a_file_that_is_no_such_csv_is_refused(tmp_path: Path, data: bytes) -> None:
    """No header, UTF-16, a column twice, too many columns, other line ends: refused as a whole."""
    path = write(tmp_path, data)
    with pytest.raises(ContractBreach) as caught:
        list(rows(path))
    assert caught.value.code == "E-FILE"
    assert caught.value.remedy
