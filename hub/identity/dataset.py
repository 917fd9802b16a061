"""Reads files of records with a known truth, whatever their columns are called; here persons."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hub.errors import SettingsError
from hub.identity import dates, normalise
from hub.identity.addresses import Where, address, completed, town, where
from hub.identity.columns import ADDS_NOTHING, COLUMNS, OTHER_NUMBERS, ROWS_OWN, called_so, choose
from hub.identity.files import opened
from hub.identity.record import Name, PersonRecord, known_once

Value = TypeVar("Value")
SEPARATORS = ",;\t|"
_FLOAT = re.compile(r"^(\d+)\.0$")
"""What programs write that take a number with gaps for one of measure."""
NATIONAL = "national"
SCHEMES: Mapping[str, str] = {
    "identifier": NATIONAL,
    "ssn": normalise.SSN,
    "ssn4": "us-ssn-4",
    **{one: one for one in OTHER_NUMBERS},
}
"""Schemes of identifiers by what their columns hold."""
ROWS_OWN_SHARE = 0.995
"""From this share of different ones on numbers are no person's but the row's."""
PHONES = ("phone", "phone2")
EMAILS = ("email", "email2")
AGES_OF, AGE_MAX = 2020, 120
"""Ages are those of this year where no date of birth tells another one: it matters only that all
are of one year.
"""
YEARS_APART_MAX = 1
"""By so many years a year of birth that follows from an age may miss that of the date."""
OF_ONE_YEAR = 0.8
"""From this share on of ages that fit the dates of birth they are of one year, the rest errors."""
BOTH_SHARE = 0.02
"""From this share of a column's values on that stand beside one of the first they say more."""
MISSING = frozenset({"", "NA", "N/A", "NULL", "None", "nan"})


class Dataset(NamedTuple):
    """Records by name, and the true entity of each of them that has one.

    `columns`: which column was read for what; `instead`: which, one after the other, where that one
    tells nothing. `unread`: the others.
    """

    records: Mapping[str, Any]
    truth: Mapping[str, str]
    columns: Mapping[str, str] = {}
    instead: Mapping[str, Sequence[str]] = {}
    unread: Sequence[str] = ()


class Layout(NamedTuple):
    """What columns of files of one kind are called, and how a record is made of their values.

    `adds_nothing`: words of a column's name without which it says the same. `of_all`: what the
    values of all rows together say of how each is to be read, as arguments of `record` by name.
    """

    columns: Mapping[str, Sequence[str]]
    record: Callable[..., Any]
    adds_nothing: AbstractSet[str]
    of_all: Callable[[Sequence[Mapping[str, str]]], Mapping[str, Any]]


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
    dataset, columns = _read(path, given or {}, layout or PERSONS)
    if truth is not None:
        dataset = dataset._replace(truth=_truth(truth))
    elif "entity" not in dataset.columns:
        raise SettingsError(
            "no column holds the true entity",
            remedy="name it with --column entity=NAME or give a file with --truth;"
            f" the file has {', '.join(columns)}",
        )
    if dataset.records.keys().isdisjoint(dataset.truth):
        raise SettingsError(
            "of no record the true entity is known",
            remedy="name the column of the rows' own numbers with --column record=NAME, as the"
            " truth has them"
            if truth is not None
            else f"the column {dataset.columns['entity']!r} is empty: name another with"
            " --column entity=NAME, or give a file with --truth",
        )
    return dataset


def load_records(path: Path, given: Mapping[str, str], layout: Layout) -> Dataset:
    """Read such a file whose truth need not be known."""
    return _read(path, given, layout)[0]


