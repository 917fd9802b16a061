"""A deployment for one test."""

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

from hub.canon.codec import Codec
from hub.local.stack import LocalStack
from hub.processor.store import Store
from hub.settings import HubSettings


@dataclasses.dataclass
class Hub:
    """A deployment for one test: topics made, schemas registered, an empty store."""

    stack: LocalStack
    settings: HubSettings
    codec: Codec
    folder: Path
    stores: list[Store] = dataclasses.field(default_factory=list)

    def store(self, schema: str = "hub") -> Store:
        """A store, made where it is not there, closed after the test."""
        store = Store(self.settings.postgres_dsn(), schema)
        store.migrate()
        self.stores.append(store)
        return store


class Threads:
    """Threads of a test that end with it; what failed in one fails the test."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._failures: list[BaseException] = []
        self._all: list[threading.Thread] = []

    def start(self, what: Callable[[], object]) -> None:
        """Run something until it ends."""

        def guarded() -> None:
            try:
                what()
            except BaseException as error:  # noqa: BLE001 - shown by `join`
                self._failures.append(error)

        thread = threading.Thread(target=guarded)
        thread.start()
        self._all.append(thread)

    def join(self) -> None:
        """End them all."""
        self.ended.set()
        for thread in self._all:
            thread.join(30)
            assert not thread.is_alive()
        assert self._failures == []
