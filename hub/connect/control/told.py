"""What a worker tells of its connector, as the status topic holds it."""

import dataclasses
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from hub.bus.reader import Message
from hub.connect import strict_json
from hub.connect.control.wanted import NEVER
from hub.connect.lint import NAME
from hub.errors import HubError, UnreadableRecord

TOLD_BYTES_MAX = 100_000
TEXT_LENGTH_MAX = 2_000
PLACES_MAX = 12
LAST_US = 253_402_300_799_000_000
"""The end of the year 9999, the last that a date can show."""


class State(StrEnum):
    """Kafka Connect's states."""

    UNASSIGNED = "UNASSIGNED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    FAILED = "FAILED"
    RESTARTING = "RESTARTING"


@dataclasses.dataclass(frozen=True)
class Told:
    """One word of a worker. Times are microseconds since 1970, 0 where it never was.

    `term` grows each time the lease changes hands: a word of an earlier term is a late one.
    `heartbeat_s` is how often this worker tells at least. `restart_done` and `reset_done` are the
    numbers of the last requests it carried out.
    """

    state: State
    worker_id: str
    term: int
    told_at_us: int
    heartbeat_s: float
    reason: str = ""
    trace: str = ""
    restarts: int = 0
    restarted_at_us: int = 0
    last_event_at_us: int = 0
    caught_up_at_us: int = 0
    restart_done: int = NEVER
    reset_done: int = NEVER
    rate_records_per_s: float = 0.0
    held_s: float = 0.0
    config: Mapping[str, str] = dataclasses.field(default_factory=dict)
    topics: tuple[str, ...] = ()
    version: str = ""

    def encode(self) -> bytes:
        """The value of the status record."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True).encode()

    def differs(self, earlier: Self) -> bool:
        """Whether it says something that ought not to wait for the next heartbeat."""
        same = {
            name: getattr(self, name)
            for name in ("told_at_us", "last_event_at_us", "caught_up_at_us", "held_s")
        }
        return dataclasses.replace(earlier, **same) != self


_FIELDS = {field.name: field for field in dataclasses.fields(Told)}


def read(message: Message) -> tuple[str, Told] | None:
    """The connector and what is told of it; None for what no worker of ours has written."""
    name = (message.key or b"").decode(errors="replace")
    if not NAME.fullmatch(name) or message.value is None:
        return None
    try:
        return name, _told(strict_json.loads(message.value, TOLD_BYTES_MAX))
    except (UnreadableRecord, ValueError, TypeError):
        return None


def _told(said: Mapping[str, Any]) -> Told:
    """Raises ValueError or TypeError where a field is missing or of another type."""
    known = {name: _value(name, said[name]) for name in said if name in _FIELDS}
    return Told(**known)


def _value(name: str, value: Any) -> Any:
    """One field in its type. Raises ValueError or TypeError."""
    wanted = _FIELDS[name].type
    if wanted is State:
        return State(str(value))
    if wanted is int and not (type(value) is int and NEVER <= value <= LAST_US):
        raise TypeError(name)
    if wanted is str and not (isinstance(value, str) and len(value) <= TEXT_LENGTH_MAX):
        raise TypeError(name)
    if wanted is float and not 0 <= (value := float(value)) <= LAST_US:
        raise ValueError(name)
    if name == "topics":
        return tuple(str(one) for one in value)
    if name == "config":
        return {str(key): str(one) for key, one in dict(value).items()}
    return value


def trace_of(error: BaseException) -> str:
    """An error for whoever mends it: code, message, rule and remedy, or where the code failed.

    The text of an error the hub does not know may hold what a record says, so of such a one only
    its class and the places in the code are told.
    """
    if isinstance(error, HubError):
        rule = f" Rule: {rule}." if (rule := getattr(error, "rule", "")) else ""
        return _short(f"{error.code}: {error.message}.{rule} {error.remedy}".strip())
    places = []
    at = error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        places.append(f"  at {at.tb_frame.f_globals.get('__name__')}.{code.co_qualname}")
        places[-1] += f":{at.tb_lineno}"
        at = at.tb_next
    head = f"{type(error).__module__}.{type(error).__qualname__} (its text is not shown)"
    return _short("\n".join([head, *places[-PLACES_MAX:]]))


def _short(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH_MAX else f"{text[: TEXT_LENGTH_MAX - 3]}..."
