"""Made people for tests of identity: few values, so that records collide."""

from random import Random

from hub.identity import normalise
from hub.identity.addresses import address
from hub.identity.record import PersonRecord

GIVEN = ("Maria", "Marie", "John", "Jon", "Robert", "Bob", "Aiko", "Olga", "Juan Carlos", "")
SURNAMES = ("Garcia", "Smith", "Smyth", "O'Neil", "Nowak", "van Dam")
STREETS = ("12 Oak Street", "12 Oak St", "7 Elm Ave Apt 3", "PO Box 44")
EMAILS = ("maria.garcia@mail.example", "jsmith7@post.example", "office@city.example")


def record(
    given: str = "",
    surname: str = "",
    *,
    birth: str = "",
    number: str = "",
    street: str = "",
    phone: str = "",
    email: str = "",
    middle: str = "",
    suffix: str = "",
    sex: str = "",
) -> PersonRecord:
    """A record from values as they are written."""
    name = normalise.name(given, surname)
    born = normalise.birth(birth) if birth else None
    value = normalise.identifier(number) if number else None
    where = address(street) if street else None
    called = normalise.phone(phone) if phone else None
    mail = normalise.email(email) if email else None
    generation = normalise.suffix(suffix) if suffix else None
    return PersonRecord(
        names=(name,) if name else (),
        middles=normalise.name_tokens(middle)[:1],
        suffixes=(generation,) if generation else (),
        births=(born,) if born else (),
        identifiers=(("national", value),) if value else (),
        addresses=(where,) if where else (),
        phones=(called,) if called else (),
        emails=(mail,) if mail else (),
        sexes=(sex,) if sex else (),
    )


def crowd(count: int, seed: int) -> dict[str, PersonRecord]:
    """Records of a small town in which names, dates, homes and numbers meet often."""
    chance = Random(seed)
    found: dict[str, PersonRecord] = {}
    for number in range(count):
        found[f"r{number:04}"] = record(
            chance.choice(GIVEN),
            chance.choice(SURNAMES),
            birth=chance.choice(("", f"19{chance.randint(50, 53)}-0{chance.randint(1, 3)}-11")),
            number=chance.choice(("", "", f"4119300{chance.randint(10, 22)}")),
            street=chance.choice(("", *STREETS)),
            phone=chance.choice(("", "", f"(312) 867-530{chance.randint(0, 6)}")),
            email=chance.choice(("", "", *EMAILS)),
        )
    return found
