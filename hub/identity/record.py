"""Records as the resolver sees them: normalised values by field, and nothing else.

Every weighed field holds a tuple of distinct values, because a record may tell several of each. At
the end of every kind of record are two that are not weighed: who told it, and which of its
identifiers are verified.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

Value = TypeVar("Value")
UNWEIGHED = 2
"""How many fields at the end of a record are not weighed: `agency` and `verified`."""


def known_once(values: Iterable[Value | None]) -> tuple[Value, ...]:
    """Those of a field's values that are known, each once."""
    return tuple(dict.fromkeys(value for value in values if value))


class Record(Protocol):
    """A record of any kind: a named tuple of weighed fields, then the two that are not."""

    @property
    def addresses(self) -> tuple[Any, ...]:
        """Where it is: one of the weighed fields, whatever the kind."""

    @property
    def agency(self) -> str:
        """Who told it."""

    @property
    def verified(self) -> tuple[tuple[str, str], ...]:
        """Those of its identifiers that are verified, as (scheme, value)."""

    def __iter__(self) -> Any: ...

    def __getitem__(self, place: Any, /) -> Any: ...


class Name(NamedTuple):
    """Name tokens in Latin letters and lower case, titles and suffixes apart."""

    given: tuple[str, ...]
    surname: tuple[str, ...]


class Address(NamedTuple):
    """Where somebody lives: the number in the street, and the street's name."""

    number: str
    street: str


class PersonRecord(NamedTuple):
    """Normalised values of one record. Dates are ISO 8601 texts, telephone numbers E.164.

    `agency` told the record; `verified` are those of its identifiers that are verified.
    """

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
    agency: str = ""
    verified: tuple[tuple[str, str], ...] = ()


FIELDS = PersonRecord._fields[:-UNWEIGHED]
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
"""The places of the weighed fields."""
