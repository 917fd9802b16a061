"""`hub view`: one view with its sources; the digest of all; building them anew from the topics."""

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from hub.canon.codec import Codec
from hub.canon.model import Business, Citizen, SourcedRole
from hub.canon.state import decode_state
from hub.cli import roles
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, console, errors, safe
from hub.connect.derive import record_id
from hub.errors import SettingsError
from hub.processor import rebuild as rebuilding
from hub.processor.digest import state_digest
from hub.processor.rows import SubjectRow, ViewRow
from hub.processor.store import Store
from hub.settings import load_settings
from hub.view.fold import View

app = typer.Typer(help="The unified views.", no_args_is_help=True)


@app.command(epilog="Example: hub view get 0b7c1c5e-... -o json")
def get(
    entity: Annotated[str, typer.Argument(help="The entity's identifier; old ones resolve.")],
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show one citizen or business, with the source of each value."""
    hub = load_settings(settings)
    row = roles.store_of(hub).view(entity)
    if row is None:
        raise SettingsError(f"there is no entity {entity}", remedy="is the identifier whole?")
    view = _decoded(roles.codec_of(hub), row)
    if output is Format.JSON:
        as_json(plain(view))
        return
    _show(view)


@app.command(epilog="Example: hub view find dog_licences dog_licences/HM-4101")
def find(
    connector: Annotated[str, typer.Argument(help="Which connector told of it.")],
    record: Annotated[str, typer.Argument(help="The record, as hub connector read shows it.")],
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show which citizens and businesses a record of a source is in, with all that is known.

    A record may tell of several: an owner and a firm are one each.
    """
    hub = load_settings(settings)
    name = record_id(hub.identity_key(), connector, record)
    store = roles.store_of(hub)
    with store.snapshot() as seen:
        subjects = seen.subjects(record_ids=[name])
    if not subjects:
        raise SettingsError(
            f"nothing of a record {record} of {connector} was applied",
            remedy="write it as `hub connector read` shows it; it may be in quarantine "
            f"(hub quarantine list {connector}), or no processor has run since (hub books)",
        )
    codec = roles.codec_of(hub)
    found = [
        (subject, decode_state(bytes(subject.state)).ref, _view_of(store, codec, subject))
        for subject in sorted(subjects)
    ]
    if output is Format.JSON:
        as_json(
            [
                {
                    "kind": subject.kind,
                    "ref": ref,
                    "subject": subject.subject_id,
                    "entity": subject.entity_id,
                    "view": None if view is None else plain(view),
                }
                for subject, ref, view in found
            ]
        )
        return
    for subject, ref, view in found:
        console.print(safe(f"{ref}, {subject.kind} {subject.subject_id}"), style="bold")
        if view is None:
            console.print("  the record was withdrawn: it is in no view any more")
        else:
            _show(view, "  ")


def _view_of(store: Store, codec: Codec, subject: SubjectRow) -> View | None:
    row = None if subject.entity_id is None else store.view(subject.entity_id)
    return None if row is None else _decoded(codec, row)


def _decoded(codec: Codec, row: ViewRow) -> View:
    view = codec.decode(bytes(row.body))
    if not isinstance(view, Citizen | Business):
        raise TypeError("a stored view is a citizen or a business")
    return view


def _show(view: View, indent: str = "") -> None:
    for field, value, source in lines(view):
        console.print(safe(f"{indent}{field:14} {value:44} {source}"), soft_wrap=True)


@app.command(epilog="Example: hub view digest")
def digest(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Show a digest of everything the views say, whatever order it was learned in."""
    hub = load_settings(settings)
    store = roles.store_of(hub)
    found = {"digest": state_digest(store, roles.codec_of(hub)), **store.counts()}
    if output is Format.JSON:
        as_json(found)
    else:
        console.print(found["digest"])


@app.command(epilog="Example: hub view rebuild && hub view rebuild --replace")
def rebuild(
    settings: SettingsOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the rebuilt views in the place of the live ones.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Build the views from the topics beside the live ones; exit code 1 where they differ.

    A processor that runs goes on meanwhile: stop it to compare one and the same moment.
    """
    hub = load_settings(settings)
    hub = dataclasses.replace(hub, batch_events_max=max(hub.batch_events_max, 2_000))
    codec: Codec = roles.codec_of(hub)
    found = rebuilding.rebuild(hub, codec, lambda told: errors.print(f"  {told}"))
    changed = rebuilding.replace(hub, codec) if replace else None
    told = {**found._asdict(), "same": found.same, "views_changed": changed}
    if output is Format.JSON:
        as_json(told)
    else:
        for key, value in told.items():
            console.print(safe(f"{key:16} {value}"))
    if not found.same and not replace:
        raise typer.Exit(1)


def plain(value: Any) -> Any:
    """A view as plain values for JSON."""
    if hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is told within plain values, with the way to it: `persons.0.names.0.full`."""
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, f"{path}.{name}" if path else str(name))
    elif value not in (None, ""):
        yield path, str(value)


def lines(view: Citizen | Business) -> list[tuple[str, str, str]]:
    """A view as lines of field, value and source, best value first."""
    found = [("entity", view.entity_id, f"version {view.version}")]
    for field in view._fields:
        values = getattr(view, field)
        if not isinstance(values, tuple):
            continue
        for sourced in values:
            if hasattr(sourced, "source") and hasattr(sourced, "value"):
                source = sourced.source
                told = f"{source.agency} ({source.system}, {source.assurance})"
                found.append((field, text_of(sourced.value), told))
    found += [("roles", _role(role), role.source.agency) for role in view.roles]
    found += [
        ("dealings", f"{dealing.occurred.text[:10]} {dealing.event_type}", dealing.agency)
        for dealing in view.dealings
    ]
    found += [("conflicts", name, "") for name in view.conflicts]
    return found


def _role(role: SourcedRole) -> str:
    """A tie with what it is called, which tells two of one kind to one entity apart."""
    title = f" ({role.title})" if role.title else ""
    return f"{role.kind} of {role.entity_id or 'somebody not known'}{title}"


def text_of(value: Any) -> str:
    """A value of a claim or a view as one line."""
    if isinstance(value, str):
        return value
    if hasattr(value, "scheme"):
        return f"{value.scheme} {value.value}"
    if hasattr(value, "precision"):
        return str(value.text)
    if hasattr(value, "full") and value.full:
        return str(value.full)
    return " ".join(str(part) for part in value if part)
