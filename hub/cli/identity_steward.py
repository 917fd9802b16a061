"""`hub identity review|explain|same|not-same|approve|undo`: what stewards look at and decide."""

import re
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hub import clock
from hub.bus.topics import DECISIONS
from hub.canon.model import DecisionKind, StewardDecision
from hub.cli import roles
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, console, rows, safe
from hub.errors import SettingsError, Unavailable
from hub.identity import words
from hub.identity.decisions import answer, check
from hub.processor import stewards
from hub.processor.desk import desk
from hub.processor.run import policy_of
from hub.processor.store import Store
from hub.processor.work import state_secret
from hub.settings import HubSettings, load_settings

WAIT_S, LOOK_S = 30.0, 0.5
BITS = 1000
DAY_US = 86_400_000_000
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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


def review(
    settings: SettingsOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the pairs of entities that a person should look at, the oldest first."""
    hub = load_settings(settings)
    now_us = clock.now_us()
    with desk(roles.store_of(hub)) as seen:
        waiting = seen.waiting(limit)
    found = [
        {
            "kind": one.kind,
            "a": one.a,
            "b": one.b,
            "bits": round(one.weight / BITS, 1),
            "why": "not enough evidence" if one.refusal is None else words.rule(one.refusal),
            "days": round((now_us - one.since_us) / DAY_US, 1),
        }
        for one in waiting
    ]
    rows(output, ["kind", "a", "b", "bits", "why", "days"], found, "nothing waits for a person")


def explain(
    one: OneArgument,
    other: OtherArgument,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say why two are one person, or why not: what agrees, what speaks against. No values."""
    hub = load_settings(settings)
    secret = state_secret(hub.identity_key())
    store = roles.store_of(hub)
    found = stewards.weigh(store, secret, policy_of(hub), _named(one), _named(other))
    told = found.explanation
    said = words.in_words(told)
    decided = {None: "nothing", True: "the same", False: "not the same"}[found.decided]
    with desk(store) as seen:
        shown = seen.disclosures(*found.named)
    if output is Format.JSON:
        as_json(
            {
                **said._asdict(),
                "decided": decided,
                "fields_bits": {name: weight / BITS for name, weight in told.fields.items()},
                "refusal": told.refusal,
                "entities": found.entities,
                "shown_as_one": [span._asdict() for span in shown],
            }
        )
        return
    console.print(safe(said.verdict))
    for mark, lines in (("+", said.speaks_for), ("-", said.speaks_against)):
        for line in lines:
            console.print(safe(f"  {mark} {line}"))
    for note in (said.correction, f"{said.sum} (model {said.model})"):
        if note is not None:
            console.print(safe(f"    {note}"))
    if found.decided is not None:
        console.print(safe(f"    decided by a steward: {decided}"))
    for span in shown:
        until = "now" if span.last is None else f"version {span.last}"
        console.print(safe(f"  shown as one in {span.entity_id}, version {span.first} to {until}"))


def same(
    one: OneArgument,
    other: OtherArgument,
    *,
    reason: ReasonOption,
    steward: StewardOption,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Decide that two are one: all records of both are joined, whatever else speaks against."""
    said = _Said(steward, reason, settings, wait, output)
    _propose(DecisionKind.SAME, (one, other), said)


def not_same(
    one: OneArgument,
    other: OtherArgument,
    *,
    reason: ReasonOption,
    steward: StewardOption,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Decide that two are not one: no record of one is ever joined with one of the other."""
    said = _Said(steward, reason, settings, wait, output)
    _propose(DecisionKind.NOT_SAME, (one, other), said)


def approve(
    decision: DecisionArgument,
    *,
    reason: ReasonOption,
    steward: StewardOption,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Approve a decision; it counts once as many stewards as the setting asks for have done so."""
    _answer(DecisionKind.APPROVE, decision, _Said(steward, reason, settings, wait, output))


def undo(
    decision: DecisionArgument,
    *,
    reason: ReasonOption,
    steward: StewardOption,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a decision back; it stays on record."""
    _answer(DecisionKind.UNDO, decision, _Said(steward, reason, settings, wait, output))


def register(app: typer.Typer) -> None:
    """Add the commands to `hub identity`."""
    example = "--as steward-7 --reason 'known to the desk'"
    app.command("review", epilog="Example: hub identity review --limit 5")(review)
    app.command("explain", epilog="Example: hub identity explain 0b7c... 51fa...")(explain)
    app.command("same", epilog=f"Example: hub identity same 0b7c... 51fa... {example}")(same)
    app.command("not-same", epilog=f"Example: hub identity not-same 0b7c... 51fa... {example}")(
        not_same
    )
    app.command("approve", epilog=f"Example: hub identity approve 77d0... {example}")(approve)
    app.command("undo", epilog=f"Example: hub identity undo 77d0... {example}")(undo)


class _Said(NamedTuple):
    """What a steward says, and where it goes."""

    steward: str
    reason: str
    settings: Path | None
    wait: bool
    output: Format


def _propose(kind: DecisionKind, names: tuple[str, str], said: _Said) -> None:
    hub = load_settings(said.settings)
    store = roles.store_of(hub)
    named = (_named(names[0]), _named(names[1]))
    made = stewards.proposal(store, kind, named, said.steward, said.reason, clock.now_us())
    _send(hub, store, made, said)


def _answer(kind: DecisionKind, decision: str, said: _Said) -> None:
    hub = load_settings(said.settings)
    store = roles.store_of(hub)
    found = stewards.proposed(store, _named(decision))
    _send(hub, store, answer(found, kind, said.steward, said.reason, clock.now_us()), said)


def _send(hub: HubSettings, store: Store, made: StewardDecision, said: _Said) -> None:
    """Publish a decision, and wait until it is applied. Raises Unavailable where it is not."""
    check(made)
    producer = roles.producer_of(hub, "steward")
    producer.send(DECISIONS.name, made.decision_id.encode(), roles.codec_of(hub).encode(made))
    producer.flush()
    until_s = clock.monotonic_s() + WAIT_S
    while said.wait and not stewards.is_applied(store, made.event_id):
        if clock.monotonic_s() > until_s:
            raise Unavailable(
                f"decision {made.decision_id} is published and not applied yet",
                remedy="is a processor active? it is applied once one is; do not decide again",
            )
        clock.sleep_s(LOOK_S)
    found = stewards.standing(store, made.decision_id) if said.wait else None
    told = {
        "decision": made.decision_id,
        "kind": made.kind,
        "approved_by": ", ".join(found.approvers) if found else "",
        "taken_back_by": ", ".join(found.undoers) if found else "",
        "counts": found.counts(hub.approvers) if found else "",
    }
    rows(said.output, list(told), [told], "")


def _named(text: str) -> str:
    """An identifier. Raises SettingsError where it is none."""
    if not IDENTIFIER.fullmatch(text):
        raise SettingsError(f"{text} is no identifier", remedy="is it whole? see hub view get")
    return text
