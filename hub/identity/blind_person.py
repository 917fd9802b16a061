"""Persons of whom the resolver knows tokens only: compared, found and judged as others are."""

from functools import partial
from typing import Any, NamedTuple

from hub.identity import homes, levels
from hub.identity.blind import Day, Email, Street, Value, Word, meet
from hub.identity.keys import STRONG, TOKENS_MAX
from hub.identity.kind import Homes, Key
from hub.identity.person import PERSON


class BlindName(NamedTuple):
    """A name of which the words are tokens."""

    given: tuple[Word, ...]
    surname: tuple[Word, ...]


class BlindRecord(NamedTuple):
    """What `PersonRecord` is where there are tokens in the place of values."""

    names: tuple[BlindName, ...] = ()
    middles: tuple[Word, ...] = ()
    suffixes: tuple[str, ...] = ()
    births: tuple[Day, ...] = ()
    identifiers: tuple[tuple[str, Value], ...] = ()
    addresses: tuple[Street, ...] = ()
    postcodes: tuple[Value, ...] = ()
    places: tuple[Value, ...] = ()
    regions: tuple[str, ...] = ()
    phones: tuple[Value, ...] = ()
    emails: tuple[Email, ...] = ()
    sexes: tuple[str, ...] = ()
    agency: str = ""
    verified: tuple[tuple[str, str], ...] = ()


def home(record: BlindRecord) -> tuple[str, ...] | None:
    """Where somebody lives; None where that, the name or the day of birth is not fully known."""
    if not record.names or not any(day.near for day in record.births):
        return None
    for address in record.addresses[:1]:
        if address.number:
            postcodes = (one.whole for one in record.postcodes[:1])
            return (address.number, address.street.whole, *postcodes)
    return None


def birth_level(a: Day, b: Day) -> str:
    """How two different dates agree; as `dates.level`, as far as tokens tell."""
    if not (a.near and b.near):
        return "year" if a.year == b.year else "other"
    if a.swapped == b.swapped or meet(a, b):
        return "near"
    parts = a.year_month == b.year_month or a.year_day == b.year_day or a.month_day == b.month_day
    return "two_parts" if parts else "other"


def number_level(a: tuple[str, Value], b: tuple[str, Value]) -> str | None:
    """How two different numbers of one scheme agree: one edit, or not."""
    if a[0] != b[0]:
        return None
    return "near" if meet(a[1], b[1]) else "other"


def near_level(a: Value, b: Value) -> str:
    """One edit, or not."""
    return "near" if meet(a, b) else "other"


def postcode_level(a: Value, b: Value) -> str:
    """One edit, the same digits, or not."""
    return "near" if meet(a, b) else "part" if a.letters == b.letters else "other"


def street_level(a: Street, b: Street) -> str:
    """The same number and nearly the street, nearly the number, the street alone, or not."""
    street = a.street == b.street or meet(a.street, b.street)
    if street and (a.number == b.number or a.digits == b.digits):
        return "near"
    return "part" if street else "other"


def middle_level(a: Word, b: Word) -> str:
    """By their initial, or not."""
    short = a.is_initial or b.is_initial or meet(a, b)
    return "initial" if a.initial == b.initial and short else "other"


def email_level(a: Email, b: Email) -> str:
    """The same user elsewhere, or not."""
    return "user" if a.user == b.user else "other"


def keys(record: Any) -> set[Key]:
    """The keys of a record of tokens: as of a clear one, composed of its tokens."""
    words: list[Word] = list(
        dict.fromkeys(word for name in record.names for word in (*name.given, *name.surname))
    )[:TOKENS_MAX]
    sounds = sorted({word.sound for word in words if word.sound})
    found: set[Key] = {
        ("names", one, other) for at, one in enumerate(sounds) for other in sounds[at + 1 :]
    }
    for scheme, number in record.identifiers:
        found.add(("id", scheme, number.whole))
        found.update(("near-id", scheme, one) for one in number.near)
    for day in record.births:
        found.update(_birth_keys(day, words, sounds, record))
    about = [("post", one.whole) for one in record.postcodes]
    found.update(about)
    about += [("place", one.whole) for one in record.places]
    for street in record.addresses:
        whole, number = street.street.whole, street.number
        found.add(("address", number, whole))
        about += [("street", whole), *([("house", number)] if number else [])]
        found.update(("house-post", number, one.whole) for one in record.postcodes if number)
    found.update((f"name-{what}", one, value) for one in sounds for what, value in about)
    for email in record.emails:
        found |= {("email", email.whole), ("user", email.user)}
    found.update(("phone", phone.whole) for phone in record.phones)
    return found


def _birth_keys(day: Day, words: list[Word], sounds: list[str], record: Any) -> set[Key]:
    found: set[Key] = {("name-year", one, day.year) for one in sounds}
    if day.near:
        found.add(("birth", day.whole))
        found.update(("name-day", one, day.month_day) for one in sounds)
        found.update(("initial-day", word.initial, day.month_day) for word in words)
        found.update(("initial-month", word.initial, day.year_month) for word in words)
        found.update(("birth-place", day.whole, one.whole) for one in record.places)
    found.update(("birth-post", day.year, one.whole) for one in record.postcodes)
    found.update(("birth-street", day.year, one.street.whole) for one in record.addresses)
    return found


BLIND_PERSON = PERSON._replace(
    name="blind-person",
    record=BlindRecord,
    fields={
        **PERSON.fields,
        "middles": middle_level,
        "births": birth_level,
        "identifiers": number_level,
        "addresses": street_level,
        "postcodes": postcode_level,
        "places": near_level,
        "regions": levels.different,
        "phones": near_level,
        "emails": email_level,
    },
    keys=keys,
    strong_keys=STRONG | {"near-id"},
    homes=Homes(home, partial(homes.apart, level=birth_level)),
)
