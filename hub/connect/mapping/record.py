"""Records of the schemas compiled: bodies and claims, field by field, with parts used again."""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from hub.canon.model import Identifier, PersonName, Role
from hub.connect.mapping import functions
from hub.connect.mapping.arguments import ORDERS, one_of
from hub.connect.mapping.build import BROKEN, Build, Get, ItemList, Value, list_at, needed
from hub.connect.mapping.condition import Test, condition
from hub.connect.mapping.document import Items, Node, Table, Text, alike
from hub.connect.mapping.expression import applied, value
from hub.connect.mapping.keys import Key, check_keys, text_of
from hub.connect.mapping.part import PART, once, only_part, spread
from hub.connect.mapping.problem import near, shown
from hub.connect.mapping.target import TEXT, Kind, Target, targets
from hub.identity import schemes

WHEN, EACH, WHERE = "when", "each", "where"
NAME, ORDER = "name", "order"
PLAIN = frozenset({"ref", "scheme", "assurance", "kind", "person_ref", "organisation_ref"})
"""Fields of claims in which a plain text is meant as it stands, not as a column."""
BLANK = frozenset({"value"})
"""An identifier without a value is left out, not refused."""
RAW = "_text"
MISSPELT_SHARE_MIN = 0.8
SHOWN_KEYS = {
    PART: "A name under parts:, whose keys stand here; keys beside it count before them.",
    WHEN: "A condition on the record; where it does not hold the item is left out.",
    EACH: "A path to a list: one item for each entry, paths below are inside; #text is a text.",
    WHERE: "With each: a condition on the entry; where it does not hold the entry is left out.",
    NAME: "A person's whole name in one field, taken apart as far as that is sure.",
    ORDER: "With name: 'family first' (MENDEZ, ORLA) or 'given first' (Orla Mendez).",
}


class Fields(NamedTuple):
    """A record's fields compiled: what stands in each place, and what is read into which.

    What is the same in every record is read once, when the mapping is compiled.
    """

    always: tuple[Any, ...]
    reads: tuple[tuple[int, Get], ...]
    field: str


def record(build: Build, node: Node, kind: type) -> Value:
    """A record that is always there, such as a body. A part used as it is, is made once."""
    table = _table(build, node, kind.__name__)
    if table is None:
        return BROKEN
    name = only_part(table)
    if name is not None and build.root and (name, kind) in build.shared:
        return build.shared[name, kind]
    inner, table = spread(build, table)
    fields = _fields(inner, table, kind)
    always, reads = fields.always, fields.reads

    def get(source: Any, memo: dict[int, Any]) -> Any:
        said = list(always)
        for place, read in reads:
            said[place] = read(source, memo)
        return tuple.__new__(kind, said)

    made = Value(get, fields.field)
    if name is not None and build.root:
        made = build.shared[name, kind] = once(build, made)
    return made


def _table(build: Build, node: Node, what: str) -> Table | None:
    if isinstance(node, Table):
        return node
    build.report.error(node.at, f"{what} is no table", "write its fields as keys below it")
    return None


def _fields(build: Build, table: Table, kind: type, also: frozenset[str] = frozenset()) -> Fields:
    """Every field of the class: as the table has it, else its default."""
    wanted = targets(kind)
    known = {name: Key(_doc(kind, name), one.required) for name, one in wanted.items()}
    check_keys(table, known, kind.__name__, build.report, also)
    made = {
        name: _field(build, node, target._replace(required=False) if name in BLANK else target)
        for name, target in wanted.items()
        if (node := table.get(name)) is not None
    }
    for name in wanted:
        base = made.get(name.removesuffix(RAW)) if name.endswith(RAW) else None
        if name not in made and base is not None and base.raw is not None:
            made[name] = Value(base.raw, base.field)
    _told_twice(build, table, wanted, made)
    always = [_default(kind, target) for target in wanted.values()]
    reads: list[tuple[int, Get]] = []
    for place, name in enumerate(wanted):
        if name in made and made[name].constant:
            always[place] = made[name].get(NO_RECORD, {})
        elif name in made:
            reads.append((place, made[name].get))
    field = next((one.field for one in made.values() if one.field), "")
    return Fields(tuple(always), tuple(reads), field)


NO_RECORD: Mapping[str, Any] = {}


def _told_twice(
    build: Build, table: Table, wanted: Mapping[str, Target], made: Mapping[str, Value]
) -> None:
    """Warn where two fields that may be blank are read from the same in the same way."""
    seen: dict[Hashable, str] = {}
    for key, node in table.pairs:
        name = key.value
        if name not in made or wanted[name].required or not made[name].field:
            continue
        what = (wanted[name].kind, alike(node))
        if what in seen:
            build.report.warning(
                key.at,
                f"{name} is read from the same as {seen[what]}",
                "is one of them another column, or to be left out?",
            )
        seen.setdefault(what, name)


def _doc(kind: type, name: str) -> str:
    return f"{targets(kind)[name].kind.value}"


def _default(kind: type, target: Target) -> Any:
    blank: Any = () if target.kind in (Kind.TEXTS, Kind.RECORDS) else None
    return getattr(kind, "_field_defaults", {}).get(target.name, blank)


