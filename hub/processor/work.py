"""Applies batches of messages: loads what the pure step needs, commits what it says."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from hub import clock
from hub.bus.reader import Message
from hub.canon.codec import Codec
from hub.connect.derive import derive_id
from hub.errors import DecodeError, Fenced, Unavailable
from hub.identity import subjects
from hub.identity.plain import Decision
from hub.identity.subjects import PERSON, Token, entity_id, subject_id
from hub.processor import attempts, step
from hub.processor.attempts import Attempt
from hub.processor.outcome import Outcome, tell
from hub.processor.rows import InboxRow, Outgoing
from hub.processor.step import Held, Incoming, Refusal
from hub.processor.store import Store
from hub.processor.transaction import Batch
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import DiedWith, StoreAway

RETRY_FIRST_S = 0.25
RETRY_MAX_S = 10.0
TRIES_OF_ONE = 3
NEIGHBOURS_MAX = 20_000
Partition = tuple[str, int]
Result = TypeVar("Result")
TOKENS_CACHED = 200_000


class Stopped(Exception):
    """The worker was asked to stop while it waited; the batch is not committed."""


class Worker:
    """One worker: a store, a codec, and the epochs of the partitions it holds."""

    def __init__(
        self,
        store: Store,
        codec: Codec,
        identity_key: bytes,
        stop: threading.Event,
        health: Health,
    ) -> None:
        """Holds no partition yet."""
        self.store = store
        self._codec = codec
        self._key = identity_key
        self._stop = stop
        self._health = health
        self.epochs: dict[Partition, int] = {}
        self._suspects: dict[Partition, Attempt] = {}
        self._deadly: dict[Partition, frozenset[int]] = {}
        self._tokens_known: dict[tuple[str, str, str], Token] = {}

    def assign(self, topic: str, partition: int) -> int | None:
        """Take a partition; the next offset to apply, None where there is none yet."""
        found = self._patiently(lambda: self.store.assign(topic, partition))
        self.epochs[topic, partition] = found.epoch
        self._suspects.pop((topic, partition), None)
        if found.died_with is not None:
            self._suspects[topic, partition] = found.died_with
            DiedWith(topic, partition, *found.died_with).emit()
        self._deadly[topic, partition] = found.deadly
        return found.next_offset

    def release(self, topic: str, partition: int) -> None:
        """Give a partition up: its messages are passed over from now on."""
        self.epochs.pop((topic, partition), None)

    def process(self, messages: Sequence[Message]) -> None:
        """Apply messages, in order within their partitions, and commit.

        Raises Fenced where another worker took over, Stopped where asked to stop while waiting.
        Nothing else: what cannot be used is in quarantine when this returns.
        """
        held_ = [one for one in messages if (one.topic, one.partition) in self.epochs]
        for portion in attempts.portions(held_, self._suspects, self._deadly):
            if portion.deadly:
                self._refuse(portion.messages, attempts.deadly_error())
            else:
                self._process(portion.messages)

    def _process(self, messages: Sequence[Message]) -> None:
        hand = attempts.in_hand(messages)
        epochs = [self.epochs[partition] for partition in hand]
        try:
            self._patiently(lambda: self.store.begin(hand, epochs))
            self._patiently(lambda: self._apply(messages, None))
        except (Fenced, Stopped):
            raise
        except Exception as error:  # noqa: BLE001 - our own fault: find the event it is about
            if len(messages) > 1:
                middle = len(messages) // 2
                self._process(messages[:middle])
                self._process(messages[middle:])
            else:
                self._last_tries(messages, error)

    def _last_tries(self, messages: Sequence[Message], error: Exception) -> None:
        for attempt in range(1, TRIES_OF_ONE):
            self._wait(RETRY_FIRST_S * attempt)
            try:
                self._patiently(lambda: self._apply(messages, None))
            except (Fenced, Stopped):
                raise
            except Exception as again:  # noqa: BLE001 - as above
                error = again
            else:
                return
        told = DecodeError(
            f"the processor failed with {type(error).__name__}",
            code="E-FOLD",
            rule="an event the processor can apply",
            remedy="mend the processor, then: hub quarantine replay processor",
        )
        self._refuse(messages, told)

    def _refuse(self, messages: Sequence[Message], told: DecodeError) -> None:
        self._patiently(lambda: self._apply(messages, told))

    def _patiently(self, what: Callable[[], Result]) -> Result:
        """Do something, again and again while PostgreSQL or the registry is away."""
        wait_s = RETRY_FIRST_S
        while True:
            try:
                return what()
            except Unavailable as error:
                StoreAway(error.message, wait_s).emit()
                self._health.turn(error.message)
                self._wait(wait_s)
                wait_s = min(wait_s * 2, RETRY_MAX_S)

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(clock.jitter(seconds)):
            raise Stopped

    def _apply(self, messages: Sequence[Message], refuse_all: DecodeError | None) -> None:
        began_s = clock.monotonic_s()
        if refuse_all is None:
            events, refused = step.read(self._codec, messages)
        else:
            events, refused = [], [Refusal(one, refuse_all, "fold") for one in messages]
        with self.store.batch(self._offsets(messages)) as batch:
            if refuse_all is not None and refuse_all.code == attempts.DEADLY:
                batch.put_deadly([(one.topic, one.partition, one.offset) for one in messages])
            outcome = self._commit(batch, events, refused)
        self._health.turn()
        tell(outcome, clock.monotonic_s() - began_s)

    def _offsets(self, messages: Sequence[Message]) -> dict[Partition, tuple[int, int]]:
        offsets: dict[Partition, tuple[int, int]] = {}
        for one in messages:
            partition = (one.topic, one.partition)
            offsets[partition] = (one.offset + 1, self.epochs[partition])
        return offsets

    def _commit(self, batch: Batch, events: list[Incoming], refused: list[Refusal]) -> Outcome:
        """Everything one batch changes, inside its transaction."""
        found = step.sort_out(events, batch.inbox([one.event.envelope.event_id for one in events]))
        refused = [*refused, *found.conflicts]
        outgoing = [step.quarantine_message(one, clock.now_us()) for one in refused]
        records = {one.event.envelope.origin.record_id for one in found.fresh}
        stored = {
            row.subject_id: step.hold(row, self.tokens)
            for row in batch.subjects(record_ids=records)
        }
        changed, older = step.tell(stored, found.fresh, self.tokens)
        decision, views = None, 0
        if changed:
            known = self._neighbourhood(batch, stored, changed)
            decision, messages = self._identify(batch, stored, changed, known)
            views = len(messages)
            outgoing += messages
        batch.put_inbox(
            [
                InboxRow(one.event.envelope.event_id, one.digest, one.schema_id)
                for one in found.fresh
            ]
        )
        batch.put_outgoing(outgoing)
        batch.add_books(
            step.book_entries(found, refused[: len(refused) - len(found.conflicts)], older)
        )
        return Outcome(found, refused, older, decision, views)

    def _neighbourhood(
        self, batch: Batch, stored: Mapping[str, Held], changed: Mapping[str, Held]
    ) -> dict[str, Held]:
        """Everything linked to what changed, by identifiers or by entity, after the change."""
        known: dict[str, Held] = {**stored, **changed}
        asked_tokens: set[str] = set()
        asked_entities: set[str] = set()
        frontier: Iterable[Held] = [*stored.values(), *changed.values()]
        while frontier:
            tokens = {token.token for one in frontier for token in one.tokens} - asked_tokens
            entities = {one.entity_id for one in frontier if one.entity_id} - asked_entities
            asked_tokens |= tokens
            asked_entities |= entities
            wanted = batch.holders(tokens) - known.keys()
            rows = batch.subjects(subject_ids=wanted, entity_ids=entities)
            frontier = [
                step.hold(row, self.tokens)
                for row in {row.subject_id: row for row in rows}.values()
                if row.subject_id not in known
            ]
            known.update((one.subject_id, one) for one in frontier)
            if len(known) > NEIGHBOURS_MAX:
                raise DecodeError(
                    f"more than {NEIGHBOURS_MAX} records hang together",
                    code="E-NEIGHBOURHOOD",
                    rule="a bounded neighbourhood",
                )
        return known

    def _identify(
        self,
        batch: Batch,
        stored: Mapping[str, Held],
        changed: Mapping[str, Held],
        known: dict[str, Held],
    ) -> tuple[Decision, list[Outgoing]]:
        """Decide whose the subjects are, fold the views concerned, store all of it."""
        names = {one.entity_id for one in known.values() if one.entity_id}
        names |= {entity_id(name) for name, one in known.items() if one.live}
        entities = batch.entities(names)
        decision = step.decide(known.values(), entities, _next_order(batch))
        minted = [one.entity for one in decision.steps if one.entity.entity_id not in entities]
        if minted:
            batch.take_numbers("entity", len(minted))
        moved = {
            name: one._replace(entity_id=decision.assignments[name])
            for name, one in known.items()
            if decision.assignments[name] != one.entity_id
        }
        touched = {decision.assignments[name] for name in (*changed, *moved)}
        touched |= {known[name].entity_id for name in (*changed, *moved)}
        now = {**known, **moved}
        touched |= self._tied(batch, now, moved, stored)
        batch.put_subjects(
            step.stored_rows((now[name] for name in {**changed, **moved}), decision.assignments)
        )
        self._index(batch, stored, changed)
        batch.put_entities([one.entity for one in decision.steps])
        return decision, self._fold(batch, decision, now, touched)

    def _tied(
        self,
        batch: Batch,
        known: dict[str, Held],
        moved: Mapping[str, Held],
        stored: Mapping[str, Held],
    ) -> set[str | None]:
        """Entities of other subjects in the records of those that moved: their roles name them.

        Adds all members of these entities to `known`.
        """
        records = {
            one.state.record_id
            for name, one in moved.items()
            if subjects.is_tied(one.state)
            or (name in stored and subjects.is_tied(stored[name].state))
        }
        if not records:
            return set()
        entities = {row.entity_id for row in batch.subjects(record_ids=records) if row.entity_id}
        entities |= {
            one.entity_id
            for one in known.values()
            if one.entity_id and one.state.record_id in records
        }
        for row in batch.subjects(entity_ids=entities):
            if row.subject_id not in known:
                known[row.subject_id] = step.hold(row, self.tokens)
        return set(entities)

    @staticmethod
    def _index(batch: Batch, stored: Mapping[str, Held], changed: Mapping[str, Held]) -> None:
        added: list[tuple[str, str]] = []
        removed: list[tuple[str, str]] = []
        for name, one in changed.items():
            last = stored.get(name)
            before = {token.token for token in last.tokens} if last else set()
            after = {token.token for token in one.tokens}
            added += [(token, name) for token in sorted(after - before)]
            removed += [(token, name) for token in sorted(before - after)]
        batch.remove_identifiers(removed)
        batch.put_identifiers(added)

    def _fold(
        self,
        batch: Batch,
        decision: Decision,
        known: Mapping[str, Held],
        touched: set[str | None],
    ) -> list[Outgoing]:
        members: dict[str, list[Held]] = {}
        for one in known.values():
            if one.entity_id in touched and one.entity_id is not None and one.live:
                members.setdefault(one.entity_id, []).append(one)
        gone = {
            one.entity.entity_id: step.gone_view(one.entity)
            for one in decision.steps
            if one.entity.entity_id not in members
        }
        entity_of = self._others(batch, known, members)
        views = {**step.views_of(members, members, entity_of), **gone}
        published = step.publish(self._codec, views, batch.views(views))
        batch.put_views(published.rows)
        records = {name: one.state.record_id for name, one in known.items()}
        messages = []
        if decision.steps:
            first = batch.take_numbers("identity", len(decision.steps))
            messages = step.identity_messages(self._codec, decision.steps, records, first)
        return [*messages, *published.messages]

    @staticmethod
    def _others(
        batch: Batch, known: Mapping[str, Held], members: Mapping[str, list[Held]]
    ) -> dict[str, str | None]:
        """The entities of the subjects that roles of these members name."""
        named: set[str] = set()
        for held_ in members.values():
            for one in held_:
                for role in subjects.roles(one.state):
                    person = one.kind == PERSON
                    other = role.organisation_ref if person else role.person_ref
                    kind = "organisation" if person else PERSON
                    named.add(subject_id(one.state.record_id, kind, other))
        found = batch.entity_of(named - known.keys())
        found.update((name, known[name].entity_id) for name in named & known.keys())
        return found

    def tokens(self, kind: str, verified: list[tuple[str, str]]) -> tuple[Token, ...]:
        """Blind tokens of verified identifiers: the index gives no number away."""
        return tuple(self._token(kind, scheme, value) for scheme, value in verified)

    def _token(self, kind: str, scheme: str, value: str) -> Token:
        name = (kind, scheme, value)
        token = self._tokens_known.get(name)
        if token is None:
            if len(self._tokens_known) >= TOKENS_CACHED:
                self._tokens_known.clear()
            token = Token(scheme, derive_id(self._key, "identifier", kind, scheme, value))
            self._tokens_known[name] = token
        return token


def _next_order(batch: Batch) -> int:
    return batch.take_numbers("entity", 0)
