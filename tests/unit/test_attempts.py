"""Which messages are tried together, alone, or not at all after the process died."""

from hypothesis import given
from hypothesis import strategies as st

from hub.bus.reader import Message
from hub.processor.attempts import Attempt, in_hand, portions

PARTITION = ("topic", 0)


def message(offset: int, partition: int = 0) -> Message:
    """A message of which only the place counts."""
    return Message("topic", partition, offset, None, b"", (), 0)


def offsets(
    messages: list[Message], suspect: Attempt, known: set[int]
) -> list[tuple[list[int], bool]]:
    """Portions as (offsets, deadly)."""
    found = portions(messages, {PARTITION: suspect}, {PARTITION: known})
    return [([one.offset for one in portion.messages], portion.deadly) for portion in found]


def test_suspects_are_tried_alone() -> None:
    """What was in hand at a death goes one by one, the rest together."""
    messages = [message(offset) for offset in range(6)]
    assert offsets(messages, Attempt(2, 3, 1), set()) == [
        ([0, 1], False),
        ([2], False),
        ([3], False),
        ([4, 5], False),
    ]


def test_a_message_alone_at_two_deaths_is_deadly_and_a_batch_is_not() -> None:
    """Only what was alone in hand is known to be the cause."""
    messages = [message(offset) for offset in range(3)]
    assert offsets(messages, Attempt(1, 1, 2), set()) == [([0], False), ([1], True), ([2], False)]
    assert offsets(messages, Attempt(1, 1, 1), set())[1] == ([1], False)
    assert not any(deadly for _, deadly in offsets(messages, Attempt(0, 1, 9), set()))


def test_what_was_deadly_once_is_so_for_good() -> None:
    """A rebuild starts with no suspects, and knows it all the same."""
    messages = [message(offset) for offset in range(3)]
    assert ([2], True) in offsets(messages, Attempt(9, 9, 0), {2})


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), unique=True),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sets(st.integers(0, 30)),
)
def test_nothing_is_lost_or_put_in_another_order(
    places: list[tuple[int, int]], first: int, last: int, known: set[int]
) -> None:
    """All portions one after another are the messages, and other partitions are not suspected."""
    messages = [message(*place) for place in sorted(places)]
    found = list(portions(messages, {PARTITION: Attempt(first, last, 2)}, {PARTITION: known}))
    assert [one for portion in found for one in portion.messages] == messages
    for portion in found:
        if portion.deadly:
            (one,) = portion.messages
            assert one.partition == 0
            assert one.offset in known or (one.offset == first == last)


def test_in_hand_names_first_and_last_of_each_partition() -> None:
    """The range of each partition, both ends inclusive."""
    assert in_hand([message(4), message(7, 1), message(5), message(9)]) == {
        ("topic", 0): Attempt(4, 9),
        ("topic", 1): Attempt(7, 7),
    }
