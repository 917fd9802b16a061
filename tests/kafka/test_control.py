"""Connectors under control on a real deployment: a stranger's client, failures, kills, outages."""

import json
from collections.abc import Callable, Iterator

import pytest
from controlled import Controlled, Stranger, later

from hub import clock

pytestmark = pytest.mark.kafka
NAMES = ("licensing", "messaging_notifications")
TAKEN_UP_S = 5.0
"""How soon an asked state is told; a second or two on a machine with nothing else to do."""
Eventually = Callable[..., None]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controlled]:
    """One deployment for all tests of this file."""
    made = Controlled(tmp_path_factory.mktemp("control"))
    try:
        yield made
    finally:
        made.deployment.stop()


@pytest.fixture
def hub(running: Controlled, eventually: Eventually) -> Controlled:
    """The deployment with both connectors running and all that was published before a test."""
    for name in NAMES:
        eventually(lambda name=name: running.create(name) in (201, 409))
        running.call("PUT", f"/connectors/{name}/config", {})
        running.call("PUT", f"/connectors/{name}/resume")
    eventually(lambda: all(running.state(name) == "RUNNING" for name in NAMES))
    return running


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """A client of Kafka Connect from the package registry."""
    try:
        return Stranger(tmp_path_factory.mktemp("stranger"))
    except OSError as error:
        pytest.skip(f"connectorctl cannot be installed: {error}")


_days = iter(f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 28))


def grown(hub: Controlled, eventually: Eventually) -> int:
    """A snapshot with three licences more; how many events there are then."""
    before = len(set(hub.ids("licensing")))
    hub.snapshot(next(_days), before + 3)
    eventually(lambda: len(set(hub.ids("licensing"))) == before + 3)
    return before + 3


def test_a_strangers_client_drives_the_hub(
    hub: Controlled, stranger: Stranger, eventually: Eventually
) -> None:
    """Connectorctl lists, gets, pauses, resumes, restarts, updates, deletes and creates."""
    address = ("--server", "127.0.0.1", "--port", str(hub.port))
    stranger.run("set-env", "hub", "--user", "x", "--password", "wrong" * 8, *address)
    assert "licensing" not in stranger.run("list")
    stranger.run("set-env", "hub", "--user", "x", "--password", hub.token, *address)
    assert all(name in stranger.run("list") for name in NAMES)
    config = stranger.run("get", "messaging_notifications")
    assert '"token_file": "***"' in config
    assert "RUNNING" in stranger.run("status", "licensing")

    assert "Paused successfully" in stranger.run("pause", "licensing")
    eventually(lambda: "PAUSED" in stranger.run("status", "licensing"), TAKEN_UP_S)
    assert "Resumed successfully" in stranger.run("resume", "licensing")
    eventually(lambda: "RUNNING" in stranger.run("status", "licensing"), TAKEN_UP_S)
    restarts = hub.status("licensing")["hub"]["restarts"]
    assert "Restarted successfully" in stranger.run("restart", "licensing")
    eventually(lambda: hub.status("licensing")["hub"]["restarts"] == restarts + 1, TAKEN_UP_S)

    shown = stranger.run("update", "licensing", '{"rate_records_per_s": "75"}')
    assert '"rate_records_per_s": "75"' in shown
    refused = stranger.run("update", "licensing", '{"folder": "/etc"}')
    assert str(hub.drop) in refused.rpartition("updated")[2]

    assert "Error" in stranger.run("delete", "licensing").rpartition("deleted")[2]
    assert "licensing" not in stranger.run("list")
    assert '"name": "licensing"' in stranger.run("create", '{"name": "licensing", "config": {}}')
    eventually(lambda: "RUNNING" in stranger.run("status", "licensing"), TAKEN_UP_S)


