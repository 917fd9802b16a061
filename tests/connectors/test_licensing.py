"""Licensing: what rows of business and professional licences mean."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.licensing.connector import CONNECTOR, Settings, translate
from hub.canon.model import LicenceEnded, LicenceIssued, LicenceStatus
from hub.connect import lint
from hub.connect.contract import Change, Draft, Record
from hub.errors import UnreadableRecord


@pytest.mark.parametrize("kind", ["business", "professional"])
def test_samples_mean_what_was_recorded(
    kind: str,
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
    reading: Callable[..., Any],
) -> None:
    """The recorded rows give exactly the recorded events."""
    folder = samples("licensing")
    found = reading(CONNECTOR, Settings(folder, f"{kind}-*.csv"))
    assert told(found.drafts) == expected(folder / f"{kind}.expected.json")
    if kind == "business":
        assert dict(found.left_out) == {"no dated event": 1}
        assert dict(found.quarantined) == {"E-DATE": 1}


def business(**values: str) -> Change:
    """A change of a plain business licence."""
    row = {"ID": "1-2", "LICENSE ID": "1", "LICENSE NUMBER": "2", "ACCOUNT NUMBER": "3"}
    return Change(Record(row | values), b"", version=5)


def test_unknown_codes_are_no_error() -> None:
    """A status and an application type nobody has mapped are UNKNOWN beside their words."""
    row = {"DATE ISSUED": "01/05/2025", "LICENSE STATUS": "ZZZ", "APPLICATION TYPE": "C_NEW"}
    (draft,) = translate(business(**row))
    assert isinstance(draft, Draft)
    assert isinstance(draft.body, LicenceIssued)
    licence = draft.body.licence
    assert (licence.status, licence.status_text) == (LicenceStatus.UNKNOWN, "ZZZ")
    assert licence.application_type_text == "C_NEW"


def test_a_bad_date_names_its_column() -> None:
    """A date in another order is refused by the column's name, not guessed."""
    with pytest.raises(UnreadableRecord) as caught:
        list(translate(business(**{"DATE ISSUED": "31/12/2024"})))
    assert (caught.value.code, caught.value.field) == ("E-DATE", "DATE ISSUED")


def test_a_cancelled_licence_is_withdrawn_from_nobody(
    tmp_path: Path, samples: Callable[[str], Path], reading: Callable[..., Any]
) -> None:
    """A later snapshot with a status changed corrects the row's events and adds the end."""
    shutil.copy(samples("licensing") / "professional-2026-01-31.csv", tmp_path)
    first = reading(CONNECTOR, Settings(tmp_path))
    data = (tmp_path / "professional-2026-01-31.csv").read_text(encoding="utf-8")
    later = data.replace("active,ACTIVE", "revoked,REVOKED")
    (tmp_path / "professional-2026-02-01.csv").write_text(later, encoding="utf-8")
    second = reading(CONNECTOR, Settings(tmp_path), first.last)
    assert [(type(draft.body), draft.kind) for draft in second.drafts] == [
        (LicenceIssued, "corrected"),
        (LicenceEnded, "asserted"),
    ]
    assert {draft.record_version for draft in second.drafts} == {20260201000000}
    assert second.same == 1


def test_a_row_that_is_gone_withdraws_all_its_events(
    tmp_path: Path, samples: Callable[[str], Path], reading: Callable[..., Any]
) -> None:
    """Every event of a row that vanished is withdrawn with its last content."""
    source = samples("licensing") / "business-2026-01-31.csv"
    shutil.copy(source, tmp_path)
    first = reading(CONNECTOR, Settings(tmp_path))
    lines = source.read_text().splitlines(keepends=True)
    (tmp_path / "business-2026-02-28.csv").write_text("".join(lines[:1] + lines[2:]))
    second = reading(CONNECTOR, Settings(tmp_path, shrink_share_max=1.0), first.last)
    assert {draft.kind for draft in second.drafts} == {"withdrawn"}
    assert [draft.body for draft in second.drafts] == [draft.body for draft in first.drafts[:6]]


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
