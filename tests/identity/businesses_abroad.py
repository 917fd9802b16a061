"""Made sets of businesses in the styles of public ones: one-line addresses, and accounts. Seeded.

`one_line`: businesses of the United States, India and France under one name and with the whole
address in one field, as three lists have them. `accounts`: customers of which many have a name that
others have as well, whose domain is made of their name. Words and damage are this file's.
"""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from businesses import Told

FORMS = {
    "Inc": ("Inc.", "Incorporated", "INC", "Corp", ""),
    "LLC": ("L.L.C.", "Llc", ""),
    "Ltd": ("Limited", "Ltd.", ""),
    "Pvt Ltd": ("Private Limited", "Pvt. Ltd.", "P Ltd", "(P) Ltd", ""),
    "SARL": ("S.A.R.L.", "Sarl", ""),
    "SAS": ("S.A.S.", "Sas", ""),
}
"""Legal forms, and how else they are written or not told."""
SHORT = {
    "International": "Intl", "Manufacturing": "Mfg", "Services": "Svcs", "Company": "Co",
    "Industries": "Inds", "Engineering": "Engg", "Brothers": "Bros", "and": "&", "Group": "Grp",
    "Street": "St", "Avenue": "Ave", "Road": "Rd", "Boulevard": "Blvd", "Suite": "Ste",
    "North": "N", "South": "S", "East": "E", "West": "W", "Drive": "Dr", "Lane": "Ln",
    "Nagar": "Ngr", "Sector": "Sec", "Rue": "R.", "Place": "Pl", "Floor": "Flr",
}  # fmt: skip
OTHERWISE = {
    "Bengaluru": "Bangalore", "Gurugram": "Gurgaon", "Texas": "TX", "Ohio": "OH", "Georgia": "GA",
}  # fmt: skip
FAMILIES = {
    "us": ("Whitfield", "Delgado", "Kowalski", "Brennan", "Hollis", "Nakamura", "Okafor", "Pruitt"),
    "in": ("Kulkarni", "Bhandari", "Chauhan", "Deshmukh", "Iyer", "Malhotra", "Reddy", "Saxena"),
    "fr": ("Lefort", "Garnier", "Perrot", "Vasseur", "Blondel", "Chevallier", "Marchand", "Roux"),
}  # fmt: skip
GIVEN = {
    "us": ("Dana", "Walter", "Rosa", "Curtis", "Gwen", "Leroy"),
    "in": ("Anand", "Lakshmi", "Prakash", "Sunita", "Ganesh", "Meera"),
    "fr": ("Odile", "Gilles", "Solange", "Thierry", "Maud", "Alain"),
}
TRADES = {
    "us": ("Plumbing", "Logistics", "Bakery", "Roofing", "Dental Care", "Realty", "Trucking"),
    "in": ("Traders", "Textiles", "Engineering Works", "Sweets", "Motors", "Exports", "Chemicals"),
    "fr": ("Boulangerie", "Garage", "Menuiserie", "Transports", "Coiffure", "Fleurs", "Conseil"),
}
TOWNS = {
    "us": (("Waco", "Texas"), ("Plano", "Texas"), ("Akron", "Ohio"), ("Dayton", "Ohio"),
           ("Macon", "Georgia"), ("Augusta", "Georgia")),
    "in": (("Pune", "Maharashtra"), ("Bengaluru", "Karnataka"), ("Hubli", "Karnataka"),
           ("Gurugram", "Haryana"), ("Surat", "Gujarat"), ("Kanpur", "Uttar Pradesh")),
    "fr": (("Lyon", ""), ("Nantes", ""), ("Lille", ""), ("Rennes", ""), ("Bordeaux", "")),
}  # fmt: skip
STREETS = ("Oak", "Washington", "Lake", "Main", "Cedar", "Sunset", "Church", "Mill", "Hickory")
ROADS = ("Street", "Avenue", "Road", "Boulevard", "Drive", "Lane")
RUES = ("de la Gare", "Victor Hugo", "des Martyrs", "Pasteur", "de la Paix", "Gambetta")
STEMS = ("Beacon", "Sterling", "Oakmont", "Meridian", "Ironwood", "Lakeside", "Copper Hill")
BUSINESSES, ACCOUNTS = 600, 420


