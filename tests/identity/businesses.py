"""A made town of businesses as five departments know them, with the cases that are hard.

Franchises share a trade name, successors their predecessor's and his premises, groups a name, an
address and a telephone; a landlord's building and an accountant's telephone are those of many.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from corruption import Row

TRADES = (
    *("RESTAURANT", "GRILL", "LIQUORS", "FOOD MARKET", "AUTO REPAIR", "HAIR SALON", "CLEANERS"),
    *("CONSTRUCTION", "PLUMBING", "TAX SERVICE", "DAY CARE", "BAKERY", "FURNITURE", "PHARMACY"),
    *("BEAUTY SUPPLY", "LAUNDROMAT", "DENTAL CENTER", "TRUCKING", "LANDSCAPING", "CONSULTING"),
)
FIRST = (
    *("MARIA", "JOHN", "ROBERT", "AISHA", "WEI", "OLGA", "JOSE", "FATIMA", "DAVID", "LINDA"),
    *("PETER", "SUSAN", "KARIM", "ELENA", "MARK", "NINA", "CARLOS", "GRACE", "IVAN", "ROSA"),
)
LAST = (
    *("GARCIA", "SMITH", "NOWAK", "KIM", "OKAFOR", "PATEL", "JOHNSON", "LOPEZ", "MURPHY", "CHEN"),
    *(
        "WILLIAMS",
        "HADDAD",
        "ROSSI",
        "KOWALSKI",
        "BROWN",
        "NGUYEN",
        "SCHMIDT",
        "DIAZ",
        "ALI",
        "COLE",
    ),
)
PLACES = ("LAKE VIEW", "ROSE HILL", "OAK GROVE", "RIVER BEND", "SUNSET", "LINCOLN", "AURORA")
STREETS = ("N CLARK ST", "W MAIN ST", "S STATE ST", "E OAK AVE", "N LINCOLN AVE", "W LAKE ST")
TOWNS = (("60601", "CHICAGO"), ("60302", "OAK PARK"), ("60201", "EVANSTON"), ("60453", "OAK LAWN"))
FORMS = ("INC", "LLC", "CORP", "LTD", "INC", "LLC")
BRANDS = ("BURGER BARN", "QUICK TAX", "CUT & GO", "PIZZA PLANET", "TIRE KINGDOM", "SUN TAN CITY")
GROUP = ("HOLDINGS", "PROPERTIES", "MANAGEMENT", "LOGISTICS", "CAPITAL")


class Business(NamedTuple):
    """What is true of one: every department tells a part of it."""

    legal: str
    trades: tuple[str, ...]
    sites: tuple[Row, ...]
    known: Row


class Town:
    """Makes businesses by a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._used: set[str] = set()

    def businesses(self) -> list[Business]:
        """All of them, the hard cases included."""
        chance = self._chance
        made = [self.company() for _ in range(220)]
        made += [self.sole_trader() for _ in range(110)]
        made += [
            self.company(trade=brand, sites=chance.choice((1, 1, 2, 3)))
            for brand in BRANDS
            for _ in range(10)
        ]
        for one in chance.sample(made[:220], 40):
            made.append(self.company(trade=one.trades[0], at=one))
        for one in chance.sample(made[:220], 30):
            made += self.group_of(one)
        house = {"street": "400 W MARKET PLZ", "postcode": "60601", "place": "CHICAGO"}
        made += [self.company()._replace(sites=({**house, "region": "IL"},)) for _ in range(60)]
        agent = {"phone": "312-555-0199", "email": "filings@ledgers-agent.example"}
        made += [
            one._replace(known={**one.known, **agent})
            for one in (self.company() for _ in range(40))
        ]
        return made

    def company(
        self, trade: str | None = None, sites: int | None = None, at: Business | None = None
    ) -> Business:
        """A company; `at`: the successor of another at its premises."""
        chance = self._chance
        name = self._name()
        legal = f"{name} {chance.choice(FORMS)}"
        if trade is None:
            trade = name if chance.random() < 0.5 else self._name()
        count = sites or chance.choice((1, 1, 1, 2))
        where = at.sites[:1] if at else tuple(self._site() for _ in range(count))
        known = self._known(name)
        if at and chance.random() < 0.5:
            known["phone"] = at.known["phone"]
        return Business(legal, (trade,), where, known)

    def sole_trader(self) -> Business:
        """A person's business under a name of its own, or two."""
        chance = self._chance
        middle = chance.choice(("", "", f" {chance.choice('ABCDEFGHJKLMNPRSTW')}"))
        person = f"{chance.choice(FIRST)}{middle} {chance.choice(LAST)}-{self._syllables(2)}"
        if chance.random() < 0.6:
            person = f"{chance.choice(FIRST)}{middle} {chance.choice(LAST)}{self._syllables(1)}"
        trade = (
            f"{person.split()[-1]}'S {chance.choice(TRADES)}"
            if chance.random() < 0.4
            else self._name()
        )
        known = self._known(trade)
        known["owner"] = person
        return Business(person, (trade,), (self._site(),), known)

    def group_of(self, one: Business) -> Iterator[Business]:
        """Companies with nearly the name, at the same address, with the same telephone."""
        name = one.legal.rsplit(" ", 1)[0]
        for word in self._chance.sample(GROUP, 2):
            known = {**one.known, "us-ein": self._ein(), "company": self._company_number()}
            legal = f"{name} {word} {self._chance.choice(FORMS)}"
            yield Business(legal, (f"{name} {word}",), one.sites[:1], known)

    def _name(self) -> str:
        while True:
            name = self._words()
            if name not in self._used:
                self._used.add(name)
                return name

    def _words(self) -> str:
        chance = self._chance
        trade = chance.choice(TRADES)
        kind = chance.randrange(6)
        if kind == 0:
            return f"{chance.choice(LAST)} & {chance.choice(LAST)} {trade}"
        if kind == 1:
            return f"{chance.choice(PLACES)} {trade}"
        if kind == 2:
            return f"THE {self._syllables(2)} {trade}"
        if kind == 3:
            return f"{chance.choice(LAST)} {self._syllables(2)} {trade}"
        if kind == 4:
            return f"{chance.choice(PLACES)} {self._syllables(2)} {trade}"
        return f"{self._syllables(3)} {chance.choice(('', trade))}".strip()

    def _syllables(self, count: int) -> str:
        chance = self._chance
        return "".join(
            chance.choice("BDFGKLMNPRSTVZ") + chance.choice(("A", "E", "I", "O", "U", "AN", "OR"))
            for _ in range(count)
        )

    def _site(self) -> Row:
        chance = self._chance
        postcode, place = chance.choice(TOWNS)
        unit = chance.choice(("", "", "", " 1ST", f" UNIT {chance.randint(1, 40)}", " #2"))
        street = f"{chance.randint(1, 9900)} {chance.choice(STREETS)}{unit}"
        return {"street": street, "postcode": postcode, "place": place, "region": "IL"}

    def _known(self, name: str) -> Row:
        chance = self._chance
        domain = "".join(filter(str.isalpha, name.lower()))[:20] + ".example"
        return {
            "us-ein": self._ein(),
            "company": self._company_number(),
            "phone": f"312-{chance.randint(220, 989)}-{chance.randint(1000, 9999)}",
            "email": f"info@{domain}",
            "website": f"https://www.{domain}/",
            "owner": f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        }

    def _ein(self) -> str:
        return (
            f"{self._chance.choice((20, 26, 36, 45, 81))}-{self._chance.randint(1000000, 9999999)}"
        )

    def _company_number(self) -> str:
        return str(self._chance.randint(50_000_000, 79_999_999))


