"""An invented register to measure identity resolution on: households, and several records a person.

Everything of a person follows from the seed and the person's number, so that records can be made
one by one, in any order, without holding a million of them.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from math import gcd, isqrt
from random import Random
from typing import NamedTuple

from hub.identity import normalise
from hub.identity.addresses import address
from hub.identity.record import PersonRecord

GIVEN_NAMES, SURNAMES, STREETS, PLACES = 1_500, 40_000, 4_000, 900
RECORDS_MAX = 5
"""A person has one to so many records; two and a half in the mean."""
HOME_SIZE = 3
_STARTS = ("b", "br", "c", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st")
_MIDDLES = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
_ENDS = ("n", "r", "s", "t", "l", "ck", "nd", "th", "ll", "m", "", "x")


class Person(NamedTuple):
    """Who somebody is; `home` is the number of their household."""

    given: str
    middle: str
    surname: str
    born: str
    number: str
    home: int
    phone: str
    email: str
    sex: str


def _word(number: int, syllables: int) -> str:
    chance = Random(f"word {number} {syllables}")
    return "".join(
        chance.choice(_STARTS) + chance.choice(_MIDDLES) for _ in range(syllables)
    ) + chance.choice(_ENDS)


class _Names:
    """Names of which the n-th most frequent is borne by 1/(n + flat) as many people."""

    def __init__(self, count: int, syllables: int, flat: int) -> None:
        self._words = [_word(number, syllables) for number in range(count)]
        self._up_to = list(accumulate(1 / (place + flat) for place in range(count)))

    def draw(self, chance: Random) -> str:
        """One of them."""
        return chance.choices(self._words, cum_weights=self._up_to)[0]


class Register:
    """Records of so many people, in an order as if by chance."""

    def __init__(self, records: int, seed: int = 1) -> None:
        """`records` in all; fewer people."""
        self.records = records
        self._seed = seed
        self._given = _Names(GIVEN_NAMES, 2, 12)
        self._surnames = _Names(SURNAMES, 3, 40)
        self._streets = [f"{_word(one, 3)} street" for one in range(STREETS)]
        self._places = [_word(one + 7, 4) for one in range(PLACES)]
        self.people = records * 2 // (RECORDS_MAX + 1) + 2 * isqrt(records) + 2
        self._slots = self.people * RECORDS_MAX
        self._step = next(
            step for step in range(self._slots * 5 // 8, self._slots) if gcd(step, self._slots) == 1
        )

    def __iter__(self) -> Iterator[tuple[str, PersonRecord]]:
        """Records with their names, `records` of them at most."""
        made = 0
        place = self._seed % self._slots
        for _ in range(self._slots):
            place = (place + self._step) % self._slots
            person, record = divmod(place, RECORDS_MAX)
            if record < Random(f"{self._seed} count {person}").randint(1, RECORDS_MAX):
                yield f"p{person:07}-{record}", self._record(person, record)
                made += 1
                if made == self.records:
                    return

    def _home(self, home: int) -> tuple[str, str, str, str, str]:
        """The surname, street, place, postcode and telephone of a household."""
        chance = Random(f"{self._seed} home {home}")
        place = chance.randrange(PLACES)
        return (
            self._surnames.draw(chance),
            f"{chance.randint(1, 2500)} {chance.choice(self._streets)}",
            self._places[place],
            f"{10_000 + place * 90 + chance.randrange(12)}",
            f"({chance.randint(201, 989)}) {chance.randint(200, 999)}-{chance.randint(0, 9999):04}",
        )

    @lru_cache(64)  # noqa: B019 - one register in a process
    def _person(self, person: int) -> Person:
        chance = Random(f"{self._seed} person {person}")
        home = person // HOME_SIZE
        surname = self._home(home)[0] if chance.random() < 0.8 else self._surnames.draw(chance)
        given = self._given.draw(chance)
        return Person(
            given,
            self._given.draw(chance),
            surname,
            f"{chance.randint(1935, 2015)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            f"{chance.randint(10_000_000, 665_999_999):09}",
            home,
            f"({chance.randint(201, 989)}) {chance.randint(200, 999)}-{chance.randint(0, 9999):04}",
            f"{given}.{surname}{chance.randint(1, 9999)}@mail{chance.randrange(8)}.example",
            chance.choice("fm"),
        )

    def _record(self, person: int, record: int) -> PersonRecord:
        """What one agency knows: not every field, and not all of it right."""
        who = self._person(person)
        chance = Random(f"{self._seed} record {person} {record}")
        home = who.home if chance.random() < 0.85 else who.home + 1_000_000 + record
        _, street, place, postcode, line = self._home(home)

        def told(value: str, share: float) -> str:
            if chance.random() >= share:
                return ""
            return _damaged(value, chance) if chance.random() < 0.03 else value

        name = normalise.name(told(who.given, 0.99), told(who.surname, 0.99))
        middle = told(who.middle if chance.random() < 0.3 else who.middle[:1], 0.5)
        phone = told(who.phone if chance.random() < 0.7 else line, 0.6)
        return _normalised(
            name,
            normalise.name_tokens(middle)[:1],
            told(who.born, 0.8),
            told(who.number, 0.6),
            told(street, 0.85),
            place if street else "",
            postcode,
            phone,
            told(who.email, 0.5),
            who.sex,
        )


def _damaged(text: str, chance: Random) -> str:
    """A typing error: two signs swapped, one lost, or another one."""
    place = chance.randrange(max(1, len(text) - 1))
    before, here, after = text[:place], text[place], text[place + 1 :]
    kind = chance.randrange(3)
    if kind == 0:
        return before + after[:1] + here + after[1:]
    if kind == 1:
        return before + after
    return before + chance.choice("0123456789" if here.isdigit() else "aeiorst") + after


def _normalised(
    name: normalise.Name | None,
    middles: tuple[str, ...],
    *told: str,
) -> PersonRecord:
    born, number, street, place, postcode, phone, email, sex = told

    def some(value: object) -> tuple:
        return (value,) if value else ()

    identifier = normalise.identifier(number)
    return PersonRecord(
        names=some(name),
        middles=middles,
        births=some(normalise.birth(born)),
        identifiers=(("us-ssn", identifier),) if identifier else (),
        addresses=some(address(street)),
        postcodes=some(normalise.postcode(postcode)),
        places=some(normalise.place(place)),
        phones=some(normalise.phone(phone)),
        emails=some(normalise.email(email)),
        sexes=some(sex),
    )
