"""Whether there are families among the records: whether homes are shared with somebody else.

Where nobody shares a home, two records of one home and birthday whose given names differ are one
person who is called by another name, for twins would have parents. In a register of people they
may be twins. Nothing is taken for granted in a small file, nor where whole dates of birth are not
told: there it cannot be seen who of a home is surely another.
"""

from collections.abc import Callable, Sequence
from typing import Any

from hub.identity import dates
from hub.identity.names import given_names
from hub.identity.record import PersonRecord

Level = Callable[[Any, Any], str | None]


def home(record: PersonRecord) -> tuple[str, ...] | None:
    """Where somebody lives; None where that, the name or the day of birth is not fully known."""
    if not record.names or not any(len(one) == dates.WHOLE for one in record.births):
        return None
    for address in record.addresses[:1]:
        if address.number:
            return (*address, *record.postcodes[:1])
    return None


def sharing(home: Sequence[PersonRecord], level: Level = dates.level) -> int:
    """How many records of one home are surely not about the person of another one there.

    `level` tells how two different dates of birth agree.
    """
    told = [one for one in home if one.names and one.births]
    return sum(any(_surely_another(one, other, level) for other in told) for one in told)


def _surely_another(one: PersonRecord, other: PersonRecord, level: Level) -> bool:
    a, b = sorted((one.births[0], other.births[0]))
    return a != b and level(a, b) == "other" and given_names(one.names[0], other.names[0]) < 0
