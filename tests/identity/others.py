"""Made sets in the styles in which others judge linkers; columns are found by their names. Seeded.

As a file they go through what reads files for `hub identity evaluate`. Words and damage are this
file's own and those of `made` and `peoples`; nothing is read from the resolver's tables.
"""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from made import (
    AMERICAN,
    AMERICAN_SURNAMES,
    GERMAN,
    GERMAN_SURNAMES,
    NICKNAMES,
    Made,
    Row,
    digit,
    maybe,
    typo,
)
from peoples import SHORT, WORDS, Person, blank, few, often, one_of, people, surname_of

_MORE = json.loads(Path(__file__).with_name("others_words.json").read_text())
MORE = {name: told.split() for name, told in _MORE.items()}
Telling = Callable[[Random, Person, dict[str, str]], Row]


def rows_of(
    seed: int,
    everybody: Sequence[Person],
    own: Callable[[Random, Person], dict[str, str]],
    telling: Telling,
    copies: Callable[[Random], int],
) -> Made:
    """Rows about everybody; `own` draws what else is true of a person."""
    chance = Random(seed + 2000)
    rows, truth = [], []
    for number, person in enumerate(everybody):
        more = own(chance, person)
        for _ in range(copies(chance)):
            rows.append(telling(chance, person, more))
            truth.append(f"q{number}")
    return Made(rows, truth, {})


def nothing(_chance: Random, _person: Person) -> dict[str, str]:
    """Nothing else is true of somebody."""
    return {}


