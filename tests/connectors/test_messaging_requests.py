"""Service requests from extracts: opened, moved on, closed, and nobody named."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.messaging.requests_file import CONNECTOR, Settings, translate
from hub.canon.model import ServiceRequestClosed, ServiceRequestOpened
from hub.connect import lint
from hub.connect.contract import Change, Draft, Record, Unreadable

HEADER = "unique_key,created_date,status,resolution_action_updated_date,closed_date\n"


def drop(path: Path, *rows: str) -> None:
    """An extract that has been lying there for a while."""
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_samples_mean_what_was_recorded(
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
    reading: Callable[..., Any],
) -> None:
    """The recorded requests give exactly the recorded events."""
    folder = samples("messaging")
    found = reading(CONNECTOR, Settings(folder, "requests-*.csv"))
    assert told(found.drafts) == expected(folder / "requests.expected.json")
    assert dict(found.quarantined) == {"E-TIME": 1}
    for draft in found.drafts:
        assert draft.claims is not None
        assert (draft.claims.persons, draft.claims.organisations) == ((), ())


def test_closing_leaves_what_was_said_before(tmp_path: Path, reading: Callable[..., Any]) -> None:
    """A request that was open and is closed now tells its closing, and takes nothing back."""
    drop(tmp_path / "a.csv", "1,2026-01-01T10:00:00,Open,,")
    first = reading(CONNECTOR, Settings(tmp_path))
    drop(tmp_path / "b.csv", "1,2026-01-01T10:00:00,Closed,,2026-01-02T10:00:00")
    second = reading(CONNECTOR, Settings(tmp_path), first.last)
    kinds = {type(draft.body): draft.kind for draft in second.drafts}
    assert kinds[ServiceRequestClosed] == "asserted"
    assert "withdrawn" not in kinds.values()


def test_an_extract_by_date_withdraws_nothing(tmp_path: Path, reading: Callable[..., Any]) -> None:
    """A request missing from a later extract says nothing; come again, it is the same event."""
    drop(tmp_path / "a.csv", "1,2026-01-01T10:00:00,Open,,")
    drop(tmp_path / "b.csv", "2,2026-01-02T10:00:00,Open,,")
    drop(tmp_path / "c.csv", "1,2026-01-01T10:00:00,Open,,")
    found = reading(CONNECTOR, Settings(tmp_path))
    assert [draft.record_key for draft in found.drafts] == ["request/1", "request/2", "request/1"]
    assert found.drafts[0] == found.drafts[2]
    assert {draft.kind for draft in found.drafts} == {"asserted"}
    assert reading(CONNECTOR, Settings(tmp_path), found.last).rows == 0


def test_a_whole_extract_withdraws_what_is_missing(
    tmp_path: Path, reading: Callable[..., Any]
) -> None:
    """Where each extract holds every request, one that is missing was withdrawn."""
    drop(tmp_path / "a.csv", "1,2026-01-01T10:00:00,Open,,", "2,2026-01-02T10:00:00,Open,,")
    drop(tmp_path / "b.csv", "2,2026-01-02T10:00:00,Open,,")
    found = reading(CONNECTOR, Settings(tmp_path, whole=True))
    assert [(draft.record_key, draft.kind) for draft in found.drafts[2:]] == [
        ("request/1", "withdrawn")
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_a_replay_knows_zone_and_version(tmp_path: Path, whole: bool) -> None:
    """What a quarantine record keeps of its place is enough to say the same again."""
    assert CONNECTOR.changes is not None
    drop(tmp_path / "a.csv", "1,2026-01-01T10:00:00,Open,,", "2")
    chosen = Settings(tmp_path, time_zone="America/Chicago", whole=whole)
    change, broken, *_ = CONNECTOR.changes(chosen, None)
    assert isinstance(change, Change)
    assert isinstance(broken, Unreadable)
    for context in (change.context, broken.context):
        again = Change(change.record, b"", None, context["version"], context=context)
        assert list(translate(again)) == list(translate(change))


@pytest.mark.parametrize(
    ("zone", "meant"),
    [("America/New_York", "2026-01-01T15:00:00Z"), ("America/Chicago", "2026-01-01T16:00:00Z")],
)
def test_times_are_local_to_the_setting(
    zone: str, meant: str, tmp_path: Path, reading: Callable[..., Any]
) -> None:
    """A time without offset is read in the zone of the settings."""
    drop(tmp_path / "a.csv", "1,2026-01-01T10:00:00,Open,,")
    (draft,) = reading(CONNECTOR, Settings(tmp_path, time_zone=zone)).drafts
    assert draft.occurred.text == meant


def test_text_that_looks_like_code_stays_text() -> None:
    """The dictionary in the location column is never run."""
    row = Record(unique_key="1", created_date="2026-01-01T10:00:00", location="__import__('os')")
    (draft,) = translate(Change(row, b""))
    assert isinstance(draft, Draft)
    assert isinstance(draft.body, ServiceRequestOpened)
    assert draft.claims is not None
    assert draft.claims.extra == {"location": "__import__('os')"}


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
