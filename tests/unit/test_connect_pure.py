"""The rules of the connector runtime: books, difference, drift, positions, quarantine, lint."""

import hmac
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bus.reader import Message
from hub.canon.model import EventKind, Moment, Precision, TextReceived
from hub.connect import catalogue, derive, lint, positions, quarantine
from hub.connect.books import Books
from hub.connect.contract import Change, Connector, Draft, LeftOut, setting
from hub.connect.difference import difference
from hub.connect.drift import drifted, extra
from hub.errors import SettingsError, UnreadableRecord

KEY = b"k" * 32
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)
counts = st.integers(0, 10_000)
pages = st.builds(
    lambda published, quarantined, duplicate, filtered, events: Books(
        published + quarantined + duplicate + sum(filtered.values()),
        published,
        quarantined,
        duplicate,
        filtered,
        events,
    ),
    counts,
    counts,
    counts,
    st.dictionaries(st.sampled_from(["draft", "test", "old"]), st.integers(1, 50)),
    counts,
)


def draft(key: str, version: int, text: str = "a", kind: EventKind = EventKind.ASSERTED) -> Draft:
    """One draft of a text message."""
    return Draft(TextReceived(text), key, version, SOME_DAY, kind=kind)


@given(pages, pages)
def test_books_stay_balanced_and_can_be_taken_apart(first: Books, second: Books) -> None:
    """The sum of balanced books is balanced, in any order, and what was added can be told."""
    both = first.add(second)
    assert both.balanced
    assert both == second.add(first)
    assert both.since(first) == second
    assert Books.of_record(both.as_record()) == both


@given(pages, st.sampled_from(["read", "published", "quarantined", "duplicate"]))
def test_books_show_a_missing_record(page: Books, entry: str) -> None:
    """One record too many or too few in any place, and the books do not balance."""
    record = page.as_record()
    record[entry] += 1
    assert not Books.of_record(record).balanced


@given(pages, st.none() | st.text(max_size=50), counts)
def test_a_position_comes_back_as_it_was(page: Books, text: str | None, now_us: int) -> None:
    """Position and books survive the way through Kafka."""
    position = positions.Position(text, page, now_us)
    assert positions.decode(position.encode()) == position


def message(key: bytes | None, value: bytes | None, headers: Any = ()) -> Message:
    """A message as it lies on Kafka."""
    return Message("t", 0, 0, key, value, tuple(headers), 0)


def test_the_last_position_of_each_connector_counts() -> None:
    """Later records replace earlier ones; a tombstone forgets; without a key it is not ours."""
    first, second = positions.Position("1"), positions.Position("2")
    found = positions.latest(
        [
            message(b"a", first.encode()),
            message(b"b", first.encode()),
            message(b"a", second.encode()),
            message(None, b"x"),
            message(b"b", None),
        ]
    )
    assert found == {"a": second}


def test_nothing_is_said_where_nothing_changed() -> None:
    """A later version of the same content is no news."""
    assert difference([draft("r", 1)], [draft("r", 2)], 2) == []


def test_new_changed_and_gone_are_told_apart() -> None:
    """New as drafted, changed as corrected, gone as withdrawn with its last body."""
    said = difference(
        [draft("same", 1), draft("other", 1, "old"), draft("gone", 1, "last")],
        [draft("same", 2), draft("other", 2, "new"), draft("fresh", 2)],
        2,
    )
    assert said == [
        draft("other", 2, "new", EventKind.CORRECTED),
        draft("fresh", 2),
        draft("gone", 2, "last", EventKind.WITHDRAWN),
    ]


def test_a_source_that_tells_corrections_is_believed() -> None:
    """A later state is an update unless it says otherwise; one of no later version corrects."""
    before = [draft("updated", 1), draft("mended", 1), draft("same version", 2)]
    after = [
        draft("updated", 2, "b"),
        draft("mended", 2, "b", EventKind.CORRECTED),
        draft("same version", 2, "b"),
    ]
    said = difference(before, after, 2, {TextReceived})
    assert [one.kind for one in said] == [
        EventKind.ASSERTED, EventKind.CORRECTED, EventKind.CORRECTED,
    ]  # fmt: skip


