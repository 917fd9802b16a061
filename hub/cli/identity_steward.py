"""`hub identity`: what stewards look at and decide; options and steps that the commands share."""

import re
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hub import clock
from hub.bus.topics import DECISIONS
from hub.canon.model import StewardDecision
from hub.cli import roles
from hub.cli.output import Format, paragraphs
from hub.errors import SettingsError, Unavailable
from hub.identity.decisions import Standing, check
from hub.processor import stewards
from hub.processor.stewards import Said
from hub.processor.store import Store
from hub.settings import HubSettings

WAIT_S, LOOK_S = 30.0, 0.5
DAY_US = 86_400_000_000
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EXAMPLE = "--as steward-7 --reason 'known to the desk'"
OneArgument = Annotated[str, typer.Argument(help="A subject or an entity, by its identifier.")]
OtherArgument = Annotated[str, typer.Argument(help="The other one.")]
DecisionArgument = Annotated[str, typer.Argument(help="The decision, as it was told.")]
StewardOption = Annotated[
    str, typer.Option("--as", help="The steward's pseudonymous name, not a person's own.")
]
ReasonOption = Annotated[str, typer.Option(help="Why; it is kept with the decision.")]
WaitOption = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Until the processor has applied it.")
]
RevealOption = Annotated[
    bool,
    typer.Option("--reveal", help="Show clear values too; that is kept, with --as and --reason."),
]
RevealStewardOption = Annotated[
    str, typer.Option("--as", help="With --reveal: the steward's pseudonymous name.")
]
RevealReasonOption = Annotated[
    str, typer.Option("--reason", help="With --reveal: why values must be seen; it is kept.")
]
LimitOption = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]


class How(NamedTuple):
    """How a command goes on once a steward has said something."""

    settings: Path | None
    wait: bool
    output: Format


def said(steward: str, reason: str) -> Said:
    """What a steward says now."""
    return Said(steward, reason, clock.now_us())


def send(hub: HubSettings, store: Store, made: StewardDecision, how: How) -> None:
    """Publish a decision, and wait until it is applied. Raises Unavailable where it is not."""
    check(made)
    producer = roles.producer_of(hub, "steward")
    producer.send(DECISIONS.name, made.decision_id.encode(), roles.codec_of(hub).encode(made))
    producer.flush()
    until_s = clock.monotonic_s() + WAIT_S
    while how.wait and not stewards.is_applied(store, made.event_id):
        if clock.monotonic_s() > until_s:
            raise Unavailable(
                f"decision {made.decision_id} is published and not applied yet",
                remedy="is a processor active? it is applied once one is; do not decide again",
            )
        clock.sleep_s(LOOK_S)
    found = stewards.standing(store, made.decision_id) if how.wait else None
    told = {
        "decision": made.decision_id,
        "kind": made.kind,
        "approved_by": ", ".join(found.approvers) if found else "",
        "taken_back_by": ", ".join(found.undoers) if found else "",
        "counts": found.counts(hub.approvers) if found else "",
        "state": state(found, hub.approvers) if found else "published",
    }
    paragraphs(how.output, [told], "")


def state(found: Standing, approvers: int) -> str:
    """How a decision stands, in words."""
    if found.counts(approvers):
        return "counts"
    if len(found.undoers) >= approvers:
        return "taken back"
    back = f", taken back by {len(found.undoers)}" if found.undoers else ""
    return f"waits: approved by {len(found.approvers)} of {approvers}{back}"


def named(text: str) -> str:
    """An identifier. Raises SettingsError where it is none."""
    if not IDENTIFIER.fullmatch(text):
        raise SettingsError(f"{text} is no identifier", remedy="is it whole? see hub view get")
    return text
