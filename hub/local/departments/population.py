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
RELATIVE_PERCENT = 30
"""So many of a hundred people are of the family of somebody who is there already."""
HOSTILE_EVERY = 120
YEAR_DAYS = 365
_NUMBERS, _SPREAD = 1_000_000, 387_420_489
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


class Kin(NamedTuple):
    """How somebody is related: how often of a hundred times, and what they share how often.

    `apart` is how many years their births are apart, at least and at most. Who shares the home may
    share its telephone, and few an e-mail address; `given`: they have one name in full.
    """

    often: int
    home: int
    phone: int
    email: int
    family: int
    apart: tuple[int, int]
    given: bool = False


KIN = (
    Kin(often=45, home=97, phone=25, email=4, family=70, apart=(0, 9)),
    Kin(often=30, home=25, phone=30, email=4, family=95, apart=(19, 40)),
    Kin(often=5, home=15, phone=30, email=0, family=100, apart=(19, 40), given=True),
    Kin(often=14, home=10, phone=30, email=0, family=95, apart=(1, 9)),
    Kin(often=6, home=20, phone=30, email=0, family=97, apart=(0, 0)),
)
"""Partners; parent and child; the same with one name; brothers and sisters; twins."""


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
        alone = number % HOSTILE_EVERY == 0 or not happens(chance, RELATIVE_PERCENT)
        relative = None if alone else chance.choice(citizens)
        if relative is not None and relative.family in names.HOSTILE:
            relative = None  # what somebody typed to do harm is no family's name
        citizens.append(_citizen(number, chance, relative))
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


def _citizen(number: int, chance: Random, relative: Citizen | None) -> Citizen:
    given, family = chance.choice(names.GIVEN), chance.choice(names.FAMILY)
    if number % HOSTILE_EVERY == 0:
        family = names.HOSTILE[number // HOSTILE_EVERY % len(names.HOSTILE)]
    home, own = _home(chance), spread(number)
    found = Citizen(
        entity=f"person-{number:06d}",
        given=given,
        middle=chance.choice(names.GIVEN) if happens(chance, 40) else "",
        family=family,
        suffix=chance.choice(("Jr", "Sr", "III")) if happens(chance, 2) else "",
        born=date.fromordinal(chance.randrange(_BORN_FROM, _BORN_TO)),
        ssn=f"9{own // 10_000:02d}{number % 49 + 1:02d}{own % 10_000:04d}",
        login=f"civic-{own:06d}" if happens(chance, 70) else "",
        email="",
        phone=_phone(number),
        home=home,
        later_home=_moved(home, chance, 15),
    )
    if relative is not None:
        found = _related(found, relative, chance)
    return found if found.email else found._replace(email=_mail(number, found, chance))


def spread(number: int) -> int:
    """Another number for each of the first million, so that no two neighbours are alike."""
    return number * _SPREAD % _NUMBERS


def _phone(number: int) -> str:
    """A telephone number that differs from those of the first thousands in two digits or more.

    So few are never given out that others would be alike much more often than in life.
    """
    rest, place = divmod(number, len(names.AREA_CODES))
    area = names.AREA_CODES[place]
    more, digit = divmod(rest, 10)
    check = sum(int(one) * weight for one, weight in zip(area, (1, 3, 7), strict=True))
    return f"{area}55501{digit}{(check + 3 * digit + more) % 10}"


def _mail(number: int, citizen: Citizen, chance: Random) -> str:
    """An address made of the name; blank for who has none."""
    user = f"{'.'.join(_latin(part) for part in (citizen.given, citizen.family))}{number}"
    return f"{user}@{chance.choice(_MAIL)}" if happens(chance, 85) else ""


def _latin(text: str) -> str:
    """The plain letters of a name for a mail address."""
    kept = "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum())
    return kept[:20] or "x"


def _related(citizen: Citizen, other: Citizen, chance: Random) -> Citizen:
    """The same of somebody's family: a trap for anybody who compares."""
    kin = chance.choices(KIN, [one.often for one in KIN])[0]
    found = citizen._replace(born=_born(other.born, kin, chance))
    if happens(chance, kin.family):
        found = found._replace(family=other.family)
    at_home = happens(chance, kin.home)
    if at_home:
        found = found._replace(home=other.home, later_home=other.later_home)
    if at_home and happens(chance, kin.phone):
        found = found._replace(phone=other.phone)
    if kin.given:
        younger = found.born > other.born
        return found._replace(given=other.given, suffix="Jr" if younger else "Sr")
    while found.given == other.given:
        found = found._replace(given=chance.choice(names.GIVEN))
    if at_home and happens(chance, kin.email):
        found = found._replace(email=other.email)
    return found


def _born(other: date, kin: Kin, chance: Random) -> date:
    """A birthday so far from the other's, before or after it."""
    least, most = kin.apart
    days = chance.randrange(least * YEAR_DAYS, most * YEAR_DAYS + 1)
    days = days if happens(chance, 50) else -days
    there = other.toordinal()
    return date.fromordinal(
        there + days if _BORN_FROM <= there + days <= _BORN_TO else there - days
    )


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
        ein=f"{prefix}{1_000_000 + spread(number):07d}",
        uei="".join(chance.choice(_UEI) for _ in range(12)) if happens(chance, 60) else "",
        owner=chance.randrange(people) if people else 0,
        home=home,
        later_home=_moved(home, chance, 12),
    )