def letters(chance: Random, text: str) -> str:
    """Letters gone, doubled, put in or changed over anywhere, one to three of them."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if len(text) < 2:
            return text
        at = chance.randrange(len(text))
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at] + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]
        elif kind == 2:
            text = text[:at] + text[at : at + 1] + text[at:]
        else:
            text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
    return text


def five_columns(seed: int = 61, count: int = 450) -> Made:
    """First name, surname, dob, city, email: a fifth missing, names swapped, letters wrong."""
    chance = Random(seed)
    everybody = people(
        chance, count, one_of("english"), surname_of("english_surnames"), alone=1.0, twins=0.0
    )

    def own(chance: Random, person: Person) -> dict[str, str]:
        words = (person.given[0].lower(), person.surnames[0].lower().replace("'", ""))
        noun, number = chance.choice(MORE["nouns"]), chance.randint(1, 99)
        first, last = words
        user = chance.choice(
            (f"{first}{number}", f"{first[0]}.{last}", f"{last}{number}", f"{noun}{number}")
        )
        return {
            "email": f"{user}@{chance.choice(MORE['hosts'])}",
            "city": often(chance, MORE["british_cities"]),
        }

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        first, last = person.given[0], person.surnames[0]
        day = person.born
        kind = chance.random()
        if kind < 0.06:
            day += timedelta(days=chance.choice((-1, 1, 10, -10, 30, -31, 365, -366)))
        written = maybe(chance, 0.05, digit, day.isoformat())
        if chance.random() < 0.05 and day.day <= 12:
            written = f"{day:%Y-%d-%m}"
        first, last = (maybe(chance, 0.15, letters, one) for one in (first, last))
        if chance.random() < 0.05:
            first, last = last, first
        return {
            "first_name": blank(chance, 0.17, first),
            "surname": blank(chance, 0.17, last),
            "dob": blank(chance, 0.04, written),
            "city": blank(chance, 0.18, maybe(chance, 0.15, letters, more["city"])),
            "email": blank(chance, 0.21, maybe(chance, 0.12, letters, more["email"])),
        }

    def copies(chance: Random) -> int:
        return chance.choice((1, 2, 3, 4, 5, 6, 7))

    return rows_of(seed, everybody, own, telling, copies)


def notable(seed: int = 62, count: int = 700) -> Made:
    """People of history: dates uncertain, the birth place, part of a postcode, an occupation."""
    chance = Random(seed)
    everybody = people(
        chance, count, one_of("english"), surname_of("english_surnames"), alone=1.0, twins=0.0
    )

    def own(chance: Random, person: Person) -> dict[str, str]:
        day = person.born.replace(day=min(person.born.day, 28))
        day = day.replace(year=day.year - 90 - chance.randrange(60))
        if chance.random() < 0.3:
            day = day.replace(month=1, day=1)
        area = chance.choice(MORE["areas"])
        second = often(chance, WORDS["english"][:15]) if chance.random() < 0.5 else ""
        return {
            "dob": day.isoformat(),
            "place": chance.choice(MORE["british_cities"]),
            "post": f"{area}{chance.randint(1, 30)} {chance.randint(1, 9)}"
            f"{chance.choice('ABDEFGHJLN')}{chance.choice('PQRSTUWXYZ')}",
            "occupation": often(chance, MORE["occupations"]),
            "second": second,
        }

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        first, last = person.given[0], person.surnames[0]
        if chance.random() < 0.12:
            first = SHORT.get(first, first)
        first, last = (maybe(chance, 0.12, letters, one) for one in (first, last))
        second = more["second"] if chance.random() < 0.5 else ""
        title = chance.choice(("Sir ", "Dr ", "Rev. ")) if chance.random() < 0.05 else ""
        day = more["dob"]
        if chance.random() < 0.1:
            day = f"{day[:4]}-01-01"
        full = f"{title}{first} {f'{second} ' if second else ''}{last}"
        post = more["post"]
        return {
            "full_name": full.lower(),
            "first_and_surname": f"{first} {last}".lower(),
            "first_name": first.lower(),
            "surname": last.lower(),
            "dob": blank(chance, 0.12, maybe(chance, 0.08, digit, day)),
            "birth_place": blank(chance, 0.08, maybe(chance, 0.06, letters, more["place"].lower())),
            "postcode_fake": blank(chance, 0.2, maybe(chance, 0.1, letters, post.lower())),
            "gender": blank(chance, 0.1, {"M": "male", "F": "female"}[person.sex]),
            "occupation": blank(chance, 0.2, more["occupation"].lower()),
        }

    def copies(chance: Random) -> int:
        return chance.choice((1, 2, 3, 4, 6, 8))

    return rows_of(seed, everybody, own, telling, copies)


def voters(seed: int = 63, count: int = 1500, *, age: bool = False) -> Made:
    """A roll of voters: the year of birth or an age alone, people who moved or married."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        given = chance.choice(AMERICAN)
        middle = chance.choice(AMERICAN)
        return (given, middle), "MF"[AMERICAN.index(given) % 2]

    everybody = people(chance, count, naming, lambda chance: (often(chance, AMERICAN_SURNAMES),))

    def own(chance: Random, person: Person) -> dict[str, str]:
        maiden = often(chance, AMERICAN_SURNAMES)
        return {
            "other": maiden if person.sex == "F" and chance.random() < 0.15 else person.surnames[0],
            "house": str(chance.randint(1, 9999)),
            "street": f"{chance.choice(WORDS['hills'])} {chance.choice(('St', 'Rd', 'Dr', 'Ln'))}",
            "moves": str(chance.random() < 0.25),
            "suffix": chance.choice(("JR", "SR", "III"))
            if person.sex == "M" and chance.random() < 0.08
            else "",
            "zip": f"27{chance.randint(100, 160)}",
        }

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        first, middle = person.given
        moved = more["moves"] == "True" and chance.random() < 0.5
        last = more["other"] if chance.random() < 0.5 else person.surnames[0]
        if chance.random() < 0.08:
            first = NICKNAMES.get(first, first)
        street = f"{more['house']} {more['street']}" if moved else f"{person.house} {person.street}"
        when = {"birth_year": str(person.born.year)}
        if age:
            when = {"age": str(2022 - person.born.year - chance.randrange(2))}
        return {
            "voter_reg_num": f"{chance.randrange(10**8):012}",
            "last_name": maybe(chance, 0.05, typo, last).upper(),
            "first_name": maybe(chance, 0.05, typo, first).upper(),
            "middle_name": blank(
                chance, 0.2, middle[0] if chance.random() < 0.3 else middle
            ).upper(),
            "name_suffix_lbl": blank(chance, 0.3, more["suffix"]),
            **when,
            "gender_code": person.sex,
            "res_street_address": street.upper(),
            "res_city_desc": person.city.upper(),
            "state_cd": "NC",
            "zip_code": more["zip"] if moved else person.postcode,
        }

    return rows_of(seed, everybody, own, telling, few)


def voters_by_age(seed: int = 64, count: int = 1200) -> Made:
    """The same roll with ages."""
    return voters(seed, count, age=True)


