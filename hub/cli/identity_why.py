"""`hub identity explain|why-not|disclosures|reveals`: why two are one or not, and who saw what."""

from typing import Annotated, Any

import typer

from hub.cli import identity_told, roles
from hub.cli.identity_steward import (
    LimitOption,
    OneArgument,
    OtherArgument,
    RevealOption,
    RevealReasonOption,
    RevealStewardOption,
    named,
    said,
)
from hub.cli.output import (
    Format,
    FormatOption,
    SettingsOption,
    as_json,
    console,
    paragraphs,
    rows,
    safe,
)
from hub.connect.control.shapes import moment
from hub.identity import words
from hub.processor import weighing
from hub.processor.desk import desk
from hub.processor.rows import Disclosure
from hub.processor.run import policy_of
from hub.processor.stewards import side, sides
from hub.processor.work import state_secret
from hub.settings import load_settings


def explain(
    one: OneArgument,
    other: OtherArgument,
    *,
    reveal: RevealOption = False,
    steward: RevealStewardOption = "",
    reason: RevealReasonOption = "",
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say why two are one, or why not: what agrees, what speaks against, who else comes near.

    Without --reveal no value is shown.
    """
    hub = load_settings(settings)
    store = roles.store_of(hub)
    secret = state_secret(hub.identity_key())
    found = weighing.weigh(store, secret, policy_of(hub), named(one), named(other))
    values = identity_told.reveal(store, found, said(steward, reason), wanted=reveal)
    identity_told.tell(store, found, values, output)


def why_not(
    one: OneArgument,
    other: OtherArgument,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say why two are not one, and what would have to change. No value is shown."""
    hub = load_settings(settings)
    secret = state_secret(hub.identity_key())
    store = roles.store_of(hub)
    found = weighing.weigh(store, secret, policy_of(hub), named(one), named(other))
    against = words.in_words(found.explanation).speaks_against
    nearest = identity_told.runners_up(found)
    changes = words.changes(found.explanation, found.unknown)
    if output is Format.JSON:
        as_json(
            {
                "verdict": identity_told.verdict(found),
                "speaks_against": against,
                "runners_up": nearest,
                "would_have_to_change": changes,
                "compared_by_itself": found.near,
                "agencies_without_agreement": found.apart,
            }
        )
        return
    console.print(safe(identity_told.verdict(found)))
    identity_told.marked(("-", against), ("?", nearest))
    identity_told.tell_apart(found)
    if changes:
        console.print("what would have to change:")
    identity_told.marked((">", changes))
    if not found.near and not found.apart:
        console.print("    they share too little for the hub to compare them by itself")


def disclosures(
    one: OneArgument,
    other: OtherArgument,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show which versions of which views showed two as one: whom a false link was disclosed by."""
    store = roles.store_of(load_settings(settings))
    with desk(store) as seen:
        left, right = sides(seen, named(one), named(other))
        found = seen.disclosures(left.named, right.named)
    paragraphs(output, map(_disclosed, found), "no view showed them as one")


def reveals(
    of: Annotated[
        str | None, typer.Argument(help="A subject or an entity; without one, of everybody.")
    ] = None,
    limit: LimitOption = 20,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show which steward saw the clear values of whom, when and why, the latest first."""
    store = roles.store_of(load_settings(settings))
    with desk(store) as seen:
        names = None if of is None else side(seen, named(of)).named
        found = seen.reveals(names, limit)
    told = [
        {
            "reveal": one.reveal_id,
            "at": moment(one.at_us),
            "steward": one.steward,
            "reason": one.reason,
            "records": len(one.subject_ids),
            "subjects": one.subject_ids,
        }
        for one in found
    ]
    columns = ("reveal", "at", "steward", "reason", "records")
    rows(output, columns, told, "nobody saw any", ("reveal",))


def register(app: typer.Typer) -> None:
    """Add the commands to `hub identity`."""
    for name, command, example in (
        ("explain", explain, "explain 0b7c... 51fa..."),
        ("why-not", why_not, "why-not 0b7c... 51fa..."),
        ("disclosures", disclosures, "disclosures 0b7c... 51fa..."),
        ("reveals", reveals, "reveals 0b7c... -o json"),
    ):
        app.command(name, epilog=f"Example: hub identity {example}")(command)


def _disclosed(span: Disclosure) -> dict[str, Any]:
    return {
        **span._asdict(),
        "since": moment(span.since_us),
        "until": moment(span.until_us or 0),
    }
