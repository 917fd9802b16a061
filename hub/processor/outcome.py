"""What a committed batch tells: how many events did what, and what became of identities."""

from collections import Counter
from typing import NamedTuple

from hub import clock
from hub.canon.model import Event
from hub.identity.assign import IdentityStep
from hub.identity.vetoes import TOO_MANY
from hub.processor.step import Refusal, Sorted
from hub.telemetry.signals_processor import (
    BatchApplied,
    DuplicatesAbsorbed,
    EntityTooLarge,
    EventQuarantined,
    EventsApplied,
    EventsOlder,
    IdentityChanged,
    IdentityVetoed,
    ViewLatency,
)


class Outcome(NamedTuple):
    """What a batch changed; told only once it is committed."""

    found: Sorted[Event] | None
    refused: list[Refusal]
    older: int
    steps: tuple[IdentityStep, ...]
    refusals: tuple[str, ...]
    views: int


def tell(outcome: Outcome, seconds: float) -> None:
    """Emit the signals of a batch which took `seconds`."""
    _tell_identity(outcome)
    if outcome.found is None:
        return
    _tell_events(outcome, outcome.found)
    fresh = outcome.found.fresh
    if fresh:
        oldest = min(one.event.capture.captured_at for one in fresh)
        ViewLatency((clock.now_us() - oldest) / 1_000_000).emit()
    BatchApplied(seconds, len(fresh), outcome.views).emit()


def _tell_events(outcome: Outcome, found: Sorted[Event]) -> None:
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


def _tell_identity(outcome: Outcome) -> None:
    for kind, count in Counter(str(one.kind) for one in outcome.steps).items():
        IdentityChanged(kind, count).emit()
    for rule, count in Counter(outcome.refusals).items():
        IdentityVetoed(rule, count).emit()
        if rule == TOO_MANY:
            EntityTooLarge(count).emit()