class Firm(NamedTuple):
    """A business: its name, legal form, address in parts, and country."""

    name: str
    form: str
    parts: tuple[str, ...]
    country: str


def one_line(seed: int) -> list[Told]:
    """One to six records of each business, the first as it is."""
    chance = Random(f"one line {seed}")
    found: list[Told] = []
    for number in range(BUSINESSES):
        firm = chance.choice((_american, _american, _indian, _indian, _french))(chance)
        country = {"country": firm.country}
        whole = {"name": f"{firm.name} {firm.form}", "street": ", ".join(firm.parts), **country}
        found.append(Told(whole, "any", str(number)))
        for _ in range(chance.choice((0, 1, 2, 2, 3, 3, 4, 5))):
            row = {"name": _named(chance, firm), "street": _placed(chance, firm.parts), **country}
            found.append(Told(row, "any", str(number)))
    return found


def _american(chance: Random) -> Firm:
    family, trade = _family(chance, "us"), chance.choice(TRADES["us"])
    name = chance.choice(
        (
            f"{family} {trade}", f"{chance.choice(GIVEN['us'])}'s {trade}",
            f"{family} and {_family(chance, 'us')} {chance.choice(('Brothers', 'Company'))}",
            f"{_word(chance)} {chance.choice(('Manufacturing', 'International', 'Industries'))}",
        )
    )  # fmt: skip
    town, state = chance.choice(TOWNS["us"])
    side = chance.choice(("", "North ", "East "))
    street = f"{chance.randint(1, 9999)} {side}{chance.choice(STREETS)} {chance.choice(ROADS)}"
    if chance.random() < 0.3:
        street += f" Suite {chance.randint(1, 900)}"
    form = chance.choice(("Inc", "LLC", "Ltd", "", "LLC"))
    return Firm(name, form, (street, town, state, f"{chance.randint(10_000, 99_999)}"), "US")


def _indian(chance: Random) -> Firm:
    family, trade = _family(chance, "in"), chance.choice(TRADES["in"])
    town, state = chance.choice(TOWNS["in"])
    name = chance.choice(
        (
            f"Shree {family} {trade}", f"{chance.choice(GIVEN['in'])} {trade}",
            f"{family} and Sons {trade}", f"New {town} {trade}", f"{_word(chance)} {trade}",
        )
    )  # fmt: skip
    number = chance.randint(1, 300)
    door = chance.choice(
        (
            f"Plot No {number}", f"Shop No {number}", f"{number}/{chance.choice('ABCD')}",
            f"{chance.choice('ABCDEF')}-{number}", f"H.No. {chance.randint(1, 20)}-{number}",
        )
    )  # fmt: skip
    area = (
        f"{chance.choice(FAMILIES['in'])} {chance.choice(('Nagar', 'Colony', 'Market', 'Layout'))}"
    )
    street = chance.choice((f"Sector {chance.randint(1, 70)}", area))
    form = chance.choice(("Pvt Ltd", "Pvt Ltd", "Ltd", "", ""))
    return Firm(
        name, form, (door, street, town, state, f"{chance.randint(110_001, 699_999)}"), "IN"
    )


def _french(chance: Random) -> Firm:
    family, trade = _family(chance, "fr"), chance.choice(TRADES["fr"])
    name = chance.choice(
        (
            f"{trade} {family}", f"{trade} {chance.choice(('du Centre', 'de la Gare'))}",
            f"{family} et Fils", f"Atelier {chance.choice(GIVEN['fr'])} {family}",
        )
    )  # fmt: skip
    town, _ = chance.choice(TOWNS["fr"])
    kind = chance.choice(("Rue", "Rue", "Place", "Boulevard"))
    street = f"{chance.randint(1, 250)} {kind} {chance.choice(RUES)}"
    form = chance.choice(("SARL", "SAS", "", "SARL"))
    return Firm(name, form, (street, f"{chance.randint(10_000, 95_999)} {town}"), "FR")


