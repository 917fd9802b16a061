"""What a false link disclosed: which versions of which views showed two subjects as one. Pure."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from hub.processor.rows import Disclosure, MembershipRow


def shown_together(
    changes: Iterable[MembershipRow], founders: Mapping[str, str], two: set[str]
) -> list[Disclosure]:
    """The spans of versions in which an entity had both subjects.

    `changes` come by entity and version. `founders` gives the subject each entity was minted from.
    """
    found: list[Disclosure] = []
    for entity_id, rows in groupby(changes, lambda row: row.entity_id):
        members = {founders[entity_id]} & two
        begun: Disclosure | None = None
        for row in rows:
            members = (members | (two & {*row.joined})) - {*row.parted}
            if members == two and begun is None:
                begun = Disclosure(entity_id, row.version, None, row.at_us, None)
            elif members != two and begun is not None:
                found.append(begun._replace(last=row.version - 1, until_us=row.at_us))
                begun = None
        if begun is not None:
            found.append(begun)
    return sorted(found, key=lambda one: (one.since_us, one.entity_id))
