"""A file read, reverted and brought back on real servers: the views follow to the byte."""

import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hub_under_test import Hub
from typer.testing import CliRunner

from hub.bus.reader import read_topic
from hub.bus.topics import event_topics
from hub.cli import roles
from hub.cli.app import app
from hub.connect.feedback_server import served
from hub.processor.digest import state_digest
from hub.processor.work import Worker
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health

pytestmark = pytest.mark.kafka
HEAD = "licenseNumber,licenseType,licenseStatus,givenName,familyName,ssn,dateOfIssuance"
MONDAY = (
    "1,nurse,active,Ada,Example,900000001,2024-01-05",
    "2,nurse,active,Bo,Example,900000002,2024-01-06",
    "3,nurse,active,Cy,Example,900000003,2024-01-07",
)
TUESDAY = (
    "1,nurse,active,Ada,Renamed,900000001,2024-01-05",  # corrected
    "3,nurse,active,Cy,Example,900000002,2024-01-07",  # another number: two people become one
    "4,nurse,active,Di,Example,900000004,2024-01-08",  # new; 2 is gone
    "5,nurse,active,Ed,Example,900000005,soon",  # cannot be read
)


@pytest.fixture
def command(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Runs a command on the test's deployment, in this process; what it says as JSON."""
    path = hub.folder / "hub.toml"
    path.write_text(
        f'bootstrap_servers = "{hub.settings.bootstrap_servers}"\n'
        f'registry_url = "{hub.settings.registry_url}"\n'
        'postgres_dsn_file = "dsn"\nidentity_key_file = "key"\n'
        f'[connectors.licensing]\nfolder = "{hub.folder / "drop"}"\nfeedback_folder = "reports"\n'
    )
    monkeypatch.setenv("CIVIC_HUB_SETTINGS", str(path))

    configure_logs("test", hub.folder / "log", "error")  # not between the commands' answers
    root = logging.getLogger()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)

    def run(*arguments: str, exit_code: int = 0) -> Any:
        done = CliRunner().invoke(app, [*arguments, "-o", "json"])
        assert done.exit_code == exit_code, (arguments, done.output, done.exception)
        return json.loads(done.stdout)

    yield run
    structlog.reset_defaults()
    root.removeHandler(handler)
    handler.stream.close()


def applied(hub: Hub) -> str:
    """The digest of the views once everything that lies on Kafka is applied."""
    store = hub.store()
    worker = Worker(store, hub.codec, hub.settings.identity_key(), threading.Event(), Health())
    for topic in event_topics():
        starts = {one: worker.assign(topic.name, one) or 0 for one in range(topic.partitions)}
        messages = read_topic(hub.settings.bootstrap_servers, topic.name)
        worker.process([one for one in messages if one.offset >= starts[one.partition]])
    return state_digest(store, hub.codec)


def drop(hub: Hub, name: str, rows: tuple[str, ...]) -> None:
    """Put a file into the folder."""
    folder = hub.folder / "drop"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join((HEAD, *rows)) + "\n")


def told_to_sender(hub: Hub) -> list[dict[str, str]]:
    """What the endpoint of the connector's sender answers."""
    token = hub.folder / "token"
    token.write_text("a token of the licensing office")
    feedback = roles.feedback_of(hub.settings, "licensing")
    with served(feedback, token, "127.0.0.1", 0) as port:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/feedback",
            headers={"authorization": f"Bearer {token.read_text()}"},
        )
        for _ in range(100):
            try:
                with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - loopback
                    found: list[dict[str, str]] = json.loads(answer.read())["findings"]
                    return found
            except urllib.error.HTTPError as error:
                with error:
                    assert error.code == 503
                threading.Event().wait(0.1)
    raise AssertionError("not read within 10 s")


def test_a_file_reverted_and_brought_back(hub: Hub, command: Callable[..., Any]) -> None:
    """Corrections, a withdrawal, a new record and a merge: undone exactly, and done again exactly.

    The books balance, views built anew are the same, and a replay does not bring the file back.
    """
    drop(hub, "professional-2025-01-06.csv", MONDAY)
    command("connector", "run", "licensing")
    monday = applied(hub)
    drop(hub, "professional-2025-01-07.csv", TUESDAY)
    command("connector", "run", "licensing")
    tuesday = applied(hub)
    assert tuesday != monday
    (finding,) = told_to_sender(hub)
    assert (finding["file"], finding["row"]) == ("professional-2025-01-07.csv", "5")
    assert (finding["field"], finding["code"]) == ("dateOfIssuance", "E-DATE")
    assert command("connector", "feedback", "licensing")["findings"] == [finding]
    (report,) = (hub.folder / "reports").glob("*.jsonl")
    assert json.loads(report.read_text()) == finding
    listed = command("batch", "list", "licensing")
    assert [(one["file"][-6:-4], one["read"], one["state"]) for one in listed] == [
        ("06", 3, "stands"),
        ("07", 5, "stands"),
    ]
    name = listed[1]["batch"]
    shown = command("batch", "show", name)
    told = {(one["kind"], one["fate"]): one["count"] for one in shown["told"]}
    assert told == {("corrected", "latest"): 2, ("withdrawn", "latest"): 1,
                    ("asserted", "latest"): 1}  # fmt: skip
    dry = command("batch", "revert", name, "--dry-run")
    assert (dry["records"], dry["voided"], dry["told_again"]) == (4, 4, 3)
    assert applied(hub) == tuesday
    done = command("batch", "revert", name, "--by", "A", "--reason", "wrong file")
    assert applied(hub) == monday
    again = command("batch", "revert", name)
    assert (again["revert_id"], again["voided"]) == (done["revert_id"], 0)
    assert applied(hub) == monday
    (kept,) = command("quarantine", "replay", "licensing", exit_code=1)
    assert kept["outcome"] == "E-REVERTED"
    assert command("view", "rebuild")["same"]
    assert [one["balance"] for one in command("books")] == ["balanced"]
    back = command("batch", "revert", done["revert_id"])
    assert back["brought_back"] == 4
    assert applied(hub) == tuesday
    assert [one["balance"] for one in command("books")] == ["balanced"]
    states = [one["state"] for one in command("batch", "list")]
    assert states == ["stands", "stands", "reverted", f"reverts {done['revert_id']}"]
