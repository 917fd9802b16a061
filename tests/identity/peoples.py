"""More made sets, from one population by many customs of naming, columns and damage. All seeded.

Words, short forms and damage are this file's own; nothing is read from the resolver's tables.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

from anyascii import anyascii
from made import Made, Row, born, digit, maybe, scanned, typo

_WORDS = json.loads(Path(__file__).with_name("peoples_words.json").read_text())
WORDS = {name: [one.replace("_", " ") for one in told.split()] for name, told in _WORDS.items()}
SHORT = {
    "Nicholas": "Nick", "Christopher": "Chris", "Timothy": "Tim", "Gregory": "Greg",
    "Frederick": "Fred", "Leonard": "Len", "Albert": "Bert", "Catherine": "Cathy",
    "Elizabeth": "Beth", "Margaret": "Maggie", "Victoria": "Vicky", "Rebecca": "Becky",
    "Samantha": "Sam", "Jacqueline": "Jackie", "Alexandra": "Alex", "Eleanor": "Ellie",
    "Josephine": "Josie", "Theresa": "Terry", "Abigail": "Abby", "Pamela": "Pam",
    "Benjamin": "Ben", "Samuel": "Sam", "Edward": "Ted", "Harry": "Hal", "Dorothy": "Dot",
}  # fmt: skip
HEARD = (("ph", "f"), ("ck", "k"), ("ie", "y"), ("ee", "ea"), ("th", "t"), ("c", "k"), ("z", "s"))
SPELT = {
    "Mohammed": ("Muhammad", "Mohamed", "Mohamad"), "Ahmed": ("Ahmad",), "Omar": ("Umar",),
    "Hussein": ("Husain", "Hossein"), "Yusuf": ("Youssef", "Yousif"), "Khalid": ("Khaled",),
    "Tariq": ("Tarek",), "Mahmoud": ("Mahmood",), "Fatima": ("Fatma",), "Aisha": ("Aysha",),
    "Maryam": ("Mariam",), "Layla": ("Leila",), "Noor": ("Nour",), "Yasmin": ("Yasmeen",),
}  # fmt: skip


class Person(NamedTuple):
    """Who somebody is: given and family names, the day of birth, a home, numbers."""

    given: tuple[str, ...]
    surnames: tuple[str, ...]
    born: date
    sex: str
    house: str
    street: str
    city: str
    postcode: str
    phone: str
    email: str
    number: str


Naming = Callable[[Random], tuple[tuple[str, ...], str]]
"""Draws a person's given names and sex."""
Telling = Callable[[Random, Person], Row]
"""What one record tells of a person."""


def people(
    chance: Random,
    count: int,
    naming: Naming,
    surnames: Callable[[Random], tuple[str, ...]],
    *,
    alone: float = 0.4,
    twins: float = 0.01,
) -> list[Person]:
    """People in households of up to five, who share home and family name; some share the day."""
    found: list[Person] = []
    while len(found) < count:
        family, home = surnames(chance), _home(chance)
        day = born(chance)
        used: set[str] = set()
        for _ in range(1 if chance.random() < alone else chance.randint(2, 5)):
            if chance.random() >= twins:
                day = born(chance)
            given, sex = naming(chance)
            while given[0] in used:
                given, sex = naming(chance)
            used.add(given[0])
            user = anyascii(f"{given[0][0]}{family[-1]}{chance.randint(1, 99)}").lower()
            found.append(
                Person(
                    given, family, day, sex, *home,
                    email=f"{user.replace(' ', '')}@{chance.choice(('post', 'mail'))}.example.org",
                    number=f"{chance.randint(10**8, 10**9 - 1)}",
                )
            )  # fmt: skip
    return found[:count]


def _home(chance: Random) -> tuple[str, str, str, str, str]:
    city = chance.randrange(len(WORDS["cities"]))
    return (
        str(chance.randint(1, 150)),
        f"{chance.choice(WORDS['hills'])} {chance.choice(('Street', 'Road', 'Lane'))}",
        WORDS["cities"][city],
        f"{20000 + city * 41 + chance.randint(0, 9)}",
        f"773{chance.randint(2000000, 9999999)}",
    )


def often(chance: Random, words: Sequence[str]) -> str:
    """One of the words, the first ones more often, as names are."""
    return words[int(len(words) * chance.random() ** 1.7)]


def one_of(*lists: str) -> Naming:
    """One given name; the sex by the list."""
    return lambda chance: _one_of(chance, lists)


def _one_of(chance: Random, lists: Sequence[str]) -> tuple[tuple[str, ...], str]:
    which = chance.randrange(len(lists))
    return (often(chance, WORDS[lists[which]]),), "MF"[which]


