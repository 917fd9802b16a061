"""Control without I/O: what is wanted, what is told, how it is judged, limits, validation."""

import dataclasses
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bus.reader import Message
from hub.bus.topics import CONTROL, STATUS
from hub.connect.catalogue import connector
from hub.connect.control import shapes, told, validate, wanted
from hub.connect.control.board import Seen
from hub.connect.control.throttle import BURST_S, SLICE_S, Bucket, Throttle
from hub.connect.control.told import State, Told
from hub.connect.control.wanted import Kind, Request, Target, Wanted
from hub.errors import ContractBreach

NOW_US = 1_700_000_000_000_000
GOOD = Told(
    State.RUNNING,
    "host:1",
    3,
    NOW_US,
    4.0,
    restarts=2,
    restarted_at_us=NOW_US - 60_000_000,
    last_event_at_us=NOW_US - 1_000_000,
    caught_up_at_us=NOW_US - 500_000,
    restart_done=7,
    rate_records_per_s=50.0,
    config={"name": "licensing", "folder": "/in", "rate_records_per_s": "0"},
    topics=("civic.events.licensing",),
)


def message(topic: str, key: bytes | None, value: bytes | None, offset: int = 0) -> Message:
    """A message as it lies on Kafka."""
    return Message(topic, 0, offset, key, value, (), 0)


def after(*requests: Request) -> Wanted:
    """What is wanted once these were asked, at offsets 10, 11 and so on."""
    found: Wanted | None = Wanted()
    for offset, request in enumerate(requests, 10):
        asked = message(CONTROL.name, request.key(), request.value(NOW_US), offset)
        assert wanted.name_in(asked) == "licensing"
        assert found is not None
        found = wanted.taken(found, asked)
    assert found is not None
    return found


def test_each_kind_of_request_stands_for_itself() -> None:
    """Two who ask for different things undo nothing of each other's; the last of a kind counts."""
    asked = [
        wanted.state("licensing", Target.PAUSED),
        wanted.rate("licensing", 20.0),
        wanted.restart("licensing", only_failed=True),
        wanted.reset("licensing"),
        wanted.state("licensing", Target.STOPPED),
    ]
    expected = Wanted(
        Target.STOPPED, 12, NOW_US, only_failed=True, reset=13, rate_records_per_s=20.0
    )
    assert after(*asked) == expected
    assert len({request.key() for request in asked}) == 4
    assert after(*asked, wanted.rate("licensing", None)).rate_records_per_s is None


def test_a_tombstone_takes_back() -> None:
    """A deleted request is as if it had never been asked; a restart that was done stays done."""
    before = Wanted(Target.PAUSED, 3, 5, rate_records_per_s=9.0)
    keys = {kind: f"{kind}/licensing".encode() for kind in Kind}
    gone = {kind: wanted.taken(before, message(CONTROL.name, keys[kind], None)) for kind in Kind}
    assert gone[Kind.STATE] == before._replace(target=Target.RUNNING)
    assert gone[Kind.RATE] == before._replace(rate_records_per_s=None)
    assert gone[Kind.RESTART] == gone[Kind.RESET] == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"state/licensing", b"{}"),
        (b"state/licensing", b'{"state": "ON FIRE"}'),
        (b"state/licensing", b"[1]"),
        (b"state/licensing", b'{"state": {"a": 1}}'),
        (b"rate/licensing", b'{"rate_records_per_s": NaN}'),
        (b"rate/licensing", b'{"rate_records_per_s": -1}'),
        (b"rate/licensing", b'{"rate_records_per_s": 1e999}'),
        (b"rate/licensing", b'{"rate_records_per_s": "many"}'),
        (b"restart/licensing", b'{"only_failed": true}'),
        (b"restart/licensing", b'{"only_failed": true, "asked_at_us": []}'),
        (b"state/licensing", b"[" * 5_000),
        (b"state/licensing", b'{"state": "PAUSED", "x": "' + b"x" * 20_000 + b'"}'),
    ],
)
def test_what_nobody_of_ours_asked_is_passed_over(key: bytes, value: bytes) -> None:
    """A request that cannot be understood changes nothing and ends nothing."""
    assert wanted.taken(Wanted(), message(CONTROL.name, key, value)) is None


