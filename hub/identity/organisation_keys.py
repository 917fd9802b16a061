"""Keys under which records of organisations are looked for, as `keys` does for persons."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from zlib import crc32

from hub.identity.kind import Key
from hub.identity.name_words import sound
from hub.identity.organisation_names import DOMAIN, distinctive
from hub.identity.organisation_normalise import GENERIC
from hub.identity.organisation_record import OrganisationRecord, Words

WORDS_MAX = 6
END, PART = 3, 4
"""How many letters of a word, and of a place or a number, an error elsewhere leaves."""
MUCH_CONTACTS = 2
"""From so many contacts told on, an error in each leaves keys enough without ends of words."""
STRONG = frozenset({"id", "name", "phone", "domain", "address", "number-post"})
"""Sorts of keys that are worth two of the others."""
SHARES = 4
"""Among so many, twice, the records of one verified number are shared out; see `_shares`."""


def keys(record: OrganisationRecord) -> set[Key]:
    """All keys of a record, some 20 to 40."""
    names = [(*one,) if one[0][0] != DOMAIN else (one[0][1:],) for one in record.names]
    words = list(dict.fromkeys(word for name in names for word in _telling(name)))
    words = words[:WORDS_MAX]
    found = {*_pair_keys(words), *_shares(record), *_word_keys(words, record)}
    for name in names:
        found.update(_name_keys(name))
    for scheme, value in record.identifiers:
        found |= {("id", scheme, value), ("id1", scheme, value[:5]), ("id2", scheme, value[-5:])}
    for postcode in record.postcodes:
        for name in names:
            glued = "".join(_telling(name))
            found |= {("begins-post", glued[:4], postcode), ("ends-post", glued[-4:], postcode)}
    for address in record.addresses:
        found.add(("address", *address))
        if address.number:
            found.update(("number-post", address.number, one) for one in record.postcodes)
    for owner in record.owners:
        held = sorted({sound(token) for token in (*owner.given, *owner.surname) if len(token) > 1})
        found.update(("owner", *two) for two in combinations(held, 2))
    found.update(("phone", phone) for phone in record.phones)
    found.update(("domain", domain) for domain in record.domains)
    if _tells_little(record):
        found.update(_ends_keys(words, names, _where(record)))
    return found


def _pair_keys(words: Iterable[str]) -> Iterator[Key]:
    """By two words, of which one is not generic: tax service says what hundreds do.

    By their sounds alone: by how they begin as well, two words were enough to be compared.
    """
    for one, other in combinations(words, 2):
        if one not in GENERIC or other not in GENERIC:
            yield ("words", *sorted((sound(one), sound(other))))


def _word_keys(words: Sequence[str], record: OrganisationRecord) -> Iterator[Key]:
    """By a word and where it is; in a whole place only words of its own tell one.

    Place and postcode are one thing: by the latter where the former is not told.
    """
    sounds = {sound(word) for word in words}
    for postcode in () if record.places else record.postcodes:
        yield from (("word-post", one, postcode) for one in sounds)
    for address in record.addresses:
        yield from (("word-street", one, address.street) for one in sounds)
        if address.number:
            yield from (("start-number", word[:3], address.number) for word in words)
    for place in record.places:
        yield from (("word-place", sound(word), place) for word in _own(words))


def _own(words: Sequence[str]) -> Sequence[str]:
    """The words that are not generic; all where there are none."""
    return distinctive(tuple(words)) or words


def _ends_keys(
    words: Iterable[str], names: Iterable[Words], where: tuple[Collection[str], Collection[str]]
) -> Iterator[Key]:
    """By both ends of words beside where it is reached, of names where that is not told."""
    starts, finishes = where
    for word in words:
        for one in starts:
            yield ("start-where", word[:END], one)
        for one in finishes:
            yield ("end-where", word[-END:], one)
    for name in () if starts or finishes else names:
        glued = "".join(_telling(name))
        yield ("start", glued[:PART])
        yield ("end", glued[-PART:])
        yield ("both", glued[:2], glued[-2:])


def _tells_little(record: OrganisationRecord) -> bool:
    """Whether it has so few other keys that an error in each of them may leave none."""
    contacts = record.addresses, record.phones, record.domains, record.owners, record.identifiers
    return sum(map(bool, contacts)) < MUCH_CONTACTS


def _where(record: OrganisationRecord) -> tuple[set[str], set[str]]:
    """Parts of where it is reached, of which a typing error leaves some.

    To be looked for with starts of words, and with ends. A site makes one key with a word's start
    and one with its end, lest one end of a word in one town be enough.
    """
    both = {part for phone in record.phones for part in (phone[:-PART], phone[-PART:])}
    starts = set(record.postcodes) or {place[:PART] for place in record.places}
    finishes = {place[-PART:] for place in record.places} or set(record.postcodes)
    return starts | both, finishes | both


def _telling(name: Words) -> Words:
    telling = distinctive(name)
    return telling if len(telling) > 1 else name


def _name_keys(name: Words) -> Iterator[Key]:
    """By the whole name, its end and initials; little where it is generic.

    And by its beginning where it is one word: two have a key of their own.
    """
    whole = "".join(sorted(name))
    if not distinctive(name):
        yield ("generic-name", whole)
        return
    yield ("name", whole)
    telling = _telling(name)
    glued = "".join(telling)
    if len(telling) == 1:
        yield ("begins", glued[:6])
    yield ("ends", glued[-6:])
    if len(name) > 1:
        yield ("initials", _initials(name))
    else:
        yield ("initials", name[0])


def _initials(name: Iterable[str]) -> str:
    return "".join(word[0] for word in name)


def _shares(record: OrganisationRecord) -> Iterator[Key]:
    """Two keys for each verified number, shared by some of those that have it.

    A chain has more records than may hold a key that finds anybody. Each of its records is in one
    share by one half of a checksum of what it tells, and in one by the other, so that all hang
    together. Beyond some 400 records, more than an entity may have (`vetoes.RECORDS_MAX`), these
    keys find nobody either.
    """
    if not record.verified:
        return
    told = record.agency, record.phones, record.postcodes, [tuple(one) for one in record.addresses]
    mixed = crc32(repr(told).encode())
    for scheme, value in record.verified:
        yield ("id", scheme, value, f"a{mixed % SHARES}")
        yield ("id", scheme, value, f"b{mixed // SHARES % SHARES}")
