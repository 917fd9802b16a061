"""Made sets in yet other styles: one to twenty records a person, with a long tail. Seeded.

Nothing was tuned to calls and library cards; a set of rolls showed that who tells little was not
found, one is spoilt as public sets for demonstrations are, and one is of people of one age. Words
are those of the other sets; columns and damage are this file's.
"""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from made import AMERICAN, AMERICAN_SURNAMES, Made, Row, digit, maybe, typo
from others import MORE, nothing, rows_of
from peoples import SHORT, WORDS, Person, blank, often, one_of, people, surname_of


def long_tail(chance: Random) -> int:
    """Mostly one to three, seldom up to twenty."""
    return min(20, int(chance.paretovariate(0.9)))


def heard(chance: Random, word: str) -> str:
    """As somebody wrote it who heard it: vowels change, consonants double or are single."""
    at = chance.randrange(len(word))
    one = word[at].lower()
    if one in "aeiou":
        return word[:at] + chance.choice("aeiou") + word[at + 1 :]
    if at and one == word[at - 1].lower():
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]


def calls(seed: int = 81, count: int = 700) -> Made:
    """Calls to a city: names as they were heard, a ZIP, the number that called, often no birthday.

    The number is the office's, a neighbour's or a new one in every seventh call.
    """
    chance = Random(seed)
    everybody = people(
        chance, count, lambda chance: ((chance.choice(AMERICAN),), "F"),
        lambda chance: (often(chance, AMERICAN_SURNAMES),),
    )  # fmt: skip

    def telling(chance: Random, person: Person, _more: dict[str, str]) -> Row:
        given = person.given[0]
        last = person.surnames[0]
        if chance.random() < 0.08:
            last = f"{last[0]}."
        phone = person.phone
        if chance.random() < 0.15:
            phone = f"+1 212 555 {chance.randrange(10**4):04}"
        return {
            "caller_first_name": blank(chance, 0.04, maybe(chance, 0.1, heard, given)),
            "caller_last_name": blank(chance, 0.06, maybe(chance, 0.1, heard, last)),
            "date_of_birth": blank(
                chance, 0.35, maybe(chance, 0.04, digit, f"{person.born:%m/%d/%Y}")
            ),
            "phone_number": blank(chance, 0.15, phone),
            "caller_zip": blank(chance, 0.2, person.postcode),
        }

    return rows_of(seed, everybody, nothing, telling, long_tail)


def library(seed: int = 82, count: int = 800) -> Made:
    """Cards of a library: surname first in one column, a year or a whole day, a street, an e-mail.

    The house number is often left away, and names are cut after twelve letters.
    """
    chance = Random(seed)
    everybody = people(chance, count, one_of("english"), surname_of("english_surnames"))

    def own(chance: Random, person: Person) -> dict[str, str]:
        return {
            "email": f"{person.given[0]}.{chance.choice(MORE['nouns'])}@example.org".lower(),
            "middle": chance.choice(WORDS["english"]),
        }

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        given = person.given[0]
        if chance.random() < 0.1:
            given = SHORT.get(given, given)
        given, last = (maybe(chance, 0.06, typo, one) for one in (given, person.surnames[0]))
        middle = chance.choice(("", "", f" {more['middle'][0]}.", f" {more['middle']}"))
        born = f"{person.born.year}" if chance.random() < 0.25 else person.born.isoformat()
        house = "" if chance.random() < 0.3 else f"{person.house} "
        return {
            "name": f"{last[:12].upper()}, {given[:12]}{middle}",
            "born": blank(chance, 0.1, maybe(chance, 0.03, digit, born)),
            "street": blank(chance, 0.15, f"{house}{maybe(chance, 0.05, typo, person.street)}"),
            "city": person.city,
            "email": blank(chance, 0.5, maybe(chance, 0.05, typo, more["email"])),
        }

    return rows_of(seed, everybody, own, telling, long_tail)


