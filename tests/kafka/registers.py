"""A store on a real PostgreSQL and what works on it, without Kafka."""

import threading
from collections.abc import Callable, Iterable, Mapping

from made_events import KEY, message
from made_people import subject

from hub.bus.reader import Message
from hub.canon.codec import Codec, Value, wire_names
from hub.canon.model import DecisionKind, Event, StewardDecision
from hub.canon.model import Subject as Kind
from hub.identity.decisions import propose
from hub.identity.state import State
from hub.local.postgres import Postgres
from hub.processor.digest import state_digest
from hub.processor.memory import Policy
from hub.processor.scratch import drop
from hub.processor.store import Store
from hub.processor.work import Worker
from hub.telemetry.metrics import Health

CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})


class Register:
    """A store and what works on it, fed with values as Kafka would bring them."""

    def __init__(
        self,
        postgres: Postgres,
        schema: str,
        policy: Policy | None = None,
        states: Mapping[str, State] | None = None,
    ) -> None:
        self.store = Store(postgres.dsn("postgres"), schema)
        drop(self.store)
        self.store.migrate()
        self.policy = policy or Policy()
        self._states = states
        self.restart()
        self._offset = 0

    def restart(self, *, renews: bool = True) -> None:
        """Another process goes on: it knows what is in the store, and in the states if any."""
        self.worker = Worker(
            self.store,
            CODEC,
            KEY,
            threading.Event(),
            Health(),
            self.policy,
            states=self._states,
            renews=renews,
        )
        self.worker.assign("made", 0)

    def tell(self, *values: Value) -> None:
        """One batch."""
        self.worker.process([self._message(value) for value in values])

    def _message(self, value: Value) -> Message:
        self._offset += 1
        if isinstance(value, Event):
            key, data, headers = message(CODEC, value)
        else:
            key, data, headers = b"", CODEC.encode(value), []
        return Message("made", 0, self._offset, key, data, tuple(headers), 0)

    def digest(self) -> str:
        """What all views say."""
        return state_digest(self.store, CODEC)

    def settled(self) -> tuple[str, set[tuple[str, ...]]]:
        """What all views say and who is to be looked at, weighed by what is known now."""
        self.worker.renew_weights()
        rows = self.store.connection().execute(
            "SELECT kind, a::text, b::text, refusal FROM possible"
        )
        return self.digest(), set(rows.fetchall())

    def entity(self, record: int) -> str | None:
        """Whose the person of a record is."""
        row = self.store.connection().execute(
            "SELECT entity_id::text FROM subject WHERE subject_id = %s", [subject(record)]
        )
        return row.fetchone()[0]  # type: ignore[index,no-any-return]


Registers = Callable[..., Register]


def decided(
    kind: DecisionKind, a: Iterable[int], b: Iterable[int], at: int, steward: str = "anna"
) -> StewardDecision:
    """What a steward decides about the people of records."""
    return propose(
        kind, Kind.PERSON, (map(subject, a), map(subject, b)), steward, "looked at both", at
    )
