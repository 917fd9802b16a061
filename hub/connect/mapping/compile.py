"""A document compiled to a connector, or the list of all that is wrong with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hub.bus.topics import DOMAINS
from hub.canon.model import Notice
from hub.connect.contract import Change, Connector, Draft, LeftOut, Record
from hub.connect.drift import anywhere
from hub.connect.lint import NAME
from hub.connect.mapping.arguments import codes_of
from hub.connect.mapping.build import Build, TooMuch, steps_of
from hub.connect.mapping.claims import claims, no_claims
from hub.connect.mapping.document import BYTES_MAX, START, Items, Table, Text, read
from hub.connect.mapping.event import REFUSE_KEYS, RULE_KEYS, Defaults, Event, Rule, event, rules
from hub.connect.mapping.keys import Key, check_keys, mark_of, one_key, table_of, text_at, texts_of
from hub.connect.mapping.problem import Problem, Report, nearest, shown
from hub.connect.mapping.source import Source
from hub.connect.mapping.sources import SOURCES
from hub.connect.values import raise_unreadable
from hub.errors import MappingError

FILE = "mapping.yaml"
FORMAT = "1"
KEYS: Mapping[str, Key] = {
    "mapping": Key("The format of the document; 1.", required=True),
    "name": Key("The connector's name: a-z, 0-9 and _.", required=True),
    "owner": Key("The agency that owns the system.", required=True),
    "system": Key("The departmental system.", required=True),
    "purpose": Key("What the data was collected for.", required=True),
    "domain": Key(f"One of {', '.join(DOMAINS)}.", required=True),
    "doc": Key("One line on what comes from where."),
    "notice": Key("On what ground the data is held: basis, purpose, reference."),
    "source": Key("The kind of source with its options.", required=True),
    "tables": Key("Tables of codes by name, theirs: ours."),
    "parts": Key("Pieces used again by {part: NAME}."),
    "record_key": Key("The native key of a record: a column, or a list of columns and constants."),
    "record_version": Key("Which state is later: source (the default), or latest: or whole:."),
    "claims": Key("Whom the events speak of, where they do not say it themselves."),
    "refused": Key("Rules by which records go to quarantine, asked first."),
    "left_out": Key("Rules by which records are no event, asked next."),
    "events": Key("The events a record can be.", required=True),
    "otherwise": Key("The rule by which a record is left out that is none of the events."),
    "extra": Key("Columns or paths that are known and go into the extra fields as they are."),
    "unused": Key("Columns or paths that are known and not passed on; * for all places of a list."),
    "optional": Key("Columns that may be missing altogether; '*' for all."),
}
NOTICE: Mapping[str, Key] = {
    "basis": Key("Legal basis, as a term of the Data Privacy Vocabulary.", required=True),
    "purpose": Key("The purpose the data was collected for.", required=True),
    "reference": Key("The notice or statute that says so."),
}
NO_EVENT = "no event"
Translate = Callable[[Change], Iterable[Draft | LeftOut]]


class Compiled(NamedTuple):
    """A document: its connector, None where there are errors, and its problems by line."""

    connector: Connector | None
    problems: list[Problem]


def lint(text: str | bytes, sample_columns: Sequence[str] | None = None) -> list[Problem]:
    """All that is wrong with a mapping, by line; warnings among it.

    With the columns (or top fields) of a sample, also those that nothing reads, and those that are
    read and not there.
    """
    return compiled(text, sample_columns).problems


def load(path: Path) -> Connector:
    """The connector of a mapping file. Raises MappingError with the first error, and with all."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX * 4 + 1)
    except OSError as error:
        raise MappingError(
            f"{path.name} cannot be read ({error.strerror})", remedy="let the hub's user read it"
        ) from error
    return connector_of(data, path.name)


def connector_of(data: str | bytes, name: str) -> Connector:
    """The connector of a mapping's text, which errors call `name`. Raises MappingError."""
    made = compiled(data)
    if made.connector is not None:
        return made.connector
    first = next(problem for problem in made.problems if problem.level == "error")
    raise MappingError(f"{name}: {first.text()}", remedy=first.remedy, problems=made.problems)


def compiled(data: str | bytes, sample_columns: Sequence[str] | None = None) -> Compiled:
    """A document compiled; nothing in it can raise."""
    report = Report()
    root = read(data, report)
    table = table_of(root, "the document", report) if root is not None else None
    connector = None
    if table is not None:
        try:
            connector = _Document(table, report, sample_columns).connector()
        except TooMuch:
            report.error(START, "its parts grow beyond all bounds", "use fewer parts inside parts")
    problems = report.problems()
    broken = any(problem.level == "error" for problem in problems)
    return Compiled(None if broken else connector, problems)


