"""Looking at all records again under weights that were frozen anew, some at a time."""

from hub.identity.cluster import Judge
from hub.identity.copies import Copies
from hub.identity.found import Found
from hub.identity.linking import Linker
from hub.identity.neighbourhoods import Neighbourhoods
from hub.identity.progress import Progress
from hub.identity.remembered import Remembered

PASSED_PER_LOOK = 100
"""How many numbers a sweep passes by at most for each look, because nothing is to be done there."""


class Sweep:
    """Goes through the records by their numbers; how far it is stands in the progress."""

    def __init__(
        self, held: Remembered, copies: Copies, neighbourhoods: Neighbourhoods, linker: Linker
    ) -> None:
        """Nothing was looked at yet."""
        self._held = held
        self._copies = copies
        self._neighbourhoods = neighbourhoods
        self._linker = linker
        self.found = Found()
        """The pairs of the present sweep so far."""

    def some(self, progress: Progress, judge: Judge, limit: int) -> tuple[Progress, set[int]]:
        """Look at so many records, or some more; where it is then, and whose links may be others.

        Neighbours are looked at together, so that they are resolved once. Once all were looked at
        it is known where the threshold belongs.
        """
        touched: set[int] = set()
        if not progress.is_settling:
            return progress, touched
        looked, swept = 0, progress.swept
        last = min(progress.sweep_end, swept + PASSED_PER_LOOK * limit)
        while swept < last:
            if self._is_left(swept + 1):
                if looked >= limit:
                    break
                for one in sorted(self._neighbourhoods.around(swept + 1, judge)):
                    if not self._is_looked_at(one):
                        touched |= self._look(one, judge)
                        looked += 1
            swept += 1
        progress = progress._replace(swept=swept)
        if not progress.is_settling:
            due = self.found.shift(progress.counted, judge.weights.model.floor)
            progress = progress._replace(due_shift=due)
        return progress, touched

    def _look(self, number: int, judge: Judge) -> set[int]:
        touched, weights = self._linker.look_anew(number)
        floor = judge.weights.model.floor
        over = [weight - judge.least - floor for weight in weights]
        self.found = self.found.with_pairs(over, floor)
        return touched

    def _is_left(self, number: int) -> bool:
        """Whether a record is still to be looked at; at copies it is looked by their face."""
        return (
            self._held.holds(number)
            and not self._is_looked_at(number)
            and self._copies.face(number) == number
        )

    def _is_looked_at(self, number: int) -> bool:
        return self._held.freeze_of(number) == self._linker.scale.freeze
