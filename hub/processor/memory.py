"""What the active processor remembers of identity: the resolvers of both kinds, and decisions.

A cache of what PostgreSQL holds, up to a position. What a batch changes is worked out here before
it is committed; where the transaction fails, what was put is taken back, and as the partition is a
function of the records, decisions and frozen weights, it is as it was. What differs from the store
is remembered as pending until a transaction has stored it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from hub.canon.model import StewardDecision, SubjectState
from hub.canon.model import Subject as Kind
from hub.canon.state import decode_state
from hub.identity import claims, frequencies
from hub.identity.cluster import Possible, Twosome
from hub.identity.decisions import Docket
from hub.identity.plain import PlainResolver
from hub.identity.record import Record
from hub.identity.resolver import Changes, Resolver
from hub.identity.scope import EVERYONE, Scope
from hub.identity.subjects import ORGANISATION, PERSON, current, verified
from hub.processor.rows import SubjectRow
from hub.processor.transaction import Batch, Position
from hub.view.authority import Authority, load_authority

KINDS = (PERSON, ORGANISATION)
NOTHING = Position(-1, -1)
SWEEP_PER_RECORD = 4
"""How many records are looked at again for each changed one while weights are renewed."""
Progress = Callable[[], None]
Claimed = Record | tuple[tuple[str, str], ...]


class Policy(NamedTuple):
    """What the operator settles about identity and views."""

    scope: Scope = EVERYONE
    approvers: int = 1
    authority: Authority = load_authority()


class Pending(NamedTuple):
    """What the store does not know yet.

    Subjects whose entity may differ, pairs for review (None: no more), and kinds whose weights were
    frozen anew.
    """

    subjects: set[str]
    possible: dict[tuple[str, Twosome], Possible | None]
    frozen: set[str]

    def __bool__(self) -> bool:
        return bool(self.subjects or self.possible or self.frozen)


class Memory:
    """The resolvers, following the store."""

    def __init__(self, key: bytes, policy: Policy, *, renews: bool = True) -> None:
        """Nothing is loaded. Unless it `renews` them, weights stay as they were frozen."""
        self._renews = renews
        self._key = key
        self._policy = policy
        self.forget()

    def forget(self) -> None:
        """Know nothing: everything is loaded when next needed."""
        self.position = NOTHING
        self._compared = False
        self.pending = Pending(set(), {}, set())
        self._resolvers: dict[str, Resolver | PlainResolver] = {
            PERSON: Resolver(scope=self._policy.scope),
            ORGANISATION: PlainResolver(),
        }
        self._dockets = {kind: Docket(self._policy.approvers) for kind in KINDS}
        self._taken_back: list[tuple[str, dict[str, Claimed | None]]] = []
        self._told: list[StewardDecision] = []

    # changing

    def put(self, states: Mapping[str, tuple[str, SubjectState]]) -> None:
        """Subjects as they are now, by their kind and state; taken back where nothing commits."""
        for kind in KINDS:
            resolver = self._resolvers[kind]
            records = {
                name: record_of(kind, state) for name, (its, state) in states.items() if its == kind
            }
            before = {name: resolver.records.get(name) for name in records}
            self._taken_back.append((kind, before))
            self._apply(kind, records, {})

    def decide(self, messages: Iterable[StewardDecision]) -> None:
        """Stewards' decisions; taken back where nothing commits."""
        for message in messages:
            kind = kind_of(message.subject)
            self._told.append(message)
            self._apply(kind, {}, self._dockets[kind].put([message]))

    def renew(self, changed: int) -> None:
        """Freeze the weights anew where that is due, and look at some records under them."""
        for kind, resolver in self._resolvers.items():
            if resolver.wants_settling and self._renews:
                resolver.begin_settling()
                self.pending.frozen.add(kind)
            if resolver.is_settling:
                self._note(kind, resolver.settle_some(changed * SWEEP_PER_RECORD))

    def some_pending(self, limit: int) -> list[str]:
        """Subjects that are pending, at most so many."""
        return list(islice(self.pending.subjects, limit))

    def begin_renewing(self) -> None:
        """Freeze all weights on what is known now; `renew` takes the records through them."""
        for kind, resolver in self._resolvers.items():
            if isinstance(resolver, Resolver):
                resolver.begin_settling()
                self.pending.frozen.add(kind)

    def committed(self, position: int | None, stored: Iterable[str]) -> None:
        """What was put is in the store: at this position where records changed, these subjects."""
        if position is not None:
            self.position = self.position._replace(change=position)
        left = self.pending.subjects.difference(stored)
        self.pending = Pending(left, {}, set())
        self._taken_back, self._told = [], []

    def undo(self) -> None:
        """Take back what was put since the last commit."""
        taken_back, told = self._taken_back, self._told
        self._taken_back, self._told = [], []
        for kind, before in reversed(taken_back):
            self._apply(kind, before, {})
        for message in reversed(told):
            kind = kind_of(message.subject)
            self._apply(kind, {}, self._dockets[kind].remove([message]))

    def _apply(
        self,
        kind: str,
        records: Mapping[str, Claimed | None],
        verdicts: Mapping[Twosome, bool | None],
    ) -> None:
        changes = self._resolvers[kind].apply(records, verdicts)  # type: ignore[arg-type]
        self._note(kind, changes)
        self.pending.subjects.update(name for name, record in records.items() if record is None)

    def _note(self, kind: str, changes: Changes) -> None:
        self.pending.subjects.update(name for entity in changes.entities for name in entity)
        self.pending.possible.update(
            ((kind, pair), possible) for pair, possible in changes.possible.items()
        )

    # following the store

    @property
    def is_loaded(self) -> bool:
        """Whether all that differs from the store is pending."""
        return self._compared

    def catch_up(self, batch: Batch, progress: Progress) -> None:
        """Take what the store has that is not known here: all of it the first time.

        From then on what differs is pending.
        """
        if self.position == batch.position():
            return
        self.follow(batch, progress)
        if not self._compared:
            self._compare(batch.entity_of_all(), batch.possible())

    def follow(self, batch: Batch, progress: Progress) -> None:
        """Take records, decisions and frozen weights that changed after the position known."""
        now = batch.position()
        if now.lineage != self.position.lineage:
            self.forget()
        before = self.position.change
        for kind, data in batch.frozen(before).items():
            self._resolvers[kind].freeze(frequencies.unpack(data, self._key))
        for message in batch.decisions_after(before):
            kind = kind_of(message.subject)
            self._apply(kind, {}, self._dockets[kind].put([message]))
        for rows in batch.subjects_after(before):
            for kind in KINDS:
                self._apply(kind, _records(rows, kind), {})
            progress()
        self.position = now

    def _compare(
        self, entity_of: Mapping[str, str | None], possible: Mapping[tuple[str, Twosome], Possible]
    ) -> None:
        """Let only what differs from the store be pending: its entities and pairs for review."""
        self._compared = True
        self.pending = Pending(set(differing(self.clusters(entity_of), entity_of)), {}, set())
        now = {
            (kind, (one.a, one.b)): one
            for kind, resolver in self._resolvers.items()
            for one in resolver.possible()
        }
        self.pending.possible.update(
            {pair: one for pair, one in now.items() if possible.get(pair) != one}
        )
        self.pending.possible.update(dict.fromkeys(possible.keys() - now.keys()))

    # asking

    @property
    def keys_cut(self) -> int:
        """How many keys of persons find nobody because too many records hold them."""
        resolver = self._resolvers[PERSON]
        return resolver.index.cut if isinstance(resolver, Resolver) else 0

    @property
    def wants_time(self) -> bool:
        """Whether there is something to do even where no event comes."""
        return bool(self.pending) or any(
            (one.wants_settling and self._renews) or one.is_settling
            for one in self._resolvers.values()
        )

    def resolver_of(self, name: str) -> Resolver | PlainResolver | None:
        """The resolver that knows a subject."""
        return next((one for one in self._resolvers.values() if name in one.entities), None)

    def verdict(self, pair: Twosome) -> bool | None:
        """What stewards decided about two subjects, the smaller first."""
        told = (docket.verdict(pair) for docket in self._dockets.values())
        return next((one for one in told if one is not None), None)

    def cluster(self, name: str) -> tuple[str, ...]:
        """The subjects that are one with a subject, itself among them; empty where unknown."""
        for resolver in self._resolvers.values():
            found = resolver.entities.get(name)
            if found is not None:
                return found
        return ()

    def clusters(self, names: Iterable[str]) -> set[tuple[str, ...]]:
        """The clusters of subjects."""
        return {found for name in names if (found := self.cluster(name))}

    def packed(self, kind: str) -> bytes:
        """What the weights of a kind are frozen on, as bytes."""
        resolver = self._resolvers[kind]
        assert isinstance(resolver, Resolver)  # noqa: S101 - only it freezes weights
        return frequencies.pack(resolver.frozen, resolver.model, self._key)


