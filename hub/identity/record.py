"""A person as the resolver sees one: normalised values by field, and nothing else.

Every field holds a tuple of distinct values, because a record may tell several of each.
"""

from typing import NamedTuple


class Name(NamedTuple):
    """Name tokens in Latin letters and lower case, titles and suffixes apart."""

    given: tuple[str, ...]
    surname: tuple[str, ...]


class Address(NamedTuple):
    """Where somebody lives: the number in the street, and the street's name."""

    number: str
    street: str


class PersonRecord(NamedTuple):
    """Normalised values of one record. Dates are ISO 8601 texts, telephone numbers E.164."""

    names: tuple[Name, ...] = ()
    middles: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    addresses: tuple[Address, ...] = ()
    postcodes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    sexes: tuple[str, ...] = ()


FIELDS = PersonRecord._fields
(
    NAMES,
    MIDDLES,
    SUFFIXES,
    BIRTHS,
    IDENTIFIERS,
    ADDRESSES,
    POSTCODES,
    PLACES,
    REGIONS,
    PHONES,
    EMAILS,
    SEXES,
) = range(len(FIELDS))
"""The places of the fields."""
