"""Events for tests of the processor: licences of businesses that share accounts and tax numbers."""

import random
from collections.abc import Iterator

from hub.canon.codec import Codec
from hub.canon.model import (
    ApplicationType,
    Assurance,
    Capture,
    Claims,
    Envelope,
    Event,
    EventKind,
    Identifier,
    Licence,
    LicenceApplied,
    LicenceClass,
    LicenceEnded,
    LicenceFeePaid,
    LicenceIssued,
    LicenceStatus,
    Moment,
    Organisation,
    Origin,
    Person,
    PersonName,
    Precision,
    Role,
    RoleKind,
)
from hub.connect import derive

KEY = b"a key for tests only, at least 32 bytes"
DAY_US = 86_400_000_000
BODIES = (LicenceApplied, LicenceFeePaid, LicenceIssued, LicenceEnded)


def day(number: int) -> Moment:
    """A day of 1970."""
    text = f"1970-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
    return Moment(text, Precision.DAY, number * DAY_US)


def called(number: int) -> str:
    """A name that no other number's is like."""
    parts = ["bor", "kan", "dul", "mef", "nir", "pos", "rag", "siv", "tok", "wuz"]
    return "".join(parts[int(digit)] for digit in f"{number * 7_919 % 100_000:05}")


def event(
    record: int,
    version: int = 1,
    body: type = LicenceIssued,
    kind: EventKind = EventKind.ASSERTED,
    *,
    account: int | None = None,
    ein: int | None = None,
    name: str | None = None,
    owner: str | None = None,
) -> Event:
    """One licence event of a record; the same arguments give the same event."""
    key = f"business/{record}"
    record_id = derive.record_id(KEY, "licensing", key)
    identifiers = []
    if account is not None:
        identifiers.append(
            Identifier("licensing-account", f"{20_000 + account}", Assurance.VERIFIED)
        )
    if ein is not None:
        identifiers.append(Identifier("us-ein", f"04{ein:07}", Assurance.VERIFIED))
    holder = Organisation(
        "holder", name or called(record), identifiers=tuple(identifiers), phones=("555-0100",)
    )
    persons, roles = (), ()
    if owner is not None:
        number = Identifier("us-ssn", owner, Assurance.VERIFIED)
        persons = (
            Person("owner", (PersonName(owner, None, None, None, None),), None, None, (number,)),
        )
        roles = (Role("owner", "holder", RoleKind.OWNER, None),)
    event_id = derive.event_id(KEY, "licensing", key, version, body.__name__, kind)
    licence = Licence(
        str(record),
        str(record),
        LicenceClass.BUSINESS,
        None,
        None,
        None,
        None,
        (),
        ApplicationType.ISSUE,
        None,
        None,
        None,
        LicenceStatus.ISSUED,
        None,
    )
    origin = Origin("Licensing Office", "register", "licensing", record_id, key, version)
    return Event(
        Capture(1_700_000_000_000_000 + version, "batch"),
        Envelope(event_id, kind, None, day(record % 300 + BODIES.index(body)), origin, None),
        Claims(persons, (holder,), roles),
        body(licence),
    )


def many(count: int, seed: int = 1) -> Iterator[Event]:
    """About `count` events: records of shared accounts, corrected, withdrawn, out of order."""
    chance = random.Random(seed)
    made: list[Event] = []
    record = 0
    while len(made) < count:
        record += 1
        account = chance.randrange(count // 6 + 1)
        ein = account // 2 if chance.random() < 0.4 else None
        owner = f"{account % 97:09}" if chance.random() < 0.2 else None
        made += [
            event(record, 1, body, account=account, ein=ein, owner=owner)
            for body in BODIES[: chance.randint(1, 3)]
        ]
        if chance.random() < 0.2:
            corrected = EventKind.CORRECTED
            name = f"{called(record)} Renamed"
            made.append(event(record, 2, LicenceApplied, corrected, account=account, name=name))
        if chance.random() < 0.1:
            made.append(event(record, 3, LicenceApplied, EventKind.WITHDRAWN, account=account))
    chance.shuffle(made)
    return iter(made[:count])


def message(codec: Codec, made: Event) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of an event."""
    origin = made.envelope.origin
    headers = [("ce_source", b"/licensing-office/register/licensing")]
    return origin.record_id.encode(), codec.encode(made), headers
