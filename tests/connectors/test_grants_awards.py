"""Grant awards: what a record in 360Giving's shape means."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.grants.awards import CONNECTOR, Settings, translate
from hub.connect import lint
from hub.connect.contract import Change, Draft, Record
from hub.errors import UnreadableRecord


def test_samples_mean_what_was_recorded(
    samples: Callable[[str], Path],
    expected: Callable[[Path], Any],
    told: Callable[[list[Draft]], Any],
    reading: Callable[..., Any],
) -> None:
    """The recorded awards give exactly the recorded events."""
    folder = samples("grants")
    found = reading(CONNECTOR, Settings(folder, "awards-*.json"))
    assert told(found.drafts) == expected(folder / "awards.expected.json")
    assert dict(found.left_out) == {"no award date": 1}
    assert dict(found.quarantined) == {"E-DATE": 1, "E-JSON-DUPLICATE-KEY": 1}


def award(**values: Any) -> Change:
    """A change of a plain award."""
    plain = {"id": "1", "currency": "GBP", "awardDate": "2024-03-01"}
    recipients = {"recipientOrganization": [{"id": "X-1", "name": "A"}]}
    return Change(Record(plain | recipients | values), b"", version=7)


def said(change: Change) -> Draft:
    """The one draft of a change."""
    (draft,) = translate(change)
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(
    ("number", "scheme", "value", "assurance"),
    [
        ("GB-CHC-1156077", "gb-chc", "1156077", "verified"),
        ("US-EIN-12-3456789", "us-ein", "123456789", "verified"),
        ("360G-wolfson:org-13177", "org-360g", "360G-wolfson:org-13177", "verified"),
        ("XI-GRID-grid.13097.3c", "org-id", "XI-GRID-grid.13097.3c", "claimed"),
    ],
)
def test_identifiers_of_recipients(number: str, scheme: str, value: str, assurance: str) -> None:
    """An org-id is split into its scheme and number; an unknown one stays whole and claimed."""
    claims = said(award(recipientOrganization=[{"id": number}])).claims
    assert claims is not None
    assert claims.organisations[0].identifiers == ((scheme, value, assurance),)


def test_the_version_is_the_publishers_own() -> None:
    """The same state in another file has the same version; without a date the file's counts."""
    assert said(award(dateModified="17/08/2015 00:00")).record_version == 1_439_769_600_000_000
    assert said(award(dateModified="2015-08-17T00:00:00Z")).record_version == 1_439_769_600_000_000
    assert said(award()).record_version == 7


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"awardDate": "03-01-2024"}, "awardDate"),
        ({"currency": ""}, "currency"),
        ({"amountAwarded": "1,25"}, "amountAwarded"),
        ({"recipientOrganization": []}, "recipientOrganization"),
        ({"recipientOrganization": ["A"]}, "recipientOrganization"),
        ({"id": None}, "id"),
    ],
)
def test_a_broken_award_names_its_field(broken: dict[str, Any], field: str) -> None:
    """What cannot be understood is refused by the field's name."""
    with pytest.raises(UnreadableRecord) as caught:
        said(award(**broken))
    assert caught.value.field == field


def test_the_connector_is_sound() -> None:
    """Its name, domain, events and settings pass the hub's own check."""
    assert lint.problems(CONNECTOR) == []
