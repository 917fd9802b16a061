"""Entities keep their identifiers while clusters come and go, and give none to another."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.canon.model import IdentityChangeKind
from hub.identity.assign import Assigned, Entity, Member, assign

MINTED, MERGED = IdentityChangeKind.MINTED, IdentityChangeKind.MERGED
SPLIT, RETIRED = IdentityChangeKind.SPLIT, IdentityChangeKind.RETIRED


class Register:
    """Entities and assignments as a store would keep them."""

    def __init__(self) -> None:
        self.entities: dict[str, Entity] = {}
        self.entity_of: dict[str, str | None] = {}
        self.founders: dict[str, str] = {}

    def becomes(self, *clusters: str) -> Assigned:
        """All subjects, one letter each, are partitioned so from now on."""
        names = {*self.entity_of, *"".join(clusters)}
        found = assign(
            (Member(name, "person", self.entity_of.get(name)) for name in names),
            [tuple(cluster) for cluster in clusters],
            self.entities,
            len(self.entities),
            lambda kind, one, other: f"{kind} {one} {other}",
        )
        for step in found.steps:
            entity = step.entity
            self.entities[entity.entity_id] = entity
            founder = self.founders.setdefault(entity.entity_id, entity.founding_subject_id)
            assert founder == entity.founding_subject_id
        self.entity_of.update(found.entity_of)
        return found

    def resolve(self, name: str) -> str:
        """Where an identifier leads."""
        while (other := self.entities[name].redirect_to) is not None:
            name = other
        return name


def test_a_merge_keeps_the_older_and_a_split_the_founding_one() -> None:
    """Identifiers stay with whom they were minted from, and say what became of them."""
    register = Register()
    register.becomes("b")
    register.becomes("a", "b")
    old, young = register.entity_of["b"], register.entity_of["a"]
    (step,) = register.becomes("ab").steps
    assert (step.kind, step.other, step.subject_ids) == (MERGED, old, ("a",))
    assert step.reason == "merged b a"
    assert register.resolve(str(young)) == old
    (step,) = register.becomes("a", "b").steps
    assert (step.kind, step.entity.entity_id, step.other) == (SPLIT, young, old)
    assert (register.entity_of["a"], register.entity_of["b"]) == (young, old)


def test_a_founder_that_comes_back_gets_another_entity_where_its_own_is_in_use() -> None:
    """The entity stayed with those that remained; it does not go to two people."""
    register = Register()
    register.becomes("ab")
    first = register.entity_of["a"]
    register.becomes("b")
    assert register.entity_of == {"a": None, "b": first}
    (step,) = register.becomes("a", "b").steps
    assert step.kind is MINTED
    assert register.entity_of["b"] == first
    assert register.entity_of["a"] not in (None, first)


def test_who_comes_back_alone_has_the_same_entity_again() -> None:
    """A retired entity stands again when its founding subject does."""
    register = Register()
    register.becomes("a")
    first = register.entity_of["a"]
    assert [step.kind for step in register.becomes().steps] == [RETIRED]
    register.becomes("a")
    assert register.entity_of["a"] == first
    assert register.entities[str(first)].stands


PARTITIONS = st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=8)


@given(PARTITIONS)
@settings(max_examples=300)
def test_any_history_keeps_identifiers_apart_and_resolving(history: list[list[int]]) -> None:
    """After each step each cluster has one entity of its own, and every old identifier leads on.

    Group 0 stands for subjects that claim nothing.
    """
    register = Register()
    for groups in history:
        clusters: dict[int, str] = {}
        for name, group in zip("abcdef", groups, strict=True):
            if group:
                clusters[group] = clusters.get(group, "") + name
        register.becomes(*clusters.values())
        entities = [{register.entity_of[name] for name in one} for one in clusters.values()]
        assert all(len(one) == 1 for one in entities)
        held = [str(one.pop()) for one in entities]
        assert len(set(held)) == len(held)
        assert all(register.entities[name].stands for name in held)
        for name in register.entities:
            end = register.entities[register.resolve(name)]
            assert end.retired or end.entity_id in held
