"""A signal is one thing worth telling: its log line and its metric in one class.

A subclass is a frozen dataclass whose fields are the log line's fields. Class variables say which
metric moves, by which field, and which fields are its labels:

    @dataclass(frozen=True, slots=True)
    class EventsPublished(Signal):
        \"\"\"Kafka has confirmed events of a connector.\"\"\"

        metric = Counter("civic_events_published_total", "Events confirmed.", ["connector"])
        amount = "count"

        connector: str
        count: int

    EventsPublished(connector="grants", count=500).emit()

Nothing personal goes into a field. Labels are bounded: past LABEL_VALUES_MAX distinct values of one
label of one metric, further ones are told as "other".
"""

import dataclasses
import re
from typing import Any, ClassVar, Literal

import structlog
from prometheus_client import Counter, Gauge, Histogram

LABEL_VALUES_MAX = 100
TEXT_LENGTH_MAX = 500

Metric = Counter | Gauge | Histogram
Level = Literal["debug", "info", "warning", "error"]

_log: Any = structlog.get_logger("hub")
_seen: dict[tuple[str, str], set[str]] = {}


class Signal:
    """The base of all signals; see the module's text for how to declare one."""

    __slots__ = ()

    level: ClassVar[Level] = "info"
    metric: ClassVar[Metric | None] = None
    amount: ClassVar[str | None] = None
    """The field the metric moves by: counters grow by it, gauges take it, histograms observe it."""

    def emit(self) -> None:
        """Write the log line and move the metric."""
        fields = {
            field.name: _short(getattr(self, field.name))
            for field in dataclasses.fields(self)  # type: ignore[arg-type] # subclasses are dataclasses
        }
        getattr(_log, self.level)(signal_name(type(self)), **fields)
        if self.metric is not None:
            self._move(self.metric)

    def _move(self, metric: Metric) -> None:
        names: tuple[str, ...] = metric._labelnames  # noqa: SLF001 - no public way to ask
        child = metric
        if names:
            child = metric.labels(*(bounded(metric, name, getattr(self, name)) for name in names))
        value = 1 if self.amount is None else getattr(self, self.amount)
        if isinstance(child, Counter):
            child.inc(value)
        elif isinstance(child, Gauge):
            child.set(value)
        else:
            child.observe(value)


def signal_name(signal: type) -> str:
    """The log line's event text: EventsPublished becomes events_published."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", signal.__name__).lower()


def bounded(metric: Metric, label: str, value: object) -> str:
    """The value as a label, or "other" once this label has had LABEL_VALUES_MAX values."""
    text = str(value)
    seen = _seen.setdefault((metric._name, label), set())  # noqa: SLF001 - no public way to ask
    if text in seen:
        return text
    if len(seen) >= LABEL_VALUES_MAX:
        return "other"
    seen.add(text)
    return text


def _short(value: object) -> object:
    """Long texts are cut, so that a hostile input cannot fill the log."""
    if isinstance(value, str) and len(value) > TEXT_LENGTH_MAX:
        return value[:TEXT_LENGTH_MAX] + "..."
    return value
