"""A connector from a sample: what is guessed, what is written, what must not be in it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import scaffold_samples
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hub.cli.app import app
from hub.connect.scaffold import kinds, project
from hub.connect.scaffold.document import Place
from hub.connect.scaffold.kinds import Kind
from hub.connect.scaffold.plan import Plan, plan
from hub.connect.scaffold.pseudonyms import Faker
from hub.connect.scaffold.readme import warnings
from hub.connect.scaffold.roles import Role, guess
from hub.connect.scaffold.sample import Found, fields, leaves, look
from hub.connect.sources.shapes import Json
from hub.errors import SettingsError

run = CliRunner()
SAMPLES: list[tuple[str, str, Callable[[Path], Path]]] = [
    ("dog_licences", "dogs.csv", scaffold_samples.dogs),
    ("library_fines", "fines.json", scaffold_samples.fines),
    ("library_fines", "pages.json", scaffold_samples.pages),
    ("death_register", "register.xml", scaffold_samples.deaths),
    ("planning_objections", "objections.xml", scaffold_samples.objections),
]
PERSONAL = (
    "Müller",
    "O'Neill",
    "Lindenstraße",
    "55100",
    "HM-2024",
    "Nachbar",
    "Mill Lane",
    "Bello",
)
OTHER = ("user1", "mail.example", "Corve", "OBJ/25", "kitchen", "21000", "F-88", "300000")


def made(tmp_path: Path, name: str) -> Plan:
    """The plan of one of the samples."""
    file, write = next((file, write) for one, file, write in SAMPLES if one == name)
    return plan(name, look(write(tmp_path / file)))


@pytest.mark.parametrize("package", [False, True])
@pytest.mark.parametrize(("name", "file", "write"), SAMPLES)
def test_what_is_written_passes_the_suite_unedited(
    tmp_path: Path, name: str, file: str, write: Callable[[Path], Path], package: bool
) -> None:
    """In both forms no check fails, and nothing of the sample's own values is in any file."""
    sample = write(tmp_path / file)
    command = ["connector", "new", name, "--from", str(sample), "--into", str(tmp_path / "out")]
    done = run.invoke(app, [*command, "-o", "json", *(["--package"] if package else [])])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {one["outcome"] for one in told["checks"]} == {"passed", "skipped"}
    assert {one["check"] for one in told["checks"] if one["outcome"] == "skipped"} == {
        *("versions", "acknowledges")
    }
    assert told["events"] > 12
    assert told["look_at"]
    for path in told["files"]:
        text = Path(path).read_text(encoding="utf-8")
        assert not [value for value in (*PERSONAL, *OTHER) if value in text], path


@pytest.mark.parametrize("package", [False, True])
def test_the_test_that_is_written_is_one(tmp_path: Path, package: bool) -> None:
    """Pytest finds the suite in the written folder, and it passes there."""
    sample = scaffold_samples.dogs(tmp_path / "dogs.csv")
    command = ["connector", "new", "dogs", "--from", str(sample), "--into", str(tmp_path)]
    assert run.invoke(app, [*command, *(["--package"] if package else [])]).exit_code == 0
    folder = tmp_path / ("civic-dogs" if package else "dogs")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "16 passed, 2 skipped" in done.stdout


def test_the_parts_of_a_record_are_found(tmp_path: Path) -> None:
    """Key, version, time, event and parties of the three samples."""
    found = {name: made(tmp_path, name) for name, _, _ in SAMPLES}
    told = {
        name: (one.event, [k.field.path for k in one.key], one.occurred.field.path)
        for name, one in found.items()
    }
    assert told == {
        "dog_licences": ("LicenceIssued", ["Steuermarke"], "Angemeldet am"),
        "library_fines": ("EntryRecorded", ["fineId"], "assessedAt"),
        "death_register": ("EntryRecorded", ["@no"], "RecordedOn"),
        "planning_objections": ("ServiceRequestOpened", ["@ref"], "Received"),
    }
    version = found["library_fines"].version
    assert version is not None
    assert version.field.path == "lastModified"
    assert [list(one.parties) for one in found.values()] == [
        ["halter"], ["borrower"], ["deceased"], ["objector"],
    ]  # fmt: skip


def test_nothing_of_a_nested_record_is_lost(tmp_path: Path) -> None:
    """Money is told as money; fields nobody recognised are extra ones, inner ones by paths."""
    one = made(tmp_path, "library_fines")
    text = project.files(one, project.Wanted(Place("The Library")))["mapping.yaml"]
    parts = yaml.safe_load(text)
    assert parts["events"][0]["body"]["amount"] == {
        "money": "amount",
        "currency": {"path": "currency"},
    }
    (borrower,) = parts["claims"]["persons"]
    assert borrower["emails"] == [{"each": "borrower.contacts", "value": "email"}]
    assert parts["extra"] == ["item.barcode"]