def test_a_withdrawal_is_later_than_what_it_withdraws() -> None:
    """A source without versions of its own still gets withdrawals that win."""
    (said,) = difference([draft("gone", 7)], [], 0)
    assert said.record_version == 8


def test_the_same_identifier_for_the_same_parts_only() -> None:
    """Identifiers are UUIDv8, repeatable, and differ with key, part and the bounds of parts."""
    made = derive.derive_id(KEY, "ab", "c")
    assert made == derive.derive_id(KEY, "ab", "c")
    assert made[14] == "8"
    assert made[19] in "89ab"
    others = {
        derive.derive_id(KEY, "a", "bc"),
        derive.derive_id(b"x" * 32, "ab", "c"),
        derive.derive_id(KEY, "abc"),
    }
    assert made not in others
    assert len(others) == 3


def test_the_identifier_is_pinned() -> None:
    """A deployment's identifiers never change with a release: this one was computed apart."""
    assert derive.derive_id(KEY, "record", "licensing", "1") == _by_the_book(
        "record", "licensing", "1"
    )


def _by_the_book(*parts: str) -> str:
    """RFC 9562 section 5.8 by numbers, as the first release computed it."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    number = int.from_bytes(hmac.digest(KEY, text.encode(), "sha256")[:16], "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0x2 << 62
    return str(uuid.UUID(int=number))


def test_unknown_fields_are_kept_and_named() -> None:
    """F3: a new field is kept as text, and empty ones are not worth keeping."""
    record = {"a": "1", "new": 5, "empty": ""}
    known = frozenset({"a"})
    assert extra(record, known) == {"new": "5"}
    assert drifted(record, known) == {"new", "empty"}
    assert drifted(record, None) == frozenset()
    assert extra({"a": "1"}, known) == {}


def entry(raw: bytes, context: dict[str, Any], now_us: int = 1) -> quarantine.Quarantined:
    """One quarantined record."""
    error = UnreadableRecord("no field 'x'", code="E-FIELD-MISSING", field="x", rule="required")
    return quarantine.quarantined(
        KEY, "licensing", error, raw, context, stage="translate", batch_id="b1", now_us=now_us
    )


@given(st.binary(max_size=200), st.integers(1, 9))
def test_quarantine_keeps_the_bytes_and_the_reason(raw: bytes, line: int) -> None:
    """F1: what was parked is read back byte for byte, with its reason."""
    made = entry(raw, {"file": "a.csv", "line": line, "columns": ["x", "y"]})
    back = quarantine.parse(message(made.entry_id.encode(), made.raw, made.headers()))
    assert back == made
    assert back.raw == raw
    assert (back.code, back.field, back.rule) == ("E-FIELD-MISSING", "x", "required")


def test_reading_a_bad_record_again_is_the_same_entry() -> None:
    """The entry's identifier depends on bytes and place, not on when it was read."""
    first, again = entry(b"x", {"line": 1}, 1), entry(b"x", {"line": 1}, 2)
    elsewhere = entry(b"x", {"line": 2})
    assert first.entry_id == again.entry_id
    assert first.entry_id != elsewhere.entry_id
    told = [message(e.entry_id.encode(), e.raw, e.headers()) for e in (first, again, elsewhere)]
    assert [e.first_at_us for e in quarantine.entries(told)] == [1, 1]


def test_a_huge_original_is_cut_and_says_so() -> None:
    """F8: the first part is kept with the length and digest of the whole."""
    made = entry(b"x" * 2_000_000, {})
    assert len(made.raw) == quarantine.RAW_BYTES_MAX
    assert made.raw_bytes == 2_000_000


def test_a_context_of_any_type_can_be_kept() -> None:
    """A connector's context may hold what JSON does not know."""
    made = entry(b"x", {"line": 1, "day": date(2024, 1, 2)})
    back = quarantine.parse(message(made.entry_id.encode(), made.raw, made.headers()))
    assert back.context["day"] == "2024-01-02"