def _read(path: Path, given: Mapping[str, str], layout: Layout) -> tuple[Dataset, Sequence[str]]:
    """What a file holds, with the true entities if a column has them; and all its columns."""
    columns, read = open_table(path)
    if not any(columns):
        raise SettingsError(
            f"{path.name} is empty", remedy="its first line must name the columns of the rows below"
        )
    named = choose(columns, given, layout.columns, layout.adds_nothing)
    read_as = {what: column for what, column in named.items() if what not in ROWS_OWN}
    if not read_as:
        raise SettingsError(
            "no column is known by its name",
            remedy=f"name some with --column WHAT=COLUMN; the file has {', '.join(columns)}",
        )
    rows_read = list(read)
    instead = _instead(columns, read_as, rows_read, layout)
    told = [_told(row, read_as, instead) for row in rows_read]
    make = partial(layout.record, **layout.of_all(told))
    records: dict[str, Any] = {}
    known: dict[str, str] = {}
    for number, (row, values) in enumerate(zip(rows_read, told, strict=True), 1):
        name = row[named["record"]] if "record" in named else str(number)
        if name in records:
            raise SettingsError(
                f"two rows are called the same in the column {named['record']!r} (row {number})",
                remedy="name the column of the rows' own numbers with --column record=NAME",
            )
        records[name] = make(values)
        if "entity" in named and row[named["entity"]] not in MISSING:
            known[name] = row[named["entity"]]
    taken = {*named.values(), *chain.from_iterable(instead.values())}
    unread = [one for one in columns if one not in taken]
    return Dataset(records, known, named, instead, unread), columns


