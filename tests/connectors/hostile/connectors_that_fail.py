"""Connectors that break one promise each, and keep all others."""

import csv
import dataclasses
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from office import DOGS, Settings, changes, item, lines, translate

from hub import clock
from hub.canon.model import Claims, LicenceEnded, LicenceIssued
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    Item,
    LeftOut,
    Record,
    Refused,
    Request,
    Unreadable,
    setting,
)
from hub.connect.values import required
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

Translate = Callable[[Change], Iterable[Draft | LeftOut]]
opened: list[IO[bytes]] = []


def but(**other: Any) -> Connector:
    """The good connector with one part replaced."""
    return dataclasses.replace(DOGS, **other)


def drafts(made: Callable[[Change, Draft], Draft]) -> Connector:
    """The good connector with its drafts changed."""

    def other(change: Change) -> Iterator[Draft | LeftOut]:
        for said in translate(change):
            yield made(change, said) if isinstance(said, Draft) else said

    return but(translate=other)


@dataclasses.dataclass(frozen=True)
class OpenSettings:
    """A password that shows."""

    office: Any = setting("The office.")
    password: str = setting("What the doorkeeper asks.", default="sesame-open-up")


def takes_its_input_apart(change: Change) -> Iterator[Draft | LeftOut]:
    """Leaves the record without a field."""
    yield from translate(change)
    change.record.pop("breed", None)


def needs_a_breed(change: Change) -> Iterator[Draft | LeftOut]:
    """Fails where the breed is not there."""
    change.record.get("breed", 0).lower()
    yield from translate(change)


def shows_the_value(change: Change) -> Iterator[Draft | LeftOut]:
    """An error text with a value in it."""
    try:
        yield from translate(change)
    except UnreadableRecord as error:
        value = change.record.get("issued")
        raise UnreadableRecord(
            f"{value} is no day", code="E-DATE", field="issued", rule=error.rule
        ) from None


def logs_the_record(change: Change) -> Iterator[Draft | LeftOut]:
    """A record in a log line of a library's logger."""
    logging.getLogger("dogs").debug("translating %s", change.record.get("email"))
    yield from translate(change)


def prints_an_encoded_owner(change: Change) -> Iterator[Draft | LeftOut]:
    """A name that shows as hexadecimal digits."""
    print(str(change.record.get("owner")).encode().hex())  # noqa: T201 - that is its fault
    yield from translate(change)


def reads_the_owner_into_context(settings: Settings, after: str | None) -> Iterator[Item]:
    """A name where only places belong."""
    for one in changes(settings, after):
        if isinstance(one, Change):
            yield one._replace(context={**one.context, "owner": one.record.get("owner")})
        else:
            yield one


def names_a_rule_for_each_draft(change: Change) -> Iterator[Draft | LeftOut]:
    """As many rules as there are records."""
    for said in translate(change):
        line = change.context["line"]
        yield LeftOut(f"draft in line {line}") if isinstance(said, LeftOut) else said


def hurries(settings: Settings, after: str | None) -> Iterator[Item]:
    """The fifth position says that the sixth line was told."""
    for one in changes(settings, after):
        yield one._replace(position="6") if one.position == "5" else one


def tells_the_last_one_anew(settings: Settings, after: str | None) -> Iterator[Item]:
    """Begun again early in the journal, it tells the line before as a later state."""
    if after and int(after) < 10:
        last = lines()[int(after) - 1].replace(b'"state": 1,', b'"state": 7,')
        told = item(int(after), last)
        yield told._replace(position=after)
    yield from changes(settings, after)


def takes_the_line_for_the_version(change: Change, draft: Draft) -> Draft:
    """Come again further down, the same state is another event."""
    return draft._replace(record_version=change.context["line"])


def dies_of_a_bad_line(settings: Settings, after: str | None) -> Iterator[Item]:
    """One bad line, and those after it are never read."""
    for number, line in settings.office.read(int(after or 0)):
        json.loads(line)
        yield item(number, line)


def keeps_it_open(settings: Settings, after: str | None) -> Iterator[Item]:
    """A file that nobody closes."""
    opened.append(open(os.devnull, "rb"))  # noqa: SIM115, PTH123 - that is its fault
    yield from changes(settings, after)


def gives_up(settings: Settings, after: str | None) -> Iterator[Item]:
    """An outage is the end."""
    try:
        yield from changes(settings, after)
    except SourceUnavailable as error:
        raise ContractBreach(error.message) from None


def forgets_one_too_many(settings: Settings, position: str) -> None:
    """More than the position says."""
    settings.office.forget(int(position) + 1)


def one_key_for_two(_: Change, draft: Draft) -> Draft:
    """The second licence and the third are one record."""
    return draft._replace(record_key=draft.record_key.replace("100003", "100002"))


