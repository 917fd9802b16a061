"""Reverting a batch: the events that make the views what they would be without it.

Pure. What has to be said follows from two things alone: what the log holds of a record, and which
batches are reverted. So saying it twice says nothing the second time, reverting a revert brings
everything back, and the order in which batches are reverted does not matter.

- An event that only reverted batches told is made *void*: its own body and claims once more, as
  withdrawn, with an odd `revision`.
- An event that is void and stands again is *restored*: its own body, claims and kind once more,
  with the next even `revision`.
- What stands now, where something else stood before, is restored too: whoever keeps only the latest
  event of a record has forgotten it.

A restored event keeps its version, so a later reading always wins, and one that a reverted version
hid (a file dated wrongly into the future) is no longer hidden.
"""

import dataclasses
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from hub.canon.model import Capture, Event, EventKind
from hub.connect import derive
from hub.identity.subjects import is_void, standing_order


class Reverts(NamedTuple):
    """Which batches are reverted, and which were confirmed.

    What a batch told that was never confirmed was told again by one that was, so it does not count
    where that is known.
    """

    reverted: Collection[str]
    is_confirmed: Callable[[str], bool]


@dataclasses.dataclass
class _Known:
    """An event of a source as the log has it: as it came first, and the batches that told it.

    `told_at` and `void_at` are the places in the log where it was told or restored, and made void,
    last; `restored` is how often it was restored.
    """

    event: Event
    batches: set[str] = dataclasses.field(default_factory=set)
    revision: int = 0
    told_at: int = -1
    void_at: int = -1
    restored: int = 0


class Compensation(NamedTuple):
    """One event to be said, and what for: VOIDED, BROUGHT_BACK or TOLD_AGAIN."""

    event: Event
    why: str


VOIDED, BROUGHT_BACK, TOLD_AGAIN = "voided", "brought back", "told again"


def compensations(
    key: bytes, log: Iterable[Event], reverts: Reverts, capture: Capture
) -> list[Compensation]:
    """What has to be said of one record so that the views are as if reverted batches never were.

    `log` holds the record's events as they lie on Kafka, compensations among them; `key` is the
    deployment's identity key; `capture` names the batch of the revert.
    """
    return [
        found._replace(event=found.event._replace(capture=capture))
        for events in _by_type(log).values()
        for found in _of_one_type(key, events, reverts, capture.batch_id)
    ]


class Fate(NamedTuple):
    """What became of an event: LATEST of its record and type, SUPERSEDED by a later one, VOID."""

    event_type: str
    kind: EventKind
    fate: str


LATEST, SUPERSEDED, VOID = "latest", "superseded", "void"


def fates(log: Iterable[Event], batch: str) -> list[Fate]:
    """What became of each event that a batch told of one record; `log` is as for compensations."""
    found: list[Fate] = []
    for events in _by_type(log).values():
        known = _read(events)
        standing = [one.event for one in known.values() if not is_void(one.revision)]
        top = max(standing, key=order, default=None)
        for one in known.values():
            if batch in one.batches:
                fate = LATEST if one.event is top else SUPERSEDED
                fate = VOID if is_void(one.revision) else fate
                name = type(one.event.body).__name__
                found.append(Fate(name, one.event.envelope.kind, fate))
    return found


def _by_type(log: Iterable[Event]) -> dict[type, list[Event]]:
    found: dict[type, list[Event]] = {}
    for event in log:
        found.setdefault(type(event.body), []).append(event)
    return found


def _of_one_type(key: bytes, log: list[Event], reverts: Reverts, batch: str) -> list[Compensation]:
    known = _read(log)
    standing = {name for name, one in known.items() if _stands(one, reverts)}
    now = {name for name, one in known.items() if not is_void(one.revision)}
    said = [_void(key, known[name]) for name in sorted(now - standing)]
    for one in (known[name] for name in sorted(now - standing)):
        one.void_at = len(log)
    said += [
        _restored(key, known[name], known[name].revision + 1, batch, BROUGHT_BACK)
        for name in sorted(standing - now)
    ]
    top = max(standing, key=lambda name: order(known[name].event), default=None)
    if top is not None and top in now and _is_forgotten(known[top], known.values()):
        said.append(_restored(key, known[top], known[top].revision, batch, TOLD_AGAIN))
    return said


def _is_forgotten(top: _Known, others: Iterable[_Known]) -> bool:
    """Whether what hid the event became void after it was told last."""
    return any(one.void_at > top.told_at and order(one.event) > order(top.event) for one in others)


def _read(log: list[Event]) -> dict[str, _Known]:
    """The events of sources, by identifier; compensations of events the log has not are left."""
    known: dict[str, _Known] = {}
    for event in log:
        if not is_compensation(event):
            known.setdefault(event.envelope.event_id, _Known(event))
    for place, event in enumerate(log):
        envelope = event.envelope
        void = is_void(envelope.revision)
        one = known.get(_about(event) or "")
        if one is None:
            continue
        one.revision = max(one.revision, envelope.revision)
        if void:
            one.void_at = place
        else:
            one.told_at = place
        if is_compensation(event):
            one.restored += not void
        else:
            one.batches.add(event.capture.batch_id)
    return known


def _about(event: Event) -> str | None:
    """The event of a source that an event is, makes void or restores."""
    envelope = event.envelope
    if is_void(envelope.revision):
        return envelope.supersedes
    return envelope.restores or envelope.event_id


def is_compensation(event: Event) -> bool:
    """Whether an event was said by a revert and not by a source."""
    return event.envelope.revision > 0 or event.envelope.restores is not None


def _stands(one: _Known, reverts: Reverts) -> bool:
    batches = {name for name in one.batches if reverts.is_confirmed(name)} or one.batches
    return any(name not in reverts.reverted for name in batches)


def order(event: Event) -> tuple[int, bool, str]:
    """What later events of the same type and record have more of; see hub.identity.subjects."""
    envelope = event.envelope
    withdrawn = envelope.kind is EventKind.WITHDRAWN
    return standing_order(envelope.origin.record_version, envelope.event_id, withdrawn=withdrawn)


def _void(key: bytes, one: _Known) -> Compensation:
    name, revision = one.event.envelope.event_id, one.revision + 1
    envelope = one.event.envelope._replace(
        event_id=derive.derive_id(key, "void", name, str(revision)),
        kind=EventKind.WITHDRAWN,
        supersedes=name,
        revision=revision,
    )
    return Compensation(one.event._replace(envelope=envelope), VOIDED)


def _restored(key: bytes, one: _Known, revision: int, batch: str, why: str) -> Compensation:
    name = one.event.envelope.event_id
    parts = (name, str(revision), batch, str(one.restored))
    envelope = one.event.envelope._replace(
        event_id=derive.derive_id(key, "restored", *parts), restores=name, revision=revision
    )
    return Compensation(one.event._replace(envelope=envelope), why)
