"""What a committed batch tells: how many events did what, and what became of identities."""

from collections import Counter
from typing import NamedTuple

from hub import clock
from hub.identity.plain import Decision
from hub.processor.step import Refusal, Sorted
from hub.telemetry.signals_processor import (
    BatchApplied,
    DuplicatesAbsorbed,
    EventQuarantined,
    EventsApplied,
    EventsOlder,
    IdentityChanged,
    IdentityVetoed,
    ViewLatency,
)


class Outcome(NamedTuple):
    """What a batch changed; told only once it is committed."""

    found: Sorted
    refused: list[Refusal]
    older: int
    decision: Decision | None
    views: int


def tell(outcome: Outcome, seconds: float) -> None:
    """Emit the signals of a batch which took `seconds`."""
    _tell_events(outcome)
    if outcome.decision is not None:
        _tell_identity(outcome.decision)
    fresh = outcome.found.fresh
    if fresh:
        oldest = min(one.event.capture.captured_at for one in fresh)
        ViewLatency((clock.now_us() - oldest) / 1_000_000).emit()
    BatchApplied(seconds, len(fresh), outcome.views).emit()


def _tell_events(outcome: Outcome) -> None:
    found = outcome.found
    for signal, events in ((EventsApplied, found.fresh), (DuplicatesAbsorbed, found.duplicates)):
        counts = Counter(one.event.envelope.origin.connector for one in events)
        for connector, count in counts.items():
            signal(connector, count).emit()
    for refusal in outcome.refused:
        message = refusal.message
        EventQuarantined(
            refusal.error.code, message.topic, message.partition, message.offset
        ).emit()
    if outcome.older:
        EventsOlder(found.fresh[0].event.envelope.origin.connector, outcome.older).emit()


def _tell_identity(decision: Decision) -> None:
    for kind, count in Counter(str(one.kind) for one in decision.steps).items():
        IdentityChanged(kind, count).emit()
    if decision.vetoed:
        IdentityVetoed(decision.vetoed).emit()
