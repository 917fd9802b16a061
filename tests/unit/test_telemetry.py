"""Signals, their bounds, and the health endpoint over real HTTP."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter

from hub.telemetry import signal as signals
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health, serve_metrics
from hub.telemetry.signal import LABEL_VALUES_MAX, Signal

REGISTRY = CollectorRegistry()
FLOODED = Counter("test_flooded_total", "Too many.", ["kind"], registry=REGISTRY)


@dataclass(frozen=True, slots=True)
class ThingsCounted(Signal):
    """Things were counted."""

    metric = Counter("test_things_total", "Things.", ["kind"], registry=REGISTRY)
    amount = "count"
    kind: str
    count: int


def get(port: int, path: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_signal_is_one_log_line_and_one_metric(tmp_path: Path) -> None:
    """The line carries the fields as JSON, the counter grows by the amount."""
    path = tmp_path / "log"
    configure_logs("test", path)
    ThingsCounted("kind\nwith a line", 3).emit()
    structlog.reset_defaults()
    (line,) = path.read_text().splitlines()
    told = json.loads(line)
    assert (told["event"], told["count"], told["role"]) == ("things_counted", 3, "test")
    assert REGISTRY.get_sample_value("test_things_total", {"kind": "kind\nwith a line"}) == 3


def test_labels_are_bounded() -> None:
    """However many values a label has, the number of series stays bounded (F50)."""
    for number in range(LABEL_VALUES_MAX * 3):
        signals.bounded(FLOODED, "kind", number)
    assert signals.bounded(FLOODED, "kind", "one more") == "other"
    assert signals.bounded(FLOODED, "kind", 5) == "5"


def test_health_pages_tell_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not ready says why; a loop that no longer turns is not alive."""
    health = Health()
    port, stop = serve_metrics("127.0.0.1", 0, health)
    try:
        assert get(port, "/readyz") == (503, "starting\n")
        health.turn("Kafka is away")
        assert get(port, "/readyz") == (503, "Kafka is away\n")
        health.turn()
        assert get(port, "/readyz") == (200, "ready\n")
        health.stand_by("another")
        assert get(port, "/readyz") == (200, "standing by: another is active\n")
        health.turn()
        assert get(port, "/readyz") == (200, "ready\n")
        assert get(port, "/healthz")[0] == 200
        assert "python_info" in get(port, "/metrics")[1]
        assert get(port, "/table")[0] == 404
        monkeypatch.setattr("hub.telemetry.metrics.STALLED_AFTER_S", -1.0)
        assert get(port, "/healthz")[0] == 503
    finally:
        stop()
