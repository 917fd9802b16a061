"""Applies batches of messages: loads what the pure step needs, commits what it says."""

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from hub import clock
from hub.bus.reader import Message
from hub.canon.codec import Codec
from hub.errors import DecodeError, Fenced, Unavailable
from hub.identity.state import KEY_BYTES, MemoryState, State
from hub.processor import attempts, step
from hub.processor.attempts import Attempt
from hub.processor.change import Change, Stored
from hub.processor.memory import KINDS, Memory, Policy
from hub.processor.outcome import Outcome, tell
from hub.processor.step import Refusal
from hub.processor.store import Store
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import DiedWith, StoreAway

RETRY_FIRST_S = 0.25
RETRY_MAX_S = 10.0
TRIES_OF_ONE = 3
SETTLE_RECORDS = 25
"""A portion of what is done while no event comes."""
Partition = tuple[str, int]
Result = TypeVar("Result")


def state_secret(identity_key: bytes) -> bytes:
    """The secret of what the resolvers remember."""
    return blake2b(b"resolver", key=identity_key[:64], digest_size=KEY_BYTES).digest()


def where(error: BaseException) -> str:
    """The place in the code where an error that was caught was raised.

    Its own text may hold a value of somebody. For example `at identity/weigh.py:209`.
    """
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"at {'/'.join(Path(place.filename).parts[-2:])}:{place.lineno}"


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
        policy: Policy | None = None,
        *,
        states: Mapping[str, State] | None = None,
        renews: bool = True,
    ) -> None:
        """Holds no partition yet. Without `states`, by kind, the memory ends with the process."""
        self.store = store
        self._policy = policy or Policy()
        self.memory = Memory(
            self._policy,
            states or {kind: MemoryState(state_secret(identity_key)) for kind in KINDS},
            renews=renews,
        )
        self.lease_epoch: int | None = None
        """Under which lease it works; None where nobody else can."""
        self._codec = codec
        self._stop = stop
        self._health = health
        self.epochs: dict[Partition, int] = {}
        self._suspects: dict[Partition, Attempt] = {}
        self._deadly: dict[Partition, frozenset[int]] = {}

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
            f"the processor failed with {type(error).__name__} {where(error)}",
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
        if refuse_all is None:
            told = step.read(self._codec, messages)
        else:
            told = step.Read([], [], [Refusal(one, refuse_all, "fold") for one in messages])
        deadly = refuse_all is not None and refuse_all.code == attempts.DEADLY
        places = [(one.topic, one.partition, one.offset) for one in messages] if deadly else []
        self._commit(self._offsets(messages), lambda change: change.apply(told), places)

    def settle(self, records: int = SETTLE_RECORDS, *, idle: bool = True) -> bool:
        """Look at some records again where there is need; whether there is more to do.

        Not `idle`, while messages keep coming, weights stay as they are for longer. Raises Fenced,
        or Stopped, as `process` does.
        """
        if self.memory.is_loaded and not self.memory.wants_time(idle=idle):
            return False
        self._patiently(
            lambda: self._commit({}, lambda change: change.settle(records, idle=idle), [])
        )
        return self.memory.wants_time(idle=idle)

    def load(self) -> None:
        """Make the memory follow the store up to now; a first time that takes a while."""
        self._patiently(lambda: self._commit({}, None, []))

    def follow(self) -> None:
        """As a standby: make the memory follow, which another's batches change."""
        with self.store.snapshot() as batch:
            self.memory.follow(batch, lambda: self._health.turn("loading"))

    def renew_weights(self) -> None:
        """Freeze the weights on what is known now, and settle all of it."""
        self.load()
        self.memory.begin_renewing()
        while self.settle():
            continue

    def _commit(
        self,
        offsets: Mapping[Partition, tuple[int, int]],
        what: Callable[[Change], tuple[Outcome, Stored]] | None,
        deadly: Sequence[tuple[str, int, int]],
    ) -> None:
        """One transaction; where it fails the memory is as it was."""
        began_s = clock.monotonic_s()
        outcome: Outcome | None = None
        done = Stored(None, frozenset())
        try:
            with self.store.batch(offsets, self.lease_epoch) as batch:
                self.memory.catch_up(batch, lambda: self._health.turn("loading"))
                if deadly:
                    batch.put_deadly(deadly)
                if what is not None:
                    change = Change(batch, self.memory, self._codec, self._policy.authority)
                    outcome, done = what(change)
        except BaseException:
            self.memory.undo()
            raise
        if outcome is not None:
            self.memory.committed(*done)
            tell(outcome, clock.monotonic_s() - began_s)
        self._health.turn()

    def _offsets(self, messages: Sequence[Message]) -> dict[Partition, tuple[int, int]]:
        offsets: dict[Partition, tuple[int, int]] = {}
        for one in messages:
            partition = (one.topic, one.partition)
            offsets[partition] = (one.offset + 1, self.epochs[partition])
        return offsets
