"""Messages of PostgreSQL's log: read exactly, refused when damaged, seen transactions skipped."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canon.model import Moment, Precision, TextReceived
from hub.connect.contract import Change, Draft, Operation
from hub.connect.difference import difference
from hub.connect.sources import pgoutput, postgres_log
from hub.connect.sources.pgoutput import UNCHANGED, Begin, Commit, Relation, RowChange
from hub.errors import ContractBreach

OID = 16_385
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)
values = st.lists(st.none() | st.just(UNCHANGED) | st.text(max_size=20), max_size=5)


def row(cells: list[str | None]) -> bytes:
    """A TupleData as PostgreSQL writes it."""
    parts = [struct.pack(">H", len(cells))]
    for cell in cells:
        if cell is None:
            parts.append(b"n")
        elif cell == UNCHANGED:
            parts.append(b"u")
        else:
            data = cell.encode()
            parts.append(b"t" + struct.pack(">I", len(data)) + data)
    return b"".join(parts)


def relation(columns: list[str], identity: bytes = b"f", table: str = "thing") -> bytes:
    """A Relation message."""
    told = b"".join(b"\1" + name.encode() + b"\0" + struct.pack(">Ii", 25, -1) for name in columns)
    head = struct.pack(">I", OID) + b"public\0" + table.encode() + b"\0" + identity
    return b"R" + head + struct.pack(">H", len(columns)) + told


def begin(lsn: int, xid: int) -> bytes:
    """A Begin message."""
    return b"B" + struct.pack(">QqI", lsn, 0, xid)


def insert(cells: list[str | None]) -> bytes:
    """An Insert message."""
    return b"I" + struct.pack(">I", OID) + b"N" + row(cells)


def update(before: list[str | None], after: list[str | None]) -> bytes:
    """An Update message with the whole row before."""
    return b"U" + struct.pack(">I", OID) + b"O" + row(before) + b"N" + row(after)


def delete(before: list[str | None]) -> bytes:
    """A Delete message."""
    return b"D" + struct.pack(">I", OID) + b"O" + row(before)


@given(values, values)
def test_rows_are_read_as_written(before: list[str | None], after: list[str | None]) -> None:
    """Every value comes back: text, nothing, and "not changed"."""
    old, new = tuple(before), tuple(after)
    assert pgoutput.parse(insert(after)) == RowChange("I", OID, None, new)
    assert pgoutput.parse(update(before, after)) == RowChange("U", OID, old, new)
    assert pgoutput.parse(delete(before)) == RowChange("D", OID, old, None)


def test_tables_and_transactions_are_read() -> None:
    """Relation, begin and commit have what the reader needs; types and origins say nothing."""
    assert pgoutput.parse(relation(["id", "näme"])) == Relation(
        OID, "public", "thing", ("id", "näme"), "f"
    )
    assert pgoutput.parse(begin(1 << 40, 4_000_000_000)) == Begin(1 << 40, 4_000_000_000)
    commit = b"C\0" + struct.pack(">QQq", 7, 8, 9)
    assert pgoutput.parse(commit) == Commit(7, 8)
    assert pgoutput.parse(b"Y" + struct.pack(">I", 1) + b"s\0t\0") is None
    assert pgoutput.parse(b"O" + struct.pack(">Q", 1) + b"name\0") is None


def test_every_cut_of_a_message_is_refused() -> None:
    """A message that ends early or goes on too long is never half read."""
    for whole in (insert(["a", None]), update(["a"], ["b"]), delete(["a"]), relation(["id"])):
        for end in range(len(whole)):
            with pytest.raises(ContractBreach, match="E-PGOUTPUT"):
                pgoutput.parse(whole[:end])
        with pytest.raises(ContractBreach, match="E-PGOUTPUT"):
            pgoutput.parse(whole + b"\0")


@pytest.mark.parametrize(
    "data",
    [
        b"Z",
        b"I" + struct.pack(">I", OID) + b"O" + row(["a"]),
        b"D" + struct.pack(">I", OID) + b"N" + row(["a"]),
        insert(["a"]).replace(b"t", b"b"),
        b"I" + struct.pack(">I", OID) + b"N" + b"\0\1t\0\0\0\1\xff",
        b"I" + struct.pack(">I", OID) + b"N" + b"\0\1t\xff\xff\xff\xff",
    ],
)
def test_what_the_protocol_does_not_know_is_refused(data: bytes) -> None:
    """Unknown kinds, parts out of place, binary values, text that is not UTF-8, endless lengths."""
    with pytest.raises(ContractBreach, match="E-PGOUTPUT"):
        pgoutput.parse(data)


@given(st.binary(max_size=60))
def test_hostile_bytes_never_do_more_than_be_refused(data: bytes) -> None:
    """Whatever the bytes are, they are a message or a breach of contract."""
    with contextlib.suppress(ContractBreach):
        assert pgoutput.parse(data) is None or data[:1] in b"BCRIUD"


def told(messages: list[bytes], snapshot: str = "100:100:", version: int = 0) -> list[Change]:
    """The changes a stream reader makes of messages."""
    log = postgres_log.Log("", "slot", "hub", (("thing", "id"),))
    at = postgres_log._At("log", 0, snapshot, version)
    reader = postgres_log._StreamReader(log, at)
    return [change for message in messages for change in reader.take(message)]


def test_transactions_the_snapshot_saw_are_skipped() -> None:
    """What committed before the first reading was read there; what ran then was not."""
    one = [relation(["id"]), begin(800, 99), insert(["1"]), begin(1_600, 98), insert(["2"])]
    other = [begin(2_400, 100), insert(["3"])]
    assert [change.record["id"] for change in told(one + other, "98:100:98")] == ["2", "3"]


def test_transaction_numbers_begin_again() -> None:
    """After 2^32 transactions the numbers are small again and still later."""
    last = (5 << 32) + 10
    messages = [relation(["id"]), begin(800, 9), insert(["1"]), begin(1_600, 11), insert(["2"])]
    assert [change.record["id"] for change in told(messages, f"{last}:{last}:")] == ["2"]
    earlier = [relation(["id"]), begin(800, (1 << 32) - 5), insert(["1"])]
    assert told(earlier, f"{last}:{last}:") == []


@pytest.mark.parametrize(
    ("xid", "missed"), [(99, False), (98, True), (100, True), (149, True), (150, False), (9, False)]
)
def test_only_rows_written_since_the_snapshot_are_left_out(xid: int, missed: bool) -> None:
    """A row's writer is missed when it ran at the snapshot or began after it."""
    snapshot = postgres_log._Snapshot("98:100:98")
    assert snapshot.missed(xid, 150) is missed


