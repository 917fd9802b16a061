"""How many share a home is counted as records come and go, and is what counting anew gives."""

from hypothesis import given
from hypothesis import strategies as st
from people import record

from hub.identity.homes import apart, home
from hub.identity.households import RECORDS_MAX, Households
from hub.identity.kind import Homes
from hub.identity.state import Blind, MemoryRows

PEOPLE = st.tuples(st.sampled_from("ab"), st.integers(0, 3))
"""A home, and who of it."""
HOMES = Homes(lambda one: (one[0],), lambda one, other: abs(one[1] - other[1]) > 1)


def counted(there: dict[int, tuple[str, int]]) -> int:
    """How many share their home with somebody who is surely another person."""
    found = 0
    for where in "ab":
        members = [one for one in there.values() if one[0] == where]
        sharing = [any(HOMES.apart(one, other) for other in members) for one in members]
        found += len(members) if len(members) > RECORDS_MAX else sum(sharing)
    return found


@given(st.lists(st.one_of(PEOPLE, st.integers(0, 30)), max_size=80))
def test_sharing_follows_the_records(steps: list[tuple[str, int] | int]) -> None:
    """Records come, and go by the place they have among those there."""
    there: dict[int, tuple[str, int]] = {}
    held = Households(HOMES, Blind(b"a key"), MemoryRows(), there.__getitem__)  # type: ignore[arg-type]
    for number, step in enumerate(steps):
        if isinstance(step, tuple):
            held.put(number, step)  # type: ignore[arg-type]
            there[number] = step
        elif there:
            gone = sorted(there)[step % len(there)]
            record = there.pop(gone)
            held.remove(gone, record)  # type: ignore[arg-type]
        assert (held.at_home, held.sharing) == (len(there), counted(there))


def test_a_crowded_home_is_shared_by_all_and_compared_again_when_it_empties() -> None:
    """One more than can be compared, all of one person; then one goes."""
    there = dict.fromkeys(range(RECORDS_MAX + 1), ("a", 0))
    held = Households(HOMES, Blind(b"a key"), MemoryRows(), there.__getitem__)  # type: ignore[arg-type]
    for number, one in there.items():
        assert held.sharing == 0
        held.put(number, one)  # type: ignore[arg-type]
    assert held.sharing == RECORDS_MAX + 1
    held.remove(0, there.pop(0))  # type: ignore[arg-type]
    assert held.sharing == 0


def test_homes_are_known_by_an_address_or_by_birthday_and_postcode() -> None:
    """Who tells neither has no home; of two without birthdays the given names must contradict."""
    told = record("Maria", "Garcia", street="12 Oak Street")
    assert home(told) == ("12", "oak st")
    assert home(told._replace(names=())) is None
    assert home(record("Maria", "Garcia")._replace(postcodes=("60501",))) is None
    born = record("Maria", "Garcia", birth="1950-01-11")._replace(postcodes=("60501",))
    assert home(born) == ("garcia", "60501")
    assert apart(told, record("Oleg", "Garcia", street="12 Oak Street"))
    assert not apart(told, record("Marla", "Garcia", street="12 Oak Street"))
    assert not apart(born, told)
    twin = record("Oleg", "Garcia", birth="1950-01-11")
    assert not apart(born, twin)
    assert apart(born, record("Oleg", "Garcia", birth="1981-07-23"))
