"""What control of connectors tells."""

from dataclasses import dataclass

from prometheus_client import Counter, Gauge

from hub.telemetry.signal import Signal


@dataclass(frozen=True, slots=True)
class ConnectorStateTold(Signal):
    """Whether a connector is in a state: 1 for the one it is in, 0 for the others."""

    level = "debug"
    metric = Gauge(
        "civic_connector_state", "1 for the state a connector is in.", ["connector", "state"]
    )
    amount = "is_in"
    connector: str
    state: str
    is_in: int


@dataclass(frozen=True, slots=True)
class ConnectorStateChanged(Signal):
    """A connector is in another state than before."""

    connector: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectorFailed(Signal):
    """A connector failed and is not run any more until it is restarted."""

    level = "error"
    metric = Counter("civic_connector_failed_total", "Failures of a connector.", ["connector"])
    connector: str
    trace: str


@dataclass(frozen=True, slots=True)
class ConnectorRestarted(Signal):
    """A connector was restarted, because it was asked for or after a fault nobody foresaw."""

    metric = Counter("civic_connector_restarts_total", "Restarts of a connector.", ["connector"])
    connector: str


@dataclass(frozen=True, slots=True)
class HeldByRateLimit(Signal):
    """Records were held back, or pushed ones refused, by the connector's rate limit."""

    level = "debug"
    metric = Counter(
        "civic_rate_limit_held_seconds_total", "Time held by the rate limit.", ["connector"]
    )
    amount = "seconds"
    connector: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StatusNotTold(Signal):
    """The status of a connector could not be told, or what is asked not be read; tried again."""

    level = "warning"
    metric = Counter("civic_status_not_told_total", "Failed turns of control.", ["connector"])
    connector: str
    reason: str


@dataclass(frozen=True, slots=True)
class ControlIgnored(Signal):
    """A message about control that nobody of ours has written was passed over."""

    level = "warning"
    metric = Counter("civic_control_ignored_total", "Messages passed over.", ["topic"])
    topic: str
    offset: int


@dataclass(frozen=True, slots=True)
class ControlAsked(Signal):
    """Somebody asked something of a connector."""

    metric = Counter("civic_control_requests_total", "Requests of control.", ["connector", "kind"])
    connector: str
    kind: str


@dataclass(frozen=True, slots=True)
class ControlAnswered(Signal):
    """A call of the control server was answered."""

    level = "debug"
    metric = Counter("civic_control_answers_total", "Answers to calls.", ["method", "status"])
    method: str
    status: int
