"""Reads files of records with a known truth, whatever their columns are called; here persons."""

import csv
import gzip
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

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
_NOT_WORD = re.compile(r"[\W_]+")
MISSING = frozenset({"", "NA", "N/A", "NULL", "None", "nan"})


class Dataset(NamedTuple):
    """Records by name, and the true entity of each of them that has one."""

    records: Mapping[str, Any]
    truth: Mapping[str, str]


class Layout(NamedTuple):
    """What columns of files of one kind are called, and how a record is made of their values."""

    columns: Mapping[str, Sequence[str]]
    record: Callable[[Mapping[str, str]], Any]


def load(
    path: Path,
    truth: Path | None = None,
    given: Mapping[str, str] | None = None,
    layout: Layout | None = None,
) -> Dataset:
    """Read a CSV or TSV file, gzipped or not, and its truth from a column or another such file.

    `given` names columns for what they hold where their names do not tell. The layout is that of
    persons where none is given. Raises SettingsError where a needed column is missing.
    """
    records, known, columns = _read(path, given or {}, layout or PERSONS)
    if truth is not None:
        known = _truth(truth)
    elif known is None:
        raise SettingsError(
            "no column holds the true entity",
            remedy=f"name it with --column entity=NAME; the file has {', '.join(columns)}",
        )
    return Dataset(records, known)


def load_records(path: Path, given: Mapping[str, str] | None = None) -> dict[str, PersonRecord]:
    """Read the records of persons alone of such a file."""
    return _read(path, given or {}, PERSONS)[0]


def _read(
    path: Path, given: Mapping[str, str], layout: Layout
) -> tuple[dict[str, Any], dict[str, str] | None, Sequence[str]]:
    """The records, the true entities if a column has them, and the columns."""
    columns, rows = _open(path)
    named = choose(columns, given, layout.columns)
    records: dict[str, Any] = {}
    known: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        name = row[named["record"]] if "record" in named else str(number)
        records[name] = layout.record(
            {
                what: row[column]
                for what, column in named.items()
                if what != "entity" and row[column] not in MISSING
            }
        )
        if "entity" in named:
            known[name] = row[named["entity"]]
    return records, known if "entity" in named else None, columns


def choose(
    columns: Sequence[str],
    given: Mapping[str, str],
    layout: Mapping[str, Sequence[str]] = COLUMNS,
) -> dict[str, str]:
    """The column for each thing it may hold; none holds two. Case and punctuation do not matter.

    Raises SettingsError for one that is not there.
    """
    for what, column in given.items():
        if what not in layout or column not in columns:
            raise SettingsError(
                f"--column {what}={column} does not fit",
                remedy=f"one of {', '.join(layout)} = one of {', '.join(columns)}",
            )
    left = {_NOT_WORD.sub("_", one.lower()).strip("_"): one for one in columns}
    for column in given.values():
        left = {name: one for name, one in left.items() if one != column}
    found = dict(given)
    for what, names in layout.items():
        name = next((one for one in names if one in left), None)
        if what not in given and name is not None:
            found[what] = left.pop(name)
    return found


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
        names=known(name),
        middles=normalise.name_tokens(get("middle", ""))[:1],
        suffixes=known(suffix),
        births=known(normalise.birth(birth) if birth else None),
        identifiers=known(*numbers),
        addresses=known(normalise.address(street, get("number")) if street else None),
        postcodes=known(normalise.postcode(get("postcode", ""))),
        places=known(*(normalise.place(get(what, "")) for what in ("place", "place2"))),
        regions=known(normalise.place(get("region", ""))),
        phones=known(normalise.phone(told["phone"]) if "phone" in told else None),
        emails=known(normalise.email(get("email", ""))),
        sexes=known(normalise.sex(get("sex", ""))),
    )


def known(*values: Value | None) -> tuple[Value, ...]:
    """Those of the values that are known, each once."""
    return tuple(dict.fromkeys(value for value in values if value))


PERSONS = Layout(COLUMNS, record)


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