def _told(
    row: Mapping[str, str], read_as: Mapping[str, str], instead: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """What a row tells, by what the columns hold."""
    found = {
        what: next((row[one] for one in (column, *instead[what]) if row[one] not in MISSING), "")
        for what, column in read_as.items()
    }
    return {what: _FLOAT.sub(r"\1", value) for what, value in found.items() if value}


def _instead(
    columns: Sequence[str],
    read_as: Mapping[str, str],
    told: Sequence[Mapping[str, str]],
    layout: Layout,
) -> dict[str, list[str]]:
    """Other columns of the same, where no row tells both: those of other registers in one file."""
    names = {what: layout.columns[what] for what in read_as}
    left = [one for one in columns if one not in read_as.values()]
    found: dict[str, list[str]] = {what: [] for what in read_as}
    while named := called_so(left, names, layout.adds_nothing):
        for what, other in named.items():
            left.remove(other)
            before = (read_as[what], *found[what])
            tell = [row for row in told if row[other] not in MISSING]
            both = sum(any(row[one] not in MISSING for one in before) for row in tell)
            if both <= BOTH_SHARE * len(tell):
                found[what].append(other)
    return found


def of_all(told: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What all rows say: whether the day comes first, of which year ages are and numbers where."""
    return {
        "schemes": _schemes(told),
        "phones_of": region_of_phones(told),
        "towns_apart": are_towns_apart(told),
        "day_first": dates.are_day_first(row["birth"] for row in told if "birth" in row),
        "ages_of": _ages_of(
            (row["age"], row["birth"]) for row in told if "age" in row and "birth" in row
        ),
    }


def record(
    values: Mapping[str, str],
    *,
    day_first: bool = False,
    ages_of: int | None = AGES_OF,
    phones_of: str = normalise.OWN_REGION,
    schemes: Mapping[str, str] = SCHEMES,
    towns_apart: bool = False,
) -> PersonRecord:
    """A record from values as they are written, by what they hold (the keys of COLUMNS).

    `schemes`: of which scheme the numbers of each column are; others are left out.
    `ages_of`: the year in which somebody's age is the one told; None where that is not known.
    `phones_of`: the country of telephone numbers that do not tell theirs. `towns_apart`: whether
    places stand behind no street.
    """
    told = {what: value for what, value in values.items() if value not in MISSING}
    get = told.get
    suffix = normalise.suffix(
        " ".join(told.get(what, "") for what in ("name", "given", "surname", "suffix"))
    )
    street = get("street") or (f"po box {told['box']}" if "box" in told else None)
    at = where_in(told, street or "", towns_apart=towns_apart)
    numbers = [
        normalise.number(scheme, told[what]) for what, scheme in schemes.items() if what in told
    ]
    return PersonRecord(
        names=known(_name(told), _alias(told)),
        middles=normalise.name_tokens(get("middle", ""))[:1],
        suffixes=known(suffix),
        births=_births(told, day_first=day_first, ages_of=ages_of),
        identifiers=known(*numbers),
        addresses=known(address(street, get("number")) if street else None),
        postcodes=known(normalise.postcode(at.postcode)),
        places=known(*map(normalise.place, (*at.places, *town(get("place2", "")).places))),
        regions=known(normalise.region(at.region)),
        phones=phones_in(told, phones_of),
        emails=known_once(one for what in EMAILS for one in normalise.emails(get(what, ""))),
        sexes=known(normalise.sex(get("sex", ""))),
    )


def _schemes(told: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Schemes of the numbers that are worth reading, by what their columns hold.

    Where most social security numbers can be none, as in data made for tests, they are of another
    register.
    """
    found = worth_reading(told, SCHEMES, OTHER_NUMBERS)
    if are_of_another_register(told, "ssn", _is_ssn):
        found["ssn"] = NATIONAL
    return found


def worth_reading(
    told: Sequence[Mapping[str, str]], schemes: Mapping[str, str], perhaps: Collection[str]
) -> dict[str, str]:
    """The schemes but for those of columns that are `perhaps` the rows' own, and are.

    Nearly each row has another number there, so that it is no entity's.
    """

    def is_rows_own(what: str) -> bool:
        values = [row[what] for row in told if what in row]
        return len({*values}) > ROWS_OWN_SHARE * len(values)

    return {
        what: scheme
        for what, scheme in schemes.items()
        if what not in perhaps or not is_rows_own(what)
    }


def are_of_another_register(
    told: Sequence[Mapping[str, str]], what: str, made: Callable[[str], object]
) -> bool:
    """Whether most numbers of a column are none that its scheme can have, of which one is made."""
    numbers = [row[what] for row in told if what in row and normalise.identifier(row[what])]
    return 2 * sum(1 for one in numbers if made(one)) < len(numbers)


def _is_ssn(text: str) -> bool:
    """Whether a number can be a social security number, damaged or not."""
    made = normalise.number(normalise.SSN, text)
    return made is not None and made[0] == normalise.SSN


def where_in(told: Mapping[str, str], street: str, *, towns_apart: bool) -> Where:
    """Postcode, places and region: of their columns, of one for all of them, behind the street.

    Where towns have a column of their own, places behind streets are none: parts of a town, or what
    a house is called.
    """
    columns = Where(told.get("postcode", ""), known(told.get("place", "")), told.get("region", ""))
    behind = where(street)
    if towns_apart:
        behind = behind._replace(places=())
    return completed(columns, town(told.get("place_and_postcode", "")), behind)


def are_towns_apart(told: Iterable[Mapping[str, str]]) -> bool:
    """Whether most rows that tell a street tell the town in a column of its own."""
    rows_read = [row for row in told if "street" in row]
    return 2 * sum("place" in row for row in rows_read) > len(rows_read)


def phones_in(told: Mapping[str, str], phones_of: str) -> tuple[str, ...]:
    """The telephone numbers of the columns that hold some."""
    return known_once(
        one for what in PHONES for one in normalise.phones(told.get(what, ""), phones_of)
    )


def region_of_phones(told: Iterable[Mapping[str, str]]) -> str:
    """The country of a file's telephone numbers that do not tell theirs."""
    return normalise.region_of(row[what] for row in told for what in PHONES if what in row)


def _name(told: Mapping[str, str]) -> Name | None:
    """The name of parts, or of one field where a part is missing; the maiden name with it."""
    given, surname = told.get("given"), told.get("surname")
    if "name" in told and not (given and surname):
        name = normalise.full_name(told["name"])
    else:
        name = normalise.name(given, surname)
    maiden = normalise.name_tokens(told.get("maiden", ""))
    if name is None or not maiden:
        return name
    return Name(name.given, tuple(dict.fromkeys((*name.surname, *maiden))))


def _alias(told: Mapping[str, str]) -> Name | None:
    """Another name somebody goes by; a given name alone goes with the surname that is told."""
    alias = normalise.full_name(told.get("alias", ""))
    if alias is None or alias.given:
        return alias
    own = _name(told)
    return None if own is None else Name(alias.surname, own.surname)


def _births(told: Mapping[str, str], *, day_first: bool, ages_of: int | None) -> tuple[str, ...]:
    """The date of birth, as one value or in parts; a year by the age where it tells another."""
    written = told.get("birth", "")
    if len(written) <= len("DD"):  # a column for birthdays beside those of months and years
        written = _birth_of_parts({"birth_day": written, **told})
    born = normalise.birth(written, day_first=day_first) if written else None
    age = _age(told.get("age", ""))
    if age is None or ages_of is None:
        return known(born)
    year = _year(born)
    if year is not None and abs(ages_of - age - year) <= YEARS_APART_MAX:
        return known(born)
    return known(born, str(ages_of - age))


def _birth_of_parts(told: Mapping[str, str]) -> str:
    """A date of birth from year, month and day; empty where the year is not told."""
    if "birth_year" not in told:
        return ""
    parts = [told.get(part, "") for part in ("birth_year", "birth_month", "birth_day")]
    return "-".join(parts[: [*parts, ""].index("")])


def _age(text: str) -> int | None:
    """An age in years; None where it is none of a living person."""
    age = text.partition(".")[0]
    return int(age) if age.isascii() and age.isdigit() and 0 < int(age) <= AGE_MAX else None


def _year(born: str | None) -> int | None:
    """The year of a date of birth that is not damaged there."""
    year = (born or "")[: len("YYYY")]
    return int(year) if len(year) == len("YYYY") and year.isdigit() else None


def _ages_of(told: Iterable[tuple[str, str]]) -> int | None:
    """The year of which ages are, by most of those who tell their date of birth besides.

    None where they are of several years, so that no year follows from an age.
    """
    years = Counter(
        age + year
        for written, birth in told
        if (age := _age(written)) is not None
        and (year := _year(normalise.birth(birth))) is not None
    )
    if not years:
        return AGES_OF
    most = max(years, key=years.__getitem__)
    near = sum(often for year, often in years.items() if abs(year - most) <= YEARS_APART_MAX)
    return most if near >= OF_ONE_YEAR * years.total() else None


def known(*values: Value | None) -> tuple[Value, ...]:
    """Those of the values that are known, each once."""
    return known_once(values)


PERSONS = Layout(COLUMNS, record, ADDS_NOTHING, of_all)


def open_table(path: Path) -> tuple[Sequence[str], Iterator[dict[str, str]]]:
    """The columns and rows of a CSV or TSV file, gzipped or not.

    Raises SettingsError where it cannot be read or is no table.
    """
    with opened(path) as file:
        return rows(_text(file.read()))


def _text(raw: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with its mark, else as older Windows programs write."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def rows(text: str) -> tuple[Sequence[str], Iterator[dict[str, str]]]:
    """The columns and rows of a text, white space around cut off; cells that lack are empty.

    What separates them is what the first line has most of: a comma, semicolon, tab or bar.
    """
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(SEPARATORS, key=head.count))
    columns = [one.strip() for one in _next(reader) or []]
    return columns, _rows(columns, reader)


def _rows(columns: Sequence[str], reader: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    while (row := _next(reader)) is not None:
        if row:
            cells = (cell.strip() for cell in row)
            yield {**dict.fromkeys(columns, ""), **dict(zip(columns, cells, strict=False))}


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    """The next row; None after the last."""
    try:
        return next(reader, None)
    except csv.Error as error:
        raise SettingsError(
            "the file is no table of values",
            remedy="write it as CSV, with quotes around values that have a line break",
        ) from error


def _truth(path: Path) -> dict[str, str]:
    columns, found = open_table(path)
    named = choose(columns, {})
    if not {"record", "entity"} <= named.keys():
        raise SettingsError(
            f"the truth has no columns for record and entity, but {', '.join(columns)}",
            remedy="call them record_id and entity_id",
        )
    return {row[named["record"]]: row[named["entity"]] for row in found}