def no_unicode(change: Change, draft: Draft) -> Draft:
    """One event holds what no schema can."""
    body = draft.body
    if required(change.record, "number") != "DL-100004" or not isinstance(body, LicenceIssued):
        return draft
    return draft._replace(body=LicenceIssued(body.licence._replace(description="\ud800")))


def without_extra(_: Change, draft: Draft) -> Draft:
    """Unknown fields are lost."""
    claims = draft.claims
    assert isinstance(claims, Claims)
    return draft._replace(claims=claims._replace(extra={}))


def backwards(_: Change, draft: Draft) -> Draft:
    """A later state has a lower version."""
    return draft._replace(record_version=1_000 - draft.record_version)


def at_the_time(_: Change, draft: Draft) -> Draft:
    """A version nobody can tell again."""
    return draft._replace(record_version=clock.now_us())


def says_other_things(_: Change, draft: Draft) -> Draft:
    """Not what was recorded."""
    return draft._replace(record_key=draft.record_key.replace("dog/", "hound/"))


ONE_EACH: list[tuple[str, Connector, dict[str, Any]]] = [
    ("settings", but(settings=OpenSettings), {}),
    ("samples", DOGS, {"journal": [lines()[0], *lines()[-3:]]}),
    ("recorded", drafts(says_other_things), {"as_good": True}),
    ("declared", but(emits=(LicenceIssued, LicenceEnded)), {}),
    ("repeatable", but(translate=takes_its_input_apart), {}),
    ("identities", drafts(one_key_for_two), {}),
    ("roundtrip", drafts(no_unicode), {}),
    ("fields", but(translate=needs_a_breed), {}),
    ("drift", drafts(without_extra), {}),
    ("drift", but(known_fields=None), {}),
    ("resume", but(changes=hurries), {}),
    ("resume", but(changes=tells_the_last_one_anew), {}),
    ("again", drafts(takes_the_line_for_the_version), {}),
    ("versions", drafts(backwards), {}),
    ("broken", but(changes=dies_of_a_bad_line), {}),
    ("stops", but(changes=keeps_it_open), {}),
    ("unavailable", but(changes=gives_up), {}),
    ("acknowledges", but(acknowledge=forgets_one_too_many), {}),
    ("privacy", but(translate=shows_the_value), {}),
    ("privacy", but(translate=logs_the_record), {}),
    ("privacy", but(translate=prints_an_encoded_owner), {}),
    ("privacy", but(changes=reads_the_owner_into_context), {}),
    ("signals", but(translate=names_a_rule_for_each_draft), {}),
]


def wait() -> None:
    """Longer than anybody has patience for."""
    clock.sleep_s(1.0)


def waits_at_its_end() -> Connector:
    """Closed in the middle, it takes its time."""

    def slow(settings: Settings, after: str | None) -> Iterator[Item]:
        done = False
        try:
            yield from changes(settings, after)
            done = True
        finally:
            if not done:
                wait()

    return but(changes=slow)


@dataclasses.dataclass(frozen=True)
class DoorSettings:
    """What a caller must know."""

    password: str = setting("What the doorkeeper asks.", secret=True)


def takes_calls(settings: DoorSettings, request: Request) -> Iterator[Change | Unreadable]:
    """A line that is pushed; one that cannot be read is kept."""
    found = item(0, request.body)
    if isinstance(found, Change | Unreadable):
        yield found._replace(position=None)


def refuses_what_it_cannot_read(
    settings: DoorSettings, request: Request
) -> Iterator[Change | Unreadable]:
    """The sender will not send it again."""
    for one in takes_calls(settings, request):
        if isinstance(one, Unreadable):
            raise Refused(400, "not JSON")
        yield one


PUSHED = but(settings=DoorSettings, changes=None, acknowledge=None, receive=takes_calls)
PUSHED_AND_FAILS = [
    ("broken", dataclasses.replace(PUSHED, receive=refuses_what_it_cannot_read)),
    ("privacy", dataclasses.replace(PUSHED, translate=logs_the_record)),
    ("fields", dataclasses.replace(PUSHED, translate=needs_a_breed)),
]


@dataclasses.dataclass(frozen=True)
class FolderSettings:
    """Where a file lies."""

    folder: Path = setting("The folder.")


def naive_rows(settings: FolderSettings, after: str | None) -> Iterator[Item]:
    """CSV as a quick script reads it: surplus cells are no matter, one odd byte is the end."""
    for path in settings.folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for number, found in enumerate(csv.DictReader(file), 1):
                if number > int(after or 0):
                    line = ",".join(str(cell) for cell in found.values()) + "\n"
                    context = {"format": "csv", "file": path.name, "line": number + 1}
                    yield Change(Record(found), line.encode(), str(number), context=context)


NAIVE = but(settings=FolderSettings, changes=naive_rows, acknowledge=None)
