"""Which records of several files are one: for files whose true entities nobody knows."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub.errors import SettingsError
from hub.identity.cluster import Possible
from hub.identity.dataset import Dataset
from hub.identity.evaluate import feed_all
from hub.identity.resolver import Resolver

Named = tuple[str, str]
"""The agency that a record is of, and what it is called there."""


class Linked(NamedTuple):
    """Entities as sorted records, the first of which names them, and pairs that a person may see.

    In pairs entities are named by their first records.
    """

    entities: tuple[tuple[Named, ...], ...]
    possible: tuple[tuple[Named, Named, Possible], ...]

    @property
    def across(self) -> int:
        """How many entities more than one agency has records of."""
        return sum(len({agency for agency, _ in one}) > 1 for one in self.entities)

    @property
    def linked(self) -> int:
        """How many records are not alone."""
        return sum(len(one) for one in self.entities if len(one) > 1)


def link(
    records: Mapping[str, Mapping[str, Any]],
    resolver: Resolver,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Linked:
    """Resolve records by their agency and name; the same for any order of agencies and records.

    Raises SettingsError where there are none.
    """
    named = {
        f"{agency}\x1f{name}": record._replace(agency=agency)
        for agency, held in records.items()
        for name, record in held.items()
    }
    if not named:
        raise SettingsError("there are no records", remedy="name a file that has rows")
    feed_all(resolver, Dataset(named, {}), 0, progress)
    resolver.settle()
    return Linked(
        tuple(sorted(tuple(map(_named, one)) for one in resolver.clusters())),
        tuple((_named(one.a), _named(one.b), one) for one in resolver.possible()),
    )


def _named(name: str) -> Named:
    agency, _, own = name.partition("\x1f")
    return agency, own