def rows_of_a_table(path: Path) -> Path:
    """An export of a table with a column that grows."""
    rows = "".join(
        f"P-{n},Ada Ek {chr(65 + n)}son,2026-01-{n + 1:02},2026-02-{n + 1:02}T10:00:00Z\n"
        for n in range(16)
    )
    path.write_text(f"permit_no,holder,issued,updated_at\n{rows}")
    return path


@pytest.mark.parametrize(
    ("source", "write", "holds"),
    [
        ("sftp", scaffold_samples.deaths, {"holds": {"xml": {"record": "Entry"}}}),
        ("csv_snapshots", scaffold_samples.dogs, {"key": "Steuermarke", "delimiter": ";"}),
        ("rest", scaffold_samples.fines, {
            "path": "/permits", "identifier": "fineId", "changed": "lastModified",
            "since": "updated_since", "items": "data.fines",
        }),
        ("webhook", scaffold_samples.fines, {"caller": "bearer"}),
        ("amqp", rows_of_a_table, {}),
        ("sql_polling", rows_of_a_table, {
            "table": "permits", "changed": "updated_at", "key": "permit_no",
        }),
        ("postgres_log", rows_of_a_table, {"tables": {"permits": "permit_no"}}),
    ],
)  # fmt: skip
def test_records_may_come_in_another_way(
    tmp_path: Path, source: str, write: Callable[[Path], Path], holds: dict[str, Any]
) -> None:
    """What is written passes the suite unedited, served as that kind of source can be."""
    suffix = {scaffold_samples.deaths: "xml", scaffold_samples.fines: "json"}.get(write, "csv")
    sample, out = write(tmp_path / f"sample.{suffix}"), tmp_path / "out"
    command = ["connector", "new", "permits", "--from", str(sample), "--source", source]
    done = run.invoke(app, [*command, "--into", str(out), "-o", "json"])
    assert done.exit_code == 0, done.output
    told = {one["check"]: one["outcome"] for one in json.loads(done.stdout)["checks"]}
    assert set(told.values()) == {"passed", "skipped"}
    assert (told["broken"] == "passed") == (source in ("csv_snapshots", "rest", "webhook"))
    parts = yaml.safe_load((out / "permits" / "mapping.yaml").read_text())
    assert parts["source"] == {source: holds}
    readme = (out / "permits" / "README.md").read_text()
    assert f"`{source}` is one way in" in readme
    assert ("for full CSV files see" in readme) == (source == "sftp")
    assert ("is missing in the next one is gone" in readme) == (source == "csv_snapshots")


@pytest.mark.parametrize(
    ("source", "write", "told"),
    [
        ("csv_snapshots", scaffold_samples.fines, "are CSV files"),
        ("rest", scaffold_samples.deaths, "a time of the last change"),
        ("webhook", scaffold_samples.dogs, "which state of a record is later"),
        ("amqp", scaffold_samples.dogs, "which state of a record is later"),
        ("sql_polling", scaffold_samples.dogs, "a column that grows"),
        ("sql_polling", scaffold_samples.fines, "has columns alone"),
        ("postgres_log", scaffold_samples.fines, "has columns alone"),
        ("ftp", scaffold_samples.dogs, "ftp is no way in"),
    ],
)
def test_a_sample_that_cannot_come_that_way(
    tmp_path: Path, source: str, write: Callable[[Path], Path], told: str
) -> None:
    """It is refused with why and what else to do, before anything is written."""
    suffix = {scaffold_samples.dogs: "csv", scaffold_samples.deaths: "xml"}.get(write, "json")
    sample = write(tmp_path / f"sample.{suffix}")
    command = ["connector", "new", "permits", "--from", str(sample), "--source", source]
    done = run.invoke(app, [*command, "--into", str(tmp_path / "out")])
    assert isinstance(done.exception, SettingsError)
    assert told in done.exception.message
    assert done.exception.remedy
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("files", "with --key FIELD; no value comes twice in: patron.barcode"),
        ("rest", "only a field on a record's top can be the key, and no value comes twice only in"),
    ],
)
def test_fields_that_could_be_the_key_are_named(tmp_path: Path, source: str, told: str) -> None:
    """A number of a person is never taken unasked; which there are, and whether they will do."""
    sample = tmp_path / "cards.json"
    sample.write_text(json.dumps([scaffold_samples.card(n) for n in range(14)]))
    command = ["connector", "new", "cards", "--from", str(sample), "--source", source]
    done = run.invoke(app, [*command, "--into", str(tmp_path / "out")])
    assert isinstance(done.exception, SettingsError)
    assert told in done.exception.remedy
    assert "patron.barcode" in done.exception.remedy


