"""Reverting batches: the states are what they would be if the batches had never been."""

from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_events import KEY, event
from test_identity import CHANGES, distinct, told

from hub.canon.model import Capture, Event, EventKind, LicenceIssued
from hub.connect.revert import (
    BROUGHT_BACK,
    TOLD_AGAIN,
    VOIDED,
    Compensation,
    Reverts,
    compensations,
    is_compensation,
)
from hub.identity import subjects

CAPTURE = Capture(1_700_000_000_000_000, "revert")


def in_batch(made: Event, batch: str) -> Event:
    """The event as told by a batch."""
    return made._replace(capture=made.capture._replace(batch_id=batch))


def reverts(*names: str, unconfirmed: str = "") -> Reverts:
    """These batches are reverted; all but one are confirmed."""
    return Reverts(frozenset(names), lambda name: name != unconfirmed)


def without(log: list[Event], *batches: str) -> list[Event]:
    """What sources told apart from some batches."""
    return [one for one in log if not is_compensation(one) and one.capture.batch_id not in batches]


def visible(log: list[Event]) -> dict[str, object]:
    """What each subject that claims anything shows after these events: all a view is made of."""
    found = {}
    for name, state in told(log).items():
        claims = state.persons or state.organisations  # type: ignore[attr-defined]
        shown = [
            (one._replace(claim=0), claims[one.claim])
            for one in state.assertions  # type: ignore[attr-defined]
            if one.claim != subjects.NO_CLAIM
        ]
        if shown:
            found[name] = (shown, subjects.current(state))  # type: ignore[arg-type]
    return found


def why(found: list[Compensation]) -> list[str]:
    """What compensations are for."""
    return [one.why for one in found]


class World(NamedTuple):
    """A log, and the batches reverted in the end."""

    log: list[Event]
    reverted: frozenset[str]


BATCHES = ("a", "b", "c")


def world(made: list[Event], steps: list[tuple[int, str]]) -> World:
    """Events told by batches in turn; a step reverts a batch, or brings it back, in between."""
    log: list[Event] = []
    off: set[str] = set()
    todo = dict(steps)
    for number, one in enumerate(distinct(made)):
        log.append(in_batch(one, BATCHES[number % 3]))
        if number % 4 == 3:
            log.append(in_batch(one, BATCHES[(number + 1) % 3]))  # read twice
        if number in todo:
            off ^= {todo[number]}
            capture = CAPTURE._replace(batch_id=f"revert {number}")
            log += [one.event for one in compensations(KEY, log, reverts(*off), capture)]
    capture = CAPTURE._replace(batch_id="revert last")
    log += [one.event for one in compensations(KEY, log, reverts(*off), capture)]
    return World(log, frozenset(off))


STEPS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(BATCHES)),
    max_size=5,
    unique_by=lambda one: one[0],
)


@given(st.lists(CHANGES, max_size=12), STEPS, st.sampled_from([1, 2, subjects.KEPT_MAX]))
@settings(max_examples=600)
def test_states_are_as_if_reverted_batches_never_were(
    made: list[Event], steps: list[tuple[int, str]], kept: int
) -> None:
    """After any reverts and reverts of reverts, each subject shows what the other batches told.

    In the order of the log it does, however little of the past a state keeps.
    """
    found = world(made, steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subjects, "KEPT_MAX", kept)
        assert visible(found.log) == visible(without(found.log, *found.reverted))
    again = compensations(KEY, found.log, reverts(*found.reverted), CAPTURE)
    assert again == []


@given(st.lists(CHANGES, max_size=4), STEPS, st.integers())
@settings(max_examples=400)
def test_compensations_may_come_in_any_order_and_twice(
    made: list[Event], steps: list[tuple[int, str]], seed: int
) -> None:
    """Events, voids and restorations shuffled, some twice: the same states, hidden parts too."""
    found = world(made, steps)
    other = [*found.log, *found.log[:3]]
    Random(seed).shuffle(other)
    assert told(other) == told(found.log)


@given(st.lists(CHANGES, max_size=10), STEPS, st.data())
@settings(max_examples=200)
def test_a_revert_that_broke_off_is_finished_by_the_next(
    made: list[Event], steps: list[tuple[int, str]], data: st.DataObject
) -> None:
    """Any part of the compensations may be on Kafka: the rest follows, with the same ids."""
    log = world(made, steps).log
    off = reverts("a", "b")
    whole = compensations(KEY, log, off, CAPTURE)
    sent = data.draw(st.integers(0, len(whole)))
    begun = [*log, *(one.event for one in whole[:sent])]
    rest = compensations(KEY, begun, off, CAPTURE)
    assert rest == whole[sent:]


