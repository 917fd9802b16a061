"""How far a resolver is: what it knows, what weights were counted on, what is yet to be done."""

from math import log2
from typing import NamedTuple

from hub.identity.weigh import MILLI, milli

PRIOR_AT_LEAST = 10
GROWTH, GROWTH_UNDER_LOAD, GROWTH_AT_LEAST = 1.1, 2.0, 50
"""When the frozen weights are out of date: so many times the records they were counted on, and some
more. While records come in one after another it is twice as many, for everything is looked at anew.
"""
SHIFTED = 1 * MILLI
"""By so much the threshold must belong elsewhere for all to be looked at for that alone."""


class Progress(NamedTuple):
    """Where a resolver is.

    `known` are how many records there are, `telling` how many without those that tell the same as
    another, and `counted` on how many of these the weights were frozen. `swept` to `sweep_end` are
    numbers still to be looked at anew. `families` is whether there were any when the weights were
    frozen, `turned` since which freeze it is so, and `told_again` by how much the prior was higher
    for records that are equal, in millibits. `names_tell_little` is whether they did then. `shift`
    is by how much the threshold was higher for what had been found, in millibits, and `due_shift`
    for what the last whole look at all records found.
    """

    position: int = 0
    known: int = 0
    counted: int = 0
    swept: int = 0
    sweep_end: int = 0
    families: bool = True
    told_again: int = 0
    telling: int = 0
    turned: int = 0
    names_tell_little: bool = False
    shift: int = 0
    due_shift: int = 0

    @property
    def assumptions(self) -> dict[str, bool]:
        """What the weights take for true of all records: it was counted when they were frozen."""
        return {"homes_are_shared": self.families, "names_tell_little": self.names_tell_little}

    @property
    def is_settling(self) -> bool:
        """Whether records are left that have not been looked at under the present weights."""
        return self.swept < self.sweep_end

    def wants_settling(self, *, under_load: bool) -> bool:
        """Whether records are many more than counted on, or the threshold belongs elsewhere."""
        growth = GROWTH_UNDER_LOAD if under_load else GROWTH
        grown = self.telling >= self.counted * growth + GROWTH_AT_LEAST
        return not self.is_settling and (grown or abs(self.due_shift - self.shift) >= SHIFTED)

    @property
    def prior(self) -> int:
        """What two records chosen by chance must outweigh to be one entity, in millibits."""
        return milli(log2(self.counted + PRIOR_AT_LEAST)) - self.told_again
