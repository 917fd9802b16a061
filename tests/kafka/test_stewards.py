"""The guide for stewards on real servers, as two of them walk it: two become one, and two again."""

import dataclasses
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guide_blocks import blocks
from hub_under_test import Hub, Threads
from made_events import KEY, message
from made_people import AGENCIES, Told, person, subject
from typer.testing import CliRunner

from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import BUSINESSES, CITIZENS, events_topic
from hub.cli.app import app
from hub.identity.resolver import Resolver
from hub.identity.subjects import PERSON
from hub.processor import outbox
from hub.processor.memory import KINDS
from hub.processor.run import open_states, run_processor
from hub.processor.store import Store
from hub.processor.work import state_secret
from hub.telemetry.logs import captured
from hub.telemetry.metrics import Health

pytestmark = pytest.mark.kafka
PAGE = "review.md"
MARIA = Told("Maria", "Garcia", "1950-01-11", phone="(312) 867-5301", street="12 Oak Street")
MARKER = MARIA._replace(given="Markus", email="markus.garcia@mail.example")


class Walk:
    """What the commands of the page said, block by block, and what they are about."""

    def __init__(self, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is said yet."""
        self._put = monkeypatch.setenv
        self._put("CIVIC_HUB_SETTINGS", str(settings))

    def know(self, **known: str) -> None:
        """What $NAMES of the page stand for from now on."""
        for name, value in known.items():
            self._put(name, value)

    def run(self, mark: str) -> list[str]:
        """Each command of a block; what each said."""
        (text,) = [text for own, text in blocks(PAGE) if own == mark]
        return [self._run(line) for line in text.strip().splitlines()]

    def ask(self, words: str) -> Any:
        """What a command says to programs."""
        return json.loads(self._run(f"hub identity {words} -o json"))

    def _run(self, line: str) -> str:
        program, *words = shlex.split(os.path.expandvars(line))
        assert program == "hub"
        with captured():  # a command may set up logs of its own
            done = CliRunner().invoke(app, words, catch_exceptions=False)
        assert done.exit_code == 0, f"{line}: {done.output}"
        return done.stdout


@pytest.fixture
def walk(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """Two near ones in the store, with processor and relay running, two stewards being needed."""
    settings = hub.folder / "hub.toml"
    settings.write_text(
        f'bootstrap_servers = "{hub.settings.bootstrap_servers}"\n'
        f'registry_url = "{hub.settings.registry_url}"\n'
        'postgres_dsn_file = "dsn"\nidentity_key_file = "key"\napprovers = 2\n'
    )
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    for one in (person(1, MARIA), person(2, MARKER, agency=AGENCIES[1])):
        producer.send(events_topic("licensing"), *message(hub.codec, one))
    producer.flush()
    running = Threads()
    wanted = dataclasses.replace(hub.settings, runner="batch", approvers=2)
    running.start(lambda: run_processor(wanted, hub.codec, running.ended, Health()))
    relayed = hub.store()
    running.start(lambda: outbox.run(relayed, producer, running.ended, Health()))
    asked = hub.store()
    monkeypatch.setattr("hub.cli.roles.store_of", lambda _: asked)  # closed with the test
    made = Walk(settings, monkeypatch)
    made.know(ONE=subject(1), OTHER=subject(2))
    yield made
    running.join()
    the_cache_knows_two(hub)


def test_the_guide_works_and_leaves_nothing_of_the_other(
    hub: Hub, walk: Walk, eventually: Callable[..., None]
) -> None:
    """Every command of the page, by two stewards; after the split nothing of one is the other's."""
    store = hub.store()

    def people() -> int:
        return len({row.entity_id for row in store.views("person")})

    eventually(lambda: len(walk.ask("review")) == 1)
    (pair,) = walk.ask("review")
    walk.know(PAIR=pair["pair"])
    assert "given name" in pair["why"]
    waiting, by_rule, old = walk.run("queue")
    assert "date of birth" in waiting
    assert "date of birth" in by_rule
    assert "nothing waits for a person" in old
    for said in walk.run("why"):
        assert "not one: another given name" in said
        assert not re.search("Garcia|Maria|Markus|1950", said)
    shown, looks = walk.run("reveal")
    assert "Markus" in shown
    assert "steward-7" in looks

    (first,) = walk.run("decide")
    assert "waits: approved by 1 of 2" in first
    assert people() == 2
    (decision,) = walk.ask("decisions --waiting")
    walk.know(DECISION=decision["decision"])
    assert "counts" in walk.run("approve")[1]
    eventually(lambda: people() == 1)
    assert walk.ask("review") == []
    once, twice, all_told = walk.run("undo")
    assert "counts" in once
    assert "taken back" in twice
    assert "taken back" in all_told
    eventually(lambda: people() == 2)

    approving = "--as steward-9 --reason 'seen the note'"
    for mark, kept, expected in (("merge", "merged", 1), ("split", "split", 2)):
        preview, made = walk.run(mark)
        assert kept in preview
        assert "once 2 stewards" in preview
        walk.ask(f"approve {re.findall(r'[0-9a-f-]{36}', made)[0]} {approving}")
        eventually(lambda wanted=expected: people() == wanted)
    assert walk.ask("review") == []
    assert all("waits" in said for said in walk.run("of-two"))
    (disclosed,) = walk.run("disclosures")
    told = [row["entity_id"] for row in walk.ask("disclosures $ONE $OTHER")]
    assert len(told) == 2
    assert [line for line in disclosed.splitlines() if line[0] != " "] == told
    eventually(lambda: store.counts()["outbox"] == 0)
    nothing_of_the_other(hub, store)


def nothing_of_the_other(hub: Hub, store: Store) -> None:
    """No value of the second is in a view or latest message of another entity than its own."""
    views = {row.entity_id: bytes(row.body) for row in store.views()}
    latest = {
        (topic.name, record.key): record.value
        for topic in (CITIZENS, BUSINESSES)
        for record in read_topic(hub.settings.bootstrap_servers, topic.name, {})
    }
    for shown in (views, latest):
        (mine,) = [name for name, body in shown.items() if body and b"Markus" in body]
        own = [body for name, body in shown.items() if name != mine and body]
        assert len(own) == 1
        assert b"Maria" in own[0]
        assert not re.search(b"(?i)markus", own[0])


def the_cache_knows_two(hub: Hub) -> None:
    """The resolver's files hold no clear value, and neither record in the entity of the other."""
    folder = hub.settings.state_dir / "identity-hub"
    files = [file.read_bytes().lower() for file in folder.rglob("*") if file.is_file()]
    assert sum(map(len, files)) > 10_000
    assert not any(word in data for data in files for word in (b"markus", b"garcia"))
    states = open_states(folder, state_secret(KEY))
    known = {kind: Resolver(kind=KINDS[kind], state=state) for kind, state in states.items()}
    for number in (1, 2):
        assert known[PERSON].entity(subject(number)) == (subject(number),)
    for state in states.values():
        state.close()


def test_the_page_runs_every_command_of_stewards() -> None:
    """No block of the page is without a mark by which the walk finds it."""
    assert all(mark for mark, _ in blocks(PAGE))
    named = {line.split()[2] for _, text in blocks(PAGE) for line in text.strip().splitlines()}
    assert named == {
        *("review", "explain", "why-not", "reveals", "decisions", "approve", "undo"),
        *("merge", "split", "same", "not-same", "disclosures"),
    }
