"""Counts what is told beside names, as records come and go, to see whether names tell little."""

from hub.identity.kind import Kind, Sharing
from hub.identity.record import Record
from hub.identity.repeats import EqualPairs
from hub.identity.state import Blind, Rows


class Names:
    """How often what a kind's `naming` counts is the same in two records."""

    def __init__(self, kind: Kind, blind: Blind, rows: Rows) -> None:
        """Of what the rows hold."""
        self._naming = kind.naming
        self._count = EqualPairs(blind, rows, kind.naming.pairs).count
        self.sharing = Sharing()

    @property
    def tell_little(self) -> bool:
        """Whether names tell little of who it is."""
        return self._naming.tell_little(self.sharing)

    def put(self, record: Record) -> None:
        """Add a record."""
        self._change(record, 1)

    def remove(self, record: Record) -> None:
        """Take a record out."""
        self._change(record, -1)

    def _change(self, record: Record, times: int) -> None:
        found = self._naming.beside(record)
        if found is None:
            return
        pairs, with_one, with_both = self.sharing
        pairs += self._count(("beside", *found.told), times)
        for other in found.others:
            with_one += self._count(("beside", *found.told, other), times)
        if len(found.others) > 1:
            with_both += self._count(("beside", *found.told, *found.others), times)
        self.sharing = Sharing(pairs, with_one, with_both)
