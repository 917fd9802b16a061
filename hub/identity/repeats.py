"""How many records there are about one entity, from records that tell the same: nobody is resolved.

Where everybody has many records, any two of them are sooner about one entity than where hardly
anybody has two. How many other records tell the same name and birthday is a count like that of a
value: a function of the set of records, whatever the order in which they came.
"""

from collections.abc import Callable
from math import log2
from typing import Any

from hub.identity.record import Record
from hub.identity.state import Blind, Rows, texts
from hub.identity.weigh import milli

OTHERS_MAX = 10
"""So many others count for one record at the most: a flood of equal ones says little of others."""
ONE_OF = 2
"""Typing errors leave so many records alike of all that there are: half of them."""
NUMBER_BYTES = 4
_HEAD = b"repeats"


class Repeats:
    """Counts the records that tell the same, kept up to date as records come and go."""

    def __init__(self, alike_by: Callable[[Any], Any], blind: Blind, rows: Rows) -> None:
        """Of what the rows hold; `alike_by` is what must be equal, None: too little is told."""
        self._alike_by = alike_by
        self._blind = blind
        self._rows = rows
        self.records = 0
        """How many records tell enough."""
        self.others = 0
        """How many others each of them is equal to, at most so many, and all that together."""

    def weight(self, known: int) -> int:
        """How much sooner two of the records known are about one entity, in millibits.

        Sooner than where each entity has two or three, which are often equal: then it is nothing.
        """
        if not self.records:
            return 0
        # as many others as there would be if all records told enough
        others = self.others * known / self.records**2
        if others <= 1:
            return 0
        return milli(min(log2(ONE_OF * others), 2 * log2(others)))

    def put(self, record: Record) -> None:
        """Count a record."""
        self._change(record, 1)

    def remove(self, record: Record) -> None:
        """Count a record no more."""
        self._change(record, -1)

    def _change(self, record: Record, times: int) -> None:
        told = self._alike_by(record)
        if told is None:
            return
        key = _HEAD + self._blind.token(texts(told))
        before = int.from_bytes(self._rows.get(key) or b"", "big")
        after = before + times
        if after:
            self._rows.put(key, after.to_bytes(NUMBER_BYTES, "big"))
        else:
            self._rows.remove(key)
        self.records += times
        self.others += _others(after) - _others(before)


def _others(records: int) -> int:
    return records * min(records - 1, OTHERS_MAX) if records else 0
