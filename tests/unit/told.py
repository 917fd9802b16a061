"""What the stand-in departments tell, read by their connectors: for tests of what follows."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from connectors.grants import applications
from connectors.licensing import connector as licences
from connectors.messaging import notifications, requests_rest
from hub.connect.contract import Change, Connector, Draft, Record, Request
from hub.connect.derive import record_id
from hub.errors import UnreadableRecord
from hub.identity import claims
from hub.identity.record import PersonRecord
from hub.identity.subjects import PERSON, subject_id
from hub.local.departments import grants_rows, licensing, messaging_rows
from hub.local.departments.population import Population


def application_rows(population: Population) -> Iterator[Change]:
    """The tables after each write, as the log tells them."""
    state: dict[tuple[str, int], dict[str, Any]] = {}
    columns = sorted(applications.FIELDS)
    version = 0
    for writes in grants_rows.transactions(population):
        for write in writes:
            version += 1
            key = (write.table, write.key)
            if write.operation == "delete":
                state.pop(key, None)
                continue
            if write.operation == "update" and key not in state:
                continue
            state[key] = {**state.get(key, dict.fromkeys(columns)), **write.row}
            texts = {k: None if v is None else str(v) for k, v in state[key].items()}
            yield Change(Record({**texts, "table": write.table}), b"", version=version)


def person_records(population: Population, key: bytes) -> dict[str, PersonRecord]:
    """Every subject that is a person, by its identifier, as it was told last."""
    found: dict[str, PersonRecord] = {}
    with tempfile.TemporaryDirectory() as folder:
        licensing.write_snapshots(Path(folder), population)
        assert licences.CONNECTOR.changes is not None
        rows = list(licences.CONNECTOR.changes(licences.Settings(Path(folder)), None))
    settings, headers = notifications.Settings("t"), {"authorization": "Bearer t"}
    posts = [
        item
        for post in messaging_rows.callbacks(population)
        for item in notifications.receive(settings, Request(post.path, headers, post.body))
    ]
    latest = (states[-1] for states in messaging_rows.requests(population))
    requests = [Change(Record(request), b"", version=1) for request in latest]
    for connector, items in (
        (applications.CONNECTOR, application_rows(population)),
        (licences.CONNECTOR, rows),
        (notifications.CONNECTOR, posts),
        (requests_rest.CONNECTOR, requests),
    ):
        for draft in _claiming(connector, items):
            name = record_id(key, connector.name, draft.record_key)
            assert draft.claims is not None
            for person in draft.claims.persons:
                subject = subject_id(name, PERSON, person.ref)
                told = claims.record_of(person, connector.owner)
                assert isinstance(told, PersonRecord)
                found[subject] = told
    return found


def _claiming(connector: Connector, items: Iterable[Any]) -> Iterator[Draft]:
    """The drafts of a connector that claim something."""
    for item in items:
        if isinstance(item, Change) and item.record:
            try:
                said = list(connector.translate(item))
            except UnreadableRecord:
                continue
            for draft in said:
                if isinstance(draft, Draft) and draft.claims is not None:
                    yield draft
