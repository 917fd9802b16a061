"""What the processor and the relay tell."""

from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

from hub.telemetry.signal import Signal
from hub.telemetry.signals_connect import SECONDS


@dataclass(frozen=True, slots=True)
class EventsApplied(Signal):
    """Events changed the store for the first time."""

    level = "debug"
    metric = Counter("civic_events_applied_total", "Events applied, each once.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class DuplicatesAbsorbed(Signal):
    """Events came again and changed nothing."""

    level = "debug"
    metric = Counter("civic_events_duplicate_total", "Events that came again.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class EventsOlder(Signal):
    """Events came after later ones of the same record; the later ones stand."""

    level = "debug"
    metric = Counter("civic_events_older_total", "Events out of order.", ["connector"])
    amount = "count"
    connector: str
    count: int


@dataclass(frozen=True, slots=True)
class EventQuarantined(Signal):
    """A message could not be used and was kept in quarantine."""

    level = "warning"
    metric = Counter("civic_events_quarantined_total", "Messages in quarantine.", ["code"])
    code: str
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class BatchApplied(Signal):
    """A batch was committed."""

    level = "debug"
    metric = Histogram(
        "civic_processor_batch_seconds", "From messages in hand to commit.", buckets=SECONDS
    )
    amount = "seconds"
    seconds: float
    events: int
    views: int


@dataclass(frozen=True, slots=True)
class ViewLatency(Signal):
    """How long after the source was read a view had changed: the oldest event of a batch."""

    level = "debug"
    metric = Histogram(
        "civic_source_to_view_seconds", "From source read to view committed.", buckets=SECONDS
    )
    amount = "seconds"
    seconds: float


@dataclass(frozen=True, slots=True)
class StoreAway(Signal):
    """PostgreSQL is away; the partition waits and the same batch is tried again."""

    level = "warning"
    metric = Counter("civic_store_away_total", "Failed tries of a batch.")
    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class PartitionAssigned(Signal):
    """A partition was taken; PostgreSQL's offset wins over Kafka's."""

    metric = Counter("civic_partitions_assigned_total", "Assignments of partitions.")
    topic: str
    partition: int
    offset: int
    epoch: int


@dataclass(frozen=True, slots=True)
class LeaseTaken(Signal):
    """A processor is the active one from now on."""

    metric = Counter("civic_processor_lease_taken_total", "Times a processor became active.")
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class LeaseLost(Signal):
    """Another processor has become the active one; what this one tries to commit is refused."""

    level = "error"
    metric = Counter("civic_processor_lease_lost_total", "Leases lost to another processor.")
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class DiedWith(Signal):
    """The last holder of a partition died with these offsets in hand; they are tried alone."""

    level = "warning"
    metric = Counter("civic_deaths_in_hand_total", "Assignments after a death with work in hand.")
    topic: str
    partition: int
    first: int
    last: int
    deaths: int


@dataclass(frozen=True, slots=True)
class OffsetJump(Signal):
    """Kafka's committed offset is ahead of what was applied: events would have been skipped."""

    level = "warning"
    metric = Counter("civic_offset_jumps_total", "Committed offsets ahead of applied ones.")
    topic: str
    partition: int
    committed: int
    applied: int


@dataclass(frozen=True, slots=True)
class WorkerFenced(Signal):
    """Another worker has taken over; this one stops and commits nothing."""

    level = "error"
    metric = Counter("civic_worker_fenced_total", "Workers fenced off.")
    reason: str


@dataclass(frozen=True, slots=True)
class IdentityChanged(Signal):
    """Entities were minted, merged, split or retired."""

    level = "debug"
    metric = Counter("civic_identity_changes_total", "Changes of identity.", ["kind"])
    amount = "count"
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class IdentityVetoed(Signal):
    """Records weigh enough to be one entity, and a rule keeps them apart."""

    level = "debug"
    metric = Counter("civic_identity_vetoes_total", "Joins refused, by rule.", ["rule"])
    amount = "count"
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class EntityTooLarge(Signal):
    """Entities would grow past the limit of records: look for a value many share."""

    level = "error"
    metric = Counter("civic_identity_too_large_total", "Joins refused by the limit of records.")
    amount = "count"
    count: int


@dataclass(frozen=True, slots=True)
class KeysCut(Signal):
    """Keys that too many records hold find nobody any more."""

    level = "debug"
    metric = Gauge("civic_identity_keys_cut", "Keys with too many holders.", ["kind"])
    amount = "count"
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class IdentityAssumes(Signal):
    """What the weights take for true of all records, as their counts say."""

    level = "debug"
    metric = Gauge(
        "civic_identity_assumption",
        "1 where the weights take it for true of all records.",
        ["kind", "assumption"],
    )
    amount = "holds"
    kind: str
    assumption: str
    holds: bool


@dataclass(frozen=True, slots=True)
class IdentityThreshold(Signal):
    """What two entities must weigh together to be one, as what was found says."""

    level = "debug"
    metric = Gauge(
        "civic_identity_threshold_bits",
        "What two entities must weigh to be one.",
        ["kind"],
    )
    amount = "bits"
    kind: str
    bits: float


@dataclass(frozen=True, slots=True)
class ReviewWaiting(Signal):
    """How long the oldest pair of entities waits for a person to look at it."""

    level = "debug"
    metric = Gauge("civic_identity_review_oldest_seconds", "How long the oldest pair waits.")
    amount = "oldest_s"
    oldest_s: float


@dataclass(frozen=True, slots=True)
class ReviewPairs(Signal):
    """How many pairs of entities wait for a person to look at them."""

    level = "debug"
    metric = Gauge("civic_identity_review_pairs", "Pairs that wait for review.")
    amount = "pairs"
    pairs: int


@dataclass(frozen=True, slots=True)
class ReviewAges(Signal):
    """How many pairs wait for how long: up to a day, a week, a month, or longer."""

    level = "debug"
    metric = Gauge("civic_identity_review_age_pairs", "Pairs that wait, by their age.", ["age"])
    amount = "pairs"
    age: str
    pairs: int


@dataclass(frozen=True, slots=True)
class ComparisonsLeftOut(Signal):
    """Pairs of records were near each other and not compared: their agencies have no agreement."""

    level = "debug"
    metric = Gauge(
        "civic_identity_left_out_pairs",
        "Pairs of records not compared for lack of an agreement, so far.",
        ["agency", "other"],
    )
    amount = "pairs"
    agency: str
    other: str
    pairs: int


@dataclass(frozen=True, slots=True)
class ValuesRevealed(Signal):
    """A steward saw personal values; the store keeps of whom and why."""

    level = "warning"
    metric = Counter("civic_identity_reveals_total", "Times a steward saw values.")
    reveal_id: str
    steward: str
    subjects: int


@dataclass(frozen=True, slots=True)
class OutboxPublished(Signal):
    """Messages of the outbox are on Kafka."""

    level = "debug"
    metric = Counter("civic_outbox_published_total", "Messages published from the outbox.")
    amount = "count"
    count: int


@dataclass(frozen=True, slots=True)
class EntitiesKnown(Signal):
    """How many entities there are."""

    level = "debug"
    metric = Gauge("civic_entities", "Citizens and businesses known.", ["kind"])
    amount = "count"
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Lag(Signal):
    """How many events of a partition are not applied yet."""

    level = "debug"
    metric = Gauge(
        "kafka_consumergroup_lag",
        "Events not applied yet.",
        ["consumergroup", "topic", "partition"],
    )
    amount = "events"
    consumergroup: str
    topic: str
    partition: int
    events: int


@dataclass(frozen=True, slots=True)
class WorkerFailed(Signal):
    """Going on would be wrong: the process ends without committing and is started again."""

    level = "error"
    metric = Counter("civic_worker_failed_total", "Workers ended by a failure.")
    reason: str
