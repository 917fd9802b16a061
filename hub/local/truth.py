"""How well the hub matched the people and businesses that the stand-in departments invented.

Pure. Who is who is known to the departments alone. It is asked for once everything is worked off,
compared with the entities that are stored, and never told to the hub.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.canon.model import Person
from hub.canon.state import decode_state
from hub.connect import derive
from hub.identity.accuracy import Accuracy, measure
from hub.identity.subjects import ORGANISATION, PERSON, Claim, current, subject_id
from hub.local.departments import grants_rows, licensing, messaging_rows
from hub.local.departments.population import Population, Truth
from hub.processor.rows import SubjectRow

TOLD_LEAST = 2
"""Of how many things about a person a record must tell before it can be joined with another."""
PRECISION_LEAST, RECALL_LEAST = 0.998, 0.97


class Matched(NamedTuple):
    """How well records of a kind were matched; `truthless` have no known entity, which is a fault.

    `telling` is the same of those records alone that tell enough to be joined at all.
    """

    kind: str
    every: Accuracy
    telling: Accuracy
    truthless: int


class Bar(NamedTuple):
    """What must be reached, and what was."""

    name: str
    least: float
    reached: float

    @property
    def is_met(self) -> bool:
        """Whether it was reached."""
        return self.reached >= self.least


def truth(population: Population) -> list[Truth]:
    """Whom every place in a record of any department is about."""
    return [
        *grants_rows.truth(population),
        *licensing.truth(population),
        *messaging_rows.truth(population),
    ]


def of_subjects(known: Iterable[Truth], identity_key: bytes) -> dict[str, str]:
    """The true entity of each subject, by the identifiers that a deployment's key gives."""
    found: dict[str, str] = {}
    for one in known:
        kind = PERSON if one.entity.startswith("person-") else ORGANISATION
        record_id = derive.record_id(identity_key, one.connector, one.record_key)
        found[subject_id(record_id, kind, one.ref)] = one.entity
    return found


def matched(rows: Iterable[SubjectRow], true_entity: Mapping[str, str]) -> list[Matched]:
    """Compare the entities of stored subjects with the true ones; persons first."""
    entities: dict[str, dict[str, str]] = {PERSON: {}, ORGANISATION: {}}
    telling: set[str] = set()
    for row in rows:
        if row.entity_id is None:
            continue
        entities[row.kind][row.subject_id] = row.entity_id
        now = current(decode_state(bytes(row.state)))
        if row.kind == ORGANISATION or (now is not None and tells_enough(now.claim)):
            telling.add(row.subject_id)
    return [compare(kind, found, telling, true_entity) for kind, found in entities.items()]


def compare(
    kind: str, found: Mapping[str, str], telling: set[str], true_entity: Mapping[str, str]
) -> Matched:
    """Compare entities found with the true ones, over all and over those that tell enough."""
    known = {name: true_entity[name] for name in found if name in true_entity}
    able = {name: entity for name, entity in known.items() if name in telling}
    return Matched(kind, measure(found, known), measure(found, able), len(found) - len(known))


def tells_enough(claim: Claim | None) -> bool:
    """Whether a person's record tells two facts or more.

    A name, a birthday, a number, a home, a telephone number or an e-mail address alone may be
    another's too: a receipt with nothing but a telephone number joins nobody.
    """
    if not isinstance(claim, Person):
        return False
    told = (
        any(name.full or (name.given and name.family) for name in claim.names),
        claim.born,
        claim.identifiers,
        any(address.street or address.full for address in claim.addresses),
        claim.phones,
        claim.emails,
    )
    return sum(map(bool, told)) >= TOLD_LEAST


def bars(found: Iterable[Matched]) -> list[Bar]:
    """What must be reached of persons: hardly anybody joined with another, hardly anybody missed.

    Precision is over every record; recall over those that tell enough.
    """
    persons = next(one for one in found if one.kind == PERSON)
    return [
        Bar("persons: pairwise precision", PRECISION_LEAST, persons.every.pairs.precision),
        Bar("persons: pairwise recall", RECALL_LEAST, persons.telling.pairs.recall),
    ]
