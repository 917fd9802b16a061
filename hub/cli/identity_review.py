"""`hub identity review`: the queue of pairs that a person should look at, and decisions from it."""

from typing import Annotated, Any

import typer

from hub import clock
from hub.canon.model import DecisionKind
from hub.cli import identity_told, roles
from hub.cli.identity_steward import (
    DAY_US,
    EXAMPLE,
    How,
    LimitOption,
    ReasonOption,
    RevealOption,
    RevealReasonOption,
    RevealStewardOption,
    StewardOption,
    WaitOption,
    named,
    said,
    send,
    state,
)
from hub.cli.output import Format, FormatOption, SettingsOption, console, rows, safe
from hub.errors import SettingsError
from hub.identity import words
from hub.identity.decisions import Standing
from hub.identity.subjects import ORGANISATION, PERSON
from hub.identity.weigh import MILLI
from hub.processor import stewards, weighing
from hub.processor.desk import desk
from hub.processor.rows import SHORT, Waiting, Wanted
from hub.processor.run import policy_of
from hub.processor.weighing import Weighed
from hub.processor.work import state_secret
from hub.settings import load_settings

PairArgument = Annotated[str, typer.Argument(help="The pair, as the queue tells it.")]
app = typer.Typer(
    help="The queue of pairs that a person should look at.",
    invoke_without_command=True,
    epilog="Example: hub identity review --older-than 7 --limit 5",
)


@app.callback()
def queue(
    context: typer.Context,
    *,
    kind: Annotated[str | None, typer.Option(help=f"Only {PERSON} or {ORGANISATION}.")] = None,
    why: Annotated[
        str | None,
        typer.Option(help=f"Only what waits for this: a rule by its name, or {SHORT}."),
    ] = None,
    older_than: Annotated[
        float, typer.Option(min=0, help="Only what waits for so many days or longer.")
    ] = 0,
    limit: LimitOption = 20,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the pairs that a person should look at, the oldest first, with what speaks for each."""
    if context.invoked_subcommand is not None:
        return
    if kind not in (None, PERSON, ORGANISATION):
        raise SettingsError(f"{kind} is no kind", remedy=f"use {PERSON} or {ORGANISATION}")
    if why not in (None, SHORT, *words.RULES):
        raise SettingsError(f"{why} is no rule", remedy=f"use {SHORT}, {', '.join(words.RULES)}")
    hub = load_settings(settings)
    now_us = clock.now_us()
    before_us = now_us - round(older_than * DAY_US) if older_than else None
    secret, policy = state_secret(hub.identity_key()), policy_of(hub)
    with desk(roles.store_of(hub)) as seen:
        pairs = seen.waiting(Wanted(kind, why, before_us), limit)
        found = [
            _line(pair, weighed, stewards.open_about(seen, pair, hub.approvers), now_us)
            for pair, weighed in weighing.weigh_pairs(seen, secret, policy, pairs)
        ]
    for line in found:
        opened: list[Standing] = line.pop("opened")
        line["proposed"] = "; ".join(
            f"{one.proposal.kind}, {state(one, hub.approvers)}" for one in opened if one.proposal
        )
    if output is Format.TEXT and found:
        _tell(found)
    else:
        rows(output, (), found, "nothing waits for a person")


@app.command(epilog="Example: hub identity review show 3fa1...")
def show(
    pair: PairArgument,
    *,
    reveal: RevealOption = False,
    steward: RevealStewardOption = "",
    reason: RevealReasonOption = "",
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show one pair with its evidence side by side; without --reveal no value is shown."""
    hub = load_settings(settings)
    store = roles.store_of(hub)
    with desk(store) as seen:
        wanted = [stewards.waiting_pair(seen, named(pair))]
        secret = state_secret(hub.identity_key())
        ((_, found),) = weighing.weigh_pairs(seen, secret, policy_of(hub), wanted)
    values = identity_told.reveal(store, found, said(steward, reason), wanted=reveal)
    identity_told.tell(store, found, values, output)


@app.command(epilog=f"Example: hub identity review decide 3fa1... --same {EXAMPLE}")
def decide(
    pair: PairArgument,
    *,
    same: Annotated[bool, typer.Option("--same/--not-same", help="Whether the two are one.")],
    reason: ReasonOption,
    steward: StewardOption,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Decide of a pair; where another steward proposed the very same, this approves it."""
    hub = load_settings(settings)
    store = roles.store_of(hub)
    kind = DecisionKind.SAME if same else DecisionKind.NOT_SAME
    made = stewards.decide_pair(store, named(pair), kind, said(steward, reason))
    send(hub, store, made, How(settings, wait, output))


def _line(pair: Waiting, found: Weighed, opened: list[Standing], now_us: int) -> dict[str, Any]:
    """A pair as a row: which fields agree and which differ, and no value."""
    fields = sorted(found.explanation.fields.items(), key=lambda one: -abs(one[1]))
    names = {
        sign: ", ".join(
            words.FIELDS.get(name, name) for name, weight in fields if weight * sign > 0
        )
        for sign in (1, -1)
    }
    return {
        "pair": pair.pair_id,
        "kind": pair.kind,
        "a": pair.a,
        "b": pair.b,
        "bits": round(pair.weight / MILLI, 1),
        "missing_bits": words.missing(found.explanation.threshold, pair.weight) / MILLI,
        "speaks_for": names[1],
        "speaks_against": names[-1],
        "rule": pair.refusal or SHORT,
        "why": "not enough evidence" if pair.refusal is None else words.rule(pair.refusal),
        "days": round((now_us - pair.since_us) / DAY_US, 1),
        "opened": opened,
    }


def _tell(found: list[dict[str, Any]]) -> None:
    """The pairs as paragraphs: a table of as many columns fits no terminal."""
    for line in found:
        console.print(safe(line["pair"]), style="bold", end="")
        console.print(safe(f"  {line['kind']}, {line['days']} days"))
        both = (("+", line["speaks_for"]), ("-", line["speaks_against"]))
        identity_told.marked(*((mark, [fields]) for mark, fields in both if fields))
        console.print(safe(f"  {line['why']} ({line['bits']} bits, {line['rule']})"))
        if line["proposed"]:
            console.print(safe(f"  proposed: {line['proposed']}"))