def accounts(seed: int) -> list[Told]:
    """Customers, of whom many share name and domain; one to five records of each."""
    chance = Random(f"accounts {seed}")
    found: list[Told] = []
    for number in range(ACCOUNTS):
        name = f"{chance.choice(STEMS)} {chance.choice(TRADES['us'])}"
        firm = Firm(name, chance.choice(("Inc", "LLC", "Ltd", "")), _american(chance).parts, "US")
        website = f"www.{re.sub(r'[^a-z]', '', name.lower())}.example"
        phone = f"{chance.randint(201, 989)}{chance.randint(2_000_000, 9_999_999)}"
        for _ in range(chance.choice((1, 1, 2, 2, 3, 5))):
            street, town, state, postcode = firm.parts
            row = {
                "name": _named(chance, firm),
                "street": _shortened(chance, street),
                "place": town,
                "region": state,
                "postcode": postcode,
                "phone": phone,
                "website": website,
            }
            for what, share in (("phone", 0.3), ("website", 0.3), ("postcode", 0.1)):
                if chance.random() < share:
                    del row[what]
            found.append(Told(row, "any", str(number)))
    return found


def _family(chance: Random, country: str) -> str:
    """A family's name, that of many or of nobody else."""
    return chance.choice(FAMILIES[country]) if chance.random() < 0.4 else _word(chance)


def _word(chance: Random) -> str:
    """A name that nobody has."""
    parts = [chance.choice("BCDFGKLMNPRSTVZ") + chance.choice("aeiou") for _ in range(3)]
    return "".join(parts).title()


def _named(chance: Random, firm: Firm) -> str:
    """A name as another list has it."""
    words = firm.name.split()
    if chance.random() < 0.3:
        words = [SHORT.get(word, word) for word in words]
    if chance.random() < 0.15:
        place = chance.randrange(len(words))
        words[place] = _slip(chance, words[place])
    if chance.random() < 0.05 and len(words) > 1:
        words[-2:] = words[:-3:-1]
    form = chance.choice((firm.form, *FORMS.get(firm.form, ())))
    text = " ".join((*(("M/s",) if chance.random() < 0.04 else ()), *words, form)).strip()
    return _cased(chance, text)


def _placed(chance: Random, parts: Sequence[str]) -> str:
    """An address in one line as another list has it."""
    told = [OTHERWISE.get(one, one) if chance.random() < 0.4 else one for one in parts]
    if chance.random() < 0.03:
        return ""
    if len(told) > 2 and chance.random() < 0.2:
        told.pop()
    text = (", " if chance.random() < 0.75 else " ").join(_shortened(chance, one) for one in told)
    if chance.random() < 0.3:
        text = re.sub(r", (\d{6})$", r" - \1", text)
    return _cased(chance, text if chance.random() < 0.9 else _slip(chance, text))


def _shortened(chance: Random, text: str) -> str:
    if chance.random() < 0.5:
        return text
    return " ".join(SHORT.get(word, word) for word in text.split())


def _cased(chance: Random, text: str) -> str:
    how: Callable[[str], str] = chance.choice((str, str, str.upper, str.lower))
    return how(text)


def _slip(chance: Random, text: str) -> str:
    """A letter doubled, left away, or exchanged with the next one."""
    if len(text) < 4:
        return text
    place = chance.randrange(1, len(text) - 1)
    slips = (text[place] * 2, "", text[place + 1] + text[place])
    kind = chance.randrange(3)
    return text[:place] + slips[kind] + text[place + 1 + (kind == 2) :]
