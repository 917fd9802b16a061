"""A dog-licence office in memory, and a connector that keeps every promise of the contract."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hub.canon.model import (
    ApplicationType,
    Assurance,
    Claims,
    Identifier,
    Licence,
    LicenceClass,
    LicenceIssued,
    LicenceStatus,
    Person,
    PersonName,
)
from hub.connect.conformance.stand import Source, Stand
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    Item,
    LeftOut,
    Operation,
    Record,
    Unreadable,
    setting,
)
from hub.connect.drift import extra
from hub.connect.values import date, required, text, whole
from hub.errors import SourceUnavailable, UnreadableRecord

FIELDS = frozenset(("number", "state", "owner", "email", "breed", "issued", "draft"))


class Office:
    """A journal of lines, each one state of a licence; it can be away and it can forget."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines: dict[int, bytes] = dict(enumerate(lines, 1))
        self.away = False

    def read(self, after: int) -> Iterator[tuple[int, bytes]]:
        """The lines after a number."""
        for number in range(after + 1, max(self.lines, default=0) + 1):
            if self.away:
                raise SourceUnavailable("the office is closed", remedy="it opens again")
            if number in self.lines:
                yield number, self.lines[number]
        if self.away:
            raise SourceUnavailable("the office is closed", remedy="it opens again")

    def forget(self, number: int) -> None:
        """Lines up to a number are no longer kept."""
        for one in [one for one in self.lines if one <= number]:
            del self.lines[one]


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to reach the office."""

    office: Any = setting("The office.")
    password: str = setting("What the doorkeeper asks.", default="sesame-open-up", secret=True)


def lines() -> list[bytes]:
    """14 licences, 14 drafts, one with a bad date, and two later states of the first."""
    rows = [row(number, state=1) for number in range(1, 15)]
    rows += [{**row(number, state=1), "draft": "yes"} for number in range(15, 29)]
    rows += [{**row(29, state=1), "issued": "30/02/2025"}]
    rows += [{**row(1, state=state), "breed": breed} for state, breed in ((2, "whippet"), (10, ""))]
    rows += [row(30, state=1)]
    return [json.dumps(one).encode() for one in rows]


def row(number: int, state: int) -> dict[str, Any]:
    """One state of one licence."""
    return {
        "number": f"DL-{100_000 + number}",
        "state": state,
        "owner": f"Aurelia Quintillus-{number}",
        "email": f"aurelia.{number}@example.org",
        "breed": "greyhound",
        "issued": f"2025-03-{number % 28 + 1:02d}",
        "draft": "",
    }


def changes(settings: Settings, after: str | None) -> Iterator[Item]:
    """The journal after a line."""
    for number, line in settings.office.read(int(after or 0)):
        yield item(number, line)


def item(number: int, line: bytes) -> Item:
    """One line of the journal."""
    context = {"format": "json", "line": number}
    try:
        value = json.loads(line)
    except ValueError:
        error = UnreadableRecord("not JSON", code="E-JSON", rule="JSON")
        return Unreadable(line, error, str(number), context)
    return Change(Record(value), line, str(number), 0, Operation.READ, None, context)


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """A licence as it is in one of its states."""
    record = change.record
    if text(record, "draft"):
        yield LeftOut("draft")
        return
    number, issued = required(record, "number"), date(record, "issued", "%Y-%m-%d")
    if issued is None:
        raise UnreadableRecord("no day", code="E-FIELD-MISSING", field="issued", rule="required")
    owner, email = text(record, "owner"), text(record, "email")
    person = Person(
        "holder",
        names=(PersonName(full=owner),) if owner else (),
        identifiers=(Identifier("dog-licence", number, Assurance.VERIFIED),),
        emails=(email,) if email else (),
    )
    claims = Claims(persons=(person,), extra=extra(record, FIELDS))
    body = LicenceIssued(licence(number, text(record, "breed")))
    version = whole(record, "state") or 0
    yield Draft(body, f"dog/{number}", version, issued, claims)


def licence(number: str, breed: str | None) -> Licence:
    """A dog licence."""
    return Licence(
        licence_number=number,
        licence_id=number,
        licence_class=LicenceClass.UNKNOWN,
        account_number=None,
        site_number=None,
        licence_code="dog",
        description=breed,
        activities=(),
        application_type=ApplicationType.ISSUE,
        application_type_text=None,
        term_from=None,
        term_to=None,
        status=LicenceStatus.ISSUED,
    )


def acknowledge(settings: Settings, position: str) -> None:
    """The office may forget what was confirmed."""
    settings.office.forget(int(position))


DOGS = Connector(
    name="dogs",
    owner="Animal Office",
    system="dog-register",
    purpose="dog-licences",
    domain="licensing",
    settings=Settings,
    changes=changes,
    translate=translate,
    acknowledge=acknowledge,
    emits=(LicenceIssued,),
    known_fields=FIELDS,
    doc="Dog licences.",
)


def standing(connector: Connector, journal: list[bytes]) -> Stand:
    """A new office for each reading of a check."""

    @contextmanager
    def stand() -> Iterator[Source]:
        office = Office(journal)

        @contextmanager
        def away() -> Iterator[None]:
            office.away = True
            try:
                yield
            finally:
                office.away = False

        def spoil(change: Change, way: int) -> bytes | None:
            if way:
                return None
            number = next(number for number, line in office.lines.items() if line == change.raw)
            office.lines[number] = change.raw[:-1]
            return change.raw[:-1]

        def repeat() -> None:
            last = max(office.lines)
            office.lines[last + 1] = office.lines[last]

        settings = connector.settings(office)
        yield Source.asked(connector, settings, away=away, spoil=spoil, repeat=repeat)

    return stand
