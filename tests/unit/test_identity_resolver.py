"""The resolver: the same entities in any order, decisions kept, everything undone without trace."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import crowd, record

from hub.identity.index import RANGE_BITS, Index
from hub.identity.record import PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.state import Blind, MemoryRows

Operations = list[tuple[str, object]]
ORDERS = 20


def partition(resolver: Resolver) -> set[tuple[str, ...]]:
    """The entities."""
    return set(resolver.entities.values())


def settled(records: Mapping[str, PersonRecord], **decided: bool) -> Resolver:
    """A resolver that got everything at once. `decided` names pairs as a__b."""
    resolver = Resolver()
    pairs = {(name.split("__")[0], name.split("__")[1]): one for name, one in decided.items()}
    resolver.apply(records, pairs)
    resolver.settle()
    return resolver


def test_twenty_orders_with_corrections_and_withdrawals_give_the_same_entities() -> None:
    """Whatever came and went before, the records there are decide; batch sizes do not matter."""
    final = crowd(90, 0)
    gone, wrong = crowd(30, 100), crowd(90, 200)
    decisions = {("r0001", "r0002"): False, ("r0003", "r0009"): True, ("r0010", "r0080"): False}
    expected: set[tuple[str, ...]] | None = None
    possible: object = None
    for order in range(ORDERS):
        chance = Random(order)
        names = list(final)
        chance.shuffle(names)
        resolver = Resolver()
        left = list(gone)
        while names:
            batch = {name: final[name] for name in names[: chance.choice((1, 1, 2, 7))]}
            names = names[len(batch) :]
            for name in [one for one in batch if chance.random() < 0.3]:
                resolver.apply({name: wrong[name]})
            if left and chance.random() < 0.5:
                name = left.pop()
                resolver.apply({f"gone-{name}": gone[name]})
            resolver.apply(batch)
            if chance.random() < 0.1:
                resolver.settle()
            if chance.random() < 0.1:
                pair = chance.choice(list(decisions))
                resolver.apply({}, {pair: not decisions[pair]})
        resolver.apply({f"gone-{name}": None for name in gone})
        resolver.apply({}, decisions)
        resolver.settle()
        expected = expected or partition(resolver)
        possible = possible or resolver.possible()
        assert partition(resolver) == expected
        assert resolver.possible() == possible
    assert expected is not None
    assert 10 < len(expected) < 85


def test_a_key_that_fills_up_and_empties_again_leaves_no_trace() -> None:
    """What was found by a key that finds nobody now is forgotten, and found again afterwards."""
    few = crowd(60, 5)
    many = {
        f"x{number}": record("John", "Smith", birth="1950-01-11", email=f"p{number}@mail.example")
        for number in range(120)
    }
    resolver = Resolver()
    resolver.apply(few)
    resolver.settle()
    before, possible = partition(resolver), resolver.possible()
    for name, one in many.items():
        resolver.apply({name: one})
    assert resolver.index.cut > 0
    crowded = settled({**many, **few})
    resolver.settle()
    assert partition(resolver) == partition(crowded)
    for name in many:
        resolver.apply({name: None})
    resolver.settle()
    assert resolver.index.cut == 0
    assert partition(resolver) == before
    assert resolver.possible() == possible


def test_a_link_found_by_a_key_that_fills_up_is_dropped_in_any_order() -> None:
    """Who came before the key had too many holders is treated as who came after."""
    phone = "(312) 867-5301"
    two = {
        "a": record("Robert", "Smith", phone=phone, street="12 Oak Street"),
        "b": record("R", "Smith", phone=phone, street="7 Elm Ave"),
    }
    letters = "abcdefghijk"
    others = {
        f"z{a}{b}": record(f"{a}{b}rt", f"{b}{a}w", phone=phone) for a in letters for b in letters
    }
    first, last = Resolver(), Resolver()
    first.apply(two)
    assert first.entities["a"] == ("a", "b")
    for name, one in others.items():
        first.apply({name: one})
    last.apply(others)
    last.apply(two)
    assert first.entities["a"] == ("a",)
    assert partition(first) == partition(last)
    first.apply(dict.fromkeys(others))
    last.apply(dict.fromkeys(others))
    assert partition(first) == partition(last) == {("a", "b")}


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_history_of_operations_ends_as_a_rebuild_does(data: st.DataObject) -> None:
    """Putting, correcting, removing, deciding, taking back: the state equals one from scratch."""
    pool = crowd(24, data.draw(st.integers(0, 5)))
    names = sorted(pool)
    resolver = Resolver()
    records: dict[str, PersonRecord] = {}
    decisions: dict[tuple[str, str], bool] = {}
    for _ in range(data.draw(st.integers(1, 40))):
        name = data.draw(st.sampled_from(names))
        kind = data.draw(st.sampled_from(("put", "put", "correct", "remove", "decide", "settle")))
        if kind == "put":
            records[name] = pool[name]
            resolver.apply({name: pool[name]})
        elif kind == "correct":
            records[name] = pool[data.draw(st.sampled_from(names))]
            resolver.apply({name: records[name]})
        elif kind == "remove":
            records.pop(name, None)
            resolver.apply({name: None})
        elif kind == "settle":
            resolver.settle()
        else:
            other = data.draw(st.sampled_from([one for one in names if one != name]))
            pair = (min(name, other), max(name, other))
            verdict = data.draw(st.sampled_from((True, False, None)))
            resolver.apply({}, {pair: verdict})
            decisions.pop(pair, None)
            if verdict is not None:
                decisions[pair] = verdict
    resolver.settle()
    anew = Resolver()
    anew.apply(records, decisions)
    anew.settle()
    assert partition(resolver) == partition(anew)
    assert resolver.possible() == anew.possible()
    assert sorted(resolver.entities) == sorted(records)


def test_what_changed_is_told_and_nothing_else() -> None:
    """Each new entity once, as its sorted records."""
    resolver = Resolver()
    one = record("Maria", "Garcia", birth="1950-01-11", number="411930012")
    assert resolver.apply({"a": one}).entities == (("a",),)
    assert resolver.apply({"c": record("Olga", "Nowak")}).entities == (("c",),)
    assert resolver.apply({"b": one}).entities == (("a", "b"),)
    assert resolver.apply({"b": one}).entities == ()
    assert resolver.apply({"a": None}).entities == (("b",),)


def test_decisions_win_over_evidence_and_can_be_taken_back() -> None:
    """Not the same parts equals, the same joins strangers; taken back all is as before."""
    one = record("Maria", "Garcia", birth="1950-01-11", number="411930012")
    people = {"a": one, "b": one, "c": record("Olga", "Nowak", phone="(312) 867-5301")}
    resolver = settled(people)
    before = partition(resolver)
    resolver.apply({}, {("a", "b"): False, ("a", "c"): True})
    assert partition(resolver) == {("a", "c"), ("b",)}
    resolver.apply({}, {("a", "b"): None, ("a", "c"): None})
    assert partition(resolver) == before == {("a", "b"), ("c",)}


def test_a_bridge_that_is_retracted_leaves_the_same_pairs() -> None:
    """Records that tie two namesakes together, then are gone."""
    people = crowd(120, 9)
    resolver = settled(people)
    before = partition(resolver)
    names = sorted(people)
    for number in range(40):
        left, right = people[names[number]], people[names[-number - 1]]
        bridge = PersonRecord(*(x or y for x, y in zip(left, right, strict=True)))
        resolver.apply({f"bridge{number}": bridge})
    assert partition(resolver) != before
    for number in range(40):
        resolver.apply({f"bridge{number}": None})
    resolver.settle()
    assert partition(resolver) == before


def test_the_explanation_adds_up_and_names_what_spoke_against() -> None:
    """The weights of the fields, the threshold, and the rule: twins are told apart."""
    twin = {"birth": "1950-01-11", "street": "12 Oak Street", "phone": "(312) 867-5301"}
    people = {
        "a": record("Maria", "Garcia", sex="f", **twin),
        "b": record("Olga", "Garcia", sex="f", **twin),
    }
    letters = "abcdefghijklmnop"
    others = {
        f"z{a}{b}": record(f"Given{a}{b}", f"Surname{b}{a}", street=f"{a} Road")
        for a in letters
        for b in letters
    }
    resolver = settled({**people, **others})
    found = resolver.explain("a", "b")
    assert not found.together
    assert found.refusal == "other_given_name"
    assert found.total > found.threshold
    assert found.fields["births"] > 0
    household = sorted((found.fields["addresses"], found.fields["phones"]), reverse=True)
    alone = sum(
        weight for name, weight in found.fields.items() if name not in ("addresses", "phones")
    )
    assert found.total == alone + household[0] + household[1] * 5 // 10
    with pytest.raises(KeyError):
        resolver.explain("a", "nobody")


def test_the_index_counts_what_its_limit_cuts_off() -> None:
    """A key with too many holders finds nobody, and says so; rows of a crowd come and go."""
    postings, crowds = MemoryRows(), MemoryRows()
    index = Index({"id"}, Blind(b"a key"), postings, crowds, holders_max=2)
    tokens = index.tokens([("id", "s", "1")])
    far = 1 << RANGE_BITS
    for number in (1, far):
        assert index.put(number, tokens).closed == []
    assert index.near(1, tokens) == [far]
    assert index.put(far + 7, tokens).closed == [[1, far, far + 7]]
    assert index.put(9, tokens).closed == []
    assert index.cut == 1
    assert index.near(1, tokens) == []
    assert index.remove(far, tokens) == []
    assert index.remove(far + 7, tokens) == [[1, 9]]
    assert index.cut == 0
    assert index.near(1, tokens) == [9]
    index.remove(1, tokens)
    index.remove(9, tokens)
    assert not [*postings.items(), *crowds.items()]


def test_a_rollback_is_as_if_nothing_had_been_applied() -> None:
    """Records, decisions, weights and numbers are where they were; then all goes on as it would."""
    pool = crowd(60, 3)
    names = sorted(pool)
    resolver, other = Resolver(), Resolver()
    for one in (resolver, other):
        one.apply({name: pool[name] for name in names[:30]}, {(names[0], names[1]): True})
        one.settle()
        one.commit(7)
    resolver.apply({names[3]: None, names[4]: pool[names[50]], names[40]: pool[names[40]]})
    resolver.apply({}, {(names[0], names[1]): None, (names[5], names[6]): False})
    resolver.begin_settling()
    resolver.settle_some(5)
    resolver.rollback()
    assert resolver.position == 7
    assert resolver.known == 30
    assert not resolver.is_settling
    assert partition(resolver) == partition(other)
    for one in (resolver, other):
        one.apply({name: pool[name] for name in names[30:]})
    assert partition(resolver) == partition(other)
    assert resolver.possible() == other.possible()


def test_possible_pairs_are_told_as_they_come_and_go() -> None:
    """What was told, put together, is what there is."""
    pool = crowd(80, 6)
    resolver = Resolver()
    told: dict[tuple[str, str], object] = {}
    chance = Random(2)
    for name in [*pool, *chance.choices(sorted(pool), k=60)]:
        gone = {name: None} if name in resolver.records else {name: pool[name]}
        told.update(resolver.apply(gone).possible)
    told.update(resolver.settle().possible)
    left = [one for one in told.values() if one is not None]
    assert len(left) > 10
    assert len(left) < len(told)
    assert sorted(left) == resolver.possible()


def test_who_was_tied_by_a_removed_record_is_apart_again() -> None:
    """Two records decided to be the same as a third, which is gone, have nothing in common."""
    strangers = {
        "a": record("Maria", "Garcia", number="411930012"),
        "b": record("Olga", "Nowak", phone="(312) 867-5301"),
        "c": record("John", "Smith", birth="1950-01-11"),
    }
    resolver = settled(strangers, a__b=True, b__c=True)
    assert partition(resolver) == {("a", "b", "c")}
    resolver.apply({"b": None})
    assert partition(resolver) == {("a",), ("c",)}


def test_what_waits_for_a_steward_is_near_the_threshold() -> None:
    """Two records may come near each other, and all that is known of both be far from one."""
    resolver = Resolver()
    resolver.apply(crowd(200, 3))
    resolver.settle()
    possible = resolver.possible()
    assert len(possible) > 5
    for one in possible:
        told = resolver.explain(one.a, one.b)
        assert one.weight == told.total >= told.threshold - resolver.model.floor