def test_a_failed_connector_says_so_and_a_restart_restarts_it(
    hub: Controlled, eventually: Eventually
) -> None:
    """A broken promise is FAILED with its code and remedy until it is mended and restarted."""
    events = grown(hub, eventually)
    taken = max(hub.drop.glob("*.csv"))
    away = taken.rename(taken.with_suffix(".part"))
    hub.snapshot(next(_days), events + 2)
    eventually(lambda: hub.state("licensing") == "FAILED")
    status = hub.status("licensing")
    assert [one["state"] for one in status["tasks"]] == ["FAILED"]
    assert status["connector"]["trace"].startswith("E-GAP: ")
    assert "Example" not in json.dumps(status)
    got = hub.hub("connectors", "get", "licensing", "-o", "json")
    assert (got.returncode, json.loads(got.stdout)[0]["state"]) == (1, "FAILED")
    hub.call("POST", "/connectors/licensing/restart")
    restarts = status["hub"]["restarts"] + 1
    eventually(lambda: hub.status("licensing")["hub"]["restarts"] == restarts)
    eventually(lambda: hub.state("licensing") == "FAILED")  # nothing was mended
    away.rename(taken)
    done = hub.hub("connectors", "restart", "licensing", "--only-failed", "-o", "json")
    assert (done.returncode, json.loads(done.stdout)[0]["state"]) == (0, "RUNNING"), done.stderr
    eventually(lambda: len(set(hub.ids("licensing"))) == events + 2)
    assert hub.status("licensing")["hub"]["restarts"] == restarts + 1


def test_a_paused_connector_goes_on_where_it_was(hub: Controlled, eventually: Eventually) -> None:
    """While PAUSED and while STOPPED nothing is read; afterwards all of it, and nothing twice."""
    events = grown(hub, eventually)
    lie = len(hub.ids("licensing"))  # other tests may have published some twice
    for ask in ("pause", "stop"):
        hub.call("PUT", f"/connectors/licensing/{ask}")
        wanted = "PAUSED" if ask == "pause" else "STOPPED"
        eventually(lambda wanted=wanted: hub.state("licensing") == wanted, TAKEN_UP_S)
        hub.snapshot(next(_days), events + 4)
        silent_until_s = later(2.0)
        while clock.monotonic_s() < silent_until_s:
            assert len(hub.ids("licensing")) == lie
        hub.call("PUT", "/connectors/licensing/resume")
        events, lie = events + 4, lie + 4
        eventually(lambda events=events: len(set(hub.ids("licensing"))) == events)
        assert len(hub.ids("licensing")) == lie


def test_a_paused_intake_asks_senders_to_come_again(
    hub: Controlled, eventually: Eventually
) -> None:
    """503 with Retry-After while paused, 200 and on Kafka afterwards; over the limit 503 too."""
    assert hub.post_text(1).status == 200
    hub.call("PUT", "/connectors/messaging_notifications/pause")
    eventually(lambda: hub.state("messaging_notifications") == "PAUSED", TAKEN_UP_S)
    refused = hub.post_text(2)
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) >= 1
    hub.call("PUT", "/connectors/messaging_notifications/resume")
    eventually(lambda: hub.post_text(2).status == 200, TAKEN_UP_S)
    assert len(set(hub.ids("messaging"))) == 2
    hub.call("PATCH", "/connectors/messaging_notifications/config", {"rate_records_per_s": 1})
    eventually(lambda: hub.status(NAMES[1])["hub"]["rate_records_per_s"] == 1, TAKEN_UP_S)
    assert 503 in [hub.post_text(number).status for number in (3, 4, 5)]
    eventually(lambda: hub.post_text(5).status == 200)


