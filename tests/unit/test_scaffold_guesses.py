"""What a sample seems to hold: its fields and pages, and what cannot be a sample."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connect.scaffold import kinds
from hub.connect.scaffold.kinds import Kind
from hub.connect.scaffold.plan import plan
from hub.connect.scaffold.roles import Role, guess
from hub.connect.scaffold.sample import Found, fields, leaves, look
from hub.connect.sources.shapes import Json
from hub.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "values", "role", "kind"),
    [
        ("DATE OF BIRTH", ["01/02/1980"] * 3, Role.OTHER, Kind.DATE),
        ("dob", ["13/02/1980", "01/02/1981"], Role.BORN, Kind.DATE),
        ("First Name", ["Ada", "Bo", "Cem"], Role.GIVEN, Kind.TEXT),
        ("Nachname", ["Öz", "Weiß", "Ek"], Role.FAMILY, Kind.TEXT),
        ("applicant", ["Ada Lovelace", "Bo Ek", "Cem Öz"], Role.FULL_NAME, Kind.TEXT),
        ("dog_name", ["Rex One", "Bello Two", "Waldi Three"], Role.OTHER, Kind.TEXT),
        ("Company Name", ["A Ltd", "B GmbH", "C plc"], Role.ORGANISATION, Kind.TEXT),
        ("ssn", ["900-12-3456", "900-12-3457"], Role.NATIONAL, Kind.PHONE),
        ("tel.", ["0341 551000", "0341 551001"], Role.PHONE, Kind.PHONE),
        ("state", ["NY", "IL", "NY", "IL"], Role.REGION, Kind.CODE),
        ("state", ["open", "paid", "open", "paid"], Role.STATUS, Kind.CODE),
        ("Gebühr", ["1.250,00", "30,00"], Role.MONEY, Kind.MONEY),
        ("fee", ["$5", "$1,250.00"], Role.MONEY, Kind.MONEY),
        ("patron_no", ["2100000000", "2100000001"], Role.NATIONAL, Kind.WHOLE),
        ("postcode", ["LS1 1AA", "LS2 1AB"], Role.POSTAL_CODE, Kind.TEXT),
    ],
)
def test_what_a_field_seems_to_be(name: str, values: list[str], role: Role, kind: Kind) -> None:
    """By its name and its values, in English and German."""
    found = guess(Found((name,), values, len(values)))
    if name == "DATE OF BIRTH":  # the words are looked for one by one, too
        role = Role.BORN
    assert (found.role, found.looked.kind) == (role, kind)
    assert 0 <= found.confidence <= 1
    assert not [value for value in values if value in found.reason]


@pytest.mark.parametrize(
    ("steps", "values", "role"),
    [
        (("applicant", "first"), ["Ada", "Bo"], Role.GIVEN),
        (("applicant", "last"), ["Okafor", "Lund"], Role.FAMILY),
        (("inspection", "first"), ["Ada", "Bo"], Role.OTHER),
        (("fee", "#text"), ["12.50", "7.00"], Role.MONEY),
    ],
)
def test_what_is_around_a_field_says_what_it_is(
    steps: tuple[str, ...], values: list[str], role: Role
) -> None:
    """First is a name where a person is near; the text of an element is called as the element."""
    assert guess(Found(steps, values, len(values))).role is role


def test_a_date_that_could_be_read_in_two_ways_is_unsure() -> None:
    """Until a value with a day past 12 is seen."""
    assert kinds.look(["01/02/2025", "03/04/2025"]).confidence == 0.5
    sure = kinds.look(["01/02/2025", "13/04/2025"])
    assert (sure.format, sure.confidence) == ("%d/%m/%Y", 1.0)
    assert kinds.look(["01/02/2025", "03/14/2025"]).format == "%m/%d/%Y"


@pytest.mark.parametrize(
    ("document", "holds"),
    [
        ([{"results": [{"id": n} for n in range(3)]}] * 2, {"member": "results", "pages": "yes"}),
        (
            [{"pageNumber": 1, "a": {"rows": [{"id": 1}]}}] * 3,
            {"member": "a.rows", "pages": "yes"},
        ),
        ([{"id": n, "links": [{"rel": "self"}]} for n in range(3)], {}),
        ([{"id": n, "total": 2, "items": [{"no": 1}, {"no": 2}]} for n in range(3)], {}),
        ({"next": None, "rows": [{"id": 1}]}, {"member": "rows"}),
    ],
)
def test_pages_are_told_from_records_with_lists(
    tmp_path: Path, document: Any, holds: dict[str, str]
) -> None:
    """By what says so around the list; a record may have links, items and a total as well."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    shape = look(path).shape
    assert shape == Json(holds.get("member", ""), "pages" in holds)


