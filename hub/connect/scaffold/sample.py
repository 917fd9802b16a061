"""A sample file looked at within bounds: its shape, its records, its fields by path."""

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from hub.connect.contract import Record
from hub.connect.scaffold import kinds
from hub.connect.scaffold.kinds import Kind
from hub.connect.sources.csv_rows import UTF16
from hub.connect.sources.encodings import UTF_8, is_text
from hub.connect.sources.shapes import Csv, Json, JsonLines, Shape
from hub.connect.sources.xml_records import Xml
from hub.errors import ContractBreach, SettingsError

BYTES_MAX = 50_000_000
HEAD_BYTES = 200_000
RECORDS_MAX = 1_000
DEPTH_MAX = 6
FIELDS_MAX = 300
DELIMITERS = ";,\t|"
TABLES = (".csv", ".tsv", ".txt")
WINDOWS = "windows-1252"
SUFFIXES = (*TABLES, ".json", ".jsonl", ".ndjson", ".xml")
PAGE_WORDS = frozenset(["page", "pages", "paging", "next", "links", "meta", "offset", "cursor"])
COUNT_WORDS = frozenset(["total", "count", "more"])
"""These a record may have as well."""
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class Sample(NamedTuple):
    """What a sample file holds.

    `source` is the mapping's `source:`; `flat` is whether records have columns and no tables inside
    tables; `refused` is how many records of the sample could not even be split into fields.
    """

    name: str
    suffix: str
    source: Mapping[str, Any]
    shape: Shape
    flat: bool
    records: list[Record]
    refused: int


class Found(NamedTuple):
    """One field of a sample: the steps of its path and its values, blank ones left out."""

    steps: tuple[str, ...]
    values: list[str]
    records: int

    @property
    def path(self) -> str:
        """The steps as a mapping writes them."""
        return ".".join(self.steps)


def look(path: Path) -> Sample:
    """The first records of a file. Raises SettingsError saying why a file cannot be used."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise SettingsError(
            f"the sample cannot be read ({error.strerror})", remedy="check the path after --from"
        ) from error
    if size > BYTES_MAX:
        raise SettingsError(
            f"the sample has more than {BYTES_MAX} bytes",
            remedy="cut a piece of some records off it",
        )
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SettingsError(
            f"a sample ends in one of {', '.join(SUFFIXES)}",
            remedy="name the file by what it holds",
        )
    encoding = _encoding(head, size, suffix)
    source, shape = _shape(path, suffix, head, encoding)
    return _read(path, source, shape)


def _encoding(head: bytes, size: int, suffix: str) -> str:
    """UTF-8, or what a table seems to be in: the encoding of which all others here are a part."""
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if size > len(head) and error.start > len(head) - 4:
            return UTF_8  # cut in the middle of a character
        marked = head.startswith((BOM_UTF8, *UTF16))
        if not marked and suffix in TABLES and b"\0" not in head and is_text(head, WINDOWS):
            return WINDOWS
        marked = head.startswith(BOM_UTF8)
        raise SettingsError(
            "the sample begins with the mark of UTF-8, and is not"
            if marked
            else "the sample is neither UTF-8 nor a table in another encoding that the hub reads",
            remedy=f"convert it, for example: {'tail -c +4 OLD |' if marked else ''} iconv"
            f" -f WINDOWS-1252 -t UTF-8 {'' if marked else 'OLD '}> NEW; and have the system export"
            " UTF-8",
        ) from None
    return UTF_8


def _shape(path: Path, suffix: str, head: bytes, encoding: str) -> tuple[Mapping[str, Any], Shape]:
    if suffix in TABLES:
        table = Csv(_delimiter(head, encoding), encoding)
        told = table.dialect.told()
        return {"files": {"holds": {"csv": told} if told else "csv"}}, table
    if suffix == ".xml":
        name = _record_element(path)
        return {"files": {"holds": {"xml": {"record": name}}}}, Xml(name)
    if suffix == ".json":
        shape = _json(path)
        options = {"member": shape.member} if shape.member else {}
        options |= {"pages": "yes"} if shape.pages else {}
        return {"files": {"holds": {"json": options} if options else "json"}}, shape
    return {"files": {"holds": "json_lines"}}, JsonLines()


def _delimiter(head: bytes, encoding: str) -> str:
    """The mark that parts most rows into the same number of cells, at least two."""
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    best, most = ",", (0.0, 0)
    for mark in DELIMITERS:
        rows = [row for row in _rows(text, mark) if row][:100]
        if not rows or len(rows[0]) < 2:  # noqa: PLR2004 - a table has two columns
            continue
        same = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        if (same, len(rows[0])) > most:
            best, most = mark, (same, len(rows[0]))
    return best


def _rows(text: str, mark: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        return []


def _json(path: Path) -> Json:
    """Where in a document, or in each of its pages, the list of records is."""
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise SettingsError(
            "the sample is no JSON document", remedy="an object in each line is .jsonl"
        ) from None
    lists = sorted(_lists(document, ()), key=lambda one: (-len(one[1]), len(one[0])))
    if not lists:
        raise SettingsError("the sample holds no list of objects", remedy="is it the right file?")
    steps, _ = lists[0]
    pages = any(step.isdecimal() for step in steps)
    if pages:
        steps = steps[1:]
    if any("." in step for step in steps):
        raise SettingsError(
            "the list of records stands under a name with a dot",
            remedy="put the records alone into one file, an object in each line: RECORDS.jsonl",
        )
    return Json(".".join(steps), pages)


def _lists(value: Any, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Lists of objects in a document, not those inside the records of a list."""
    if len(steps) > DEPTH_MAX:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists(inner, (*steps, str(name)))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        inner_lists = list(_lists(value[0], (*steps, "0")))
        if steps or not _is_pages(value, inner_lists):
            yield steps, value
        else:
            yield from inner_lists


