"""Records that tell the same: one of them, the face, is found, compared and linked for all.

Who asks a city five hundred times tells the same five hundred times. Compared one by one these
would be too many for any key to find, and cost their square; as one they cost what one costs.
"""

from array import array
from collections.abc import Callable

from hub.identity.record import Record
from hub.identity.remembered import NUMBER_BYTES, RecordOf, key_of
from hub.identity.state import Rows

Told = Callable[[Record], bytes]
"""A token of all that a record tells."""


class Copies:
    """Which records are copies, and of which face; a record alone is its own."""

    def __init__(self, told: Told, record_of: RecordOf, contents: Rows, copies: Rows) -> None:
        """Of what the tables hold: `contents` has the face by what is told, `copies` by number.

        In `copies` a copy has a row with its face, a face one with itself and all its copies, and
        a record alone none. `record_of` finds a record by its number.
        """
        self._told = told
        self._record_of = record_of
        self._contents = contents
        self._copies = copies

    def face(self, number: int) -> int:
        """The record that stands for one."""
        row = self._copies.get(key_of(number))
        return _number(row) if row is not None else number

    def of(self, face: int) -> list[int]:
        """A face and its copies in the order in which they came."""
        row = self._copies.get(key_of(face))
        return [face] if row is None else array("I", row).tolist()

    def put(self, number: int, record: Record) -> int:
        """Add a record to those that tell the same; their face."""
        told = self._told(record)
        row = self._contents.get(told)
        if row is None:
            self._contents.put(told, _row(number))
            return number
        face = _number(row)
        if self._record_of(face) != record:
            # two contents with one token: as good as never, and then the later stands for itself
            return number
        self._copies.put(key_of(face), array("I", [*self.of(face), number]).tobytes())
        self._copies.put(key_of(number), _row(face))
        return face

    def is_one_of(self, number: int, record: Record) -> bool:
        """Whether a record is where others that tell the same would join it."""
        return self._contents.get(self._told(record)) == _row(self.face(number))

    def remove(self, number: int, record: Record) -> int | None:
        """Take a record out; the new face of its copies where it was theirs."""
        face = self.face(number)
        left = [one for one in self.of(face) if one != number]
        self._copies.remove(key_of(number))
        if not left:
            if self.is_one_of(number, record):
                self._contents.remove(self._told(record))
            return None
        heir = face if face != number else left[0]
        if heir != face:
            self._contents.put(self._told(record), _row(heir))
            for one in left[1:]:
                self._copies.put(key_of(one), _row(heir))
        if len(left) > 1:
            self._copies.put(key_of(heir), array("I", left).tobytes())
        else:
            self._copies.remove(key_of(heir))
        return heir if heir != face else None


def _row(number: int) -> bytes:
    return array("I", (number,)).tobytes()


def _number(row: bytes) -> int:
    return int.from_bytes(row[:NUMBER_BYTES], "little")
