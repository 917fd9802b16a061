"""What the processor remembers: up to where, of two kinds; and when weights are renewed."""

import pytest

from hub.identity.state import MemoryState
from hub.identity.subjects import PERSON
from hub.processor.memory import KINDS, NOTHING, Memory, Policy, common
from hub.processor.transaction import Position

AT_90, AT_100 = Position(7, 90).number, Position(7, 100).number


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ((AT_100, AT_90), Position(7, 90)),
        ((AT_100, 0), Position(7, NOTHING.change)),
        ((0, 0), NOTHING),
        ((AT_100, Position(8, 100).number), NOTHING),
    ],
    ids=["one is behind", "one is empty", "both are", "of two stores"],
)
def test_a_memory_goes_on_from_what_both_kinds_have(
    positions: tuple[int, int], expected: Position
) -> None:
    """The one behind decides; an empty one reads all, but the other is not forgotten for it."""
    assert common(positions) == expected


@pytest.mark.parametrize(
    ("counted", "known", "idle", "renewed"),
    [
        (600, 720, True, True),
        (600, 720, False, False),
        (600, 1_260, False, True),
        (600, 640, True, False),
    ],
    ids=[
        "idle, a tenth more",
        "under load, a tenth more",
        "under load, twice",
        "idle, hardly more",
    ],
)
def test_weights_are_renewed_later_under_load(
    counted: int, known: int, idle: bool, renewed: bool
) -> None:
    """At twice the records while messages come, at a tenth more once none does."""
    memory = Memory(Policy(), {kind: MemoryState(b"a secret") for kind in KINDS})
    resolver = memory._resolvers[PERSON]
    resolver._progress = resolver._progress._replace(known=known, counted=counted)
    assert memory.wants_time(idle=idle) is renewed
    memory.renew(1, idle=idle)
    assert bool(memory.pending.frozen) is renewed
