"""What the processes of the hub need of the world, made from the settings."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from hub import clock, garbage
from hub.bus.follow import Follower
from hub.bus.lease import Lease
from hub.bus.producer import Producer
from hub.bus.reader import Message, read_topic
from hub.bus.topics import BATCHES, POSITIONS, REVERTS, quarantine, quarantine_topic
from hub.canon import registry
from hub.canon.codec import Codec
from hub.connect import batches, lint, worker_settings
from hub.connect.catalogue import connector, connectors
from hub.connect.contract import Connector
from hub.connect.control.ask import Asker
from hub.connect.control.board import Board
from hub.connect.control.service import Service
from hub.connect.control.wanted import checked_rate
from hub.connect.feedback_server import Feedback
from hub.connect.positions import Position, latest
from hub.connect.reports import Reporter
from hub.connect.runtime import Links
from hub.connect.worker_settings import WorkerSettings
from hub.errors import SettingsError, Unavailable
from hub.operations.reverting import Known
from hub.processor.store import Store
from hub.settings import ConnectorSettings, HubSettings, load_settings, settings_path
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health, serve_metrics

START_WAIT_S = 60.0
RETRY_S = 1.0


class Process(NamedTuple):
    """One running process: its settings, when to stop, and how it is."""

    settings: HubSettings
    base: Path
    stop: threading.Event
    health: Health


@contextmanager
def process(
    role: str, settings: Path | None, log: Path | None, metrics_port: int | None = None
) -> Iterator[Process]:
    """Settings read, logs and metrics set up, SIGTERM and SIGINT caught."""
    hub = load_settings(settings)
    configure_logs(role, log)
    garbage.look_seldom()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    health = Health()
    port = hub.metrics_port if metrics_port is None else metrics_port
    _, stop_metrics = serve_metrics(hub.metrics_host, port, health)
    try:
        yield Process(hub, settings_path(settings).parent, stop, health)
    finally:
        stop_metrics()


def codec_of(hub: HubSettings, stop: threading.Event | None = None) -> Codec:
    """The codec with the ids the registry gave our schemas; waits a while for the registry."""
    deadline = clock.monotonic_s() + START_WAIT_S
    while True:
        try:
            ids = _ids(hub.registry_url)
            return Codec(ids, registry.fetcher(hub.registry_url))
        except Unavailable:
            stopped = stop is not None and stop.wait(RETRY_S)
            if stop is None or stopped or clock.monotonic_s() > deadline:
                raise


def _ids(url: str) -> Mapping[str, int]:
    """The ids of our schemas; registered now where one of them is not yet."""
    try:
        return registry.known_ids(url)
    except LookupError:
        return registry.register_all(url)


def producer_of(hub: HubSettings, client: str) -> Producer:
    """A producer of this deployment."""
    return Producer(hub.bootstrap_servers, hub.kafka, f"civic-{client}")


def connector_of(
    hub: HubSettings | ConnectorSettings, name: str, base: Path
) -> tuple[Connector, Any]:
    """A connector and its checked settings."""
    found = connector(name, hub.connectors_folder)
    table = hub.connectors.get(name, {})
    own = {key: value for key, value in table.items() if key not in worker_settings.KEYS}
    folder, settings = (
        worker_of(hub, name, base).feedback_folder,
        lint.settings_of(found, own, base),
    )
    if folder is not None and folder in vars(settings).values():
        raise SettingsError(
            f"[connectors.{name}] feedback_folder is where the source's own files are",
            remedy="choose another folder: reports would be read as files of the source",
        )
    return found, settings


def worker_of(hub: HubSettings | ConnectorSettings, name: str, base: Path) -> WorkerSettings:
    """The checked settings of a connector's worker."""
    table = hub.connectors.get(name, {})
    own = {key: value for key, value in table.items() if key in worker_settings.KEYS}
    where = f"[connectors.{name}]"
    found: WorkerSettings = lint.checked(WorkerSettings, where, own, base)
    try:
        checked_rate(found.rate_records_per_s)
    except ValueError as error:
        raise SettingsError(
            f"{where} rate_records_per_s is not a rate limit", remedy=f"use {error}"
        ) from error
    return found


def position_of(hub: HubSettings, name: str) -> Position:
    """What is remembered of a connector."""
    return positions_of(hub).get(name, Position())


def positions_of(hub: HubSettings) -> dict[str, Position]:
    """What is remembered of every connector."""
    return latest(read_topic(hub.bootstrap_servers, POSITIONS.name, hub.kafka))


def reverts_of(hub: HubSettings) -> dict[str, batches.Batch]:
    """Every revert of a batch."""
    return batches.latest(read_topic(hub.bootstrap_servers, REVERTS.name, hub.kafka))


def batches_of(hub: HubSettings, since_ms: int = 0) -> Known:
    """Every batch that was told since an instant (milliseconds since 1970), and every revert."""
    told = batches.latest(read_topic(hub.bootstrap_servers, BATCHES.name, hub.kafka, since_ms))
    last = [one for position in positions_of(hub).values() for one in position.batches]
    found = {one.batch_id: one for one in batches.listed(told.values(), last)}
    return Known(found, reverts_of(hub))


def store_of(hub: HubSettings) -> Store:
    """The store, made where it is not there yet."""
    store = Store(hub.postgres_dsn())
    store.migrate()
    return store


def feedback_of(hub: HubSettings, name: str) -> Feedback:
    """What was refused of a connector's records, to be followed."""
    topics = [quarantine(name)]
    client = f"civic-feedback-{name}"
    return Feedback(name, lambda: Follower(hub.bootstrap_servers, hub.kafka, topics, client))


def _reporter_of(hub: HubSettings, name: str, base: Path) -> Callable[[batches.Batch], None]:
    folder = worker_of(hub, name, base).feedback_folder
    if folder is None:
        return lambda _: None

    def read(since_us: int) -> Iterator[Message]:
        topic = quarantine_topic(name)
        return read_topic(hub.bootstrap_servers, topic, hub.kafka, since_us // 1_000)

    return Reporter(folder, read)


def links_of(hub: HubSettings, name: str, codec: Codec, health: Health, base: Path) -> Links:
    """What the runtime needs to run a connector."""
    return Links(
        producer_of(hub, f"connect-{name}"),
        codec,
        hub.identity_key(),
        lambda: position_of(hub, name),
        Lease(hub.bootstrap_servers, hub.kafka, name, hub.session_timeout_s),
        health,
        batch_done=_reporter_of(hub, name, base),
    )


@contextmanager
def board_of(hub: HubSettings) -> Iterator[Board]:
    """What is wanted and told of every connector, followed until the block ends."""
    board = Board(hub.bootstrap_servers, hub.kafka)
    try:
        board.start()
        yield board
    finally:
        board.stop()


def asker_of(hub: HubSettings) -> Asker:
    """Writes what is asked of connectors."""
    return Asker(hub.bootstrap_servers, hub.kafka)


def service_of(hub: HubSettings, board: Board) -> Service:
    """Kafka Connect's operations over this deployment."""
    version = metadata.version("civic-hub")
    known = connectors(hub.connectors_folder)
    return Service(board, asker_of(hub).ask, known, lambda: positions_of(hub), version)