@pytest.mark.parametrize(
    "key", [None, b"", b"\xff", b"state", b"state/", b"state/../x", b"x/licensing"]
)
def test_keys_of_others_name_no_connector(key: bytes | None) -> None:
    """Only a known kind and a plain name are ours."""
    assert wanted.name_in(message(CONTROL.name, key, b"{}")) is None


@given(st.floats())
def test_a_rate_limit_is_none_or_within_bounds(value: float) -> None:
    """No number gets through that a token bucket cannot work with."""
    try:
        found = wanted.checked_rate(value)
    except ValueError:
        return
    assert found == 0 or wanted.RATE_MIN_PER_S <= found <= wanted.RATE_MAX_PER_S


def test_what_a_worker_tells_comes_back() -> None:
    """Encoded and read it is the same."""
    assert told.read(message(STATUS.name, b"licensing", GOOD.encode())) == ("licensing", GOOD)


@given(st.binary(max_size=200))
def test_any_bytes_for_a_status_are_read_or_passed_over(value: bytes) -> None:
    """What others write to the topic ends nobody."""
    assert told.read(message(STATUS.name, b"licensing", value)) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(json.loads(GOOD.encode()))), _JSON)
def test_a_status_with_a_strange_field_is_read_or_passed_over(field: str, value: Any) -> None:
    """Whatever stands in a field, what is read can be shown."""
    said = {**json.loads(GOOD.encode()), field: value}
    found = told.read(message(STATUS.name, b"licensing", json.dumps(said).encode()))
    if found is not None:
        seen = Seen("licensing", Wanted(), found[1], 1.0)
        json.dumps([shapes.status(seen, NOW_US), shapes.info(seen)])


def test_only_news_does_not_wait_for_the_heartbeat() -> None:
    """Times that move all the time are no news; a state, a reason and a rate are."""
    later = dataclasses.replace(GOOD, told_at_us=9, last_event_at_us=9, caught_up_at_us=9, held_s=9)
    assert not later.differs(GOOD)
    assert dataclasses.replace(later, reason="away").differs(GOOD)
    assert dataclasses.replace(later, rate_records_per_s=1.0).differs(GOOD)


def test_a_trace_shows_code_and_remedy_and_no_text_of_others() -> None:
    """An error of the hub is told whole; of another one its class and places, never its text."""
    breach = ContractBreach("a column is gone", code="E-SCHEMA", remedy="ask what changed")
    assert told.trace_of(breach) == "E-SCHEMA: a column is gone. ask what changed"
    try:
        {}["Jane Doe, 900-00-0001"]
    except KeyError as error:
        trace = told.trace_of(error)
    assert "Jane" not in trace
    assert trace.startswith("builtins.KeyError")
    assert "test_a_trace_shows" in trace


NOTHING = Wanted()


def seen(said: Told | None, asked: Wanted = NOTHING, silent_s: float = 1.0) -> Seen:
    """What is known of a connector."""
    return Seen("licensing", asked, said, silent_s)


FAILED = dataclasses.replace(GOOD, state=State.FAILED, trace="E-GAP: gone", reason="waits")
AGO_US = NOW_US - 20_000_000