def patients(seed: int = 65, count: int = 1200) -> Made:
    """Patients of hospitals: four digits of a number, telephones, the mother's maiden name."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        given = chance.choice(AMERICAN)
        return (given, chance.choice(AMERICAN)), "MF"[AMERICAN.index(given) % 2]

    everybody = people(chance, count, naming, lambda chance: (often(chance, AMERICAN_SURNAMES),),
                       twins=0.03)  # fmt: skip

    def own(chance: Random, person: Person) -> dict[str, str]:
        return {
            "mother": often(chance, AMERICAN_SURNAMES),
            "cell": f"919{chance.randint(2000000, 9999999)}",
            "four": f"{chance.randint(1, 9999):04}",
            "other": often(chance, AMERICAN_SURNAMES),
        }

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        first, last = person.given[0], person.surnames[0]
        if chance.random() < 0.1:
            first = NICKNAMES.get(first, first)
        if person.sex == "F" and chance.random() < 0.06:
            last = more["other"]
        baby = chance.random() < 0.01
        return {
            "MRN": f"{chance.randrange(10**7)}",
            "FirstName": "BABY BOY" if baby else maybe(chance, 0.05, typo, first),
            "MiddleInitial": blank(chance, 0.4, person.given[1][0]),
            "LastName": maybe(chance, 0.05, typo, last),
            "DOB": blank(chance, 0.02, maybe(chance, 0.04, digit, f"{person.born:%m/%d/%Y}")),
            "Gender": blank(chance, 0.02, person.sex),
            "SSN4": blank(chance, 0.4, maybe(chance, 0.03, digit, more["four"])),
            "HomePhone": blank(chance, 0.4, person.phone),
            "CellPhone": blank(chance, 0.5, maybe(chance, 0.02, digit, more["cell"])),
            "MothersMaidenName": blank(chance, 0.5, maybe(chance, 0.05, typo, more["mother"])),
            "Address": blank(chance, 0.1, f"{person.house} {person.street}"),
            "City": person.city,
            "Zip": maybe(chance, 0.02, digit, person.postcode),
            "Hospital": chance.choice(("North", "South", "Mercy")),
        }

    return rows_of(seed, everybody, own, telling, few)


def spelt(chance: Random, pairs: Sequence[Sequence[str]], text: str) -> str:
    """As it is spelt elsewhere: a sound or two written by other letters."""
    heard = [(one, group) for group in pairs for one in group if one in text]
    for one, group in chance.sample(heard, min(len(heard), chance.choice((0, 0, 1, 1, 2)))):
        text = text.replace(one, chance.choice(group), 1)
    return text


INDIAN = (("ee", "i"), ("oo", "u"), ("aa", "a"), ("v", "w"), ("sh", "s"), ("ksh", "x"),
          ("dh", "d"), ("th", "t"), ("ya", "ia"), ("ch", "chh"), ("z", "j"))  # fmt: skip
KOREAN = (("eong", "ung", "ong"), ("eo", "u", "o"), ("oo", "u"), ("ae", "ai"), ("g", "k"),
          ("j", "ch"), ("ee", "i"), ("y", "i"))  # fmt: skip


def indian(seed: int = 66, count: int = 1000) -> Made:
    """Names spelt in several ways, the father's name, initials before, one name in either order."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        which = chance.randrange(2)
        return (often(chance, MORE[("indian_men", "indian_women")[which]]),
                often(chance, MORE["indian_men"])), "MF"[which]  # fmt: skip

    everybody = people(
        chance, count, naming, lambda chance: (often(chance, MORE["indian_surnames"]),)
    )

    def own(chance: Random, person: Person) -> dict[str, str]:
        return {"mobile": f"98{chance.randrange(10**8):08}", "father": person.given[1],
                "pin": f"{560001 + chance.randrange(60)}"}  # fmt: skip

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        first, last = (spelt(chance, INDIAN, one.lower()).title()
                       for one in (person.given[0], person.surnames[0]))  # fmt: skip
        kind = chance.random()
        name = f"{first} {last}"
        if kind < 0.15:
            name = f"{first} {more['father']} {last}"
        elif kind < 0.25:
            name = f"{last} {first}"
        elif kind < 0.35:
            name = f"{more['father'][0]}. {first} {last}"
        elif kind < 0.4:
            name = f"{first} {last[0]}."
        title = chance.choice(("Shri ", "Smt. ", "Kumari ")) if chance.random() < 0.1 else ""
        return {
            "Name": title + maybe(chance, 0.05, typo, name),
            "Father Name": blank(chance, 0.3, spelt(chance, INDIAN, more["father"].lower())),
            "DOB": blank(chance, 0.1, maybe(chance, 0.04, digit, f"{person.born:%d/%m/%Y}")),
            "Mobile No": blank(chance, 0.4, f"+91 {more['mobile']}"),
            "Village": person.city,
            "Pin Code": maybe(chance, 0.03, digit, more["pin"]),
        }

    return rows_of(seed, everybody, own, telling, few)


