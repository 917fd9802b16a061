"""Keys under which records are looked for: two records that share enough of them are compared.

Each typing error spoils few keys, so that a pair with one error in every field still shares some.
"""

from collections.abc import Iterator

from hub.identity.dates import WHOLE
from hub.identity.kind import Key
from hub.identity.names import sound, spelling
from hub.identity.record import PersonRecord

TOKENS_MAX = 5
STRONG = frozenset({"id", "email", "user", "address", "phone", "birth-place", "house-post"})
"""Kinds of keys that are worth two of the others."""


def keys(record: PersonRecord) -> set[Key]:
    """All keys of a record, some 20 to 40."""
    tokens = list(
        dict.fromkeys(token for name in record.names for token in (*name.given, *name.surname))
    )[:TOKENS_MAX]
    sounds = sorted({sound(spelling(token)) for token in tokens if len(token) > 1})
    found: set[Key] = set(_name_keys(tokens, sounds))
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
        found.update(_ends_keys(tokens, sounds, record))
    return found


def _tells_little(record: PersonRecord) -> bool:
    """Whether there is no date of birth, or nothing beside it but a postcode and a place."""
    whole = any(len(birth) == WHOLE for birth in record.births)
    return not whole or not (
        record.identifiers or record.addresses or record.phones or record.emails
    )


def _ends_keys(tokens: list[str], sounds: list[str], record: PersonRecord) -> Iterator[Key]:
    """By both ends of names: without a date of birth a typing error would spoil nearly all keys."""
    ends = sorted({token[-3:] for token in tokens})
    for place, one in enumerate(ends):
        for other in ends[place + 1 :]:
            yield ("ends", one, other)
    whole = [(sound(spelling(token)), token) for token in tokens if len(token) > 1]
    for name, token in whole:
        for other_name, other in whole:
            if other != token:
                yield ("name-start", name, other[:3])
                yield ("name-end", name, other[-3:])
    about = {*record.postcodes}
    for address in record.addresses:
        about |= {address.street[:5], address.number} - {""}
    for birth in record.births:
        about |= {birth[:4], birth[5:]} - {""}
    for place in record.places:
        about |= {place[:4], place[-4:]}
    for token in tokens:
        for one in about:
            yield ("start-where", token[:3], one)
            yield ("end-where", token[-3:], one)


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
        for one in sounds:
            yield ("name-day", one, day)
        for token in tokens:
            yield ("start-day", token[:2], day)
            yield ("start-month", token[:2], birth[:7])
    for postcode in record.postcodes:
        yield ("birth-post", year, postcode)
    for address in record.addresses:
        yield ("birth-street", year, address.street)
    for place in record.places:
        if len(birth) == WHOLE:
            yield ("birth-place", birth, place)
