"""Full snapshots: what changed is found by comparing, the same way however often one is stopped."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connect.contract import Change, Operation, Record, Unchanged, Unreadable
from hub.connect.sources import csv_snapshots
from hub.connect.sources.csv_rows import Dialect
from hub.connect.sources.reread import reread
from hub.errors import ContractBreach

KEYS = {"id": ("id",), "number": ("number", "kind")}
tables = st.dictionaries(st.integers(0, 30), st.sampled_from("abc"), max_size=25)


def drop(folder: Path, name: str, rows: dict[int, str] | str) -> None:
    """A snapshot that has been lying there for a while."""
    path = folder / name
    if isinstance(rows, str):
        path.write_text(rows)
    else:
        path.write_text("id,v\n" + "".join(f"{key},{value}\n" for key, value in rows.items()))
    os.utime(path, (1_700_000_000, 1_700_000_000))


def tell(folder: Path, after: str | None = None, share: float = 1.0) -> list[csv_snapshots.Item]:
    """All that the folder has to tell."""
    return list(csv_snapshots.changes(folder, "*.csv", KEYS, after, share))


def said(items: list[csv_snapshots.Item]) -> list[tuple[object, ...]]:
    """What the items say, without positions and counts of unchanged rows."""
    return [item._replace(position=None) for item in items if not isinstance(item, Unchanged)]


def apply(table: dict[str, Record], items: list[csv_snapshots.Item]) -> dict[str, Record]:
    """A table after the changes."""
    for item in items:
        if not isinstance(item, Change):
            continue
        if item.operation is Operation.DELETED:
            assert item.before is not None
            assert table.pop(item.before["id"]) == item.before
        else:
            assert table.get(item.record["id"]) == item.before
            table[item.record["id"]] = item.record
    return table


@given(first=tables, second=tables, positions_every=st.integers(1, 4))
def test_difference_applied_to_the_first_gives_the_second(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[int, str],
    second: dict[int, str],
    positions_every: int,
) -> None:
    """For any two snapshots, in any order, stopped at any position: nothing more or less."""
    folder = tmp_path_factory.mktemp("snapshots")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_snapshots, "ROWS_BETWEEN_POSITIONS", positions_every)
        drop(folder, "a.csv", first)
        told = tell(folder)
        table = apply({}, told)
        assert {int(key): row["v"] for key, row in table.items()} == first
        drop(folder, "b.csv", second)
        changed = tell(folder, told[-1].position)
        assert sum(item.count for item in changed if isinstance(item, Unchanged)) == len(
            [key for key in first if second.get(key) == first[key]]
        )
        for number, item in enumerate(changed):
            if item.position is not None:
                rest = tell(folder, item.position)
                assert said(changed[: number + 1]) + said(rest) == said(changed)
        assert {int(k): row["v"] for k, row in apply(table, changed).items()} == second
        assert tell(folder, changed[-1].position) == []


def test_versions_grow_and_follow_the_date_in_the_name(tmp_path: Path) -> None:
    """A version is the date in the file's name, or one more than the last where that is no more."""
    drop(tmp_path, "x-2026-01-31.csv", {1: "a"})
    drop(tmp_path, "x-20260201T0200.csv", {1: "b"})
    drop(tmp_path, "y.csv", {1: "c"})
    found = [item.version for item in tell(tmp_path) if isinstance(item, Change)]
    assert found == [20260131000000, 20260201020000, 20260201020001]


def test_kinds_are_compared_apart(tmp_path: Path) -> None:
    """Two kinds of files in one folder follow each its own last snapshot."""
    drop(tmp_path, "business-1.csv", {1: "a"})
    drop(tmp_path, "people-1.csv", "number,kind,v\n1,x,a\n1,y,a\n")
    first = tell(tmp_path)
    assert len(said(first)) == 3
    drop(tmp_path, "business-2.csv", {1: "b"})
    drop(tmp_path, "people-2.csv", "number,kind,v\n1,x,a\n1,y,b\n")
    told = tell(tmp_path, first[-1].position)
    assert sum(item.count for item in told if isinstance(item, Unchanged)) == 1
    found = [item for item in told if isinstance(item, Change)]
    assert [(item.operation, item.record["v"]) for item in found] == [("updated", "b")] * 2
    assert found[1].before == {"number": "1", "kind": "y", "v": "a"}


