"""Subjects as maxima, plain identity as a function of the set, views as folds."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from made_events import event

from hub.canon.model import (
    Event,
    EventKind,
    IdentityChangeKind,
    LicenceApplied,
    LicenceEnded,
    LicenceIssued,
)
from hub.canon.state import FIRST_LAYOUT, LAYOUT, decode_state, encode_state
from hub.identity import plain, subjects
from hub.identity.subjects import Token
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
@settings(max_examples=300, deadline=None)
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


TOKENS = st.lists(
    st.builds(Token, st.sampled_from(["us-ein", "licensing-account"]), st.sampled_from("abcd")),
    max_size=3,
    unique=True,
).map(tuple)


@given(st.lists(TOKENS, min_size=1, max_size=7), st.permutations(range(7)))
@settings(max_examples=300, deadline=None)
def test_clusters_are_a_function_of_the_set(
    tokens: list[tuple[Token, ...]], order: list[int]
) -> None:
    """Resolving the same subjects in any order gives the same partition."""
    known = [
        plain.Subject(f"s{number}", "organisation", one, None, live=True)
        for number, one in enumerate(tokens)
    ]
    shuffled = [known[place] for place in order if place < len(known)]
    assert plain.resolve(known, {}, 0).assignments == plain.resolve(shuffled, {}, 0).assignments


@given(st.lists(TOKENS, min_size=1, max_size=7))
@settings(max_examples=300, deadline=None)
def test_no_entity_has_two_values_of_an_exclusive_scheme(tokens: list[tuple[Token, ...]]) -> None:
    """Unless one record itself has both, two tax numbers never end in one business."""
    known = [
        plain.Subject(f"s{number}", "organisation", one, None, live=True)
        for number, one in enumerate(tokens)
        if len([token for token in one if token.scheme == "us-ein"]) < 2
    ]
    assigned = plain.resolve(known, {}, 0).assignments
    for _, group in itertools.groupby(
        sorted(known, key=lambda one: str(assigned[one.subject_id])),
        key=lambda one: assigned[one.subject_id],
    ):
        numbers = {t.token for one in group for t in one.tokens if t.scheme == "us-ein"}
        assert len(numbers) <= 1


def test_a_merge_keeps_the_older_and_a_split_the_founding_one() -> None:
    """Identifiers stay with whom they were minted from, and say what became of them."""
    a = plain.Subject("a", "person", (Token("us-ssn", "1"),), None, live=True)
    b = plain.Subject("b", "person", (Token("us-ssn", "2"),), None, live=True)
    minted = plain.resolve([a, b], {}, 5)
    assert [step.kind for step in minted.steps] == [IdentityChangeKind.MINTED] * 2
    known = {step.entity.entity_id: step.entity for step in minted.steps}
    first, second = minted.assignments["a"], minted.assignments["b"]
    same = (Token("us-ssn", "1"),)
    merged = plain.resolve(
        [a._replace(entity_id=first), b._replace(entity_id=second, tokens=same)], known, 7
    )
    assert set(merged.assignments.values()) == {first}
    (step,) = merged.steps
    assert (step.kind, step.entity.redirect_to) == (IdentityChangeKind.MERGED, first)
    known[str(second)] = step.entity
    split = plain.resolve([a._replace(entity_id=first), b._replace(entity_id=first)], known, 7)
    assert split.assignments == {"a": first, "b": second}
    assert [step.kind for step in split.steps] == [IdentityChangeKind.SPLIT]
    assert split.steps[0].entity.redirect_to is None


@given(st.lists(CHANGES, min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_view_names_a_source_for_every_value(made: list[Event]) -> None:
    """Every value of a view comes from a record and an event that were told; order is no matter."""
    states = [
        state
        for name, state in told(distinct(made)).items()
        if subjects.current(state) is not None  # type: ignore[arg-type]
        and name == subjects.subject_id(state.record_id, "organisation", "holder")  # type: ignore[attr-defined]
    ]
    view = fold("e", "organisation", states, {})  # type: ignore[arg-type]
    assert view == fold("e", "organisation", states[::-1], {})  # type: ignore[arg-type]
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
