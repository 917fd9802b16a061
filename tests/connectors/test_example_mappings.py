"""The mappings of the examples: what their samples mean."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.canon.model import Identifier, LicenceEnded, LicenceIssued, PersonName
from hub.connect import lint, mapping

PERMITS = Path(__file__).parents[2] / "examples" / "connectors" / "parking_permits"


def test_a_csv_becomes_events_without_code(reading: Callable[..., Any]) -> None:
    """Rows are events, left out by a rule, or refused by field; unknown codes keep their text."""
    connector = mapping.load(PERMITS / "mapping.yaml")
    assert lint.problems(connector) == []
    found = reading(connector, connector.settings(PERMITS / "samples"))
    assert [type(draft.body) for draft in found.drafts] == [
        LicenceIssued, LicenceIssued, LicenceEnded, LicenceIssued,
    ]  # fmt: skip
    assert dict(found.left_out) == {"test permit": 1}
    assert dict(found.quarantined) == {"E-DATE": 1}
    first, second, _, last = found.drafts
    (person,) = first.claims.persons
    assert person.names == (PersonName("MENDEZ, ORLA M", "ORLA", "M", "MENDEZ"),)
    assert person.identifiers == (Identifier("us-ssn", "900123456", "claimed"),)
    assert person.phones == ("+16145550101",)
    assert (second.claims.persons[0].born.text, second.claims.persons[0].born.precision) == (
        "1980",
        "year",
    )
    assert (last.body.licence.status, last.body.licence.status_text) == ("UNKNOWN", "Z")
    assert first.record_key == "permit/P-100"


def test_the_sample_is_read_whole() -> None:
    """No column of the sample is without its place in the mapping."""
    header = (PERMITS / "samples" / "permits-2026-01-31.csv").read_text().splitlines()[0]
    text = (PERMITS / "mapping.yaml").read_text()
    assert mapping.lint(text, header.split(",")) == []
