"""Messages that kill the process: found by trying them alone, and not touched a third time.

Before a worker touches messages it stores which ones. What is stored there when a partition is
assigned was in hand when the process died. Those messages are tried one at a time; one that was in
hand alone at two deaths goes to quarantine unparsed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from hub.bus.reader import Message
from hub.errors import DecodeError

DEATHS_MAX = 2
DEADLY = "E-DEADLY"
Partition = tuple[str, int]


class Attempt(NamedTuple):
    """Offsets in hand, both inclusive, and at how many deaths of the process they were so."""

    first: int
    last: int
    deaths: int = 0


class Portion(NamedTuple):
    """Messages to apply together; `deadly` ones are refused without a look at them."""

    messages: Sequence[Message]
    deadly: bool


def portions(
    messages: Sequence[Message],
    suspects: Mapping[Partition, Attempt],
    deadly: Mapping[Partition, Collection[int]],
) -> Iterator[Portion]:
    """Messages in their order: suspects alone, the others as many together as they come.

    `deadly` are the offsets known as such before.
    """
    together: list[Message] = []
    for one in messages:
        partition = (one.topic, one.partition)
        suspect = suspects.get(partition)
        known = one.offset in deadly.get(partition, ())
        if not known and (suspect is None or not suspect.first <= one.offset <= suspect.last):
            together.append(one)
            continue
        if together:
            yield Portion(together, deadly=False)
            together = []
        yield Portion([one], known or (suspect is not None and is_deadly(suspect)))
    if together:
        yield Portion(together, deadly=False)


def is_deadly(suspect: Attempt) -> bool:
    """Whether this is one message that was in hand alone when the process died, twice."""
    return suspect.first == suspect.last and suspect.deaths >= DEATHS_MAX


def in_hand(messages: Sequence[Message]) -> dict[Partition, Attempt]:
    """The offsets of messages by partition."""
    found: dict[Partition, Attempt] = {}
    for one in messages:
        last = found.get((one.topic, one.partition))
        first = one.offset if last is None else last.first
        found[one.topic, one.partition] = Attempt(first, one.offset)
    return found


def deadly_error() -> DecodeError:
    """What the quarantine says of a deadly message."""
    return DecodeError(
        f"the processor died {DEATHS_MAX} times with this message alone in hand",
        code=DEADLY,
        rule="a message the processor survives; it was not read again",
        remedy="mend the processor, then: hub quarantine replay processor",
    )