ENDINGS = (
    *("bury", "by", "combe", "dale", "field", "ford", "hurst", "ley", "more", "ridge", "ton"),
    *("well", "wick", "wood", "worth"),
)
SCANS = (
    *(("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("n", "ri"), ("h", "li"), ("w", "vv")),
    *(("l", "1"), ("o", "0"), ("s", "5"), ("i", ":"), ("l", "|"), ("b", "1>"), ("e", "c")),
)
DIGIT_SCANS = (("0", "o"), ("1", "l"), ("1", "|"), ("5", "s"), ("2", "z"), ("9", "g"), ("6", "b"))
SOUNDS = (("c", "k"), ("ph", "f"), ("v", "f"), ("t", "d"), ("y", "ie"), ("z", "s"), ("e", "i"))
BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioppsdfghjkllxcvbnmm", strict=True))


def spoilt(chance: Random, text: str) -> str:
    """One error: a scanner's, an ear's, a neighbouring key's, or a letter too many or too few."""
    if len(text) < 2:
        return text
    at = chance.randrange(len(text))
    kind = chance.random()
    if kind < 0.5:
        among = DIGIT_SCANS if text.isdigit() else SCANS if kind < 0.3 else SOUNDS
        told = [two for two in among if two[0] in text]
        if told:
            return text.replace(*chance.choice(told), 1)
    if kind < 0.65 and text[at] in BESIDE:
        return text[:at] + BESIDE[text[at]] + text[at + 1 :]
    if kind < 0.85:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def _rolls(seed: int, count: int, columns: tuple[str, ...]) -> Made:
    """People of many family names, none to three errors in a record that tells these columns."""
    chance = Random(seed)
    first = [*AMERICAN, *WORDS["english"]]
    everybody = people(
        chance,
        count,
        lambda chance: ((chance.choice(first),), "F"),
        lambda chance: (f"{chance.choice(WORDS['hills'])}{chance.choice(ENDINGS)}",),
        alone=1.0,
    )

    def telling(chance: Random, person: Person, _more: dict[str, str]) -> Row:
        told = {
            "given": person.given[0].lower(),
            "surname": person.surnames[0].lower(),
            "suburb": person.city.lower(),
            "postcode": person.postcode,
            "street": f"{person.house} {person.street}".lower(),
            "birth_year": str(person.born.year),
            "dob": person.born.isoformat(),
            "initial": person.given[0][0].lower(),
        }
        row = {column: told[column] for column in columns}
        for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
            column = chance.choice(columns)
            row[column] = (digit if column == "dob" else spoilt)(chance, row[column])
        return row

    return rows_of(
        seed, everybody, nothing, telling, lambda chance: chance.choice((1, 1, 1, 2, 2, 3, 4, 5))
    )


def rolls_by_suburb(seed: int = 83, count: int = 800) -> Made:
    """Two names and a suburb, and nothing else."""
    return _rolls(seed, count, ("given", "surname", "suburb"))


def rolls_by_year(seed: int = 84, count: int = 800) -> Made:
    """Two names, the year of birth and a postcode."""
    return _rolls(seed, count, ("given", "surname", "birth_year", "postcode"))


def rolls_by_street(seed: int = 85, count: int = 800) -> Made:
    """Two names, a street and a postcode."""
    return _rolls(seed, count, ("given", "surname", "street", "postcode"))


def rolls_by_day(seed: int = 86, count: int = 800) -> Made:
    """An initial, a surname, the day of birth and a postcode."""
    return _rolls(seed, count, ("initial", "surname", "dob", "postcode"))


def jumbled(chance: Random, text: str) -> str:
    """Two to four letters in another order, of which one may be lost."""
    if len(text) < 4:
        return text
    count = chance.randint(2, min(4, len(text)))
    at = chance.randrange(len(text) - count + 1)
    letters = [*text[at : at + count]]
    chance.shuffle(letters)
    return text[:at] + "".join(letters[chance.randrange(2) :]) + text[at + count :]


def demonstration(seed: int = 87, count: int = 250) -> Made:
    """Names, a birthday, a city and an e-mail address, spoilt on purpose as for a demonstration.

    Letters are in another order, names exchanged, birthdays guessed to weeks, fields left empty.
    """
    chance = Random(seed)
    everybody = people(chance, count, one_of("english"), surname_of("english_surnames"), alone=1.0)

    def own(chance: Random, person: Person) -> dict[str, str]:
        user = f"{chance.choice(MORE['nouns'])}{chance.randrange(100)}"
        return {"email": f"{user}@{chance.choice(person.surnames)}.example".lower()}

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        names = [person.given[0], person.surnames[0]]
        names = [blank(chance, 0.08, maybe(chance, 0.2, jumbled, one)) for one in names]
        if chance.random() < 0.15:
            names.reverse()
        born = person.born
        if chance.random() < 0.3:
            born += timedelta(days=chance.randint(-60, 60))
        return {
            "given": names[0],
            "surname": names[1],
            "dob": born.isoformat(),
            "suburb": blank(chance, 0.12, maybe(chance, 0.15, jumbled, person.city)),
            "email": blank(chance, 0.15, maybe(chance, 0.15, jumbled, more["email"])),
        }

    return rows_of(seed, everybody, own, telling, lambda chance: chance.randint(1, 9))


def school_year(seed: int = 88, count: int = 3000) -> Made:
    """The pupils of one school year in one city: all born within a year, in thirty postcodes.

    Every seventh is told again, with an error in a name or the day, or after a move.
    """
    chance = Random(seed)
    everybody = people(chance, count, one_of("english"), surname_of("english_surnames"), alone=1.0)

    def own(chance: Random, _person: Person) -> dict[str, str]:
        born = date(2010, 9, 1) + timedelta(days=chance.randrange(365))
        return {"born": born.isoformat(), "postcode": str(60500 + chance.randrange(30))}

    def telling(chance: Random, person: Person, more: dict[str, str]) -> Row:
        given, surname = (
            maybe(chance, 0.05, typo, word) for word in (person.given[0], person.surnames[0])
        )
        moved = str(60500 + chance.randrange(30))
        return {
            "first_name": given,
            "last_name": surname,
            "birth_date": maybe(chance, 0.05, digit, more["born"]),
            "postcode": moved if chance.random() < 0.1 else more["postcode"],
        }

    return rows_of(seed, everybody, own, telling, lambda chance: 1 + (chance.random() < 1 / 7))


SETS: dict[str, Callable[..., Made]] = {
    "calls": calls,
    "library cards": library,
    "rolls by suburb": rolls_by_suburb,
    "rolls by year": rolls_by_year,
    "rolls by street": rolls_by_street,
    "rolls by day": rolls_by_day,
    "demonstration": demonstration,
    "school year": school_year,
}
