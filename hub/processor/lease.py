"""The lease of the one active processor: a row with an epoch and an expiry, by PostgreSQL's clock.

A thread keeps it while the process lives and its loop turns. Killed, hung or cut off, a holder lets
it expire, and a standby takes it under the next epoch; what the last holder had open is ended then,
and what it tries to commit later is refused by its epoch in the same transaction.
"""

import threading
from collections.abc import Callable

from hub import clock
from hub.errors import Unavailable
from hub.processor.lease_row import keep_lease, lease_holder, leave_lease, take_lease
from hub.processor.store import Store
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import LeaseLost, LeaseTaken

LEASE_S = 4.0
KEEP_EVERY_S = 1.0
ASK_EVERY_S = 0.5


def holder_name() -> str:
    """A name for one process, also of its connections to PostgreSQL."""
    return f"civic-processor-{clock.random_token(8)}"


class Lease:
    """One process's part in who is active."""

    def __init__(self, dsn: str, schema: str, holder: str, health: Health) -> None:
        """Holds nothing yet."""
        self._store = Store(dsn, schema, holder)
        self._holder = holder
        self._health = health
        self._left = threading.Event()
        self._thread: threading.Thread | None = None
        self.epoch: int | None = None

    def wait(self, stop: threading.Event, meanwhile: Callable[[], None]) -> int | None:
        """Wait until the lease is ours; its epoch, None where asked to stop.

        `meanwhile` is called again and again while another holds it.
        """
        while not stop.is_set():
            try:
                epoch = take_lease(self._store, self._holder, LEASE_S)
                if epoch is not None:
                    self._keep(epoch)
                    return epoch
                meanwhile()
                self._health.stand_by(lease_holder(self._store))
            except Unavailable as error:
                self._health.turn(error.message)
            stop.wait(ASK_EVERY_S)
        return None

    def leave(self) -> None:
        """Let another have it at once."""
        self._left.set()
        if self._thread is not None:
            self._thread.join(LEASE_S)
        try:
            if self.epoch is not None:
                leave_lease(self._store, self.epoch)
        except Unavailable:
            pass  # then it expires
        finally:
            self._store.close()

    def _keep(self, epoch: int) -> None:
        self.epoch = epoch
        LeaseTaken(self._holder, epoch).emit()
        self._thread = threading.Thread(target=self._keeping, args=(epoch,), name="lease")
        self._thread.daemon = True
        self._thread.start()

    def _keeping(self, epoch: int) -> None:
        while not self._left.wait(KEEP_EVERY_S):
            if not self._health.alive()[0]:
                continue  # a loop that hangs must not keep others from working
            try:
                if not keep_lease(self._store, epoch, LEASE_S):
                    LeaseLost(self._holder, epoch).emit()
                    return
            except Unavailable:
                continue
