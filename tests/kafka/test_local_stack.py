"""The real servers, as a user of the stack sees them: started, killed, started again, stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from hub import clock
from hub.local import downloads
from hub.local.downloads import LocalStackError
from hub.local.java import CLASSES
from hub.local.process import PROC, Server, port_open
from hub.local.stack import LocalStack

pytestmark = pytest.mark.kafka

WAIT_S = 30.0
STOP_LIMIT_S = 10.0
SCHEMA = Schema('{"type": "record", "name": "Thing", "fields": []}', "AVRO")
OWNER = """
import sys, time
from pathlib import Path
from hub.local.java import CLASSES
from hub.local.stack import LocalStack
with LocalStack(Path(sys.argv[1])) as stack:
    for server in (stack.kafka, stack.registry, stack.postgres):
        print(server.pid, server.port, flush=True)
    time.sleep(120)
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """One stack for the tests that leave it as they found it."""
    with LocalStack(tmp_path_factory.mktemp("stack") / "servers") as running:
        yield running


def produce(stack: LocalStack, topic: str, value: bytes) -> None:
    """Write one message and wait until the broker has it."""
    failures: list[Any] = []
    producer = Producer({"bootstrap.servers": stack.endpoints.bootstrap_servers, "acks": "all"})
    producer.produce(topic, value, on_delivery=lambda error, _: failures.append(error))
    assert producer.flush(WAIT_S) == 0
    assert failures == [None]