@dataclass(frozen=True)
class Settings:
    """Settings of the connector below."""

    folder: Path = setting("Where files arrive.")
    token: str = setting("Access token.", secret=True)
    rows: int = setting("Rows at once.", default=10)
    wait_s: float = setting("How long to wait.", default=1.0)
    strict: bool = setting("Whether to be strict.", default=False)


def changes(_: Any, __: str | None) -> Iterator[Change]:
    """Nothing."""
    yield from ()


def translate(_: Change) -> list[LeftOut]:
    """Everything is left out."""
    return [LeftOut("all")]


def connector(**changed: Any) -> Connector:
    """A sound connector, but for what is changed."""
    sound: dict[str, Any] = {
        "name": "texts",
        "owner": "Contact Office",
        "system": "texts",
        "purpose": "contact",
        "domain": "messaging",
        "settings": Settings,
        "translate": translate,
        "emits": (TextReceived,),
        "changes": changes,
    }
    return Connector(**{**sound, **changed})


def test_settings_come_typed_and_secrets_from_files(tmp_path: Path) -> None:
    """Paths are below the settings file, whole numbers do for floats, secrets are never shown."""
    (tmp_path / "token").write_text("hush-hush\n")
    table = {"folder": "in", "token_file": "token", "wait_s": 2}
    made = lint.settings_of(connector(), table, tmp_path)
    assert made == Settings(tmp_path / "in", "hush-hush", 10, 2.0, strict=False)
    assert lint.shown(made)["token"] == "***"
    assert "hush" not in str(lint.shown(made))


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"folder": "in", "token_file": "token", "rowz": 1}, "rows"),
        ({"token_file": "token"}, "folder"),
        ({"folder": "in"}, "token_file"),
        ({"folder": "in", "token_file": "token", "rows": "many"}, "rows"),
        ({"folder": "in", "token_file": "token", "rows": True}, "rows"),
        ({"folder": "in", "token_file": "nowhere"}, "nowhere"),
        ({"folder": "in", "token": "hush-hush"}, "token_file"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    tmp_path: Path, table: dict[str, Any], named: str
) -> None:
    """The error names the key to mend, and never shows a secret."""
    (tmp_path / "token").write_text("hush-hush")
    with pytest.raises(SettingsError) as caught:
        lint.settings_of(connector(), table, tmp_path)
    assert named in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "No Name"},
        {"domain": "weather"},
        {"changes": None},
        {"receive": lambda _, __: ()},
        {"emits": ()},
        {"emits": (Change,)},
        {"settings": object},
    ],
)
def test_a_connector_that_breaks_the_contract_is_told(changed: dict[str, Any]) -> None:
    """Each breach is found; the sound one has none."""
    assert lint.problems(connector()) == []
    assert lint.problems(connector(**changed))


def test_a_broken_package_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry points that fail to load are told by name; the others are there."""
    points = [
        EntryPoint("gone", "no.such.module:X", catalogue.GROUP),
        EntryPoint("wrong", "hub.errors:HubError", catalogue.GROUP),
        EntryPoint("texts", "here:CONNECTOR", catalogue.GROUP),
    ]
    good = connector()
    load = EntryPoint.load
    monkeypatch.setattr(
        EntryPoint, "load", lambda self: good if self.name == "texts" else load(self)
    )
    monkeypatch.setattr(catalogue, "entry_points", lambda **_: points)
    catalogue.connectors.cache_clear()
    try:
        assert dict(catalogue.connectors()) == {"texts": good}
        assert set(catalogue.broken()) == {"gone", "wrong"}
        with pytest.raises(SettingsError, match="texts"):
            catalogue.connector("text")
    finally:
        catalogue.connectors.cache_clear()


def test_nested_fields_that_nothing_reads_are_kept_as_json() -> None:
    """A table or list is kept whole as JSON, also with half a surrogate pair; scalars as before."""
    score = {"@score": "47", "#text": "PASSÉ", "half": "\ud800", "at": None}
    kept = extra({"result": score, "days": ["Mo", 2], "n": 12, "t": "é"}, frozenset())
    assert json.loads(kept["result"]) == score
    assert "PASSÉ" in kept["result"]
    assert kept["result"].encode()
    assert kept["days"] == '["Mo", 2]'
    assert (kept["n"], kept["t"]) == ("12", "é")
