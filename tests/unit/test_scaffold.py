"""A connector from a sample: what is written, how records come in, what must not be in it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import scaffold_samples
import yaml
from typer.testing import CliRunner

from hub.cli.app import app
from hub.connect.scaffold import kinds, project
from hub.connect.scaffold.document import Place
from hub.connect.scaffold.plan import Plan, plan
from hub.connect.scaffold.pseudonyms import Faker
from hub.connect.scaffold.readme import warnings
from hub.connect.scaffold.sample import look
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


def test_values_are_kept_where_one_says_so(tmp_path: Path) -> None:
    """With --keep-values the records are the sample's own, and the README says so."""
    one = made(tmp_path, "library_fines")
    told = project.files(one, project.Wanted(Place("The Library"), keep_values=True))
    assert json.loads(told["samples/2026-01-01.json"])["data"]["fines"][3] == scaffold_samples.fine(
        3
    )
    assert "own values" in told["README.md"]


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