def _is_pages(pages: list[Any], inner: list[tuple[tuple[str, ...], list[Any]]]) -> bool:
    """Whether a list is one of answers that each hold a list of records."""
    first = pages[0]
    if not inner or not isinstance(first, dict):
        return False
    plain = [name for name, value in first.items() if not isinstance(value, list)]
    named = {word.lower() for name in plain for word in _WORDS.findall(name)}
    more = max(len(found) for _, found in inner) > len(pages)
    told = more and (len(first) == 1 or not named.isdisjoint(COUNT_WORDS))
    return told or not named.isdisjoint(PAGE_WORDS)


def _record_element(path: Path) -> str:
    """The name of the elements that are the records: the outermost that comes again and again."""
    depths: dict[str, int] = {}
    counts: Counter[tuple[int, str]] = Counter()
    inner: set[tuple[int, str]] = set()
    depth = 0
    try:
        for event, element in iterparse(str(path), events=("start", "end"), forbid_dtd=True):
            name = str(element.tag).rpartition("}")[2]
            if event == "start":
                depth += 1
                counts[depth, name] += 1
                depths.setdefault(name, depth)
            else:
                if len(element) or element.attrib:
                    inner.add((depth, name))
                depth -= 1
                if depth <= 1:
                    element.clear()
    except (ParseError, DefusedXmlException):
        raise SettingsError(
            "the sample is no well-formed XML without a document type",
            remedy="ask for the file again; a document type is never read",
        ) from None
    several = [(at, -count, name) for (at, name), count in counts.items() if count > 1]
    records = [one for one in several if (one[0], one[2]) in inner]
    if not records:
        raise SettingsError(
            "no element of the sample comes more than once", remedy="is it the right file?"
        )
    return min(records)[2]


def _read(path: Path, source: Mapping[str, Any], shape: Shape) -> Sample:
    records: list[Record] = []
    refused = 0
    try:
        shape.check(path, path.name)
        for piece in shape.pieces(path, path.name):
            if piece.error is not None:
                refused += 1
            else:
                records.append(piece.record)
            if len(records) + refused >= RECORDS_MAX:
                break
    except ContractBreach as error:
        raise SettingsError(
            f"the sample cannot be read: {error.message}", remedy=error.remedy
        ) from None
    if not records:
        raise SettingsError("the sample holds no record", remedy="is it the right file?")
    flat = isinstance(shape, Csv)
    if flat:
        _check_header(list(records[0]))
    return Sample(path.stem, path.suffix.lower(), source, shape, flat, records, refused)


def _check_header(names: list[str]) -> None:
    """A file without a header would give its first record away as names of columns."""
    data = (Kind.EMAIL, Kind.DATE, Kind.TIME, Kind.MONEY, Kind.PHONE)
    found = [kinds.look([name]).kind for name in names if name]
    whole = sum(kind is Kind.WHOLE for kind in found)
    if any(kind in data for kind in found) or whole > len(found) / 3:
        raise SettingsError(
            "the first row of the sample seems to be a record, not the names of the columns",
            remedy="have the system export a header, or write one above the first row",
        )


def fields(records: Sequence[Mapping[str, Any]], *, flat: bool) -> list[Found]:
    """The fields of records by path, in the order in which they are first seen.

    Raises SettingsError past FIELDS_MAX fields.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for record in records:
        for steps, value in leaves(record, flat=flat):
            values = found.setdefault(steps, [])
            if value.strip():
                values.append(value.strip())
            if len(found) > FIELDS_MAX:
                raise SettingsError(
                    f"the sample has more than {FIELDS_MAX} fields",
                    remedy="are names used as data? Put those into a list first",
                )
    for steps in [steps for steps in found if (*steps, "0") in found]:
        found[(*steps, "0")] += found.pop(steps)  # a list that had one entry in some records
    return [Found(steps, values, len(records)) for steps, values in found.items()]


def leaves(
    value: Any, steps: tuple[str, ...] = (), *, flat: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts and numbers of a record with their paths; of a list the first item."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if flat or len(steps) < DEPTH_MAX:
                yield from leaves(inner, (*steps, str(name)), flat=flat)
    elif isinstance(value, list | tuple):
        if value:
            inner_steps = (
                (*steps, "0") if isinstance(value[0], Mapping) or len(value) > 1 else steps
            )
            yield from leaves(value[0], inner_steps, flat=flat)
    else:
        yield steps, "" if value is None else str(value)
