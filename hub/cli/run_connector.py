"""`hub run connector`: one connector under its lease and under control."""

import dataclasses
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from hub import clock
from hub.bus.topics import POSITIONS, events_topic, quarantine_topic
from hub.canon.codec import Codec
from hub.cli import roles
from hub.connect import intake, lint, runtime
from hub.connect.contract import Connector
from hub.connect.control.attend import attended
from hub.connect.control.control import Control
from hub.connect.control.throttle import Throttle, paced
from hub.connect.feedback_server import served
from hub.connect.runtime import Links
from hub.connect.worker_settings import WorkerSettings
from hub.errors import Fenced, SettingsError, Unavailable
from hub.settings import load_settings
from hub.telemetry.signals_connect import ConnectorStopped, LeaseHeld, PublishingHeld

FENCED_WAIT_S = 1.0


class ConnectorWorker:
    """A process that runs one connector whenever it holds the lease and the connector is wanted."""

    def __init__(self, process: roles.Process, settings: Path | None, name: str) -> None:
        """Checks the settings; raises SettingsError before anything is started."""
        self._process = process
        self._settings = settings
        self._name = name
        self._connector, self._own = roles.connector_of(process.settings, name, process.base)
        self._worker = roles.worker_of(process.settings, name, process.base)
        self._codec: Codec = roles.codec_of(process.settings, process.stop)

    def run(self) -> None:
        """Until the process stops; its sender is told what was refused meanwhile."""
        with self._feedback():
            self._run()

    def _feedback(self) -> AbstractContextManager[int | None]:
        token_file = self._worker.feedback_token_file
        if token_file is None:
            return nullcontext()
        host, port = self._worker.feedback_host, self._worker.feedback_port
        feedback = roles.feedback_of(self._process.settings, self._name)
        return served(feedback, token_file, host, port)

    def _run(self) -> None:
        if self._connector.receive is not None:
            self._take_calls()
            return
        while not self._process.stop.is_set():
            links = self._links()
            if links.lease is None:
                raise SettingsError("a connector runs under its lease")
            try:
                standing_by = self._process.health.turn
                if links.lease.acquire(self._process.stop, waiting=standing_by):
                    LeaseHeld(self._name).emit()
                    self._ask(links)
            except Fenced as error:
                ConnectorStopped(self._name, error.message).emit()
                self._process.stop.wait(FENCED_WAIT_S)
            except Unavailable as error:  # Kafka went away just when the lease was taken
                PublishingHeld(self._name, error.message, roles.RETRY_S).emit()
                self._process.health.turn(error.message)
                self._process.stop.wait(roles.RETRY_S)
            finally:
                links.lease.release()

    def _links(self) -> Links:
        hub = self._process.settings
        health, base = self._process.health, self._process.base
        return roles.links_of(hub, self._name, self._codec, health, base)

    def _attend(self, links: Links) -> AbstractContextManager[Control]:
        hub = self._process.settings
        throttle = Throttle(self._worker.rate_records_per_s)
        control = Control(self._name, self._process.stop, links.health, links.lease, throttle)
        topics = (events_topic(self._connector.domain), quarantine_topic(self._name))
        self._tell_settings(control)
        return attended(control, hub.bootstrap_servers, hub.kafka, topics)

    def _tell_settings(self, control: Control) -> None:
        config = config_of(self._connector, self._own, self._worker)
        control.configure(config, self._worker.rate_records_per_s)

    def _ask(self, links: Links) -> None:
        """Ask the source as control wants it. A restart reads the settings anew."""
        with self._attend(links) as control:
            begun = False

            def run() -> None:
                nonlocal begun, links
                if begun:
                    self._read_settings()
                    self._tell_settings(control)
                    links = dataclasses.replace(links, producer=self._producer())
                begun = True
                asked = paced(
                    self._connector,
                    control.throttle,
                    control.interrupted,
                    control.rest,
                    control.reading,
                )
                mine = dataclasses.replace(links, pause=control.pause, progress=control.progress)
                runtime.run(asked, self._own, mine, stop=control.halt)

            control.supervise(run, self._forget)

    def _read_settings(self) -> None:
        hub = load_settings(self._settings)
        self._connector, self._own = roles.connector_of(hub, self._name, self._process.base)
        self._worker = roles.worker_of(hub, self._name, self._process.base)

    def _producer(self) -> Any:
        return roles.producer_of(self._process.settings, f"connect-{self._name}")

    def _forget(self) -> None:
        """Forget the position, not the books: whatever comes again has the same identifiers."""
        position = roles.position_of(self._process.settings, self._name)
        position = position._replace(text=None, stored_at_us=clock.now_us())
        producer = self._producer()
        producer.send(POSITIONS.name, self._name.encode(), position.encode())
        producer.flush()

    def _take_calls(self) -> None:
        stop = self._process.stop
        desk = intake.Desk(self._connector, self._own, self._links, stop, self._attend)
        desk.start()
        host, port = self._worker.intake_host, self._worker.intake_port
        intake.serve({self._name: desk}, stop, host, port)
        stop.set()
        desk.join()


def config_of(connector: Connector, own: Any, worker: WorkerSettings) -> dict[str, str]:
    """The settings of a connector as Connect's clients see them: texts, secrets hidden."""
    shown = lint.shown(own)
    return {
        "name": connector.name,
        "connector.class": connector.name,
        "tasks.max": "1",
        "rate_records_per_s": f"{worker.rate_records_per_s:g}",
        **{key: _text(shown[name]) for key, name in lint.keys(type(own)).items()},
    }


def _text(value: Any) -> str:
    """A value as a settings file would have it, near enough to be read."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
