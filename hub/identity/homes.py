"""Whether there are families among the records: whether homes are shared with somebody else.

Where nobody shares a home, two records of one home and birthday whose given names differ are one
person who is called by another name, for twins would have parents. In a register of people they
may be twins. Nothing is taken for granted in a small file.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hub.identity import dates
from hub.identity.names import given_names
from hub.identity.record import Address, PersonRecord

RECORDS_MAX = 20
"""A home with more records is taken to be shared."""
ONE_OF, AT_LEAST = 50, 10
"""There are families where one of so many records shares a home, and always in small files."""
Level = Callable[[Any, Any], str | None]
_Home = tuple[Address, tuple[str, ...]]


def has_families(records: Iterable[PersonRecord], level: Level = dates.level) -> bool:
    """Whether more than a few share a home with somebody who is surely another person.

    `level` tells how two different dates of birth agree.
    """
    homes: dict[_Home, list[PersonRecord]] = {}
    for record in records:
        for address in record.addresses[:1]:
            if address.number:
                homes.setdefault((address, record.postcodes[:1]), []).append(record)
    sharing = sum(_sharing(home, level) for home in homes.values())
    return sum(map(len, homes.values())) < ONE_OF * (sharing + AT_LEAST)


def _sharing(home: Sequence[PersonRecord], level: Level) -> int:
    """How many records of one home are surely not about the person of another one there."""
    if len(home) > RECORDS_MAX:
        return len(home)
    told = [one for one in home if one.names and one.births]
    return sum(any(_surely_another(one, other, level) for other in told) for one in told)


def _surely_another(one: PersonRecord, other: PersonRecord, level: Level) -> bool:
    a, b = sorted((one.births[0], other.births[0]))
    return a != b and level(a, b) == "other" and given_names(one.names[0], other.names[0]) < 0