def parts_of(one: Plan) -> Any:
    """The mapping of a plan as plain values."""
    return yaml.safe_load(project.files(one, project.Wanted(Place("Office")))["mapping.yaml"])


def test_a_person_in_lists_and_attributes_is_one_person(tmp_path: Path) -> None:
    """Given names in a list, a number with a scheme, and the day of death are one person's."""
    (person,) = parts_of(made(tmp_path, "death_register"))["claims"]["persons"]
    assert person["names"] == [
        {"given": "Deceased.GivenNames.Given.0", "family": "Deceased.FamilyName"}
    ]
    assert person["born"]["date"] == "Deceased.DateOfBirth"
    assert person["died"]["date"] == "Deceased.DateOfDeath"
    (number,) = person["identifiers"]
    assert number["scheme"] == "death-register-national-no"
    assert number["value"] == "Deceased.NationalNo.#text"


def test_what_a_bin_request_says(tmp_path: Path) -> None:
    """A house's number stands in the street; doubtful codes and replaced records are pointed at."""
    rows = [
        f"AB-{n};{NAMES[n % 3]};Lange Straße;{n};PLZ {n};{8 + n % 2}.01.2026;{STATES[n % 3]};AB-1"
        for n in range(20)
    ]
    header = "Vorgangsnr;Antragsteller;Straße;Hausnr;PLZ;Antragsdatum;Bearbeitungsstand;Ersetzt"
    path = tmp_path / "bins.csv"
    path.write_text("\n".join([header, *rows]))
    one = plan("bin_requests", look(path))
    assert one.occurred.field.path == "Antragsdatum"
    parts = parts_of(one)
    (person,) = parts["claims"]["persons"]
    assert person["addresses"] == [{"street": {"join": ["Straße", "Hausnr"]}, "postal_code": "PLZ"}]
    assert parts["tables"]["status"] == {"offen": "open", "erledigt": "closed", "xyz": "UNKNOWN"}
    told = " ".join(warnings(one, keep_values=False))
    assert "Bearbeitungsstand has 1 of 3 codes whose meaning is not known" in told
    assert "Ersetzt may name the record whose place this one takes" in told


NAMES = ("Weiß, Anna", "Ek, Bo", "Öz, Cem")
STATES = ("offen", "erledigt", "xyz")


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


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """Without --yes a second writing is refused, or asks; with it, it is done."""
    sample = scaffold_samples.dogs(tmp_path / "dogs.csv")
    command = ["connector", "new", "dogs", "--from", str(sample), "--into", str(tmp_path)]
    assert run.invoke(app, command).exit_code == 0
    mapping = tmp_path / "dogs" / "mapping.yaml"
    mapping.write_text("mine")
    done = run.invoke(app, [*command, "--non-interactive"])
    assert isinstance(done.exception, SettingsError)
    assert "mapping.yaml" in done.exception.message
    assert isinstance(run.invoke(app, command, input="n\n").exception, SettingsError)
    assert mapping.read_text() == "mine"
    assert run.invoke(app, command, input="y\n").exit_code == 0
    assert run.invoke(app, [*command, "--yes"]).exit_code == 0
    assert mapping.read_text() != "mine"


