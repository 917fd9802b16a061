"""Everything one batch changes, inside its transaction: loads, decides, folds, stores."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub import clock
from hub.bus.topics import BUSINESSES, CITIZENS
from hub.canon.codec import Codec
from hub.canon.model import IdentityChangeKind, SubjectState
from hub.identity import assign, subjects
from hub.identity.assign import Assigned, Member
from hub.identity.subjects import PERSON, subject_id
from hub.processor import reasons, step
from hub.processor.memory import Memory
from hub.processor.outcome import Outcome
from hub.processor.rows import MembershipRow, Outgoing, SubjectRow
from hub.processor.step import Held
from hub.processor.transaction import Batch
from hub.view.authority import Authority
from hub.view.fold import View

SUBJECTS_MAX = 20_000
"""How many subjects one transaction gives other entities; what is left waits for the next."""
VIEW_TOPICS = (CITIZENS.name, BUSINESSES.name)
Members = dict[str, list[Held]]


class Stored(NamedTuple):
    """What of the memory's pending is in the store once the transaction commits."""

    position: int | None
    subjects: frozenset[str]
    settled: frozenset[str] = frozenset()


class Change:
    """One transaction's work."""

    def __init__(self, batch: Batch, memory: Memory, codec: Codec, authority: Authority) -> None:
        """Inside the transaction already, with a memory that has followed the store."""
        self._batch = batch
        self._memory = memory
        self._codec = codec
        self._authority = authority
        self._outgoing: list[Outgoing] = []

    def apply(self, told: step.Read) -> tuple[Outcome, Stored]:
        """Apply messages; what could not be read is quarantined."""
        batch = self._batch
        names = [one.event_id for one in told.events] + [one.event_id for one in told.decisions]
        inbox = batch.inbox(names) if names else {}
        events = step.sort_out(told.events, inbox)
        decisions = step.sort_out(told.decisions, inbox)
        refused = [*told.refused, *events.conflicts, *decisions.conflicts]
        self._outgoing += [step.quarantine_message(one, clock.now_us()) for one in refused]
        stored = {
            row.subject_id: Held(row)
            for row in batch.subjects(
                record_ids={one.event.envelope.origin.record_id for one in events.fresh}
            )
        }
        changed, older = step.tell(stored, events.fresh)
        self._memory.put(_with_tied(stored, changed))
        self._memory.decide([one.event for one in decisions.fresh])
        self._memory.renew(len(changed), idle=False)
        outcome, done = self._identify(stored, changed, bool(decisions.fresh))
        if done.position is not None:
            batch.put_decisions([one.event for one in decisions.fresh], done.position)
        batch.put_inbox([*step.inbox_rows(events), *step.inbox_rows(decisions)])
        batch.put_outgoing(self._outgoing)
        batch.add_books(step.book_entries(events, refused, older))
        return outcome._replace(found=events, refused=refused, older=older), done

    def settle(self, records: int, *, idle: bool) -> tuple[Outcome, Stored]:
        """Look at some records again, and store what the memory has pending."""
        self._memory.renew(records, idle=idle)
        outcome, done = self._identify({}, {}, decided=False)
        self._batch.put_outgoing(self._outgoing)
        return outcome, done

    # whose it is

    def _identify(
        self, stored: Mapping[str, Held], changed: Mapping[str, Held], decided: bool
    ) -> tuple[Outcome, Stored]:
        """Store whose the subjects are, with the views concerned."""
        batch, pending = self._batch, self._memory.pending
        new = bool(changed or decided or pending.frozen)
        position = batch.take_numbers("change", 1) + 1 if new else None
        waiting = self._memory.some_pending(SUBJECTS_MAX)
        names = {*changed, *waiting}
        known = self._gather(changed, names) if names else {}
        assigned = self._assign(known) if known else Assigned({}, ())
        moved = {
            name: entity
            for name, entity in assigned.entity_of.items()
            if entity != known[name].entity_id
        }
        views = self._views(stored, changed, known, assigned, moved)
        if changed and position is not None:
            batch.put_subjects(_rows(changed, assigned), position)
        batch.move_subjects({name: one for name, one in moved.items() if name not in changed})
        batch.put_entities([one.entity for one in assigned.steps])
        possible = self._memory.changed_possible()
        batch.put_possible(possible, clock.now_us())
        if pending.begun:
            batch.put_unsettled(pending.begun)
        for kind, data in sorted(pending.frozen.items()):
            batch.put_frozen(kind, data, position or 0)
        settled = self._memory.settled(len({*waiting}))
        if settled:
            batch.put_settled(settled)
        refusals = [one.refusal for one in possible.values() if one and one.refusal]
        outcome = Outcome(None, [], 0, assigned.steps, tuple(refusals), views)
        return outcome, Stored(position, frozenset({*names, *known}), frozenset(settled))

    def _gather(self, changed: Mapping[str, Held], names: set[str]) -> dict[str, Held]:
        """Subjects with all those that share an entity with them, before the change or after."""
        known: dict[str, Held] = {}
        wanted = names
        while wanted:
            rows = self._batch.around(wanted)
            known.update((row.subject_id, Held(row)) for row in rows if row.subject_id not in known)
            known.update((name, changed[name]) for name in wanted & changed.keys())
            members = {one for cluster in self._clusters(known) for one in cluster}
            wanted = members - known.keys()
        known.update((name, changed[name]) for name in known.keys() & changed.keys())
        return known

    def _clusters(self, known: Mapping[str, Held]) -> set[tuple[str, ...]]:
        return self._memory.clusters((one.kind, name) for name, one in known.items())

    def _assign(self, known: Mapping[str, Held]) -> Assigned:
        entities = self._batch.entities(
            {one.entity_id for one in known.values() if one.entity_id}, known
        )
        assigned = assign.assign(
            (Member(name, one.kind, one.entity_id) for name, one in known.items()),
            self._clusters(known),
            entities,
            self._batch.take_numbers("entity", 0),
            lambda kind, one, other: reasons.of(self._memory, kind, one, other),
        )
        minted = sum(1 for one in assigned.steps if one.entity.entity_id not in entities)
        if minted:
            self._batch.take_numbers("entity", minted)
        return assigned

    # what is seen of it

    def _views(
        self,
        stored: Mapping[str, Held],
        changed: Mapping[str, Held],
        known: dict[str, Held],
        assigned: Assigned,
        moved: Mapping[str, str | None],
    ) -> int:
        """Fold and store the views concerned, and queue what is to be told; how many views."""
        concerned = {name for name in (*changed, *moved) if name in known}
        touched = {assigned.entity_of[name] for name in concerned}
        touched |= {known[name].entity_id for name in concerned}
        before = _members(known, {name: one.entity_id for name, one in known.items()}, touched)
        entity_of = {**{name: one.entity_id for name, one in known.items()}, **moved}
        tied = self._tied(stored, known, moved, entity_of)
        members = _members(known, entity_of, touched | tied)
        gone = {
            one.entity.entity_id: step.gone_view(one.entity)
            for one in assigned.steps
            if one.entity.entity_id not in members
        }
        others = self._others(members, entity_of)
        views: dict[str, View] = {**step.views_of(members, others, self._authority), **gone}
        published = step.publish(self._codec, views, self._batch.views(views) if views else {})
        self._batch.put_views(published.rows)
        self._tell_identity(assigned, known)
        self._outgoing += published.messages
        versions = {row.entity_id: row.version for row in published.rows}
        self._remember(assigned, before, members, versions)
        return len(published.messages)

    def _tied(
        self,
        stored: Mapping[str, Held],
        known: dict[str, Held],
        moved: Mapping[str, str | None],
        entity_of: dict[str, str | None],
    ) -> set[str | None]:
        """Entities of other subjects in the records of those that moved: their roles name them.

        Adds all members of these entities to `known` and `entity_of`.
        """
        records = {
            known[name].record_id
            for name in moved
            if subjects.is_tied(known[name].state)
            or (name in stored and subjects.is_tied(stored[name].state))
        }
        if not records:
            return set()
        entities = {row.entity_id for row in self._batch.subjects(record_ids=records)}
        entities |= {entity_of[name] for name, one in known.items() if one.record_id in records}
        entities.discard(None)
        for row in self._batch.subjects(entity_ids=[one for one in entities if one]):
            if row.subject_id not in known:
                known[row.subject_id] = Held(row)
                entity_of[row.subject_id] = row.entity_id
        return entities

    def _others(
        self, members: Members, entity_of: Mapping[str, str | None]
    ) -> dict[str, str | None]:
        """The entities of the subjects that roles of these members name."""
        named: set[str] = set()
        for held in members.values():
            for one in held:
                for role in subjects.roles(one.state):
                    person = one.kind == PERSON
                    other = role.organisation_ref if person else role.person_ref
                    kind = subjects.ORGANISATION if person else PERSON
                    named.add(subject_id(one.record_id, kind, other))
        found = self._batch.entity_of(named - entity_of.keys())
        return {**found, **{name: entity_of[name] for name in named & entity_of.keys()}}

    def _tell_identity(self, assigned: Assigned, known: Mapping[str, Held]) -> None:
        if assigned.steps:
            first = self._batch.take_numbers("identity", len(assigned.steps))
            records = {name: one.record_id for name, one in known.items()}
            self._outgoing += step.identity_messages(self._codec, assigned.steps, records, first)

    def _remember(
        self, assigned: Assigned, before: Members, after: Members, versions: Mapping[str, int]
    ) -> None:
        """Keep who came to entities and who went; what was not published of the latter never is."""
        minted = {
            one.entity.entity_id for one in assigned.steps if one.kind is IdentityChangeKind.MINTED
        }
        merged = {one.entity.entity_id for one in assigned.steps if one.entity.redirect_to}
        rows: list[MembershipRow] = []
        for name, version in versions.items():
            had = {one.subject_id for one in before.get(name, ())}
            has = {one.subject_id for one in after.get(name, ())}
            alone = version == 1 and name in minted and len(has) == 1
            if had != has and not alone:
                came, went = tuple(sorted(has - had)), tuple(sorted(had - has))
                rows.append(MembershipRow(name, version, clock.now_us(), came, went))
        self._batch.put_memberships(rows)
        parted = [row.entity_id for row in rows if row.parted and row.entity_id not in merged]
        if parted:
            self._batch.drop_outgoing(parted, VIEW_TOPICS)


def _with_tied(
    stored: Mapping[str, Held], changed: Mapping[str, Held]
) -> dict[str, tuple[str, SubjectState]]:
    """What changed, and all that ties connect it with: an owner's name is told of his business."""
    tied = {one.record_id for one in changed.values() if subjects.is_tied(one.state)}
    others = {name: one for name, one in stored.items() if one.record_id in tied}
    return {name: (one.kind, one.state) for name, one in {**others, **changed}.items()}


def _members(
    known: Mapping[str, Held],
    entity_of: Mapping[str, str | None],
    wanted: Iterable[str | None],
) -> Members:
    """The subjects of the entities wanted."""
    asked = set(wanted)
    found: Members = {}
    for name, one in known.items():
        entity = entity_of[name]
        if entity is not None and entity in asked:
            found.setdefault(entity, []).append(one)
    return found


def _rows(changed: Mapping[str, Held], assigned: Assigned) -> list[SubjectRow]:
    """Changed subjects as rows."""
    return [
        SubjectRow(name, one.kind, one.record_id, assigned.entity_of[name], one.data)
        for name, one in changed.items()
    ]
