"""Lists of contacts and amounts in minor units in a sample."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.connect.scaffold.document import Place, document
from hub.connect.scaffold.entries import entries
from hub.connect.scaffold.plan import plan
from hub.connect.scaffold.sample import look

MAILS = ["a@b.org", "c@d.org", "e@f.org", "g@h.org"]
PHONES = ["+13125550101", "+13125550102", "+13125550103", "+13125550104"]


def records(contacts: list[Any]) -> list[dict[str, Any]]:
    """Four records of cards, each with its contacts."""
    families = ("Lovelace", "Byron", "Noel", "King")
    return [
        {
            "card": str(9000 + n),
            "opened": f"2026-01-0{n + 1}",
            "name": f"Ada {families[n]}",
            "contacts": one,
        }
        for n, one in enumerate(contacts)
    ]


def written(tmp_path: Path, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The mapping of these records."""
    path = tmp_path / "cards.json"
    path.write_text(json.dumps(rows))
    return document(plan("cards", look(path), "card"), Place("Office"))


KINDS = [
    [{"kind": "mail", "value": mail}, {"kind": "sms", "value": phone}]
    for mail, phone in zip(MAILS, PHONES, strict=True)
]


def test_contacts_are_told_apart_by_their_kind(tmp_path: Path) -> None:
    """Each entry goes where its kind says, whichever comes first; nothing is left."""
    for rows in (KINDS, [[*reversed(KINDS[0])], *KINDS[1:]]):
        made = written(tmp_path, records(rows))
        (person,) = made["claims"]["persons"]
        where = {"each": "contacts", "value": "value"}
        assert person["emails"] == [{**where, "where": {"equals": "kind", "to": ["mail"]}}]
        assert person["phones"] == [{**where, "where": {"equals": "kind", "to": ["sms"]}}]
        assert "extra" not in made


def test_a_list_of_addresses_is_read_whole(tmp_path: Path) -> None:
    """Where all entries are of one kind, no condition is written; their number does not matter."""
    (person,) = written(tmp_path, records([[one] * 2 for one in MAILS]))["claims"]["persons"]
    assert person["emails"] == [{"each": "contacts"}]
    (person,) = written(tmp_path, records([[MAILS[0]], MAILS, [], MAILS]))["claims"]["persons"]
    assert person["emails"] == [{"each": "contacts"}]


@pytest.mark.parametrize(
    "contacts",
    [
        [[{"kind": "x", "value": mail}, {"kind": "x", "value": "1"}] for mail in MAILS],
        [[{"kind": "fax", "value": mail}, {"kind": "web", "value": "a page"}] for mail in MAILS],
        [[{"value": mail}, {"value": phone}] for mail, phone in zip(MAILS, PHONES, strict=True)],
    ],
)
def test_entries_that_nothing_tells_apart(contacts: list[Any]) -> None:
    """Where the kinds do not say what all entries are, nothing is made up."""
    assert entries(records(contacts), ("contacts", "0", "value")) is None


def test_cents_are_worth_a_hundredth(tmp_path: Path) -> None:
    """An amount whose name says cents is not taken for one in whole units."""
    rows = [{**row, "fee_cents": 2095 + n} for n, row in enumerate(records([MAILS] * 4))]
    amount = written(tmp_path, rows)["events"][0]["body"]["amount"]
    assert amount == {"money": "fee_cents", "currency": "USD", "units": "0.01"}
    rows = [{**row, "fee": 2095 + n} for n, row in enumerate(records([MAILS] * 4))]
    assert "units" not in written(tmp_path, rows)["events"][0]["body"]["amount"]


def test_the_category_is_the_records_own(tmp_path: Path) -> None:
    """A kind of an entry in a list is not the kind of the record where that has one."""
    rows = [{**row, "type": "adult"} for row in records(KINDS)]
    assert written(tmp_path, rows)["events"][0]["body"]["category_text"] == "type"