def surname_of(words: str) -> Callable[[Random], tuple[str, ...]]:
    """One family name."""
    return lambda chance: (often(chance, WORDS[words]),)


def told(
    seed: int,
    everybody: Sequence[Person],
    columns: dict[str, str],
    telling: Telling,
    copies: Callable[[Random], int],
) -> Made:
    """Rows about everybody, so many each."""
    chance = Random(seed + 1000)
    rows, truth = [], []
    for number, person in enumerate(everybody):
        for _ in range(copies(chance)):
            row = telling(chance, person)
            rows.append({columns[what]: row.get(what, "") for what in columns})
            truth.append(f"p{number}")
    return Made(rows, truth, columns)


def few(chance: Random) -> int:
    """One to four records."""
    return 1 + min(3, int(chance.expovariate(0.9)))


def seldom(chance: Random) -> int:
    """One record of nine, two of the tenth."""
    return 2 if chance.random() < 0.1 else 1


def ten(chance: Random) -> int:
    """Some ten records."""
    return chance.randint(7, 13)


def blank(chance: Random, share: float, text: str) -> str:
    """Nothing, now and then."""
    return "" if chance.random() < share else text


def dutch(seed: int = 41, count: int = 1500) -> Made:
    """Particles before, after and run together; partner's names; DD-MM-YYYY; people who moved."""
    everybody = people(Random(seed), count, one_of("dutch"), surname_of("dutch_surnames"))

    def telling(chance: Random, person: Person) -> Row:
        surname = person.surnames[0]
        *particles, name = surname.split()
        kind = chance.random()
        if particles and kind < 0.2:
            surname = f"{name}, {' '.join(particles)}"
        elif particles and kind < 0.3:
            surname = f"{particles[0][0]}{particles[-1][0] if particles[1:] else ''} {name}"
        elif particles and kind < 0.4:
            surname = name
        if chance.random() < 0.06:
            surname = f"{often(chance, WORDS['dutch_surnames'])}-{surname}"
        home = person
        if chance.random() < 0.12:
            postcode = f"{chance.randint(20000, 20900)}"
            home = person._replace(house=str(chance.randint(1, 150)), postcode=postcode)
        given = person.given[0]
        return {
            "given": given[0] + "." if chance.random() < 0.12 else maybe(chance, 0.08, typo, given),
            "surname": maybe(chance, 0.08, typo, surname),
            "birth": blank(chance, 0.1, maybe(chance, 0.05, digit, f"{person.born:%d-%m-%Y}")),
            "street": blank(chance, 0.2, f"{home.street} {home.house}"),
            "postcode": maybe(chance, 0.03, digit, home.postcode),
            "place": home.city,
            "sex": person.sex,
        }

    columns = {"given": "voornaam", "surname": "achternaam", "birth": "geboren", "street": "straat",
               "postcode": "postcode", "place": "woonplaats", "sex": "geslacht"}  # fmt: skip
    return told(seed, everybody, columns, telling, few)


