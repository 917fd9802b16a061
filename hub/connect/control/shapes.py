"""Kafka Connect's documents, made of what is wanted and told. Pure."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from hub.connect.control.board import Seen
from hub.connect.control.told import State
from hub.connect.control.wanted import Target

RESTART_WAIT_S = 15.0
"""So long a restart that was asked for is told as RESTARTING before it is told as not taken up."""


class Judged(NamedTuple):
    """How a connector is, why, and the trace where it failed."""

    state: State
    reason: str = ""
    trace: str = ""


def judged(seen: Seen, now_us: int) -> Judged:
    """How a connector is. What was told too long ago counts for nothing."""
    told = seen.told
    if told is None:
        return Judged(State.UNASSIGNED, f"no worker has told of it: hub run connector {seen.name}")
    if seen.stale and told.state is not State.UNASSIGNED:
        return Judged(
            State.UNASSIGNED,
            f"no word from its worker for {seen.silent_s:.0f} s; the last was {told.state}",
        )
    asked = seen.wanted.restart > told.restart_done
    if asked and told.state is not State.UNASSIGNED:
        since_s = (now_us - seen.wanted.restart_at_us) / 1e6
        if since_s < RESTART_WAIT_S:
            return Judged(State.RESTARTING, "a restart was asked for", told.trace)
        return Judged(
            told.state, f"the restart asked for {since_s:.0f} s ago is not taken up", told.trace
        )
    return Judged(told.state, told.reason, told.trace)


def status(seen: Seen, now_us: int) -> dict[str, Any]:
    """`GET /connectors/NAME/status`; what Connect does not know stands under `hub`."""
    found = judged(seen, now_us)
    return {
        "name": seen.name,
        "connector": _part(seen, found),
        "tasks": [] if found.state is State.STOPPED else [task(seen, now_us)],
        "type": "source",
        "hub": _more(seen, found),
    }


def task(seen: Seen, now_us: int) -> dict[str, Any]:
    """`GET /connectors/NAME/tasks/0/status`: a connector has one task, which is itself."""
    return {"id": 0, **_part(seen, judged(seen, now_us))}


def _part(seen: Seen, found: Judged) -> dict[str, Any]:
    said = seen.told
    part = {"state": found.state.value, "worker_id": said.worker_id if said else ""}
    if said and said.version:
        part["version"] = said.version
    trace = found.trace or found.reason
    return {**part, "trace": trace} if trace else part


def _more(seen: Seen, found: Judged) -> dict[str, Any]:
    told = seen.told
    more: dict[str, Any] = {
        "reason": found.reason,
        "wanted": seen.wanted.target.value,
        "stale": seen.stale,
    }
    if told is None:
        return more
    return {
        **more,
        "told_s_ago": round(seen.silent_s, 1),
        "behind_by_s": behind_by_s(seen),
        "last_event_at": moment(told.last_event_at_us),
        "last_restart_at": moment(told.restarted_at_us),
        "restarts": told.restarts,
        "rate_records_per_s": told.rate_records_per_s,
        "held_by_rate_limit_s": told.held_s,
    }


def behind_by_s(seen: Seen) -> float | None:
    """How long ago everything the source had to tell was on Kafka; None where it never was.

    By the worker's clock at its last word; the silence since counts where nobody runs it.
    """
    told = seen.told
    if told is None or not told.caught_up_at_us:
        return None
    silent_s = seen.silent_s if seen.stale or told.state is State.UNASSIGNED else 0.0
    return round(max(0, told.told_at_us - told.caught_up_at_us) / 1e6 + silent_s, 1)


def moment(at_us: int) -> str | None:
    """A time as text, in UTC; None for never."""
    if not at_us:
        return None
    return datetime.fromtimestamp(at_us / 1e6, UTC).isoformat(timespec="milliseconds")


def config(seen: Seen) -> dict[str, str]:
    """`GET /connectors/NAME/config`: what the worker told of its settings, secrets hidden."""
    own = {"name": seen.name, "connector.class": seen.name, "tasks.max": "1"}
    rate = seen.wanted.rate_records_per_s
    if seen.told is not None:
        own |= seen.told.config
        rate = seen.told.rate_records_per_s if rate is None else rate
    return own if rate is None else {**own, "rate_records_per_s": f"{rate:g}"}


def info(seen: Seen) -> dict[str, Any]:
    """`GET /connectors/NAME`."""
    stopped = seen.wanted.target is Target.STOPPED
    return {
        "name": seen.name,
        "config": config(seen),
        "tasks": [] if stopped else [{"connector": seen.name, "task": 0}],
        "type": "source",
    }
