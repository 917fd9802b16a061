"""Sources of mappings that are asked: REST lists, SQL tables and outboxes, a PostgreSQL's log."""

import dataclasses
from collections.abc import Iterator, Mapping

from hub.connect.contract import Item, setting
from hub.connect.mapping.document import Node, Table, Text
from hub.connect.mapping.keys import (
    Key,
    check_keys,
    one_key,
    table_of,
    text_at,
    text_of,
    texts_of,
    whole_of,
)
from hub.connect.mapping.problem import Report
from hub.connect.mapping.source import Source, SourceKind
from hub.connect.sources import postgres_log, rest, sql_outbox, sql_polling
from hub.connect.sources.http_client import ClientCredentials
from hub.connect.sources.rest import Cursor, LinkHeader, PageNumber

Paging = PageNumber | Cursor | LinkHeader
SLOT = "civic_hub_{}"


@dataclasses.dataclass(frozen=True)
class Rest:
    """How a REST server is reached."""

    base_url: str = setting("Root address of the server.")
    page_size: int = setting("Records to ask for at once.", default=200)
    token: str = setting("Access token.", default="", secret=True)
    token_url: str = setting("Where a token is fetched (OAuth 2.0); none.", default="")
    client_id: str = setting("The hub's client there.", default="")
    client_secret: str = setting("The client's secret.", default="", secret=True)
    scope: str = setting("What the token is for; nothing.", default="")

    def client(self) -> ClientCredentials | None:
        """The credentials by which a token is fetched; None where none is."""
        if not self.token_url:
            return None
        return ClientCredentials(self.token_url, self.client_id, self.client_secret, self.scope)


@dataclasses.dataclass(frozen=True)
class Sql:
    """How a database is reached."""

    url: str = setting(
        "Address as SQLAlchemy writes it: dialect+driver://user:password@host/name.", secret=True
    )


@dataclasses.dataclass(frozen=True)
class Log:
    """How a PostgreSQL is reached; its owner makes the publication once."""

    dsn: str = setting("Connection text of the database.", secret=True)
    slot: str = setting(
        "Name of the replication slot, made when missing; civic_hub_NAME or as the mapping says.",
        default="",
    )
    publication: str = setting("Publication of the tables.", default="civic_hub")


REST_OPTIONS: Mapping[str, Key] = {
    "path": Key("What follows the root address.", required=True),
    "identifier": Key("Field, or path, with the record's key.", required=True),
    "changed": Key("Field, or path, with the time of the last change; none."),
    "since": Key("Query parameter for 'changed at or after'; none."),
    "items": Key("Where the list is in the answer, a path; none where the answer is the list."),
    "paging": Key("{page: PARAMETER}, {cursor: {parameter: P, member: PATH}} or link; page."),
    "page_size_parameter": Key("Query parameter for the size of a page; page_size."),
    "overlap_s": Key("With cursor or link: how late, in seconds, records may appear; 0."),
}
PAGINGS: Mapping[str, Key] = {
    "page": Key("Pages by number from 1, oldest change first."),
    "cursor": Key("The answer says what the next page's parameter is."),
    "link": Key("The answer's header Link has the next page's address."),
}
CURSOR: Mapping[str, Key] = {
    "parameter": Key("the query parameter", required=True),
    "member": Key("where the answer says it, a path", required=True),
}


def rest_list(options: Table, report: Report, _name: str) -> Source:
    """A list of a REST server."""
    paging = _paging(options.get("paging"), report)
    changed, since = (text_at(options, key, report) for key in ("changed", "since"))
    if isinstance(paging, PageNumber) and not (changed and since):
        told = "add changed: FIELD and since: PARAMETER, or page by cursor or link"
        report.error(options.at, "pages by number need the order of changes", told)
    path, items = (text_at(options, key, report) for key in ("path", "items"))
    identifier = text_at(options, "identifier", report)
    size = text_at(options, "page_size_parameter", report, "page_size")
    late = options.get("overlap_s")
    overlap_s = float(whole_of(late, "overlap_s", report)) if late is not None else 0.0

    def changes(settings: Rest, after: str | None) -> Iterator[Item]:
        endpoint = rest.Endpoint(
            url=f"{settings.base_url.rstrip('/')}/{path.lstrip('/')}",
            since=since,
            changed=changed,
            identifier=identifier,
            page_size=settings.page_size,
            token=settings.token,
            paging=paging,
            items=items,
            client=settings.client(),
            page_size_parameter=size,
            overlap_s=overlap_s,
        )
        return rest.changes(endpoint, after)

    reads = tuple(name for name in (changed, identifier) if name)
    return Source(Rest, changes, flat=False, versioned=bool(changed), reads=reads)


