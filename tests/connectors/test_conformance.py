"""Our own connectors keep the contract they ask of others; what a samples folder may say."""

from pathlib import Path

import pytest

from connectors.grants import applications, awards, opportunities
from connectors.licensing import connector as licensing
from connectors.messaging import notifications, requests_file, requests_rest
from hub.connect.catalogue import connectors, home
from hub.connect.conformance.pytest import conformance
from hub.connect.conformance.samples import expected_file, subject
from hub.errors import SettingsError

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


def test_without_samples_it_says_where_they_belong(tmp_path: Path) -> None:
    """The error names the file that is missing; several expected files are a person's work."""
    with pytest.raises(SettingsError, match=r"licensing\.toml is missing"):
        subject(licensing.CONNECTOR, tmp_path)
    with pytest.raises(SettingsError, match="several files"):
        expected_file(licensing.CONNECTOR, LICENSING)
