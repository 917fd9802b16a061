"""Subjects as maxima, views as folds."""

from hypothesis import given, settings
from hypothesis import strategies as st
from made_events import event

from hub.canon.model import (
    Event,
    EventKind,
    LicenceApplied,
    LicenceEnded,
    LicenceIssued,
)
from hub.canon.state import FIRST_LAYOUT, LAYOUT, decode_state, encode_state
from hub.identity import subjects
from hub.view.authority import load_authority
from hub.view.fold import fold

CHANGES = st.builds(
    event,
    st.just(1),
    st.integers(1, 3),
    st.sampled_from([LicenceApplied, LicenceIssued, LicenceEnded]),
    st.sampled_from([EventKind.ASSERTED, EventKind.CORRECTED, EventKind.WITHDRAWN]),
    account=st.integers(1, 2),
    name=st.sampled_from(["One", "Two"]),
    owner=st.sampled_from([None, "000000001"]),
)


def told(made: list[Event]) -> dict[str, object]:
    """The states of all subjects of record 1 after these events."""
    states: dict[str, subjects.SubjectState] = {}
    for one in distinct(made):
        for name, _, claim in subjects.told_by(one):
            before = states.get(name) or subjects.fresh(one, claim.ref)
            states[name] = subjects.apply(before, one, claim)
        states = subjects.settle(states)
    return dict(states)


def distinct(made: list[Event]) -> list[Event]:
    """The first event of each identifier, as the inbox lets through."""
    found: dict[str, Event] = {}
    for one in made:
        found.setdefault(one.envelope.event_id, one)
    return list(found.values())


@given(st.lists(CHANGES, max_size=7), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_states_do_not_depend_on_order_or_repetition(made: list[Event], chance: object) -> None:
    """The same events in another order, some twice, give the same states of all subjects."""
    made = distinct(made)
    other = [*made, *made[:2]]
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert told(made) == told(other)


def test_a_withdrawal_outlives_older_events() -> None:
    """A withdrawn event does not come back when an older one arrives late."""
    late = event(1, 1, LicenceIssued)
    gone = event(1, 2, LicenceIssued, EventKind.WITHDRAWN)
    (state,) = told([gone, late]).values()
    assert subjects.current(state) is None  # type: ignore[arg-type]


def test_a_subject_that_is_no_longer_named_is_withdrawn() -> None:
    """A correction without the owner takes the owner out, whichever event comes first."""
    before = event(1, 1, LicenceIssued, owner="000000001")
    after = event(1, 2, LicenceIssued, EventKind.CORRECTED)
    for order in ([before, after], [after, before]):
        live = [
            name
            for name, state in told(order).items()
            if subjects.current(state) is not None  # type: ignore[arg-type]
        ]
        record = after.envelope.origin.record_id
        assert live == [subjects.subject_id(record, "organisation", "holder")]


@given(st.lists(CHANGES, min_size=1, max_size=6))
@settings(max_examples=200)
def test_a_view_names_a_source_for_every_value(made: list[Event]) -> None:
    """Every value of a view comes from a record and an event that were told; order is no matter."""
    states = [
        state
        for name, state in told(distinct(made)).items()
        if subjects.current(state) is not None  # type: ignore[arg-type]
        and name == subjects.subject_id(state.record_id, "organisation", "holder")  # type: ignore[attr-defined]
    ]
    authority = load_authority()
    view = fold("e", "organisation", states, {}, authority)  # type: ignore[arg-type]
    assert view == fold("e", "organisation", states[::-1], {}, authority)  # type: ignore[arg-type]
    told_ids = {one.envelope.event_id for one in made}
    for sourced in (*view.legal_names, *view.identifiers, *view.phones):  # type: ignore[union-attr]
        assert sourced.source.event_id in told_ids
    assert ("legal_names" in view.conflicts) == (len(view.legal_names) > 1)  # type: ignore[union-attr]


def test_a_state_of_the_first_layout_is_read() -> None:
    """What a hub before reverts stored has no earlier events and no revisions."""
    (state,) = told([event(1)]).values()
    stored = encode_state(state)  # type: ignore[arg-type]
    assert stored[:1] == LAYOUT
    assert stored[-2:] == b"\0\0"
    assert decode_state(FIRST_LAYOUT + stored[1:-2]) == state
