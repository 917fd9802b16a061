"""Whether there are families among the records: whether homes are shared with somebody else.

Where nobody shares a home, two records of one home and birthday whose given names differ are one
person who is called by another name, for twins would have parents. In a register of people they
may be twins. Nothing is taken for granted in a small file, nor where whole dates of birth are not
told: there it cannot be seen who of a home is surely another.
"""

from collections.abc import Callable
from typing import Any

from hub.identity import dates
from hub.identity.names import given_names
from hub.identity.record import PersonRecord

Level = Callable[[Any, Any], str | None]


def home(record: PersonRecord) -> tuple[str, ...] | None:
    """Where somebody lives; None where that, the name or the day of birth is not fully known.

    A surname and a postcode where no address is told.
    """
    if not record.names or not any(len(one) == dates.WHOLE for one in record.births):
        return None
    for address in record.addresses[:1]:
        return (*address, *record.postcodes[:1]) if address.number else None
    surname = record.names[0].surname[-1:]
    if surname and isinstance(surname[0], str):
        for postcode in record.postcodes[:1]:
            return (*surname, postcode)
    return None


def apart(one: PersonRecord, other: PersonRecord, level: Level = dates.level) -> bool:
    """Whether two records of one home are surely about two persons.

    `level` tells how two different dates of birth agree.
    """
    if not (one.names and one.births and other.names and other.births):
        return False
    a, b = one.births[0], other.births[0]
    if a == b or level(*((a, b) if a < b else (b, a))) != "other":
        return False
    return given_names(one.names[0], other.names[0]) < 0
