"""Made businesses in events, as agencies tell them: few values, so that they collide."""

import random
from typing import NamedTuple

from made_events import event
from made_people import AGENCIES

from hub.canon.model import (
    Address,
    Assurance,
    Claims,
    Event,
    EventKind,
    Identifier,
    LicenceApplied,
    Organisation,
    Person,
    PersonName,
    Role,
    RoleKind,
)
from hub.identity.subjects import ORGANISATION, subject_id

LEGAL = (
    "Harbour Bakeries LLC",
    "Harbour Bakeries Inc",
    "Kowalczyk Repair LLC",
    "Lakeview Holdings",
)
TRADE = ("Harbour Bread", "Harbor Bread", "Kowalczyk & Sons", "Lakeview Cafe")
OWNERS = ("Aleksander Petrovsky", "Maria Garcia")
STREETS = ("1200 W Harbour Street", "1204 W Harbour Street", "9 Mill Lane")


class Told(NamedTuple):
    """What a record tells of a business; empty where it does not."""

    legal: str = ""
    trade: str = ""
    ein: str = ""
    street: str = ""
    phone: str = ""
    owner: str = ""
    assurance: Assurance = Assurance.VERIFIED


def business(
    record: int,
    told: Told,
    version: int = 1,
    kind: EventKind = EventKind.ASSERTED,
    agency: str = AGENCIES[0],
) -> Event:
    """An event of a record that tells of one business."""
    base = event(record, version, LicenceApplied, kind)
    holder = Organisation(
        "holder",
        told.legal or None,
        (told.trade,) if told.trade else (),
        (Identifier("us-ein", told.ein, told.assurance),) if told.ein else (),
        (Address(None, told.street, None, "Chicago", "IL"),) if told.street else (),
        (),
        (told.phone,) if told.phone else (),
    )
    owners, ties = (), ()
    if told.owner:
        owners = (Person("owner", (PersonName(told.owner),)),)
        ties = (Role("owner", "holder", RoleKind.OWNER),)
    origin = base.envelope.origin._replace(agency=agency)
    return base._replace(
        envelope=base.envelope._replace(origin=origin), claims=Claims(owners, (holder,), ties)
    )


def subject(record: int) -> str:
    """The subject of the business in a record."""
    return subject_id(business(record, Told()).envelope.origin.record_id, ORGANISATION, "holder")


def any_business(chance: random.Random) -> Told:
    """Some business of a street in which names, premises and numbers meet often."""
    return Told(
        chance.choice(("", *LEGAL)),
        chance.choice(("", *TRADE)),
        chance.choice(("", "", f"04210359{chance.randint(3, 5)}")),
        chance.choice(("", *STREETS)),
        chance.choice(("", "", f"(312) 867-530{chance.randint(0, 3)}")),
        chance.choice(("", "", *OWNERS)),
        chance.choice((Assurance.VERIFIED, Assurance.CLAIMED)),
    )


def businesses(count: int, seed: int) -> list[Event]:
    """About `count` events of businesses: told by agencies, corrected, withdrawn, out of order."""
    chance = random.Random(seed)
    made: list[Event] = []
    record = 1_000
    while len(made) < count:
        record += 1
        agency = chance.choice(AGENCIES)
        made.append(business(record, any_business(chance), agency=agency))
        if chance.random() < 0.3:
            corrected = EventKind.CORRECTED
            made.append(business(record, any_business(chance), 2, corrected, agency))
        if chance.random() < 0.15:
            made.append(business(record, Told(), 3, EventKind.WITHDRAWN, agency))
    chance.shuffle(made)
    return made
