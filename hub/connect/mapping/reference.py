"""The reference of mappings: everything that is declared, as pages have it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hub.canon.model import (
    Address,
    Identifier,
    Organisation,
    Person,
    PersonName,
    Role,
)
from hub.connect.mapping import claims, event
from hub.connect.mapping.compile import KEYS, NOTICE
from hub.connect.mapping.condition import CONDITIONS
from hub.connect.mapping.file_sources import SHAPES
from hub.connect.mapping.function_table import TABLE
from hub.connect.mapping.keys import Key
from hub.connect.mapping.record import SHOWN_KEYS
from hub.connect.mapping.sources import SOURCES
from hub.connect.mapping.target import targets

CLAIMED = (Person, Organisation, PersonName, Identifier, Address, Role)

ABOUT = """\
A mapping is a whole connector without code: one YAML file, `NAME.yaml` or `NAME/mapping.yaml` in
the folder that `connectors_folder` of the settings names, or `mapping.yaml` in a package that
publishes it under the entry-point group `hub.connectors` as `NAME = "PACKAGE:mapping.yaml"`.

Every scalar is text as written; anchors, aliases and tags are not taken. A value is the name of a
column, or, where records are tables inside tables (JSON, XML), a path of names with dots; a number
in it is a place in a list. Anything else is one function with its arguments:
`{date: issued, format: '%m/%d/%Y'}`. A column that is read must be there in each record, though it
may be blank, unless it is `optional`. Fields that nothing reads go into the extra fields of the
claims, and a new one is told as drift. Of a table within a record that is read in part the rest
goes there by its path: once `card.type` is read, `card.balance_cents` is an extra field, unless it
is `unused`. In claims `ref`, `scheme`, `assurance` and `kind` are meant as they stand; blank names,
identifiers, addresses and contacts are left out.
"""


class Section(NamedTuple):
    """One table of the reference: heading, what it is about, column names and rows."""

    heading: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def sections() -> Iterator[Section]:
    """Every table, in the order of a document."""
    yield _keys("Keys of a mapping", "`*` must be there.", KEYS)
    yield _keys("notice", "", NOTICE)
    yield _kinds()
    yield _shapes()
    yield _keys("An event", "`{part: NAME}` may give some of them.", event.KEYS)
    yield _keys("record_version", "`source`, or one of:", event.VERSIONS)
    yield _keys("supersedes", "", event.SUPERSEDES)
    yield _keys("A rule of refused", "", event.REFUSE_KEYS)
    yield _keys("A rule of left_out", "", event.RULE_KEYS)
    yield _keys("claims", "", claims.KEYS)
    for kind in CLAIMED:
        rows = [
            (_name(name, required=one.required), one.kind.value)
            for name, one in targets(kind).items()
        ]
        yield Section(f"A {kind.__name__}", (kind.__doc__ or "").strip(), ("key", "takes"), rows)
    shown = [(f"`{key}`", doc) for key, doc in SHOWN_KEYS.items()]
    yield Section("Keys inside lists of claims", "Beside their fields:", ("key", "what"), shown)
    yield _functions()
    conditions = [
        (f"`{name}`", one.doc, f"`{one.example}`", _arguments(one.arguments))
        for name, one in CONDITIONS.items()
    ]
    text = "A list of conditions holds where all of them do."
    yield Section("Conditions", text, ("name", "asks", "example", "arguments"), conditions)


def _name(name: str, *, required: bool) -> str:
    return f"`{name}`*" if required else f"`{name}`"


def _keys(heading: str, text: str, keys: Mapping[str, Key]) -> Section:
    rows = [(_name(name, required=key.required), key.doc) for name, key in keys.items()]
    return Section(heading, text, ("key", "what"), rows)


def _kinds() -> Section:
    rows = [
        (f"`{name}`", kind.doc, f"`{kind.example}`", _options(kind.options))
        for name, kind in SOURCES.items()
    ]
    text = "What belongs to a deployment stands in the settings, under `[connectors.NAME]`."
    return Section("Kinds of sources", text, ("kind", "what", "example", "options"), rows)


def _shapes() -> Section:
    rows = [
        (f"`{name}`", kind.doc, f"`{kind.example}`", _options(kind.options))
        for name, kind in SHAPES.items()
    ]
    return Section("Shapes of files", "", ("shape", "what", "example", "options"), rows)


def _options(options: Mapping[str, Key]) -> str:
    return "; ".join(
        f"{_name(name, required=key.required)} {key.doc.rstrip('.')}"
        for name, key in options.items()
    )


def _functions() -> Section:
    rows = [
        (
            f"`{name}`",
            one.doc,
            " or ".join(sorted(one.gives)) or "what its parts give",
            f"`{one.example}`",
            _arguments(one.arguments),
        )
        for name, one in TABLE.items()
    ]
    text = "A function stands where a column's name could, also inside another one."
    columns = ("name", "what", "gives", "example", "arguments")
    return Section("Functions", text, columns, rows)


def _arguments(arguments: Mapping[str, object]) -> str:
    told = []
    for name, one in arguments.items():
        required, doc = bool(getattr(one, "required", False)), str(getattr(one, "doc", ""))
        told.append(f"{_name(name, required=required)} {doc.rstrip('.')}")
    return "; ".join(told)