def _field(build: Build, node: Node, target: Target) -> Value:
    """One field: required ones refuse a blank, lists and flags have a value of their own for it."""
    if target.kind is Kind.RECORD:
        return record(build, node, target.type)
    if target.kind is Kind.RECORDS:
        return records(build, node, target.type)
    if target.name in PLAIN and isinstance(node, Text):
        return _literal(build, node, target)
    made = value(build, node, target)
    if target.kind is Kind.TEXTS:
        return made._replace(get=_or(made.get, ()))
    if target.kind is Kind.FLAG and target.name == "protected":
        return made._replace(get=_or(made.get, False))
    return needed(made, target.kind.value) if target.required else made


def _or(read: Get, blank: Any) -> Get:
    def get(source: Any, memo: dict[int, Any]) -> Any:
        said = read(source, memo)
        return blank if said is None else said

    return get


def _literal(build: Build, node: Text, target: Target) -> Value:
    text = text_of(node, target.name, build.report)
    said: Any = text
    if target.kind is Kind.CODE:
        ours = functions.members(target.type)
        said = ours.get(text)
        if said is None and text:
            build.report.unknown(node.at, text, f"code of {target.name}", ours)
    if target.name == "scheme" and text not in schemes.known():
        meant = near(text, schemes.known(), MISSPELT_SHARE_MIN)
        if meant:
            what = (
                f"the scheme {shown(text)} is nearly {meant}, and joins nothing that has that one"
            )
            build.report.warning(node.at, what, f"did you mean {meant}?")
    return Value(lambda _record, _memo: said, "", constant=True)


def records(build: Build, node: Node, kind: type) -> Value:
    """A list of records; blank ones, and those whose condition does not hold, are left out."""
    if not isinstance(node, Items):
        told = f"write a list of {kind.__name__}: a line with - before each"
        build.report.error(node.at, f"a list of {kind.__name__} is wanted", told)
        return BROKEN
    parts = [_item(build, item, kind) for item in node.items]
    reads = [part.get for part in parts]
    if len(reads) == 1:
        return parts[0]

    def get(source: Any, memo: dict[int, Any]) -> tuple[Any, ...]:
        found_: tuple[Any, ...] = ()
        for read in reads:
            found_ += read(source, memo)
        return found_

    return Value(get, next((part.field for part in parts if part.field), ""))


def _item(build: Build, node: Node, kind: type) -> Value:
    """One entry of a list as a tuple of records: none, one, or with `each` any number."""
    table = _table(build, node, kind.__name__)
    if table is None:
        return Value(lambda _record, _memo: ())
    build, table = spread(build, table)
    steps = _each(build, table)
    test = _condition(build, table, WHEN)
    inner = build if steps is None else build.item(steps)
    also = frozenset({WHEN, EACH} if steps is None else {WHEN, EACH, WHERE})
    if kind is PersonName and table.get(NAME) is not None:
        one = _parted_name(inner, table)
    else:
        one = _some(_fields(inner, table, kind, also), kind)
    read, field = one.get, one.field
    if steps is not None:
        where = _condition(inner, table, WHERE)
        listed = inner.list_of(steps)
        return Value(_repeated(read, listed, "ref" in targets(kind), test, where), listed.field)
    if test is None:
        return Value(_lone(read), field)

    def get(source: Any, memo: dict[int, Any]) -> tuple[Any, ...]:
        if not test(source, memo):
            return ()
        said = read(source, memo)
        return () if said is None else (said,)

    return Value(get, field)


def _lone(read: Get) -> Get:
    def get(source: Any, memo: dict[int, Any]) -> tuple[Any, ...]:
        said = read(source, memo)
        return () if said is None else (said,)

    return get


def _some(fields: Fields, kind: type) -> Value:
    """A record, None where all that the mapping reads for it is blank; a tie says enough itself."""
    always, reads = fields.always, fields.reads
    key = kind._fields.index("value") if kind is Identifier else None

    def get(source: Any, memo: dict[int, Any]) -> Any:
        said, blank = list(always), True
        for place, read in reads:
            said[place] = found_ = read(source, memo)
            if found_:
                blank = False
        if said[key] is None if key is not None else blank and kind is not Role:
            return None
        return tuple.__new__(kind, said)

    return Value(get, fields.field)


def _condition(build: Build, table: Table, key: str) -> Test | None:
    node = table.get(key)
    return None if node is None else condition(build, node)


def _each(build: Build, table: Table) -> tuple[str, ...] | None:
    node = table.get(EACH)
    return None if node is None else list_at(build, node)


def _repeated(
    read: Get, listed: ItemList, numbered: bool, test: Test | None, where: Test | None
) -> Get:
    """One record for each item of a list; the second has `ref-2` as its ref, and so on."""

    def get(source: Any, memo: dict[int, Any]) -> tuple[Any, ...]:
        if test is not None and not test(source, memo):
            return ()
        made: list[Any] = []
        for item in listed.of(source):
            within: dict[int, Any] = {}
            said = read(item, within) if where is None or where(item, within) else None
            if said is not None:
                again = numbered and made
                made.append(said._replace(ref=f"{said.ref}-{len(made) + 1}") if again else said)
        return tuple(made)

    return get


def _parted_name(build: Build, table: Table) -> Value:
    """A name in one field."""
    known = {NAME: Key(SHOWN_KEYS[NAME]), ORDER: Key("'family first' or 'given first'", True)}
    check_keys(table, known, "name", build.report, frozenset({WHEN, EACH}))
    node, order = table.get(NAME), table.get(ORDER)
    if node is None or order is None:
        return BROKEN
    chosen = one_of(*ORDERS)(order, ORDER, build)
    return applied(value(build, node, TEXT), functions.name(chosen))
