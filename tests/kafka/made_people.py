"""Made people in events, as agencies tell them: few values, so that they collide."""

import random
from typing import NamedTuple

from made_events import event

from hub.canon.model import (
    Address,
    Assurance,
    Claims,
    Event,
    EventKind,
    Identifier,
    LicenceApplied,
    Moment,
    Person,
    PersonName,
    Precision,
)
from hub.identity.subjects import PERSON, subject_id

AGENCIES = ("Licensing Office", "Grants Office", "Contact Centre")
GIVEN = ("Maria", "Marie", "John", "Jon", "Robert", "Bob", "Aiko", "Olga")
FAMILY = ("Garcia", "Smith", "Smyth", "Nowak", "van Dam")
STREETS = ("12 Oak Street", "7 Elm Ave", "PO Box 44")


class Told(NamedTuple):
    """What a record tells of somebody; empty where it does not."""

    given: str = ""
    family: str = ""
    born: str = ""
    ssn: str = ""
    phone: str = ""
    email: str = ""
    street: str = ""


def person(
    record: int,
    told: Told,
    version: int = 1,
    kind: EventKind = EventKind.ASSERTED,
    agency: str = AGENCIES[0],
) -> Event:
    """An event of a record that tells of one person."""
    base = event(record, version, LicenceApplied, kind)
    born = Moment(told.born, Precision.DAY, 0) if told.born else None
    ssn = (Identifier("us-ssn", told.ssn, Assurance.VERIFIED),) if told.ssn else ()
    street = (Address(None, told.street, None, None, None, None, None),) if told.street else ()
    applicant = Person(
        "applicant",
        (PersonName(None, told.given or None, None, told.family or None, None),),
        born,
        None,
        ssn,
        street,
        (told.email,) if told.email else (),
        (told.phone,) if told.phone else (),
    )
    origin = base.envelope.origin._replace(agency=agency)
    return base._replace(
        envelope=base.envelope._replace(origin=origin), claims=Claims((applicant,), (), ())
    )


def subject(record: int) -> str:
    """The subject of the person in a record."""
    return subject_id(person(record, Told()).envelope.origin.record_id, PERSON, "applicant")


def anybody(chance: random.Random) -> Told:
    """Somebody of a small town in which names, dates, homes and numbers meet often."""
    return Told(
        chance.choice(GIVEN),
        chance.choice(FAMILY),
        chance.choice(("", f"19{chance.randint(50, 53)}-0{chance.randint(1, 3)}-11")),
        chance.choice(("", "", f"4119300{chance.randint(10, 22)}")),
        chance.choice(("", "", f"(312) 867-530{chance.randint(0, 6)}")),
        chance.choice(("", "", "maria.garcia@mail.example", "jsmith7@post.example")),
        chance.choice(("", *STREETS)),
    )


def crowd(count: int, seed: int) -> list[Event]:
    """About `count` events of people: told by agencies, corrected, withdrawn, out of order."""
    chance = random.Random(seed)
    made: list[Event] = []
    record = 0
    while len(made) < count:
        record += 1
        agency = chance.choice(AGENCIES)
        made.append(person(record, anybody(chance), agency=agency))
        if chance.random() < 0.3:
            made.append(person(record, anybody(chance), 2, EventKind.CORRECTED, agency))
        if chance.random() < 0.15:
            made.append(person(record, Told(), 3, EventKind.WITHDRAWN, agency))
    chance.shuffle(made)
    return made
