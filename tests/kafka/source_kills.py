"""What every kind of source must pass: killed at random points, nothing is lost or doubled."""

import json
import os
import random
import sys
import time
from typing import Any

from connector_worker import KEY
from worker_processes import PARKED, Workers, address_of, ids_in, line_of, position_in

from hub.bus.reader import read_topic
from hub.connect.books import Books
from hub.connect.derive import event_id
from hub.connect.quarantine import entries
from hub.local.kafka import Kafka
from hub.local.process import Server

ROWS = 5_000
KILLS = int(os.environ.get("KILLS", "3"))
"""How many times a test kills."""
EXPECTED = Books(ROWS, ROWS * 9 // 10, ROWS // 100, 0, {"tenth": ROWS * 9 // 100}, ROWS * 9 // 10)
RUN_S = 2.0
"""About how long a worker takes for all rows."""
END_S = 60


def rows() -> list[dict[str, str]]:
    """What the system holds."""
    return [{"id": str(number), "text": f"hello {number}"} for number in range(1, ROWS + 1)]


def expected_ids() -> set[str]:
    """The identifiers of an undisturbed run, computed apart from the runtime."""
    return {
        event_id(KEY, "texts", str(number), 1, "TextReceived", "asserted")
        for number in range(1, ROWS + 1)
        if number % 10
    }


def chance() -> random.Random:
    """Chance for one test; its seed is printed, and SEED sets it."""
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    sys.stderr.write(f"SEED {seed}\n")
    return random.Random(seed)


def run_to_the_end(kafka: Kafka, workers: Workers, source: dict[str, Any]) -> Books:
    """The books of a worker that is left in peace."""
    process = workers.start(address_of(kafka), json.dumps(source), program="source_worker.py")
    books = Books.of_record(json.loads(line_of(process, "done")))
    assert process.wait(END_S) == 0
    return books


def kill_workers(kafka: Kafka, workers: Workers, source: dict[str, Any]) -> Books:
    """Kill workers at random points; the books of the last one, which may end."""
    at = chance()
    for _ in range(KILLS):
        process = workers.start(address_of(kafka), json.dumps(source), program="source_worker.py")
        line_of(process, "held")
        time.sleep(at.uniform(0.05, RUN_S))
        process.kill()
        process.wait()
    return run_to_the_end(kafka, workers, source)


def kill_server(
    kafka: Kafka, workers: Workers, source: dict[str, Any], server: Server, away_s: float
) -> Books:
    """Kill the source's server at a random point of a run, and start it again."""
    at = chance()
    process = workers.start(address_of(kafka), json.dumps(source), program="source_worker.py")
    line_of(process, "held")
    while position_in(address_of(kafka)).text is None:
        time.sleep(0.05)
    time.sleep(at.uniform(0.0, RUN_S / 3))
    assert process.poll() is None  # a kill after the end would show nothing
    server.kill()
    time.sleep(away_s)
    server.start()
    books = Books.of_record(json.loads(line_of(process, "done")))
    assert process.wait(END_S) == 0
    return books


def kill(
    kafka: Kafka,
    workers: Workers,
    source: dict[str, Any],
    server: Server | None = None,
    away_s: float = 0.0,
) -> Books:
    """Kill the server, or workers where none is given; nothing is lost or doubled by it."""
    if server is None:
        books = kill_workers(kafka, workers, source)
    else:
        books = kill_server(kafka, workers, source, server, away_s)
    check(kafka, books)
    return books


def check(kafka: Kafka, books: Books) -> None:
    """Every record of the source is on Kafka under its own identifier, and no other."""
    bootstrap = address_of(kafka)
    assert ids_in(bootstrap) == expected_ids()
    assert books.balanced
    assert position_in(bootstrap).books == books
    parked = {entry.raw for entry in entries(read_topic(bootstrap, PARKED))}
    assert len(parked) == ROWS // 100
