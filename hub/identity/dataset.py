"""Reads files of person records with a known truth, whatever their columns are called."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from hub.errors import SettingsError
from hub.identity import normalise
from hub.identity.record import PersonRecord

Value = TypeVar("Value")
COLUMNS: Mapping[str, Sequence[str]] = {
    "record": ("record_id", "rec_id", "id"),
    "entity": ("entity_id", "cluster_id", "cluster", "truth", "person_id"),
    "given": ("given_name", "first_name", "firstname", "forename", "fname", "fname_c1"),
    "middle": ("middle_name", "middle", "fname_c2"),
    "surname": ("surname", "last_name", "lastname", "family_name", "lname", "lname_c1"),
    "name": ("name", "full_name"),
    "suffix": ("suffix", "name_suffix"),
    "birth": ("date_of_birth", "birth_date", "birthdate", "dob"),
    "birth_year": ("birth_year", "by"),
    "birth_month": ("birth_month", "bm"),
    "birth_day": ("birth_day", "bd"),
    "identifier": ("national_id", "soc_sec_id", "identifier", "tax_id", "id_number"),
    "ssn": ("ssn", "social_security_number"),
    "number": ("street_number", "house_number"),
    "street": ("street_name", "street", "address_1", "address1", "address"),
    "box": ("po_box",),
    "place": ("city", "suburb", "town", "place"),
    "place2": ("address_2", "address2", "locality"),
    "region": ("state", "province", "region"),
    "postcode": ("postcode", "zipcode", "zip", "postal_code"),
    "phone": ("phone", "telephone", "phone_number", "mobile"),
    "email": ("email", "email_address", "e_mail"),
    "sex": ("sex", "gender"),
}
"""What columns are called, by what they hold; the first that a file has is taken."""
MISSING = frozenset({"", "NA", "N/A", "NULL", "None", "nan"})


class Dataset(NamedTuple):
    """Records by name, and the true entity of each of them that has one."""

    records: Mapping[str, PersonRecord]
    truth: Mapping[str, str]


def load(path: Path, truth: Path | None = None, given: Mapping[str, str] | None = None) -> Dataset:
    """Read a CSV or TSV file, gzipped or not, and its truth from a column or another such file.

    `given` names columns for what they hold where their names do not tell. Raises SettingsError
    where a needed column is missing.
    """
    records, known, columns = _read(path, given or {})
    if truth is not None:
        known = _truth(truth)
    elif known is None:
        raise SettingsError(
            "no column holds the true entity",
            remedy=f"name it with --column entity=NAME; the file has {', '.join(columns)}",
        )
    return Dataset(records, known)


def load_records(path: Path, given: Mapping[str, str] | None = None) -> dict[str, PersonRecord]:
    """Read the records alone of such a file."""
    return _read(path, given or {})[0]


def _read(
    path: Path, given: Mapping[str, str]
) -> tuple[dict[str, PersonRecord], dict[str, str] | None, Sequence[str]]:
    """The records, the true entities if a column has them, and the columns."""
    columns, rows = _open(path)
    named = choose(columns, given)
    records: dict[str, PersonRecord] = {}
    known: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        name = row[named["record"]] if "record" in named else str(number)
        records[name] = record({what: row[column] for what, column in named.items()})
        if "entity" in named:
            known[name] = row[named["entity"]]
    return records, known if "entity" in named else None, columns


def choose(columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """The column for each thing it may hold. Raises SettingsError for one that is not there."""
    for what, column in given.items():
        if what not in COLUMNS or column not in columns:
            raise SettingsError(
                f"--column {what}={column} does not fit",
                remedy=f"one of {', '.join(COLUMNS)} = one of {', '.join(columns)}",
            )
    found = {
        what: column
        for what, names in COLUMNS.items()
        for column in (next((one for one in names if one in columns), None),)
        if column is not None
    }
    return {**found, **given}


def record(values: Mapping[str, str]) -> PersonRecord:
    """A record from values as they are written, by what they hold (the keys of COLUMNS)."""
    told = {what: value for what, value in values.items() if value not in MISSING}
    get = told.get
    name = normalise.name(get("given"), get("surname"))
    if name is None and "name" in told:
        name = normalise.full_name(told["name"])
    birth = get("birth")
    if birth is None and "birth_year" in told:
        birth = "-".join(told.get(part, "0") for part in ("birth_year", "birth_month", "birth_day"))
    suffix = normalise.suffix(
        " ".join(told.get(what, "") for what in ("name", "given", "surname", "suffix"))
    )
    street = get("street") or (f"po box {told['box']}" if "box" in told else None)
    numbers = [
        normalise.number(scheme, told[what])
        for what, scheme in (("identifier", "national"), ("ssn", normalise.SSN))
        if what in told
    ]
    return PersonRecord(
        names=_known(name),
        middles=normalise.name_tokens(get("middle", ""))[:1],
        suffixes=_known(suffix),
        births=_known(normalise.birth(birth) if birth else None),
        identifiers=_known(*numbers),
        addresses=_known(normalise.address(street, get("number")) if street else None),
        postcodes=_known(normalise.postcode(get("postcode", ""))),
        places=_known(*(normalise.place(get(what, "")) for what in ("place", "place2"))),
        regions=_known(normalise.place(get("region", ""))),
        phones=_known(normalise.phone(told["phone"]) if "phone" in told else None),
        emails=_known(normalise.email(get("email", ""))),
        sexes=_known(normalise.sex(get("sex", ""))),
    )


def _known(*values: Value | None) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _open(path: Path) -> tuple[Sequence[str], Iterator[dict[str, str]]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    return rows(text)


def rows(text: str) -> tuple[Sequence[str], Iterator[dict[str, str]]]:
    """The columns and rows of a text; separated by tabs or commas, white space around cut off."""
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in head else ",")
    columns = [one.strip() for one in next(reader, [])]
    return columns, (
        dict(zip(columns, (cell.strip() for cell in row), strict=False)) for row in reader if row
    )


def _truth(path: Path) -> dict[str, str]:
    columns, found = _open(path)
    named = choose(columns, {})
    if not {"record", "entity"} <= named.keys():
        raise SettingsError(
            f"the truth has no columns for record and entity, but {', '.join(columns)}",
            remedy="call them record_id and entity_id",
        )
    return {row[named["record"]]: row[named["entity"]] for row in found}
