"""Whom a sample speaks of: names, streets with numbers, e-mail addresses and telephones."""

from pathlib import Path
from typing import Any

import pytest
import scaffold_samples

from hub.connect.scaffold.document import Place, document
from hub.connect.scaffold.plan import plan
from hub.connect.scaffold.readme import warnings
from hub.connect.scaffold.roles import Role, guess
from hub.connect.scaffold.sample import Found, look


def claims(name: str, path: Path, country: str = "DE") -> Any:
    """The claims of the mapping for a sample."""
    return document(plan(name, look(path)), Place("Office", country=country))["claims"]


def test_words_for_nothing_do_not_hide_what_a_column_is(tmp_path: Path) -> None:
    """An e-mail address is one where most have none, and n/a is nobody's address."""
    (person,) = claims("dog_tags", scaffold_samples.tags(tmp_path / "dog_tags.csv"))["persons"]
    assert person["emails"] == [{"clean": "Mail", "none": ["n/a"]}]
    assert person["phones"] == [{"phone": "Tel.", "region": "DE"}]


def test_a_country_no_telephone_is_in_is_left_out(tmp_path: Path) -> None:
    """Without a country, or with one nobody knows, a number stays as it was sent."""
    path = scaffold_samples.tags(tmp_path / "dog_tags.csv")
    for country in ("", "XX"):
        assert claims("dog_tags", path, country)["persons"][0]["phones"] == ["Tel."]


def test_premises_trade_as_one_and_belong_to_another(tmp_path: Path) -> None:
    """The operator's is the legal name; the number of the house stands in the street."""
    path = scaffold_samples.inspections(tmp_path / "food.xml")
    (found,) = claims("food_inspections", path)["organisations"]
    assert found["legal_name"] == "premises.operator.#text"
    assert found["trading_names"] == ["premises.tradingAs"]
    (address,) = found["addresses"]
    assert address["street"] == {"join": ["premises.where.no", "premises.where.road"]}
    told = warnings(plan("food_inspections", look(path)), keep_values=False)
    assert "Not recognised, and kept as they are: premises.@ref, result.@score." in told


@pytest.mark.parametrize(
    ("steps", "values", "role"),
    [
        (("Mail",), [], Role.EMAIL),
        (("Mail",), ["n/a", "n/a", "a@mail.example"], Role.EMAIL),
        (("Mail",), ["n/a", "n/a"], Role.OTHER),
        (("mail sent",), ["by hand", "by post"], Role.OTHER),
        (("DBA",), ["Blue Cafe", "Old Mill"], Role.TRADING),
        (("Trading name",), ["Blue Cafe", "Old Mill"], Role.TRADING),
        (("borrower", "address", "no"), ["12", "14"], Role.HOUSE),
        (("borrower", "no"), ["12", "14"], Role.NATIONAL),
        (("no",), ["12", "14"], Role.OTHER),
        (("where", "\u2603"), ["12", "14"], Role.OTHER),
    ],
)
def test_what_a_field_is(steps: tuple[str, ...], values: list[str], role: Role) -> None:
    """By its name, where it stands, and the values that stand for something."""
    assert guess(Found(steps, values, max(len(values), 1))).role is role
