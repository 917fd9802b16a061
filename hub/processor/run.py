"""Starts the processor with the runner the settings choose."""

import threading

from hub.canon.codec import Codec
from hub.errors import SettingsError
from hub.processor import batch
from hub.processor.store import Store
from hub.processor.work import Worker
from hub.settings import HubSettings
from hub.telemetry.metrics import Health


def run_processor(
    settings: HubSettings,
    codec: Codec,
    stop: threading.Event,
    health: Health,
    *,
    schema: str = "hub",
) -> None:
    """Apply events to the store until asked to stop."""
    store = Store(settings.postgres_dsn(), schema)
    store.migrate()
    worker = Worker(store, codec, settings.identity_key(), stop, health)
    try:
        if settings.runner == "batch":
            batch.run(settings, worker, stop, health)
        elif settings.runner == "faust":
            from hub.processor.agent import run  # noqa: PLC0415 - Faust takes a second to import

            run(settings, worker, stop, health)
        else:
            raise SettingsError(f"there is no runner {settings.runner}")
    finally:
        store.close()
