"""Claims compiled: whom a record speaks of, their ties, texts, and what nobody has mapped."""

from collections.abc import Callable, Mapping
from typing import Any

from hub.canon.model import Claims, FreeText, Organisation, Person, Role
from hub.connect.drift import extra
from hub.connect.mapping.build import BROKEN, Build, Get, Value
from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.expression import value
from hub.connect.mapping.keys import Key, check_keys, text_of
from hub.connect.mapping.part import once, only_part, spread
from hub.connect.mapping.record import records
from hub.connect.mapping.target import TEXT
from hub.connect.mapping.unread import Tree, tree_of, unread

KEYS: Mapping[str, Key] = {
    "persons": Key("Persons the record speaks of, each with a ref of its own."),
    "organisations": Key("Organisations the record speaks of, each with a ref of its own."),
    "roles": Key("Ties between them, by their refs."),
    "texts": Key("Free texts: a column, or {name: NAME, text: COLUMN}."),
}


def claims(build: Build, node: Node) -> Value:
    """Persons, organisations, roles and texts; None where a record has none of them.

    Fields that nothing reads are there as extra ones.
    """
    if not isinstance(node, Table):
        build.report.error(node.at, "claims is no table", "persons:, organisations:, texts:")
        return BROKEN
    name = only_part(node)
    if name is not None and (name, Claims) in build.shared:
        return build.shared[name, Claims]
    made = once(build, _claims(*spread(build, node)))
    if name is not None:
        build.shared[name, Claims] = made
    return made


def _claims(build: Build, table: Table) -> Value:
    check_keys(table, KEYS, "claims", build.report)
    persons = _records(build, table, "persons", Person)
    organisations = _records(build, table, "organisations", Organisation)
    roles = _records(build, table, "roles", Role)
    said = table.get("texts")
    texts = _texts(build, said) if said is not None else _none
    refs = _refs(build, table, "persons"), _refs(build, table, "organisations")
    _check_refs(build, table, *refs)

    left = left_by(build)

    def get(record: Any, memo: dict[int, Any]) -> Claims | None:
        people, bodies, words = (
            persons(record, memo),
            organisations(record, memo),
            texts(record, memo),
        )
        ties, unmapped = roles(record, memo), left(record)
        if ties:
            here = {one.ref for one in (*people, *bodies)}
            ties = tuple(
                tie for tie in ties if tie.person_ref in here and tie.organisation_ref in here
            )
        if people or bodies or words or unmapped:
            return Claims(people, bodies, ties, words, unmapped)
        return None

    return Value(get)


def no_claims(build: Build) -> Get:
    """Claims of a mapping that names nobody: what nothing reads."""
    left = left_by(build)

    def get(record: Any, _memo: dict[int, Any]) -> Claims | None:
        unmapped = left(record)
        return Claims(extra=unmapped) if unmapped else None

    return get


def left_by(build: Build) -> Callable[[Mapping[str, Any]], Mapping[str, str]]:
    """What nothing reads of a record; what is read is known once all is compiled."""
    known = build.known
    if build.flat:
        return lambda record: extra(record, known)
    trees: list[Tree] = []

    def get(record: Mapping[str, Any]) -> Mapping[str, str]:
        if not trees:
            trees.append(tree_of(build.paths, build.unused, build.extra))
        return unread(record, known, trees[0])

    return get


def _none(_record: Any, _memo: dict[int, Any]) -> tuple[Any, ...]:
    return ()


def _records(build: Build, table: Table, key: str, kind: type) -> Get:
    node = table.get(key)
    return _none if node is None else records(build, node, kind).get


def _refs(build: Build, table: Table, key: str) -> set[str]:
    """The refs of one kind, each once; those of an `each` are numbered by themselves."""
    node = table.get(key)
    refs: set[str] = set()
    for item in node.items if isinstance(node, Items) else ():
        if not isinstance(item, Table):
            continue
        ref = spread(build, item)[1].get("ref")
        if isinstance(ref, Text):
            if ref.value in refs and item.get("when") is None:
                build.report.error(ref.at, f"a second ref {ref.value!r}", "give it another name")
            refs.add(ref.value)
    return refs


def _check_refs(build: Build, table: Table, persons: set[str], organisations: set[str]) -> None:
    node = table.get("roles")
    for item in node.items if isinstance(node, Items) else ():
        if not isinstance(item, Table):
            continue
        for key, refs in (("person_ref", persons), ("organisation_ref", organisations)):
            ref = spread(build, item)[1].get(key)
            if isinstance(ref, Text) and ref.value not in refs:
                build.report.unknown(ref.at, ref.value, f"ref of {key.removesuffix('_ref')}s", refs)


def _texts(build: Build, node: Node) -> Get:
    if not isinstance(node, Items):
        build.report.error(node.at, "texts is no list", "write texts: [COLUMN, COLUMN]")
        return _none
    named = [_text(build, item) for item in node.items]

    def get(record: Any, memo: dict[int, Any]) -> tuple[FreeText, ...]:
        return tuple(
            FreeText(name, said) for name, read in named if (said := read(record, memo)) is not None
        )

    return get


def _text(build: Build, node: Node) -> tuple[str, Get]:
    if isinstance(node, Text):
        return node.value, value(build, node, TEXT).get
    known = {"name": Key("which text it is", required=True), "text": Key("a column", required=True)}
    if not isinstance(node, Table):
        build.report.error(node.at, "a text is no list", "write {name: NAME, text: COLUMN}")
        return "", BROKEN.get
    check_keys(node, known, "a text", build.report)
    name, said = node.get("name"), node.get("text")
    if name is None or said is None:
        return "", BROKEN.get
    return text_of(name, "name", build.report), value(build, said, TEXT).get
