"""What the store does not know yet of what the memory says."""

from collections.abc import Iterable, Iterator, Mapping

from hub.identity.cluster import Possible, Twosome
from hub.identity.neighbourhoods import Changes
from hub.identity.occurrences import Packing


class Pending:
    """What the store does not know yet.

    Subjects whose entity may differ, pairs for review (None: no more), kinds whose weights were
    frozen anew, and what weights are frozen on where that is known whole.
    """

    def __init__(self) -> None:
        """Nothing."""
        self.subjects: set[str] = set()
        self.possible: dict[tuple[str, Twosome], Possible | None] = {}
        self.begun: dict[str, Packing | None] = {}
        """With what was on its way to the store of the freeze before."""
        self.frozen: dict[str, bytes] = {}

    def note(self, kind: str, changes: Changes) -> None:
        """What a resolver says has changed."""
        self.subjects.update(name for entity in changes.entities for name in entity)
        self.possible.update(((kind, pair), one) for pair, one in changes.possible.items())

    def __bool__(self) -> bool:
        return bool(self.subjects or self.possible or self.begun or self.frozen)


def differing(
    clusters: Iterable[tuple[str, ...]], entity_of: Mapping[str, str | None]
) -> Iterator[str]:
    """The subjects whose entities in the store are not what the clusters say."""
    clustered: set[str] = set()
    homes: dict[str, tuple[str, ...]] = {}
    for cluster in clusters:
        clustered.update(cluster)
        held = {entity_of.get(name) for name in cluster}
        first = next(iter(held))
        if len(held) > 1 or first is None:
            yield from cluster
        elif (other := homes.setdefault(first, cluster)) is not cluster:
            yield from (*cluster, *other)
    yield from (name for name, entity in entity_of.items() if entity and name not in clustered)
