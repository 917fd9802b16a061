"""A worker that reads one kind of source, as a process of its own, to be killed by tests.

    python source_worker.py BOOTSTRAP SOURCE SESSION_TIMEOUT_S

SOURCE is JSON with `kind` and what that kind needs. It goes slowly, so that a kill finds it at
work: it takes the lease, says `held`, publishes what the source has and says `done BOOKS`.
"""

import dataclasses
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from connector_worker import CONNECTOR, links, say

from hub.bus.lease import Lease
from hub.connect import runtime
from hub.connect.contract import Connector, Item
from hub.connect.runtime import run
from hub.connect.sources import amqp, files, postgres_log, rest, sql_outbox, sql_polling
from hub.connect.sources.places import Folder
from hub.connect.sources.postgres_log import Log
from hub.connect.sources.sftp import Sftp
from hub.connect.sources.shapes import JsonLines
from hub.connect.sources.zipped import Zipped

ITEMS_A_STEP = 50
STEP_S = 0.02


class Kind(NamedTuple):
    """How a kind of source is opened from its JSON."""

    settings: Callable[[dict[str, Any]], Any]
    changes: Callable[[Any, str | None], Iterator[Item]]
    acknowledge: Callable[[Any, str], None] | None = None


KINDS = {
    "amqp": Kind(lambda told: amqp.Queue(**told), amqp.changes, amqp.acknowledge),
    "folder": Kind(
        lambda told: Folder(Path(told["path"]), told["pattern"]),
        lambda place, after: files.changes(place, Zipped(JsonLines()), after),
    ),
    "sftp": Kind(
        lambda told: Sftp(**told),
        lambda place, after: files.changes(place, Zipped(JsonLines()), after),
    ),
    "postgres_log": Kind(
        lambda told: Log(**told, tables=(("letter", "number"),)),
        postgres_log.changes,
        postgres_log.acknowledge,
    ),
    "rest": Kind(
        lambda told: rest.Endpoint(**told, paging=rest.Cursor("cursor", "next")), rest.changes
    ),
    "sql_outbox": Kind(
        lambda told: sql_outbox.Outbox(**told), sql_outbox.changes, sql_outbox.acknowledge
    ),
    "sql_polling": Kind(lambda told: sql_polling.Polled(**told), sql_polling.changes),
}


def slowly(kind: Kind) -> Callable[[Any, str | None], Iterator[Item]]:
    """The kind's changes, with a rest every so many items."""

    def changes(settings: Any, after: str | None) -> Iterator[Item]:
        with closing(kind.changes(settings, after)) as items:
            for number, item in enumerate(items, 1):
                if number % ITEMS_A_STEP == 0:
                    time.sleep(STEP_S)
                yield item

    return changes


def connector_of(told: dict[str, Any]) -> tuple[Connector, Any]:
    """The connector and its settings."""
    kind = KINDS[told.pop("kind")]
    made = dataclasses.replace(CONNECTOR, changes=slowly(kind), acknowledge=kind.acknowledge)
    return made, kind.settings(told)


def main() -> None:
    """Take the lease and run until the source has no more."""
    bootstrap, source, session_timeout_s = sys.argv[1:4]
    runtime.BATCH_RECORDS_MAX = 500
    runtime.RETRY_MAX_S = 1.0
    connector, settings = connector_of(json.loads(source))
    stop = threading.Event()
    lease = Lease(bootstrap, {}, "texts", float(session_timeout_s))
    assert lease.acquire(stop)
    say("held")
    books = run(connector, settings, links(bootstrap, lease), stop=stop, once=True)
    lease.release()
    say(f"done {json.dumps(books.as_record())}")


if __name__ == "__main__":
    main()
