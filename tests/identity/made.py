"""Made sets that nothing was tuned on: other peoples, other columns, other damage. All seeded.

Each yields rows as a file would have them, the columns called as agencies call them, and the truth.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from anyascii import anyascii

Row = dict[str, str]
Person = dict[str, str]


class Made(NamedTuple):
    """Rows with the person each is about; `columns` says what the columns hold, in our words."""

    rows: list[Row]
    truth: list[str]
    columns: dict[str, str]


_WORDS = json.loads(Path(__file__).with_name("made_words.json").read_text())
GERMAN, GERMAN_SURNAMES = _WORDS["german"].split(), _WORDS["german_surnames"].split()
SPANISH, SPANISH_SURNAMES = _WORDS["spanish"].split(), _WORDS["spanish_surnames"].split()
CHINESE, CHINESE_GIVEN = _WORDS["chinese"].split(), _WORDS["chinese_given"].split()
AMERICAN, AMERICAN_SURNAMES = _WORDS["american"].split(), _WORDS["american_surnames"].split()
INDONESIAN = _WORDS["indonesian"].split()
STREETS, TOWNS = _WORDS["streets"].split(), _WORDS["towns"].split()
NICKNAMES = {
    "James": "Jim", "Robert": "Bob", "Michael": "Mike", "William": "Bill", "Richard": "Dick",
    "Joseph": "Joe", "Thomas": "Tom", "Charles": "Chuck", "Daniel": "Dan", "Anthony": "Tony",
    "Elizabeth": "Liz", "Patricia": "Pat", "Jennifer": "Jen", "Margaret": "Peggy",
    "Deborah": "Debbie", "Susan": "Sue", "Kenneth": "Ken", "Edward": "Ed", "Matthew": "Matt",
}  # fmt: skip
OCR = {"o": "0", "l": "1", "i": "1", "s": "5", "b": "8", "m": "rn", "e": "c", "g": "9", "z": "2"}
KEYS = "qwertyuiop asdfghjkl zxcvbnm"


def born(chance: Random) -> date:
    """A day between 1930 and 2010."""
    return date(1930, 1, 1) + timedelta(days=chance.randrange(80 * 365))


def typo(chance: Random, text: str) -> str:
    """One letter left out, twice, changed for a neighbour on the keyboard, or two swapped."""
    if len(text) < 3:
        return text
    at = chance.randrange(1, len(text) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    near = KEYS.find(text[at].lower())
    return text[:at] + (KEYS[near - 1].strip() if near > 0 else "x") + text[at + 1 :]


def scanned(chance: Random, text: str) -> str:
    """As a scanner reads it: letters taken for what looks like them."""
    return "".join(OCR.get(one.lower(), one) if chance.random() < 0.06 else one for one in text)


def maybe(chance: Random, share: float, change: Callable[[Random, str], str], text: str) -> str:
    """Change a text now and then."""
    return change(chance, text) if text and chance.random() < share else text


def digit(chance: Random, text: str) -> str:
    """One digit changed."""
    places = [place for place, one in enumerate(text) if one.isdigit()]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + str((int(text[at]) + chance.randint(1, 9)) % 10) + text[at + 1 :]


def copies(chance: Random, most: int) -> int:
    """How many records a person has."""
    return 1 + min(most - 1, int(chance.expovariate(0.9)))


def german(seed: int = 1) -> Made:
    """Households with parents and children, married names, umlauts written out, DD.MM.YYYY."""
    chance = Random(seed)
    rows, truth = [], []
    for number, person in enumerate(_families(chance, 1100, GERMAN, GERMAN_SURNAMES)):
        maiden = person["surname"]
        married = chance.choice(GERMAN_SURNAMES) if chance.random() < 0.08 else maiden
        for _ in range(copies(chance, 5)):
            surname = married if chance.random() < 0.5 else maiden
            given = maybe(chance, 0.1, typo, person["given"])
            if chance.random() < 0.3:
                given, surname = (_written_out(one) for one in (given, surname))
            street = person["street"].replace("Street", "straße")
            if chance.random() < 0.4:
                street = street.replace("straße", "str.")
            house = person["house"]
            day = date.fromisoformat(person["born"])
            rows.append(
                {
                    "vorname": given,
                    "nachname": maybe(chance, 0.1, typo, surname),
                    "geburtsdatum": maybe(chance, 0.05, digit, day.strftime("%d.%m.%Y"))
                    if chance.random() > 0.1
                    else "",
                    "anschrift": f"{street} {house}" if chance.random() > 0.15 else "",
                    "plz": maybe(chance, 0.03, digit, person["postcode"]),
                    "ort": person["town"],
                }
            )
            truth.append(f"g{number}")
    columns = {"given": "vorname", "surname": "nachname", "birth": "geburtsdatum"}
    columns |= {"street": "anschrift", "postcode": "plz", "place": "ort"}
    return Made(rows, truth, columns)


def _written_out(text: str) -> str:
    for mark, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ä", "Ae")):
        text = text.replace(mark, letters)
    return text


def _families(
    chance: Random, count: int, given: list[str], surnames: list[str]
) -> Iterator[Person]:
    """People in households of one to four, who share home and surname; now and then twins."""
    made = 0
    while made < count:
        surname, house = chance.choice(surnames), str(chance.randint(1, 180))
        town = chance.randrange(len(TOWNS))
        home = {
            "surname": surname,
            "house": house,
            "street": f"{chance.choice(STREETS)} Street",
            "town": TOWNS[town],
            "postcode": f"{40000 + town * 37 + chance.randint(0, 3)}",
            "phone": f"312{chance.randint(2000000, 9999999)}",
        }
        day = born(chance)
        used: set[str] = set()
        for _ in range(chance.choice((1, 1, 2, 3, 4))):
            if chance.random() > 0.02:
                day = born(chance)
            name = chance.choice([one for one in given if one not in used])
            used.add(name)
            made += 1
            yield {**home, "given": name, "born": day.isoformat(),
                   "ssn": f"{chance.randint(1, 665):03}{chance.randint(1, 99):02}"
                          f"{chance.randint(1, 9999):04}"}  # fmt: skip


def spanish(seed: int = 2) -> Made:
    """Two given and two family names, of which offices keep some; no street, a number at times."""
    chance = Random(seed)
    rows, truth = [], []
    for number in range(1500):
        given = chance.sample(SPANISH, 2)
        surnames = [chance.choice(SPANISH_SURNAMES), chance.choice(SPANISH_SURNAMES)]
        day, phone = born(chance), f"312{chance.randint(2000000, 9999999)}"
        value = f"{chance.randint(10**7, 10**8 - 1)}{chance.choice('TRWAGMYFPDXBNJZSQVHLCKE')}"
        town = chance.choice(TOWNS)
        for _ in range(copies(chance, 5)):
            first = " ".join(given) if chance.random() < 0.6 else given[0]
            last = " ".join(surnames) if chance.random() < 0.6 else surnames[0]
            if chance.random() < 0.15:
                last = "-".join(surnames)
            full = f"{last}, {first}" if chance.random() < 0.5 else f"{first} {last}"
            rows.append(
                {
                    "nombre_completo": maybe(chance, 0.15, typo, full),
                    "fecha": maybe(chance, 0.05, digit, day.isoformat())
                    if chance.random() > 0.1
                    else "",
                    "dni": maybe(chance, 0.05, digit, value) if chance.random() < 0.4 else "",
                    "telefono": phone if chance.random() < 0.5 else "",
                    "municipio": town,
                }
            )
            truth.append(f"s{number}")
    return Made(rows, truth, {"name": "nombre_completo", "birth": "fecha", "identifier": "dni",
                              "phone": "telefono", "place": "municipio"})  # fmt: skip


def chinese(seed: int = 3) -> Made:
    """Few surnames and short given names, in characters or in Latin letters of either order."""
    chance = Random(seed)
    rows, truth = [], []
    for number in range(1500):
        surname = chance.choice(CHINESE)
        given = "".join(chance.sample(CHINESE_GIVEN, chance.choice((1, 2, 2))))
        day, phone = born(chance), f"312{chance.randint(2000000, 9999999)}"
        house, street = str(chance.randint(1, 900)), f"{chance.choice(STREETS)} Ave"
        code = f"{60600 + chance.randint(0, 40)}"
        for _ in range(copies(chance, 5)):
            first, last = given, surname
            if chance.random() < 0.6:
                first, last = (anyascii(one) for one in (given, surname))
                if chance.random() < 0.3:
                    first = " ".join(anyascii(one) for one in given)
                if chance.random() < 0.15:
                    first, last = last, first
            moved = chance.random() < 0.15
            rows.append(
                {
                    "fname": maybe(chance, 0.05, typo, first),
                    "lname": last,
                    "birthday": maybe(chance, 0.06, digit, day.strftime("%m/%d/%Y"))
                    if chance.random() > 0.08
                    else "",
                    "addr": f"{chance.randint(1, 900) if moved else house} {street}"
                    if chance.random() < 0.7
                    else "",
                    "post": maybe(chance, 0.03, digit, code),
                    "tel": phone if chance.random() < 0.5 else "",
                }
            )
            truth.append(f"c{number}")
    return Made(rows, truth, {"given": "fname", "surname": "lname", "birth": "birthday",
                              "street": "addr", "postcode": "post", "phone": "tel"})  # fmt: skip


def few_columns(seed: int = 4) -> Made:
    """Name, year of birth and postcode, and nothing else; a few hundred people."""
    chance = Random(seed)
    rows, truth = [], []
    for number, person in enumerate(_families(chance, 450, AMERICAN, AMERICAN_SURNAMES)):
        for _ in range(copies(chance, 3)):
            given = person["given"]
            if chance.random() < 0.15:
                given = NICKNAMES.get(given, given)
            rows.append(
                {
                    "name": f"{maybe(chance, 0.08, typo, given)}"
                    f" {maybe(chance, 0.08, typo, person['surname'])}",
                    "yob": maybe(chance, 0.03, digit, person["born"][:4]),
                    "zip": maybe(chance, 0.03, digit, person["postcode"]),
                }
            )
            truth.append(f"f{number}")
    return Made(rows, truth, {"name": "name", "birth": "yob", "postcode": "zip"})


def single_names(seed: int = 5) -> Made:
    """People with one name or two, of which neither is a surname; birth dates often 1 January."""
    chance = Random(seed)
    rows, truth = [], []
    for number in range(1000):
        names = chance.sample(INDONESIAN, chance.choice((1, 1, 2)))
        day = born(chance)
        default = chance.random() < 0.2
        phone = f"312{chance.randint(2000000, 9999999)}"
        home = f"{chance.randint(1, 400)} {chance.choice(STREETS)} Rd"
        town = chance.choice(TOWNS)
        for _ in range(copies(chance, 4)):
            told = day.replace(month=1, day=1) if default and chance.random() < 0.5 else day
            rows.append(
                {
                    "full_name": maybe(chance, 0.1, typo, " ".join(names)),
                    "dob": told.isoformat() if chance.random() > 0.15 else "",
                    "address": maybe(chance, 0.1, typo, home) if chance.random() < 0.7 else "",
                    "city": town,
                    "phone": phone if chance.random() < 0.6 else "",
                }
            )
            truth.append(f"i{number}")
    return Made(rows, truth, {"name": "full_name", "birth": "dob", "street": "address",
                              "place": "city", "phone": "phone"})  # fmt: skip


def scans(seed: int = 6) -> Made:
    """American households read from paper: letters and digits taken for others in every field."""
    chance = Random(seed)
    rows, truth = [], []
    for number, person in enumerate(_families(chance, 1500, AMERICAN, AMERICAN_SURNAMES)):
        for _ in range(copies(chance, 4)):
            given = person["given"]
            if chance.random() < 0.1:
                given = chance.choice((NICKNAMES.get(given, given), given[0]))
            rows.append(
                {
                    "First Name": scanned(chance, given),
                    "Last Name": scanned(chance, person["surname"]),
                    "Birth Date": maybe(chance, 0.08, digit, person["born"])
                    if chance.random() > 0.1
                    else "",
                    "SSN": maybe(chance, 0.08, digit, person["ssn"])
                    if chance.random() < 0.5
                    else "",
                    "Street": scanned(chance, f"{person['house']} {person['street']}"),
                    "City": scanned(chance, person["town"]),
                    "Zip": maybe(chance, 0.05, digit, person["postcode"]),
                }
            )
            truth.append(f"o{number}")
    return Made(rows, truth, {"given": "First Name", "surname": "Last Name", "birth": "Birth Date",
                              "ssn": "SSN", "street": "Street", "place": "City",
                              "postcode": "Zip"})  # fmt: skip


SETS: dict[str, Callable[[], Made]] = {
    "German households": german,
    "Spanish names": spanish,
    "Chinese names": chinese,
    "few columns": few_columns,
    "single names": single_names,
    "scans": scans,
}
