"""Sources of files in mappings: snapshots that are compared, and files that are taken once."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hub.connect.contract import Item, setting
from hub.connect.mapping.document import Node, Table, Text
from hub.connect.mapping.keys import (
    Key,
    check_keys,
    flag_of,
    one_key,
    table_of,
    text_at,
    texts_of,
    whole_of,
)
from hub.connect.mapping.problem import Report
from hub.connect.mapping.source import Source, SourceKind
from hub.connect.sources import csv_snapshots, files
from hub.connect.sources.csv_rows import Dialect
from hub.connect.sources.delimited import Delimited
from hub.connect.sources.encodings import ENCODINGS, UTF_8
from hub.connect.sources.places import Folder
from hub.connect.sources.sftp import SSH_PORT, Sftp
from hub.connect.sources.shapes import Csv, Json, JsonLines, Shape
from hub.connect.sources.xml_records import Xml
from hub.connect.sources.zipped import Zipped


@dataclasses.dataclass(frozen=True)
class Snapshots:
    """Where snapshots are dropped."""

    folder: Path = setting("Folder in which the snapshots appear; they stay there.")
    pattern: str = setting("Which files are snapshots; *.csv, or as the mapping says.", default="")
    shrink_share_max: float = setting(
        "Refuse a snapshot that lost more than this share of its rows.",
        default=csv_snapshots.SHRINK_SHARE_MAX,
    )


@dataclasses.dataclass(frozen=True)
class FolderFiles:
    """Where files are dropped on this machine."""

    folder: Path = setting("Folder in which the files appear; they stay there.")
    pattern: str = setting("Which files are read; all, or as the mapping says.", default="")
    marker: str = setting(
        "Ending of the empty file that says that the one beside it is complete; none.", default=""
    )


@dataclasses.dataclass(frozen=True)
class SftpFiles:
    """Where files are dropped on an SFTP server."""

    host: str = setting("The server.")
    user: str = setting("The hub's user there.")
    host_key: str = setting("The server's public key, as ssh-keyscan writes it: type and base64.")
    folder: str = setting("Folder on the server; the files stay there.")
    pattern: str = setting("Which files are read; all, or as the mapping says.", default="")
    port: int = setting("Port of the server.", default=SSH_PORT)
    key: str = setting("The hub's private key.", default="", secret=True)
    password: str = setting("The hub's password, where it has no key.", default="", secret=True)
    marker: str = setting(
        "Ending of the empty file that says that the one beside it is complete; none.", default=""
    )


ENCODING = Key(f"One of {', '.join(ENCODINGS)}; {UTF_8}.")
SNAPSHOT_OPTIONS: Mapping[str, Key] = {
    "key": Key("The column, or columns, that tell rows apart."),
    "keys": Key("Where files of several kinds come: a column only that kind has, and its key."),
    "delimiter": Key("One character; a comma."),
    "encoding": ENCODING,
    "pattern": Key("Which files are snapshots, where the settings do not say; *.csv."),
}


def snapshots(options: Table, report: Report, _name: str) -> Source | None:
    """Snapshots of one kind, or of several that are told apart by a column."""
    one, several = options.get("key"), options.get("keys")
    if (one is None) == (several is None):
        report.error(options.at, "a snapshot has one key", "add key: COLUMN, or keys: by kind")
        return None
    keys: dict[str, tuple[str, ...]] = {}
    if one is not None:
        columns = texts_of(one, "key", report)
        keys = {columns[0]: columns} if columns else {}
    elif isinstance(several, Table):
        keys = {kind.value: texts_of(key, kind.value, report) for kind, key in several.pairs}
    else:
        report.error(several.at if several else options.at, "keys is no table", "COLUMN: [COLUMN]")
    if not keys or not all(keys.values()):
        return None

    pattern = text_at(options, "pattern", report, "*.csv")
    dialect = Dialect(_delimiter(options, report, ","), _encoding(options, report))

    def changes(settings: Snapshots, after: str | None) -> Iterator[Item]:
        return csv_snapshots.changes(
            settings.folder,
            settings.pattern or pattern,
            keys,
            after,
            settings.shrink_share_max,
            dialect,
        )

    reads = tuple(column for key in keys.values() for column in key)
    return Source(Snapshots, changes, reads=reads)


class Made(NamedTuple):
    """A shape, whether its records are flat, and their columns where the mapping says them."""

    shape: Shape
    flat: bool
    columns: tuple[str, ...] | None = None


class ShapeKind(NamedTuple):
    """A shape of files a mapping can name: what it is, its options, how it is made."""

    doc: str
    options: Mapping[str, Key]
    example: str
    make: Callable[[Table, Report], Made | None]


FILE_OPTIONS: Mapping[str, Key] = {
    "holds": Key("The shape of a file.", required=True),
    "zipped": Key("Whether files are ZIP archives of such files: yes or no."),
    "pattern": Key("Which files are read, where the settings do not say; all."),
}


def _shape(options: Table, report: Report) -> Made | None:
    node = options.get("holds")
    if node is None:
        return None
    table = Table(((node, Table((), node.at)),), node.at) if isinstance(node, Text) else node
    held = table_of(table, "holds", report)
    name = one_key(held, SHAPES, "shape of files", report) if held is not None else None
    if held is None or name is None:
        return None
    check_keys(held, {name.value: Key("")}, "holds", report)
    kind = SHAPES[name.value]
    inner = _options(held.get(name.value), name.value, report)
    if inner is None:
        return None
    check_keys(inner, kind.options, name.value, report)
    made = kind.make(inner, report)
    zipped = options.get("zipped")
    if made is not None and zipped is not None and flag_of(zipped, "zipped", report):
        return made._replace(shape=Zipped(made.shape))
    return made


def _options(node: Node | None, what: str, report: Report) -> Table | None:
    """Options as a table; a key with nothing behind it has none."""
    if isinstance(node, Text) and not node.value.strip():
        return Table((), node.at)
    return None if node is None else table_of(node, what, report)


def _csv(options: Table, report: Report) -> Made | None:
    return Made(Csv(_delimiter(options, report, ","), _encoding(options, report)), flat=True)


def _encoding(options: Table, report: Report) -> str:
    node, said = options.get("encoding"), text_at(options, "encoding", report, UTF_8).lower()
    if node is not None and said not in ENCODINGS:
        report.unknown(node.at, said, "encoding", ENCODINGS)
        return UTF_8
    return said


def _delimiter(options: Table, report: Report, default: str) -> str:
    node = options.get("delimiter")
    if node is None:
        return default
    if isinstance(node, Text) and len(node.value) == 1 and node.value not in '"\r\n\0':
        return node.value
    report.error(node.at, "the delimiter must be one character", "for example ';' or \"\\t\"")
    return default


def _delimited(options: Table, report: Report) -> Made | None:
    node = options.get("columns")
    if node is None:
        return None
    columns = texts_of(node, "columns", report)
    if len(set(columns)) < len(columns):
        report.error(node.at, "a column is there twice", "give each a name of its own")
        return None
    count, total = options.get("count_at"), options.get("total_at")
    of = text_at(options, "total_of", report)
    if (total is None) != (not of) or (of and of not in columns):
        report.error(options.at, "total_at and total_of need each other", "total_of: a column")
        return None
    shape = Delimited(
        columns,
        _delimiter(options, report, "|"),
        text_at(options, "header", report, "H"),
        text_at(options, "trailer", report, "T"),
        1 if count is None else whole_of(count, "count_at", report),
        None if total is None else whole_of(total, "total_at", report),
        of,
        _encoding(options, report),
    )
    return Made(shape, flat=True, columns=columns)


def _json(options: Table, report: Report) -> Made:
    member, node = text_at(options, "member", report), options.get("pages")
    pages = node is not None and flag_of(node, "pages", report)
    if node is not None and pages and not member:
        report.error(node.at, "a page has its records in a list", "add member: NAME OF THE LIST")
    return Made(Json(member, pages), flat=False)


def _json_lines(_options: Table, _report: Report) -> Made:
    return Made(JsonLines(), flat=False)


def _xml(options: Table, report: Report) -> Made | None:
    name = text_at(options, "record", report)
    return Made(Xml(name), flat=False) if name else None


SHAPES: Mapping[str, ShapeKind] = {
    "csv": ShapeKind(
        "Rows below a header of column names, quoted as RFC 4180 has it.",
        {"delimiter": Key("One character; a comma."), "encoding": ENCODING},
        "csv: {delimiter: ';'}",
        _csv,
    ),
    "delimited": ShapeKind(
        "Lines of fields between a header and a trailer that says how many there are.",
        {
            "columns": Key("Names of the fields by position.", required=True),
            "delimiter": Key("One character; a pipe."),
            "header": Key("First field of the first line; H."),
            "trailer": Key("First field of the last line; T."),
            "count_at": Key("Which field of the trailer is the number of records, from 0; 1."),
            "total_at": Key("Which field of the trailer is a total; none."),
            "total_of": Key("The column it is the total of."),
            "encoding": ENCODING,
        },
        "delimited: {columns: [licence, name], header: BOF, trailer: EOF, count_at: 2}",
        _delimited,
    ),
    "json": ShapeKind(
        "A document with a list of objects.",
        {
            "member": Key("Name of the list in the document; none where the document is the list."),
            "pages": Key("Whether the document is a list of pages, each with a member: yes or no."),
        },
        "json: {member: grants}",
        _json,
    ),
    "json_lines": ShapeKind("An object in each line.", {}, "json_lines", _json_lines),
    "xml": ShapeKind(
        "A document whose elements of one name are the records; attributes are @name.",
        {"record": Key("Name of the element.", required=True)},
        "xml: {record: Registration}",
        _xml,
    ),
}


def folder(options: Table, report: Report, _name: str) -> Source | None:
    """Files in a folder."""
    made = _shape(options, report)
    if made is None:
        return None
    shape, pattern = made.shape, text_at(options, "pattern", report, "*")

    def changes(settings: FolderFiles, after: str | None) -> Iterator[Item]:
        place = Folder(settings.folder, settings.pattern or pattern, settings.marker)
        return files.changes(place, shape, after)

    return Source(FolderFiles, changes, flat=made.flat, columns=made.columns)


def sftp(options: Table, report: Report, _name: str) -> Source | None:
    """Files on an SFTP server."""
    made = _shape(options, report)
    if made is None:
        return None
    shape, pattern = made.shape, text_at(options, "pattern", report, "*")

    def changes(settings: SftpFiles, after: str | None) -> Iterator[Item]:
        place = Sftp(**_place(settings))
        return files.changes(place._replace(pattern=place.pattern or pattern), shape, after)

    return Source(SftpFiles, changes, flat=made.flat, columns=made.columns)


def _place(settings: SftpFiles) -> dict[str, Any]:
    return {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}


KINDS: Mapping[str, SourceKind] = {
    "csv_snapshots": SourceKind(
        "Full CSV files in a folder: what is new, changed or gone is found by comparing with the"
        " last one.",
        SNAPSHOT_OPTIONS,
        Snapshots,
        "csv_snapshots: {key: permit_no}",
        snapshots,
    ),
    "files": SourceKind(
        "Files in a folder, each taken once by its content.",
        FILE_OPTIONS,
        FolderFiles,
        "files: {holds: {json: {member: grants}}}",
        folder,
    ),
    "sftp": SourceKind(
        "Files on an SFTP server, each taken once by its content.",
        FILE_OPTIONS,
        SftpFiles,
        "sftp: {holds: {xml: {record: Registration}}, zipped: yes}",
        sftp,
    ),
}
