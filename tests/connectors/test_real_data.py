"""The real sample files, read in place: every row becomes an event, a rule or quarantine."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from real_files import CASES, Case

from connectors.grants import awards, opportunities
from hub.canon.codec import Codec, wire_names
from hub.connect.publish import Publisher

POSITIONS_TRIED = 12


each_case = pytest.mark.parametrize("case", CASES, ids=[case.connector.name for case in CASES])


@each_case
def test_every_row_is_accounted_for(
    case: Case, real: Path, reading: Callable[..., Any], record_property: Callable[..., None]
) -> None:
    """As many rows as the file has, as many events as the file has dates, and no row in silence."""
    found = reading(case.connector, case.settings(real))
    print(f"{case.connector.name}: {found.figures()}")  # noqa: T201 - shown by pytest -rP
    record_property("figures", found.figures())
    assert found.rows == case.rows(real)
    assert dict(found.events) == case.events
    records = len({draft.record_key for draft in found.drafts})
    assert records + found.left_out.total() + found.quarantined.total() == found.rows
    assert reading(case.connector, case.settings(real), found.last).rows == 0


@each_case
def test_every_event_fits_its_schema(case: Case, real: Path, reading: Callable[..., Any]) -> None:
    """Each draft can be published, is read back as it was, and has an id of its own."""
    codec = Codec({name: number for number, name in enumerate(wire_names(), 1)})
    publisher = Publisher(case.connector, b"k" * 32, codec, None)  # type: ignore[arg-type]
    drafts = reading(case.connector, case.settings(real)).drafts
    prepared = publisher.prepare(drafts, 1, "b1")
    assert len({dict(one.headers)["ce_id"] for one in prepared}) == len(drafts)
    for draft, one in zip(drafts, prepared, strict=True):
        event = codec.decode(one.value)
        assert event.body == draft.body  # type: ignore[union-attr]


@each_case
def test_stopped_anywhere_the_rest_follows(
    case: Case, real: Path, reading: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading stopped after any position goes on with exactly the rest."""
    monkeypatch.setattr("hub.connect.sources.csv_snapshots.ROWS_BETWEEN_POSITIONS", 40)
    whole = reading(case.connector, case.settings(real))
    step = max(1, len(whole.positions) // POSITIONS_TRIED)
    for count, position in whole.positions[::step]:
        first = reading(case.connector, case.settings(real), stop=count)
        rest = reading(case.connector, case.settings(real), position)
        assert Counter(map(repr, first.drafts + rest.drafts)) == Counter(map(repr, whole.drafts))
        assert first.raw + rest.raw == whole.raw


def encoded_money(case: Case, real: Path, reading: Callable[..., Any], fields: set[str]) -> Any:
    """The totals of these fields over the encoded events, by field and currency."""
    codec = Codec({name: number for number, name in enumerate(wire_names(), 1)})
    publisher = Publisher(case.connector, b"k" * 32, codec, None)  # type: ignore[arg-type]
    drafts = reading(case.connector, case.settings(real)).drafts
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in publisher.prepare(drafts, 1, "b1"):
        body = codec.decode(one.value).body  # type: ignore[union-attr]
        for field in fields:
            if (money := getattr(body, field)) is not None:
                found[field, money.currency] += money.amount
    return found


def test_the_money_of_awards_is_conserved(real: Path, reading: Callable[..., Any]) -> None:
    """Control totals: what the file adds up to, the encoded events add up to, to the last place."""
    case = next(case for case in CASES if case.connector is awards.CONNECTOR)
    path = real / "grants/360giving/wolfson-awards.json"
    told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for grant in json.loads(path.read_text(), parse_float=Decimal)["grants"]:
        for field, name in (("awarded", "amountAwarded"), ("disbursed", "amountDisbursed")):
            if name in grant:
                told[field, grant["currency"]] += Decimal(str(grant[name]))
    assert sum(told.values()) > 0
    assert encoded_money(case, real, reading, {"awarded", "disbursed"}) == told


def test_the_money_of_opportunities_is_conserved(real: Path, reading: Callable[..., Any]) -> None:
    """The same of tables, for opportunities that are told and have a current summary."""
    case = next(case for case in CASES if case.connector is opportunities.CONNECTOR)
    folder = real / "grants/simpler-grants-gov"

    def table(name: str) -> list[dict[str, str]]:
        with (folder / name).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    drafts = {row["opportunity_id"] for row in table("opportunity.csv") if row["is_draft"] != "t"}
    current = {
        row["opportunity_summary_id"]
        for row in table("current_opportunity_summary.csv")
        if row["opportunity_id"] in drafts
    }
    columns = {
        "award_floor": "award_floor",
        "award_ceiling": "award_ceiling",
        "total_funding": "estimated_total_program_funding",
    }
    told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in table("opportunity_summary.csv"):
        for field, column in columns.items():
            if row["opportunity_summary_id"] in current and row[column]:
                told[field, "USD"] += Decimal(row[column])
    assert sum(told.values()) > 0
    assert encoded_money(case, real, reading, set(columns)) == told