def arabic(seed: int = 42, count: int = 1200) -> Made:
    """A father's name between, "al" and "bin" or not, spelt in many ways, born on 1 January."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        return (often(chance, WORDS["arabic"]), often(chance, WORDS["arabic"][:16])), "M"

    everybody = people(chance, count, naming, surname_of("arabic_surnames"))
    day_unknown = {person.number: chance.random() < 0.35 for person in everybody}

    def telling(chance: Random, person: Person) -> Row:
        first, father = (
            chance.choice((one, *SPELT.get(one, ()))) if chance.random() < 0.4 else one
            for one in person.given
        )
        surname = person.surnames[0]
        if surname[:3] in ("al-", "el-"):
            surname = chance.choice((surname, surname.replace("-", " "), surname[3:], surname))
        middle = chance.choice((f"{father} ", f"bin {father} ", "", f"{father} "))
        day = person.born.replace(month=1, day=1) if day_unknown[person.number] else person.born
        return {
            "name": maybe(chance, 0.06, typo, f"{first} {middle}{surname}"),
            "birth": blank(chance, 0.08, maybe(chance, 0.04, digit, day.isoformat())),
            "phone": blank(chance, 0.4, person.phone),
            "place": blank(chance, 0.1, person.city),
            "identifier": blank(chance, 0.6, maybe(chance, 0.04, digit, person.number)),
        }

    columns = {"name": "applicant", "birth": "date_of_birth", "phone": "mobile", "place": "camp",
               "identifier": "case_number"}  # fmt: skip
    return told(seed, everybody, columns, telling, few)


def vietnamese(seed: int = 43, count: int = 1400) -> Made:
    """Few family names, first or last, with marks or without; day and month changed over."""

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        between = chance.choice(("Văn", "Thị", "Thị", "Minh", "Đức", "Ngọc"))
        return (often(chance, WORDS["vietnamese"]), between), "F" if between == "Thị" else "M"

    everybody = people(Random(seed), count, naming, surname_of("vietnamese_surnames"))

    def telling(chance: Random, person: Person) -> Row:
        own, between = person.given
        family = person.surnames[0]
        kind = chance.random()
        name = f"{family} {between} {own}"
        if kind < 0.25:
            name = f"{own} {family}"
        elif kind < 0.4:
            name = f"{own} {between} {family}"
        elif kind < 0.5:
            name = f"{family} {own}"
        day = person.born
        written = f"{day:%m/%d/%Y}" if chance.random() > 0.1 else f"{day:%d/%m/%Y}"
        return {
            "name": anyascii(name) if chance.random() < 0.6 else name,
            "birth": blank(chance, 0.08, maybe(chance, 0.04, digit, written)),
            "phone": blank(chance, 0.5, person.phone),
            "email": blank(chance, 0.6, person.email),
            "postcode": maybe(chance, 0.03, digit, person.postcode),
        }

    columns = {"name": "ho_ten", "birth": "ngay_sinh", "phone": "so", "email": "thu",
               "postcode": "zip"}  # fmt: skip
    return told(seed, everybody, columns, telling, few)


def portuguese(seed: int = 44, count: int = 1200) -> Made:
    """Two given and up to three family names with da and dos, of which some are kept; years."""

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        return (often(chance, WORDS["portuguese"]), often(chance, WORDS["portuguese"])), "F"

    def surnames(chance: Random) -> tuple[str, ...]:
        return tuple(
            chance.choice(("", "da ", "dos ", "de ")) + often(chance, WORDS["portuguese_surnames"])
            for _ in range(chance.choice((2, 2, 3)))
        )

    everybody = people(Random(seed), count, naming, surnames)

    def telling(chance: Random, person: Person) -> Row:
        given = " ".join(person.given if chance.random() < 0.7 else person.given[:1])
        family = list(person.surnames)
        if chance.random() < 0.3:
            family.remove(chance.choice(family))
        if chance.random() < 0.3:
            family = [one.split()[-1] for one in family]
        return {
            "name": maybe(chance, 0.08, typo, f"{given} {' '.join(family)}"),
            "birth": maybe(chance, 0.05, digit, str(person.born.year)),
            "place": person.city,
            "street": blank(chance, 0.3, maybe(chance, 0.1, typo, person.street)),
            "number": blank(chance, 0.3, person.house),
            "identifier": blank(chance, 0.7, maybe(chance, 0.04, digit, person.number)),
        }

    columns = {"name": "nome", "birth": "ano", "place": "municipio", "street": "rua",
               "number": "casa", "identifier": "cpf"}  # fmt: skip
    return told(seed, everybody, columns, telling, few)


def contacts(seed: int = 45, count: int = 2000) -> Made:
    """No date of birth: short forms, families with one telephone, own e-mail, moved house."""
    everybody = people(Random(seed), count, one_of("english"), surname_of("english_surnames"))

    def telling(chance: Random, person: Person) -> Row:
        given = person.given[0]
        if chance.random() < 0.25:
            given = SHORT.get(given, given)
        moved = chance.random() < 0.15
        return {
            "given": maybe(chance, 0.06, typo, given),
            "surname": maybe(chance, 0.06, typo, person.surnames[0]),
            "phone": blank(chance, 0.3, maybe(chance, 0.03, digit, person.phone)),
            "email": blank(chance, 0.4, maybe(chance, 0.04, typo, person.email)),
            "street": blank(
                chance, 0.2, f"{chance.randint(1, 150) if moved else person.house} {person.street}"
            ),
            "place": person.city,
        }

    columns = {"given": "First", "surname": "Last", "phone": "Phone", "email": "E-Mail",
               "street": "Address", "place": "City"}  # fmt: skip
    return told(seed, everybody, columns, telling, few)


def three_columns(seed: int = 46, count: int = 3000) -> Made:
    """Name, date of birth and postcode alone; women's surnames end otherwise."""
    everybody = people(
        Random(seed), count, one_of("polish", "polish_women"), surname_of("polish_surnames")
    )

    def telling(chance: Random, person: Person) -> Row:
        surname = person.surnames[0]
        if person.sex == "F" and surname.endswith("ski"):
            surname = f"{surname[:-1]}a"
        name = f"{person.given[0]} {surname}"
        name = anyascii(name) if chance.random() < 0.4 else name
        return {
            "name": maybe(chance, 0.12, typo, name),
            "birth": maybe(chance, 0.05, digit, person.born.isoformat()),
            "postcode": maybe(chance, 0.05, digit, person.postcode),
        }

    return told(seed, everybody, {"name": "osoba", "birth": "ur", "postcode": "kod"}, telling, few)