def test_a_small_sample_says_what_the_suite_does(tmp_path: Path) -> None:
    """With fewer than 12 records one check fails, by name, until more are recorded."""
    sample = scaffold_samples.dogs(tmp_path / "dogs.csv", count=5)
    command = ["connector", "new", "dogs", "--from", str(sample), "--into", str(tmp_path)]
    done = run.invoke(app, [*command, "-o", "json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert [one["check"] for one in told["checks"] if one["outcome"] == "failed"] == ["samples"]
    assert "fails until 12 are recorded" in " ".join(told["look_at"])


def test_fakes_keep_shape_and_belonging(tmp_path: Path) -> None:
    """The same value is the same fake, keys stay distinct, dates and codes stay what they are."""
    one = made(tmp_path, "dog_licences")
    fakes = [Faker(one).record(record, flat=True) for record in one.sample.records]
    assert fakes == [Faker(one).record(record, flat=True) for record in one.sample.records]
    assert len({fake["Steuermarke"] for fake in fakes}) == len(fakes)
    by_name: dict[str, set[Any]] = {}
    for record, fake in zip(one.sample.records, fakes, strict=True):
        by_name.setdefault(record["Halter Nachname"], set()).add(fake["Halter Nachname"])
        for kept in ("Angemeldet am", "Stand", "Rasse", "Jahressteuer"):
            assert fake[kept] == record[kept]
        assert kinds.written(fake["geb. am"], "%d.%m.%Y")
    assert {len(fakes) for fakes in by_name.values()} == {1}


def test_a_key_that_is_named_elsewhere_is_the_same_fake(tmp_path: Path) -> None:
    """What one record says it replaces is still the other's key."""
    rows = "".join(f"P-{n},2025-01-0{n % 9 + 1},{f'P-{n - 1}' * (n > 1)}\n" for n in range(1, 20))
    (tmp_path / "a.csv").write_text(f"permit_no,issued,replaces\n{rows}")
    one = plan("permits", look(tmp_path / "a.csv"))
    faker = Faker(one)
    fakes = [faker.record(record, flat=True) for record in one.sample.records]
    assert [fake["replaces"] for fake in fakes[1:]] == [fake["permit_no"] for fake in fakes[:-1]]


def test_short_keys_stay_distinct(tmp_path: Path) -> None:
    """However few keys of a shape there are, no two records become one, and none keeps its key."""
    rows = "".join(f"{n},2025-01-0{n % 9 + 1}\n" for n in range(1, 41))
    (tmp_path / "a.csv").write_text(f"no,day\n{rows}")
    one = plan("thing", look(tmp_path / "a.csv"))
    fakes = [Faker(one).record(record, flat=True)["no"] for record in one.sample.records]
    faker = Faker(one)
    together = [faker.record(record, flat=True)["no"] for record in one.sample.records]
    assert len(set(together)) == 40
    assert together[10:] != [record["no"] for record in one.sample.records][10:]
    assert len(set(fakes)) < 40  # each alone they collide: it is the looking that keeps them apart


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


def test_values_are_kept_where_one_says_so(tmp_path: Path) -> None:
    """With --keep-values the records are the sample's own, and the README says so."""
    one = made(tmp_path, "library_fines")
    told = project.files(one, project.Wanted(Place("The Library"), keep_values=True))
    assert json.loads(told["samples/2026-01-01.json"])["data"]["fines"][3] == scaffold_samples.fine(
        3
    )
    assert "own values" in told["README.md"]


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


def test_discover_looks_at_a_file_or_a_connector(tmp_path: Path) -> None:
    """Offline, with types and how much is filled."""
    sample = scaffold_samples.fines(tmp_path / "fines.json")
    done = run.invoke(app, ["connector", "discover", str(sample), "-o", "json"])
    assert done.exit_code == 0, done.output
    told = {one["field"]: one for one in json.loads(done.stdout)}
    assert told["borrower.name.first"]["taken for"] == "given name"
    assert told["amount"]["filled"] == "25 of 25"
    done = run.invoke(app, ["connector", "discover", "licensing", "-o", "json"])
    assert "LEGAL NAME" in {one["field"] for one in json.loads(done.stdout)}


def test_discover_tells_what_is_declared_where_nothing_is_recorded(tmp_path: Path) -> None:
    """Without samples beside it, a connector's own list of fields."""
    sample = scaffold_samples.dogs(tmp_path / "dogs.csv")
    command = ["connector", "new", "dogs", "--from", str(sample), "--into", str(tmp_path)]
    assert run.invoke(app, command).exit_code == 0
    (tmp_path / "dogs" / "samples" / "dogs.toml").unlink()
    done = run.invoke(app, ["connector", "discover", str(tmp_path / "dogs"), "-o", "json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert sorted(scaffold_samples.DOGS.split(";")) == [one["field"] for one in told]


def test_a_slip_in_a_mapping_is_told_where_it_is(tmp_path: Path) -> None:
    """A wrong event by its line; a column that is not there by how many records lack it."""
    sample = scaffold_samples.dogs(tmp_path / "dogs.csv")
    command = ["connector", "new", "dogs", "--from", str(sample), "--into", str(tmp_path)]
    assert run.invoke(app, command).exit_code == 0
    mapping = tmp_path / "dogs" / "mapping.yaml"
    good = mapping.read_text(encoding="utf-8")
    mapping.write_text(good.replace("LicenceIssued", "LicenceIssuedd"), encoding="utf-8")
    wrong = run.invoke(app, ["connector", "test", str(tmp_path / "dogs")])
    assert isinstance(wrong.exception, SettingsError)
    assert "line" in wrong.exception.message
    assert wrong.exception.remedy == "did you mean LicenceIssued?"
    mapping.write_text(good.replace("- Telefon", "- Tel"), encoding="utf-8")
    done = run.invoke(app, ["connector", "test", str(tmp_path / "dogs")])
    assert done.exit_code == 1
    assert "refused: 19 E-FIELD-MISSING Tel" in " ".join(done.stdout.split())


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
