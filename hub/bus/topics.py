"""Every topic, declared once: key, schemas, partitions, retention, privacy class.

Nothing else in the hub writes a topic's name as text. `hub topics apply` makes what is missing and
says what differs; it never deletes and never lowers.
"""

import dataclasses
from typing import Literal

from hub.canon.model import DECISION_NAMES, EVENT_NAMES, VIEW_NAMES

MESSAGE_BYTES_MAX = 1_048_576
EVENT_PARTITIONS = 4
OFTEN_WRITTEN_SEGMENT_BYTES = 8 * 1_048_576
Privacy = Literal["personal", "pseudonymous", "none"]


@dataclasses.dataclass(frozen=True)
class Topic:
    """One Kafka topic. `retention_ms` -1 keeps for ever; compacted topics keep the last per key."""

    name: str
    key: str
    schemas: tuple[str, ...]
    partitions: int
    privacy: Privacy
    doc: str
    compacted: bool = False
    retention_ms: int = -1
    segment_bytes: int | None = None
    """Small where few keys are written often: what is not yet compacted is read at each start."""

    def config(self) -> dict[str, str]:
        """The topic's settings on the broker."""
        told = {} if self.segment_bytes is None else {"segment.bytes": str(self.segment_bytes)}
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(MESSAGE_BYTES_MAX),
            **told,
        }


DOMAINS = ("grants", "licensing", "messaging", "registers")


def events_topic(domain: str) -> str:
    """The topic of a domain's events."""
    return f"civic.events.{domain}"


def quarantine_topic(name: str) -> str:
    """The topic of what a connector, or the processor, could not use."""
    return f"civic.quarantine.{name}"


POSITIONS = Topic(
    "civic.connect.positions",
    "connector name",
    (),
    1,
    "none",
    "Where each connector goes on, with its books; the assignment of its partition is the lease.",
    compacted=True,
    segment_bytes=OFTEN_WRITTEN_SEGMENT_BYTES,
)
CONTROL = Topic(
    "civic.connect.control",
    "what is asked, connector name",
    (),
    1,
    "none",
    "What is asked of each connector: its state, a restart, a reset of its position, a rate limit.",
    compacted=True,
    segment_bytes=OFTEN_WRITTEN_SEGMENT_BYTES,
)
STATUS = Topic(
    "civic.connect.status",
    "connector name",
    (),
    1,
    "none",
    "How each connector is, told by the worker that holds its lease, at each change and every few "
    "seconds.",
    compacted=True,
    segment_bytes=OFTEN_WRITTEN_SEGMENT_BYTES,
)
BATCHES = Topic(
    "civic.connect.batches",
    "batch id",
    (),
    1,
    "none",
    "What each connector read together: a file, or what lies between two positions.",
    compacted=True,
)
REVERTS = Topic(
    "civic.connect.reverts",
    "batch id",
    (),
    1,
    "personal",
    "Which batch was reverted when, by whom and why, and how many events that took.",
    compacted=True,
)
CITIZENS = Topic(
    "civic.citizens",
    "entity id",
    ("civic.views.Citizen",),
    EVENT_PARTITIONS,
    "personal",
    "The unified view of each person, whenever it changes.",
    compacted=True,
)
BUSINESSES = Topic(
    "civic.businesses",
    "entity id",
    ("civic.views.Business",),
    EVENT_PARTITIONS,
    "personal",
    "The unified view of each organisation, whenever it changes.",
    compacted=True,
)
IDENTITY = Topic(
    "civic.identity",
    "entity id",
    ("civic.views.IdentityChange",),
    1,
    "pseudonymous",
    "Every minting, merge, split and retirement of an entity, in order.",
)
DECISIONS = Topic(
    "civic.identity.decisions",
    "decision id",
    tuple(DECISION_NAMES.values()),
    1,
    "pseudonymous",
    "What stewards decide about whose records are whose; kept for ever, so that it can be rebuilt.",
)
PROCESSOR = "processor"


def event_topics() -> tuple[Topic, ...]:
    """The topics the connectors publish to, one for each domain."""
    return tuple(
        Topic(
            events_topic(domain),
            "record id",
            tuple(
                sorted(n for n in EVENT_NAMES.values() if n.startswith(f"civic.events.{domain}."))
            ),
            EVENT_PARTITIONS,
            "personal",
            f"What happens in {domain}.",
        )
        for domain in DOMAINS
    )


def processor_topics() -> tuple[Topic, ...]:
    """The topics the processor reads. Decisions come last: they are about records of events."""
    return (*event_topics(), DECISIONS)


def view_topics() -> tuple[Topic, ...]:
    """The topics the processor publishes to."""
    known = set(VIEW_NAMES.values())
    topics = (CITIZENS, BUSINESSES, IDENTITY)
    if missing := {name for topic in topics for name in topic.schemas} - known:
        raise LookupError(f"no schema for {missing}")
    return topics


def quarantine(name: str) -> Topic:
    """The topic of what a connector, or the processor, could not use, as it is declared."""
    return Topic(
        quarantine_topic(name),
        "record id or digest",
        (),
        1,
        "personal",
        f"What {name} could not use, byte for byte, with the reason in headers.",
    )


def all_topics(connector_names: tuple[str, ...]) -> tuple[Topic, ...]:
    """Every topic of a deployment with these connectors."""
    quarantines = tuple(quarantine(name) for name in (*connector_names, PROCESSOR))
    shared = (POSITIONS, CONTROL, STATUS, BATCHES, REVERTS)
    return (*processor_topics(), *view_topics(), *shared, *quarantines)