@pytest.mark.parametrize(
    ("known", "state", "says"),
    [
        (seen(None), State.UNASSIGNED, "no worker has told"),
        (seen(GOOD), State.RUNNING, ""),
        (seen(GOOD, silent_s=12.5), State.UNASSIGNED, "no word from its worker for 12 s"),
        (seen(FAILED, silent_s=99), State.UNASSIGNED, "the last was FAILED"),
        (seen(FAILED), State.FAILED, "waits"),
        (seen(FAILED, Wanted(restart=8, restart_at_us=NOW_US)), State.RESTARTING, "asked for"),
        (seen(FAILED, Wanted(restart=8, restart_at_us=AGO_US)), State.FAILED, "not taken up"),
        (seen(GOOD, Wanted(restart=7, restart_at_us=NOW_US)), State.RUNNING, ""),
    ],
)
def test_the_state_is_what_can_be_relied_on(known: Seen, state: State, says: str) -> None:
    """Nothing old counts, and nothing asked is taken for done."""
    found = shapes.judged(known, NOW_US)
    assert found.state is state
    assert says in found.reason
    assert bool(says) == bool(found.reason)


def test_the_status_document_is_connects() -> None:
    """Names and places of Kafka Connect; what it does not know stands apart under `hub`."""
    document = shapes.status(seen(FAILED), NOW_US)
    part = {"state": "FAILED", "worker_id": "host:1", "trace": "E-GAP: gone"}
    assert document.pop("hub") == {
        "reason": "waits",
        "wanted": "RUNNING",
        "stale": False,
        "told_s_ago": 1.0,
        "behind_by_s": 0.5,
        "last_event_at": "2023-11-14T22:13:19.000+00:00",
        "last_restart_at": "2023-11-14T22:12:20.000+00:00",
        "restarts": 2,
        "rate_records_per_s": 50.0,
        "held_by_rate_limit_s": 0.0,
    }
    assert document == {
        "name": "licensing",
        "connector": part,
        "tasks": [{"id": 0, **part}],
        "type": "source",
    }
    assert "trace" not in shapes.status(seen(GOOD), NOW_US)["connector"]
    stopped = dataclasses.replace(GOOD, state=State.STOPPED)
    assert shapes.status(seen(stopped), NOW_US)["tasks"] == []


def test_behind_counts_the_silence_of_a_dead_worker() -> None:
    """A worker that does not run the connector any more leaves it further behind each second."""
    assert shapes.behind_by_s(seen(GOOD, silent_s=3.0)) == 0.5
    assert shapes.behind_by_s(seen(GOOD, silent_s=100.0)) == 100.5
    assert shapes.behind_by_s(seen(dataclasses.replace(GOOD, caught_up_at_us=0))) is None


def test_the_config_shows_the_limit_that_holds() -> None:
    """The rate limit is the one asked for, else the one the worker heeds."""
    assert shapes.config(seen(GOOD))["rate_records_per_s"] == "50"
    assert shapes.config(seen(GOOD, Wanted(rate_records_per_s=9.5)))["rate_records_per_s"] == "9.5"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """At 100 s."""
        self.at_s = 100.0

    def __call__(self) -> float:
        """Now."""
        return self.at_s


@given(
    st.floats(0.1, 5_000),
    st.lists(st.tuples(st.floats(0, 2), st.integers(1, 400)), min_size=1, max_size=60),
)
def test_no_window_holds_more_than_the_limit(
    rate_per_s: float, steps: list[tuple[float, int]]
) -> None:
    """Who waits as told takes at most the limit and one burst, from any moment to any other."""
    at = Clock()
    throttle = Throttle(rate_per_s, at)
    taken: list[tuple[float, int]] = []
    for pause_s, count in steps:
        at.at_s += pause_s
        for _ in range(min(count, 60)):
            taken.append((at.at_s, 1))
            at.at_s += throttle.took()
    slack = max(1.0, rate_per_s * BURST_S) + rate_per_s * SLICE_S + 1
    for first in range(0, len(taken), 7):
        begin_s = taken[first][0]
        for last in range(first, len(taken), 11):
            length_s = taken[last][0] - begin_s
            assert last - first + 1 <= rate_per_s * length_s + slack + 1e-6


