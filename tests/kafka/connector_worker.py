"""A connector worker as a process of its own, to be killed by tests.

    python connector_worker.py BOOTSTRAP CSV_FILE SESSION_TIMEOUT_S

It takes the lease, says `held` on standard output, publishes the file and says `done BOOKS`.
"""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.bus.lease import Lease
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import POSITIONS
from hub.canon.codec import Codec, wire_names
from hub.canon.model import Moment, Precision, TextReceived
from hub.connect import positions, runtime
from hub.connect.contract import Change, Connector, Draft, LeftOut
from hub.connect.runtime import Links, run
from hub.connect.sources.csv_rows import rows
from hub.errors import UnreadableRecord

KEY = b"k" * 32
CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)


def changes(file: Any, after: str | None) -> Iterator[Change]:
    """Every row of the file behind the position."""
    start = int(after or -1)
    for row in rows(Path(file)):
        if row.offset > start:
            yield Change(row.record, row.raw, str(row.offset), 1, context={"line": row.line})


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """Every tenth row is left out, every hundredth cannot be read, the others are one event."""
    number = int(change.record["id"])
    if number % 100 == 0:
        raise UnreadableRecord("a bad row", code="E-TEST", field="id", rule="not a hundredth")
    if number % 10 == 0:
        yield LeftOut("tenth")
    else:
        yield Draft(TextReceived(change.record["id"]), change.record["id"], 1, SOME_DAY)


CONNECTOR = Connector(
    name="texts",
    owner="Contact Office",
    system="texts",
    purpose="contact",
    domain="messaging",
    settings=object,
    translate=translate,
    emits=(TextReceived,),
    changes=changes,
)


def write_file(path: Path, count: int) -> None:
    """The input of the worker: rows 1 to `count`."""
    path.write_text("id,text\n" + "".join(f"{n},hello {n}\n" for n in range(1, count + 1)))


def links(bootstrap: str, lease: Lease | None = None) -> Links:
    """What the runtime needs, against a real Kafka."""

    def load() -> positions.Position:
        found = positions.latest(read_topic(bootstrap, POSITIONS.name))
        return found.get("texts", positions.Position())

    return Links(Producer(bootstrap, {}, "worker"), CODEC, KEY, load, lease)


def say(line: str) -> None:
    """Tell the test one line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Take the lease and run to the end of the file."""
    bootstrap, file, session_timeout_s = sys.argv[1:4]
    runtime.BATCH_RECORDS_MAX = 500
    stop = threading.Event()
    lease = Lease(bootstrap, {}, "texts", float(session_timeout_s))
    assert lease.acquire(stop)
    say("held")
    books = run(CONNECTOR, file, links(bootstrap, lease), stop=stop, once=file != "")
    lease.release()
    say(f"done {json.dumps(books.as_record())}")


if __name__ == "__main__":
    main()
