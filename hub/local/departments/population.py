"""An invented population, the same for the same seed, and the truth of who is who.

Numbers are from ranges that are never given out (social security numbers of area 9xx, telephone
exchanges 555-01xx, mail at example.org, employer prefixes not in use).
"""

from datetime import date
from random import Random
from typing import NamedTuple

from hub.local.departments import names
from hub.local.departments.spelling import happens

SEED = 2025
PEOPLE = 3_000
BUSINESSES = 1_500
DAY_ZERO = date(2025, 3, 3)
"""The first day on which the departments tell something."""
RELATIVE_PERCENT = 4
HOSTILE_EVERY = 120
EMPLOYER_PREFIXES = ("17", "18", "19", "28", "49", "69", "70", "78", "79", "89", "96", "97")
_UEI = "ABCDEFGHJKLMNPQRSTUVWXYZ123456789"
_MAIL = ("example.org", "example.com", "example.net", "mail.example")
_BORN_FROM = date(1940, 1, 1).toordinal()
_BORN_TO = date(2004, 12, 31).toordinal()


class Home(NamedTuple):
    """Where somebody lives or trades; `state` is "code: label"."""

    street: str
    unit: str
    city: str
    state: str
    postal_code: str


class Citizen(NamedTuple):
    """A person as they are; blank texts for what they do not have. `phone` is ten digits."""

    entity: str
    given: str
    middle: str
    family: str
    suffix: str
    born: date
    ssn: str
    login: str
    email: str
    phone: str
    home: Home
    later_home: Home


class Business(NamedTuple):
    """A business as it is; `owner` is the place of a person in the population."""

    entity: str
    legal_name: str
    trading_name: str
    ein: str
    uei: str
    owner: int
    home: Home
    later_home: Home


class Population(NamedTuple):
    """Everybody there is."""

    seed: int
    people: tuple[Citizen, ...]
    businesses: tuple[Business, ...]

    def chance(self, what: str) -> Random:
        """Chance that is the same for the same seed and purpose."""
        return chance_of(self.seed, what)


class Truth(NamedTuple):
    """Whom a place in a departmental record is about."""

    connector: str
    record_key: str
    ref: str
    entity: str


def chance_of(seed: int, what: str) -> Random:
    """Chance that is the same for the same seed and purpose; not for secrets."""
    return Random(f"{seed}/{what}")  # noqa: S311


def make(seed: int = SEED, people: int = PEOPLE, businesses: int = BUSINESSES) -> Population:
    """The population of a seed. At most one million of each."""
    chance = chance_of(seed, "population")
    citizens: list[Citizen] = []
    for number in range(people):
        citizen = _citizen(number, chance)
        if citizens and happens(chance, RELATIVE_PERCENT):
            citizen = _relative(citizen, chance.choice(citizens), chance)
        citizens.append(citizen)
    firms = tuple(_business(number, people, chance) for number in range(businesses))
    return Population(seed, tuple(citizens), firms)


def _home(chance: Random) -> Home:
    city, state, base = chance.choice(names.TOWNS)
    side = chance.choice(("", "", "North ", "South ", "East ", "West "))
    street = f"{side}{chance.choice(names.STREETS)} {chance.choice(names.STREET_KINDS)}"
    unit = f"Apt {chance.randrange(1, 40)}" if happens(chance, 30) else ""
    return Home(
        f"{chance.randrange(1, 9900)} {street}",
        unit,
        city,
        state,
        f"{base[:3]}{chance.randrange(10, 99)}",
    )


def _moved(home: Home, chance: Random, percent: int) -> Home:
    return _home(chance) if happens(chance, percent) else home


def _citizen(number: int, chance: Random) -> Citizen:
    given, family = chance.choice(names.GIVEN), chance.choice(names.FAMILY)
    if number % HOSTILE_EVERY == 0:
        family = names.HOSTILE[number // HOSTILE_EVERY % len(names.HOSTILE)]
    area = names.AREA_CODES[number // 100 % len(names.AREA_CODES)]
    home = _home(chance)
    user = f"{'.'.join(_latin(part) for part in (given, family))}{number}"
    return Citizen(
        entity=f"person-{number:06d}",
        given=given,
        middle=chance.choice(names.GIVEN) if happens(chance, 40) else "",
        family=family,
        suffix=chance.choice(("Jr", "Sr", "III")) if happens(chance, 2) else "",
        born=date.fromordinal(chance.randrange(_BORN_FROM, _BORN_TO)),
        ssn=f"9{number // 10_000 % 100:02d}{number // 1_000_000 % 49 + 1:02d}{number % 10_000:04d}",
        login=f"civic-{number:06d}" if happens(chance, 70) else "",
        email=f"{user}@{chance.choice(_MAIL)}" if happens(chance, 85) else "",
        phone=f"{area}55501{number % 100:02d}",
        home=home,
        later_home=_moved(home, chance, 15),
    )


def _latin(text: str) -> str:
    """The plain letters of a name for a mail address."""
    kept = "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum())
    return kept[:20] or "x"


def _relative(citizen: Citizen, other: Citizen, chance: Random) -> Citizen:
    """Somebody of the same household: twin, parent or partner, a trap for anybody who compares."""
    shared = citizen._replace(
        family=other.family, home=other.home, later_home=other.later_home, phone=other.phone
    )
    drawn = chance.randrange(3)
    if drawn == 0:
        return shared._replace(born=other.born)
    if drawn == 1:
        return shared._replace(given=other.given, suffix="Jr", email=other.email)
    return shared


def _business(number: int, people: int, chance: Random) -> Business:
    trade = chance.choice(names.TRADES)
    word = chance.choice(chance.choice((names.FAMILY, names.STREETS, names.GIVEN)))
    form = chance.choice(names.COMPANY_FORMS)
    legal = f"{word} {trade} {form}"
    if number % HOSTILE_EVERY == 0:
        legal = names.HOSTILE[number // HOSTILE_EVERY % len(names.HOSTILE)]
    home = _home(chance)
    prefix = EMPLOYER_PREFIXES[number % len(EMPLOYER_PREFIXES)]
    return Business(
        entity=f"business-{number:06d}",
        legal_name=legal,
        trading_name=f"{word} {trade}" if happens(chance, 70) else f"The {trade} Place",
        ein=f"{prefix}{1_000_000 + number:07d}",
        uei="".join(chance.choice(_UEI) for _ in range(12)) if happens(chance, 60) else "",
        owner=chance.randrange(people) if people else 0,
        home=home,
        later_home=_moved(home, chance, 12),
    )
