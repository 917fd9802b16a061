"""What the active processor remembers of identity: the resolvers of both kinds, and decisions.

A cache of what PostgreSQL holds, up to a position. What a batch changes is worked out here before
it is committed; where the transaction fails, the resolvers roll back. What differs from the store
is pending until a transaction has stored it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from typing import NamedTuple

from hub.canon.model import StewardDecision
from hub.canon.model import Subject as Kind
from hub.identity import claims
from hub.identity.cluster import Possible, Twosome
from hub.identity.decisions import Docket
from hub.identity.kind import Kind as KindOfEntity
from hub.identity.occurrences import Packing
from hub.identity.organisation import ORGANISATION as ORGANISATIONS
from hub.identity.person import PERSON as PERSONS
from hub.identity.record import Record
from hub.identity.resolver import Resolver
from hub.identity.scope import EVERYONE, Scope
from hub.identity.state import State
from hub.identity.subjects import ORGANISATION, PERSON
from hub.identity.weigh import Model
from hub.processor.pending import Pending, differing
from hub.processor.states import States, states_of, with_tied
from hub.processor.transaction import Batch, Position
from hub.view.authority import Authority, load_authority

KINDS: Mapping[str, KindOfEntity] = {PERSON: PERSONS, ORGANISATION: ORGANISATIONS}
NOTHING = Position(-1, -1)
SWEEP_PER_RECORD = 4
"""How many records are looked at again for each changed one while weights are renewed."""
SWEEP_PER_BATCH = 200
"""Beyond so many in a batch, one for each changed: what waits in the next batch waits for them."""
PACKED_PER_BATCH = 10_000
"""How many counts a batch takes into what weights are frozen on, until that is whole."""
Progress = Callable[[], None]


class Policy(NamedTuple):
    """What the operator settles about identity and views.

    `models` by kind of entity, where they are not those that come with the hub.
    """

    scope: Scope = EVERYONE
    approvers: int = 1
    authority: Authority = load_authority()
    models: Mapping[str, Model] = {}

    def resolver(self, kind: str, state: State) -> Resolver:
        """A resolver of a kind of entity that does as is settled."""
        return Resolver(self.models.get(kind), kind=KINDS[kind], scope=self.scope, state=state)


class Memory:
    """The resolvers, following the store."""

    def __init__(self, policy: Policy, states: Mapping[str, State], *, renews: bool = True) -> None:
        """Knows what the states of the kinds hold.

        Unless it `renews` them, weights stay as they were frozen.
        """
        self._renews = renews
        self._policy = policy
        self._states = states
        self._begin()

    def forget(self) -> None:
        """Know nothing: everything is loaded when next needed."""
        for state in self._states.values():
            state.clear()
        self._begin()

    def _begin(self) -> None:
        self._compared = False
        self.unsettled: set[str] = set()
        """Kinds of which the store may have something decided under other weights."""
        self._packing: dict[str, Packing] = {}
        """What weights are frozen on, by kind, as long as the store does not know it."""
        self._stored: dict[str, bytes] = {}
        """What the store had at the start of it where it may have another."""
        self._heard = NOTHING.change
        """Up to where decisions are known."""
        self._left = Pending()
        """Of before the last commit."""
        self.pending = Pending()
        """Of since the last commit."""
        self._resolvers = {name: self._policy.resolver(name, self._states[name]) for name in KINDS}
        self.position = common(one.position for one in self._resolvers.values())
        self._dockets = {kind: Docket(self._policy.approvers) for kind in KINDS}
        self._told: list[StewardDecision] = []

    # changing

    def put(self, states: States) -> None:
        """Subjects as they are now, by their kind and state; taken back where nothing commits.

        Those that ties connect with one that changed must be among them.
        """
        records = claims.records({name: state for name, (_, state) in states.items()})
        for kind in KINDS:
            mine = {name: records[name] for name, (its, _) in states.items() if its == kind}
            if mine:
                self._apply(kind, mine, {})

    def decide(self, messages: Iterable[StewardDecision]) -> None:
        """Stewards' decisions; taken back where nothing commits."""
        for message in messages:
            self._told.append(message)
            self._hear(message)

    def _hear(self, message: StewardDecision) -> None:
        kind = kind_of(message.subject)
        self._apply(kind, {}, self._dockets[kind].put([message]))

    def renew(self, changed: int, *, idle: bool) -> None:
        """Freeze the weights anew where that is due, and look at some records under them.

        It is due sooner where the processor is `idle`.
        """
        for kind, resolver in self._resolvers.items():
            if (
                self._renews
                and kind not in self._packing
                and resolver.wants_settling(under_load=not idle)
            ):
                self._freeze(kind, resolver)
            if kind in self._packing:
                self._pack(kind, self._packing[kind])
            if resolver.is_settling:
                self.pending.note(kind, resolver.settle_some(_looks(changed)))

    def begin_renewing(self) -> None:
        """Freeze all weights on what is known now; `renew` takes the records through them."""
        for kind, resolver in self._resolvers.items():
            self._freeze(kind, resolver)

    def _freeze(self, kind: str, resolver: Resolver) -> None:
        first = not resolver.counted
        resolver.begin_settling()
        self.pending.begun.setdefault(kind, self._packing.get(kind))
        self.unsettled.add(kind)
        self._stored.pop(kind, None)
        self._packing[kind] = packing = resolver.packing()
        while first and not packing.is_done:  # of a batch or two; the store has no row to mark
            packing.some(PACKED_PER_BATCH)

    def _pack(self, kind: str, packing: Packing) -> None:
        """Go on with what weights are frozen on; once it is whole it is pending."""
        packing.some(PACKED_PER_BATCH)
        if packing.is_done:
            data = packing.data()
            if data == self._stored.pop(kind, None):
                del self._packing[kind]
            else:
                self.pending.frozen[kind] = data

    def some_pending(self, limit: int) -> list[str]:
        """Subjects that are pending, at most so many; those of this batch first."""
        return list(islice(chain(self.pending.subjects, self._left.subjects), limit))

    def changed_possible(self) -> dict[tuple[str, Twosome], Possible | None]:
        """The pairs for review that the store does not know as they are."""
        return {**self._left.possible, **self.pending.possible}

    def settled(self, stored: int) -> set[str]:
        """Kinds of which nothing is left to decide once so many pending subjects are stored."""
        if stored < len(self.pending.subjects | self._left.subjects):
            return set()
        packing = self._packing.keys() - self.pending.frozen.keys()
        return {kind for kind in self.unsettled - packing if not self._resolvers[kind].is_settling}

    def committed(
        self, position: int | None, stored: Iterable[str], settled: Iterable[str]
    ) -> None:
        """What was put is in the store: at this position where records changed, these subjects."""
        if position is not None:
            self.position = self.position._replace(change=position)
            self._heard = position
        self._left.subjects |= self.pending.subjects
        self._left.subjects.difference_update(stored)
        self._left.possible = {}
        self.unsettled.difference_update(settled)
        for kind in self.pending.frozen:
            del self._packing[kind]
        self.pending = Pending()
        self._told = []
        self._commit()

    def undo(self) -> None:
        """Take back what was put since the last commit."""
        for resolver in self._resolvers.values():
            resolver.rollback()
        for message in reversed(self._told):
            self._dockets[kind_of(message.subject)].remove([message])
        for kind, before in self.pending.begun.items():
            if before is None:
                self._packing.pop(kind, None)
            else:
                self._packing[kind] = before
        self.pending = Pending()
        self._told = []

    def _commit(self) -> None:
        for resolver in self._resolvers.values():
            resolver.commit(max(0, self.position.number))

    def _apply(
        self,
        kind: str,
        records: Mapping[str, Record | None],
        verdicts: Mapping[Twosome, bool | None],
    ) -> None:
        changes = self._resolvers[kind].apply(records, verdicts)
        self.pending.note(kind, changes)
        self.pending.subjects.update(name for name, record in records.items() if record is None)

    # following the store

    @property
    def is_loaded(self) -> bool:
        """Whether all that differs from the store is pending."""
        return self._compared

    def catch_up(self, batch: Batch, progress: Progress) -> None:
        """Take what the store has that is not known here: all of it the first time.

        From then on what differs is pending.
        """
        if self.position != batch.position() or self._heard != self.position.change:
            self.follow(batch, progress)
        if not self._compared:
            self._compare(batch.entity_of_all(), batch.possible())
            self.unsettled = batch.unsettled()
            self._pack_anew(batch)
            self._compared = True

    def _pack_anew(self, batch: Batch) -> None:
        """Where the store is not settled it may lack what weights are frozen on: see whether."""
        if self._renews and self.unsettled:
            self._stored = batch.frozen(NOTHING.change)
            self._packing = {kind: self._resolvers[kind].packing() for kind in self.unsettled}

    def follow(self, batch: Batch, progress: Progress) -> None:
        """Take records, decisions and frozen weights that changed after the position known."""
        now = batch.position()
        if now.lineage != self.position.lineage or now.change < self.position.change:
            self.forget()
        before = self.position.change
        for kind, resolver in self._resolvers.items():
            # a kind that knows nothing yet must not let the other be weighed anew
            known = Position.of(resolver.position).change if resolver.position else before
            data = batch.frozen(max(before, known)).get(kind)
            if data is not None:
                resolver.freeze_as(data)
                self._packing.pop(kind, None)
        for message in batch.decisions_after(self._heard):
            self._hear(message)
        self._heard = now.change
        for rows in batch.subjects_after(before):
            self.put(with_tied(batch, states_of(rows)))
            progress()
        self._renew_all(progress)
        self.position = now
        self._left.subjects |= self.pending.subjects
        self._left.possible |= self.pending.possible
        self.pending = Pending()
        self._commit()

    def _renew_all(self, progress: Progress) -> None:
        for kind, resolver in self._resolvers.items():
            while resolver.is_settling:
                self.pending.note(kind, resolver.settle_some(1_000))
                progress()

    def _compare(
        self, entity_of: Mapping[str, str | None], possible: Mapping[tuple[str, Twosome], Possible]
    ) -> None:
        """Let only what differs from the store be pending: its entities and pairs for review."""
        clusters = chain.from_iterable(one.clusters() for one in self._resolvers.values())
        self._left = Pending()
        self._left.subjects.update(differing(clusters, entity_of))
        now = {
            (kind, (one.a, one.b)): one
            for kind, resolver in self._resolvers.items()
            for one in resolver.possible()
        }
        self._left.possible.update(
            {pair: one for pair, one in now.items() if possible.get(pair) != one}
        )
        self._left.possible.update(dict.fromkeys(possible.keys() - now.keys()))

    # asking

    @property
    def keys_cut(self) -> dict[str, int]:
        """How many keys of each kind find nobody because too many records hold them."""
        return {kind: resolver.index.cut for kind, resolver in self._resolvers.items()}

    @property
    def assumptions(self) -> dict[tuple[str, str], bool]:
        """What is taken for true of all records, by kind and assumption."""
        return {
            (kind, name): holds
            for kind, resolver in self._resolvers.items()
            for name, holds in resolver.assumptions.items()
        }

    @property
    def thresholds(self) -> dict[str, int]:
        """What two entities of a kind must weigh together to be one, in millibits."""
        return {kind: resolver.threshold for kind, resolver in self._resolvers.items()}

    @property
    def left_out(self) -> Mapping[Twosome, int]:
        """How many pairs of records were not compared for lack of an agreement, by agencies."""
        found: Counter[Twosome] = Counter()
        for resolver in self._resolvers.values():
            found += resolver.left_out
        return found

    def wants_time(self, *, idle: bool) -> bool:
        """Whether there is something to do even where no event comes, or none came for a while."""
        return bool(self.pending or self._left or self.unsettled) or any(
            (self._renews and one.wants_settling(under_load=not idle)) or one.is_settling
            for one in self._resolvers.values()
        )

    def resolver_of(self, name: str) -> Resolver | None:
        """The resolver that knows a subject."""
        return next((one for one in self._resolvers.values() if _entity(one, name)), None)

    def verdict(self, pair: Twosome) -> bool | None:
        """What stewards decided about two subjects, the smaller first."""
        told = (docket.verdict(pair) for docket in self._dockets.values())
        return next((one for one in told if one is not None), None)

    def clusters(self, subjects: Iterable[tuple[str, str]]) -> set[tuple[str, ...]]:
        """The clusters of subjects, given by kind and name; who claims nothing has none."""
        found = (_entity(self._resolvers[kind], name) for kind, name in subjects)
        return {one for one in found if one}


def _entity(resolver: Resolver, name: str) -> tuple[str, ...]:
    try:
        return resolver.entity(name)
    except KeyError:
        return ()


def kind_of(subject: Kind) -> str:
    """The kind of entity a decision is about."""
    return PERSON if subject is Kind.PERSON else ORGANISATION


def common(positions: Iterable[int]) -> Position:
    """Up to where all of several caches have a store.

    One that knows nothing does not let the others forget, as long as they are of one lineage.
    """
    told = [Position.of(one) if one else None for one in positions]
    lineages = {one.lineage for one in told if one}
    if len(lineages) != 1:
        return NOTHING
    return Position(lineages.pop(), min(one.change if one else NOTHING.change for one in told))


def _looks(changed: int) -> int:
    return max(changed, min(changed * SWEEP_PER_RECORD, SWEEP_PER_BATCH))
