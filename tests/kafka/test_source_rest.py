"""A REST server as a source, killed and started again; workers killed at random points."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from source_kills import EXPECTED, ROWS, kill
from source_servers import RestServer
from worker_processes import Workers

from hub.local.kafka import Kafka

pytestmark = pytest.mark.kafka


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RestServer]:
    """A server of this test's own."""
    made = RestServer(tmp_path, ROWS)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("since", ["since", ""])
@pytest.mark.parametrize("disturbed", ["worker", "server"])
def test_kills_lose_and_double_nothing(
    kafka: Kafka, server: RestServer, workers: Workers, disturbed: str, since: str
) -> None:
    """F16, F18: with and without a filter; books and events are exact."""
    source: dict[str, Any] = {
        "kind": "rest",
        "url": f"http://127.0.0.1:{server.port}/list",
        "since": since,
        "changed": "at",
        "identifier": "id",
        "page_size": 100,
        "items": "data",
    }
    killed = server if disturbed == "server" else None
    books = kill(kafka, workers, source, killed)
    assert books == EXPECTED
