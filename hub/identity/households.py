"""How many records share a home with somebody else, kept up to date as records come and go."""

from array import array
from collections.abc import Iterable, Sequence

from hub.identity.kind import Homes
from hub.identity.record import Record
from hub.identity.remembered import RecordOf
from hub.identity.state import Blind, Rows

RECORDS_MAX = 20
"""A home with more records is taken to be shared by all of them."""
ONE_OF, AT_LEAST = 50, 10
"""There are families where one of so many records shares a home, and always in small files."""
_EMPTY = bytes(4)


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
    sharing = sum(
        _sharing(_shares(homes, range(len(members)), members.__getitem__), len(members))
        for members in held.values()
    )
    return are_families(sum(map(len, held.values())), sharing)


def _shares(homes: Homes, members: Sequence[int], record_of: RecordOf) -> int:
    """Which of a home's records share it with somebody else: a bit for each, the first lowest."""
    shares = 0
    if len(members) <= RECORDS_MAX:
        for place, number in enumerate(members):
            shares = _shares_with(homes, shares, members[:place], record_of, record_of(number))
    return shares


def _shares_with(
    homes: Homes, shares: int, members: Sequence[int], record_of: RecordOf, record: Record
) -> int:
    """The bits of a home's records when one more comes, which has the next bit.

    Of two that share with others already it does not matter whether they do with each other.
    """
    own = 1 << len(members)
    for place, number in enumerate(members):
        both = 1 << place | own
        if shares & both != both and homes.apart(record_of(number), record):
            shares |= both
    return shares


def _sharing(shares: int, members: int) -> int:
    return members if members > RECORDS_MAX else shares.bit_count()


class Households:
    """The records of each home. A row has bits for which of them share it, then their numbers.

    The bits are 0 where there are too many to be compared.
    """

    def __init__(self, homes: Homes, blind: Blind, rows: Rows, record: RecordOf) -> None:
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
            before, *members = array("I", self._rows.get(token) or _EMPTY)
            now = 0
            if len(members) < RECORDS_MAX:
                now = _shares_with(self._homes, before, members, self._record, record)
            self.sharing -= _sharing(before, len(members))
            self._change(token, now, [*members, number])
            self.at_home += 1

    def remove(self, number: int, record: Record) -> None:
        """Take a record out."""
        home = self._homes.home(record)
        if home is not None:
            token = self._blind.token(home)
            before, *members = array("I", self._rows.get(token) or _EMPTY)
            self.sharing -= _sharing(before, len(members))
            members.remove(number)
            now = 0
            if len(members) <= RECORDS_MAX:
                now = _shares(self._homes, members, self._record)
            self._change(token, now, members)
            self.at_home -= 1

    def _change(self, token: bytes, shares: int, members: list[int]) -> None:
        self.sharing += _sharing(shares, len(members))
        if members:
            self._rows.put(token, array("I", (shares, *members)).tobytes())
        else:
            self._rows.remove(token)
