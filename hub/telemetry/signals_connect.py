"""What connectors tell."""

from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

from hub.telemetry.signal import Signal

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class RecordsRead(Signal):
    """Records were read from a departmental system."""

    level = "debug"
    metric = Counter("civic_records_read_total", "Records read from the source.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class EventsPublished(Signal):
    """Kafka has confirmed events of a connector."""

    metric = Counter("civic_events_published_total", "Events confirmed by Kafka.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class RecordsUnchanged(Signal):
    """Records said what they said before."""

    level = "debug"
    metric = Counter("civic_records_duplicate_total", "Records without news.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class RecordsFiltered(Signal):
    """Records were left out by a rule."""

    level = "debug"
    metric = Counter(
        "civic_records_filtered_total", "Records left out, by rule.", ["connector", "rule"]
    )
    amount = "count"
    connector: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class RecordQuarantined(Signal):
    """A record could not be used and was kept in quarantine."""

    level = "warning"
    metric = Counter(
        "civic_records_quarantined_total",
        "Records in quarantine, by reason.",
        ["connector", "code"],
    )
    connector: str
    code: str
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class BatchConfirmed(Signal):
    """A batch is on Kafka and its position is remembered."""

    level = "debug"
    metric = Histogram(
        "civic_connector_batch_seconds",
        "From the first record read to the position remembered.",
        ["connector"],
        buckets=SECONDS,
    )
    amount = "seconds"
    connector: str
    seconds: float
    records: int


@dataclass(frozen=True, slots=True)
class BooksTold(Signal):
    """The books of a connector, cumulative over restarts."""

    level = "debug"
    metric = Gauge(
        "civic_books_records", "Cumulative records, by what became of them.", ["connector", "entry"]
    )
    amount = "count"
    connector: str
    entry: str
    count: int


@dataclass(frozen=True, slots=True)
class SourceDown(Signal):
    """The departmental system does not answer; it is asked again later."""

    level = "warning"
    metric = Counter("civic_source_down_total", "Failed calls of the source.", ["connector"])
    connector: str
    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class SourceDrifted(Signal):
    """The source sends a field nobody has mapped yet; it is kept in `extra`."""

    level = "warning"
    metric = Counter("civic_source_drifted_total", "Unknown fields seen.", ["connector"])
    connector: str
    field: str


@dataclass(frozen=True, slots=True)
class PublishingHeld(Signal):
    """Kafka does not confirm; nothing is acknowledged and the batch is sent again."""

    level = "warning"
    metric = Counter("civic_publishing_held_total", "Batches sent again.", ["connector"])
    connector: str
    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class LeaseHeld(Signal):
    """The worker runs the connector now."""

    connector: str


@dataclass(frozen=True, slots=True)
class ConnectorStopped(Signal):
    """The worker no longer runs the connector."""

    connector: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedbackWritten(Signal):
    """A report of refused records was written for their sender."""

    metric = Counter("civic_feedback_rows_total", "Refused records reported.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class FeedbackFailed(Signal):
    """The sender cannot be told of refused records now; they are safe in quarantine."""

    level = "warning"
    metric = Counter("civic_feedback_failed_total", "Reports not written.", ["connector"])
    connector: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedbackAnswered(Signal):
    """A sender asked what was refused."""

    level = "debug"
    metric = Counter("civic_feedback_answers_total", "Answers to senders.", ["connector", "status"])
    connector: str
    status: int


@dataclass(frozen=True, slots=True)
class IntakeAnswered(Signal):
    """A pushed change was answered."""

    level = "debug"
    metric = Counter(
        "civic_intake_answers_total", "Answers to pushed changes.", ["connector", "status"]
    )
    connector: str
    status: int