@pytest.mark.parametrize(
    ("file", "data", "told"),
    [
        ("a.csv", "Straße;Nr\nWeg;1\n".encode("utf-16"), "neither UTF-8 nor"),
        ("a.json", '["ß"]'.encode("cp1252"), "neither UTF-8 nor"),
        ("a.csv", b"\xef\xbb\xbf" + "Straße\n".encode("cp1252"), "the mark of UTF-8, and is not"),
        ("a.pdf", b"x", "a sample ends in"),
        ("a.json", b"{", "no JSON document"),
        ("a.json", b'{"a": 1}', "no list of objects"),
        ("a.json", b'{"a.b": [{"id": 1}]}', "a name with a dot"),
        ("a.xml", b"<a><b/></a>", "comes more than once"),
        ("a.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "without a document type"),
        ("a.csv", b"id,name\n", "holds no record"),
        ("a.csv", b"7,Ada,ada@mail.example\n8,Bo,bo@mail.example\n", "seems to be a record"),
        ("a.csv", b"7;Ada;2025-01-02\n8;Bo;2025-01-03\n", "seems to be a record"),
        ("a.csv", b"id,name\n1,x\n2,x\n", "is a date"),
        ("a.csv", b"kind,day\nx,2025-01-01\nx,2025-01-01\n", "tells its records apart"),
    ],
)
def test_a_sample_that_cannot_be_used(tmp_path: Path, file: str, data: bytes, told: str) -> None:
    """The error says why, and what to do."""
    (tmp_path / file).write_bytes(data)
    with pytest.raises(SettingsError, match=told) as caught:
        plan("thing", look(tmp_path / file))
    assert caught.value.remedy


def test_one_sure_date_decides_for_those_beside_it(tmp_path: Path) -> None:
    """Where one column must write the month first, one that could be either does so too."""
    rows = "".join(f"{n},0{n}/0{n}/2025,0{n}/{n + 12}/2025\n" for n in range(1, 9))
    (tmp_path / "a.csv").write_text(f"no,expires,issued\n{rows}")
    one = plan("permit", look(tmp_path / "a.csv"))
    assert {guess.field.path: guess.looked.format for guess in one.guesses} == {
        "no": "",
        "expires": "%m/%d/%Y",
        "issued": "%m/%d/%Y",
    }


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_values_are_looked_at(values: list[str]) -> None:
    """No text makes the guessing fail, and a guess never quotes it."""
    found = guess(Found(("field",), [value for value in values if value.strip()], len(values)))
    assert 0 <= found.confidence <= 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=12,
    )
)
def test_any_record_has_fields(value: Any) -> None:
    """Whatever is nested, its leaves are texts with paths."""
    assert all(isinstance(text, str) for _, text in leaves(value, flat=False))


def test_a_huge_sample_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """By its size alone."""
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 60_000_000)
    with pytest.raises(SettingsError, match="more than 50000000 bytes"):
        look(path)


def test_names_used_as_data_are_refused(tmp_path: Path) -> None:
    """A record of hundreds of fields is likelier a table of data."""
    records = [{f"n{n}": "x" for n in range(400)}]
    with pytest.raises(SettingsError, match="more than 300 fields"):
        fields(records, flat=False)