def test_an_old_row_is_read_though_its_number_looks_later() -> None:
    """A row last written 3 billion transactions ago is there, not in the future."""
    now = (1 << 32) + 1_000_000_000
    snapshot = postgres_log._Snapshot(f"{now}:{now}:")
    old = (now - 3_000_000_000) & 0xFFFFFFFF
    assert not snapshot.missed(old, now + 50)
    assert snapshot.missed((now + 10) & 0xFFFFFFFF, now + 50)


def test_versions_grow_with_commits_and_fit() -> None:
    """A later commit has later versions, even at 64 TB of log; they fit the event's 63 bits."""
    far = 64 * 10**12
    messages = [relation(["id"]), begin(far, 200), insert(["1"]), insert(["2"])]
    later = [begin(far + 8, 150), update(["1"], ["3"])]
    versions = [change.version for change in told(messages + later)]
    assert versions == sorted(set(versions))
    assert versions[-1] < 1 << 63


def test_a_row_deleted_and_written_again_at_once_is_there() -> None:
    """In one transaction: what was withdrawn is older than what was said afterwards."""
    messages = [relation(["id"]), begin(800, 200), delete(["1"]), insert(["1"])]
    gone, back = told(messages)
    body = Draft(TextReceived("1"), "thing/1", gone.version, SOME_DAY)
    (withdrawn,) = difference([body], [], gone.version)
    assert withdrawn.record_version < back.version


def test_a_transaction_has_an_end() -> None:
    """More changes than versions have room for stop the reading instead of mixing the order."""
    log = postgres_log.Log("", "slot", "hub", (("thing", "id"),))
    reader = postgres_log._StreamReader(log, postgres_log._At("log", 0, "100:100:"))
    assert list(reader.take(relation(["id"]))) == []
    assert list(reader.take(begin(800, 200))) == []
    reader._version += postgres_log.VERSION_STEP - 2 * postgres_log.CHANGE_STEP
    assert len(list(reader.take(insert(["1"])))) == 1
    with pytest.raises(ContractBreach, match="E-TRANSACTION"):
        list(reader.take(insert(["2"])))


def test_a_position_says_where_the_first_reading_began_and_ended() -> None:
    """Every change's position is the one before with its version, whatever digits they have."""
    at = postgres_log._At("log", 7_000, "100:100:", 0, 50_600)
    log = postgres_log.Log("", "slot", "hub", (("thing", "id"),))
    reader = postgres_log._StreamReader(log, at)
    messages = [relation(["id"]), begin(80_000, 200), insert(["1"])]
    (change,) = [change for message in messages for change in reader.take(message)]
    assert change.position is not None
    assert postgres_log._parse(change.position) == at._replace(version=change.version)


def test_the_same_place_is_told_once() -> None:
    """What a position covers is not told again."""
    messages = [relation(["id"]), begin(800, 200), insert(["1"]), insert(["2"])]
    first, second = told(messages)
    assert told(messages, version=first.version) == [second]
    assert second.operation is Operation.CREATED


def test_other_tables_tell_nothing() -> None:
    """A publication may hold more than the connector asks for."""
    assert told([relation(["id"], table="else"), begin(800, 200), insert(["1"])]) == []


def test_values_that_did_not_change_come_from_the_row_before() -> None:
    """Large values are not in the message when they stayed."""
    messages = [relation(["id", "note"]), begin(800, 200)]
    (change,) = told([*messages, update(["1", "long"], ["2", UNCHANGED])])
    assert change.record == {"id": "2", "note": "long", "table": "thing"}


def test_a_table_that_hides_its_old_rows_is_refused() -> None:
    """Without the whole row before, withdrawals would be lost."""
    with pytest.raises(ContractBreach, match="REPLICA IDENTITY FULL"):
        told([relation(["id"], b"d")])


@pytest.mark.parametrize(
    "messages", [[begin(800, 200), insert(["1"])], [relation(["id"]), insert(["1", "2"])]]
)
def test_a_row_that_fits_no_table_is_refused(messages: list[bytes]) -> None:
    """A row of an unknown table, or with other columns, is a breach of contract."""
    with pytest.raises(ContractBreach, match="E-PGOUTPUT"):
        told(messages)


def test_truncation_needs_a_new_reading() -> None:
    """The rows that are gone are not told, so the operator is asked to read anew."""
    with pytest.raises(ContractBreach, match="E-GAP"):
        pgoutput.parse(b"T" + struct.pack(">I", 1) + b"\0" + struct.pack(">I", OID))
