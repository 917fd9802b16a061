"""What the processor remembers: up to where, of two kinds that are committed one by one."""

import pytest

from hub.processor.memory import NOTHING, common
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
