"""A deployment for one test."""

import dataclasses
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
