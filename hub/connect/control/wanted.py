"""What is asked of connectors, as the control topic holds it.

Each kind of request has a key of its own, `KIND/NAME`, and its value stands for itself: those who
ask never read before they write, so two who ask at once cannot undo each other's request. A
request's offset on the topic is its number: whoever has carried out number 7 has nothing left to
do of what was asked before.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from hub.bus.reader import Message
from hub.connect import strict_json
from hub.connect.lint import NAME
from hub.errors import UnreadableRecord

REQUEST_BYTES_MAX = 10_000
RATE_MIN_PER_S = 0.1
RATE_MAX_PER_S = 1_000_000.0
NEVER = -1


class Target(StrEnum):
    """How a connector ought to be. DELETED is STOPPED and not listed any more."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    DELETED = "DELETED"


class Kind(StrEnum):
    """What can be asked."""

    STATE = "state"
    RESTART = "restart"
    RESET = "reset"
    RATE = "rate"


class Wanted(NamedTuple):
    """All that is asked of one connector; the default is what holds where nobody asked."""

    target: Target = Target.RUNNING
    restart: int = NEVER
    restart_at_us: int = 0
    only_failed: bool = False
    reset: int = NEVER
    rate_records_per_s: float | None = None
    """Stands in the place of the worker's setting; None leaves the setting as it is."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing of the connector is to be kept open."""
        return self.target in (Target.STOPPED, Target.DELETED)


class Request(NamedTuple):
    """One thing asked: how it is written to the control topic."""

    kind: Kind
    name: str
    says: Mapping[str, Any]

    def key(self) -> bytes:
        """The key: a later request of the kind replaces this one."""
        return f"{self.kind}/{self.name}".encode()

    def value(self, now_us: int) -> bytes:
        """The value, with the time at which it was asked."""
        return json.dumps({**self.says, "asked_at_us": now_us}, sort_keys=True).encode()


def state(name: str, target: Target) -> Request:
    """Ask for a state."""
    return Request(Kind.STATE, name, {"state": target.value})


def restart(name: str, *, only_failed: bool = False) -> Request:
    """Ask for a restart; with `only_failed` one that runs well is left alone."""
    return Request(Kind.RESTART, name, {"only_failed": only_failed})


def reset(name: str) -> Request:
    """Ask that the position is forgotten, so that everything is read again."""
    return Request(Kind.RESET, name, {})


def rate(name: str, records_per_s: float | None) -> Request:
    """Ask for another rate limit; 0 for none, None for what the worker's settings say."""
    return Request(Kind.RATE, name, {"rate_records_per_s": records_per_s})


def name_in(message: Message) -> str | None:
    """The connector a message of the control topic is about; None where it is not one of ours."""
    kind, _, name = (message.key or b"").decode(errors="replace").partition("/")
    known = kind in Kind._value2member_map_ and NAME.fullmatch(name)
    return name if known else None


def taken(before: Wanted, message: Message) -> Wanted | None:
    """What is wanted after a message about the connector; None where it cannot be understood."""
    kind = Kind((message.key or b"").split(b"/", 1)[0].decode())
    if message.value is None:
        return _withdrawn(before, kind)
    try:
        said = strict_json.loads(message.value, REQUEST_BYTES_MAX)
        return _said(before, kind, said, message.offset)
    except (UnreadableRecord, LookupError, ValueError, TypeError):
        return None


def _said(before: Wanted, kind: Kind, said: Mapping[str, Any], offset: int) -> Wanted:
    if kind is Kind.STATE:
        return before._replace(target=Target(said["state"]))
    if kind is Kind.RESTART:
        return before._replace(
            restart=offset,
            restart_at_us=int(said["asked_at_us"]),
            only_failed=said["only_failed"] is True,
        )
    if kind is Kind.RESET:
        return before._replace(reset=offset)
    found = said["rate_records_per_s"]
    return before._replace(rate_records_per_s=None if found is None else checked_rate(found))


def _withdrawn(before: Wanted, kind: Kind) -> Wanted:
    """A tombstone: as if it had never been asked."""
    if kind is Kind.STATE:
        return before._replace(target=Target.RUNNING)
    return before._replace(rate_records_per_s=None) if kind is Kind.RATE else before


def checked_rate(value: Any) -> float:
    """A rate limit in records a second, 0 for none. Raises ValueError for anything else."""
    found = float(value)
    if found and not RATE_MIN_PER_S <= found <= RATE_MAX_PER_S:  # not a number fails both
        raise ValueError(f"0 or {RATE_MIN_PER_S} to {RATE_MAX_PER_S:.0f}")
    return found