@given(st.floats(0.1, 1_000), st.integers(1, 50))
def test_the_limit_is_reached(rate_per_s: float, seconds: int) -> None:
    """Who always has something to give is not held below the limit."""
    at = Clock()
    throttle = Throttle(rate_per_s, at)
    taken = 0
    while at.at_s < 100 + seconds and taken < 5_000:
        at.at_s += throttle.took()
        taken += 1
    assert taken >= (at.at_s - 100) * rate_per_s - 1


def test_pushed_records_over_the_limit_are_told_when_to_come() -> None:
    """Admitted while nothing is owed; a large call is admitted once and paid for afterwards."""
    at = Clock()
    throttle = Throttle(10.0, at)
    assert throttle.admit(100) == 0.0
    wait_s = throttle.admit(1)
    assert wait_s == pytest.approx(9.6)
    at.at_s += wait_s
    assert throttle.admit(1) == 0.0
    throttle.rate_per_s = 0.0
    assert {throttle.admit(1_000) for _ in range(9)} == {0.0}


def test_a_bucket_never_holds_more_than_the_burst() -> None:
    """A long rest buys no more than BURST_S of records."""
    assert Bucket(0.0, 0.0).refilled(100.0, 1e6).tokens == 100.0 * BURST_S
    assert Bucket(0.0, 0.0).refilled(0.1, 1e6).tokens == 1.0


def test_validation_has_an_error_for_each_wrong_setting() -> None:
    """Missing, of another type, unknown with the nearest, a secret in the clear: no value shown."""
    given_ = {
        "name": "messaging_notifications",
        "connector.class": "messaging_notifications",
        "rate_records_per_s": "-3",
        "token": "a secret in the clear",
        "tokem_file": "/x",
    }
    found = validate.validated(connector("messaging_notifications"), given_)
    errors = {one["value"]["name"]: one["value"]["errors"] for one in found["configs"]}
    assert {key for key, one in errors.items() if one} == {
        *("rate_records_per_s", "token", "tokem_file", "token_file")
    }
    assert "name that in token_file" in errors["token"][0]
    assert "did you mean token_file?" in errors["tokem_file"][0]
    assert "Missing" in errors["token_file"][0]
    assert found["error_count"] == 4
    assert "in the clear" not in json.dumps(found)
    assert all(one["definition"]["name"] == one["value"]["name"] for one in found["configs"])
    definition = found["configs"][0]["definition"]
    assert set(definition) == {
        *("name", "type", "required", "default_value", "importance", "documentation", "group"),
        *("order", "width", "display_name", "dependents"),
    }


def test_valid_settings_have_no_errors_and_secrets_are_hidden() -> None:
    """The settings of a connector that would run; the place of a secret is hidden as well."""
    name = "messaging_notifications"
    given_ = {"name": name, "connector.class": name, "token_file": "/run/secrets/token"}
    found = validate.validated(connector(name), given_)
    assert found["error_count"] == 0
    assert "/run/secrets" not in json.dumps(found)


@pytest.mark.parametrize(
    ("key", "text", "right"),
    [
        ("shrink_share_max", "0.4", True),
        ("shrink_share_max", "much", False),
        ("shrink_share_max", "nan", False),
        ("tasks.max", "2", False),
        ("connector.class", "other", False),
        ("rate_records_per_s", "100", True),
    ],
)
def test_settings_are_checked_by_their_type(key: str, text: str, right: bool) -> None:
    """A text that is not of the setting's type is refused."""
    base = {"name": "licensing", "connector.class": "licensing", "folder": "/in"}
    found = validate.validated(connector("licensing"), {**base, key: text})
    assert (found["error_count"] == 0) is right


def test_orders_of_definitions_grow() -> None:
    """Clients show settings in the order in which they are declared."""
    orders = [
        one.definition(order)["order"]
        for order, one in enumerate(validate.declared(connector("licensing")), 1)
    ]
    assert all(a < b for a, b in pairwise(orders))
