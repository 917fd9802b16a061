"""Grant applications, awards and contacts: rows of three tables and what they mean."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.grants.applications import CONNECTOR, FIELDS, translate
from hub.canon.model import ApplicationDecided, ApplicationOutcome, ApplicationSubmitted, EventKind
from hub.connect import lint
from hub.connect.contract import Change, Draft, LeftOut, Operation, Record
from hub.connect.publish import Publisher
from hub.connect.sources.postgres_log import CHANGE_STEP
from hub.errors import UnreadableRecord


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    """The sample rows by key."""
    found = json.loads((folder / "applications.json").read_text(encoding="utf-8"))
    keys = ("application_id", "award_id", "contact_id", "vendor_id")
    return {next(row[key] for key in keys if key in row): row for row in found}


@pytest.fixture
def row(samples: Callable[[str], Path]) -> Callable[..., Record]:
    """One of the sample rows, with changes."""
    known = rows(samples("grants"))
    return lambda key, **changed: Record({**known[key], **changed})


def said(record: Record) -> list[Draft]:
    """The drafts of a row that is not left out."""
    found = list(translate(Change(record, b"", version=5)))
    return [draft for draft in found if isinstance(draft, Draft)]


def test_samples_mean_what_was_recorded(
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
) -> None:
    """The recorded rows give exactly the recorded events; the others are left out or refused."""
    folder = samples("grants")
    drafts: list[Draft] = []
    left_out, refused = [], []
    for version, record in enumerate(rows(folder).values(), 1):
        try:
            for one in translate(Change(Record(record), b"", version=version)):
                if isinstance(one, LeftOut):
                    left_out.append(one.rule)
                else:
                    drafts.append(one)
        except UnreadableRecord as error:
            refused.append((error.code, error.field))
    assert told(drafts) == expected(folder / "applications.expected.json")
    assert left_out == ["draft application", "draft award", "duplicate contact"]
    assert refused == [
        ("E-MONEY", "requested_amount"),
        ("E-FIELD-MISSING", "date_received"),
        ("E-TABLE", "table"),
    ]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Received", None),
        ("Received by Agency", None),
        ("Agency Tracking Number Assigned", None),
        ("Approved", ApplicationOutcome.APPROVED),
        ("Rejected", ApplicationOutcome.REJECTED),
        ("Withdrawn by Applicant", ApplicationOutcome.WITHDRAWN_BY_APPLICANT),
        ("Lost in the post", ApplicationOutcome.UNKNOWN),
    ],
)
def test_a_status_is_a_decision_or_not(
    status: str, outcome: ApplicationOutcome | None, row: Callable[..., Record]
) -> None:
    """An undecided application is submitted only; an unmapped decision keeps its words."""
    drafts = said(row("5001", status=status))
    assert isinstance(drafts[0].body, ApplicationSubmitted)
    decided = [draft.body for draft in drafts[1:]]
    if outcome is None:
        assert decided == []
    else:
        assert decided == [ApplicationDecided("GRANT10005001", outcome, status)]


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2025-01-15 12:00:00", "2025-01-15T17:00:00Z"),
        ("2025-07-15 12:00:00", "2025-07-15T16:00:00Z"),
        ("2025-11-02 01:30:00", "2025-11-02T05:30:00Z"),
    ],
)
def test_times_without_zone_are_eastern(
    local: str, instant: str, row: Callable[..., Record]
) -> None:
    """In winter five hours from UTC, in summer four; of a repeated hour the first is meant."""
    (draft, *_) = said(row("5002", date_received=local))
    assert draft.occurred.text == instant


def test_an_individual_is_a_person_with_a_personal_number(row: Callable[..., Record]) -> None:
    """The taxpayer number of an individual is theirs, and there is no organisation."""
    (draft,) = said(row("5002"))
    assert draft.claims is not None
    (person,) = draft.claims.persons
    assert (draft.claims.organisations, draft.claims.roles) == ((), ())
    assert [(one.scheme, one.value) for one in person.identifiers] == [("us-ssn", "900010002")]


def publish(change: Change) -> list[Draft] | LeftOut:
    """What the runtime publishes of a change."""
    return Publisher(CONNECTOR, b"k" * 32, None, None).drafts(change)  # type: ignore[arg-type]


def test_only_what_changed_is_told(row: Callable[..., Record]) -> None:
    """A decision adds one event; a correction of the amount corrects one."""
    open_, decided = row("5001", status="Received"), row("5001")
    added = publish(Change(decided, b"", version=9, operation=Operation.UPDATED, before=open_))
    assert isinstance(added, list)
    assert [(type(draft.body), draft.kind) for draft in added] == [
        (ApplicationDecided, EventKind.ASSERTED)
    ]
    other = row("5001", requested_amount="1.00")
    corrected = publish(Change(other, b"", version=9, operation=Operation.UPDATED, before=decided))
    assert isinstance(corrected, list)
    assert [(type(draft.body), draft.kind) for draft in corrected] == [
        (ApplicationSubmitted, EventKind.CORRECTED)
    ]


@pytest.mark.parametrize("key", ["5001", "7001", "9001"])
def test_a_deleted_row_is_withdrawn(key: str, row: Callable[..., Record]) -> None:
    """All that was said of it is taken back, under a later version."""
    record = row(key)
    gone = publish(Change(Record(), b"", None, 9, Operation.DELETED, record))
    assert isinstance(gone, list)
    assert {draft.kind for draft in gone} == {EventKind.WITHDRAWN}
    assert {type(draft.body) for draft in gone} == {type(draft.body) for draft in said(record)}
    assert {9 <= draft.record_version < 9 + CHANGE_STEP for draft in gone} == {True}


@pytest.mark.parametrize("changed", [{"is_deleted": "Y"}, {"is_duplicate": "Y"}])
def test_a_contact_marked_as_gone_is_withdrawn(
    changed: dict[str, str], row: Callable[..., Record]
) -> None:
    """The flag has the effect of a deletion, though the row is still there."""
    after = Change(row("9001", **changed), b"", None, 9, Operation.UPDATED, row("9001"))
    gone = publish(after)
    assert isinstance(gone, list)
    assert [draft.kind for draft in gone] == [EventKind.WITHDRAWN]
    assert 9 <= gone[0].record_version < 9 + CHANGE_STEP


def test_hostile_text_flows_as_text(row: Callable[..., Record]) -> None:
    """Markup, SQL, formulas, marks that turn text around and very long names stay as they are."""
    for name in ("<script>", "'; DROP TABLE x;--", "=1+1", "\u202ename", "n" * 5_000):
        (draft, *_) = said(row("5001", organization_name=name))
        assert draft.claims is not None
        assert draft.claims.organisations[0].legal_name == name


def test_every_column_of_the_samples_is_known_but_the_new_one(
    samples: Callable[[str], Path],
) -> None:
    """A column nobody mapped is told as drift, and only such a one."""
    columns = {column for row in rows(samples("grants")).values() for column in row}
    assert columns - FIELDS == {"reviewer_note", "vendor_id"}


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