def kind_of(subject: Kind) -> str:
    """The kind of entity a decision is about."""
    return PERSON if subject is Kind.PERSON else ORGANISATION


def record_of(kind: str, state: SubjectState) -> Claimed | None:
    """What the resolver of a kind gets of a subject; None where it claims nothing."""
    if kind == PERSON:
        return claims.record(state)
    now = current(state)
    return None if now is None else tuple(verified(now.claim))


def _records(rows: Iterable[SubjectRow], kind: str) -> dict[str, Claimed | None]:
    """What the resolver of a kind gets of stored subjects."""
    return {
        row.subject_id: record_of(kind, decode_state(bytes(row.state)))
        for row in rows
        if row.kind == kind
    }


def differing(
    clusters: Iterable[tuple[str, ...]], entity_of: Mapping[str, str | None]
) -> Iterator[str]:
    """The subjects whose entities in the store are not what the clusters say."""
    clustered: set[str] = set()
    homes: dict[str, tuple[str, ...]] = {}
    for cluster in clusters:
        clustered.update(cluster)
        held = {entity_of.get(name) for name in cluster}
        first = next(iter(held))
        if len(held) > 1 or first is None:
            yield from cluster
        elif (other := homes.setdefault(first, cluster)) is not cluster:
            yield from (*cluster, *other)
    yield from (name for name, entity in entity_of.items() if entity and name not in clustered)
