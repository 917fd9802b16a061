"""Records that tell the same: one stands for all, however many there are and whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import record
from test_identity_guards import strangers

from hub.identity.cluster import Possible
from hub.identity.copies import Copies
from hub.identity.index import HOLDERS_MAX
from hub.identity.neighbourhoods import APART_MAX
from hub.identity.record import NAMES, PHONES, PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.state import MemoryRows
from hub.identity.vetoes import RECORDS_MAX

MARIA = record(
    "Maria", "Garcia", birth="1950-01-11", street="12 Oak Street", phone="(312) 867-5301"
)
MOVED = record("Maria", "Garcia", birth="1950-01-11", phone="(312) 867-5301")
LITTLE = record("", "Garcia", sex="f")


def copies(number: int, one: PersonRecord = MARIA, prefix: str = "m") -> dict[str, PersonRecord]:
    """So many records that tell this."""
    return {f"{prefix}{place:03}": one for place in range(number)}


def resolved(*parts: dict[str, PersonRecord]) -> Resolver:
    """A resolver that got these one after the other, beside a town of others, and has settled."""
    resolver = Resolver()
    resolver.apply(strangers(300))
    for part in parts:
        for name, one in part.items():
            resolver.apply({name: one})
    resolver.settle()
    return resolver


def partition(resolver: Resolver) -> tuple[set[tuple[str, ...]], list[Possible]]:
    """What records were found to be."""
    return set(resolver.entities.values()), resolver.possible()


def test_more_records_than_find_anybody_by_a_key_are_one_if_they_tell_the_same() -> None:
    """More, too, than an entity may have that tell different things."""
    many = RECORDS_MAX + 20
    resolver = resolved(copies(many), {"other": MOVED})
    assert len(resolver.entities["other"]) == many + 1 > HOLDERS_MAX
    assert resolver.index.cut == 0
    assert resolver.known == 300 + many + 1
    assert len(resolver.near("other")) == many
    assert len(resolver.near("m000")) == len(resolver.near("m001")) == many


def test_who_stood_for_others_may_go_and_come_back_changed() -> None:
    """The next of its copies stands for them; all is as if made from what there is."""
    resolver = resolved(copies(5), {"other": MOVED})
    for name in ("m000", "m003"):
        changes = resolver.apply({name: None})
        assert len(changes.entities) == 1
    assert partition(resolver) == partition(resolved({"other": MOVED}, _without("m000", "m003")))
    resolver.apply({"m001": record("Otto", "Kraus", birth="1981-07-23"), "m000": MARIA})
    assert resolver.entities["m000"] == ("m000", "m002", "m004", "other")
    assert resolver.entities["m001"] == ("m001",)
    resolver.apply({**dict.fromkeys(copies(5)), "other": None})
    assert partition(resolver) == partition(resolved())


def _without(*names: str) -> dict[str, PersonRecord]:
    return {name: one for name, one in copies(5).items() if name not in names}


def test_a_copy_more_is_told_and_nothing_when_it_is_told_again() -> None:
    """The entity as it is then."""
    resolver = resolved(copies(2))
    assert resolver.apply({"m002": MARIA}).entities == (("m000", "m001", "m002"),)
    assert resolver.apply({"m002": MARIA}).entities == ()


@pytest.mark.parametrize(("number", "asked"), [(4, True), (APART_MAX + 1, False)])
def test_what_does_not_make_two_one_makes_many_one_neither(number: int, *, asked: bool) -> None:
    """Of a few a person may look at the pairs; of many nobody is asked."""
    resolver = resolved(copies(number, LITTLE))
    found, possible = partition(resolver)
    assert {("m000",), ("m001",), (f"m{number - 1:03}",)} <= found
    assert bool(possible) == asked


def test_a_record_that_is_decided_on_stands_for_itself_and_with_the_others_again() -> None:
    """Until the decision is taken back, also where it came before the record."""
    resolver = resolved(copies(4))
    resolver.apply({}, {("m000", "m002"): False})
    assert resolver.entities["m002"] != resolver.entities["m000"]
    early = Resolver()
    early.apply({}, {("m000", "m002"): False})
    early.apply(strangers(300))
    early.apply(copies(4))
    early.settle()
    assert partition(early) == partition(resolver)
    resolver.apply({}, {("m000", "m002"): None})
    assert resolver.entities["m000"] == ("m000", "m001", "m002", "m003")
    resolver.apply({"b": record("Otto", "Kraus")}, {("b", "m001"): True})
    assert "b" in resolver.entities["m003"]
    resolver.apply({}, {("b", "m001"): None})
    assert partition(resolver) == partition(resolved(copies(4), {"b": record("Otto", "Kraus")}))


def test_who_tells_the_same_often_makes_nothing_usual() -> None:
    """Neither names, nor numbers that would be an office's, nor the threshold."""
    few, many = (resolved(copies(number), {"other": MOVED}) for number in (2, 200))
    for field, value in ((NAMES, "garcia"), (PHONES, "+13128675301")):
        weights = [one._judge.weights.same(field, value) for one in (few, many)]
        assert weights[0] == weights[1] > 0
    assert few.counted == many.counted
    assert few._judge.threshold == many._judge.threshold


CONTENTS = (MARIA, MOVED, LITTLE)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=60))
def test_each_record_has_one_face_among_those_that_tell_the_same(
    steps: list[tuple[int, int]],
) -> None:
    """Records come, and go if they are there."""
    there: dict[int, PersonRecord] = {}
    held = Copies(
        lambda one: repr(one).encode()[-200:], there.__getitem__, MemoryRows(), MemoryRows()
    )
    for number, content in steps:
        if number in there:
            held.remove(number, there[number])
            del there[number]
        else:
            there[number] = CONTENTS[content]
            held.put(number, there[number])
        for one in CONTENTS:
            same = {each for each, record in there.items() if record == one}
            faces = {held.face(each) for each in same}
            assert len(faces) <= 1
            assert faces <= same
            for face in faces:
                assert sorted(held.of(face)) == sorted(same)
                assert all(held.is_one_of(each, one) for each in same)


def test_two_contents_of_one_token_are_not_one() -> None:
    """Which is as good as never: the later stands for itself."""
    there = {1: MARIA, 2: MOVED, 3: MARIA}
    held = Copies(lambda _one: b"token", there.__getitem__, MemoryRows(), MemoryRows())
    assert [held.put(number, one) for number, one in there.items()] == [1, 2, 1]
    assert held.remove(2, MOVED) is None
    assert held.face(3) == 1