def test_a_batch_reverted_between_others_leaves_them_alone() -> None:
    """The later version still counts; reverting it as well gives back the first, by its own id."""
    first, second, third = (
        in_batch(event(1, version, name=f"Name {version}"), batch)
        for version, batch in ((1, "a"), (2, "b"), (3, "c"))
    )
    log = [first, second, third]
    found = compensations(KEY, log, reverts("b"), CAPTURE)
    assert why(found) == [VOIDED]
    log += [one.event for one in found]
    assert visible(log) == visible([third])
    found = compensations(KEY, log, reverts("b", "c"), CAPTURE)
    assert why(found) == [VOIDED, TOLD_AGAIN]
    log += [one.event for one in found]
    assert visible(log) == visible([first])
    found = compensations(KEY, log, reverts("c"), CAPTURE)
    assert why(found) == [BROUGHT_BACK]
    assert visible([*log, *(one.event for one in found)]) == visible([second])


def test_a_version_from_the_future_hides_nothing_once_reverted() -> None:
    """A file dated wrongly would win for ever; reverted, the next ordinary version counts."""
    now, future, later = event(1, 5), event(1, 99, name="Wrong"), event(1, 6, name="Later")
    log = [in_batch(now, "a"), in_batch(future, "b")]
    log += [one.event for one in compensations(KEY, log, reverts("b"), CAPTURE)]
    assert visible([*log, later]) == visible([later])


def test_a_withdrawal_that_is_reverted_brings_the_claim_back() -> None:
    """A file that lost rows withdrew them; without it they stand as they stood."""
    there = in_batch(event(1, 1, owner="000000001"), "a")
    gone = in_batch(event(1, 2, LicenceIssued, EventKind.WITHDRAWN), "b")
    log = [there, gone]
    assert visible(log) == {}
    log += [one.event for one in compensations(KEY, log, reverts("b"), CAPTURE)]
    assert visible(log) == visible([there])


def test_a_subject_only_the_reverted_batch_named_is_gone() -> None:
    """The first event of a record, reverted, leaves nothing behind."""
    log = [in_batch(event(1, 1, owner="000000001"), "a")]
    log += [one.event for one in compensations(KEY, log, reverts("a"), CAPTURE)]
    assert visible(log) == {}


def test_what_another_batch_told_as_well_stands() -> None:
    """The same event from two batches is void only when both are reverted."""
    made = event(1)
    log = [in_batch(made, "a"), in_batch(made, "b")]
    assert compensations(KEY, log, reverts("b"), CAPTURE) == []
    assert why(compensations(KEY, log, reverts("a", "b"), CAPTURE)) == [VOIDED]


def test_what_a_crash_left_unconfirmed_does_not_keep_an_event() -> None:
    """A batch that broke off before its position was told again by the next, which counts alone."""
    made = event(1)
    log = [in_batch(made, "broken off"), in_batch(made, "b")]
    found = compensations(KEY, log, reverts("b", unconfirmed="broken off"), CAPTURE)
    assert why(found) == [VOIDED]


def test_what_a_compensation_says_of_itself() -> None:
    """A void names what it takes away, a restoration what it tells again, word for word."""
    first, second = in_batch(event(1, 1), "a"), in_batch(event(1, 2, name="Other"), "b")
    void, restored = (
        one.event for one in compensations(KEY, [first, second], reverts("b"), CAPTURE)
    )
    assert void.capture == restored.capture == CAPTURE
    assert (void.envelope.kind, void.envelope.revision) == (EventKind.WITHDRAWN, 1)
    assert void.envelope.supersedes == second.envelope.event_id
    assert (void.claims, void.body) == (second.claims, second.body)
    assert restored.envelope.restores == first.envelope.event_id
    assert (restored.envelope.kind, restored.envelope.revision) == (EventKind.ASSERTED, 0)
    assert (restored.claims, restored.envelope.origin) == (first.claims, first.envelope.origin)
    ids = {one.envelope.event_id for one in (first, second, void, restored)}
    assert len(ids) == 4


def test_a_state_keeps_a_bounded_past() -> None:
    """Of a record that changes for ever only the latest events are kept, and void ones are few."""
    log = [in_batch(event(1, version, name=f"Name {version}"), "a") for version in range(1, 40)]
    (state,) = told(log).values()
    assert len(state.earlier) == subjects.KEPT_MAX - 1  # type: ignore[attr-defined]
    assert len(state.organisations) == subjects.KEPT_MAX  # type: ignore[attr-defined]


def test_what_only_an_unconfirmed_batch_told_stands() -> None:
    """A batch that broke off and was never read again is in the views until it is reverted."""
    log = [in_batch(event(1), "broken off")]
    assert compensations(KEY, log, reverts("b", unconfirmed="broken off"), CAPTURE) == []