def korean(seed: int = 67, count: int = 1000) -> Made:
    """Few family names, given names of two syllables joined or not, spelt in several ways."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        return (chance.choice(MORE["korean_first"]), chance.choice(MORE["korean_second"])), "F"

    everybody = people(
        chance, count, naming, lambda chance: (often(chance, MORE["korean_surnames"]),)
    )

    def own(chance: Random, _person: Person) -> dict[str, str]:
        return {"phone": f"+82 10 {chance.randrange(10**4):04} {chance.randrange(10**4):04}"}

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        first, second = (
            spelt(chance, KOREAN, one.lower()) if chance.random() < 0.4 else one.lower()
            for one in person.given
        )
        given = chance.choice((f"{first}{second}", f"{first}-{second}", f"{first} {second}"))
        family = chance.choice(SPELT_SURNAMES.get(person.surnames[0], (person.surnames[0],)))
        return {
            "given_name": given.title(),
            "family_name": family,
            "birth_date": blank(chance, 0.06, maybe(chance, 0.04, digit, f"{person.born:%Y%m%d}")),
            "phone": blank(chance, 0.4, more["phone"]),
            "city": person.city,
        }

    return rows_of(seed, everybody, own, telling, few)


SPELT_SURNAMES = {
    "Lee": ("Lee", "Lee", "Yi", "Rhee"), "Park": ("Park", "Park", "Pak", "Bak"),
    "Choi": ("Choi", "Choe"), "Jung": ("Jung", "Jeong", "Chung"), "Kang": ("Kang", "Gang"),
    "Cho": ("Cho", "Jo"), "Lim": ("Lim", "Im", "Rim"), "Shin": ("Shin", "Sin"),
    "Kim": ("Kim", "Kim", "Gim"), "Kwon": ("Kwon", "Gwon"), "Hwang": ("Hwang", "Whang"),
}  # fmt: skip


def turkish(seed: int = 68, count: int = 1000) -> Made:
    """Dotless letters lost or broken, two given names, a second surname, columns in Turkish."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        which = chance.randrange(2)
        names = MORE[("turkish_men", "turkish_women")[which]]
        return tuple(chance.sample(names, chance.choice((1, 1, 2)))), "MF"[which]

    everybody = people(
        chance, count, naming, lambda chance: (often(chance, MORE["turkish_surnames"]),)
    )

    def own(chance: Random, person: Person) -> dict[str, str]:
        maiden = often(chance, MORE["turkish_surnames"])
        return {"maiden": maiden if person.sex == "F" and chance.random() < 0.3 else ""}

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        given = " ".join(person.given if chance.random() < 0.7 else person.given[:1])
        last = person.surnames[0]
        if more["maiden"] and chance.random() < 0.4:
            last = chance.choice((f"{more['maiden']} {last}", more["maiden"]))
        kind = chance.random()
        if kind < 0.3:
            given, last = (one.translate(str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU"))
                           for one in (given, last))  # fmt: skip
        elif kind < 0.5:
            given, last = (one.replace("i", "İ").upper() for one in (given, last))
        return {
            "Ad": maybe(chance, 0.05, typo, given),
            "Soyad": maybe(chance, 0.05, typo, last),
            "Doğum Tarihi": blank(chance, 0.06, maybe(chance, 0.04, digit,
                                                      f"{person.born:%d.%m.%Y}")),
            "Adres": blank(chance, 0.2, f"{person.street} No: {person.house}"),
            "İl": person.city,
            "Telefon": blank(chance, 0.5, person.phone),
        }  # fmt: skip

    return rows_of(seed, everybody, own, telling, few)


def _two(seed: int, count: int, column: str, value: Callable[[Random, Person], str]) -> Made:
    everybody = people(Random(seed), count, one_of("english"), surname_of("english_surnames"))

    def telling(chance: Random, person: Person, _more: dict[str, str]) -> Row:
        given = person.given[0]
        if chance.random() < 0.15:
            given = SHORT.get(given, given)
        name = f"{maybe(chance, 0.08, typo, given)} {maybe(chance, 0.08, typo, person.surnames[0])}"
        return {"name": name, column: value(chance, person)}

    return rows_of(seed, everybody, nothing, telling, few)


def name_and_address(seed: int = 69, count: int = 1000) -> Made:
    """A name and a whole address, and nothing else."""
    return _two(
        seed,
        count,
        "address",
        lambda chance, person: (
            f"{maybe(chance, 0.04, digit, person.house)}"
            f" {maybe(chance, 0.1, typo, person.street)}, {person.city}"
            f"{chance.choice(('', ' ' + person.postcode))}"
        ),
    )


def name_and_phone(seed: int = 70, count: int = 1000) -> Made:
    """A name and a telephone number, which families share, and nothing else."""
    return _two(
        seed, count, "phone", lambda chance, person: maybe(chance, 0.08, digit, person.phone)
    )


def name_and_email(seed: int = 71, count: int = 1000) -> Made:
    """A name and an e-mail address, and nothing else."""
    return _two(
        seed, count, "email", lambda chance, person: maybe(chance, 0.1, letters, person.email)
    )


def french(seed: int = 72, count: int = 1200) -> Made:
    """Columns in French, hyphenated given names, the name of birth and the name in use."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        which = chance.randrange(2)
        return (often(chance, MORE[("french_men", "french_women")[which]]),), "MF"[which]

    everybody = people(
        chance, count, naming, lambda chance: (often(chance, MORE["french_surnames"]),)
    )

    def own(chance: Random, person: Person) -> dict[str, str]:
        other = often(chance, MORE["french_surnames"])
        return {"use": other if person.sex == "F" and chance.random() < 0.3 else "",
                "mobile": f"06{chance.randrange(10**8):08}"}  # fmt: skip

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        given = person.given[0]
        if chance.random() < 0.2:
            given = given.replace("-", " ") if chance.random() < 0.6 else given.split("-")[0]
        return {
            "Prénom": maybe(chance, 0.05, typo, given),
            "Nom": maybe(chance, 0.05, typo, person.surnames[0]).upper(),
            "Nom d'usage": blank(chance, 0.3, more["use"]),
            "Date de naissance": blank(
                chance, 0.05, maybe(chance, 0.04, digit, f"{person.born:%d/%m/%Y}")
            ),
            "Adresse": blank(chance, 0.2, f"{person.house}{chance.choice((' ', ', ', ' bis '))}"
                             f"{chance.choice(('rue', 'r.'))} {person.street.split()[0]}"),
            "Code postal": maybe(chance, 0.03, digit, person.postcode),
            "Ville": person.city,
            "Téléphone": blank(chance, 0.5, more["mobile"]),
            "Sexe": person.sex,
        }  # fmt: skip

    return rows_of(seed, everybody, own, telling, few)


def german(seed: int = 73, count: int = 1200) -> Made:
    """Columns in German, dates as DD.MM.YYYY, the name of birth, street and house apart."""
    chance = Random(seed)

    def naming(chance: Random) -> tuple[tuple[str, ...], str]:
        given = often(chance, GERMAN)
        return (given,), "F" if GERMAN.index(given) < 20 else "M"

    everybody = people(chance, count, naming, lambda chance: (often(chance, GERMAN_SURNAMES),))

    def own(chance: Random, person: Person) -> dict[str, str]:
        maiden = often(chance, GERMAN_SURNAMES)
        return {"birth": maiden if person.sex == "F" and chance.random() < 0.4 else "",
                "mobile": f"0171 {chance.randrange(10**7):07}"}  # fmt: skip

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        return {
            "Familienname": maybe(chance, 0.06, typo, person.surnames[0]),
            "Vorname": maybe(chance, 0.06, typo, person.given[0]),
            "Geburtsname": blank(chance, 0.4, more["birth"]),
            "Geburtsdatum": blank(
                chance, 0.05, maybe(chance, 0.05, digit, f"{person.born:%d.%m.%Y}")
            ),
            "Geschlecht": {"M": "männlich", "F": "weiblich"}[person.sex],
            "Straße": person.street.split()[0] + chance.choice(("straße", "str.", "strasse")),
            "Hausnummer": person.house,
            "PLZ": maybe(chance, 0.03, digit, person.postcode),
            "Wohnort": person.city,
            "Telefonnummer": blank(chance, 0.5, more["mobile"]),
        }

    return rows_of(seed, everybody, own, telling, few)


SETS: dict[str, Callable[..., Made]] = {
    "five columns": five_columns,
    "notable people": notable,
    "voters": voters,
    "voters by age": voters_by_age,
    "patients": patients,
    "Indian names": indian,
    "Korean names": korean,
    "Turkish names": turkish,
    "name and address": name_and_address,
    "name and phone": name_and_phone,
    "name and e-mail": name_and_email,
    "French columns": french,
    "German columns": german,
}
