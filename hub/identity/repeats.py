"""How often the records tell the same person again: the prior of two records is higher for it.

Of n records, each of them with k others of the same person, two by chance are of one person with
odds of k in n. How many others there are is not known before they are found; but some of them are
equal, and full name and day of birth are equal in records of one person only. How many are equal of
those that are one is estimated as animals are counted that are caught twice (Lincoln and Petersen):
of the pairs that are equal in name and contact so many are equal in the day of birth as well.
"""

from collections.abc import Callable
from math import comb, log2
from typing import NamedTuple

from hub.identity import dates
from hub.identity.kind import Again, Kind
from hub.identity.record import PersonRecord, Record
from hub.identity.state import Blind, Rows
from hub.identity.weigh import milli

NAMES_EQUAL_SHARE = 0.8
"""Of the records of one person at most so many tell the name alike."""
BIRTHS_EQUAL_SHARE_MIN = 0.25
CAUGHT_TWICE_MIN = 50
"""With fewer pairs that are equal in all, what share tells the birthday alike is not estimated."""
OTHERS_MAX = 20
"""So many equal records before it count for one at the most: a flood of them moves nothing."""
_COUNT_BYTES = 4


def name_birth_contact(record: PersonRecord) -> Again | None:
    """The first name, the whole day of birth, and the first means to reach the person."""
    contacts = record.emails or record.phones or record.postcodes or record.addresses
    for name in record.names[:1]:
        for birth in record.births[:1]:
            if name.given and name.surname and len(birth) == dates.WHOLE:
                full = (*map(str, name.given), "", *map(str, name.surname))
                return Again(full, (birth,), tuple(map(str, contacts[:1])))
    return None


class Pairs(NamedTuple):
    """How many records tell name and birth, and pairs of equal ones: by name and which others."""

    telling: int = 0
    by_birth: int = 0
    by_contact: int = 0
    by_both: int = 0

    @property
    def weight(self) -> int:
        """By how much the prior is higher than with one other record each, in millibits."""
        share = NAMES_EQUAL_SHARE
        if self.by_both >= CAUGHT_TWICE_MIN:
            share *= max(BIRTHS_EQUAL_SHARE_MIN, self.by_both / self.by_contact)
        others = 2 * self.by_birth / max(1, self.telling) / share
        return milli(log2(max(1.0, others)))


class Repeats:
    """How many records are equal, kept up to date as records come and go."""

    def __init__(self, kind: Kind, blind: Blind, rows: Rows) -> None:
        """Of what the rows hold."""
        self._told_again = kind.told_again
        self._count = EqualPairs(blind, rows, _pairs).count
        self.pairs = Pairs()

    def put(self, record: Record) -> None:
        """Add a record."""
        self._change(record, 1)

    def remove(self, record: Record) -> None:
        """Take a record out."""
        self._change(record, -1)

    def _change(self, record: Record, times: int) -> None:
        told = self._told_again(record)
        if told is None:
            return
        telling, by_birth, by_contact, by_both = self.pairs
        by_birth += self._count(("birth", *told.name, *told.birth), times)
        if told.contact:
            by_contact += self._count(("contact", *told.name, *told.contact), times)
            by_both += self._count(("both", *told.name, *told.birth, *told.contact), times)
        self.pairs = Pairs(telling + times, by_birth, by_contact, by_both)


def _pairs(records: int) -> int:
    """How many pairs of equal records count."""
    most = OTHERS_MAX + 1
    return comb(min(records, most), 2) + OTHERS_MAX * max(0, records - most)


class EqualPairs:
    """How many records tell the same, whatever that is, in rows."""

    def __init__(self, blind: Blind, rows: Rows, pairs: Callable[[int], int]) -> None:
        """Of what the rows hold; `pairs`: how many count where so many records tell the same."""
        self._blind = blind
        self._rows = rows
        self._pairs = pairs

    def count(self, told: tuple[str, ...], times: int) -> int:
        """Count one record more or less that tells this; how many pairs more there are by that."""
        token = self._blind.token(told)
        before = int.from_bytes(self._rows.get(token) or b"", "big")
        after = before + times
        if after:
            self._rows.put(token, after.to_bytes(_COUNT_BYTES, "big"))
        else:
            self._rows.remove(token)
        return self._pairs(after) - self._pairs(before)
