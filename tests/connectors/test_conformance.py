"""Our own connectors keep the contract they ask of others; what a samples folder may say."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from connectors.grants import applications, awards, opportunities
from connectors.licensing import connector as licensing
from connectors.messaging import notifications, requests_file, requests_rest
from hub.connect import mapping
from hub.connect.catalogue import connectors, home
from hub.connect.conformance import telling
from hub.connect.conformance.outcome import Failed
from hub.connect.conformance.pytest import conformance
from hub.connect.conformance.samples import expected_file, subject
from hub.connect.contract import Change
from hub.errors import SettingsError, UnreadableRecord

ROOT = Path(__file__).parents[2] / "connectors"
GRANTS, LICENSING, MESSAGING = (
    ROOT / department / "samples" for department in ("grants", "licensing", "messaging")
)

TestApplications = conformance(applications.CONNECTOR, GRANTS)
TestAwards = conformance(awards.CONNECTOR, GRANTS)
TestOpportunities = conformance(opportunities.CONNECTOR, GRANTS)
TestLicensing = conformance(licensing.CONNECTOR, LICENSING)
TestNotifications = conformance(notifications.CONNECTOR, MESSAGING)
TestRequests = conformance(requests_rest.CONNECTOR, MESSAGING)
TestRequestsFile = conformance(requests_file.CONNECTOR, MESSAGING)


def test_every_connector_of_ours_is_examined() -> None:
    """Each has samples where `hub connector test` looks for them, and stands above."""
    assert len(connectors()) == 7
    for one in connectors().values():
        assert (home(one.name) / "samples" / f"{one.name}.toml").is_file()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no samples"),
        ('file = ["*"]', "file is not a setting"),
        ('serve = "ftp"\nfiles = ["*.csv"]', "cannot be served as 'ftp'"),
        ("serve = ", "Invalid value"),
        ('serve = "calls"\nfiles = ["*.csv"]', "is not pushed to"),
        ('files = ["*.csv"]\nexpected = ["bad.expected.json"]', "no JSON list of events"),
    ],
)
def test_a_samples_file_that_says_nonsense(tmp_path: Path, text: str, told: str) -> None:
    """It is refused with what to do, before anything is examined."""
    if "csv" in text:
        (tmp_path / "a.csv").write_text("ID\n1\n")
    (tmp_path / "bad.expected.json").write_text("{")
    (tmp_path / "licensing.toml").write_text(text)
    with pytest.raises(SettingsError, match=told) as caught:
        subject(licensing.CONNECTOR, tmp_path)
    assert caught.value.remedy


def test_a_day_in_a_file_s_name_is_nobody_s_own(tmp_path: Path) -> None:
    """Files are named in quarantine: a record that is of the same day shows nothing by that."""
    text = """\
mapping: 1
name: days
owner: Office
system: days
purpose: days
domain: messaging
source: {files: {holds: csv}}
record_key: id
record_version: {whole: state}
claims: {persons: [{ref: sender, phones: [phone]}], texts: [{name: day, text: day}]}
events: [{event: TextReceived, occurred: {date: day, format: "%Y-%m-%d"}, body: {message_id: id}}]
"""
    (tmp_path / "2026-01-31.csv").write_text("id,state,day,phone\n1,1,2026-01-31,5550100199\n")
    (tmp_path / "days.toml").write_text('files = ["*.csv"]\n[settings]\nfolder = "."\n')
    days = mapping.connector_of(text, "days.yaml")
    telling.privacy(subject(days, tmp_path))
    (tmp_path / "2026-01-31.csv").rename(tmp_path / "5550100199-0.csv")
    loud = dataclasses.replace(days, translate=_loud(days.translate))
    with pytest.raises(Failed):
        telling.privacy(subject(loud, tmp_path))


def _loud(translate: Any) -> Any:
    def told(change: Change) -> Any:
        if not change.record["state"].isdecimal():
            raise UnreadableRecord(f"no state on {change.record['day']}", field="state")
        return translate(change)

    return told


def test_without_samples_it_says_where_they_belong(tmp_path: Path) -> None:
    """The error names the file that is missing; several expected files are a person's work."""
    with pytest.raises(SettingsError, match=r"licensing\.toml is missing"):
        subject(licensing.CONNECTOR, tmp_path)
    with pytest.raises(SettingsError, match="several files"):
        expected_file(licensing.CONNECTOR, LICENSING)