def consume(stack: LocalStack, topic: str) -> list[bytes]:
    """All messages of a topic of one partition, as a new consumer group finds them."""
    consumer = Consumer(
        {
            "bootstrap.servers": stack.endpoints.bootstrap_servers,
            "group.id": f"test-{clock.random_token(4)}",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe([topic])
    values: list[bytes] = []
    deadline_s = clock.monotonic_s() + WAIT_S
    try:
        while clock.monotonic_s() < deadline_s:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():  # the end of the partition, or not ready yet
                if values:
                    return values
                continue
            values.append(message.value() or b"")
    finally:
        consumer.close()
    pytest.fail(f"nothing in {topic} within {WAIT_S} s")


def make_topic(stack: LocalStack, topic: str) -> None:
    """A topic of one partition."""
    admin = AdminClient({"bootstrap.servers": stack.endpoints.bootstrap_servers})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(WAIT_S)


def command_lines(folder: Path) -> list[str]:
    """The command lines of processes that work on a folder."""
    found = []
    for file in PROC.glob("[0-9]*/cmdline"):
        try:
            text = file.read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if str(folder) in text:
            found.append(text)
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended; one that waits to be collected has."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_messages_are_there_after_kafka_was_killed(stack: LocalStack) -> None:
    """A broker killed with -9 comes back at the same port with what it acknowledged."""
    make_topic(stack, "killed")
    produce(stack, "killed", b"before")
    port, pid = stack.kafka.port, stack.kafka.pid
    stack.kafka.kill()
    assert not stack.kafka.running
    assert not port_open(port)
    stack.kafka.start()
    assert (stack.kafka.running, stack.kafka.port) == (True, port)
    assert stack.kafka.pid != pid
    produce(stack, "killed", b"after")
    assert consume(stack, "killed") == [b"before", b"after"]


def test_no_topic_is_made_by_a_typing_error(stack: LocalStack) -> None:
    """Producing to a topic that was not made fails instead of making it."""
    producer = Producer(
        {"bootstrap.servers": stack.endpoints.bootstrap_servers, "message.timeout.ms": 4000}
    )
    failures: list[Any] = []
    producer.produce("no-such-topic", b"", on_delivery=lambda error, _: failures.append(error))
    producer.flush(WAIT_S)
    assert failures[0] is not None


def test_schema_ids_stay_when_the_registry_was_killed(stack: LocalStack) -> None:
    """The registry speaks Confluent's protocol and keeps its ids in PostgreSQL."""
    settings = {"url": stack.endpoints.registry_url}
    with SchemaRegistryClient(settings) as client:
        first = client.register_schema("thing-value", SCHEMA)
    stack.registry.kill()
    stack.registry.start()
    with SchemaRegistryClient(settings) as client:  # another one: the first remembers its answer
        assert client.get_latest_version("thing-value").schema_id == first
        assert client.register_schema("thing-value", SCHEMA) == first


def test_rows_are_there_after_postgresql_was_killed(stack: LocalStack) -> None:
    """Killed in the middle of many connections' work, it comes back at once with what it said."""
    connections = [psycopg.connect(stack.endpoints.postgres_dsn) for _ in range(5)]
    with psycopg.connect(stack.endpoints.postgres_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    for connection in connections:
        connection.execute("SELECT number FROM kept")
    stack.postgres.kill()
    stack.postgres.start()
    for connection in connections:
        connection.close()
    with psycopg.connect(stack.endpoints.postgres_dsn) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_department_gets_a_database_of_its_own(stack: LocalStack) -> None:
    """Made once, found the second time, with logical decoding; odd names are quoted."""
    dsn = stack.postgres.create_database("odd-name-1")
    assert stack.postgres.create_database("odd-name-1") == dsn
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SHOW wal_level").fetchone() == ("logical",)
        assert connection.execute("SELECT current_database()").fetchone() == ("odd-name-1",)


def test_a_second_stack_on_the_same_folder_is_refused(stack: LocalStack) -> None:
    """The error names the process that holds the folder, and the first stack goes on."""
    second = LocalStack(stack.state_dir)
    with pytest.raises(LocalStackError, match=f"in use by process {os.getpid()}"):
        second.start()
    second.stop()
    assert stack.kafka.running
    assert stack.registry.running
    assert stack.postgres.running


def test_every_server_listens_on_loopback_only(stack: LocalStack) -> None:
    """No port of the stack can be reached from another machine."""
    ports = {stack.kafka.port, stack.kafka.controller_port, stack.postgres.port}
    ports |= {stack.registry.port, stack.registry.management_port}
    listening: dict[int, set[str]] = {}
    for name in ("tcp", "tcp6"):
        for line in (PROC / "net" / name).read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].rpartition(":")
            if fields[3] == "0A" and int(port, 16) in ports:
                listening.setdefault(int(port, 16), set()).add(address)
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}
    assert listening.keys() == ports
    assert all(addresses <= loopback for addresses in listening.values())


def test_a_stop_leaves_nothing_and_a_start_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: LocalStack
) -> None:
    """Ports and data are those of the last run; beside another stack; no process stays."""

    def refuse(*_: object) -> None:
        pytest.fail("a filled cache must be enough")

    monkeypatch.setattr(downloads, "_download", refuse)
    folder = tmp_path / "servers"
    with LocalStack(folder) as first:
        endpoints = first.endpoints
        assert endpoints.bootstrap_servers != stack.endpoints.bootstrap_servers
        make_topic(first, "stays")
        produce(first, "stays", b"1")
        assert len(command_lines(folder)) >= 2
        began_s = clock.monotonic_s()
    assert clock.monotonic_s() - began_s < STOP_LIMIT_S
    assert command_lines(folder) == []
    assert list((folder / "pids").iterdir()) == []
    with LocalStack(folder) as second:
        assert second.endpoints == endpoints
        assert consume(second, "stays") == [b"1"]
        for server in (second.kafka, second.registry):  # loaded by an earlier start
            assert CLASSES in Path(f"/proc/{server.pid}/maps").read_text()
    assert stack.kafka.running


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends servers on Linux only")
def test_servers_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    """A kill -9 of the owner leaves no server, and the next start finds its ports and data."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path / "servers"], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        try:
            servers = [[int(word) for word in owner.stdout.readline().split()] for _ in range(3)]
        finally:
            owner.send_signal(signal.SIGKILL)
    deadline_s = clock.monotonic_s() + WAIT_S
    while not all(gone(pid) for pid, _ in servers):
        assert clock.monotonic_s() < deadline_s
        clock.sleep_s(0.05)
    told: list[str] = []
    with LocalStack(tmp_path / "servers", progress=told.append) as stack:
        running: list[Server] = [stack.kafka, stack.registry, stack.postgres]
        assert [server.port for server in running] == [port for _, port in servers], told