def test_a_second_row_with_the_same_key_goes_to_quarantine(tmp_path: Path) -> None:
    """The first row counts, in every snapshot."""
    drop(tmp_path, "a.csv", "id,v\n1,a\n1,b\n")
    drop(tmp_path, "b.csv", "id,v\n1,a\n1,c\n")
    found = tell(tmp_path)
    refused = [item for item in found if isinstance(item, Unreadable)]
    assert [item.error.code for item in refused] == ["E-DUPLICATE-KEY"] * 2
    assert [item.record["v"] for item in found if isinstance(item, Change)] == ["a"]
    assert reread(refused[1].raw, refused[1].context) == {"id": "1", "v": "c"}


def test_a_row_that_cannot_be_read_is_not_gone(tmp_path: Path) -> None:
    """A record whose new row is broken keeps what it said last."""
    drop(tmp_path, "a.csv", {1: "a", 2: "a"})
    first = tell(tmp_path)
    drop(tmp_path, "b.csv", "id,v\n1,a\n2,a,surplus\n")
    found = tell(tmp_path, first[-1].position)
    assert [type(item) for item in said_items(found)] == [Unreadable]


def said_items(items: list[csv_snapshots.Item]) -> list[csv_snapshots.Item]:
    """The items without counts of unchanged rows."""
    return [item for item in items if not isinstance(item, Unchanged)]


def test_rows_may_be_parted_by_another_character(tmp_path: Path) -> None:
    """Both snapshots are read so, and a row of either can be read again."""
    drop(tmp_path, "a.csv", "id;v\n1;a,b\n2;b\n")
    drop(tmp_path, "b.csv", "id;v\n1;c,d\n3;e\n4;f;g\n")
    found = list(csv_snapshots.changes(tmp_path, "*.csv", KEYS, None, 1.0, Dialect(";")))
    told = [item for item in found if isinstance(item, Change)]
    assert [(item.operation, item.record or item.before) for item in told[2:]] == [
        (Operation.UPDATED, {"id": "1", "v": "c,d"}),
        (Operation.CREATED, {"id": "3", "v": "e"}),
        (Operation.DELETED, {"id": "2", "v": "b"}),
    ]
    assert told[2].before == {"id": "1", "v": "a,b"}
    assert [reread(item.raw, item.context) for item in told] == [
        item.record or item.before for item in told
    ]
    (bad,) = [item for item in found if isinstance(item, Unreadable)]
    assert bad.error.code == "E-COLUMNS"


def test_what_is_gone_has_its_old_bytes(tmp_path: Path) -> None:
    """A row that is gone is told with the row it had."""
    drop(tmp_path, "a.csv", {1: "a", 2: "b"})
    drop(tmp_path, "b.csv", {1: "a"})
    (gone,) = [item for item in tell(tmp_path) if isinstance(item, Change) and item.before]
    assert (gone.operation, gone.raw, gone.record) == (Operation.DELETED, b"2,b\n", {})
    assert reread(gone.raw, gone.context) == gone.before
    assert (gone.context["operation"], gone.context["version"]) == (gone.operation, gone.version)


def test_a_new_column_is_welcome_a_lost_one_is_not(tmp_path: Path) -> None:
    """A column more makes rows differ; a column less would withdraw all it held: refused."""
    drop(tmp_path, "a.csv", "id,v\n1,a\n")
    drop(tmp_path, "b.csv", "id,v,w\n1,a,x\n")
    found = tell(tmp_path)
    assert [item.operation for item in found if isinstance(item, Change)] == ["read", "updated"]
    drop(tmp_path, "c.csv", "id,w\n1,x\n")
    assert refusals(tell(tmp_path, found[-1].position)) == [("c.csv", "E-SCHEMA")]


@pytest.mark.parametrize("fate", ["gone", "changed", "changed and alone"])
def test_without_the_last_snapshot_nothing_is_guessed(tmp_path: Path, fate: str) -> None:
    """Where the snapshot taken last is gone or changed, the source stops and says what to do."""
    drop(tmp_path, "a.csv", {1: "a"})
    first = tell(tmp_path)
    if fate != "changed and alone":
        drop(tmp_path, "b.csv", {1: "b"})
    if fate == "gone":
        (tmp_path / "a.csv").unlink()
    else:
        drop(tmp_path, "a.csv", {1: "other"})
    with pytest.raises(ContractBreach) as caught:
        tell(tmp_path, first[-1].position)
    assert caught.value.code == "E-GAP"
    assert "reset" in caught.value.remedy


