"""The local servers and what is built on them: commands, registry, the example application."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hub_under_test import Hub
from made_events import called, event, message

from hub.bus import admin
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import CITIZENS, IDENTITY, all_topics, events_topic
from hub.canon import registry
from hub.canon.codec import Codec
from hub.canon.model import Citizen
from hub.errors import DecodeError, Unavailable
from hub.local.downloads import LocalStackError
from hub.local.stack import LocalStack

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]


def hub_command(hub: Hub, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `hub` on the test's deployment."""
    path = hub.folder / "hub.toml"
    path.write_text(
        f'bootstrap_servers = "{hub.settings.bootstrap_servers}"\n'
        f'registry_url = "{hub.settings.registry_url}"\n'
        'postgres_dsn_file = "dsn"\nidentity_key_file = "key"\n'
        f'[connectors.licensing]\nfolder = "{hub.folder / "drop"}"\n'
    )
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        env={**os.environ, "CIVIC_HUB_SETTINGS": str(path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_second_stack_on_one_folder_is_refused_and_data_outlives_a_kill(hub: Hub) -> None:
    """The holder is named; what Kafka confirmed is there after a kill -9 and a new start."""
    with pytest.raises(LocalStackError, match=str(os.getpid())):
        LocalStack(hub.stack.state_dir).start()
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    producer.send(IDENTITY.name, b"key", b"value")
    producer.flush()
    hub.stack.kafka.kill()
    assert not hub.stack.kafka.running
    hub.stack.kafka.start()
    (kept,) = read_topic(hub.settings.bootstrap_servers, IDENTITY.name)
    assert (kept.key, kept.value) == (b"key", b"value")


def test_registry_keeps_ids_and_an_outage_is_no_decode_error(hub: Hub) -> None:
    """Registering again gives the same ids; an unknown id waits for the registry (F21)."""
    url = hub.settings.registry_url
    ids = registry.register_all(url)
    assert registry.known_ids(url) == ids
    assert registry.check_all(url) == []
    codec = Codec(ids, registry.fetcher(url))
    unknown = b"\x00\x00\x00\x7f\xffrest"
    with pytest.raises(DecodeError) as caught:
        codec.decode(unknown)
    assert caught.value.code == "E-SCHEMA-ID"
    hub.stack.registry.kill()
    good = codec.encode(event(1))
    assert codec.decode(good) == event(1)
    with pytest.raises(Unavailable):
        codec.decode(unknown)


def test_topics_are_made_once_and_differences_are_told(hub: Hub) -> None:
    """Making topics twice changes nothing; a topic that differs is named with what differs."""
    servers = hub.settings.bootstrap_servers
    topics = all_topics(("licensing",))
    assert {state for _, state in admin.apply_topics(servers, topics, {})} == {"present"}
    more = [topics[0].__class__(**{**vars(topics[0]), "partitions": 9})]
    assert admin.describe_topics(servers, more, {})[0][1] == "differs: 4 partitions, declared 9"


def test_commands_from_an_empty_hub_to_a_view(hub: Hub) -> None:
    """Reading, publishing, books, quarantine and exit codes, as an operator would use them."""
    drop = hub.folder / "drop"
    drop.mkdir()
    head = "licenseNumber,licenseType,licenseStatus,givenName,familyName,ssn,dateOfIssuance\n"
    rows = "1,nurse,active,Ada,Example,900000001,2024-01-05\n2,nurse,active,Bo,Example,,soon\n"
    (drop / "professional-2025-01-01.csv").write_text(head + rows)
    assert hub_command(hub, "books", "-o", "json").stdout.strip() == "[]"
    checked = hub_command(hub, "connector", "check", "licensing", "-o", "json")
    assert (checked.returncode, json.loads(checked.stdout)["problems"]) == (0, [])
    read = json.loads(hub_command(hub, "connector", "read", "licensing", "-o", "json").stdout)
    assert [one["says"] for one in read] == ["LicenceIssued", "E-DATE"]
    run = hub_command(hub, "connector", "run", "licensing", "-o", "json")
    (told,) = json.loads(run.stdout)
    assert (told["read"], told["events"], told["quarantined"]) == (2, 1, 1), run.stderr
    again = json.loads(hub_command(hub, "connector", "run", "licensing", "-o", "json").stdout)
    assert again[0]["read"] == 0
    listed = json.loads(hub_command(hub, "quarantine", "list", "licensing", "-o", "json").stdout)
    assert [(one["code"], one["field"]) for one in listed] == [("E-DATE", "dateOfIssuance")]
    shown = hub_command(hub, "quarantine", "show", "licensing", listed[0]["entry"])
    assert "Example" not in shown.stdout
    assert "dateOfIssuance" in shown.stdout
    assert hub_command(hub, "quarantine", "replay", "licensing", "--dry-run").returncode == 1
    discarded = hub_command(
        hub,
        *("quarantine", "discard", "licensing", listed[0]["entry"]),
        "--by",
        "A",
        "--reason",
        "b",
    )
    assert discarded.returncode == 0, discarded.stderr
    left = hub_command(hub, "quarantine", "list", "licensing", "-o", "json")
    assert json.loads(left.stdout) == []
    assert hub_command(hub, "view", "get", "00000000-0000-8000-8000-000000000000").returncode == 2
    hub.stack.kafka.kill()
    gone = hub_command(hub, "topics", "check")
    assert gone.returncode == 3
    assert "check bootstrap_servers" in gone.stderr


def test_the_example_application_follows_citizens(hub: Hub) -> None:
    """The example reads views with an ordinary client and drops what it has seen."""
    entity = "0193e2a0-0000-8000-8000-000000000000"
    views = [Citizen(entity, version, agencies=("Grants Office",)) for version in (1, 1)]
    other = Citizen(entity.replace("3", "4"), 1, agencies=("Contact Centre",))
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    for view in (*views, other):
        producer.send(CITIZENS.name, view.entity_id.encode(), hub.codec.encode(view))
    producer.flush()
    hub_command(hub, "topics", "list")
    done = subprocess.run(
        [sys.executable, "examples/follow_citizens.py", hub.folder / "hub.toml", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = sorted(done.stdout.splitlines())
    assert lines == [
        f"{entity} version 1 known to Grants Office",
        f"{other.entity_id} version 1 known to Contact Centre",
    ], done.stderr


def test_an_event_on_the_wire_is_readable_by_anyone(hub: Hub) -> None:
    """A stranger's deserializer reads our events by the registry alone."""
    _, value, _ = message(hub.codec, event(7, account=3))
    with SchemaRegistryClient({"url": hub.settings.registry_url}) as client:
        context = SerializationContext(events_topic("licensing"), MessageField.VALUE)
        found = AvroDeserializer(client)(value, context)
    assert found["claims"]["organisations"][0]["legal_name"] == called(7)
    assert str(found["envelope"]["event_id"]) == event(7, account=3).envelope.event_id
