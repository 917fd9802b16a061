"""A record that takes the place of another: the earlier one no longer stands, in any order."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from test_identity import told
from test_revert import in_batch, reverts, visible, without

from hub.canon.codec import Codec, wire_names
from hub.canon.model import (
    Capture,
    Claims,
    ContactRecorded,
    Event,
    EventKind,
    Moment,
    Person,
    PersonName,
    Precision,
)
from hub.connect import derive
from hub.connect.contract import Change, Connector, Draft, Record, Superseded
from hub.connect.publish import LAST_VERSION, Publisher
from hub.connect.revert import compensations
from hub.identity import subjects

KEY = b"a key for tests only, at least 32 bytes"
CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
DAY = Moment("2026-01-02", Precision.DAY, 1_767_312_000_000_000)
CONNECTOR = Connector(
    name="contacts", owner="Office", system="contacts", purpose="contact", domain="grants",
    settings=object, translate=lambda change: [change.record["draft"]], emits=(ContactRecorded,),
)  # fmt: skip


class _Nowhere:
    """A sender that is not asked to send."""


def draft(
    key: str,
    version: int = 1,
    supersedes: Superseded | None = None,
    refs: tuple[str, ...] = ("person",),
    kind: EventKind = EventKind.ASSERTED,
) -> Draft:
    """A contact under a key."""
    persons = tuple(Person(ref, (PersonName(f"{ref} of {key}"),)) for ref in refs)
    body = ContactRecorded(f"{key} in state {version}")
    return Draft(body, key, version, DAY, Claims(persons), kind, None, supersedes)


def events(*drafts: Draft) -> list[Event]:
    """The events that the runtime publishes of records, each with one draft."""
    made = Publisher(CONNECTOR, KEY, CODEC, _Nowhere())  # type: ignore[arg-type]
    found = []
    for one in drafts:
        said = made.drafts(Change(Record({"draft": one}), b""))
        assert isinstance(said, list)
        for message in made.prepare(said, 1, "batch"):
            event = CODEC.decode(message.value)
            assert isinstance(event, Event)
            assert message.key.decode() == event.envelope.origin.record_id
            found.append(event._replace(capture=Capture(1, "batch")))
    return found


def by_record(log: list[Event]) -> list[list[Event]]:
    """The events of each record, in the order of the log; records do not know of each other."""
    found: dict[str, list[Event]] = {}
    for event in log:
        found.setdefault(event.envelope.origin.record_id, []).append(event)
    return [found[name] for name in sorted(found)]


def states_of(log: list[Event]) -> dict[str, object]:
    """The states of the subjects of all records."""
    return {name: state for one in by_record(log) for name, state in told(one).items()}


def shown(log: list[Event]) -> dict[str, object]:
    """What the subjects of all records show."""
    return {name: state for one in by_record(log) for name, state in visible(one).items()}


def standing(log: list[Event]) -> set[str]:
    """The records of which anybody still claims anything."""
    states = states_of(log).values()
    return {
        state.record_id  # type: ignore[attr-defined]
        for state in states
        if subjects.current(state) is not None  # type: ignore[arg-type]
    }


def ids(*keys: str) -> set[str]:
    """The hub's identifiers of records."""
    return {derive.record_id(KEY, "contacts", key) for key in keys}


def test_a_superseded_record_is_withdrawn_by_an_event_of_its_own() -> None:
    """In its own place on Kafka, later than any state of it; the new event names that event."""
    new, gone = events(draft("A-2", 5, Superseded("A-1")))
    assert new.envelope.supersedes == gone.envelope.event_id
    assert (new.envelope.kind, gone.envelope.kind) == (EventKind.ASSERTED, EventKind.WITHDRAWN)
    assert gone.envelope.origin.record_key == "A-1"
    assert gone.envelope.origin.record_version == LAST_VERSION
    assert gone.envelope.supersedes is None


def test_only_the_named_state_and_those_before_are_superseded() -> None:
    """A later state of the earlier record stands; so does all of it where none is named."""
    amended = draft("A-2", 1, Superseded("A-1", 2))
    for version, left in ((1, ids("A-2")), (2, ids("A-2")), (3, ids("A-1", "A-2"))):
        assert standing(events(draft("A-1", version), amended)) == left
    assert standing(events(draft("A-1", 9), draft("A-2", 1, Superseded("A-1")))) == ids("A-2")


def test_everybody_the_earlier_record_named_is_withdrawn() -> None:
    """Also those of whom the new record says nothing, whichever comes first."""
    old = draft("A-1", 4, refs=("person", "helper"))
    new = draft("A-2", 1, Superseded("A-1"))
    for order in ((old, new), (new, old)):
        assert standing(events(*order)) == ids("A-2")


def test_a_record_does_not_supersede_itself() -> None:
    """Its later states do that by version."""
    (only,) = events(draft("A-1", 2, Superseded("A-1")))
    assert only.envelope.supersedes is None
    (only,) = events(draft("A-2", 2, Superseded("A-1"), kind=EventKind.WITHDRAWN))
    assert only.envelope.supersedes is None


def test_two_states_of_a_record_withdraw_by_two_events() -> None:
    """One identifier has one content: the events hold what the new record said each time."""
    log = events(draft("A-2", 1, Superseded("A-1")), draft("A-2", 2, Superseded("A-1")))
    assert len({event.envelope.event_id for event in log}) == 4


RECORDS = ("A-1", "A-2", "A-3", "A-4")
CHAINS = st.lists(
    st.builds(
        lambda at, version, named, state, refs: draft(
            RECORDS[at],
            version,
            Superseded(RECORDS[at - 1], state if named else None) if at and state else None,
            refs,
        ),
        st.integers(0, 3),
        st.integers(1, 3),
        st.booleans(),
        st.integers(0, 3),
        st.sampled_from([("person",), ("person", "helper"), ("helper",)]),
    ),
    max_size=8,
    unique_by=lambda one: (one.record_key, one.record_version),
)


@given(CHAINS, st.integers())
@settings(max_examples=300)
def test_the_end_state_is_the_same_in_any_order(drafts: list[Draft], seed: int) -> None:
    """Records that supersede each other, shuffled and some told twice, leave the same states."""
    log = events(*drafts)
    other = [*log, *log[:3]]
    Random(seed).shuffle(other)
    assert states_of(log) == states_of(other)
    gone = {
        one.supersedes.record_key
        for one in drafts
        if one.supersedes is not None and one.supersedes.record_version is None
    }
    assert standing(log).isdisjoint(ids(*gone))


@given(CHAINS, st.integers(0, 7))
@settings(max_examples=200)
def test_a_superseding_record_can_be_reverted(drafts: list[Draft], place: int) -> None:
    """Reverting the batch of one brings back what it superseded, as if it had never been read."""
    log = [
        in_batch(event, f"batch {number}")
        for number, one in enumerate(drafts)
        for event in events(one)
    ]
    reverted = f"batch {place}"
    said = [
        one.event
        for record in by_record(log)
        for one in compensations(KEY, record, reverts(reverted), Capture(2, "revert"))
    ]
    assert shown([*log, *said]) == shown(without(log, reverted))
