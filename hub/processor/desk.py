"""What stewards read of the store, at one moment, beside what the processor reads."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from hub.canon.model import StewardDecision
from hub.identity.decisions import PROPOSALS
from hub.processor.disclosures import shown_together
from hub.processor.rows import SHORT, Disclosure, MembershipRow, Reveal, Waiting, Wanted
from hub.processor.store import Store
from hub.processor.transaction import DECISION_COLUMNS, Batch, decision_of

WAITING_COLUMNS = "pair_id::text, kind, a::text, b::text, weight, refusal, since_us"
DAY_US = 86_400_000_000
AGES = {"day": 1, "week": 7, "month": 30, "older": 0}


class Desk:
    """The statements of stewards in one transaction."""

    def __init__(self, batch: Batch) -> None:
        """Inside the transaction already."""
        self.batch = batch
        self._run = batch.run

    # pairs for review

    def waiting(self, wanted: Wanted, limit: int) -> list[Waiting]:
        """Pairs of entities that a person may look at, the oldest first."""
        rows = self._run(
            f"SELECT {WAITING_COLUMNS} FROM possible"  # noqa: S608 - ours
            " WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " AND (%(refusal)s::text IS NULL OR coalesce(refusal, %(short)s) = %(refusal)s)"
            " AND (%(before_us)s::bigint IS NULL OR since_us <= %(before_us)s)"
            " ORDER BY since_us, a, b LIMIT %(limit)s",
            {**wanted._asdict(), "short": SHORT, "limit": limit},
        )
        return [Waiting(*row) for row in rows]

    def pair(self, pair_id: str) -> Waiting | None:
        """A pair that waits; None where it does not, or not any more."""
        row = self._run(
            f"SELECT {WAITING_COLUMNS} FROM possible WHERE pair_id = %s",  # noqa: S608 - ours
            [pair_id],
        ).fetchone()
        return None if row is None else Waiting(*row)

    def waiting_with(self, kind: str, subject_ids: Iterable[str]) -> list[Waiting]:
        """The pairs that one of these subjects stands for a side of, the strongest first."""
        ids = list(subject_ids)
        rows = self._run(
            f"SELECT {WAITING_COLUMNS} FROM possible"  # noqa: S608 - ours
            " WHERE kind = %s AND (a = ANY(%s::uuid[]) OR b = ANY(%s::uuid[]))"
            " ORDER BY weight DESC, a, b",
            [kind, ids, ids],
        )
        return [Waiting(*row) for row in rows]

    def ages(self, now_us: int) -> dict[str, int]:
        """How many pairs wait for how long: each of AGES up to its limit, then the older ones."""
        found: dict[str, int] = {}
        before = now_us
        for name, days in AGES.items():
            after = now_us - days * DAY_US if days else 0
            row = self._run(
                "SELECT count(*) FROM possible WHERE since_us > %s AND since_us <= %s",
                [after, before],
            ).fetchone()
            found[name] = row[0] if row else 0
            before = after
        return found

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

    def proposed(self, limit: int) -> list[StewardDecision]:
        """Everything said to the latest proposals."""
        rows = self._run(
            "SELECT decision_id::text FROM decision WHERE kind = ANY(%s)"
            " ORDER BY decided_at DESC, decision_id LIMIT %s",
            [list(PROPOSALS), limit],
        )
        return self.decisions(decision_id for (decision_id,) in rows.fetchall())

    # who saw what

    def keep_reveal(self, one: Reveal) -> None:
        """Remember for ever that values were seen."""
        self._run(
            "INSERT INTO reveal VALUES (%s, %s, %s, %s, %s::uuid[])",
            [*one[:-1], list(one.subject_ids)],
        )

    def reveals(self, subject_ids: Iterable[str] | None, limit: int) -> list[Reveal]:
        """Who saw values, of these subjects or of anybody, the latest first."""
        ids = None if subject_ids is None else list(subject_ids)
        rows = self._run(
            "SELECT reveal_id::text, at_us, steward, reason, subject_ids::text[] FROM reveal"
            " WHERE %s::uuid[] IS NULL OR subject_ids && %s::uuid[]"
            " ORDER BY at_us DESC, reveal_id LIMIT %s",
            [ids, ids, limit],
        )
        return [Reveal(*row) for row in rows]

    # who was shown as one

    def disclosures(self, left: Iterable[str], right: Iterable[str]) -> list[Disclosure]:
        """The views that showed one of these subjects with one of those, the first ones first."""
        sides = {*left}, {*right}
        rows = self._run(
            "SELECT entity_id::text, version, at_us, joined::text[], parted::text[]"
            " FROM membership WHERE entity_id IN (SELECT entity_id FROM membership"
            " WHERE joined && %(two)s::uuid[] OR parted && %(two)s::uuid[])"
            " ORDER BY entity_id, version",
            {"two": sorted(sides[0] | sides[1])},
        )
        changes = [MembershipRow(*row) for row in rows]
        founders = self._run(
            "SELECT entity_id::text, founding_subject_id::text FROM entity"
            " WHERE entity_id = ANY(%s::uuid[])",
            [[one.entity_id for one in changes]],
        )
        return shown_together(changes, dict(founders.fetchall()), *sides)


@contextmanager
def desk(store: Store) -> Iterator[Desk]:
    """What stewards see of the store at one moment. Raises Unavailable where PostgreSQL is away."""
    with store.snapshot() as batch:
        yield Desk(batch)


@contextmanager
def writing_desk(store: Store) -> Iterator[Desk]:
    """A transaction of stewards' own, beside the processor's. Raises as `desk` does."""
    with store.beside() as batch:
        yield Desk(batch)
