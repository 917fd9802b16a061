"""Stewards decide by commands, on real servers: two people become one, and two again."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hub_under_test import Hub, Threads
from made_events import message
from made_people import Told, person, subject

from hub.bus.producer import Producer
from hub.bus.topics import events_topic
from hub.processor.run import run_processor
from hub.telemetry.metrics import Health

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(150)]
MARIA = Told("Maria", "Garcia", "1950-01-11", phone="(312) 867-5301", street="12 Oak Street")
MARKER = Told("Mariana", "Markerson", "1967-08-29", phone="(312) 867-5399", street="7 Elm Ave")


def test_two_are_joined_by_two_stewards_and_parted_again(
    hub: Hub, eventually: Callable[..., None]
) -> None:
    """One steward is not enough where two are asked for; taken back, nothing of it is left."""
    settings = hub.folder / "hub.toml"
    settings.write_text(
        f'bootstrap_servers = "{hub.settings.bootstrap_servers}"\n'
        f'registry_url = "{hub.settings.registry_url}"\n'
        'postgres_dsn_file = "dsn"\nidentity_key_file = "key"\napprovers = 2\n'
    )
    store = hub.store()

    def run(*words: str) -> Any:
        options = ("--settings", str(settings), "-o", "json")
        asked = subprocess.run(
            [sys.executable, "-m", "hub.cli", "identity", *words, *options],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    def decide(steward: str, *words: str) -> dict[str, Any]:
        (told,) = run(*words, "--as", steward, "--reason", "known to the desk")
        return dict(told)

    def entities() -> set[str]:
        return {row.entity_id for row in store.views("person")}

    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    for one in (person(1, MARIA), person(2, MARKER)):
        producer.send(events_topic("licensing"), *message(hub.codec, one))
    producer.flush()
    running = Threads()
    wanted = dataclasses.replace(hub.settings, runner="batch", approvers=2)
    running.start(lambda: run_processor(wanted, hub.codec, running.ended, Health()))
    try:
        eventually(lambda: len(entities()) == 2)
        why = run("explain", subject(1), subject(2))
        assert why["verdict"].startswith("not one")
        assert any("date of birth" in line for line in why["speaks_against"])
        assert "Garcia" not in json.dumps(why)
        first = decide("anna", "same", subject(1), subject(2))
        assert (first["counts"], len(entities())) == (False, 2)
        second = decide("bert", "approve", first["decision"])
        assert second["counts"]
        eventually(lambda: len(entities()) == 1)
        (joined,) = store.views("person")
        assert b"Markerson" in joined.body
        for steward in ("anna", "bert"):
            told = decide(steward, "undo", first["decision"])
        assert not told["counts"]
        eventually(lambda: len(entities()) == 2)
        assert sum(b"Markerson" in row.body for row in store.views("person")) == 1
        (span,) = run("explain", subject(1), subject(2))["shown_as_one"]
        assert span["last"] is not None  # which views showed both as one
        assert run("review") == []
    finally:
        running.join()