def test_a_position_is_forgotten_at_rest_only(hub: Controlled, eventually: Eventually) -> None:
    """DELETE offsets needs STOPPED; everything is read again under the same identifiers."""
    events = grown(hub, eventually)
    refused = hub.call("DELETE", "/connectors/licensing/offsets")
    assert (refused.status, refused.body["error_code"]) == (400, 400)
    assert hub.call("GET", "/connectors/licensing/offsets").body["offsets"]
    hub.call("PUT", "/connectors/licensing/stop")
    eventually(lambda: hub.state("licensing") == "STOPPED", TAKEN_UP_S)
    assert hub.call("DELETE", "/connectors/licensing/offsets").status == 200
    assert hub.call("GET", "/connectors/licensing/offsets").body == {"offsets": []}
    hub.call("PUT", "/connectors/licensing/resume")
    eventually(lambda: len(hub.ids("licensing")) > events)
    eventually(lambda: hub.status("licensing")["hub"]["behind_by_s"] < 5)
    assert len(set(hub.ids("licensing"))) == events
    assert hub.hub("books").returncode == 0


def test_an_operators_commands_wait_until_it_is_so(hub: Controlled) -> None:
    """Each command ends once the worker tells it; a name nobody knows is wrong usage."""

    def state(*arguments: str) -> tuple[int, str]:
        done = hub.hub("connectors", *arguments, "-o", "json")
        return done.returncode, json.loads(done.stdout)[0]["state"] if done.stdout else ""

    assert state("pause", *NAMES) == (0, "PAUSED")
    assert state("stop", "licensing") == (0, "STOPPED")
    assert state("resume", *NAMES) == (0, "RUNNING")
    assert state("limit", "licensing", "40") == (0, "RUNNING")
    described = hub.hub("connectors", "describe", "licensing", "-o", "json")
    assert json.loads(described.stdout)["hub"]["rate_records_per_s"] == 40
    assert "state: RUNNING" in hub.hub("connectors", "describe", "licensing").stdout
    assert state("pause", "nobody") == (2, "")
    assert state("limit", "licensing", "-7")[0] == 2


def test_a_killed_worker_is_told_as_unassigned(hub: Controlled, eventually: Eventually) -> None:
    """After kill -9 no heartbeat comes: UNASSIGNED with the reason; a new one heeds what holds."""
    hub.deployment.processes["licensing"].kill()
    eventually(lambda: hub.state("licensing") == "UNASSIGNED", 20)
    told = hub.status("licensing")
    assert told["hub"]["stale"]
    assert "no word from its worker" in told["connector"]["trace"]
    assert hub.call("PUT", "/connectors/licensing/pause").status == 202
    hub.start("licensing", "connector", "licensing")
    eventually(lambda: hub.state("licensing") == "PAUSED")  # what was asked meanwhile holds


def test_a_source_that_is_away_is_told_with_its_reason(
    hub: Controlled, eventually: Eventually
) -> None:
    """RUNNING with the reason as long as it is asked again; without it when the source is back."""
    away = hub.drop.rename(hub.drop.with_name("elsewhere"))
    eventually(lambda: "cannot be read" in hub.status("licensing")["connector"].get("trace", ""))
    assert hub.state("licensing") == "RUNNING"
    away.rename(hub.drop)
    eventually(lambda: "trace" not in hub.status("licensing")["connector"])


def test_nothing_is_told_while_kafka_is_away(hub: Controlled, eventually: Eventually) -> None:
    """503 in bounded time, never an old RUNNING; afterwards the truth again."""
    kafka = hub.deployment.stack.kafka
    kafka.kill()
    eventually(lambda: hub.call("GET", "/connectors/licensing/status").status == 503, 30)
    began_s = clock.monotonic_s()
    asked = hub.call("PUT", "/connectors/licensing/pause")
    assert (asked.status, asked.body["error_code"]) == (503, 503)
    assert clock.monotonic_s() - began_s < 15
    kafka.start()
    eventually(lambda: hub.state("licensing") == "RUNNING")


def test_only_the_token_opens(hub: Controlled) -> None:
    """Without the token nothing is told and nothing done."""
    for token in ("", "x", hub.token[:-1]):
        answer = hub.call("PUT", "/connectors/licensing/pause", token=token)
        assert (answer.status, answer.body["error_code"]) == (401, 401)
    assert hub.state("licensing") == "RUNNING"
