"""Fakes in recorded samples are as odd as what they stand for, so that no mistake is hidden."""

import json
from pathlib import Path
from typing import Any

import pytest
import scaffold_samples

from hub.connect.scaffold.plan import Plan, plan
from hub.connect.scaffold.pseudonyms import Faker
from hub.connect.scaffold.sample import look


def fakes(one: Plan) -> list[Any]:
    """The records of a plan's sample, faked."""
    faker = Faker(one)
    return [faker.record(record, flat=one.sample.flat) for record in one.sample.records]


def test_what_stands_for_nothing_still_does(tmp_path: Path) -> None:
    """An n/a is none of anybody's, and a mapping must be able to ask for it."""
    one = plan("dog_tags", look(scaffold_samples.tags(tmp_path / "dog_tags.csv")))
    for record, fake in zip(one.sample.records, fakes(one), strict=True):
        if record["Mail"] == "n/a":
            assert fake["Mail"] == "n/a"
        else:
            assert fake["Mail"] != record["Mail"]
            assert "@" in fake["Mail"]


@pytest.mark.parametrize("word", ["n/a", "N/A", "none", "-", "unknown", "null"])
def test_words_for_nothing_are_kept(tmp_path: Path, word: str) -> None:
    """In any field, also one whose other values are names."""
    rows = "".join(
        f"T-{n},{word if n % 5 == 0 else f'Ada Ek{chr(97 + n)}'},2025-01-02\n" for n in range(15)
    )
    (tmp_path / "a.csv").write_text(f"Tag No,Keeper,Issued\n{rows}")
    found = [one["Keeper"] for one in fakes(plan("tags", look(tmp_path / "a.csv")))]
    assert [one == word for one in found] == [n % 5 == 0 for n in range(15)]


def test_entries_of_a_list_are_faked_each_by_its_shape(tmp_path: Path) -> None:
    """A number for messages beside an e-mail address stays a number, and nobody's own."""
    path = tmp_path / "cards.json"
    path.write_text(json.dumps([scaffold_samples.card(n) for n in range(14)]))
    one = plan("cards", look(path), "patron.barcode")
    for record, fake in zip(one.sample.records, fakes(one), strict=True):
        (mail, sms), (_, real) = fake["patron"]["contacts"], record["patron"]["contacts"]
        assert mail["value"].endswith("@example.org")
        assert sms["value"][0] == "+"
        assert sms["value"][1:].isdecimal()
        assert sms["value"] != real["value"]
        assert [mail["kind"], sms["kind"]] == ["email", "sms"]


def test_a_street_has_a_number_only_where_the_real_one_has(tmp_path: Path) -> None:
    """With a number in a field of its own there are not two; a number behind stays behind."""
    one = plan("dog_tags", look(scaffold_samples.tags(tmp_path / "dog_tags.csv")))
    assert {any(c.isdigit() for c in fake["Address"]) for fake in fakes(one)} == {False}
    dogs = fakes(plan("dogs", look(scaffold_samples.dogs(tmp_path / "dogs.csv"))))
    assert all(fake["Straße"][-1].isdigit() and fake["Straße"][0].isalpha() for fake in dogs)
