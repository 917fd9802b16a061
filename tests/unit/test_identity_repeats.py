"""How often the records tell the same person again, and what the prior makes of it."""

from itertools import combinations
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity.person import PERSON
from hub.identity.record import Name, PersonRecord
from hub.identity.repeats import Pairs, Repeats, name_birth_contact
from hub.identity.resolver import Resolver
from hub.identity.state import Blind, MemoryRows
from hub.identity.weigh import milli

NAMES = [Name(("ada",), ("king",)), Name(("ada", "k"), ("king",)), Name(("bo",), ())]
RECORDS = st.builds(
    PersonRecord,
    names=st.sampled_from([(name,) for name in NAMES]),
    births=st.sampled_from([(), ("1990-01-02",), ("1990-01-03",), ("1990",)]),
    emails=st.sampled_from([(), ("a@b.org",), ("c@d.org",)]),
)


def held() -> Repeats:
    """One that knows nothing yet."""
    return Repeats(PERSON, Blind(b"a key"), MemoryRows())


def counted(records: list[PersonRecord]) -> Pairs:
    """The same, pair by pair."""
    told = [one for one in map(name_birth_contact, records) if one is not None]
    pairs = [
        (a.birth == b.birth, bool(a.contact) and a.contact == b.contact)
        for a, b in combinations(told, 2)
        if a.name == b.name
    ]
    return Pairs(
        len(told),
        sum(birth for birth, _ in pairs),
        sum(contact for _, contact in pairs),
        sum(birth and contact for birth, contact in pairs),
    )


@given(st.lists(RECORDS, max_size=12), st.randoms(use_true_random=False))
def test_pairs_are_counted_as_records_come_and_go(
    records: list[PersonRecord], chance: object
) -> None:
    """A function of the records that are left, whatever came and went before."""
    repeats = held()
    for record in records:
        repeats.put(record)
    chance.shuffle(records)  # type: ignore[attr-defined]
    gone, left = records[: len(records) // 2], records[len(records) // 2 :]
    for record in gone:
        repeats.remove(record)
    assert repeats.pairs == counted(left)


@pytest.mark.parametrize(
    ("pairs", "bits"),
    [
        (Pairs(), 0.0),
        (Pairs(1_000, 500, 400, 400), 0.322),  # one other each, four fifths of them equal
        (Pairs(1_000, 100, 100, 90), 0.0),
        (Pairs(1_000, 1_600, 800, 800), 2.0),
        (Pairs(1_000, 1_600, 1_600, 800), 3.0),  # half of them tell another day of birth
        (Pairs(1_000, 1_600, 1_600, 49), 2.0),  # too few to tell
        (Pairs(1_000, 1_600, 16_000, 100), 4.0),  # no more than that
    ],
)
def test_the_prior_rises_with_how_many_others_there_are(pairs: Pairs, bits: float) -> None:
    """Twice as many others are one bit; with one other each, or none, there is no more."""
    assert pairs.weight == round(bits * 1_000)


def test_a_flood_of_equal_records_moves_nothing_and_goes_without_a_trace() -> None:
    """Who sends one person a thousand times does not join others by that."""
    repeats = held()
    for number in range(20_000):
        repeats.put(PersonRecord((Name(("ada",), (f"king{number}",)),), births=("1990-01-02",)))
    flood = PersonRecord((Name(("bo",), ("king",)),), births=("1990-01-02",))
    for _ in range(1000):
        repeats.put(flood)
    assert repeats.pairs.weight == milli(log2(2 * 19_790 / 21_000 / 0.8))
    for _ in range(1000):
        repeats.remove(flood)
    assert repeats.pairs == Pairs(telling=20_000)


def crowd(each: int) -> dict[str, PersonRecord]:
    """200 people who told names and birthdays so many times, each with another number."""
    return {
        f"{one}/{time}": PersonRecord(
            names=(Name((f"given{one % 40}",), (f"family{one}",)),),
            births=(f"19{one % 90 + 10}-03-{one % 28 + 1:02}",),
            phones=(f"+1312{one:03}{time:04}",),
        )
        for one in range(200)
        for time in range(each)
    }


def test_a_register_of_many_records_a_person_asks_for_less() -> None:
    """Eight records each are three and a half bits less than their number asks for."""
    once, often = Resolver(), Resolver()
    once.apply(crowd(1))
    often.apply(crowd(8))
    once.settle()
    often.settle()
    by_number = 2_900  # 1,600 records for 200, of which some are added to both
    assert often.threshold < once.threshold + by_number - 3_000


def test_what_another_resolver_is_frozen_on_has_the_prior() -> None:
    """A resolver that weighs as another one does asks for as much."""
    often, other = Resolver(), Resolver()
    often.apply(crowd(8))
    often.settle()
    other.apply(crowd(1))
    other.freeze_as(often.frozen())
    assert other.threshold == often.threshold
