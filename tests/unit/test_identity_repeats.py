"""The prior of a file in which everybody has many records: from counts, whatever their order."""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity.blind import Blinder
from hub.identity.blind_person import BLIND_PERSON
from hub.identity.kind import Kind
from hub.identity.person import PERSON
from hub.identity.record import Name, PersonRecord
from hub.identity.repeats import OTHERS_MAX, Repeats
from hub.identity.resolver import Resolver
from hub.identity.state import Blind, MemoryState

ADA = PersonRecord(names=(Name(("ada",), ("byron",)),), births=("1815-12-10",))
GIVEN = ("ada", "bert", "cleo", "dora", "emil", "fritz", "gerd", "hugo", "ines", "jutta")


def counter(kind: Kind = PERSON) -> Repeats:
    """One that has seen nothing."""
    state = MemoryState()
    return Repeats(kind.alike_by, Blind(state.key), state.tables["groups"])


def person(number: int) -> PersonRecord:
    """Somebody whose name and birthday nobody else has."""
    born = f"{1900 + number % 97}-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return ADA._replace(names=(Name((GIVEN[number % 10],), (f"smith{number}",)),), births=(born,))


def test_many_equal_records_lower_the_threshold_and_two_of_each_do_not() -> None:
    """Eight records of each person: three bits and some; two of each, or one: nothing."""
    found = {}
    for each in (1, 2, 8):
        repeats = counter()
        for number in range(50):
            for _ in range(each):
                repeats.put(person(number))
        found[each] = repeats.weight(50 * each)
    assert found == {1: 0, 2: 0, 8: 3807}


def test_records_that_tell_too_little_are_as_many_as_the_others() -> None:
    """Three equal records of which each has one more that does not tell its birthday: six."""
    repeats = counter()
    for number in range(50):
        for _ in range(3):
            repeats.put(person(number))
        for _ in range(3):
            repeats.put(person(number)._replace(births=()))
    # four others: twice that, as typing errors leave half alike
    assert (repeats.weight(150), repeats.weight(300)) == (2000, 3000)


def test_names_in_another_order_are_equal_and_less_than_a_name_and_a_birthday_is_not_counted() -> (
    None
):
    """A year of birth alone, or a name alone, is that of many."""
    repeats = counter()
    repeats.put(ADA)
    repeats.put(ADA._replace(names=(Name(("byron",), ("ada",)),)))
    for less in ({"births": ("1815",)}, {"births": ()}, {"names": ()}):
        repeats.put(ADA._replace(**less))
    repeats.put(ADA._replace(names=(Name(("ada",), ()),)))
    assert (repeats.records, repeats.others) == (2, 2)


def test_a_flood_of_equal_records_moves_nothing() -> None:
    """Who sends one person a thousand times does not join others by that."""
    repeats = counter()
    for number in range(30_000):
        repeats.put(person(number))
    for _ in range(1000):
        repeats.put(ADA)
    assert repeats.others == 1000 * OTHERS_MAX
    assert repeats.weight(31_000) == 0


@given(st.lists(st.integers(0, 4), max_size=40), st.randoms(use_true_random=False))
def test_what_was_there_before_leaves_no_trace(numbers: list[int], chance: object) -> None:
    """Counts are those of the records that are left, whatever came and went in between."""
    repeats = counter()
    for number in (*numbers, 1, 1, 3):
        repeats.put(person(number))
    for number in (3, 1, 1):
        repeats.remove(person(number))
    expected = sum(one * min(one - 1, OTHERS_MAX) for one in Counter(map(person, numbers)).values())
    assert (repeats.records, repeats.others) == (len(numbers), expected)


def test_keyed_tokens_are_counted_alike() -> None:
    """The same prior for blind records as for those they were made of."""
    repeats, blinder = counter(BLIND_PERSON), Blinder(bytes(range(32)))
    for number in range(5):
        for _ in range(4):
            repeats.put(blinder.record(person(number)))
    assert (repeats.records, repeats.others) == (20, 60)


def test_the_threshold_follows_at_the_next_freeze_in_any_order_and_after_a_restart() -> None:
    """Frozen as the other weights are, kept with the state, told to other resolvers."""
    copies = {f"{number}-{copy}": person(number) for number in range(3) for copy in range(5)}
    thresholds = set()
    for names in list(permutations(sorted(copies)[:4]))[::6]:
        state = MemoryState()
        resolver = Resolver(state=state)
        resolver.apply({name: copies[name] for name in (*names, *copies)})
        before = resolver.explain("0-0", "1-0").threshold
        resolver.settle()
        resolver.commit(1)
        after = resolver.explain("0-0", "1-0").threshold
        thresholds.add(after)
        again = Resolver(state=state)
        assert again.explain("0-0", "1-0").threshold == after
        follower = Resolver()
        follower.apply(dict(copies))
        assert follower.explain("0-0", "1-0").threshold == before
        follower.freeze_as(resolver.frozen())
        assert follower.explain("0-0", "1-0").threshold == after
    assert len(thresholds) == 1
    # 15 records, each with 4 others: twice that are eight times as many as where each has two
    assert thresholds.pop() == pytest.approx(4644 + 3000 - 3000, abs=1)


def test_a_rollback_takes_counts_back() -> None:
    """What was not committed was never counted."""
    resolver = Resolver()
    resolver.apply({f"{copy}": ADA for copy in range(4)})
    resolver.commit(1)
    resolver.apply({f"more-{copy}": ADA for copy in range(4)})
    resolver.rollback()
    resolver.settle()
    # four records, each with three others: log2(4 + 10) + 3 - log2(6)
    assert resolver.explain("0", "1").threshold == pytest.approx(3807 + 3000 - 2585, abs=1)