DEPARTMENTS = {
    "licensing": (("legal", 1.0), ("trade", 1.0), ("phone", 0.4), ("owner", 0.3)),
    "tax": (("legal", 1.0), ("us-ein", 1.0), ("phone", 0.5), ("owner", 0.5)),
    "health": (("trade", 1.0), ("legal", 0.6), ("phone", 0.8), ("email", 0.4)),
    "registry": (("legal", 1.0), ("company", 1.0), ("owner", 0.7)),
    "procurement": (
        ("legal", 1.0),
        ("us-ein", 0.8),
        ("website", 0.8),
        ("email", 0.8),
        ("trade", 0.5),
    ),
}
"""What each department knows, and of which share."""


class Told(NamedTuple):
    """One record: its values, its department, and which business it is truly of."""

    values: Row
    agency: str
    truth: str


def records(seed: int) -> list[Told]:
    """Two to six records of each business, each of one department and one site."""
    chance = Random(seed + 1)
    found: list[Told] = []
    for number, one in enumerate(Town(seed).businesses()):
        for _ in range(chance.choice((2, 2, 3, 3, 4, 6))):
            agency = chance.choice(list(DEPARTMENTS))
            all_known = {**one.known, "legal": one.legal, "trade": chance.choice(one.trades)}
            values = {
                what: all_known[what]
                for what, share in DEPARTMENTS[agency]
                if chance.random() < share
            }
            found.append(Told({**values, **chance.choice(one.sites)}, agency, str(number)))
    return found
