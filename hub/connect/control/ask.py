"""Asking: writes requests to the control topic."""

import threading
from collections.abc import Mapping

from hub import clock
from hub.bus.producer import Producer
from hub.bus.topics import CONTROL
from hub.connect.control.wanted import Request
from hub.telemetry.signals_control import ControlAsked

CONFIRM_WAIT_S = 5.0


class Asker:
    """Writes requests; may be called from any thread."""

    def __init__(self, bootstrap_servers: str, kafka: Mapping[str, str]) -> None:
        """Connects on the first request."""
        self._producer = Producer(bootstrap_servers, kafka, "civic-asker")
        self._lock = threading.Lock()

    def ask(self, *requests: Request) -> None:
        """Write requests; returns once Kafka has confirmed them, raises Unavailable otherwise."""
        with self._lock:
            for request in requests:
                self._producer.send(CONTROL.name, request.key(), request.value(clock.now_us()))
            self._producer.flush(CONFIRM_WAIT_S)
        for request in requests:
            ControlAsked(request.name, request.kind).emit()