def damaged(seed: int = 47, count: int = 1500) -> Made:
    """Two errors in most fields: misheard, mistyped, ill read."""
    everybody = people(Random(seed), count, one_of("english"), surname_of("english_surnames"))

    def heard(chance: Random, text: str) -> str:
        sound, letters = chance.choice(HEARD)
        return text.lower().replace(sound, letters).capitalize()

    def telling(chance: Random, person: Person) -> Row:
        def spoilt(text: str) -> str:
            text = maybe(chance, 0.25, heard, text)
            return scanned(chance, maybe(chance, 0.3, typo, maybe(chance, 0.15, typo, text)))

        day = maybe(chance, 0.1, digit, maybe(chance, 0.15, digit, f"{person.born:%m/%d/%Y}"))
        return {
            "given": spoilt(person.given[0]),
            "surname": spoilt(person.surnames[0]),
            "birth": blank(chance, 0.08, day),
            "street": blank(chance, 0.1, spoilt(f"{person.house} {person.street}")),
            "place": spoilt(person.city),
            "postcode": maybe(chance, 0.15, digit, person.postcode),
            "phone": blank(chance, 0.4, maybe(chance, 0.15, digit, person.phone)),
        }

    columns = {"given": "fn", "surname": "ln", "birth": "bdate", "street": "addr", "place": "town",
               "postcode": "zip", "phone": "tel"}  # fmt: skip
    return told(seed, everybody, columns, telling, few)


def twins(seed: int = 48, count: int = 1500) -> Made:
    """Every fourth of a household is a twin; a number in half of the records."""
    everybody = people(
        Random(seed), count, one_of("english"), surname_of("english_surnames"), twins=0.25
    )
    return told(seed, everybody, REGISTER, register, few)


def register(chance: Random, person: Person) -> Row:
    """A record of a plain register."""
    return {
        "given": maybe(chance, 0.08, typo, person.given[0]),
        "surname": maybe(chance, 0.06, typo, person.surnames[0]),
        "birth": blank(chance, 0.05, maybe(chance, 0.05, digit, person.born.isoformat())),
        "ssn": blank(chance, 0.5, maybe(chance, 0.04, digit, f"2{person.number[1:]}")),
        "street": blank(chance, 0.15, f"{person.house} {person.street}"),
        "postcode": maybe(chance, 0.04, digit, person.postcode),
    }


REGISTER = {"given": "first_name", "surname": "last_name", "birth": "dob", "ssn": "ssn",
            "street": "address", "postcode": "zip"}  # fmt: skip


def ten_each(seed: int = 49, count: int = 250) -> Made:
    """Some ten records a person."""
    everybody = people(
        Random(seed), count, one_of("polish", "polish_women"), surname_of("polish_surnames")
    )
    return told(seed, everybody, REGISTER, register, ten)


def hardly_any(seed: int = 50, count: int = 9000) -> Made:
    """Patronymics left out or put in; nine of ten people have but one record."""

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        which = chance.random() < 0.55
        names = WORDS["russian"][:20] if which else WORDS["russian"][20:]
        father = often(chance, WORDS["russian"][:20])
        return (often(chance, names), father + ("ovich" if which else "ovna")), "MF"[not which]

    def surnames(chance: Random) -> tuple[str, ...]:
        return (often(chance, WORDS["russian_roots"]) + chance.choice(("ov", "ev", "in")),)

    everybody = people(Random(seed), count, naming, surnames)

    def telling(chance: Random, person: Person) -> Row:
        surname = person.surnames[0] + ("a" if person.sex == "F" else "")
        given = " ".join(person.given) if chance.random() < 0.6 else person.given[0]
        spelt = surname.replace("ks", "x") if chance.random() < 0.2 else surname
        return {
            "name": maybe(chance, 0.08, typo, f"{spelt}, {given}"),
            "birth": maybe(chance, 0.04, digit, f"{person.born:%d.%m.%Y}"),
            "place": person.city,
            "phone": blank(chance, 0.6, person.phone),
        }

    columns = {"name": "fio", "birth": "data", "place": "gorod", "phone": "nomer"}
    return told(seed, everybody, columns, telling, seldom)


def tiny(seed: int = 51) -> Made:
    """Some five hundred records, as of `contacts`."""
    return contacts(seed, 290)


SETS: dict[str, Callable[..., Made]] = {
    "Dutch particles": dutch,
    "Arabic names": arabic,
    "Vietnamese names": vietnamese,
    "Portuguese names": portuguese,
    "no birth dates": contacts,
    "three columns": three_columns,
    "much damage": damaged,
    "many twins": twins,
    "ten records each": ten_each,
    "hardly any duplicates": hardly_any,
    "a few hundred records": tiny,
}
