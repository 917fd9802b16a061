"""What was found tells where the threshold belongs: too little is known before.

The prior supposes that each record's entity has one other record. In a file of which few entities
are told twice there are fewer pairs of one entity among as many pairs of strangers, and the
threshold has to be higher by the odds (Fellegi and Sunter 1969).

Where it belongs is also seen in the pairs near it. Of strangers there are half as many for each bit
that a pair weighs more, for this is what a weight says; of one entity there are more. So how many
pairs there are just below and just above the threshold tells how many are of both sorts, and what
a pair weighs of which there are so many more of one entity that it is one.
"""

from collections.abc import Sequence
from math import log, log2
from typing import NamedTuple

from hub.identity.weigh import MILLI, milli

OTHERS_SURE = 1.0
"""So many bits fewer than expected may be told twice for nothing to be changed."""
RAISED_MOST, LOWERED_MOST = 2.0, 1.5
"""By so many bits the threshold is another at the most."""
SUPPOSED = 50
"""So many records more are taken for told twice: of few records little is known."""
NEAR_LEAST = 20
"""With fewer pairs near the threshold nothing is known of them."""
STRANGERS_FALL, ONES_RISE = 2.0, 1.3
"""So many times fewer, and more, there are for each bit."""
ONES_LEAST = 4
"""So many pairs of one entity must there be for each of strangers."""
UNSEEN = 3
"""So many pairs more of each are supposed near the threshold."""
STEPS_PER_BIT = 4


class Found(NamedTuple):
    """Pairs of records by what they weigh: below the threshold, up to as far above it, and beyond.

    As near to it as the model's floor is below it. Each pair once.
    """

    below: int = 0
    above: int = 0
    beyond: int = 0

    def with_pairs(self, over: Sequence[int], floor: int) -> "Found":
        """With more pairs, by how much they are over the threshold, in millibits."""
        below = sum(one < 0 for one in over)
        beyond = sum(one >= floor for one in over)
        above = len(over) - below - beyond
        return Found(self.below + below, self.above + above, self.beyond + beyond)

    def shift(self, records: int, floor: int) -> int:
        """By how much the threshold is to be higher among so many records, in millibits."""
        others = (2 * (self.above + self.beyond) + SUPPOSED) / (records + SUPPOSED)
        asked = -log2(others) - OTHERS_SURE
        least, most = (0.0, min(asked, RAISED_MOST)) if asked > 0 else (-LOWERED_MOST, 0.0)
        seen = self._crossing(floor / MILLI)
        bits = most if seen is None else max(least, min(most, seen))
        return milli(round(bits * STEPS_PER_BIT) / STEPS_PER_BIT)

    def _crossing(self, width: float) -> float | None:
        """How many bits above the threshold a pair is one entity's; None where too few are near."""
        if self.below + self.above < NEAR_LEAST:
            return None
        fall, rise = STRANGERS_FALL**width, ONES_RISE**width
        strangers = min(self.above, max(0.0, (self.below - self.above / rise) / (fall - 1 / rise)))
        ones = self.above - strangers
        # of either, how many there are in a bit at the threshold
        strangers = (strangers + UNSEEN) * log(STRANGERS_FALL) / (1 - 1 / fall)
        ones = (ones + UNSEEN) * log(ONES_RISE) / (rise - 1)
        return log(strangers * ONES_LEAST / ones) / log(STRANGERS_FALL * ONES_RISE)
