"""What a person reads of a view."""

from hub.canon.model import Assurance, Citizen, RoleKind, Source, SourcedRole
from hub.cli.view import lines

SOURCE = Source("Grants Office", "grants", "r1", "e1", Assurance.CLAIMED, 0)


def test_two_ties_of_one_kind_to_one_entity_are_told_apart_by_what_they_are_called() -> None:
    """Nothing is read twice, and an entity that is not known is said to be so."""
    ties = (
        SourcedRole(RoleKind.CONTACT, "Director", "b1", SOURCE),
        SourcedRole(RoleKind.CONTACT, None, "b1", SOURCE),
        SourcedRole(RoleKind.OWNER, None, None, SOURCE),
    )
    told = [line for line in lines(Citizen("p1", 3, roles=ties)) if line[0] == "roles"]
    assert told == [
        ("roles", "contact of b1 (Director)", "Grants Office"),
        ("roles", "contact of b1", "Grants Office"),
        ("roles", "owner of somebody not known", "Grants Office"),
    ]
