"""What stewards read of the store, at one moment, beside what the processor reads."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from hub.canon.model import StewardDecision
from hub.processor.disclosures import shown_together
from hub.processor.rows import Disclosure, MembershipRow, Waiting
from hub.processor.store import Store
from hub.processor.transaction import DECISION_COLUMNS, Batch, decision_of


class Desk:
    """The statements of stewards in one transaction."""

    def __init__(self, batch: Batch) -> None:
        """Inside the transaction already."""
        self.batch = batch
        self._run = batch.run

    # pairs for review

    def waiting(self, limit: int) -> list[Waiting]:
        """Pairs of entities, by their first subjects, that a person may look at; oldest first."""
        rows = self._run(
            "SELECT kind, a::text, b::text, weight, refusal, since_us FROM possible"
            " ORDER BY since_us, a, b LIMIT %s",
            [limit],
        )
        return [Waiting(*row) for row in rows]

    # decisions

    def is_decided(self, event_id: str) -> bool:
        """Whether what a steward said is applied."""
        found = self._run("SELECT 1 FROM decision WHERE event_id = %s", [event_id])
        return found.fetchone() is not None

    def decisions(self, decision_ids: Iterable[str]) -> list[StewardDecision]:
        """Everything said to these decisions."""
        rows = self._run(
            f"SELECT {DECISION_COLUMNS} FROM decision"  # noqa: S608 - ours
            " WHERE decision_id = ANY(%s::uuid[])",
            [list(decision_ids)],
        )
        return [decision_of(row) for row in rows]

    def decisions_about(self, subject_ids: Iterable[str]) -> list[StewardDecision]:
        """Everything said to the decisions that name one of these subjects."""
        ids = list(subject_ids)
        rows = self._run(
            "SELECT DISTINCT decision_id::text FROM decision"
            " WHERE left_ids && %s::uuid[] OR right_ids && %s::uuid[]",
            [ids, ids],
        )
        return self.decisions(decision_id for (decision_id,) in rows.fetchall())

    # who was shown as one

    def disclosures(self, a: str, b: str) -> list[Disclosure]:
        """The views that showed two subjects as one, in the order in which they began to."""
        rows = self._run(
            "SELECT entity_id::text, version, at_us, joined::text[], parted::text[]"
            " FROM membership WHERE entity_id IN (SELECT entity_id FROM membership"
            " WHERE joined && %(two)s::uuid[] OR parted && %(two)s::uuid[])"
            " ORDER BY entity_id, version",
            {"two": [a, b]},
        )
        changes = [MembershipRow(*row) for row in rows]
        founders = self._run(
            "SELECT entity_id::text, founding_subject_id::text FROM entity"
            " WHERE entity_id = ANY(%s::uuid[])",
            [[one.entity_id for one in changes]],
        )
        return shown_together(changes, dict(founders.fetchall()), {a, b})


@contextmanager
def desk(store: Store) -> Iterator[Desk]:
    """What stewards see of the store at one moment. Raises Unavailable where PostgreSQL is away."""
    with store.snapshot() as batch:
        yield Desk(batch)
