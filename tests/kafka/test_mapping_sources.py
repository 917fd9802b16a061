"""Mappings without code over real servers, to events: a queue of RabbitMQ, a folder of OpenSSH."""

import getpass
import json
import os
import threading
import tomllib
import zipfile
from pathlib import Path

import pytest
from connector_worker import CODEC, links
from source_servers import RabbitMq, SftpServer
from worker_processes import EVENTS, PARKED, address_of

from hub.bus.reader import read_topic
from hub.canon.model import Claims, Event, TextReceived
from hub.connect import lint, mapping
from hub.connect.books import Books
from hub.connect.contract import Connector
from hub.connect.mapping import file_sources, pushed_sources
from hub.connect.quarantine import entries
from hub.connect.runtime import run
from hub.local.kafka import Kafka

pytestmark = pytest.mark.kafka
TEXTS = """\
mapping: 1
name: texts
owner: Contact Office
system: texts
purpose: contact
domain: messaging
source: {source}
record_key: [{{constant: text}}, id]
record_version: {{latest: {{time: at}}}}
left_out: [{{rule: a test, when: {{equals: kind, to: test}}}}]
claims: {{persons: [{{ref: sender, phones: [from]}}]}}
events:
  - event: TextReceived
    occurred: {{time: at}}
    body: {{message_id: id}}
optional: [kind]
"""
RECORDS = [
    {"id": "1", "at": "2026-03-01T10:00:00Z", "from": "+1 202 555 0101"},
    {"id": "2", "at": "2026-03-01T10:00:01Z", "from": "+1 202 555 0102"},
    {"id": "2", "at": "2026-03-01T10:00:09Z", "from": "+1 202 555 0109"},
    {"id": "3", "at": "yesterday", "from": "+1 202 555 0103"},
    {"id": "4", "at": "2026-03-01T10:00:03Z", "from": "", "kind": "test"},
]
"""Two records, one of them in two states; one that cannot be read, and one that is left out."""
BOOKS = Books(5, 3, 1, 0, {"a test": 1}, 3)


def connector(source: str) -> Connector:
    """The mapping over a kind of source."""
    return mapping.connector_of(TEXTS.format(source=source), "mapping.yaml")


def read(kafka: Kafka, made: Connector, settings: str, folder: Path) -> Books:
    """Publish what there is, with the connector's settings as they stand in hub.toml."""
    own = lint.settings_of(made, tomllib.loads(settings), folder)
    return run(made, own, links(address_of(kafka)), stop=threading.Event(), once=True)


def check(kafka: Kafka) -> None:
    """Every state of every record is on Kafka as its event, and the bad one in quarantine."""
    bootstrap = address_of(kafka)
    told = {}
    for message in read_topic(bootstrap, EVENTS):
        event = CODEC.decode(message.value)
        assert isinstance(event, Event)
        assert isinstance(event.body, TextReceived)
        assert isinstance(event.claims, Claims)
        at = event.envelope.occurred.text
        told[event.envelope.origin.record_key, at] = event.claims.persons[0].phones
    assert told == {
        ("text/1", "2026-03-01T10:00:00Z"): ("+1 202 555 0101",),
        ("text/2", "2026-03-01T10:00:01Z"): ("+1 202 555 0102",),
        ("text/2", "2026-03-01T10:00:09Z"): ("+1 202 555 0109",),
    }
    (parked,) = entries(read_topic(bootstrap, PARKED))
    assert (parked.field, json.loads(parked.raw)) == ("at", RECORDS[3])


def test_a_mapping_reads_a_queue(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`source: amqp`: the queue is empty afterwards, and everything was confirmed by Kafka."""
    asked = pushed_sources.Queue.asked
    monkeypatch.setattr(
        pushed_sources.Queue, "asked", lambda told: asked(told)._replace(linger_s=0.5)
    )
    rabbit = RabbitMq(tmp_path)
    rabbit.start()
    try:
        rabbit.declare("letters")
        rabbit.publish("letters", *(json.dumps(one).encode() for one in RECORDS))
        (tmp_path / "url").write_text(rabbit.url)
        settings = 'url_file = "url"\nqueue = "letters"\nprefetch = 2'
        assert read(kafka, connector("amqp"), settings, tmp_path) == BOOKS
        assert rabbit.waiting("letters") == 0
    finally:
        rabbit.stop()
    check(kafka)


def test_a_mapping_reads_a_folder_of_an_sftp_server(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`source: sftp`: an archive of JSON lines, beside a file that does not match."""
    place = file_sources._place
    monkeypatch.setattr(file_sources, "_place", lambda told: {**place(told), "rest_s": 0.0})
    server = SftpServer(tmp_path)
    server.start()
    try:
        with zipfile.ZipFile(server.drop / "texts.zip", "w") as archive:
            archive.writestr("texts.jsonl", "".join(f"{json.dumps(one)}\n" for one in RECORDS))
        (server.drop / "other.txt").write_text("of no concern")
        os.utime(server.drop / "texts.zip", (1_700_000_000, 1_700_000_000))
        (tmp_path / "key").write_text(server.key)
        settings = f"""
            host = "127.0.0.1"
            port = {server.port}
            user = "{getpass.getuser()}"
            host_key = "{server.host_key.strip()}"
            folder = "{server.drop}"
            key_file = "key"
        """
        source = "{sftp: {holds: json_lines, zipped: yes, pattern: '*.zip'}}"
        assert read(kafka, connector(source), settings, tmp_path) == BOOKS
    finally:
        server.stop()
    check(kafka)