def refusals(items: list[csv_snapshots.Item]) -> list[tuple[str, str]]:
    """The files that were refused as a whole, with why; nothing else may be among the items."""
    assert all(isinstance(item, Unreadable) for item in items)
    return [(item.context["file"], item.error.code) for item in items]  # type: ignore[union-attr]


def test_half_a_file_withdraws_nothing(tmp_path: Path) -> None:
    """A snapshot that lost most of its rows is refused before anything of it is told."""
    drop(tmp_path, "a.csv", dict.fromkeys(range(100), "a"))
    first = tell(tmp_path)
    drop(tmp_path, "b.csv", dict.fromkeys(range(10), "b"))
    assert refusals(tell(tmp_path, first[-1].position, 0.5)) == [("b.csv", "E-SHRUNK")]
    told = tell(tmp_path, first[-1].position, 1.0)
    assert len([item for item in told if isinstance(item, Change) and not item.record]) == 90


def test_a_swap_of_most_rows_tells_nothing(tmp_path: Path) -> None:
    """A file of the same size with other records is refused before any of them is told.

    Rows that cannot be read, but for their key, are there.
    """
    drop(tmp_path, "a.csv", dict.fromkeys(range(100), "a"))
    first = tell(tmp_path)
    drop(tmp_path, "b.csv", dict.fromkeys(range(51, 151), "a"))
    assert refusals(tell(tmp_path, first[-1].position, 0.5)) == [("b.csv", "E-SHRUNK")]
    drop(tmp_path, "b.csv", dict.fromkeys(range(50, 150), "a"))
    told = tell(tmp_path, first[-1].position, 0.5)
    assert sum(isinstance(item, Change) and not item.record for item in told) == 50
    rows = "".join(f"{number},a{',surplus' * (number == 51)}\n" for number in range(50, 150))
    drop(tmp_path, "b.csv", f"id,v\n{rows}")
    assert Operation.DELETED in [
        item.operation
        for item in tell(tmp_path, first[-1].position, 0.5)
        if isinstance(item, Change)
    ]


def test_the_wrong_file_is_refused(tmp_path: Path) -> None:
    """A file without a key column, or that is no table in UTF-8, is told as one entry of it."""
    drop(tmp_path, "a.csv", "number,v\n1,a\n")
    drop(tmp_path, "b.csv", "x,v\n1,a\n")
    (tmp_path / "c.csv").write_bytes("id,v\n1,ä\n".encode("utf-16"))
    found = tell(tmp_path)
    assert refusals(found) == [("a.csv", "E-FILE"), ("b.csv", "E-FILE"), ("c.csv", "E-FILE")]
    assert found[0].raw == b"number,v\n1,a\n"  # type: ignore[union-attr]
    assert "kind" in str(found[0].error)  # type: ignore[union-attr]


def test_a_refused_file_is_told_once_and_the_next_is_compared_with_the_last_taken(
    tmp_path: Path,
) -> None:
    """Stopped after any item or not; the same name with other content is looked at again."""
    drop(tmp_path, "a.csv", dict.fromkeys(range(100), "a"))
    first = tell(tmp_path)[-1].position
    drop(tmp_path, "b.csv", {1: "a"})
    refused = tell(tmp_path, first, 0.5)
    assert refusals(refused) == [("b.csv", "E-SHRUNK")]
    assert tell(tmp_path, refused[0].position, 0.5) == []
    drop(tmp_path, "c.csv", {**dict.fromkeys(range(100), "a"), 7: "b"})
    later = tell(tmp_path, refused[0].position, 0.5)
    changed = [item for item in later if isinstance(item, Change)]
    assert [(item.record["id"], item.before) for item in changed] == [("7", {"id": "7", "v": "a"})]
    assert tell(tmp_path, later[-1].position, 0.5) == []
    drop(tmp_path, "b.csv", dict.fromkeys(range(100), "b"))
    mended = tell(tmp_path, refused[0].position, 0.5)
    assert sum(isinstance(one, Change) for one in mended) == 100 + 99  # b, and then c over it
    (tmp_path / "b.csv").unlink()
    drop(tmp_path, "d.csv", "x\n1\n")
    (gone,) = tell(tmp_path, later[-1].position, 0.5)
    assert '"refused":{"d.csv"' in str(gone.position)
