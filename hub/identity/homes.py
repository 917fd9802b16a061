"""Whether there are families among the records: whether homes are shared with somebody else.

Where nobody shares a home, two records of one home and birthday whose given names differ are one
person who is called by another name, for twins would have parents. In a register of people they
may be twins. Nothing is taken for granted in a small file, nor where neither dates of birth nor
addresses are told: there it cannot be seen who of a home is surely another.
"""

from collections.abc import Callable
from typing import Any

from hub.identity import dates
from hub.identity.names import agreement, given_names
from hub.identity.record import PersonRecord

Level = Callable[[Any, Any], str | None]


def home(record: PersonRecord) -> tuple[str, ...] | None:
    """Where somebody lives; None where that or the name is not fully known.

    A surname and a postcode where no address but a whole date of birth is told.
    """
    if not record.names:
        return None
    for address in record.addresses[:1]:
        return (*address, *record.postcodes[:1]) if address.number else None
    if not any(len(one) == dates.WHOLE for one in record.births):
        return None
    surname = record.names[0].surname[-1:]
    if surname and isinstance(surname[0], str):
        for postcode in record.postcodes[:1]:
            return (*surname, postcode)
    return None


def apart(one: PersonRecord, other: PersonRecord, level: Level = dates.level) -> bool:
    """Whether two records of one home are surely about two persons.

    `level` tells how two different dates of birth agree. Where one tells none, given names must
    have nothing in common.
    """
    if not (one.names and other.names):
        return False
    if not (one.births and other.births):
        return agreement(*sorted((one.names[0], other.names[0]))).other_given
    a, b = one.births[0], other.births[0]
    if a == b or level(*((a, b) if a < b else (b, a))) != "other":
        return False
    return given_names(one.names[0], other.names[0]) < 0
