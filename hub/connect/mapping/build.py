"""What compiling a document carries along, and how columns and paths are read."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from hub.connect.drift import EACH_ITEM
from hub.connect.mapping.document import Node, Table
from hub.connect.mapping.keys import text_of
from hub.connect.mapping.problem import Mark, Report, shown
from hub.connect.values import raise_unreadable
from hub.errors import UnreadableRecord

Get = Callable[[Mapping[str, Any], dict[int, Any]], Any]
"""Reads a value out of a record; the dictionary holds what was made of this record already."""
PIECES_MAX = 50_000
ITEMS_MAX = 1_000
STEPS_MAX = 12
TEXT_STEP = "#text"
EVERY = "*"


class Value(NamedTuple):
    """A compiled value: how it is read, and the source field that an error names.

    A `constant` one is the same in every record. `raw` reads the text that a code was looked up by.
    """

    get: Get
    field: str = ""
    constant: bool = False
    raw: Get | None = None


def nothing(_record: Mapping[str, Any], _memo: dict[int, Any]) -> None:
    """Reads nothing."""


BROKEN = Value(nothing)
"""Stands for what could not be compiled; the report says why."""


class TooMuch(Exception):
    """Parts that use parts have grown beyond all bounds."""


@dataclasses.dataclass
class Build:
    """One compilation.

    `flat` records have columns, others paths of names. `columns` are those a source has, where that
    is known. `reads` are the top fields that are read, with the first place that does; `known` is
    filled at the end with all that do not go into the extra fields. `paths` are all that is read,
    from the record's top, `unused` what is known and not passed on, `extra` what is to be kept. In
    an `each` the record is an item of the list `inside` which it is, and `root` is no more.
    """

    report: Report
    flat: bool
    columns: tuple[str, ...] | None = None
    optional: frozenset[str] = frozenset()
    tables: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    parts: Mapping[str, Table] = dataclasses.field(default_factory=dict)
    reads: dict[str, Mark] = dataclasses.field(default_factory=dict)
    paths: dict[tuple[str, ...], Mark | None] = dataclasses.field(default_factory=dict)
    unused: set[tuple[str, ...]] = dataclasses.field(default_factory=set)
    extra: set[tuple[str, ...]] = dataclasses.field(default_factory=set)
    inside: tuple[str, ...] = ()
    known: set[str] = dataclasses.field(default_factory=set)
    used_parts: set[str] = dataclasses.field(default_factory=set)
    used_tables: set[str] = dataclasses.field(default_factory=set)
    shared: dict[tuple[str, type], Value] = dataclasses.field(default_factory=dict)
    using: tuple[str, ...] = ()
    root: bool = True
    pieces: list[int] = dataclasses.field(default_factory=lambda: [0])

    def spend(self) -> None:
        """One more piece was compiled. Raises TooMuch."""
        self.pieces[0] += 1
        if self.pieces[0] > PIECES_MAX:
            raise TooMuch

    def number(self) -> int:
        """A number of its own for something that is made once for each record."""
        self.pieces[0] += 1
        return self.pieces[0]

    def item(self, steps: Sequence[str]) -> "Build":
        """The compilation inside an `each` of the list at a path."""
        inside = (*self.inside, *steps, EACH_ITEM)
        return dataclasses.replace(
            self, root=False, flat=False, columns=None, shared={}, inside=inside
        )

    def list_of(self, steps: Sequence[str]) -> "ItemList":
        """The list whose items this compilation, now done, was inside."""
        return ItemList(tuple(steps), (*self.inside, TEXT_STEP) in self.paths)


def steps_of(text: str, build: Build) -> tuple[str, ...]:
    """The names a text stands for: one column, or the steps of a path."""
    return (text,) if build.flat else tuple(text.split("."))


def path(steps: Sequence[str], at: Mark, build: Build, *, of_list: bool = False) -> Value:
    """The text at a path; blank where there is nothing. `of_list`: only to go through its items."""
    build.spend()
    field = ".".join(steps)
    if not steps or not all(steps) or len(steps) > STEPS_MAX:
        build.report.error(at, f"{shown(field)} is no path", "names parted by single dots")
        return BROKEN
    _read(steps[0], at, build)
    if not of_list:
        build.paths.setdefault((*build.inside, *steps), at)
    if len(steps) > 1:
        return Value(_walk(tuple(steps), field), field)
    if build.flat and not build.optional & {field, EVERY}:
        return Value(_column(field), field)
    return Value(_lenient(field), field)


def list_at(build: Build, node: Node) -> tuple[str, ...]:
    """The path to a list whose items are gone through; it is not read by that alone."""
    text = text_of(node, "each", build.report)
    if build.flat:
        build.report.error(node.at, "columns hold no lists of tables", "leave out each:")
    steps = steps_of(text, build)
    if text:
        path(steps, node.at, build, of_list=True)
    return steps


def _read(name: str, at: Mark, build: Build) -> None:
    if not build.root:
        return
    build.reads.setdefault(name, at)
    if build.columns is not None and name not in build.columns:
        build.report.unknown(at, name, "column of the source", build.columns)


def _column(field: str) -> Get:
    """A column that must be there, though it may be blank: a lost one is no blank one."""

    def get(record: Mapping[str, Any], _memo: dict[int, Any]) -> str | None:
        value = record[field]
        return value.strip() or None if type(value) is str else plain(value, field)

    return get


def _lenient(field: str) -> Get:
    """A field that is blank where it is not there."""

    def get(record: Mapping[str, Any], _memo: dict[int, Any]) -> str | None:
        value = record.get(field)
        return value.strip() or None if type(value) is str else plain(value, field)

    return get


def _walk(steps: tuple[str, ...], field: str) -> Get:
    def get(record: Mapping[str, Any], _memo: dict[int, Any]) -> str | None:
        return plain(found(record, steps, field), field)

    return get


def found(value: Any, steps: Iterable[str], field: str) -> Any:
    """What stands at a path in a record; None where there is nothing.

    A number is a place in a list, and a value that stands alone is a list of one. A list of several
    has no one value for a name: UnreadableRecord E-SEVERAL.
    """
    for step in steps:
        if isinstance(value, list | tuple) and not _is_place(step):
            value = _only(value, field)
        if isinstance(value, Mapping) and not (_is_place(step) and step not in value):
            value = value.get(step)
        elif isinstance(value, list | tuple):
            if not _is_place(step):
                raise_unreadable(field, "E-FIELD", "a list of tables, not of lists")
            value = value[int(step)] if int(step) < len(value) else None
        elif value is None or value == "":
            return None
        elif step not in (TEXT_STEP, "0"):
            if _is_place(step):
                return None
            raise_unreadable(field, "E-FIELD", f"a table with a field {step!r}")
    return value


class ItemList(NamedTuple):
    """A list in a record: its path, and whether its items may be texts, as tables with #text."""

    steps: tuple[str, ...]
    texts: bool

    @property
    def field(self) -> str:
        """The path as it is told in errors."""
        return ".".join(self.steps)

    def of(self, record: Mapping[str, Any]) -> Sequence[Any]:
        """The items, a value that stands alone being a list of one.

        Raises UnreadableRecord E-SEVERAL for more than ITEMS_MAX, and E-FIELD for one that is none.
        """
        listed = found(record, self.steps, self.field)
        if listed is None or listed == "":
            return ()
        if not isinstance(listed, list | tuple):
            listed = (listed,)
        if len(listed) > ITEMS_MAX:
            raise_unreadable(self.field, "E-SEVERAL", f"a list of at most {ITEMS_MAX}")
        return [one if isinstance(one, Mapping) else self._table(one) for one in listed]

    def _table(self, text: Any) -> Mapping[str, Any]:
        if isinstance(text, list | tuple):
            raise_unreadable(self.field, "E-FIELD", "a list of tables or texts")
        if not self.texts:
            raise_unreadable(self.field, "E-FIELD", "a list of tables; #text reads a text")
        return {TEXT_STEP: text}


