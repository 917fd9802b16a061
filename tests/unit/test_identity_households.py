"""How many share a home is counted as records come and go, and is what counting anew gives."""

from hypothesis import given
from hypothesis import strategies as st

from hub.identity.households import RECORDS_MAX, Households
from hub.identity.kind import Homes
from hub.identity.state import Blind, MemoryRows

PEOPLE = st.tuples(st.sampled_from("ab"), st.integers(0, 3))
"""A home, and who of it."""
HOMES = Homes(lambda one: (one[0],), lambda one, other: abs(one[1] - other[1]) > 1)


def counted(there: dict[int, tuple[str, int]]) -> int:
    """How many share their home with somebody who is surely another person."""
    found = 0
    for home in "ab":
        members = [one for one in there.values() if one[0] == home]
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