class _Document:
    """One document being compiled."""

    def __init__(self, table: Table, report: Report, sample: Sequence[str] | None) -> None:
        self._table = table
        self._report = report
        self._sample = sample

    def connector(self) -> Connector | None:
        table, report = self._table, self._report
        check_keys(table, KEYS, "a mapping", report)
        if (node := table.get("mapping")) and not (isinstance(node, Text) and node.value == FORMAT):
            report.error(node.at, "it is of a format this hub does not read", f"mapping: {FORMAT}")
        name, domain = self._name(), self._domain()
        source = self._source(name)
        build = self._build(source)
        events = self._events(build, source, domain)
        refused = self._rules(build, "refused", REFUSE_KEYS)
        left_out = self._rules(build, "left_out", RULE_KEYS)
        otherwise = self._otherwise(events)
        self._columns(build, source)
        if source is None or not events:
            return None
        return Connector(
            name=name,
            owner=text_at(table, "owner", report),
            system=text_at(table, "system", report),
            purpose=text_at(table, "purpose", report),
            domain=domain,
            settings=source.settings,
            translate=placed(_translate(refused, left_out, events, otherwise), source.place_field),
            emits=tuple(dict.fromkeys(one.body for one in events)),
            changes=source.changes,
            receive=source.receive,
            acknowledge=source.acknowledge,
            known_fields=frozenset({*build.known, *map(anywhere, self._texts("extra"))}),
            tells_corrections_of=frozenset(one.body for one in events if one.tells_corrections),
            doc=text_at(table, "doc", report),
        )

    def _name(self) -> str:
        name = text_at(self._table, "name", self._report)
        if name and not NAME.fullmatch(name):
            told = "use a-z, 0-9 and _, at most 40, a letter first"
            self._report.error(mark_of(self._table, "name"), f"{shown(name)} is no name", told)
        return name

    def _domain(self) -> str:
        domain = text_at(self._table, "domain", self._report)
        if domain and domain not in DOMAINS:
            self._report.unknown(mark_of(self._table, "domain"), domain, "domain", DOMAINS)
            return ""
        return domain

    def _source(self, name: str) -> Source | None:
        report, node = self._report, self._table.get("source")
        if node is None:
            return None
        if isinstance(node, Text):
            node = Table(((node, Table((), node.at)),), node.at)
        table = table_of(node, "source", report)
        kind = one_key(table, SOURCES, "kind of source", report) if table is not None else None
        if table is None or kind is None:
            return None
        check_keys(table, {kind.value: Key("")}, "source", report)
        options = table.get(kind.value)
        if isinstance(options, Text) and not options.value.strip():
            options = Table((), options.at)
        held = table_of(options, kind.value, report) if options is not None else None
        if held is None:
            return None
        check_keys(held, SOURCES[kind.value].options, kind.value, report)
        return SOURCES[kind.value].make(held, report, name)

    def _texts(self, key: str) -> tuple[str, ...]:
        node = self._table.get(key)
        return () if node is None else texts_of(node, key, self._report)

    def _build(self, source: Source | None) -> Build:
        build = Build(
            self._report,
            source.flat if source is not None else True,
            source.columns if source is not None else None,
            frozenset(self._texts("optional")),
        )
        tables, parts = self._tables("tables"), self._tables("parts")
        build.tables = {name: codes_of(table, build) for name, table in tables.items()}
        build.parts = parts
        return build

    def _tables(self, key: str) -> dict[str, Table]:
        node = self._table.get(key)
        table = table_of(node, key, self._report) if node is not None else None
        found = {}
        for name, held in table.pairs if table is not None else ():
            inner = table_of(held, name.value, self._report)
            if inner is not None:
                found[name.value] = inner
        return found

    def _events(self, build: Build, source: Source | None, domain: str) -> list[Event]:
        table, node = self._table, self._table.get("events")
        said = table.get("claims")
        claimed = claims(build, said).get if said is not None else no_claims(build)
        defaults = Defaults(
            table.get("record_key"),
            table.get("record_version"),
            claimed,
            source.versioned if source is not None else True,
            domain,
            self._notice(),
        )
        if node is None:
            return []
        if not isinstance(node, Items) or not node.items:
            self._report.error(node.at, "events is no list", "write - event: NAME below it")
            return []
        found: list[Event] = []
        for item in node.items:
            made = event(build, item, defaults)
            if made is None:
                continue
            twin = next(
                (one for one in found if (one.body, one.key) == (made.body, made.key)), None
            )
            if twin is not None and not (twin.conditional and made.conditional):
                what = f"a second {made.body.__name__} of the same record"
                self._report.error(item.at, what, "give both a when:, or another record_key")
            found.append(made)
        self._unused(build)
        return found

    def _rules(self, build: Build, key: str, keys: Mapping[str, Key]) -> list[Rule]:
        node = self._table.get(key)
        return [] if node is None else rules(build, node, keys)

    def _unused(self, build: Build) -> None:
        for key, used in (("parts", build.used_parts), ("tables", build.used_tables)):
            node = self._table.get(key)
            for name, _ in node.pairs if isinstance(node, Table) else ():
                if name.value not in used:
                    what = f"nothing uses {shown(name.value)} of {key}"
                    self._report.warning(name.at, what, "leave it out, or use it")

    def _notice(self) -> Notice | None:
        node = self._table.get("notice")
        table = table_of(node, "notice", self._report) if node is not None else None
        if table is None:
            return None
        check_keys(table, NOTICE, "notice", self._report)
        basis, purpose = (text_at(table, key, self._report) for key in ("basis", "purpose"))
        return Notice(basis, purpose, text_at(table, "reference", self._report) or None)

    def _otherwise(self, events: Sequence[Event]) -> str:
        """The rule for records that are no event; needed where each event has a condition."""
        rule = text_at(self._table, "otherwise", self._report)
        always = any(not one.conditional for one in events)
        if events and not always and not rule:
            told = "add otherwise: NAME OF THE RULE, so that such records are counted"
            self._report.error(mark_of(self._table, "events"), "a record may be no event", told)
        if events and always and rule:
            what = "otherwise: counts nothing: one of the events has no condition"
            self._report.warning(mark_of(self._table, "otherwise"), what, "leave it out")
        return rule or NO_EVENT

    def _columns(self, build: Build, source: Source | None) -> None:
        """Every column has one place: read, extra or unused; and what a sample says about it."""
        extra, unused = set(self._texts("extra")), set(self._texts("unused"))
        own = source.reads if source is not None else ()
        build.paths.update((steps_of(name, build), None) for name in own)
        build.unused.update(steps_of(name, build) for name in unused)
        build.extra.update(steps_of(name, build) for name in extra)
        inner = {steps_of(name, build)[0] for name in extra | unused} - (extra | unused)
        reads = {*build.reads, *(steps_of(name, build)[0] for name in own), *inner}
        build.known.update(reads | unused)
        lines = {".".join(steps): at.line if at else "source" for steps, at in build.paths.items()}
        for key, names in (("unused", unused), ("extra", extra)):
            for name in sorted(names & lines.keys()):
                what = f"{shown(name)} is {key}, and it is read in line {lines[name]}"
                self._report.warning(mark_of(self._table, key), what, "leave it out here")
        for name in sorted(extra & unused):
            at = mark_of(self._table, "unused")
            self._report.error(at, f"{shown(name)} is extra and unused", "leave it out of one")
        if source is not None and source.columns is not None:
            self._told(build, source.columns, reads | extra | unused)
        elif self._sample is not None:
            self._told(build, self._sample, reads | extra | unused)
            self._missing(build, self._sample)

    def _told(self, _build: Build, columns: Sequence[str], known: set[str]) -> None:
        for column in columns:
            if column not in known:
                what = f"nothing reads the column {shown(column)}; it becomes an extra field"
                at = mark_of(self._table, "unused")
                self._report.warning(at, what, "map it, or name it under extra: or unused:")

    def _missing(self, build: Build, columns: Sequence[str]) -> None:
        for name, at in build.reads.items():
            if name not in columns and not build.optional & {name, "*"}:
                told = nearest(name, columns)
                self._report.error(at, f"the sample has no column {shown(name)}", told)


def placed(translate: Translate, field: str) -> Translate:
    """The same with a field that says where the record came in; it is in no original."""
    if not field:
        return translate

    def with_place(change: Change) -> Iterable[Draft | LeftOut]:
        row = Record(change.record)
        row[field] = change.context.get("file")
        return translate(change._replace(record=row))

    return with_place


def _translate(
    refused: Sequence[Rule], left_out: Sequence[Rule], events: Sequence[Event], otherwise: str
) -> Translate:
    """What a record means: a rule that refuses or leaves it out, or the events it is."""
    refusals, leaving, tells = tuple(refused), tuple(left_out), tuple(one.tell for one in events)
    nothing = (LeftOut(otherwise),)

    def translate(change: Change) -> Sequence[Draft | LeftOut]:
        row, told = change.record, change.version
        memo: dict[int, Any] = {}
        for rule in refusals:
            if rule.test(row, memo):
                raise_unreadable(rule.field, rule.code, rule.name)
        for rule in leaving:
            if rule.test(row, memo):
                return (LeftOut(rule.name),)
        drafts = [draft for tell in tells if (draft := tell(row, memo, told)) is not None]
        return drafts or nothing

    return translate