def _is_place(step: str) -> bool:
    return step.isascii() and step.isdecimal()


def _only(value: Sequence[Any], field: str) -> Any:
    if len(value) > 1:
        raise_unreadable(field, "E-SEVERAL", "a single value; name the place or use each")
    return value[0] if value else None


def plain(value: Any, field: str) -> str | None:
    """A value as text, None for a blank. Raises UnreadableRecord for a table or several values."""
    if isinstance(value, list | tuple):
        value = _only(value, field)
    if isinstance(value, Mapping):
        if value and TEXT_STEP not in value:
            raise_unreadable(field, "E-FIELD", "a single value")
        value = value.get(TEXT_STEP)
    if value is None:
        return None
    if isinstance(value, list | tuple | Mapping):
        raise_unreadable(field, "E-FIELD", "a single value")
    return str(value).strip() or None


def missing(field: str, what: str) -> NoReturn:
    """Refuse a record that lacks what must be there."""
    raise UnreadableRecord(
        f"field {field!r} is blank",
        code="E-FIELD-MISSING",
        field=field,
        rule=f"required: {what}",
        remedy="fill it in at the source, or mend the mapping, then: hub quarantine replay",
    )


def needed(value: Value, what: str) -> Value:
    """The same value; where it is blank the record is refused by its field's name."""
    if value.constant:
        return value
    read, field = value.get, value.field

    def get(record: Mapping[str, Any], memo: dict[int, Any]) -> Any:
        found_ = read(record, memo)
        return missing(field, what) if found_ is None else found_

    return value._replace(get=get)