def _paging(node: Node | None, report: Report) -> Paging:
    if node is None:
        return PageNumber()
    table = Table(((node, Table((), node.at)),), node.at) if isinstance(node, Text) else node
    held = table_of(table, "paging", report)
    name = one_key(held, PAGINGS, "kind of paging", report) if held is not None else None
    inner = held.get(name.value) if held is not None and name is not None else None
    if name is None or inner is None or name.value == "link":
        return LinkHeader()
    if name.value == "page":
        return (
            PageNumber() if isinstance(inner, Table) else PageNumber(text_of(inner, "page", report))
        )
    cursor = table_of(inner, "cursor", report)
    if cursor is None:
        return LinkHeader()
    check_keys(cursor, CURSOR, "cursor", report)
    return Cursor(*(text_at(cursor, key, report) for key in CURSOR))


def polled(options: Table, report: Report, _name: str) -> Source:
    """A table that is polled by a column that grows with each change."""
    table, changed = (text_at(options, key, report) for key in ("table", "changed"))
    node, settle = options.get("key"), options.get("settle_s")
    key = texts_of(node, "key", report) if node is not None else ()
    settle_s = sql_polling.SETTLE_S
    if settle is not None:
        settle_s = float(whole_of(settle, "settle_s", report))

    def changes(settings: Sql, after: str | None) -> Iterator[Item]:
        asked = sql_polling.Polled(settings.url, table, changed, key, settle_s)
        return sql_polling.changes(asked, after)

    return Source(Sql, changes, reads=(changed, *key))


def outbox(options: Table, report: Report, _name: str) -> Source:
    """An outbox whose rows are taken out."""
    table, key = (text_at(options, name, report) for name in ("table", "key"))

    def changes(settings: Sql, after: str | None) -> Iterator[Item]:
        return sql_outbox.changes(sql_outbox.Outbox(settings.url, table, key), after)

    def acknowledge(settings: Sql, position: str) -> None:
        sql_outbox.acknowledge(sql_outbox.Outbox(settings.url, table, key), position)

    return Source(Sql, changes, acknowledge=acknowledge, reads=(key,))


def log(options: Table, report: Report, name: str) -> Source | None:
    """Tables of a PostgreSQL, by its log; a record's field `table` says which it is from."""
    node = options.get("tables")
    held = table_of(node, "tables", report) if node is not None else None
    if held is None:
        return None
    tables = tuple((key.value, text_of(value, key.value, report)) for key, value in held.pairs)
    if not tables:
        report.error(held.at, "tables is empty", "write TABLE: KEY COLUMN")

    slot_name = text_at(options, "slot", report, SLOT.format(name))

    def asked(settings: Log) -> postgres_log.Log:
        slot = settings.slot or slot_name
        return postgres_log.Log(settings.dsn, slot, settings.publication, tables)

    def changes(settings: Log, after: str | None) -> Iterator[Item]:
        return postgres_log.changes(asked(settings), after)

    def acknowledge(settings: Log, position: str) -> None:
        postgres_log.acknowledge(asked(settings), position)

    reads = ("table", *(key for _, key in tables))
    return Source(Log, changes, acknowledge=acknowledge, reads=reads)


KINDS: Mapping[str, SourceKind] = {
    "rest": SourceKind(
        "A list of a REST server, asked for what changed.",
        REST_OPTIONS,
        Rest,
        "rest: {path: /requests.json, identifier: id, changed: updated, since: updated_after}",
        rest_list,
    ),
    "sql_polling": SourceKind(
        "A table or view of any SQL database, polled by a column that grows with each change.",
        {
            "table": Key("Its name, or schema.name.", required=True),
            "changed": Key("The column that grows with each change.", required=True),
            "key": Key("The columns that tell rows apart.", required=True),
            "settle_s": Key("Longer than any transaction takes, in seconds; 5."),
        },
        Sql,
        "sql_polling: {table: permits, changed: updated_at, key: permit_no}",
        polled,
    ),
    "sql_outbox": SourceKind(
        "An outbox in any SQL database: rows are deleted once Kafka has confirmed.",
        {
            "table": Key("Its name, or schema.name.", required=True),
            "key": Key("The column that numbers rows in order of writing.", required=True),
        },
        Sql,
        "sql_outbox: {table: permit_events, key: id}",
        outbox,
    ),
    "postgres_log": SourceKind(
        "Tables of a PostgreSQL by its log, from the first row on; the field `table` says which.",
        {
            "tables": Key("Each table with its key column.", required=True),
            "slot": Key("Name of the slot, where the settings do not say; civic_hub_NAME."),
        },
        Log,
        "postgres_log: {tables: {permit: permit_no, holder: holder_id}}",
        log,
    ),
}
