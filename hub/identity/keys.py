"""Keys under which records are looked for: two records that share enough of them are compared.

Each typing error spoils few keys, so that a pair with one error in every field still shares some.
"""

from collections.abc import Iterable, Iterator, Sequence

from hub.identity.dates import WHOLE
from hub.identity.kind import Key
from hub.identity.name_words import formal, sound, spelling
from hub.identity.record import PersonRecord

TOKENS_MAX = 5
END, PLACE_END, STREET_START = 3, 4, 5
"""How many letters of a name, a place and a street are left of them by an error elsewhere."""
LETTERS_LEAST = 8
"""Shorter names have their letters in common with others."""
DEFAULT_DAY = "01-01"
"""Of those who tell this day many know the year alone, so that it is nothing in common."""
MANY_TOKENS = 4
"""A name of so many has pairs enough of which an error leaves both, and most of these are common.
"""
STRONG = frozenset(
    (
        *("id", "email", "user", "address", "phone", "birth-place", "house-post", "name-middle"),
        *("birth-middle", "short", "letters"),
    )
)
"""Kinds of keys that are worth two of the others."""


def keys(record: PersonRecord) -> set[Key]:
    """All keys of a record, some 20 to 40."""
    tokens = list(
        dict.fromkeys(token for name in record.names for token in (*name.given, *name.surname))
    )[:TOKENS_MAX]
    sounds = sorted({sound(spelling(token)) for token in tokens if len(token) > 1})
    found: set[Key] = {*_name_keys(tokens, sounds), *_letters_keys(record)}
    for scheme, value in record.identifiers:
        found |= {("id", scheme, value), ("id1", scheme, value[:5]), ("id2", scheme, value[-5:])}
    for birth in record.births:
        found.update(_birth_keys(birth, tokens, sounds, record))
    for postcode in record.postcodes:
        found.add(("post", postcode))
        found.update(("name-post", one, postcode) for one in sounds)
    for address in record.addresses:
        found.add(("address", address.number, address.street))
        found.update(("name-street", one, address.street) for one in sounds)
        if address.number:
            found.update(("name-house", one, address.number) for one in sounds)
            found.update(("house-post", address.number, one) for one in record.postcodes)
    for place in record.places:
        found.update(("name-place", one, place) for one in sounds)
    for email in record.emails:
        user = email.partition("@")[0]
        found |= {("email", email), ("user", user), ("user6", user[:6])}
    found.update(("phone", phone) for phone in record.phones)
    if _tells_little(record):
        found.update(_middle_keys(sounds, record))
        found.update(_where_keys(tokens, record))
        if len(tokens) < MANY_TOKENS:
            found.update(_ends_keys(tokens))
            found.update(_short_keys(record))
    return found


def _letters_keys(record: PersonRecord) -> Iterator[Key]:
    """By all letters of a name of several words, whatever their order and where words end."""
    for name in record.names:
        words = (*name.given, *name.surname)
        letters = "".join(sorted("".join(words)))
        if len(words) > 1 and len(letters) >= LETTERS_LEAST:
            yield ("letters", letters)


def _tells_little(record: PersonRecord) -> bool:
    """Whether there is no date of birth, or nothing beside it but a postcode and a place."""
    whole = any(len(birth) == WHOLE for birth in record.births)
    return not whole or not (
        record.identifiers or record.addresses or record.phones or record.emails
    )


def _ends_keys(tokens: Sequence[str]) -> Iterator[Key]:
    """By both ends of two names, of which a typing error leaves one."""
    ends = [_ends(token) for token in tokens]
    for place, (_, end) in enumerate(ends):
        for _, other in ends[place + 1 :]:
            yield ("ends", *sorted((end, other)))
    for token in tokens:
        one = sound(spelling(token))
        for start, end in ends:
            if not (token.startswith(start) and token.endswith(end)):
                yield ("name-start", one, start)
                yield ("name-end", one, end)


def _ends(token: str) -> tuple[str, str]:
    return token[:END], token[-END:]


def _where_keys(tokens: Iterable[str], record: PersonRecord) -> Iterator[Key]:
    """By an end of a name beside a part of where or when; of a place where nothing else is told.

    A name and a place, or a day, are one thing in common, and common: each has one key elsewhere.
    """
    where = _where(record) or {
        part for place in record.places for part in (place[:PLACE_END], place[-PLACE_END:])
    }
    for start, end in map(_ends, tokens):
        for one in where:
            yield ("start-where", start, one)
            yield ("end-where", end, one)


def _middle_keys(sounds: list[str], record: PersonRecord) -> Iterator[Key]:
    """By the initial of a middle name, where the given name or the surname may be missing."""
    for middle in record.middles:
        for one in sounds:
            yield ("name-middle", one, middle[0])
        for birth in record.births:
            yield ("birth-middle", birth, middle[0])


def _short_keys(record: PersonRecord) -> Iterator[Key]:
    """By what a given name is short for (Emmy, Emily), with the surname."""
    for name in record.names:
        for given in name.given[:TOKENS_MAX]:
            for whole in formal(given):
                for surname in name.surname[:TOKENS_MAX]:
                    yield ("short", whole, sound(spelling(surname)))


def _where(record: PersonRecord) -> set[str]:
    """Parts of where and when, of which a typing error leaves some."""
    found = set(record.postcodes)
    for address in record.addresses:
        found |= {address.number, address.street[:STREET_START]}
    for birth in record.births:
        found.add(birth[:4])
        if len(birth) < WHOLE:
            found.add(birth[5:])
    return found - {""}


def _name_keys(tokens: list[str], sounds: list[str]) -> Iterator[Key]:
    for place, one in enumerate(sounds):
        for other in sounds[place + 1 :]:
            yield ("names", one, other)
    starts = sorted({token[:3] for token in tokens})
    for place, one in enumerate(starts):
        for other in starts[place + 1 :]:
            yield ("starts", one, other)


def _birth_keys(
    birth: str, tokens: list[str], sounds: list[str], record: PersonRecord
) -> Iterator[Key]:
    year, day = birth[:4], birth[5:]
    for one in sounds:
        yield ("name-year", one, year)
    if len(birth) == WHOLE:
        yield ("birth", birth)
        yield from (("start-month", token[:2], birth[:7]) for token in tokens)
        if day != DEFAULT_DAY:
            yield from (("name-day", one, day) for one in sounds)
            yield from (("start-day", token[:2], day) for token in tokens)
    for postcode in record.postcodes:
        yield ("birth-post", year, postcode)
    for address in record.addresses:
        yield ("birth-street", year, address.street)
    for place in record.places:
        if len(birth) == WHOLE:
            yield ("birth-place", birth, place)
