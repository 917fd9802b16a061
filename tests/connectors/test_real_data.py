"""The real sample files, read in place: every row becomes an event, a rule or quarantine."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors.grants import awards, opportunities
from connectors.licensing import connector as licensing
from connectors.messaging import requests_file
from hub.canon.codec import Codec, wire_names
from hub.connect.contract import Connector
from hub.connect.publish import Publisher

POSITIONS_TRIED = 12


class Case(NamedTuple):
    """A connector, its settings for the real files, and what must come out of them."""

    connector: Connector
    settings: Callable[[Path], Any]
    events: dict[str, int]
    rows: Callable[[Path], int]


def csv_rows(path: Path) -> int:
    """Rows of a CSV file after its header, counted without the hub."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return sum(1 for _ in csv.DictReader(file))


CHICAGO = "chicago-business-licenses.csv"
NYC = "nyc-311-service-requests.csv"
CASES = [
    Case(
        licensing.CONNECTOR,
        lambda real: licensing.Settings(real / "licensing", CHICAGO),
        {
            "LicenceApplied": 139,
            "LicenceApplicationCompleted": 555,
            "LicenceFeePaid": 553,
            "LicenceApproved": 551,
            "LicenceIssued": 561,
            "LicenceEnded": 43,
        },
        lambda real: csv_rows(real / "licensing" / CHICAGO),
    ),
    Case(
        awards.CONNECTOR,
        lambda real: awards.Settings(real / "grants" / "360giving"),
        {"AwardGranted": 379},
        lambda real: len(
            json.loads((real / "grants/360giving/wolfson-awards.json").read_text())["grants"]
        ),
    ),
    Case(
        opportunities.CONNECTOR,
        lambda real: opportunities.Settings(real / "grants" / "simpler-grants-gov"),
        {"OpportunityPosted": 146},
        lambda real: csv_rows(real / "grants/simpler-grants-gov/opportunity.csv"),
    ),
    Case(
        requests_file.CONNECTOR,
        lambda real: requests_file.Settings(real / "messaging", NYC),
        {"ServiceRequestOpened": 500, "ServiceRequestChanged": 371, "ServiceRequestClosed": 232},
        lambda real: csv_rows(real / "messaging" / NYC),
    ),
]
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
