"""How many records share a home with somebody else, kept up to date as records come and go."""

from array import array
from collections.abc import Callable, Iterable, Sequence

from hub.identity.kind import Homes
from hub.identity.record import Record
from hub.identity.state import Blind, Rows

RECORDS_MAX = 20
"""A home with more records is taken to be shared by all of them."""
ONE_OF, AT_LEAST = 50, 10
"""There are families where one of so many records shares a home, and always in small files."""


def are_families(at_home: int, sharing: int) -> bool:
    """Whether more than a few of those whose home is known share it."""
    return at_home < ONE_OF * (sharing + AT_LEAST)


def are_families_among(homes: Homes, records: Iterable[Record]) -> bool:
    """Whether more than a few of these records share a home."""
    held: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        home = homes.home(record)
        if home is not None:
            held.setdefault(home, []).append(record)
    sharing = sum(_sharing(homes, members) for members in held.values())
    return are_families(sum(map(len, held.values())), sharing)


def _sharing(homes: Homes, members: Sequence[Record]) -> int:
    return len(members) if len(members) > RECORDS_MAX else homes.sharing(members)


class Households:
    """The records of each home. A row has how many of them share it, then their numbers."""

    def __init__(
        self, homes: Homes, blind: Blind, rows: Rows, record: Callable[[int], Record]
    ) -> None:
        """Of what the rows hold; `record` finds one by its number."""
        self._homes = homes
        self._blind = blind
        self._rows = rows
        self._record = record
        self.at_home = 0
        """How many records tell their home."""
        self.sharing = 0
        """How many of them share it with somebody else."""

    @property
    def are_families(self) -> bool:
        """Whether more than a few share their home."""
        return are_families(self.at_home, self.sharing)

    def put(self, number: int, record: Record) -> None:
        """Add a record."""
        home = self._homes.home(record)
        if home is not None:
            token = self._blind.token(home)
            before, *members = array("I", self._rows.get(token) or bytes(4))
            self._change(token, before, [*members, number])
            self.at_home += 1

    def remove(self, number: int, record: Record) -> None:
        """Take a record out."""
        home = self._homes.home(record)
        if home is not None:
            token = self._blind.token(home)
            before, *members = array("I", self._rows.get(token) or bytes(4))
            members.remove(number)
            self._change(token, before, members)
            self.at_home -= 1

    def _change(self, token: bytes, before: int, members: list[int]) -> None:
        if len(members) > RECORDS_MAX:
            now = len(members)
        else:
            now = self._homes.sharing([self._record(number) for number in members])
        self.sharing += now - before
        if members:
            self._rows.put(token, array("I", (now, *members)).tobytes())
        else:
            self._rows.remove(token)
