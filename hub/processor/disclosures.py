"""What a false link disclosed: which versions of which views showed two as one. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby

from hub.processor.rows import Disclosure, MembershipRow


def shown_together(
    changes: Iterable[MembershipRow],
    founders: Mapping[str, str],
    left: AbstractSet[str],
    right: AbstractSet[str],
) -> list[Disclosure]:
    """The spans of versions in which an entity had subjects of both sides.

    `changes` come by entity and version. `founders` gives the subject each entity was minted from.
    """
    found: list[Disclosure] = []
    concerned = left | right
    for entity_id, rows in groupby(changes, lambda row: row.entity_id):
        members = {founders[entity_id]} & concerned
        begun: Disclosure | None = None
        for row in rows:
            members = (members | (concerned & {*row.joined})) - {*row.parted}
            both = bool(members & left) and bool(members & right)
            if both and begun is None:
                begun = Disclosure(entity_id, row.version, None, row.at_us, None)
            elif not both and begun is not None:
                found.append(begun._replace(last=row.version - 1, until_us=row.at_us))
                begun = None
        if begun is not None:
            found.append(begun)
    return sorted(found, key=lambda one: (one.since_us, one.entity_id))
