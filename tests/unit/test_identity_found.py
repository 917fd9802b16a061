"""Pairs that were found tell where the threshold belongs."""

import pytest

from hub.identity.found import Found
from hub.identity.record import Name, PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.state import MemoryState

FLOOR = 3_000
RECORDS = 400


def people(count: int, each: int) -> dict[str, PersonRecord]:
    """So many people who have nothing in common, told so many times each."""
    letters = [chr(ord("a") + one) for one in range(20)]
    return {
        f"{one}/{time}": PersonRecord(
            names=(Name((f"{letters[one % 20] * 3}o{letters[one // 20] * 3}",), (f"x{one:04}",)),),
            births=(f"{1900 + one % 97}-{one % 12 + 1:02}-{one % 28 + 1:02}",),
            emails=(f"{time}of{one:04}{letters[one % 20]}@example.org",),
        )
        for one in range(count)
        for time in range(each)
    }


def test_pairs_are_counted_by_what_they_weigh() -> None:
    """Below the threshold, as much above it, and beyond."""
    found = Found().with_pairs([-3_000, -1, 0, 2_999, 3_000, 9_000], FLOOR)
    assert found == Found(2, 2, 2)
    assert found.with_pairs([5_000, -1], FLOOR) == Found(3, 2, 3)


@pytest.mark.parametrize(
    ("found", "records", "bits"),
    [
        (Found(), 0, 0.0),
        (Found(), 30, 0.0),  # nothing is known of so few
        (Found(), 10_000, 2.0),
        (Found(0, 0, 250), 1_000, 0.0),  # half of them are told twice
        (Found(0, 0, 125), 1_000, 0.75),
        (Found(0, 0, 62), 1_000, 1.5),
        (Found(0, 62, 0), 1_000, 0.0),  # they are far from strangers
        (Found(125, 85, 135), 3_179, 1.0),  # of which there are not so many
        (Found(500, 0, 62), 1_000, 1.5),  # strangers alone lower nothing
        (Found(0, 0, 9_000), 1_000, 0.0),
    ],
)
def test_where_few_are_told_twice_more_is_asked(found: Found, records: int, bits: float) -> None:
    """A bit more for each half, once it is less than half of them; two at the most."""
    assert found.shift(records, FLOOR) == bits * 1_000


@pytest.mark.parametrize(
    ("found", "bits"),
    [
        (Found(0, 400, 400), -1.5),
        (Found(100, 200, 400), -1.25),
        (Found(200, 200, 400), 0.0),
        (Found(3_000, 200, 400), 0.0),
        (Found(0, 19, 400), 0.0),  # too few to tell
    ],
)
def test_where_hardly_strangers_are_near_less_is_asked(found: Found, bits: float) -> None:
    """Pairs that are more above the threshold than below are one entity's on both sides."""
    assert found.shift(1_000, FLOOR) == bits * 1_000


def test_what_is_asked_depends_on_the_records_alone() -> None:
    """Whatever the records were before, and whatever had been found among them."""
    plain, after = Resolver(), Resolver()
    plain.apply(people(RECORDS, 1))
    often = people(RECORDS // 4, 4)
    after.apply(often)
    after.settle()
    before = after.threshold
    after.apply({**dict.fromkeys(often), **people(RECORDS, 1)})
    plain.settle()
    assert after.threshold == before
    after.settle()
    assert plain.threshold == after.threshold
    assert plain._progress.shift == 2_000
    assert plain.threshold - plain._judge.least == FLOOR + 2_000


def test_a_sweep_in_portions_finds_the_same_after_any_kill() -> None:
    """What was found so far is part of what is committed."""
    state = MemoryState(b"a key")
    whole, parts = Resolver(), Resolver(state=state)
    for one in (whole, parts):
        one.apply(people(RECORDS // 2, 2))
        one.begin_settling()
    whole.settle_some(RECORDS)
    while parts.is_settling:
        parts.settle_some(50)
        parts.commit(1)
        parts.settle_some(50)  # and is killed
        parts.rollback()
        parts = Resolver(state=state)
    assert parts._sweep.found == whole._sweep.found
    assert whole._sweep.found == Found(4, 0, RECORDS // 2)


def test_all_are_looked_at_again_once_the_threshold_belongs_elsewhere() -> None:
    """Without a record more, and once: then it is where it belongs."""
    resolver = Resolver()
    resolver.apply(people(RECORDS, 1))
    resolver.begin_settling()
    before = resolver.threshold
    assert not resolver.wants_settling(under_load=True)
    resolver.settle_some(RECORDS)
    assert resolver.threshold == before
    assert resolver.wants_settling(under_load=True)
    resolver.begin_settling()
    assert resolver.threshold == before + 2_000
    resolver.settle_some(RECORDS)
    assert not resolver.wants_settling(under_load=False)


def test_another_resolver_asks_for_as_much() -> None:
    """What one is frozen on says by how much the threshold was higher."""
    one, other = Resolver(), Resolver()
    one.apply(people(RECORDS, 1))
    one.settle()
    other.apply(people(RECORDS // 2, 2))
    other.freeze_as(one.frozen())
    assert other.threshold == one.threshold
    other.settle_some(RECORDS)
    assert other.threshold == one.threshold
