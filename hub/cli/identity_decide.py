"""`hub identity same|not-same|merge|split|approve|undo|decisions`: what stewards decide."""

from typing import Annotated, Any

import typer

from hub import clock
from hub.canon.model import DecisionKind, StewardDecision
from hub.cli import roles
from hub.cli.identity_steward import (
    DAY_US,
    EXAMPLE,
    DecisionArgument,
    How,
    LimitOption,
    OneArgument,
    OtherArgument,
    ReasonOption,
    StewardOption,
    WaitOption,
    named,
    said,
    send,
    state,
)
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, console, paragraphs, safe
from hub.errors import SettingsError
from hub.identity.decisions import answer
from hub.processor import previews, stewards
from hub.processor.run import policy_of
from hub.processor.work import state_secret
from hub.settings import HubSettings, load_settings

SHOWN_PAIRS_MAX = 5
ManyArgument = Annotated[list[str], typer.Argument(help="Subjects or entities, two or more.")]
PartArgument = Annotated[
    list[str], typer.Argument(help="The subjects of one entity that do not belong to the rest.")
]
PreviewOption = Annotated[
    bool, typer.Option("--preview", help="Say what would happen, and decide nothing.")
]


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
    how = How(settings, wait, output)
    _decide(DecisionKind.SAME, [one, other], steward, reason, how)


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
    how = How(settings, wait, output)
    _decide(DecisionKind.NOT_SAME, [one, other], steward, reason, how)


def merge(
    names: ManyArgument,
    *,
    reason: ReasonOption,
    steward: StewardOption,
    preview: PreviewOption = False,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Decide that two or more are one, as `same` does of two; --preview says what would happen."""
    if len(names) < 2:  # noqa: PLR2004 - a merge is of two
        raise SettingsError("one alone is not merged", remedy="name two or more")
    hub = load_settings(settings)
    store = roles.store_of(hub)
    made = stewards.proposal(
        store, DecisionKind.SAME, [named(name) for name in names], said(steward, reason)
    )
    _preview_or_send(hub, made, How(settings, wait, output), preview=preview)


def split(
    names: PartArgument,
    *,
    reason: ReasonOption,
    steward: StewardOption,
    preview: PreviewOption = False,
    settings: SettingsOption = None,
    wait: WaitOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Decide that some records of an entity are not the rest of it; --preview says what happens."""
    hub = load_settings(settings)
    store = roles.store_of(hub)
    made = stewards.split(store, [named(name) for name in names], said(steward, reason))
    _preview_or_send(hub, made, How(settings, wait, output), preview=preview)


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
    _answer(DecisionKind.APPROVE, decision, steward, reason, How(settings, wait, output))


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
    _answer(DecisionKind.UNDO, decision, steward, reason, How(settings, wait, output))


def decisions(
    *,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those that another steward must approve.")
    ] = False,
    limit: LimitOption = 20,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what stewards decided, the latest first: by whom, why, and whether it counts."""
    hub = load_settings(settings)
    now_us = clock.now_us()
    found: list[dict[str, Any]] = []
    for one in stewards.standings(roles.store_of(hub), limit):
        told = one.proposal
        if told is None or (waiting and (one.undoers or one.counts(hub.approvers))):
            continue
        found.append(
            {
                "decision": told.decision_id,
                "kind": told.kind,
                "of": told.subject,
                "records": len({*told.left, *told.right}),
                "approved_by": ", ".join(one.approvers),
                "taken_back_by": ", ".join(one.undoers),
                "state": state(one, hub.approvers),
                "days": round((now_us - told.decided_at) / DAY_US, 1),
                "reason": told.reason,
            }
        )
    empty = "nothing waits for approval" if waiting else "nothing is decided"
    paragraphs(output, found, empty)


def register(app: typer.Typer) -> None:
    """Add the commands to `hub identity`."""
    for name, command, words in (
        ("same", same, f"same 0b7c... 51fa... {EXAMPLE}"),
        ("not-same", not_same, f"not-same 0b7c... 51fa... {EXAMPLE}"),
        ("merge", merge, f"merge 0b7c... 51fa... 9e02... {EXAMPLE} --preview"),
        ("split", split, f"split 51fa... {EXAMPLE} --preview"),
        ("approve", approve, f"approve 77d0... {EXAMPLE}"),
        ("undo", undo, f"undo 77d0... {EXAMPLE}"),
        ("decisions", decisions, "decisions --waiting"),
    ):
        app.command(name, epilog=f"Example: hub identity {words}")(command)


def _decide(kind: DecisionKind, names: list[str], steward: str, reason: str, how: How) -> None:
    hub = load_settings(how.settings)
    store = roles.store_of(hub)
    made = stewards.proposal(store, kind, [named(name) for name in names], said(steward, reason))
    send(hub, store, made, how)


def _answer(kind: DecisionKind, decision: str, steward: str, reason: str, how: How) -> None:
    hub = load_settings(how.settings)
    store = roles.store_of(hub)
    found = stewards.proposed(store, named(decision))
    send(hub, store, answer(found, kind, *said(steward, reason)), how)


def _preview_or_send(hub: HubSettings, made: StewardDecision, how: How, *, preview: bool) -> None:
    store = roles.store_of(hub)
    if not preview:
        send(hub, store, made, how)
        return
    secret = state_secret(hub.identity_key())
    found = previews.preview(store, secret, policy_of(hub), made)
    if how.output is Format.JSON:
        as_json({**found._asdict(), "after": [one._asdict() for one in found.after]})
        return
    for one in found.after:
        console.print(safe(f"{one.entity_id} ({one.change}): {len(one.subjects)} records"))
        for subject in one.subjects:
            console.print(safe(f"    {subject}"))
    for old, new in found.redirected.items():
        console.print(safe(f"  {old} would lead to {new}"))
    for a, b in found.overrides[:SHOWN_PAIRS_MAX]:
        console.print(safe(f"  ! it was decided otherwise of {a} and {b}"))
    if found.refused:
        console.print("  ! a missing agreement or another decision keeps some of them apart")
    if found.alone:
        console.print("  ! records near these have a say too: it may turn out otherwise")
    if found.approvers > 1:
        console.print(f"  it counts once {found.approvers} stewards have approved it")
